"""When the pots of closed rounds are looked at; those of which nothing can be paid yet are put off together.

Of a group that turns its money around for years many rounds are never whole: somebody never paid. Each is looked at
every day (round_payouts.py), and nearly always nothing has landed; or its request is under way, or waits for people.
One statement each finds them all, so that looking costs what there is to do and not what there ever was. What they are
not sure of they leave alone: that is looked at by itself.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from chamas.cycle import rounds
from chamas.rulebook.rules import ShortPot
from ledger.wires import Connection
from payments.payouts.orders import LEAST_CENTS

# Other people have to agree anyway: money that lands is asked for within ten minutes, an old debt within a day.
LOOKED_AT_EVERY = timedelta(minutes=10)
LOOKED_AT_AGAIN = timedelta(days=1)
SLOWER = 20

UNDER_WAY = frozenset({"pending", "approved", "sending", "unclear"})
# Nobody said no to these.
ASKED_AGAIN = frozenset({"nobody answered in time", "not sent in time", "the receiver's number has changed"})

# A group that comes back after a holiday; the loop comes back at once while there is more.
AT_ONCE = 500


def again(closed_at: datetime, at: datetime) -> datetime:
    """When (UTC) a round that closed then is looked at next: the older the round, the rarer the money."""
    return at + min(LOOKED_AT_AGAIN, max(LOOKED_AT_EVERY, (at - closed_at) / SLOWER))


def look_sooner(conn: Connection, contribution_ids: Sequence[int], member_ids: Sequence[int], at: datetime) -> None:
    """Money landed for these contributions and of these members: the pots that it fills, and those of payees who paid
    what they owed, are looked at now. One that somebody holds is being looked at.
    """
    due = conn.execute(
        "SELECT id FROM rounds r WHERE pot_due_at > %s AND (payee_member_id = ANY(%s) "
        "OR EXISTS (SELECT FROM contributions k WHERE k.id = ANY(%s) AND k.round_id = r.id)) "
        "FOR NO KEY UPDATE SKIP LOCKED",
        [at, list(member_ids), list(contribution_ids)],
    ).fetchall()
    if due:
        rounds.look_at_pots(conn, {round_id: at for (round_id,) in due})


def put_off(conn: Connection, at: datetime) -> int:
    """Due pots of which nothing can be asked for now are looked at again later; returns how many."""
    return _put_off_asked_for(conn, at) + _put_off_idle(conn, at)


def _put_off_asked_for(conn: Connection, at: datetime) -> int:
    """Pots whose newest request is under way, or was refused by people or M-PESA: until somebody asks anew."""
    waiting = conn.execute(
        """
        SELECT r.id, last.under_way FROM rounds r JOIN chamas c ON c.id = r.chama_id AND c.status = 'active'
        CROSS JOIN LATERAL (SELECT d.state = ANY(%(under_way)s) AS under_way,
                                   d.state IN ('rejected', 'failed')
                                   AND NOT coalesce(d.reason, '') = ANY(%(asked_again)s) AS stopped
                            FROM disbursement_requests d WHERE d.round_id = r.id ORDER BY d.id DESC LIMIT 1) AS last
        WHERE r.pot_due_at <= %(at)s AND r.payee_member_id IS NOT NULL AND (last.under_way OR last.stopped)
        ORDER BY r.pot_due_at, r.id LIMIT %(limit)s FOR NO KEY UPDATE OF r SKIP LOCKED
        """,
        {"at": at, "under_way": sorted(UNDER_WAY), "asked_again": sorted(ASKED_AGAIN), "limit": AT_ONCE},
    ).fetchall()
    if waiting:
        again_at = {True: at + LOOKED_AT_EVERY, False: at + LOOKED_AT_AGAIN}
        rounds.look_at_pots(conn, {round_id: again_at[under_way] for round_id, under_way in waiting})
    return len(waiting)


def _put_off_idle(conn: Connection, at: datetime) -> int:
    """Due pots that wait for money of which none has landed; returns how many.

    Something of the pot is missing still, nobody's yes or no is waited for, and what is in is promised, or waits until
    all is in. A payee's own debts could be set off, as soon as she is late: then nothing at all may be in.
    """
    idle = conn.execute(
        """
        SELECT r.id, r.closed_at FROM rounds r
        JOIN chamas c ON c.id = r.chama_id AND c.status = 'active'
        JOIN rule_sets s ON s.id = r.rule_set_id AND coalesce(s.more ->> 'short_pot', %(usual)s) <> %(reserve)s
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(k.paid_cents), 0) AS cents,
                   bool_or(k.paid_cents < k.due_cents AND k.state <> 'refunded') AS short
            FROM contributions k WHERE k.round_id = r.id) AS pot
        CROSS JOIN LATERAL (
            SELECT r.set_off_cents + coalesce(sum(d.amount_cents + d.charge_cents)
                                              FILTER (WHERE d.state NOT IN ('rejected', 'failed')), 0) AS cents
            FROM disbursement_requests d WHERE d.round_id = r.id) AS promised
        CROSS JOIN LATERAL (
            SELECT EXISTS (SELECT FROM contributions k JOIN rounds o ON o.id = k.round_id
                           WHERE k.member_id = r.payee_member_id AND k.paid_cents < k.due_cents
                             AND k.state IN ('pending', 'failed') AND o.state IN ('completed', 'expired'))
                OR EXISTS (SELECT FROM penalties p WHERE p.member_id = r.payee_member_id AND p.state = 'due')
                AS money) AS owes
        WHERE r.pot_due_at <= %(at)s AND pot.short AND isfinite(r.closed_at)
          AND NOT EXISTS (
              SELECT FROM (SELECT d.state, d.reason FROM disbursement_requests d WHERE d.round_id = r.id
                           ORDER BY d.id DESC LIMIT 1) AS last
              WHERE last.state = ANY(%(under_way)s)
                 OR last.state IN ('rejected', 'failed') AND NOT coalesce(last.reason, '') = ANY(%(asked_again)s))
          AND CASE WHEN owes.money
              THEN pot.cents <= promised.cents
                   AND r.closes_at + make_interval(secs => s.grace_seconds) <= %(at)s
              ELSE pot.cents - promised.cents < %(least)s OR s.more ->> 'short_pot' = %(wait)s END
        ORDER BY r.pot_due_at, r.id LIMIT %(limit)s FOR NO KEY UPDATE OF r SKIP LOCKED
        """,
        {
            "at": at,
            "usual": ShortPot.TOP_UP,
            "reserve": ShortPot.RESERVE,
            "wait": ShortPot.WAIT,
            "under_way": sorted(UNDER_WAY),
            "asked_again": sorted(ASKED_AGAIN),
            "least": LEAST_CENTS,
            "limit": AT_ONCE,
        },
    ).fetchall()
    if idle:
        rounds.look_at_pots(conn, {round_id: again(closed_at, at) for round_id, closed_at in idle})
    return len(idle)
