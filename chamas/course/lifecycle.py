"""How a chama starts, closes its doors, and ends: what officials ordered and what the clock brings, done by the worker.

Theory of operation. One chama at a time, held, each step in a transaction of its own:

    recruiting -> waiting     officials close the doors, or the recruitment deadline passes
    waiting -> active         officials start it when every deposit is paid: who is in is active, has her place in the
                              order of payout, and the first round is planned
    recruiting, waiting, active -> cancelled
                              officials say so (two, once it runs), or the deadline passes with too few people and the
                              group had agreed to give up then
    active -> completed       officials say so, or everybody has had as many turns as it was founded for

Whatever ends a chama only winds it up: what it holds of each member goes back to her (giving_back.py).
"""

from datetime import datetime, timedelta
from functools import partial

from chamas import aside
from chamas.course import giving_back, orders, refunds
from chamas.course.orders import Order, OrderKind, OrderState
from chamas.cycle import ballots, rounds
from chamas.cycle.rounds import RoundState
from chamas.dues import loans, penalties, turnover
from chamas.dues.penalties import PenaltyState
from chamas.entrance import news
from chamas.members import register, standing
from chamas.members.access import INSIDE
from chamas.members.refusals import NotNow, demand
from chamas.members.register import ChamaStatus, MemberStatus
from chamas.payouts import disbursing, requested
from ledger.refusals import Refusal
from ledger.wires import Connection
from payments.wires import Wires

# The last pot is paid like any other; what officials have not paid out by then goes back to whom it belongs.
LAST_POT = timedelta(days=14)


class StillOwed(Refusal):
    """Somebody owes for a round that is over."""

    code = "still_owed"
    status = 409
    words = "Members still owe for rounds that are over. Settle that first, or call the chama off."


class PayoutUnderWay(Refusal):
    """Money of the group is asked for, or on its way out."""

    code = "payout_under_way"
    status = 409
    words = "A payout of this chama is under way. Wait until it has ended."


def go_on(wires: Wires) -> int:
    """Does the next thing that is due for any chama; returns 0 when nothing is."""
    return (
        _obey(wires)
        or _close_doors(wires)
        or turnover.turn_over_due(wires)
        or _finish(wires)
        or giving_back.go_on(wires)
    )


def _obey(wires: Wires) -> int:
    """Carries out one order of officials, or says why not."""
    at = wires.now()

    def carry_out(conn: Connection, order_id: int) -> None:
        order = orders.by_id(conn, order_id)
        why = _carried_out_in_savepoint(conn, order, wires, at=at)
        if why is None:
            orders.end(conn, order, OrderState.DONE, at=at)
        else:
            orders.end(conn, order, OrderState.REFUSED, at=at, why=why.code)
            news.tell_refused(conn, order.chama_id, order.id, order.asked_by, why.words, at=at)

    return aside.one_at_a_time(wires, "orders", partial(orders.lock_due, at=at), carry_out)


def _carried_out_in_savepoint(conn: Connection, order: Order, wires: Wires, *, at: datetime) -> Refusal | None:
    """What stood against it; nothing is left of an order that was refused."""
    if order.needs_second and order.agreed_by is None:
        return orders.NotYours()
    try:
        with conn.transaction():
            # Things have moved since the official looked.
            here = standing.group(conn, chama_id=order.chama_id, user_id=order.asked_by, hold=True)
            demand(here, orders.ALLOWED_BY[order.kind], at=at)
            match order.kind:
                case OrderKind.START:
                    start(conn, order.chama_id, opens_at=order.opens_at or at, closes_at=order.closes_at, at=at)
                case OrderKind.CANCEL:
                    cancel(conn, order.chama_id, at=at)
                case OrderKind.COMPLETE:
                    complete(conn, order.chama_id, at=at)
                case OrderKind.RESEND:
                    giving_back.resend(conn, order.chama_id, wires, at=at)
                case OrderKind.BANK:
                    # The order that is done is the account itself (chamas/payouts/banks.py).
                    news.tell_bank(conn, order.chama_id, order.id, f"{order.paybill} {order.account}", at=at)
                case _:
                    _turn_round(conn, order, at=at)
    except Refusal as refusal:
        return refusal
    return None


