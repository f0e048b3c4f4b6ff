"""A receipt that M-PESA denies leaves the books by two officials' word, and what it had settled is owed again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection
from psycopg.types.json import Jsonb

from chamas import verify
from chamas.approving.approvals import Proof, Vote, Word
from chamas.approving.deciders import EXPIRES_AFTER, AlreadyDecided, AnotherMustAgree
from chamas.arriving import taking_back, unmatched
from chamas.arriving.taking_back import NotDenied, OperatorsAsk
from chamas.dues import handing, owing
from chamas.entrance import invitations
from chamas.members import register
from chamas.members.register import MemberStatus, Role
from gateway.wiring import Wiring
from ledger.nairobi import local
from payments import listings, movements, take_backs
from payments import verify as proofs
from payments.listings import Listed
from payments.take_backs import TakeBack, TakeBackState
from tests.chamas.conftest import Till, Village
from tests.instruments import START, HandClock

FORGED = "TKZFORGED1"


@pytest.fixture
def operator(conn: Connection[Any]) -> int:
    return register.seat_operator(
        conn, email="ops@house.example", password_hash="x", first_name="Ops", platform_role="admin", at=START
    )  # fmt: skip


def deny(conn: Connection[Any], till: Till, receipt: str, version: int = 1) -> None:
    """The certificate of the day names it."""
    key = [till.shortcode_id, local(START).date(), version]
    named = {"differences": [{"code": "booked_not_listed", "receipt": receipt}]}
    conn.execute("INSERT INTO reconciliation_days VALUES (%s, %s, %s, 'differs', 'first look', %s)", [*key, START])
    conn.execute("INSERT INTO day_certificates VALUES (%s, %s, %s, %s, 0)", [*key, Jsonb(named)])


def ask(conn: Connection[Any], operator: int, receipt: str = FORGED, **more: Any) -> TakeBack:
    return taking_back.ask(conn, receipt, more.pop("why", "unknown"), by=operator, at=START, **more)


def say(conn: Connection[Any], wish: TakeBack, by: int, *, agrees: bool = True, at: Any = START) -> TakeBack:
    seen = taking_back.digest_of(wish)
    return taking_back.decide(conn, wish.id, Word(Vote.APPROVE if agrees else Vote.REJECT, seen, Proof.STEP_UP, by, at))


def states(conn: Connection[Any], member_id: int) -> list[tuple[str, int]]:
    return conn.execute(
        "SELECT state, paid_cents FROM contributions WHERE member_id = %s ORDER BY id", [member_id]
    ).fetchall()


def sound(conn: Connection[Any]) -> list[str]:
    """What does not hold between books, members and M-PESA. The evidence here is not of real bodies."""
    ours = ("every receipt is booked exactly once", "the floats of a shortcode are what M-PESA moved")
    found = [one for one in proofs.verify(conn) if one.name in (*ours, "money that went back lies nowhere else")]
    return [f"{one.name}: {one.detail}" for one in (*verify.verify(conn), *found) if not one.ok]


def test_two_officials_take_back_what_m_pesa_denies_once(
    conn: Connection[Any], village: Village, till: Till, wiring: Wiring, operator: int
) -> None:
    """She paid KES 200 herself and a forger 700 for her: the round was whole, KES 400 were her credit."""
    wanjiku, (amina, baraka, hers) = village.member_ids[2], village.user_ids
    conn.execute("UPDATE chama_members SET role = 'treasurer' WHERE user_id = ANY(%s)", [[baraka, hers]])
    till.arrive(FORGED, 700, wanjiku)
    till.arrive("TKK7RT61SV", 200, wanjiku)
    for member_id in village.member_ids[:2]:
        till.arrive(f"TKKROUND{member_id:02}", 500, member_id)
    conn.execute("UPDATE rounds SET state = 'completed'")
    with pytest.raises(NotDenied):
        ask(conn, operator)
    deny(conn, till, FORGED)
    with pytest.raises(OperatorsAsk):
        ask(conn, amina)
    wish = ask(conn, operator)
    with pytest.raises(AlreadyDecided):
        ask(conn, operator)
    # Not who asked, not she whose money it was, nobody outside, and not what somebody else saw.
    for by, no in ((operator, AnotherMustAgree), (hers, AnotherMustAgree), (0, OperatorsAsk)):
        with pytest.raises(no):
            say(conn, wish, by)
    with pytest.raises(AlreadyDecided):
        taking_back.decide(conn, wish.id, Word(Vote.APPROVE, b"", Proof.PIN, amina, START))
    say(conn, wish, baraka, agrees=False)
    wish = ask(conn, operator)
    for _ in range(2):
        taking_back.settle_due(wiring)
    # Officials are asked by SMS, once: not she whose money it was.
    asked = conn.execute("SELECT user_id FROM notifications WHERE template = 'take_back_asked' ORDER BY user_id")
    assert asked.fetchall() == [(amina,), (baraka,)]
    say(conn, wish, amina)
    for _ in range(3):
        taking_back.settle_due(wiring)
    [done] = [one for one in take_backs.about(conn, FORGED) if one.state is TakeBackState.DONE]
    assert [one.state for one in take_backs.about(conn, FORGED)] == ["refused", "done"]
    assert states(conn, wanjiku) == [("pending", 200_00)] and village.holds(conn, wanjiku) == 200_00
    assert owing.reckoned(conn, wanjiku).why == "300"
    assert conn.execute("SELECT state FROM rounds").fetchall() == [("expired",)]
    [(reverses, actor)] = conn.execute(
        "SELECT reverses_seq, actor_id FROM entries WHERE (book_id, seq) = (%s, %s)", [village.book_id, done.seq]
    ).fetchall()
    assert (reverses, actor) == (1, operator)
    told = conn.execute("SELECT user_id, arguments->>'page' FROM notifications WHERE template LIKE '%taken_back'")
    assert told.fetchall() == [(hers, str(done.seq))]
    assert sound(conn) == []
    assert movements.taken_back(conn, till.shortcode_id, [FORGED]) == {FORGED}
    with pytest.raises(AlreadyDecided):
        ask(conn, operator)
    # What she then pays settles it, and the round is whole.
    till.arrive("TKK7RT61SW", 300, wanjiku)
    assert states(conn, wanjiku) == [("paid", 500_00)] and owing.reckoned(conn, wanjiku).owed_cents == 0
    assert sound(conn) == []


def test_what_lay_in_suspense_and_what_was_given_out_of_it_is_taken_back_too(
    conn: Connection[Any], village: Village, till: Till, wiring: Wiring, operator: int
) -> None:
    other = register.seat_operator(
        conn, email="two@house.example", password_hash="x", first_name="Two", platform_role="admin", at=START
    )  # fmt: skip
    amina, given = village.member_ids[0], "TKZFORGED2"
    for receipt in (FORGED, given):
        till.arrive(receipt, 500, None, reason="it came without an account")
    settlement = unmatched.ask_credit(conn, given, amina, by=operator, at=START)
    [(seen,)] = [(unmatched.waiting(conn, None)[0].digest,)]
    unmatched.decide(conn, settlement, Word(Vote.APPROVE, seen, Proof.STEP_UP, other, START))
    unmatched.settle_due(wiring)
    assert states(conn, amina) == [("paid", 500_00)]
    deny(conn, till, FORGED)
    say(conn, ask(conn, operator), other)
    deny(conn, till, given, version=2)
    say(conn, ask(conn, operator, given), other)
    taking_back.settle_due(wiring)
    # The second version of the day names the other one alone: M-PESA may have found the first since.
    assert [one.state for one in take_backs.newest(conn)] == ["done", "void"]
    assert states(conn, amina) == [("pending", 0)]
    deny(conn, till, FORGED, version=3)
    say(conn, ask(conn, operator), other)
    taking_back.settle_due(wiring)
    assert conn.execute("SELECT DISTINCT state FROM suspense").fetchall() == [("resolved",)]
    assert sound(conn) == []
    assert movements.after(conn, till.shortcode_id, START - timedelta(days=1)) == []


def test_what_m_pesa_gave_back_at_the_portal_came_and_went_out_again(
    conn: Connection[Any], village: Village, till: Till, wiring: Wiring, operator: int
) -> None:
    wanjiku, back, at = village.member_ids[2], "TKKBACK001", START + timedelta(hours=3)
    till.arrive("TKK7RT61SV", 500, wanjiku)
    with pytest.raises(NotDenied):
        ask(conn, operator, "TKK7RT61SV", why="returned", return_receipt=back)
    listings.add(conn, till.shortcode_id, [Listed("statement", back, "out", 500_00, at)], at=at)
    say(conn, ask(conn, operator, "TKK7RT61SV", why="returned", return_receipt=back), village.user_ids[0])
    taking_back.settle_due(wiring)
    assert states(conn, wanjiku) == [("pending", 0)]
    moved = movements.after(conn, till.shortcode_id, START - timedelta(days=1))
    assert [(one.receipt, one.signed_cents, one.at) for one in moved] == [
        ("TKK7RT61SV", 500_00, START), (back, -500_00, at)
    ]  # fmt: skip
    assert sound(conn) == []


def test_a_deposit_that_was_filled_by_no_money_is_missing_again(
    conn: Connection[Any], village: Village, till: Till, wiring: Wiring, operator: int
) -> None:
    """Of 700 her deposit takes 600; the rest fills a part of her round."""
    wanjiku = village.member_ids[2]
    conn.execute("UPDATE chamas SET deposit_cents = 60000")
    conn.execute("UPDATE chama_members SET status = 'confirmed' WHERE id = %s", [wanjiku])
    till.arrive(FORGED, 700, wanjiku)
    assert conn.execute("SELECT state, paid_cents FROM deposits").fetchall() == [("paid", 600_00)]
    deny(conn, till, FORGED)
    say(conn, ask(conn, operator), village.user_ids[0])
    taking_back.settle_due(wiring)
    assert conn.execute("SELECT state, paid_cents FROM deposits").fetchall() == [("pending", 0)]
    assert states(conn, wanjiku) == [("pending", 0)] and sound(conn) == []


def test_a_wish_that_nobody_answers_ends(
    conn: Connection[Any], village: Village, till: Till, wiring: Wiring, operator: int
) -> None:
    till.arrive(FORGED, 700, village.member_ids[2])
    deny(conn, till, FORGED)
    wish = ask(conn, operator)
    late = START + EXPIRES_AFTER
    with pytest.raises(AlreadyDecided):
        say(conn, wish, village.user_ids[0], at=late)
    taking_back.settle_due(replace(wiring, clock=HandClock(late)))
    assert [one.state for one in take_backs.about(conn, FORGED)] == ["void"]
    assert village.holds(conn, village.member_ids[2]) == 700_00


def test_money_of_a_place_that_has_passed_is_owed_again_by_who_has_it(
    conn: Connection[Any], village: Village, till: Till, wiring: Wiring, operator: int
) -> None:
    wanjiku, (amina, baraka, hers) = village.member_ids[2], village.user_ids
    conn.execute("UPDATE chama_members SET role = 'treasurer' WHERE user_id = %s", [baraka])
    till.arrive(FORGED, 700, wanjiku)
    till.arrive("TKK7RT61SV", 200, wanjiku)
    zuri = passed(conn, village, till, wanjiku)
    assert (states(conn, zuri), village.holds(conn, wanjiku), village.holds(conn, zuri)) == (
        [("paid", 500_00)],
        0,
        900_00,
    )
    deny(conn, till, FORGED)
    say(conn, ask(conn, operator), amina)
    while taking_back.settle_due(wiring):
        pass
    assert [one.state for one in take_backs.about(conn, FORGED)] == ["done"]
    # The page was hers who had the place; the money is where the place is.
    assert (states(conn, zuri), village.holds(conn, wanjiku), village.holds(conn, zuri)) == (
        [("pending", 200_00)], 0, 200_00,
    )  # fmt: skip
    told = conn.execute("SELECT user_id FROM notifications WHERE template LIKE '%taken_back' ORDER BY user_id")
    assert [row[0] for row in told] == [
        hers,
        conn.execute("SELECT max(id) FROM users WHERE phone IS NOT NULL").fetchall()[0][0],
    ]
    assert sound(conn) == []


def passed(conn: Connection[Any], village: Village, till: Till, leaver: int) -> int:
    """Her place has gone to Zuri, who is in the group from now on; returns Zuri's member id."""
    chama_id = village.chama_id
    user_id = register.create_person(conn, phone="+254700000061", first_name="Zuri", language="sw", at=START)
    who = {"role": Role.MEMBER, "status": MemberStatus.INVITED, "join_method": "invitation"}
    zuri = register.add_member(conn, chama_id=chama_id, user_id=user_id, at=START, **who)  # type: ignore[arg-type]
    by = village.user_ids[0]
    made = invitations.write(conn, chama_id=chama_id, member_id=zuri, invited_by=by, at=START, chance=till.chance)
    conn.execute(
        "INSERT INTO motions (chama_id, kind, member_id, asked_by, other_id, how, cycle, needed, state, asked_at, "
        "expires_at, ended_at, invitation_id, paid_in_cents, received_cents, owed_cents) VALUES (%(chama)s, "
        "'substitution', %(leaver)s, %(leaver)s, %(zuri)s, 'before_turn', 1, 1, 'done', %(at)s, %(at)s, %(at)s, "
        "%(invited)s, 0, 0, 0)",
        {"chama": chama_id, "leaver": leaver, "zuri": zuri, "at": START, "invited": made.id},
    )
    with conn.transaction():
        handing.hand_over(conn, chama_id, leaver=leaver, newcomer=zuri, key="1", at=START, chance=till.chance)
    register.move_member(conn, leaver, MemberStatus.WITHDRAWN)
    for step in (MemberStatus.CONFIRMED, MemberStatus.ACTIVE):
        register.move_member(conn, zuri, step)
    return zuri
