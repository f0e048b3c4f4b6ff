"""Issues a bearer token for the API, shown once, or ends the tokens of a name."""

import argparse
import sys

from chamas.members import register
from gateway.api import tokens
from gateway.commands import environment
from gateway.desk.sign_in import plain_address


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="what the token is for; shown in logs")
    parser.add_argument("--email", required=True, help="the admin it acts for")
    parser.add_argument("--revoke", action="store_true", help="end the tokens of this name instead")


def run(options: argparse.Namespace) -> int:
    wiring = environment.wiring("worker")
    at = wiring.now()
    with wiring.transaction() as conn:
        user_id = register.operator_id(conn, plain_address(options.email))
        if user_id is None:
            print("nobody signs in with this address: `pesachama admin EMAIL` seats an admin", file=sys.stderr)
            return 1
        if options.revoke:
            print(f"ended {tokens.revoke(conn, options.name, user_id, at)}")
        else:
            print(tokens.issue(conn, options.name, user_id, at, wiring.chance))
    return 0
