"""The worker's part of motions: counts what was said, gives and takes offices, and brings out who leaves, step by step.
Whoever gives her place to somebody else: taking_over.py.

One motion at a time, alone in its transaction: what puzzles is noted in its row, and the others go on. An exit that was
agreed on is looked at every hour, until nothing is owed. Her deposit pays what she owes; what is hers goes to her by
the rules of leaving.py; and when the round of her turn has given back what it had, or the cycle is over in which she
was paid, she owes nothing, and M-PESA has carried what went back to her, her membership ends. Who owes stays a member
whom everybody sees owing: default and set-off go on as before.
"""

from datetime import datetime, timedelta
from functools import partial

from chamas.approving import approvals
from chamas.approving.approvals import Subject, Verdict
from chamas.course import giving_back, leaving, motion_news, motions, offices, refunds, taking_over
from chamas.course.motions import How, Motion, MotionKind, MotionState
from chamas.course.winding import Back
from chamas.cycle import turns
from chamas.dues import contributions, loans, repaying, setting_off
from chamas.dues.borrowing import BY_TURNS
from chamas.members import register
from chamas.members.access import INSIDE
from chamas.members.register import ChamaStatus, MemberStatus, Role
from ledger import piecemeal
from ledger.refusals import Refusal
from ledger.wires import Connection
from payments.wires import Wires

OVER = (ChamaStatus.COMPLETED, ChamaStatus.CANCELLED)
# A round closes at most by the hour, and nobody waits for this by the minute.
LOOKED_AT_EVERY = timedelta(hours=1)
# What puzzles today may be put right by a person.
ASIDE_FOR = timedelta(minutes=10)


def follow_due(wires: Wires) -> int:
    """Counts and follows what is due; returns how many motions it took."""
    at = wires.now()
    return piecemeal.work_off(
        wires,
        lambda conn: motions.claim(conn, at=at, back_at=at + ASIDE_FOR),
        partial(_go_on, wires=wires, at=at),
        motions.note_failure,
    )


def _go_on(conn: Connection, motion_id: int, *, wires: Wires, at: datetime) -> None:
    motion = motions.lock(conn, motion_id)
    if motion.state is MotionState.ASKED:
        _count(conn, motion, at)
    elif motion.state is MotionState.GOING and motion.kind is MotionKind.SUBSTITUTION:
        taking_over.follow(conn, motion, wires, at=at)
    elif motion.state is MotionState.GOING:
        _follow(conn, motion, wires, at)


def _count(conn: Connection, motion: Motion, at: datetime) -> None:
    register.lock_chama(conn, motion.chama_id)
    approvals.seen(conn, Subject.MOTION, motion.id, at=at)
    verdict, why = motions.outcome(conn, motion, late=at >= motion.expires_at)
    if motion.chama_status in OVER or motion.member_status not in INSIDE:
        _refuse(conn, motion, "the group has ended, or she is not in it any more", at)
    elif motion.kind is MotionKind.SUBSTITUTION:
        taking_over.count(conn, motion, verdict, why, at=at)
    elif offices.changed_hands(conn, motion):
        _refuse(conn, motion, "the office has changed hands since it was asked", at)
    elif verdict is Verdict.REFUSED:
        _refuse(conn, motion, why, at)
    elif verdict is Verdict.AGREED and motion.kind is MotionKind.EXIT:
        _see_off(conn, motion, at)
    elif verdict is Verdict.AGREED:
        _hand_over(conn, motion, at)
    else:
        motion_news.tell_asked(conn, motion, at=at)
        motions.look_again(conn, motion, motion.expires_at)


def _hand_over(conn: Connection, motion: Motion, at: datetime) -> None:
    """An office has another holder, or none, and everybody hears of it."""
    if why := offices.carry_out(conn, motion, at=at):
        _refuse(conn, motion, why, at)
        return
    motions.move(conn, motion, MotionState.DONE, at=at)
    motion_news.tell_changed(conn, motion, at=at)


def _see_off(conn: Connection, motion: Motion, at: datetime) -> None:
    """She is on her way out, unless what was agreed on is not how things are any more."""
    means = leaving.terms(conn, motion.member_id)
    if (means.how, means.cycle) != (motion.how, motion.cycle):
        _refuse(conn, motion, "her turn has come meanwhile", at)
        return
    try:
        leaving.require_office(conn, motion.chama_id, motion.member_id)
    except Refusal:
        _refuse(conn, motion, "too few officials would be left", at)
        return
    register.change_role(conn, motion.member_id, Role.MEMBER, at=at)
    # Nobody takes what was lent to her along.
    loans.call_in(conn, motion.member_id)
    contributions.use_credit(conn, motion.chama_id, motion.member_id)
    if motion.how is not How.BEFORE_TURN:
        register.place(conn, {motion.member_id: None})
    motions.move(conn, motion, MotionState.GOING, at=at, due_at=at)
    motion_news.tell_everybody(conn, motion, "exit_agreed", at=at)


