"""Leaving a chama: what it means for her who asks, in cents and turns, and the asking. Others decide (motions.py).

What the group holds of her comes back by these rules. Her deposit pays what she owes, and the rest of it goes to her
with her credit: at once, or at the end of the cycle when she has had her turn, because until then it answers for what
she still has to pay. What she paid to others' rounds comes back in the round of her own turn (departures.py).
"""

from dataclasses import dataclass
from datetime import datetime

from chamas.approving.approvers import TooFewApprovers
from chamas.approving.voices import voices_in
from chamas.course import motions, offices
from chamas.course.motions import How, Motion, MotionKind
from chamas.dues import loans, setting_off
from chamas.dues.borrowing import BY_TURNS
from chamas.members import standing
from chamas.members.access import INSIDE, NOT_RUNNING
from chamas.members.refusals import NotNow
from chamas.members.states import ChamaStatus, MemberStatus
from chamas.payouts import limits
from ledger.refusals import Refusal
from ledger.wires import Connection


class OfficeNeeded(Refusal):
    """Without her the group would have too few officials."""

    code = "office_needed"
    status = 409
    words = "The chama would have too few officials. Another member must have an office before you leave."


@dataclass(frozen=True)
class Terms:
    """What leaving today means for one member; cents. `now_cents`: deposit and credit that come back when the others
    agree; `later_cents`: what she paid in this cycle, which comes back in the round of her turn, or with a deposit at
    its end; `owed_cents`: what she owes for rounds that are over, of her loan and in fines; `rounds_left`: how many
    more she pays; `deposit_cents`: what the group holds of her as her deposit. M-PESA's charge comes off it.
    """

    how: How
    cycle: int
    now_cents: int
    later_cents: int
    owed_cents: int
    rounds_left: int
    deposit_cents: int = 0


# How she stands, and the group; and what was agreed on, should she be on her way out.
_STANDS = """
SELECT c.status, c.kind, m.status, coalesce(last.cycle, 1), m.position IS NOT NULL AND m.position <= last.turn,
       m.position IS NOT NULL, hers.due, hers.paid, held.deposit, held.credit, held.given, held.fines,
       (SELECT count(*) FROM chama_members n WHERE n.chama_id = c.id AND n.position > last.turn
        AND n.status IN ('active', 'defaulted'))
       + (SELECT count(*) FROM contributions k JOIN rounds r ON r.id = k.round_id AND r.state = 'active'
          WHERE k.member_id = m.id AND k.paid_cents < k.due_cents),
       agreed.how, agreed.cycle
FROM chama_members m JOIN chamas c ON c.id = m.chama_id
LEFT JOIN LATERAL (SELECT r.cycle, r.turn FROM rounds r WHERE r.chama_id = c.id
                   AND r.state NOT IN ('pending', 'cancelled') ORDER BY r.number DESC LIMIT 1) last ON TRUE
LEFT JOIN motions agreed ON agreed.member_id = m.id AND agreed.kind = 'exit' AND agreed.state = 'going'
CROSS JOIN LATERAL (SELECT coalesce(sum(k.due_cents), 0) AS due, coalesce(sum(k.paid_cents), 0)::bigint AS paid
                    FROM contributions k JOIN rounds r ON r.id = k.round_id AND r.state <> 'cancelled'
                    WHERE k.member_id = m.id AND r.cycle = last.cycle AND k.state <> 'refunded') hers
CROSS JOIN LATERAL (SELECT
    (SELECT coalesce(sum(a.balance_cents), 0)::bigint FROM accounts a
     WHERE a.book_id = c.book_id AND a.code = 'deposit:' || m.id) AS deposit,
    (SELECT coalesce(sum(a.amount_cents), 0)::bigint FROM allocations a WHERE a.member_id = m.id
     AND a.contribution_id IS NULL AND a.deposit_id IS NULL AND a.penalty_id IS NULL AND a.instalment_id IS NULL)
     AS credit,
    (SELECT coalesce(sum(CASE WHEN a.code LIKE 'member:%%' THEN a.balance_cents ELSE -a.balance_cents END), 0)
            ::bigint FROM accounts a WHERE a.book_id = c.book_id
            AND a.code IN ('member:' || m.id, 'paid_out:' || m.id)) AS given,
    (SELECT coalesce(sum(p.due_cents - p.paid_cents), 0)::bigint FROM penalties p
     WHERE p.member_id = m.id AND p.state = 'due') AS fines) held
WHERE m.id = %s
"""


