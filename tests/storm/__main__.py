"""`python -m tests.storm --seed 1 --rounds 10000`: a line for each hundred rounds; exit status 1 when anything broke.

`--bodies 1000000` posts spoilt bodies instead, `--sessions 10000` holds sessions on the phone. What is done is written
to .storm/ after each wave, and `--resume` goes on there. `--wave 7` plays that one alone.
"""

import argparse
import sys

from tests.storm.runs import KINDS, run


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.storm", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    for kind, (_, size, *_) in KINDS.items():
        parser.add_argument(f"--{kind}", type=int, default=0, help=f"how many; whole waves of {size} are played")
    parser.add_argument("--wave", type=int, help="this wave alone")
    parser.add_argument("--hands", type=int, default=1, help="processes that play waves beside each other")
    parser.add_argument("--resume", action="store_true", help="leave out what .storm/ says is done")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(run(arguments()))
