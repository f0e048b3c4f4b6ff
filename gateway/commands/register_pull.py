"""Registers the shortcode for Pull, once: from then on Safaricom is asked each hour what customers paid."""

import argparse
import sys

from gateway.commands import environment
from payments import phones
from payments.daraja.outcomes import Accepted, Rejected
from payments.phones import UnreadablePhone
from payments.reconciliation import pull


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", help="the nominated number of the shortcode's KYC in the portal, +2547...")
    parser.add_argument("--shortcode", help="another one than that of the settings, by its number")


def run(options: argparse.Namespace) -> int:
    try:
        number = phones.normalise(options.number)
    except UnreadablePhone:
        print("write the number as +254712345678", file=sys.stderr)
        return 2
    wiring = environment.wiring("worker")
    shortcode = options.shortcode or wiring.settings.mpesa_business_shortcode
    try:
        outcome = pull.register(wiring, shortcode, number)
    finally:
        wiring.close()
    if isinstance(outcome, Accepted):
        print(f"Pull answers for {shortcode}; the worker asks it from now on")
        return 0
    reason = f"{outcome.code} {outcome.message}".strip() if isinstance(outcome, Rejected) else outcome.reason
    print(f"not registered: {reason}", file=sys.stderr)
    return 1
