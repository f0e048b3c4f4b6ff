"""Founds a group with its chairperson in it, as she would on her phone. With --start its first round opens at once."""

import argparse
import sys

from chamas.dues import turnover
from chamas.entrance import founding, joining
from chamas.members import register
from chamas.members.register import ChamaStatus, MemberStatus
from chamas.rulebook.calendar import Frequency
from gateway.commands import environment
from gateway.wiring import Wiring
from ledger.money import parse_shillings
from ledger.refusals import Refusal
from menus import locale
from payments import phones


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: pesachama found-group First --amount 10 --every weekly --chairperson 0700000001 --as Asha"
    parser.add_argument("name", help="what members call it")
    parser.add_argument("--amount", required=True, type=shillings, help="what each member pays a round, in shillings")
    parser.add_argument("--every", default=Frequency.WEEKLY, type=Frequency, choices=list(Frequency))
    parser.add_argument("--chairperson", required=True, type=phone, metavar="PHONE", help="its first member")
    parser.add_argument("--as", dest="first_name", required=True, metavar="NAME", help="her first name")
    parser.add_argument("--language", default=locale.KISWAHILI, choices=locale.LANGUAGES)
    parser.add_argument("--target", default=10, type=int, metavar="PEOPLE", help="how many it looks for; 2 to 100")
    parser.add_argument("--deposit", default=0, type=shillings, metavar="KES", help="what each leaves before it starts")
    parser.add_argument("--number", help="the five digits that people join by; drawn when not said")
    parser.add_argument("--private", action="store_true", help="into it by invitation only")
    parser.add_argument("--start", action="store_true", help="with her alone in it, to try a first payment")


def run(options: argparse.Namespace) -> int:
    wiring = environment.wiring("worker")
    try:
        number, member_id = founded(wiring, options)
    except Refusal as why:
        print(why, file=sys.stderr)
        return 1
    finally:
        wiring.close()
    print(f"{options.name} has the number {number}; {options.first_name} is its chairperson, member {member_id}")
    print("its first round is open" if options.start else f"it takes people: they dial and join by {number}")
    return 0


def founded(wiring: Wiring, options: argparse.Namespace) -> tuple[str, int]:
    """The chama's number, and the membership of its chairperson. Raises a Refusal."""
    at = wiring.now()
    with wiring.transaction() as conn:
        founder_id = joining.enter(
            conn, phone=options.chairperson, first_name=options.first_name, language=options.language, at=at
        )
        seat = founding.found(
            conn,
            founder_id=founder_id,
            name=options.name,
            number=options.number,
            contribution_cents=options.amount,
            frequency=options.every,
            member_target=options.target,
            private=options.private,
            deposit_cents=options.deposit,
            at=at,
            chance=wiring.chance,
        )
        register.move_chama(conn, seat.chama_id, ChamaStatus.RECRUITING)
        if options.start:
            register.move_chama(conn, seat.chama_id, ChamaStatus.WAITING)
            register.move_chama(conn, seat.chama_id, ChamaStatus.ACTIVE)
            register.move_member(conn, seat.member_id, MemberStatus.ACTIVE)
            turnover.open_round(conn, seat.chama_id, at=at)
        number = conn.execute("SELECT number FROM chamas WHERE id = %s", [seat.chama_id]).fetchall()[0][0]
    return number, seat.member_id


def shillings(text: str) -> int:
    """Cents; raises ArgumentTypeError for what is no amount."""
    try:
        cents = parse_shillings(text)
    except Refusal as why:
        raise argparse.ArgumentTypeError(str(why)) from why
    if cents <= 0:
        raise argparse.ArgumentTypeError("an amount is more than nothing")
    return cents


def phone(text: str) -> str:
    """E.164; raises ArgumentTypeError."""
    try:
        return phones.normalise(text)
    except phones.UnreadablePhone as why:
        raise argparse.ArgumentTypeError(f"{text!r} is no phone number") from why