def _follow(conn: Connection, motion: Motion, wires: Wires, at: datetime) -> None:
    """Settles what can be settled now, and ends it when nothing is left."""
    if motion.chama_status in OVER:
        # What the group holds of her goes back with everybody's.
        motions.move(conn, motion, MotionState.DONE, at=at)
        return
    member_id = motion.member_id
    repaying.move_all(conn, motion.chama_id, at=at, chance=wires.chance)
    if motion.how is not How.AFTER_TURN or _late(conn, member_id, at):
        setting_off.from_deposit(conn, motion.chama_id, member_id, at=at, chance=wires.chance)
        setting_off.a_loan(conn, motion.chama_id, member_id, at=at, chance=wires.chance)
    owes = setting_off.owed(conn, member_id) > 0
    settled = not owes and _nothing_to_come(conn, motion)
    back = _back(conn, motion, settled=settled)
    early = motion.how is How.BEFORE_TURN and not owes
    given = giving_back.to_leaver(conn, motion.chama_id, member_id, back, wires, at=at) if settled or early else False
    if settled and given:
        # Nothing is to come: a refund that waits, for M-PESA or for a phone, gives her no turn in another cycle.
        register.place(conn, {member_id: None})
    if not (settled and given) or refunds.open_of(conn, member_id):
        motions.look_again(conn, motion, at + LOOKED_AT_EVERY)
        return
    register.move_member(conn, member_id, MemberStatus.WITHDRAWN)
    motions.move(conn, motion, MotionState.DONE, at=at)
    motion_news.tell(conn, motion, "exit_done", {motion.user_id}, at=at)


def _late(conn: Connection, member_id: int, at: datetime) -> bool:
    """Whether she has had her grace for a round that she has not paid, or a part of her loan is late."""
    return (
        conn.execute(
            "SELECT FROM contributions k JOIN rounds r ON r.id = k.round_id AND r.state IN ('completed', 'expired') "
            "JOIN rule_sets s ON s.id = r.rule_set_id WHERE k.member_id = %s AND k.paid_cents < k.due_cents "
            "AND k.state IN ('pending', 'failed') AND r.closes_at + make_interval(secs => s.grace_seconds) <= %s "
            "UNION ALL SELECT FROM instalments WHERE member_id = %s AND state = 'late' LIMIT 1",
            [member_id, at, member_id],
        ).fetchone()
        is not None
    )


def _nothing_to_come(conn: Connection, motion: Motion) -> bool:
    """Whether no round will ask anything of her or give her anything any more."""
    [(open_cents, last_cycle, last_turn, running, returned)] = conn.execute(
        """
        SELECT (SELECT coalesce(sum(k.due_cents - k.paid_cents), 0)::bigint FROM contributions k
                JOIN rounds r ON r.id = k.round_id AND r.state = 'active'
                WHERE k.member_id = x.member_id AND k.state <> 'refunded'),
               last.cycle, last.turn, coalesce(last.state = 'active', FALSE),
               EXISTS (SELECT FROM rounds r WHERE r.chama_id = x.chama_id AND r.payee_member_id = x.member_id
                       AND r.cycle = x.cycle AND r.state IN ('completed', 'expired') AND r.pot_due_at IS NULL)
        FROM motions x LEFT JOIN LATERAL (SELECT r.cycle, r.turn, r.state FROM rounds r WHERE r.chama_id = x.chama_id
            AND r.state NOT IN ('pending', 'cancelled') ORDER BY r.number DESC LIMIT 1) last ON TRUE
        WHERE x.id = %s
        """,
        [motion.id],
    ).fetchall()
    if open_cents:
        return False
    match motion.how:
        case How.BEFORE_TURN:
            return bool(returned)
        case How.AFTER_TURN:
            cycle = last_cycle if running else turns.after(conn, motion.chama_id, last_cycle, last_turn).cycle
            return bool(cycle > (motion.cycle or 0))
        case _:
            return True


def _back(conn: Connection, motion: Motion, *, settled: bool) -> Back:
    """What of hers is not needed any more: her deposit and her credit; where no rounds are paid by turns, all she put
    in that she was not paid.
    """
    held = giving_back.holdings(conn, motion.chama_id)[motion.member_id]
    [(credit_cents, kind)] = conn.execute(
        "SELECT (SELECT coalesce(sum(amount_cents), 0)::bigint FROM allocations a WHERE a.member_id = m.id "
        "AND a.contribution_id IS NULL AND a.deposit_id IS NULL AND a.penalty_id IS NULL AND a.instalment_id IS NULL), "
        "c.kind FROM chama_members m JOIN chamas c ON c.id = m.chama_id WHERE m.id = %s",
        [motion.member_id],
    ).fetchall()
    if settled and kind not in BY_TURNS:
        return Back(held.deposit_cents, max(0, held.contributed_cents - held.paid_out_cents))
    return Back(held.deposit_cents, int(credit_cents))


def _refuse(conn: Connection, motion: Motion, reason: str, at: datetime) -> None:
    if motion.kind is MotionKind.SUBSTITUTION:
        taking_over.refuse(conn, motion, reason, at=at)
        return
    motions.move(conn, motion, MotionState.REFUSED, at=at, reason=reason)
    motion_news.tell_refused(conn, motion, at=at)