def start(
    conn: Connection, chama_id: int, *, opens_at: datetime, closes_at: datetime | None = None, at: datetime
) -> None:
    """A waiting chama begins: the caller holds it and has looked whether it may. The first round opens at `opens_at`,
    and closes at `closes_at` where the instants are told.

    Who was invited or asked and is not in by now is out. Raises NotNow, OrderNotDrawn.
    """
    for member_id, status in _members(conn, chama_id):
        if status is MemberStatus.CONFIRMED:
            register.move_member(conn, member_id, MemberStatus.ACTIVE)
        elif status in (MemberStatus.INVITED, MemberStatus.PENDING):
            register.move_member(conn, member_id, MemberStatus.WITHDRAWN)
    register.line_up(conn, chama_id)
    if agreed := rounds.rules_at(conn, chama_id, max(opens_at, at)):
        ballots.require_drawn(conn, agreed)
    register.move_chama(conn, chama_id, ChamaStatus.ACTIVE)
    turnover.plan_first(conn, chama_id, opens_at=opens_at, closes_at=closes_at, at=at)
    news.tell_everybody(conn, chama_id, "chama_started", at=at)


def cancel(conn: Connection, chama_id: int, *, at: datetime) -> None:
    """It is called off, and everybody gets back what is hers. The caller holds it. Raises PayoutUnderWay."""
    disbursing.call_off_rounds(conn, chama_id, at=at)
    if requested.open_in(conn, chama_id):
        raise PayoutUnderWay
    for running in (rounds.pending_round(conn, chama_id), rounds.active_round(conn, chama_id)):
        if running is not None:
            rounds.move(conn, running.id, RoundState.CANCELLED, at=at)
    for member_id, status in _members(conn, chama_id):
        if status in (MemberStatus.INVITED, MemberStatus.PENDING):
            register.move_member(conn, member_id, MemberStatus.WITHDRAWN)
    register.move_chama(conn, chama_id, ChamaStatus.CANCELLED)
    _let_fines_lapse(conn, chama_id, at=at)
    _call_in_loans(conn, chama_id)
    refunds.wind_up(conn, chama_id, at=at)
    news.tell_everybody(conn, chama_id, "chama_cancelled", at=at)


def complete(conn: Connection, chama_id: int, *, at: datetime) -> None:
    """It has done what it was for. An open round that not everybody has paid is called off: its money goes back.

    The caller holds it. Raises StillOwed, PayoutUnderWay.
    """
    disbursing.call_off_rounds(conn, chama_id, at=at)
    if requested.open_in(conn, chama_id):
        raise PayoutUnderWay
    if turnover.arrears(conn, chama_id):
        raise StillOwed
    for running in (rounds.pending_round(conn, chama_id), rounds.active_round(conn, chama_id)):
        if running is not None:
            whole = running.state is RoundState.ACTIVE and turnover.is_whole(conn, running)
            rounds.move(conn, running.id, RoundState.COMPLETED if whole else RoundState.CANCELLED, at=at)
    news.tell_everybody(conn, chama_id, "chama_completed", at=at)
    for member_id, status in _members(conn, chama_id):
        if status in (MemberStatus.ACTIVE, MemberStatus.DEFAULTED):
            register.move_member(conn, member_id, MemberStatus.COMPLETED)
    register.move_chama(conn, chama_id, ChamaStatus.COMPLETED)
    _let_fines_lapse(conn, chama_id, at=at)
    _call_in_loans(conn, chama_id)
    refunds.wind_up(conn, chama_id, at=at)


def _let_fines_lapse(conn: Connection, chama_id: int, *, at: datetime) -> None:
    """A fine is nothing of the group's until money has come: when it ends, what nobody has paid is owed no more, and
    whoever had paid a part of it has that part again.
    """
    for one in penalties.open_in(conn, chama_id):
        fine = penalties.lock(conn, one.id)
        if fine.state in (PenaltyState.DUE, PenaltyState.DISPUTED):
            penalties.waive(conn, fine, at=at)


def _call_in_loans(conn: Connection, chama_id: int) -> None:
    """What was lent is owed at once: it comes out of what goes back to whoever owes it (giving_back.py)."""
    for member_id, _ in _members(conn, chama_id):
        loans.call_in(conn, member_id)


