"""Tells Safaricom where this gateway hears of paybill payments; exit status 1 when Safaricom refuses."""

import argparse
import sys

from gateway.commands import environment
from gateway.wiring import Wiring
from payments import shortcodes
from payments.daraja import c2b
from payments.daraja.outcomes import Accepted, Outcome, Rejected
from payments.daraja.token import with_token
from payments.shortcodes import NoKeys

AGAIN = (
    "Production takes one registration: delete the old one under Self Service, URL Management on the Daraja portal, "
    "then repeat this command."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--v2", action="store_true", help="payers' numbers come masked; without it as hashes, which find every member"
    )
    parser.add_argument("--shortcode", help="another one than that of the settings, by its number")


def run(options: argparse.Namespace) -> int:
    wiring = environment.wiring("worker")
    number = options.shortcode or wiring.settings.mpesa_business_shortcode
    try:
        outcome = register(wiring, "v2" if options.v2 else "v1", number)
    finally:
        wiring.close()
    if isinstance(outcome, Accepted):
        print(f"Safaricom tells payments to {number} at {wiring.public_url}/pay/c2b/")
        return 0
    reason = f"{outcome.code} {outcome.message}" if isinstance(outcome, Rejected) else outcome.reason
    print(f"not registered: {reason}\n{AGAIN}", file=sys.stderr)
    return 1


def register(wiring: Wiring, version: c2b.Version, number: str) -> Outcome:
    """Registers a shortcode's two addresses. The secret in them is what the notices are believed by."""
    with wiring.transaction() as conn:
        shortcode = shortcodes.by_number(conn, number)
    if shortcode is None:
        return Rejected("shortcode", f"{number} is not registered here: pesachama migrate", again=False)
    try:
        keys = shortcodes.unlock(wiring, shortcode.id).keys
    except NoKeys as trouble:
        return Rejected("no_keys", str(trouble), again=False)
    confirmation_url = wiring.confirmation_url
    outcome = with_token(
        wiring,
        shortcode.id,
        keys,
        lambda token: c2b.register(
            wiring.daraja,
            keys,
            token,
            version,
            validation_url=f"{wiring.public_url}/pay/c2b/{wiring.paybill_secret}/validation",
            confirmation_url=confirmation_url,
        ),
    )
    if isinstance(outcome, Accepted):
        with wiring.transaction() as conn:
            shortcodes.record_registered(conn, shortcode, version, confirmation_url, at=wiring.now())
    return outcome
