"""What the group loses if somebody stops today or after her turn, and what her deposit covers."""

from typing import Any

from psycopg import Connection

from chamas.dues import exposure
from ledger.books import Draft, Line, account_id, open_account, post
from tests.chamas.conftest import ROUND_CENTS, Till, Village
from tests.instruments import START, SeededChance


def pay_out(conn: Connection[Any], village: Village, member_id: int, cents: int, deposit_cents: int = 0) -> None:
    """As a payout and a deposit are booked."""
    till = account_id(conn, village.book_id, "mpesa:600123")
    assert till is not None
    paid_out = open_account(conn, book_id=village.book_id, code=f"paid_out:{member_id}", kind="asset")
    deposit = open_account(conn, book_id=village.book_id, code=f"deposit:{member_id}", kind="liability")
    lines = (Line(paid_out, cents), Line(till, deposit_cents - cents), Line(deposit, -deposit_cents))
    kept = tuple(line for line in lines if line.amount_cents)
    post(conn, Draft(village.book_id, "payout", START, kept, "test", str(member_id)), at=START, chance=SeededChance())


def shown(conn: Connection[Any], village: Village) -> list[tuple[int, int | None, int]]:
    return [
        (one.exposed_cents, one.after_turn_cents, one.uncovered_cents)
        for one in exposure.of_chama(conn, village.chama_id)
    ]


def test_by_the_first_in_the_order_most_can_be_lost(conn: Connection[Any], village: Village, till: Till) -> None:
    # Three pay 500 each: the first gets 1,500 for her own 500.
    assert shown(conn, village) == [(0, 1_000_00, 1_000_00), (0, 500_00, 500_00), (0, 0, 0)]
    # What she has paid of the open round changes nothing of what she will have paid by her turn.
    till.arrive("TKK7RT61SV", 200, village.member_ids[0])
    assert shown(conn, village)[0] == (0, 1_000_00, 1_000_00)
    # Somebody who leaves makes the pot smaller, and nobody's turn later.
    conn.execute("UPDATE chama_members SET status = 'withdrawn' WHERE id = %s", [village.member_ids[1]])
    assert shown(conn, village) == [(0, 500_00, 500_00), (0, 0, 0)]


def test_if_she_stops_today_the_group_loses_what_no_deposit_covers(
    conn: Connection[Any], village: Village, till: Till
) -> None:
    for number, member_id in enumerate(village.member_ids):
        till.arrive(f"TKK7RT61S{number}", 500, member_id)
    pay_out(conn, village, village.member_ids[0], 3 * ROUND_CENTS, deposit_cents=300_00)
    conn.execute("UPDATE rounds SET turn = 2")
    [first, *_] = exposure.of_chama(conn, village.chama_id)
    assert (first.received_cents, first.paid_cents, first.deposit_cents) == (1_500_00, 500_00, 300_00)
    assert (first.exposed_cents, first.after_turn_cents, first.uncovered_cents) == (1_000_00, None, 700_00)
    conn.execute("UPDATE rounds SET state = 'completed'")
    assert {one.after_turn_cents for one in exposure.of_chama(conn, village.chama_id)} == {None}
