"""Holds a day against M-PESA's own lists and prints its certificate; exit status 1 when something differs."""

import argparse
import json
import sys
from datetime import date, timedelta

from gateway.api.answers import as_json
from gateway.commands import environment
from gateway.wiring import Wiring
from ledger.money import print_kes
from ledger.nairobi import clock, local
from payments import shortcodes
from payments.reconciliation import days
from payments.reconciliation.days import Certificate

STATES = {"matched": "OK  ", "differs": "FIX ", "not_compared": "--  "}
NAMES = {
    "pull": "Pull",
    "statement": "the statement",
    "chain": "the chain of balances",
    "balance": "the balance",
    "charges": "charges of payouts",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--day", help="2026-11-20, a day in Nairobi; without it every day of which something is new")
    parser.add_argument("--shortcode", help="its number; without it the one of the settings")
    parser.add_argument("--json", action="store_true", help="the certificates as JSON, one array")


def run(options: argparse.Namespace) -> int:
    try:
        day = date.fromisoformat(options.day) if options.day else None
    except ValueError:
        print("write the day as 2026-11-20", file=sys.stderr)
        return 2
    wiring = environment.wiring("worker")
    try:
        found = look(wiring, options.shortcode or wiring.settings.mpesa_business_shortcode, day)
    finally:
        wiring.close()
    if found is None:
        print("no such shortcode is registered here", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(as_json(found), indent=2))
    else:
        print("\n\n".join(printed(one) for one in found) or "nothing new is known of any day")
    return 1 if any(one.differences for one in found) else 0


def look(wiring: Wiring, number: str, day: date | None) -> list[Certificate] | None:
    """Looks at the day, or at all that are due, and at yesterday in any case; None without such a shortcode."""
    at = wiring.now()
    with wiring.transaction() as conn:
        shortcode = shortcodes.by_number(conn, number)
        if shortcode is None:
            return None
        due = [day] if day else days.due_days(conn, shortcode.id, at=at)
    wanted = due or [local(at).date() - timedelta(days=1)]
    found = []
    for one in wanted:
        with wiring.transaction() as conn:
            days.certify(conn, shortcode.id, one, at=at)
            newest = days.newest(conn, shortcode.id, one)
        found += [newest] if newest else []
    return found


def printed(one: Certificate) -> str:
    """A certificate for people, a line for each comparison and each difference."""
    lines = [
        f"{one.day}, shortcode {one.shortcode}: {one.result.replace('_', ' ')} (version {one.version}, {one.reason}, "
        f"{local(one.made_at):%d/%m/%Y} {clock(one.made_at)})",
        f"    in the books {one.in_count} payments, KES {print_kes(one.in_cents)}"
        + (f"; {one.out_count} went out, KES {print_kes(one.out_cents)}" if one.out_count else ""),
    ]
    lines += [
        f"{STATES[each.state]}{NAMES[each.what]}: {each.count}, KES {print_kes(each.cents)} ({each.words})"
        for each in one.compared
    ]
    lines += [f"FIX {each.code}: {each.words}" for each in one.differences]
    return "\n".join(lines)
