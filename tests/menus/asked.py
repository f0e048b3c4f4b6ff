"""Money of a group that is asked for, for talks and walks: what waits for an official, and what is announced."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from chamas.approving.approvals import Vote
from chamas.course import leaving, offices, orders, substitution
from chamas.course.orders import OrderKind, OrderState
from chamas.cycle import rounds
from chamas.cycle.turns import Turn
from chamas.dues import contributions, penalties
from chamas.dues.allocation import Arrived
from chamas.members import pins
from chamas.members.register import Role
from chamas.payouts import asking, disbursements, requested
from chamas.payouts.disbursements import DisbursementState, Purpose, Request
from chamas.rulebook.calendar import Period
from chamas.ruling import proposals
from ledger import books
from payments import inquiries, payouts
from payments.payouts import Order
from tests.instruments import SeededChance
from tests.menus import village
from tests.menus.village import Village
from tests.words import word

# Faraja: three officials and four members, by number, on the phones +254700000020 and on.
PEOPLE = ("Zuhura", "Musa", "Rehema", "Neema", "Salim", "Tatu", "Bakari")
FIRST_PHONE = 20
PIN = "61834"
# What M-PESA calls Salim's number.
OTHERWISE = "PETER OTIENO KAMAU"


@dataclass(frozen=True)
class Asking:
    """Who asks how much for whom, by their places in the village from 1."""

    asker: int
    payee: int
    cents: int
    purpose: Purpose = Purpose.WELFARE


def ask(conn: Connection[Any], settled: Village, one: Asking, at: datetime, yes: tuple[int, ...] = ()) -> Request:
    """Asked for, and those at the places `yes` have agreed."""
    request = asking.ask(
        conn,
        asker_member_id=settled.members[one.asker - 1],
        payee_member_id=settled.members[one.payee - 1],
        amount_cents=one.cents,
        purpose=one.purpose,
        at=at,
    )
    for place in yes:
        asking.vote(conn, request.id, word(conn, settled.members[place - 1], request.digest, at=at))
    return request


def announce(conn: Connection[Any], settled: Village, one: Asking, at: datetime, yes: tuple[int, ...]) -> Request:
    """Agreed on, its money held, waiting for its hour, as the worker leaves it. M-PESA calls the payee otherwise."""
    request = ask(conn, settled, one, at, yes)
    source = books.open_account(conn, book_id=settled.book_id, code="welfare_paid", kind="expense")
    wanted = Order(
        key=f"disbursement:{request.id}",
        shortcode_id=request.shortcode_id,
        chama_id=request.chama_id,
        book_id=request.book_id,
        source_account_id=source,
        phone=request.phone,
        amount_cents=request.amount_cents,
        authorised_at=request.asked_at,
        member_id=request.payee_member_id,
        user_id=request.payee_user_id,
    )
    with conn.transaction():
        payout = payouts.order(conn, wanted, at=at, chance=SeededChance(request.id))
        leaves = at + timedelta(seconds=request.wait_seconds)
        disbursements.move(
            conn, request, DisbursementState.APPROVED, at=at, payout_id=payout.id, not_before=leaves, due_at=leaves
        )
        conn.execute("UPDATE payouts SET receiver_name = %s WHERE id = %s", [OTHERWISE, payout.id])
    return disbursements.by_id(conn, request.id)


def stopped(conn: Connection[Any], settled: Village, *, payee: int, cents: int, at: datetime) -> None:
    """A round that is over, with so much in its pot, whose payout somebody refused."""
    rules = rounds.rules_at(conn, settled.chama_id, at)
    assert rules is not None
    member = settled.members[payee - 1]
    when = Period(at - timedelta(days=7), 0, at - timedelta(days=7), at)
    over = rounds.write_down(conn, rules, rounds.RoundState.COMPLETED, when=when, turn=Turn(1, None, member))
    rounds.leave_due(conn, over, at)
    contributions.charge_each(conn, over, {settled.members[0]: cents})
    seq = village.pay(conn, settled, place=1, cents=cents, at=at).seq
    contributions.settle(conn, [Arrived(settled.members[0], settled.book_id, seq, cents)])
    request = asking.ask(
        conn, asker_member_id=member, payee_member_id=member, amount_cents=cents - 100_00, round_id=over, at=at
    )
    disbursements.move(conn, request, DisbursementState.REJECTED, at=at, reason="not agreed")


def frozen(conn: Connection[Any], settled: Village, places: tuple[int, ...], at: datetime) -> None:
    """What was announced there is stopped by these members."""
    for one in requested.may_be_frozen(conn, settled.chama_id):
        for place in places:
            member = settled.members[place - 1]
            asking.vote(conn, one.id, word(conn, member, one.digest, vote=Vote.FREEZE, at=at))
        now = disbursements.by_id(conn, one.id)
        disbursements.move(conn, now, DisbursementState.REJECTED, at=at, reason="frozen by members")


def umoja(conn: Connection[Any]) -> Village:
    """Umoja, as it was settled."""
    [(chama_id, book_id, users, members)] = conn.execute(
        "SELECT c.id, c.book_id, array_agg(m.user_id ORDER BY m.number), array_agg(m.id ORDER BY m.number) "
        "FROM chamas c JOIN chama_members m ON m.chama_id = c.id WHERE c.number = '48213' GROUP BY c.id"
    ).fetchall()
    return Village(chama_id, book_id, 0, tuple(users), tuple(members))


def given_up(conn: Connection[Any], settled: Village, place: int, cents: int, at: datetime) -> None:
    """A prompt that was not answered, and that nobody asks M-PESA about any more."""
    silent = village.push_out(conn, settled, place=place, cents=cents, at=at)
    conn.execute("UPDATE payment_attempts SET state = 'failed_soft', result_code = '1037' WHERE id = %s", [silent.id])
    inquiries.open_about_attempts(conn, inquiries.Kind.STK_QUERY, [silent.id], at=at, due_at=at)
    conn.execute("UPDATE inquiries SET state = 'closed', outcome = 'asked often enough'")


def unsent(conn: Connection[Any], settled: Village, one: Asking, at: datetime) -> None:
    """Agreed on and sent, and M-PESA knows no such receiver; and another that a member refused."""
    request = announce(conn, settled, one, at, (1, 3))
    with conn.transaction():
        disbursements.move(conn, request, DisbursementState.SENDING, at=at)
        request = disbursements.by_id(conn, request.id)
        disbursements.move(conn, request, DisbursementState.FAILED, at=at, reason="receiver not registered")
        conn.execute("UPDATE payouts SET result_code = '2040' WHERE id = %s", [request.payout_id])
    refused = ask(conn, settled, one, at)
    disbursements.move(conn, refused, DisbursementState.REJECTED, at=at, reason="wrong amount")


def sent(conn: Connection[Any], settled: Village, one: Asking, at: datetime, *, known: bool, round: int = 0) -> None:
    """Agreed on and sent to M-PESA, whose word of it has come or not; for the payout of a round when one is named."""
    request = announce(conn, settled, one, at, (2, 3))
    with conn.transaction():
        disbursements.move(conn, request, DisbursementState.SENDING, at=at)
        if known:
            disbursements.move(conn, disbursements.by_id(conn, request.id), DisbursementState.COMPLETED, at=at)
    if round:
        conn.execute(
            "UPDATE disbursement_requests SET purpose = 'round', round_id = "
            "(SELECT id FROM rounds WHERE (chama_id, number) = (%s, %s)) WHERE id = %s",
            [settled.chama_id, round, request.id],
        )


def proposed(conn: Connection[Any], settled: Village, at: datetime) -> None:
    """The first official proposes other rules of every kind, from a day on."""
    change = {
        "contribution_cents": 700_00,
        "grace_hours": 24,
        "arrears_first": False,
        "order": "joining",
        "wait_minutes": 90,
        "sms_from_cents": 5_000_00,
    }
    [(order,)] = conn.execute(
        "SELECT more ->> 'order' FROM rule_sets WHERE chama_id = %s", [settled.chama_id]
    ).fetchall()
    if order is None:
        del change["order"]
    by, begins = settled.users[0], at + timedelta(days=11)
    proposals.propose(conn, settled.chama_id, change, by_user_id=by, at=at, holds_from=begins)


def fined(conn: Connection[Any], settled: Village, places: tuple[int, ...], *, cents: int, at: datetime) -> None:
    """Who stands at these places was late with the open round; of the first one's fine an official asks to waive it."""
    for place in places:
        [(contribution_id,)] = conn.execute(
            "SELECT max(id) FROM contributions WHERE member_id = %s", [settled.members[place - 1]]
        ).fetchall()
        given: dict[str, Any] = {"due_cents": cents, "late_at": at, "at": at, "look_at": at}
        penalty_id = penalties.add(conn, contribution_id=contribution_id, **given)
        if place == places[0] and penalty_id:
            penalties.ask_waiver(conn, penalty_id, by_member_id=settled.members[0], reason=2, at=at)


