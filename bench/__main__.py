"""`python -m bench`: measures rows, prints each as it is known, and writes docs/performance.md after a whole run."""

import argparse
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from bench import report
from bench.load import Void
from bench.pairs import Effort, Result
from bench.rows import ON_REQUEST, ROWS, history
from bench.stage import Stage


def measured(
    stage: Stage, effort: Effort, names: Iterable[str], told: Callable[[Result], None] = lambda _result: None
) -> list[Result]:
    """The rows of these names, each told as it is known; one that cannot count is void and stops nothing."""
    results = []
    for name in names:
        try:
            result = (ROWS | ON_REQUEST)[name](stage, effort)
        except Void as reason:
            result = Result(name, "", "", void=str(reason))
        told(result)
        results.append(result)
    return results


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="row", help=f"of {', '.join(ROWS | ON_REQUEST)}")
    parser.add_argument("--seconds", type=int, default=Effort.seconds, help="of each sample under load")
    parser.add_argument("--pairs", type=int, default=Effort.pairs, help="interleaved pairs of each row")
    options = parser.parse_args()
    unknown = set(options.rows) - (ROWS | ON_REQUEST).keys()
    if unknown:
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    effort = Effort(seconds=options.seconds, pairs=options.pairs)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, Stage(Path(folder)) as stage:
        results = measured(stage, effort, options.rows or ROWS, lambda result: print(report.line(result), flush=True))
        if "history" in options.rows:
            print(history.explained(stage, effort))
        if not options.rows:
            report.write(results, report.surroundings(stage, effort, stage.worker.now()))


if __name__ == "__main__":
    main()
