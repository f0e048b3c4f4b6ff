"""Tells Safaricom where this gateway hears of paybill payments; exit status 1 when Safaricom refuses."""

import argparse
import sys

from gateway.commands import environment
from gateway.wiring import Wiring
from payments import shortcodes
from payments.daraja import c2b
from payments.daraja.outcomes import Accepted, Outcome, Rejected
from payments.daraja.token import with_token

AGAIN = (
    "Production takes one registration: delete the old one under Self Service, URL Management on the Daraja portal, "
    "then repeat this command."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--v2", action="store_true", help="payers' numbers come masked; without it as hashes, which find every member"
    )


def run(options: argparse.Namespace) -> int:
    wiring = environment.wiring("worker")
    try:
        outcome = register(wiring, "v2" if options.v2 else "v1")
    finally:
        wiring.close()
    if isinstance(outcome, Accepted):
        print(f"Safaricom tells payments to {wiring.settings.mpesa_business_shortcode} at {wiring.public_url}/pay/c2b/")
        return 0
    reason = f"{outcome.code} {outcome.message}" if isinstance(outcome, Rejected) else outcome.reason
    print(f"not registered: {reason}\n{AGAIN}", file=sys.stderr)
    return 1


def register(wiring: Wiring, version: c2b.Version) -> Outcome:
    """Registers the first shortcode's two addresses. The secret in them is what the notices are believed by."""
    with wiring.transaction() as conn:
        shortcode_id = shortcodes.first_id(conn)
    if shortcode_id is None:
        return Rejected("shortcode", "none is registered here: pesachama migrate", again=False)
    keys = wiring.daraja.keys
    paths = f"{wiring.public_url}/pay/c2b/{wiring.paybill_secret}"
    return with_token(
        wiring,
        shortcode_id,
        keys,
        lambda token: c2b.register(
            wiring.daraja,
            keys,
            token,
            version,
            validation_url=f"{paths}/validation",
            confirmation_url=f"{paths}/confirmation",
        ),
    )
