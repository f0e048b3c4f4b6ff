"""Reads a statement of M-PESA's portal (CSV): its payments are listed, and those that nobody told are asked about."""

import argparse
import sys
from datetime import date, timedelta
from pathlib import Path

from gateway.commands import environment
from gateway.wiring import Wiring
from ledger.nairobi import clock, local
from ledger.refusals import Refusal
from payments import shortcodes
from payments.reconciliation import days, statements
from payments.reconciliation.statements import Handed, Imported, StatementState


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the CSV file as the portal exports it")
    parser.add_argument("--shortcode", help="its number; without it the one of the settings")
    parser.add_argument("--since", help="first day that it covers (2026-11-20), if the file does not say so itself")
    parser.add_argument("--until", help="last day that it covers, whole")


def run(options: argparse.Namespace) -> int:
    try:
        since, until = (date.fromisoformat(day) if day else None for day in (options.since, options.until))
        body = options.file.read_bytes()
    except (ValueError, OSError) as trouble:
        print(f"{options.file}: {trouble}", file=sys.stderr)
        return 2
    handed = Handed(
        body, days.begins(since) if since else None, days.begins(until + timedelta(days=1)) if until else None
    )
    wiring = environment.wiring("worker")
    try:
        found = read(wiring, options.shortcode or wiring.settings.mpesa_business_shortcode, handed)
    except (Refusal, LookupError) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    finally:
        wiring.close()
    print("\n".join(told(found)))
    return 1 if found.problems else 0


def read(wiring: Wiring, number: str, handed: Handed) -> Imported:
    """Hands the file over and reads it at once. Raises SameFile, FileTooBig, LookupError without such a shortcode."""
    with wiring.transaction() as conn:
        shortcode = shortcodes.by_number(conn, number)
        if shortcode is None:
            raise LookupError("no such shortcode is registered here")
        statement_id = statements.hand_over(conn, shortcode.id, handed, at=wiring.now())
    while statements.read_due(wiring):
        pass
    with wiring.transaction() as conn:
        found = statements.by_id(conn, statement_id)
    if found is None:
        raise LookupError("the file is gone")
    return found


def told(found: Imported) -> list[str]:
    """What became of a file, in lines."""
    lines = [f"line {one['line']}: {one['words']}" for one in found.problems]
    if found.state is StatementState.REFUSED:
        return [*lines, "nothing was read"]
    if found.covers_from and found.covers_to:
        first, last = local(found.covers_from), local(found.covers_to)
        period = f"from {first:%d/%m/%Y} {clock(found.covers_from)} to {last:%d/%m/%Y} {clock(found.covers_to)}"
    else:
        period = "for no whole day, because of the lines above" if lines else "for no day"
    return [*lines, f"{found.listed} payments are new; the file counts {period}"]
