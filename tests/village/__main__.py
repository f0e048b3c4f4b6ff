"""`python -m tests.village --chamas 200 --days 730 --seed 1`: a line a month; exit status 1 when a day did not hold.

`--hands 2` plays two districts beside each other, and `--resume` goes on where .village/ says that a run was stopped.
"""

import argparse
import sys

from tests.village.districts import run


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.village", description=__doc__)
    for name, usual in (("chamas", 200), ("days", 730), ("seed", 1), ("hands", 1)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--resume", action="store_true", help="go on after the last days that are put away")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(run(arguments()))
