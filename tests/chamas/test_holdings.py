"""What phones say that a group has, and that a member paid in and received: held against the books' own accounts."""

from typing import Any

from psycopg import Connection

from chamas.arriving import cash_box
from chamas.dues import holdings, readouts, setting_off
from chamas.dues.holdings import ELSEWHERE, Hers
from chamas.entrance.opening import OUTSIDE_MPESA
from ledger.books import Draft, Line, account_id, balance, open_account, post
from payments.payouts import spendable
from tests.chamas.a_cycle import Cycle
from tests.chamas.test_defaults import left_a_deposit
from tests.instruments import SeededChance


def account(cycle: Cycle, code: str) -> int:
    found = account_id(cycle.conn, cycle.village.book_id, code)
    return 0 if found is None else balance(cycle.conn, found)


def brought(cycle: Cycle, code: str, cents: int) -> None:
    """The group has so much there, which nobody is owed."""
    book_id, at = cycle.village.book_id, cycle.wiring.now()
    with cycle.conn.transaction():
        there = open_account(cycle.conn, book_id=book_id, code=code, kind="asset")
        own = open_account(cycle.conn, book_id=book_id, code="own", kind="income")
        draft = Draft(book_id, "opening", at, (Line(there, cents), Line(own, -cents)), "test", code)
        post(cycle.conn, draft, at=at, chance=SeededChance(9))


def test_what_left_is_neither_the_groups_nor_fresh_money_of_hers(cycle: Cycle, conn: Connection[Any]) -> None:
    assert holdings.BOX == cash_box.BOX and OUTSIDE_MPESA in ELSEWHERE
    book_id, amina = cycle.village.book_id, cycle.members["Amina"]
    cycle.pays("Baraka", 500)
    left_a_deposit(cycle, "Amina", 200_00)
    for name in ("Wanjiku", "Chebet", "Juma"):
        cycle.pays(name, 500)
    assert holdings.of_group(conn, book_id).cents == account(cycle, "mpesa:600123") == 2_200_00
    # She owes her own 500: out of her pot and in it again, and 1,991 with a charge of 9 leave the group.
    cycle.closes()
    cycle.runs()
    [(payee, sent)] = cycle.pays_out()
    assert (payee, sent, cycle.held("member", "Amina")) == ("Amina", 1_991_00, 500_00)
    held = holdings.of_group(conn, book_id)
    assert held.cents == account(cycle, "mpesa:600123") - account(cycle, "charges:600123") == 200_00
    assert held.cents == spendable(conn, book_id, "600123")
    assert holdings.of_member(conn, amina) == Hers(200_00, 1_991_00)

    brought(cycle, "cash", 1_000_00)
    brought(cycle, "outside_mpesa", 500_00)
    cycle.pays("Amina", 300)
    held = holdings.of_group(conn, book_id)
    assert (held.mpesa_cents, held.box_cents, held.elsewhere_cents) == (500_00, 1_000_00, 500_00)

    # Every entry of hers, oldest first, with totals that end where the balance stands.
    moves = holdings.moves(conn, amina, limit=5)
    told = [(one.paid_in_cents, one.received_cents, one.set_off_cents, one.after) for one in reversed(moves)]
    assert told == [
        (200_00, 0, 0, Hers(200_00, 0)),
        (0, 0, 500_00, Hers(200_00, 0)),
        (0, 1_991_00, 0, Hers(200_00, 1_991_00)),
        (300_00, 0, 0, Hers(500_00, 1_991_00)),
    ]
    assert holdings.of_member(conn, amina) == moves[0].after
    assert [one.seq for one in holdings.moves(conn, amina, limit=2)] == [one.seq for one in moves[:2]]
    asked = {"user_id": cycle.village.user_ids[0], "member_id": amina, "chama_id": cycle.chama_id, "chama": "Umoja"}
    with conn.transaction():
        assert readouts.statement(conn, **asked, at=cycle.wiring.now()) == 1
    lines = cycle.value("SELECT arguments ->> 'lines' FROM notifications WHERE template = 'statement'")
    assert [line.split(" ")[1] for line in lines.split(", ")] == ["300=500", ">1,991=1,991", "200=200"]

    # Out of her deposit for a debt: hers before and after.
    cycle.closes()
    with cycle.wiring.transaction() as own:
        taken = setting_off.from_deposit(own, cycle.chama_id, amina, at=cycle.wiring.now(), chance=SeededChance(8))
    [newest] = holdings.moves(conn, amina, limit=1)
    assert (taken, newest.set_off_cents, newest.after) == (200_00, 200_00, Hers(500_00, 1_991_00))
