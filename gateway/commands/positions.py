"""Positions beside a shadow made of the postings alone; with --rebuild those of a book that differ are put right."""

import argparse
from functools import partial

from gateway.commands import environment
from gateway.wiring import Wiring
from ledger import positions
from ledger.positions import Difference
from ledger.retries import transact

# Enough to begin looking; the rest is a number.
NAMED = 20


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--rebuild", action="store_true", help="swap in what differs, book by book; find out first why it does"
    )


def run(options: argparse.Namespace) -> int:
    wiring = environment.wiring("worker")
    try:
        wrong = compared(wiring)
        if not wrong or not options.rebuild:
            return 1 if wrong else 0
        for book_id in sorted({one.book_id for one in wrong}):
            changed = transact(wiring, partial(positions.rebuild, book_id=book_id))
            print(f"     book {book_id}: {changed:,} rows made anew")
        return 1 if compared(wiring) else 0
    finally:
        wiring.close()


def compared(wiring: Wiring) -> list[Difference]:
    """The differences, printed; of one snapshot."""
    with wiring.transaction() as conn:
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        conn.execute("SELECT set_config('statement_timeout', '0', true)")
        wrong = positions.differences(conn)
    for one in wrong[:NAMED]:
        print(f"FAIL {one.told()}")
    if len(wrong) > NAMED:
        print(f"     and {len(wrong) - NAMED:,} more")
    print(f"{'FAIL' if wrong else 'ok  '} {positions.NAME}")
    return wrong
