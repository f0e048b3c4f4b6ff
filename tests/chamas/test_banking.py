"""Cash that an official brings to M-PESA: out of the box and into the float once, on M-PESA's word alone."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import Connection

from chamas.arriving import arrivals, banking, cash
from chamas.arriving.arrivals import Booked
from chamas.arriving.banking import in_hand
from chamas.arriving.cash_box import CashNotConfirmed, NotInTheBox
from chamas.cycle import rounds
from chamas.members import register
from chamas.members.refusals import OfficialsOnly, UnfitAmount
from chamas.members.register import Role
from chamas.verify import verify
from ledger.books import Draft, Line, account_id, balance, open_account, post
from ledger.holds import Request, reverse
from ledger.refusals import OutOfBounds
from payments.paybill import Payer, Sent, read_box
from payments.phones import daraja_hash
from payments.reading import Money
from payments.receipts import ProvenReceipt
from tests.chamas.conftest import Till, Village
from tests.instruments import START, SeededChance

AMINA, BARAKA, WANJIKU = range(3)


@pytest.fixture
def boxed(conn: Connection[Any], village: Village) -> Village:
    """Baraka is treasurer; Wanjiku has given him 300 in notes and said so, Amina wrote 100 of Baraka's."""
    register.change_role(conn, village.member_ids[BARAKA], Role.TREASURER, at=START)
    for by, of, cents in ((BARAKA, WANJIKU, 300_00), (AMINA, BARAKA, 100_00)):
        her = village.user_ids[of]
        claim = cash.record(
            conn,
            by_user_id=village.user_ids[by],
            chama_id=village.chama_id,
            number=of + 1,
            amount_cents=cents,
            at=START,
        )
        with conn.transaction():
            cash.confirm(conn, claim.id, user_id=her, said_cents=cents, at=START, chance=SeededChance(claim.id))
    return village


def of(conn: Connection[Any], village: Village, code: str) -> int:
    account = account_id(conn, village.book_id, code)
    return 0 if account is None else balance(conn, account)


def brought(till: Till, receipt: str, shillings: int, by: int) -> ProvenReceipt:
    """As the prompt of an official proves it."""
    village = till.village
    paid = till.proven(receipt, shillings, village.member_ids[by], payer_id=village.user_ids[by])
    return replace(paid, purpose=banking.PURPOSE)


def sent(till: Till, receipt: str, shillings: int, typed: str, phone: str) -> ProvenReceipt:
    """As the paybill tells it: an account, and the payer's number under a hash."""
    money = Money(receipt, shillings * 100, START, None)
    notice = Sent(money, "600123", typed, Payer(daraja_hash(phone)))
    return replace(till.proven(receipt, shillings, None), sent=notice, reason=None, purpose=None)


def book(till: Till, *proven: ProvenReceipt) -> list[Booked]:
    with till.conn.transaction():
        return arrivals.book(till.conn, proven, at=START, chance=till.chance)


def test_what_is_brought_leaves_the_box_and_wakes_the_pots(conn: Connection[Any], boxed: Village, till: Till) -> None:
    later = START + timedelta(days=9)
    conn.execute("UPDATE rounds SET pot_due_at = %s, closed_at = %s", [later, START])
    held = boxed.holds(conn, boxed.member_ids[BARAKA])
    assert banking.box(conn, boxed.chama_id) == banking.Box(
        400_00, 400_00, "482130", (("Baraka", 300_00), ("Amina", 100_00))
    )
    [booked] = book(till, brought(till, "TKK7RT61SV", 350, BARAKA))
    assert (of(conn, boxed, "cash"), of(conn, boxed, "mpesa:600123")) == (50_00, 350_00)
    # It was the group's already: nobody is credited a second time.
    assert (boxed.holds(conn, boxed.member_ids[BARAKA]), booked.shares) == (held, ())
    assert banking.box(conn, boxed.chama_id).hands == (("Amina", 50_00),)
    told = "SELECT user_id, arguments->>'held_cents' FROM notifications WHERE template = 'cash_banked' ORDER BY id"
    assert conn.execute(told).fetchall() == [(boxed.user_ids[one], "5000") for one in (AMINA, BARAKA)]
    assert conn.execute("SELECT pot_due_at FROM rounds").fetchall() == [(START,)]
    assert [finding.name for finding in verify(conn) if not finding.ok] == []
    conn.execute("UPDATE cash_bankings SET amount_cents = 1")
    assert [finding.name for finding in verify(conn) if not finding.ok] == ["banked cash has left its box"]


def test_nothing_leaves_a_box_that_is_not_in_it(conn: Connection[Any], boxed: Village, till: Till) -> None:
    """Two at the same instant as well: the second finds what the first has left."""
    book(till, brought(till, "TKK7RT61SV", 300, BARAKA), brought(till, "TKK7RT61SW", 300, AMINA))
    assert (of(conn, boxed, "cash"), of(conn, boxed, "mpesa:600123")) == (100_00, 300_00)
    reason = "it was paid in for a cash box that holds less"
    assert conn.execute("SELECT receipt, reason FROM suspense").fetchall() == [("TKK7RT61SW", reason)]


