"""The largest chama with the longest names and the largest amounts, and whatever can wait for somebody in it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from psycopg import Connection

from chamas.arriving.unmatched import ask_credit
from chamas.members import pins
from chamas.payouts import disbursements, requested
from chamas.payouts.disbursements import Purpose
from chamas.persons import vouching
from chamas.persons.reset_states import ResetKind
from tests.instruments import START, SeededChance
from tests.menus import asked, denied, lent, questions, village

# Drawn from the same chance for everybody, so that a walk can type them.
DIGITS = 6


def house(conn: Connection[Any], pin: str, pepper: str) -> village.Village:
    """Settles it, with one person who is in five chamas."""
    people = tuple(f"{village.LONG_NAME}{place}" for place in range(1, 101))
    settled = village.settle(
        conn, START, name=village.LONG_CHAMA + "ni", people=people, cents=village.LONG_CENTS, paid=tuple(range(1, 41))
    )
    first = _small_ones(conn, people[:2])
    # A round is over that the worker has not closed yet: an official may, and alone.
    conn.execute(
        "UPDATE rounds r SET closes_at = %(over)s FROM chamas c "
        "WHERE c.id = r.chama_id AND c.number = '48214' AND r.closes_at > %(now)s",
        {"over": START - timedelta(hours=1), "now": START},
    )
    names = (village.LONG_NAME, village.LONG_NAME, village.LONG_NAME)
    recruiting = village.recruiting(conn, START, name=village.LONG_CHAMA, people=names, first_phone=910)
    [(founder,)] = conn.execute("SELECT id FROM users WHERE phone = %s", [village.phone_of(910)]).fetchall()
    questions.meeting_set(conn, recruiting, founder, START)
    questions.meeting_set(conn, settled.chama_id, settled.users[0], START, begun=True)
    village.cash_given(conn, settled, START, places=(41, 100), cents=250_000_00)
    village.cash_given(conn, settled, START, places=(44,), cents=250_000_00, by=1)
    village.boxed(conn, settled, START)
    questions.asked(conn, settled, place=3, cents=village.LONG_CENTS, at=START)
    village.held_back(conn, settled, place=2, name=village.LONG_CHAMA, at=START)
    for _page in range(6):
        for place in (99, 100):
            village.pay(conn, settled, place=place, cents=150_000_00, at=START)
    questions.paid_out(conn, settled, place=99, cents=250_000_00, at=START)
    village.pay(conn, settled, place=99, cents=150_000_00, at=START)
    for payee in (100, 99):
        one = asked.Asking(1, payee, 250_000_00, Purpose.EXPENSE)
        asked.ask(conn, settled, one, START, yes=(3,))
        asked.announce(conn, settled, replace(one, cents=249_999_00), START, yes=(2, 3))
    asked.fined(conn, settled, (100, 99, 41, 43, 3), cents=250_000_00, at=START)
    asked.leaving_asked(conn, settled, (100, 43), at=START)
    _places_offered(conn, settled)
    asked.offices_asked(conn, settled, by=2, follows=41, named=42, at=START)
    asked.stopped(conn, settled, payee=98, cents=200_000_00, at=START)
    asked.unsent(conn, settled, asked.Asking(2, 97, 250_000_00, Purpose.EXPENSE), START)
    for shown in requested.may_be_frozen(conn, settled.chama_id):
        disbursements.heard(conn, shown, settled.members[40], at=START)
    for place in (100, 41):
        village.unmatched(conn, settled, place=place, code=f"TKK{place:07}", cents=250_000_00)
    for place, kind in ((50, ResetKind.VOUCHED), (51, ResetKind.SILENT), (41, ResetKind.CODE)):
        wanted = {"user_id": settled.users[place - 1], "chama_id": settled.chama_id, "kind": kind, "pepper": pepper}
        vouching.ask(conn, **wanted, at=START, chance=SeededChance())
    denied.gone(conn, settled, denied.asked(conn, settled, place=41, code="TKK9RT61SV", cents=150_000_00))
    denied.asked(conn, settled, place=99, code="TKK0000099", cents=150_000_00)
    ask_credit(conn, "TKK0000100", settled.members[99], by=settled.users[0], at=START)
    for user_id in (settled.users[1], *settled.users[40:43]):
        pins.set_pin(conn, user_id, pin, phone=None, pepper=pepper, at=START, chance=SeededChance())
    private, silent = settled.users[41:43], settled.users[43]
    conn.execute("UPDATE users SET private_phone = true WHERE id = ANY(%s)", [list(private)])
    conn.execute("UPDATE pins SET locked_until = %s WHERE user_id = %s", [START + timedelta(hours=4), private[1]])
    conn.execute("UPDATE users SET created_at = %s WHERE id = %s", [START - timedelta(days=61), silent])
    _sharing(conn, settled, recruiting, pin, pepper)
    questions.order_open(conn, settled, START, places=(41, 42))
    asked.proposed(conn, settled, START)
    _lending(conn, first, settled, pin, pepper)
    return settled


def _places_offered(conn: Connection[Any], settled: village.Village) -> None:
    """The chairperson proposes that somebody take over 50's place, and 42 offers hers."""
    for place, by, phone in ((50, 1, 960), (42, 42, 961)):
        taker = {"phone": village.phone_of(phone), "name": village.LONG_NAME}
        asked.place_offered(conn, settled, place=place, by=by, **taker, at=START)
    largest = "UPDATE motions SET paid_in_cents = %(c)s, received_cents = %(c)s, owed_cents = %(c)s WHERE other_id > 0"
    conn.execute(largest + " AND kind = 'substitution'", {"c": village.LONG_CENTS})


