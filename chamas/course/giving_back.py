"""The worker's part of giving back what an ended chama holds: moves it under each member's name, and has it sent.

One chama at a time. Locks are taken as by everybody who books: deposits, then the book, then the chama.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from chamas import aside
from chamas.course import refunds, winding
from chamas.course.refunds import Refund, RefundState
from chamas.course.winding import Back, Holding
from chamas.dues import contributions, repaying, setting_off
from chamas.dues.allocation import Arrived
from chamas.dues.borrowing import BY_TURNS
from chamas.members import deposits, register
from chamas.members.deposits import DepositState
from chamas.telling import notices
from chamas.telling.notices import Notice
from ledger.books import Draft, Line, Posted, account_ids, open_account, page, post
from ledger.refusals import Refusal
from ledger.wires import Chance, Connection
from payments import payouts, shortcodes
from payments.charges import Bands
from payments.payouts import Order, PayoutState
from payments.payouts.orders import LEAST_CENTS, MOST_CENTS
from payments.wires import Wires

SCOPE = "refund"
# What the group had beyond what it held of anybody: its fines, less what it spent.
SHARED_OUT = "shared_out"


def go_on(wires: Wires) -> int:
    """Writes down how one refund ended, or gives back what the next ended chama holds; returns 0 or 1."""
    at = wires.now()

    def follow(conn: Connection, refund_id: int) -> None:
        _follow(conn, refunds.by_id(conn, refund_id), at=at, chance=wires.chance)

    def wind_up(conn: Connection, chama_id: int) -> None:
        refunds.look_again(conn, chama_id, owing=_give_back(conn, chama_id, wires, at=at), at=at)

    return aside.one_at_a_time(wires, "refunds", partial(refunds.lock_ended, at=at), follow) or aside.one_at_a_time(
        wires, "windings", partial(refunds.lock_winding, at=at), wind_up
    )


def resend(conn: Connection, chama_id: int, wires: Wires, *, at: datetime) -> int:
    """Orders every refund of the chama again that was not sent; returns how many."""
    unsent = refunds.lock_unsent(conn, chama_id)
    for refund in unsent:
        _order_in_savepoint(conn, refund, wires, at=at)
    return len(unsent)


def holdings(conn: Connection, chama_id: int) -> dict[int, Holding]:
    """What a chama holds of each member and has paid or lent each, by member id."""
    rows = conn.execute(
        """
        SELECT m.id, coalesce(sum(a.balance_cents) FILTER (WHERE a.code LIKE 'deposit:%%'), 0)::bigint,
               coalesce(sum(a.balance_cents) FILTER (WHERE a.code LIKE 'member:%%'), 0)::bigint,
               coalesce(sum(a.balance_cents) FILTER (WHERE a.kind = 'asset'), 0)::bigint
        FROM chama_members m JOIN chamas c ON c.id = m.chama_id
        LEFT JOIN accounts a ON a.book_id = c.book_id
            AND a.code IN ('deposit:' || m.id, 'member:' || m.id, 'paid_out:' || m.id, 'loan:' || m.id)
        WHERE m.chama_id = %s GROUP BY m.id ORDER BY m.id
        """,
        [chama_id],
    ).fetchall()
    return {member_id: Holding(*held) for member_id, *held in rows}


def _give_back(conn: Connection, chama_id: int, wires: Wires, *, at: datetime) -> bool:
    """Moves and orders what there is; says whether more is owed than that."""
    kept = deposits.hold(conn, chama_id)
    [(book_id,)] = conn.execute("SELECT book_id FROM chamas WHERE id = %s", [chama_id]).fetchall()
    repaying.move_all(conn, chama_id, at=at, chance=wires.chance)
    held = holdings(conn, chama_id)
    for member_id in held:
        setting_off.a_loan(conn, chama_id, member_id, at=at, chance=wires.chance, ended=True)
    held = holdings(conn, chama_id)
    for member_id, holding in held.items():
        if holding.covered_cents:
            _cover(conn, book_id, member_id, kept[member_id], holding.covered_cents, at=at, chance=wires.chance)
    held = holdings(conn, chama_id)
    available_cents = available(conn, chama_id, book_id)
    backs = winding.give_back(held, available_cents)
    for member_id, back in with_the_rest(
        conn, chama_id, held, backs, available_cents=available_cents, bands=wires.payout_bands
    ).items():
        _refund(conn, chama_id, member_id, back, wires, deposit_id=kept.get(member_id), at=at)
    return any(winding.owed(one).total_cents for one in holdings(conn, chama_id).values())


def with_the_rest(
    conn: Connection,
    chama_id: int,
    held: Mapping[int, Holding],
    backs: Mapping[int, Back],
    *,
    available_cents: int,
    bands: Bands,
) -> Mapping[int, Back]:
    """When all that is owed is there, what is left beside it is shared out, as soon as M-PESA can carry each part:
    else whoever has the greater parts would be given the rest of the small ones, look by look.
    """
    if any(back != winding.owed(held[one]) for one, back in backs.items()):
        return backs
    rows = conn.execute(
        "SELECT m.id, c.kind, coalesce((SELECT sum(r.contributed_cents) FROM refunds r WHERE r.member_id = m.id), 0)"
        "::bigint FROM chama_members m JOIN chamas c ON c.id = m.chama_id "
        "WHERE m.chama_id = %s AND m.status NOT IN ('invited', 'pending', 'withdrawn') ORDER BY m.id",
        [chama_id],
    ).fetchall()
    weights = {
        one: 1 if kind in BY_TURNS else back_cents + held[one].contributed_cents
        for one, kind, back_cents in rows
        if not held[one].debt_cents
    }
    shared = winding.share_out(backs, available_cents, weights)
    small = any(sent_of(shared[one].total_cents, bands) < LEAST_CENTS for one, weight in weights.items() if weight)
    return backs if small else shared


def to_leaver(conn: Connection, chama_id: int, member_id: int, back: Back, wires: Wires, *, at: datetime) -> bool:
    """Moves so much of what the group holds of one who leaves a group that goes on, and has it sent; never out of the
    other members' deposits. False when the group has too little in M-PESA now, and nothing is done; or when it is more
    than M-PESA carries at once, and the rest waits for the next look.

    What is less than M-PESA can carry stays under her name. The caller holds nothing of the group yet.
    """
    kept = deposits.hold(conn, chama_id)
    [(book_id,)] = conn.execute("SELECT book_id FROM chamas WHERE id = %s", [chama_id]).fetchall()
    [(others_cents,)] = conn.execute(
        "SELECT coalesce(sum(balance_cents), 0)::bigint FROM accounts "
        "WHERE book_id = %s AND code LIKE 'deposit:%%' AND code <> 'deposit:' || %s::bigint",
        [book_id, member_id],
    ).fetchall()
    now_cents = min(back.total_cents, MOST_CENTS)
    if sent_of(now_cents, wires.payout_bands) < LEAST_CENTS:
        return True
    if now_cents > available(conn, chama_id, book_id) - int(others_cents):
        return False
    _refund(conn, chama_id, member_id, back, wires, deposit_id=kept.get(member_id), at=at)
    return now_cents == back.total_cents


def available(conn: Connection, chama_id: int, book_id: int) -> int:
    """What of the chama's M-PESA money is promised to nobody yet, in cents."""
    shortcode = shortcodes.of_chama(conn, chama_id)
    if shortcode is None:
        return 0
    [(promised,)] = conn.execute(
        "SELECT coalesce(sum(balance_cents - debits_pending_cents), 0)::bigint FROM accounts "
        "WHERE book_id = %s AND code LIKE 'refund:%%'",
        [book_id],
    ).fetchall()
    return payouts.spendable(conn, book_id, shortcode.number) - int(promised)


