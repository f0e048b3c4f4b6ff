"""Money in the books that M-PESA does not know, or gave back: lists what was asked, and asks that it be taken back.

To agree is another official's, with her password at the desk or her chama PIN by the API: no command can.
"""

import argparse
import sys
from datetime import datetime

from chamas.arriving import taking_back
from gateway.commands import environment
from gateway.commands.admin import named
from ledger.money import print_kes
from ledger.refusals import Refusal
from ledger.retries import transact
from ledger.wires import Connection
from payments import take_backs
from payments.take_backs import TakeBack


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples: pesachama take-back; pesachama take-back TKK7RT61SV --by you@your.host; "
        "pesachama take-back TKK7RT61SV --returned TKL1AB23CD --by you@your.host"
    )
    parser.add_argument("receipt", nargs="?", help="M-PESA's receipt as it stands in the books; without it, a list")
    parser.add_argument("--by", metavar="EMAIL", help="the admin who asks")
    parser.add_argument("--returned", metavar="RECEIPT", help="M-PESA gave it back, by this receipt of its statement")


def run(options: argparse.Namespace) -> int:
    if options.receipt and not options.by:
        print("say with --by who asks: another than she must agree", file=sys.stderr)
        return 2
    wiring = environment.wiring("worker")
    try:
        if options.receipt:
            transact(wiring, lambda conn: asked(conn, options, wiring.now()))
            print("asked: another official has to agree, at the desk under Taken back")
        with wiring.transaction() as conn:
            for one in take_backs.newest(conn):
                print(line(one))
    except (LookupError, Refusal) as why:
        print(why.args[0] if why.args else str(why), file=sys.stderr)
        return 1
    finally:
        wiring.close()
    return 0


def asked(conn: Connection, options: argparse.Namespace, at: datetime) -> TakeBack:
    """The wish, written down. Raises LookupError with what to tell, and what the rules refuse."""
    by = named(conn, options.by)
    assert by is not None  # noqa: S101
    back = options.returned and options.returned.strip().upper()
    why: take_backs.Why = "returned" if back else "unknown"
    return taking_back.ask(conn, options.receipt.strip().upper(), why, return_receipt=back, by=by, at=at)


def line(one: TakeBack) -> str:
    """What stands of a wish, in one line."""
    way_back = f"M-PESA gave it back ({one.return_receipt or 'told us'})"
    why = "M-PESA does not know it" if one.why == "unknown" else way_back
    trouble = f"; could not be booked yet: {one.failure}" if one.failure else ""
    return f"{one.receipt} KES {print_kes(one.amount_cents)} {one.state}: {why}{trouble}"
