"""What broke: the newest first, or the one whose reference a member reads out; exit status 1 when there is none."""

import argparse

import psycopg
from psycopg_pool import PoolTimeout

from gateway import incidents
from gateway.commands import environment
from gateway.incidents import Incident
from gateway.wiring import Wiring
from ledger.nairobi import clock, local

# A screenful of a terminal, two lines each.
LISTED = 20


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: pesachama incident 7K2-9QX"
    parser.add_argument("reference", nargs="?", help="as the member reads it out; without it the newest are listed")


def run(options: argparse.Namespace) -> int:
    wiring = environment.wiring("worker")
    try:
        found = look_up(wiring, options.reference)
    finally:
        wiring.close()
    for one in found:
        show(one)
    if not found:
        print("No incident has this reference." if options.reference else "Nothing has broken.")
    return 0 if found or options.reference is None else 1


def look_up(wiring: Wiring, reference: str | None) -> list[Incident]:
    """The one meant, or the newest. PostgreSQL may be what broke: then those that were written down are found."""
    try:
        with wiring.transaction() as conn:
            if reference is None:
                return incidents.recent(conn, wiring, LISTED)
            one = incidents.find(conn, wiring, reference)
    except (psycopg.OperationalError, PoolTimeout):
        print("PostgreSQL is away: only what was written down meanwhile is looked at")
        one = incidents.find(None, wiring, reference) if reference else None
        if reference is None:
            return incidents.recent(None, wiring, LISTED)
    return [one] if one else []


def show(one: Incident) -> None:
    print(f"{one.reference} {local(one.happened_at):%d %b %Y} {clock(one.happened_at)} {one.place}: {one.kind}")
    print(f"    {one.detail}")