def _cover(
    conn: Connection, book_id: int, member_id: int, deposit_id: int, cents: int, *, at: datetime, chance: Chance
) -> None:
    """Her deposit pays what she still owes of what she was paid."""
    taken, to = f"deposit:{member_id}", f"member:{member_id}"
    posted = _post(conn, book_id, {taken: cents, to: -cents}, "set_off", f"{deposit_id}/covers", at=at, chance=chance)
    register.lock_chama(conn, _chama_of(conn, member_id))
    money = Arrived(member_id, book_id, posted.seq, cents)
    contributions.take_deposit(conn, money, deposit_id, DepositState.FORFEITED)
    contributions.settle(conn, [money])


def _refund(
    conn: Connection,
    chama_id: int,
    member_id: int,
    back: Back,
    wires: Wires,
    *,
    deposit_id: int | None,
    at: datetime,
) -> None:
    total_cents = min(back.total_cents, MOST_CENTS)
    amount_cents = sent_of(total_cents, wires.payout_bands)
    if amount_cents < LEAST_CENTS:
        return
    deposit_cents = min(back.deposit_cents, total_cents)
    contributed_cents = min(back.contributed_cents, total_cents - deposit_cents)
    back = Back(deposit_cents, contributed_cents, total_cents - deposit_cents - contributed_cents)
    charge_cents = payouts.cost(amount_cents, wires.payout_bands).charge_cents
    refund = refunds.add(conn, chama_id, member_id, back, amount_cents=amount_cents, charge_cents=charge_cents, at=at)
    moved = {f"deposit:{member_id}": back.deposit_cents, f"member:{member_id}": back.contributed_cents}
    moved |= {SHARED_OUT: back.shared_cents, f"refund:{member_id}": -total_cents}
    posted = _post(conn, refund.book_id, moved, "refund", str(refund.id), at=at, chance=wires.chance)
    register.lock_chama(conn, chama_id)
    money = Arrived(member_id, refund.book_id, posted.seq, back.deposit_cents)
    if deposit_id is not None and back.deposit_cents:
        contributions.take_deposit(conn, money, deposit_id, DepositState.REFUNDED)
    if back.contributed_cents:
        contributions.take_back(conn, money._replace(amount_cents=back.contributed_cents))
    _order_in_savepoint(conn, refund, wires, at=at)


