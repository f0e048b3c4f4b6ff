"""Keeps what somebody counted beside what the books hold: a cash box, a bank's statement, the balance M-PESA names."""

import argparse
import sys

from chamas import directory
from gateway.commands import environment
from gateway.commands.admin import named
from gateway.wiring import Wiring
from ledger import assertions
from ledger.assertions import Assertion
from ledger.money import parse_shillings, print_kes
from ledger.refusals import NotAnAmount, Refusal
from ledger.retries import transact
from ledger.wires import Connection
from payments import floats, shortcodes

FAILED = (
    "FAILED: KES {there} were there, the books held KES {held}; the difference of KES {difference} stays open in "
    "`pesachama verify`, on the status page and in the doctor until it is booked with its reason and the next count "
    "answers this one (count {id})"
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples: pesachama assert-balance --chama 1 --account cash --kes 4,250 --source cash_count; "
        "pesachama assert-balance --shortcode 600123 --kes 120,000.50"
    )
    whose = parser.add_mutually_exclusive_group(required=True)
    whose.add_argument("--chama", type=int, metavar="ID", help="the group whose account was counted, by its number")
    whose.add_argument("--shortcode", metavar="NUMBER", help="the paybill or till whose balance M-PESA names")
    parser.add_argument("--kes", required=True, type=counted, metavar="AMOUNT", help="what was there, 0 included")
    parser.add_argument("--by", metavar="EMAIL", help="the admin who keeps it")
    parser.add_argument("--account", metavar="CODE", help="of the group's book, for example cash")
    parser.add_argument("--source", choices=("cash_count", "mpesa_balance", "statement"), help="of the group's count")
    parser.add_argument("--page", type=int, metavar="N", help="of the group's book, if an earlier one was counted")
    parser.add_argument(
        "--corrects", type=int, metavar="ID", help="the failed count of the group that this one answers"
    )


def run(options: argparse.Namespace) -> int:
    of_a_group = (options.account, options.source)
    if (options.chama is None) in {one is not None for one in of_a_group} or (
        options.shortcode and (options.page, options.corrects) != (None, None)
    ):
        print("say --chama with --account and --source (and --page, --corrects), or --shortcode alone", file=sys.stderr)
        return 2
    wiring = environment.wiring("worker")
    try:
        made = transact(wiring, lambda conn: asserted(conn, wiring, options))
    except (LookupError, Refusal) as why:
        print(why.args[0], file=sys.stderr)
        return 1
    finally:
        wiring.close()
    there, held = print_kes(options.kes), print_kes(options.kes - made.difference_cents)
    if made.held:
        print(f"held: KES {there} were there and in the books (count {made.id})")
        return 0
    print(FAILED.format(there=there, held=held, difference=print_kes(made.difference_cents), id=made.id))
    return 1


def asserted(conn: Connection, wiring: Wiring, options: argparse.Namespace) -> Assertion:
    """The count, kept. Raises LookupError with what to tell, and what the ledger refuses."""
    asserted_by, at = named(conn, options.by), wiring.now()
    if options.shortcode:
        shortcode = shortcodes.by_number(conn, options.shortcode)
        if shortcode is None:
            raise LookupError(f"there is no shortcode {options.shortcode}")
        stood = floats.stood(conn, shortcode.id, at)
        return floats.assert_held(conn, shortcode.id, options.kes, stood, at=at, asserted_by=asserted_by)
    book_id = directory.book_of(conn, options.chama)
    if book_id is None:
        raise LookupError(f"there is no chama {options.chama}")
    return assertions.assert_balance(
        conn,
        book_id=book_id,
        account=options.account,
        cents=options.kes,
        source=options.source,
        asserted_by=asserted_by,
        at=at,
        as_of_seq=options.page,
        corrects_id=options.corrects,
    )


def counted(text: str) -> int:
    """Cents. Raises ArgumentTypeError for what is no amount."""
    try:
        return parse_shillings(text) if text.strip("0.") else 0
    except NotAnAmount as why:
        raise argparse.ArgumentTypeError(str(why)) from why