def terms(conn: Connection, member_id: int) -> Terms:
    """What it means as things stand; once it is agreed on, what is still to come of that. Raises NotNow for who is not
    in a group that lives.
    """
    row = conn.execute(_STANDS, [member_id]).fetchone()
    if row is None or row[2] not in INSIDE or row[0] in (ChamaStatus.COMPLETED, ChamaStatus.CANCELLED):
        raise NotNow
    (
        status,
        kind,
        _,
        cycle,
        served,
        placed,
        due_cents,
        paid_cents,
        deposit_cents,
        credit_cents,
        given_cents,
        fines_cents,
        left,
        agreed,
        agreed_cycle,
    ) = row
    lent_cents = sum(loan.left_cents for loan in loans.of_member(conn, member_id))
    late_cents = sum(loan.late_cents for loan in loans.of_member(conn, member_id))
    owed_cents = setting_off.owed(conn, member_id) - late_cents + lent_cents
    how = How(agreed) if agreed else How.BEFORE_TURN
    if not agreed and (status in NOT_RUNNING or kind not in BY_TURNS or not placed or not (served or due_cents)):
        how = How.AT_ONCE
    elif not agreed and served:
        how = How.AFTER_TURN
    match how:
        case How.AT_ONCE if kind in BY_TURNS:
            back = (max(0, deposit_cents + credit_cents - owed_cents), 0)
        case How.AT_ONCE:
            # All she put in, in every cycle, that she was not paid (departing._back); what her deposit pays of a round
            # she has put in, too.
            back = (max(0, deposit_cents + max(0, given_cents) - fines_cents - lent_cents), 0)
        case How.AFTER_TURN:
            back = (0, deposit_cents + credit_cents)
        case _:
            # She keeps her place until the round of her turn has given it back (departing._follow).
            back = (max(0, deposit_cents - owed_cents) + credit_cents, paid_cents if placed else 0)
            owed_cents = max(0, owed_cents - deposit_cents)
    over = agreed_cycle is not None and cycle > agreed_cycle
    rounds_left = left if how is How.AFTER_TURN and not over else 0
    return Terms(how, cycle, *back, owed_cents, rounds_left, deposit_cents)


def ask(conn: Connection, chama_id: int, *, by_user_id: int, at: datetime) -> Motion:
    """A member asks to leave; asked twice it is asked once. Raises NotNow, OfficeNeeded, TooFewApprovers."""
    here = standing.group(conn, chama_id=chama_id, user_id=by_user_id)
    if here.member_id is None or here.member_status in (None, MemberStatus.COMPLETED):
        raise NotNow
    means = terms(conn, here.member_id)
    voices = voices_in(conn, chama_id)
    require_office(conn, chama_id, here.member_id)
    _, agreed = limits.in_force(conn, chama_id, at)
    # A group of two has nobody but the other one to ask.
    others = sum(one.decides and one.member_id != here.member_id for one in voices)
    if not others:
        raise TooFewApprovers
    return motions.add(
        conn,
        chama_id=chama_id,
        kind=MotionKind.EXIT,
        member_id=here.member_id,
        asked_by=here.member_id,
        needed=min(agreed.needed, others),
        at=at,
        expires_after=agreed.expires_after,
        how=means.how,
        cycle=means.cycle,
    )


def require_office(conn: Connection, chama_id: int, member_id: int) -> None:
    """A group is never without the officials that it needs. Raises OfficeNeeded when it would be without her."""
    if offices.too_few(voices_in(conn, chama_id), given=None, taken=member_id, leaves=True):
        raise OfficeNeeded