def sent_of(total_cents: int, bands: Bands) -> int:
    """The most whole shillings of which, with their charge, this is enough; no more than M-PESA carries at once."""
    amount_cents = min(total_cents, MOST_CENTS) // 100 * 100
    while amount_cents > 0 and payouts.cost(amount_cents, bands).total_cents > total_cents:
        amount_cents -= 100
    return amount_cents


def _post(
    conn: Connection, book_id: int, moved: Mapping[str, int], kind: str, key: str, *, at: datetime, chance: Chance
) -> Posted:
    """One entry of debits and credits by the codes of a member's accounts; hers for refunds is opened if need be."""
    moved = {code: cents for code, cents in moved.items() if cents}
    for code in moved:
        if code == SHARED_OUT:
            open_account(conn, book_id=book_id, code=code, kind="expense")
        if code.startswith("refund:"):
            owner = int(code.removeprefix("refund:"))
            open_account(conn, book_id=book_id, code=code, kind="liability", owner_member_id=owner)
    ids = account_ids(conn, [(book_id, code) for code in moved])
    lines = tuple(Line(ids[book_id, code], cents) for code, cents in moved.items())
    return post(conn, Draft(book_id, kind, at, lines, SCOPE, key), at=at, chance=chance)


def _chama_of(conn: Connection, member_id: int) -> int:
    return int(conn.execute("SELECT chama_id FROM chama_members WHERE id = %s", [member_id]).fetchall()[0][0])


def _order_in_savepoint(conn: Connection, refund: Refund, wires: Wires, *, at: datetime) -> None:
    """Orders its payout; a refusal leaves the money where it stands, under her name, and says why."""
    shortcode = shortcodes.of_chama(conn, refund.chama_id)
    if refund.phone is None or shortcode is None:
        why = "no_phone" if refund.phone is None else "no_shortcode"
        refunds.step(conn, refund, RefundState.FAILED, at=at, reason=why)
        return
    try:
        with conn.transaction():
            account = f"refund:{refund.member_id}"
            wanted = Order(
                key=f"refund:{refund.id}:{refund.tries + 1}",
                shortcode_id=shortcode.id,
                chama_id=refund.chama_id,
                book_id=refund.book_id,
                source_account_id=open_account(conn, book_id=refund.book_id, code=account, kind="liability"),
                phone=refund.phone,
                amount_cents=refund.amount_cents,
                authorised_at=refund.created_at,
                member_id=refund.member_id,
                user_id=refund.user_id,
            )
            payout = payouts.order(conn, wanted, at=at, chance=wires.chance, due_at=at, bands=wires.payout_bands)
    except Refusal as refusal:
        refunds.step(conn, refund, RefundState.FAILED, at=at, reason=refusal.code)
        return
    refunds.step(conn, refund, RefundState.ORDERED, at=at, payout_id=payout.id)


def _follow(conn: Connection, refund: Refund, *, at: datetime, chance: Chance) -> None:
    """Its payout has ended: the charge is hers as well, or the money is back under her name."""
    assert refund.payout_id is not None  # noqa: S101
    end = payouts.end_of(conn, refund.payout_id)
    facts: dict[str, Any] = {"chama": refund.chama_name, "amount_cents": refund.amount_cents, "why": end.words}
    if end.state is PayoutState.PAID:
        _charge(conn, refund, at=at, chance=chance)
        refunds.step(conn, refund, RefundState.PAID, at=at)
        entry = page(conn, refund.book_id, end.end_seq) if end.end_seq else None
        facts |= {"receipt": end.receipt, "paid_at": (end.paid_at or at).isoformat(), "page": end.end_seq}
        facts |= {"words": entry.words if entry else ""}
    else:
        refunds.step(conn, refund, RefundState.FAILED, at=at, reason=end.reason)
    template = "refund_paid" if end.state is PayoutState.PAID else "refund_failed"
    key = f"{template}:{refund.id}:{refund.tries}"
    notices.queue(conn, [Notice(key, template, refund.user_id, refund.chama_id, facts)], at=at)


def _charge(conn: Connection, refund: Refund, *, at: datetime, chance: Chance) -> None:
    """What M-PESA took of the group for it comes out of her money."""
    if refund.charge_cents:
        open_account(conn, book_id=refund.book_id, code="charges_recovered", kind="income")
        moved = {f"refund:{refund.member_id}": refund.charge_cents, "charges_recovered": -refund.charge_cents}
        _post(conn, refund.book_id, moved, "charge", f"{refund.id}/charge", at=at, chance=chance)
