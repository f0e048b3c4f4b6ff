"""Moves a group in from a CSV file: shows what it would make, or what is wrong by line; imports it with --yes."""

import argparse
import sys
from pathlib import Path

from chamas.entrance import import_file, moving_in
from chamas.entrance.import_file import MovingGroup
from gateway.commands import environment
from gateway.commands.admin import named
from gateway.wiring import Wiring
from ledger.money import print_kes
from ledger.refusals import Refusal
from ledger.retries import transact
from ledger.wires import Connection


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "docs/operations/import.md says what stands in the file; docs/import-sample.csv is one"
    parser.add_argument("file", type=Path, help="the group's CSV file")
    parser.add_argument("--yes", action="store_true", help="import all of it, or nothing")
    parser.add_argument("--tell", action="store_true", help="each member gets an SMS")
    parser.add_argument("--by", metavar="EMAIL", help="the admin who imports it")


def run(options: argparse.Namespace) -> int:
    try:
        body = options.file.read_bytes()
    except OSError as trouble:
        print(f"{options.file}: {trouble}", file=sys.stderr)
        return 2
    group, problems = import_file.read(body)
    if group is None:
        for one in problems:
            print(f"line {one.line}: {one.words}" if one.line else one.words, file=sys.stderr)
        print("nothing was imported", file=sys.stderr)
        return 1
    print("\n".join(told(group)))
    if not options.yes:
        print("nothing was imported yet: say --yes")
        return 0
    wiring = environment.wiring("worker")
    try:
        number = imported(wiring, body, options)
    except (LookupError, Refusal) as why:
        print(why.args[0], file=sys.stderr)
        return 1
    finally:
        wiring.close()
    print(f"imported: {group.name} has the number {number}")
    return 0


def imported(wiring: Wiring, body: bytes, options: argparse.Namespace) -> str:
    """The number of the group that the file made. Raises LookupError and what `moving_in` refuses."""
    at = wiring.now()

    def work(conn: Connection) -> str:
        by = named(conn, options.by)
        import_id = moving_in.hand_over(conn, body, by_user_id=by, tell=options.tell, at=at)
        chama_id = moving_in.move_in(conn, import_id, at=at, chance=wiring.chance)
        return str(conn.execute("SELECT number FROM chamas WHERE id = %s", [chama_id]).fetchall()[0][0])

    return transact(wiring, work)


def told(group: MovingGroup) -> list[str]:
    """What the file would make, in lines; phones stay in the file."""
    saved, received = (sum(getattr(one, f"{name}_cents") for one in group.members) for name in ("saved", "received"))
    lines = [
        f"{group.name}: {len(group.members)} members, KES {print_kes(group.contribution_cents)} {group.frequency}, "
        f"round {group.round_number} from {group.first_day}",
        f"saved {print_kes(saved)}, received {print_kes(received)}, cash {print_kes(group.cash_cents)}, "
        f"mpesa {print_kes(group.mpesa_cents)}: nothing is left over",
    ]
    for one in group.members:
        turn = f", turn {one.turn}" if one.turn else ""
        lines.append(
            f"{one.number:>4} {one.first_name}, {one.role}{turn}: saved {print_kes(one.saved_cents)}, received "
            f"{print_kes(one.received_cents)}, paid now {print_kes(one.paid_now_cents)}, arrears "
            f"{print_kes(one.arrears_cents)}"
        )
    return lines