def test_what_is_disputed_stays_in_the_box_until_it_is_taken_back(
    conn: Connection[Any], boxed: Village, till: Till
) -> None:
    """Amina writes 75 of Wanjiku's, who says 70; somebody brings all that lies in the box."""
    her = {"by_user_id": boxed.user_ids[AMINA], "chama_id": boxed.chama_id, "number": WANJIKU + 1}
    claim = cash.record(conn, **her, amount_cents=75_00, at=START)
    with conn.transaction():
        cash.fill_box(conn, boxed.chama_id, [claim], at=START, chance=till.chance)
    cash.say(conn, claim.id, user_id=boxed.user_ids[WANJIKU], said_cents=70_00, at=START)
    inside = banking.box(conn, boxed.chama_id)
    assert (inside.held_cents, inside.free_cents) == (475_00, 400_00)
    with pytest.raises(CashNotConfirmed):
        banking.bank(
            conn,
            boxed.chama_id,
            by_user_id=boxed.user_ids[BARAKA],
            phone="+254700000002",
            amount_cents=475_00,
            wish_key=bytes(16),
            at=START,
            chance=till.chance,
        )
    book(till, brought(till, "TKK7RT61SV", 475, BARAKA), brought(till, "TKK7RT61SW", 400, BARAKA))
    reason = "it was paid in for a cash box of which so much is not confirmed"
    assert conn.execute("SELECT receipt, reason FROM suspense").fetchall() == [("TKK7RT61SV", reason)]
    assert (of(conn, boxed, "cash"), of(conn, boxed, "cash_unconfirmed")) == (75_00, 75_00)
    # As the books of such a group stood before: what was nobody's had left the box with the rest.
    bank = open_account(conn, book_id=boxed.book_id, code="bank", kind="asset")
    left = (Line(bank, 75_00), Line(account_id(conn, boxed.book_id, "cash") or 0, -75_00))
    gone = post(conn, Draft(boxed.book_id, "x", START, left, "x", "gone"), at=START, chance=till.chance)
    assert [one.name for one in verify(conn) if not one.ok] == ["cash boxes hold what is unconfirmed in them"]
    by = {"by_user_id": boxed.user_ids[BARAKA], "at": START, "chance": till.chance}
    with pytest.raises(NotInTheBox), conn.transaction():
        cash.withdraw(conn, claim.id, **by)
    with pytest.raises(OutOfBounds):  # the database says so, too
        post(conn, Draft(boxed.book_id, "x", START, left, "x", "again"), at=START, chance=till.chance)
    reverse(conn, boxed.book_id, gone.seq, Request("x", "back", START), at=START, chance=till.chance)
    cash.withdraw(conn, claim.id, **by)
    assert (of(conn, boxed, "cash"), of(conn, boxed, "cash_unconfirmed")) == (0, 0)
    assert [one.name for one in verify(conn) if not one.ok] == []


def test_the_paybill_takes_it_from_officials_only(conn: Connection[Any], boxed: Village, till: Till) -> None:
    book(
        till,
        sent(till, "TKK7RT61SV", 200, "48213-0", "+254700000002"),
        sent(till, "TKK7RT61SW", 100, "482130", "+254700000003"),
        sent(till, "TKK7RT61SX", 100, "482130", "+254799999999"),
    )
    assert (of(conn, boxed, "cash"), of(conn, boxed, "mpesa:600123")) == (200_00, 200_00)
    assert conn.execute("SELECT receipt, reason FROM suspense ORDER BY receipt").fetchall() == [
        (receipt, "it names a cash box, and its payer no official of it") for receipt in ("TKK7RT61SW", "TKK7RT61SX")
    ]
    assert conn.execute("SELECT user_id FROM cash_bankings").fetchall() == [(boxed.user_ids[BARAKA],)]


def test_who_may_wish_for_how_much(conn: Connection[Any], boxed: Village, till: Till) -> None:
    def wish(by: int, cents: int) -> Any:
        return banking.bank(
            conn,
            boxed.chama_id,
            by_user_id=boxed.user_ids[by],
            phone=f"+25470000000{by + 1}",
            amount_cents=cents,
            wish_key=bytes([by]) * 16,
            at=START,
            chance=till.chance,
        )

    with pytest.raises(OfficialsOnly):
        wish(WANJIKU, 100_00)
    with pytest.raises(NotInTheBox):
        wish(BARAKA, 401_00)
    with pytest.raises(UnfitAmount):
        wish(BARAKA, 10_50)
    with conn.transaction():
        attempt = wish(BARAKA, 400_00)
    assert (attempt.amount_cents, attempt.purpose, attempt.payer_id) == (400_00, "banking", boxed.user_ids[BARAKA])
    assert rounds.active_round(conn, boxed.chama_id) is not None


@pytest.mark.parametrize(
    ("typed", "number"),
    [("482130", "48213"), ("48213 0", "48213"), ("48213-00", "48213"), ("4821310", None), ("48213", None), ("", None)],
)
def test_what_names_a_box(typed: str, number: str | None) -> None:
    assert read_box(typed) == number


CENTS = st.dictionaries(st.integers(1, 5), st.integers(1, 10_000))


@given(CENTS, CENTS)
def test_hands_hold_what_is_left(wrote: dict[int | None, int], brought: dict[int | None, int]) -> None:
    left = in_hand(wrote, brought)
    assert sum(left.values()) == max(0, sum(wrote.values()) - sum(brought.get(one, 0) for one in wrote))
    assert all(0 < cents <= wrote[one] for one, cents in left.items())
