"""Money that arrives: in the right book once, shared over what is owed, and told once."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from chamas.arriving import arrivals
from chamas.cycle import rounds
from chamas.cycle.rounds import RoundState
from chamas.dues import owing, turnover
from chamas.dues.allocation import Share
from chamas.members import register
from chamas.members.register import MemberStatus
from gateway.wiring import Wiring
from ledger.books import account_id, balance, page
from ledger.refusals import KeyReused
from payments import suspense
from tests.chamas.conftest import ROUND_CENTS, Till, Village
from tests.instruments import START

WEEK = timedelta(days=7)


def counts(conn: Connection[Any]) -> tuple[Any, ...]:
    """Everything that booking a receipt may leave behind."""
    return conn.execute(
        "SELECT (SELECT count(*) FROM entries), (SELECT count(*) FROM postings), (SELECT count(*) FROM allocations), "
        "(SELECT sum(paid_cents) FROM contributions), (SELECT count(*) FROM notifications), "
        "(SELECT count(*) FROM suspense)"
    ).fetchall()[0]


def test_a_receipt_becomes_one_entry_in_the_book_of_the_chama(
    conn: Connection[Any], village: Village, till: Till
) -> None:
    amina = village.member_ids[0]
    booked = till.arrive("TKK7RT61SV", 500, amina)
    float_id = account_id(conn, village.book_id, "mpesa:600123")
    assert float_id is not None
    assert balance(conn, float_id) == 50_000
    assert village.holds(conn, amina) == 50_000
    assert counts(conn) == (1, 2, 1, 50_000, 1, 0)
    assert conn.execute("SELECT receipt, book_id, seq FROM receipts").fetchall() == [
        ("TKK7RT61SV", village.book_id, booked.posted.seq)
    ]
    assert conn.execute("SELECT state FROM contributions WHERE member_id = %s", [amina]).fetchall() == [("paid",)]


def test_a_second_call_has_no_second_effect(conn: Connection[Any], village: Village, till: Till) -> None:
    receipt = till.proven("TKK7RT61SV", 500, village.member_ids[0])
    with conn.transaction():
        [first] = arrivals.book(conn, [receipt], at=START, chance=till.chance)
    before = counts(conn)
    with conn.transaction():
        [second] = arrivals.book(conn, [receipt], at=START + WEEK, chance=till.chance)
    assert counts(conn) == before
    assert second.posted.repeated
    assert second.posted.code == first.posted.code


def test_a_receipt_does_not_turn_into_another(conn: Connection[Any], village: Village, till: Till) -> None:
    receipt = till.proven("TKK7RT61SV", 500, village.member_ids[0])
    with conn.transaction():
        arrivals.book(conn, [receipt], at=START, chance=till.chance)
    before = counts(conn)
    for other in (replace(receipt, amount_cents=60_000), replace(receipt, member_id=village.member_ids[1])):
        with pytest.raises(KeyReused), conn.transaction():
            arrivals.book(conn, [other], at=START, chance=till.chance)
    assert counts(conn) == before


def test_the_message_says_what_the_books_say(conn: Connection[Any], village: Village, till: Till) -> None:
    till.arrive("TKK7RT61SV", 500, village.member_ids[0])
    booked = till.arrive("TKK7RT61SW", 200, village.member_ids[0], payer_id=village.user_ids[2])
    now = page(conn, village.book_id)
    assert now is not None
    user_id, arguments = conn.execute(
        "SELECT user_id, arguments FROM notifications WHERE dedupe_key = 'receipt:TKK7RT61SW'"
    ).fetchall()[0]
    assert user_id == village.user_ids[0]
    assert arguments == {
        "chama": "Umoja",
        "name": "Wanjiku",
        "amount_cents": 20_000,
        "paid_at": START.isoformat(),
        "receipt": "TKK7RT61SW",
        "total_cents": 70_000,
        "page": now.seq,
        "words": now.words,
        "code": booked.posted.code,
    }
    # Who paid for her hears it too, once, and hears for whom: else she pays again.
    told = conn.execute("SELECT user_id, arguments FROM notifications WHERE template = 'paid_for_another'").fetchall()
    assert [(user_id, facts["other"], facts["receipt"]) for user_id, facts in told] == [
        (village.user_ids[2], "Amina", "TKK7RT61SW")
    ]


def test_receipts_of_one_batch_are_booked_as_if_each_came_alone(
    conn: Connection[Any], village: Village, till: Till
) -> None:
    amina, baraka = village.member_ids[:2]
    proven = [
        till.proven("TOGETHER01", 300, amina),
        till.proven("TOGETHER02", 70, None),
        till.proven("TOGETHER03", 400, amina),
        till.proven("TOGETHER04", 500, baraka),
    ]
    with conn.transaction():
        booked = arrivals.book(conn, proven, at=START, chance=till.chance)
    [(due_id,)] = conn.execute("SELECT id FROM contributions WHERE member_id = %s", [amina]).fetchall()
    assert [one.member_id for one in booked] == [amina, None, amina, baraka]
    assert booked[0].shares == (Share(due_id, 30_000),)
    assert booked[2].shares == (Share(due_id, 20_000), Share(None, 20_000))
    assert [one.posted.seq for one in booked] == [1, 1, 2, 3]
    told = conn.execute(
        "SELECT dedupe_key, arguments->'total_cents', arguments->'page' FROM notifications ORDER BY id"
    ).fetchall()
    assert told == [
        ("receipt:TOGETHER01", 30_000, 1),
        ("receipt:TOGETHER03", 70_000, 2),
        ("receipt:TOGETHER04", 50_000, 3),
    ]
    assert conn.execute("SELECT receipt FROM suspense").fetchall() == [("TOGETHER02",)]


def test_part_payments_add_up(conn: Connection[Any], village: Village, till: Till) -> None:
    amina = village.member_ids[0]
    for number, (shillings, state) in enumerate([(200, "pending"), (299, "pending"), (1, "paid")]):
        till.arrive(f"PARTPAYMENT{number}"[-10:], shillings, amina)
        assert conn.execute("SELECT state FROM contributions WHERE member_id = %s", [amina]).fetchall() == [(state,)]
    assert owing.dues(conn, amina, START).paid_cents == ROUND_CENTS


def test_what_is_left_over_pays_the_next_rounds(conn: Connection[Any], village: Village, till: Till) -> None:
    amina = village.member_ids[0]
    till.arrive("OVERPAYING", 1_200, amina)
    dues = owing.dues(conn, amina, START)
    assert (dues.owed_cents, dues.credit_cents) == (0, 70_000)
    for number, (owed, credit) in enumerate([(0, 20_000), (30_000, 0)], start=1):
        active = rounds.active_round(conn, village.chama_id)
        assert active is not None
        with conn.transaction():
            rounds.move(conn, active.id, RoundState.COMPLETED)
            turnover.open_round(conn, village.chama_id, at=START + number * WEEK)
        dues = owing.dues(conn, amina, START)
        assert (dues.owed_cents, dues.credit_cents) == (owed, credit)
    assert village.holds(conn, amina) == 120_000


@pytest.mark.parametrize(("arrears_first", "settled"), [(True, [1, 2]), (False, [2, 1])])
def test_the_rules_say_which_round_is_settled_first(
    conn: Connection[Any], village: Village, till: Till, arrears_first: bool, settled: list[int]
) -> None:
    rounds.move(conn, village.open_round.id, RoundState.COMPLETED)
    rounds.adopt_rules(
        conn,
        chama_id=village.chama_id,
        contribution_cents=ROUND_CENTS,
        frequency=village.open_round.frequency,
        arrears_first=arrears_first,
        in_force_from=START + WEEK,
    )
    with conn.transaction():
        turnover.open_round(conn, village.chama_id, at=START + WEEK)
    shares = till.arrive("ARREARS001", 700, village.member_ids[0]).shares
    of_round = dict(
        conn.execute(
            "SELECT k.id, r.number FROM contributions k JOIN rounds r ON r.id = k.round_id WHERE k.member_id = %s",
            [village.member_ids[0]],
        ).fetchall()
    )
    assert [(of_round[share.contribution_id], share.amount_cents) for share in shares] == [
        (settled[0], 50_000),
        (settled[1], 20_000),
    ]


def test_money_of_nobody_is_kept_in_suspense(conn: Connection[Any], village: Village, till: Till) -> None:
    booked = till.arrive("NOBODYS001", 500, None, reason="no_attempt")
    suspense_id = account_id(conn, till.book_id, "suspense")
    assert suspense_id is not None
    assert balance(conn, suspense_id) == 50_000
    assert booked.shares == ()
    assert conn.execute("SELECT receipt, reason, state FROM suspense").fetchall() == [
        ("NOBODYS001", "no_attempt", "open")
    ]
    assert page(conn, village.book_id) is None
    assert counts(conn) == (1, 2, 0, 0, 0, 1)
    assert suspense.resolve(conn, "NOBODYS001", at=START)
    assert not suspense.resolve(conn, "NOBODYS001", at=START + WEEK), "its owner is found once"
    assert conn.execute("SELECT state, resolved_at FROM suspense").fetchall() == [("resolved", START)]


def test_money_for_who_has_left_waits_for_the_officials(conn: Connection[Any], village: Village, till: Till) -> None:
    register.move_member(conn, village.member_ids[0], MemberStatus.WITHDRAWN)
    till.arrive("LEFTALREAD", 500, village.member_ids[0])
    assert village.holds(conn, village.member_ids[0]) == 0
    assert conn.execute("SELECT reason FROM suspense").fetchall() == [("member_withdrawn",)]
    told = conn.execute("SELECT dedupe_key FROM notifications WHERE template = 'kept_without_a_place'").fetchall()
    assert told == [("kept:LEFTALREAD",)], "she is told that it is not lost"


def test_who_has_paid_counts_one_more(conn: Connection[Any], village: Village, till: Till) -> None:
    till.arrive("TKK7RT61SV", 500, village.member_ids[1])
    till.arrive("TKK7RT61SW", 200, village.member_ids[2])
    listed = owing.who_has_paid(conn, village.chama_id, START)
    assert [line.first_name for line in listed.paid] == ["Baraka"]
    assert [(line.first_name, line.paid_cents) for line in listed.unpaid] == [("Amina", 0), ("Wanjiku", 20_000)]
    assert (listed.paid_cents, listed.due_cents) == (70_000, 150_000)


def test_receipts_that_arrive_at_once_lose_no_cent(
    conn: Connection[Any], wiring: Wiring, village: Village, till: Till
) -> None:
    receipts = [till.proven(f"ATONCE{n:04}", 90, village.member_ids[n % 3]) for n in range(18)]
    together = threading.Barrier(6)

    def book(six: list[Any]) -> None:
        together.wait()
        for receipt in six:
            with wiring.transaction() as own:
                arrivals.book(own, [receipt], at=START, chance=wiring.chance)

    threads = [threading.Thread(target=book, args=[receipts[n::6]]) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for member_id in village.member_ids:
        dues = owing.dues(conn, member_id, START)
        assert (dues.paid_cents, dues.credit_cents) == (50_000, 4_000)


def test_money_that_arrives_while_a_round_opens_pays_for_it(
    conn: Connection[Any], wiring: Wiring, village: Village, till: Till
) -> None:
    rounds.move(conn, village.open_round.id, RoundState.COMPLETED)
    receipt = till.proven("MEANWHILE1", 1_000, village.member_ids[0])
    begun = threading.Event()

    def open_next() -> None:
        with wiring.transaction() as own:
            begun.set()
            turnover.open_round(own, village.chama_id, at=START + WEEK)

    opener = threading.Thread(target=open_next)
    with wiring.transaction() as own:
        arrivals.book(own, [receipt], at=START, chance=wiring.chance)
        opener.start()
        begun.wait()
        # Long enough for the opener to run into the lock; without one it is through long before.
        opener.join(timeout=0.3)
    opener.join()
    dues = owing.dues(conn, village.member_ids[0], START)
    assert (dues.owed_cents, dues.credit_cents) == (0, 0)


def test_a_share_is_named_with_its_contribution(village: Village, till: Till, conn: Connection[Any]) -> None:
    [(contribution_id,)] = conn.execute(
        "SELECT id FROM contributions WHERE member_id = %s", [village.member_ids[0]]
    ).fetchall()
    assert till.arrive("TKK7RT61SV", 600, village.member_ids[0]).shares == (
        Share(contribution_id, 50_000),
        Share(None, 10_000),
    )
