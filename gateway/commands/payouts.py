"""Money that goes out: lists what is stopped or not ended, and lets a shortcode pay out again once it is put right."""

import argparse
import getpass

from gateway.commands import environment
from ledger.money import print_kes
from ledger.nairobi import clock, local
from ledger.wires import Connection
from payments import shortcodes
from payments.payouts import gates, overview


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: pesachama payouts resume --shortcode 600123"
    parser.add_argument("what", nargs="?", choices=("list", "resume"), default="list")
    parser.add_argument("--shortcode", help="the number of one paybill; without it, all that are stopped")


def run(options: argparse.Namespace) -> int:
    wiring = environment.wiring("worker")
    try:
        with wiring.transaction() as conn:
            if options.what == "resume":
                known = shortcodes.by_number(conn, options.shortcode) if options.shortcode else None
                if options.shortcode and known is None:
                    print(f"FIX no shortcode {options.shortcode} here")
                    return 1
                lifted = gates.lift(conn, known.id if known else None, by=getpass.getuser(), at=wiring.now())
                print(f"{lifted} shortcodes may pay out again; the first payout of each goes alone")
            show(conn)
    finally:
        wiring.close()
    return 0


def show(conn: Connection) -> None:
    """One line for each closed gate and each payout that has not ended."""
    for gate in overview.stopped(conn):
        since = f"{local(gate.since):%d %b %Y} {clock(gate.since)}"
        print(f"{gate.shortcode} STOPPED since {since}, code {gate.code}: {gate.waiting} payouts wait")
    for one in overview.open_payouts(conn):
        look = f"next look {local(one.next_look):%d %b} {clock(one.next_look)}" if one.next_look else "left to people"
        why = f" ({one.reason})" if one.reason else ""
        print(f"{one.originator} KES {print_kes(one.amount_cents)} {one.state}, {look}{why}")