def _sharing(conn: Connection[Any], settled: village.Village, recruiting: int, pin: str, pepper: str) -> None:
    """60, who has a PIN, 62 and somebody of another chama, without PINs yet, share a phone that is nobody's."""
    [(other,)] = conn.execute("SELECT id FROM users WHERE phone = %s", [village.phone_of(912)]).fetchall()
    # The same number in two chamas: she is asked which.
    conn.execute("UPDATE chama_members SET number = 62 WHERE user_id = %s", [other])
    without, with_pin = settled.users[61], settled.users[59]
    pins.set_pin(conn, with_pin, pin, phone=None, pepper=pepper, at=START, chance=SeededChance())
    for user_id, chama_id in ((without, settled.chama_id), (other, recruiting), (with_pin, settled.chama_id)):
        village.shares(conn, user_id, village.phone_of(899))
        chance = SeededChance(DIGITS)
        whose = {"user_id": user_id, "chama_id": chama_id, "by_user_id": settled.users[0]}
        vouching.tell(conn, **whose, pepper=pepper, at=START, chance=chance)
    # A second official of either chama has said yes for those without a PIN.
    conn.execute("UPDATE pin_resets SET state = 'granted' WHERE user_id = ANY(%s)", [[without, other]])


def _small_ones(conn: Connection[Any], people: tuple[str, ...]) -> village.Village:
    """Four chamas of the same two; the first of them, which is home to the second of these."""
    later = START + timedelta(minutes=5)
    first, *_ = (
        village.settle(conn, later, name=village.LONG_CHAMA, number=str(number), people=people, first_phone=100)
        for number in range(48214, 48218)
    )
    return first


def _lending(conn: Connection[Any], first: village.Village, settled: village.Village, pin: str, pepper: str) -> None:
    """Who has a PIN in the first may borrow; in the large one somebody has a loan."""
    lent.lends(conn, first, at=START, cents=999_999_00, loan_tenths=155, loan_months=24, approvals=1)
    pins.set_pin(conn, first.users[1], pin, phone=None, pepper=pepper, at=START, chance=SeededChance())
    lent_at = START - timedelta(days=24)
    lent.running(conn, settled, place=3, cents=250_000_00, months=24, lent_at=lent_at)
