"""Forgets a person; entries, balances and proofs stay. Shows what would go, and does it with --yes."""

import argparse
import sys

from chamas.members import register
from gateway import forgetting
from gateway.commands import environment
from gateway.commands.admin import named
from gateway.wiring import Wiring
from ledger.refusals import Refusal
from payments import phones

REASON_LETTERS = 300  # as the CHECK of erasures.reason


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: pesachama erase 0712345678 --reason 'asked for by letter 12' --by you@your.host --yes"
    parser.add_argument("person", help="her phone number, or her number in users")
    parser.add_argument("--reason", required=True, type=reason, help="why, without any name; kept for ever")
    parser.add_argument("--by", metavar="EMAIL", help="the admin who decided it")
    parser.add_argument(
        "--leave-money", action="store_true", help="her money stays in her group under her member number"
    )
    parser.add_argument("--yes", action="store_true", help="do it; without this it is only shown")


def run(options: argparse.Namespace) -> int:
    wiring = environment.wiring("worker")
    try:
        user_id, asked_by = who(wiring, options.person, options.by)
        erased = forgetting.erase(
            wiring,
            user_id,
            reason=options.reason,
            asked_by=asked_by,
            leave_money=options.leave_money,
            rehearse=not options.yes,
        )
    except (LookupError, Refusal) as why:
        print(why.args[0], file=sys.stderr)
        return 1
    finally:
        wiring.close()
    print(f"person {user_id} {'is forgotten' if options.yes else 'would be forgotten; say --yes to do it'}:")
    for kind, count in erased.gone.items():
        print(f"  {count:>6} {kind}")
    return 0


def who(wiring: Wiring, person: str, admin: str | None) -> tuple[int, int | None]:
    """The ids of the person and of the admin. Raises LookupError with what to tell."""
    with wiring.transaction() as conn:
        asked_by = named(conn, admin)
        # A number of users is shorter than any phone.
        if person.isascii() and person.isdigit() and len(person) < 9:
            return int(person), asked_by
        try:
            found = register.find_by_phone(conn, phones.normalise(person))
        except phones.UnreadablePhone:
            found = None
    if found is None:
        raise LookupError("nobody has this number")
    return found.id, asked_by


def reason(text: str) -> str:
    """Raises ArgumentTypeError for a reason that cannot be kept."""
    if not 1 <= len(text.strip()) <= REASON_LETTERS:
        raise argparse.ArgumentTypeError(f"a reason has 1 to {REASON_LETTERS} characters")
    return text.strip()