def leaving_asked(conn: Connection[Any], settled: Village, places: tuple[int, ...], *, at: datetime) -> None:
    """Who stands at these places asks to leave. Everybody's contribution to the open round makes them members of it."""
    for place in places:
        leaving.ask(conn, settled.chama_id, by_user_id=settled.users[place - 1], at=at)


def place_offered(
    conn: Connection[Any], settled: Village, *, place: int, by: int, phone: str, name: str, at: datetime
) -> None:
    """An official proposes that the owner of this phone take over the place of the member who stands here."""
    substitution.offer(
        conn,
        settled.chama_id,
        by_user_id=settled.users[by - 1],
        number=place,
        phone=phone,
        first_name=name,
        language="en",
        at=at,
        chance=SeededChance(place),
    )


def offices_asked(conn: Connection[Any], settled: Village, *, by: int, follows: int, named: int, at: datetime) -> None:
    """A member asks that the chairperson be recalled and another follow, who names somebody as secretary."""
    given = {"by_user_id": settled.users[by - 1], "at": at}
    offices.recall(conn, settled.chama_id, role=Role.CHAIRPERSON, successor=follows, **given)
    given["by_user_id"] = settled.users[0]
    offices.name(conn, settled.chama_id, role=Role.SECRETARY, number=named, **given)