def _turn_round(conn: Connection, order: Order, *, at: datetime) -> None:
    """An official opens the next round, or closes the one that is open."""
    now_open = rounds.active_round(conn, order.chama_id)
    if order.kind is OrderKind.CLOSE_ROUND:
        if now_open is None or order.closes_at not in (None, now_open.closes_at):
            raise NotNow
        turnover.close_round(conn, now_open, at=at, by_user_id=order.asked_by)
        if at < now_open.closes_at:
            news.tell_closed_early(conn, now_open, at=at)
        return
    rules = rounds.rules_at(conn, order.chama_id, at)
    told = rules is not None and rules.rhythm.told and rounds.pending_round(conn, order.chama_id) is None
    if now_open is not None or rules is None or (told and (order.closes_at is None or order.closes_at <= at)):
        raise NotNow
    turnover.open_round(conn, order.chama_id, at=at, closes_at=order.closes_at, by_user_id=order.asked_by)


def _close_doors(wires: Wires) -> int:
    """A chama whose recruitment deadline has passed waits for its officials, or gives up when it has too few."""
    at = wires.now()

    def close(conn: Connection, chama_id: int) -> None:
        [(gives_up,)] = conn.execute(
            "SELECT c.when_short = 'cancel' AND c.member_target > (SELECT count(*) FROM chama_members m "
            "WHERE m.chama_id = c.id AND m.status = ANY(%s)) FROM chamas c WHERE c.id = %s",
            [list(INSIDE), chama_id],
        ).fetchall()
        if gives_up:
            cancel(conn, chama_id, at=at)
        else:
            register.move_chama(conn, chama_id, ChamaStatus.WAITING)
            news.tell_everybody(conn, chama_id, "recruitment_over", at=at, officials=True)

    return aside.one_at_a_time(wires, "doors", partial(_door_to_close, at=at), close)


def _door_to_close(conn: Connection, only: int | None, *, at: datetime) -> int | None:
    row = conn.execute(
        """
        SELECT c.id FROM chamas c WHERE c.status = 'recruiting' AND c.recruitment_deadline <= %(at)s
          AND (%(only)s::bigint IS NULL OR c.id = %(only)s)
          AND NOT EXISTS (SELECT FROM puzzles z WHERE (z.loop, z.row_id) = ('doors', c.id) AND z.until > %(at)s)
        ORDER BY c.recruitment_deadline, c.id LIMIT 1 FOR NO KEY UPDATE OF c SKIP LOCKED
        """,
        {"at": at, "only": only},
    ).fetchone()
    return None if row is None else int(row[0])


def _finish(wires: Wires) -> int:
    """Completes a chama in which everybody has had her turns, nothing is owed, and the last pot had its time."""
    at = wires.now()
    return aside.one_at_a_time(wires, "ends", partial(_finished, at=at), partial(complete, at=at))


def _finished(conn: Connection, only: int | None, *, at: datetime) -> int | None:
    row = conn.execute(
        """
            SELECT c.id FROM chamas c
            JOIN LATERAL (SELECT r.* FROM rounds r WHERE r.chama_id = c.id AND r.state <> 'cancelled'
                          ORDER BY r.number DESC LIMIT 1) AS last ON last.state = 'completed'
            WHERE c.status = 'active' AND c.cycles <= last.cycle AND last.closes_at <= %(old)s
              AND (%(only)s::bigint IS NULL OR c.id = %(only)s)
              AND NOT EXISTS (SELECT FROM puzzles z WHERE (z.loop, z.row_id) = ('ends', c.id) AND z.until > %(at)s)
              AND NOT EXISTS (SELECT FROM chama_members m WHERE m.chama_id = c.id AND m.position > last.turn
                              AND m.status NOT IN ('invited', 'pending', 'withdrawn'))
              AND NOT EXISTS (SELECT FROM rounds r WHERE r.chama_id = c.id AND r.state = 'expired')
              AND NOT EXISTS (SELECT FROM loans l WHERE (l.chama_id, l.state) = (c.id, 'running'))
              AND NOT EXISTS (SELECT FROM disbursement_requests d WHERE d.chama_id = c.id
                              AND (d.state IN ('approved', 'sending', 'unclear')
                                   OR d.state = 'pending' AND d.round_id IS NULL))
            ORDER BY c.id LIMIT 1 FOR NO KEY UPDATE OF c SKIP LOCKED
            """,
        {"at": at, "old": at - LAST_POT, "only": only},
    ).fetchone()
    return None if row is None else int(row[0])


def _members(conn: Connection, chama_id: int) -> list[tuple[int, MemberStatus]]:
    rows = conn.execute("SELECT id, status FROM chama_members WHERE chama_id = %s ORDER BY id", [chama_id]).fetchall()
    return [(member_id, MemberStatus(status)) for member_id, status in rows]
