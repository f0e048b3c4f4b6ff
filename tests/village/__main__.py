"""`python -m tests.village --chamas 200 --days 730 --seed 1`: a line a month; exit status 1 when a day did not hold."""

import argparse
import sys
import time

import embedded.postgres
from tests.conftest import a_database, a_template, as_owner
from tests.instruments import fast_folder
from tests.village.days import Village
from tests.village.run import live


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.village", description=__doc__)
    for name, usual in (("chamas", 200), ("days", 730), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    options = parser.parse_args()
    begun = time.perf_counter()

    def told(day: int, village: Village) -> None:
        if day % 30 == 0:
            print(f"day {day}, {time.perf_counter() - begun:.0f} s: {dict(sorted(village.did.items()))}", flush=True)

    with (
        fast_folder() as folder,
        embedded.postgres.start(folder / "postgres", durable=False) as server,
        a_template(server.url) as template,
        a_database(server.url, template) as name,
    ):
        end = live(as_owner(server.url, name), folder, **vars(options), told=told)
    print("\n".join(end.wrong) or "every day held")
    print(f"{end.days} days, {end.did}\nend {end.digest}")
    return 1 if end.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