def faraja(conn: Connection[Any], at: datetime, pepper: str) -> Village:
    """Rehema is asked about money for Neema; Musa also about money for Salim, to which she has said yes; KES 800 for
    Salim is announced; both are asked about other rules. Musa has a PIN.
    """
    settled = village.settle(
        conn, at, name="Faraja", number="48215", people=PEOPLE, first_phone=FIRST_PHONE, paid=(1, 2, 3)
    )
    village.pay(conn, settled, place=4, cents=10_000_00, at=at)
    ask(conn, settled, Asking(1, 4, 1_500_00), at)
    ask(conn, settled, Asking(1, 5, 2_000_00, Purpose.EXPENSE), at, yes=(3,))
    announce(conn, settled, Asking(1, 5, 800_00), at, yes=(2, 3))
    proposed(conn, settled, at)
    pins.set_pin(conn, settled.users[1], PIN, phone=None, pepper=pepper, at=at, chance=SeededChance())
    return settled


def bank_named(conn: Connection[Any], settled: Village, at: datetime, account: str = "0123456789012") -> None:
    """The first two officials have named the group's bank."""
    first, second = settled.users[:2]
    with conn.transaction():
        one = orders.ask(conn, settled.chama_id, OrderKind.BANK, by_user_id=first, at=at, bank=("4002001", account))
        orders.end(conn, orders.agree(conn, one.id, by_user_id=second, at=at), OrderState.DONE, at=at)


def bank_asked(conn: Connection[Any], settled: Village, at: datetime) -> None:
    """Another bank of the longest account waits for a second official, and money for the one that holds for a yes."""
    longest = "W" * 13
    bank_named(conn, settled, at, account=longest)
    named = {"by_user_id": settled.users[0], "at": at, "bank": ("4002001", longest)}
    orders.ask(conn, settled.chama_id, OrderKind.BANK, **named)
    wanted = {"amount_cents": 250_000_00, "at": at, "bands": ((250_000, 108_00),)}
    asking.ask_to_bank(conn, asker_member_id=settled.members[0], **wanted)
