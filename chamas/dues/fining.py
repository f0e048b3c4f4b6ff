"""The worker's part of fines: assesses them when a round is over, moves what was paid to the group's own account.

Theory of operation. A round that closes is due here once everybody has had her grace and M-PESA's answers their time
(`rounds.fines_due_at`); whoever's contribution was not whole by M-PESA's own instants is fined by the rules that the
round keeps, once for each contribution, whenever this runs and however often. Late proof that she paid in time waives
the fine again. In the books:

    paid       Dr member:<member> / Cr fines      her money is the group's, never the operator's
    waived     Dr fines / Cr member:<member>      what she paid of it is hers, and settles what else she owes
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import LiteralString

from chamas import aside
from chamas.cycle import rounds
from chamas.dues import contributions, defaulting, penalties
from chamas.dues.allocation import Arrived
from chamas.dues.penalties import PenaltyState
from chamas.members import register
from chamas.members.register import ChamaStatus
from chamas.rulebook.rules import Penalty, Rules
from chamas.telling import notices
from chamas.telling.notices import Notice
from ledger.books import Draft, Line, account_ids, open_account, post
from ledger.retries import transact
from ledger.wires import Chance, Connection, Wires

SCOPE = "penalty"
# What M-PESA proves late comes within the hour; what comes later still waives the fine again.
PROVED_BY = timedelta(hours=1)
LOOKED_AT_EVERY = timedelta(days=1)
LOOKED_AT_FOR = timedelta(days=14)
# Of many groups hundreds are due at the same hour; the loop comes back at once while there are more.
LOOKED_AT_ONCE = 500


@dataclass(frozen=True)
class _Fined:
    """A fine as it is booked. `cents` move from her to the group, or back when negative."""

    penalty_id: int
    chama_id: int
    chama: str
    book_id: int
    member_id: int
    user_id: int
    cents: int


def go_on(wires: Wires) -> int:
    """Moves one fine's money, assesses one round, puts off the fines that stand, or looks at one fine again; returns 0
    when nothing is due.
    """
    at = wires.now()
    return (
        aside.one_at_a_time(wires, "fine_money", partial(_to_book, at=at), partial(_book, at=at, chance=wires.chance))
        or aside.one_at_a_time(wires, "fine_rounds", partial(_to_assess, at=at), partial(_assess, at=at))
        or transact(wires, partial(put_off, at=at))
        or aside.one_at_a_time(wires, "fine_looks", partial(_to_look_at, at=at), partial(_look, at=at))
    )


def fine_for(rules: Rules, due_cents: int, owed_cents: int) -> int:
    """What being late with a contribution of `due_cents` costs her who owes `owed_cents` of fines already: whole
    shillings, and never more fines together than the cap, if there is one. Pure.
    """
    if rules.penalty is Penalty.FLAT:
        cents = rules.penalty_cents
    elif rules.penalty is Penalty.PERCENT:
        cents = due_cents * rules.penalty_percent // 100
    else:
        cents = 0
    if rules.penalty_cap_cents:
        cents = min(cents, max(0, rules.penalty_cap_cents - owed_cents))
    return cents // 100 * 100


def _to_assess(conn: Connection, only: int | None, *, at: datetime) -> int | None:
    """The round that has been due for the longest."""
    return _first(
        conn,
        "SELECT r.id FROM rounds r WHERE r.fines_due_at <= %(at)s AND (%(only)s::bigint IS NULL OR r.id = %(only)s) "
        "AND NOT EXISTS (SELECT FROM puzzles z WHERE (z.loop, z.row_id) = ('fine_rounds', r.id) AND z.until > %(at)s) "
        "ORDER BY r.fines_due_at, r.id LIMIT 1 FOR NO KEY UPDATE OF r SKIP LOCKED",
        only,
        at,
    )


def _assess(conn: Connection, round_id: int, *, at: datetime) -> None:
    """Everybody who was late with the round has her fine."""
    [(chama_id, number, chama, status, late_at)] = conn.execute(
        "SELECT r.chama_id, r.number, c.name, c.status, r.closes_at + make_interval(secs => s.grace_seconds) "
        "FROM rounds r JOIN chamas c ON c.id = r.chama_id JOIN rule_sets s ON s.id = r.rule_set_id WHERE r.id = %s",
        [round_id],
    ).fetchall()
    rounds.fined(conn, round_id)
    if status != ChamaStatus.ACTIVE:
        return
    rules = rounds.rules_of(conn, round_id).rules
    register.lock_chama(conn, chama_id)
    defaulting.judge(conn, chama_id, at=at)
    if rules.penalty is Penalty.NONE:
        return
    told = []
    for contribution_id, user_id, due_cents, owed_cents in late(conn, round_id, late_at):
        cents = fine_for(rules, due_cents, owed_cents)
        penalty_id = penalties.add(
            conn,
            contribution_id=contribution_id,
            due_cents=cents,
            late_at=late_at,
            at=at,
            look_at=at + LOOKED_AT_EVERY,
        )
        if penalty_id is not None and cents:
            facts = {"chama": chama, "amount_cents": cents, "round": number}
            told.append(Notice(f"fined:{penalty_id}", "fined", user_id, chama_id, facts))
    notices.queue(conn, told, at=at)


def late(conn: Connection, round_id: int, late_at: datetime) -> list[tuple[int, int, int, int]]:
    """Contributions that were not whole at that instant: id, whose (user), what was due, what fines she owes. Cents.

    Who was on her way out by then, and pays no more rounds, is late with nothing: what she owes comes out of her pot.
    """
    return conn.execute(
        """
        SELECT k.id, m.user_id, k.due_cents,
               (SELECT coalesce(sum(p.due_cents - p.paid_cents), 0)::bigint FROM penalties p
                WHERE p.member_id = k.member_id AND p.state IN ('due', 'disputed'))
        FROM contributions k JOIN chama_members m ON m.id = k.member_id AND m.status IN ('active', 'defaulted')
        WHERE k.round_id = %(round)s AND k.state <> 'refunded' AND k.due_cents > (
            SELECT coalesce(sum(a.amount_cents), 0) FROM allocations a
            JOIN entry_codes c ON (c.book_id, c.seq) = (a.book_id, a.seq)
            JOIN entries e ON (e.book_id, e.season, e.seq) = (c.book_id, c.season, c.seq)
            WHERE a.contribution_id = k.id AND e.occurred_at <= %(late)s)
          AND NOT EXISTS (SELECT FROM motions x WHERE (x.member_id, x.kind) = (m.id, 'exit') AND x.how <> 'after_turn'
              AND x.state IN ('going', 'done') AND x.agreed_at <= %(late)s)
        ORDER BY m.number
        """,
        {"round": round_id, "late": late_at},
    ).fetchall()


def put_off(conn: Connection, at: datetime) -> int:
    """Fines that are due to be looked at and whose members are as late as they were: looked at again tomorrow, or, old
    or waived, never again; returns how many. Late proof is rare, so that one statement finds nearly all of them; which
    it leaves are looked at one by one.
    """
    rows = conn.execute(
        """
        SELECT p.id, p.state = %(waived)s OR p.assessed_at < %(old)s FROM penalties p
        LEFT JOIN contributions k ON k.id = p.contribution_id AND k.state <> 'refunded'
        LEFT JOIN chama_members m ON m.id = k.member_id AND m.status IN ('active', 'defaulted')
        WHERE p.look_at <= %(at)s AND (p.state = %(waived)s OR m.id IS NOT NULL AND k.due_cents > (
            SELECT coalesce(sum(a.amount_cents), 0) FROM allocations a
            JOIN entry_codes c ON (c.book_id, c.seq) = (a.book_id, a.seq)
            JOIN entries e ON (e.book_id, e.season, e.seq) = (c.book_id, c.season, c.seq)
            WHERE a.contribution_id = k.id AND e.occurred_at <= p.late_at))
        ORDER BY p.look_at, p.id LIMIT %(limit)s FOR NO KEY UPDATE OF p SKIP LOCKED
        """,
        {"waived": PenaltyState.WAIVED, "old": at - LOOKED_AT_FOR, "at": at, "limit": LOOKED_AT_ONCE},
    ).fetchall()
    for over, when in ((True, None), (False, at + LOOKED_AT_EVERY)):
        if ids := [penalty_id for penalty_id, is_over in rows if is_over is over]:
            penalties.look_again(conn, ids, when)
    return len(rows)


def _to_look_at(conn: Connection, only: int | None, *, at: datetime) -> int | None:
    return _first(
        conn,
        "SELECT p.id FROM penalties p WHERE p.look_at <= %(at)s AND (%(only)s::bigint IS NULL OR p.id = %(only)s) "
        "AND NOT EXISTS (SELECT FROM puzzles z WHERE (z.loop, z.row_id) = ('fine_looks', p.id) AND z.until > %(at)s) "
        "ORDER BY p.look_at, p.id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED",
        only,
        at,
    )


def _look(conn: Connection, penalty_id: int, *, at: datetime) -> None:
    """A fine whose member turns out to have paid in time is waived."""
    [(contribution_id, round_id, late_at, assessed_at)] = conn.execute(
        "SELECT contribution_id, round_id, late_at, assessed_at FROM penalties WHERE id = %s", [penalty_id]
    ).fetchall()
    one = penalties.lock(conn, penalty_id)
    still_late = {one[0] for one in late(conn, round_id, late_at)}
    if one.state is not PenaltyState.WAIVED and contribution_id not in still_late:
        penalties.waive(conn, one, at=at)
    over = one.state is PenaltyState.WAIVED or contribution_id not in still_late or at > assessed_at + LOOKED_AT_FOR
    penalties.look_again(conn, [penalty_id], None if over else at + LOOKED_AT_EVERY)


def _to_book(conn: Connection, only: int | None, *, at: datetime) -> int | None:
    return _first(
        conn,
        "SELECT p.id FROM penalties p WHERE (p.paid_cents > p.booked_cents OR p.state = 'waived' AND p.paid_cents > 0) "
        "AND (%(only)s::bigint IS NULL OR p.id = %(only)s) "
        "AND NOT EXISTS (SELECT FROM puzzles z WHERE (z.loop, z.row_id) = ('fine_money', p.id) AND z.until > %(at)s) "
        "ORDER BY p.id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED",
        only,
        at,
    )


def _first(conn: Connection, due: LiteralString, only: int | None, at: datetime) -> int | None:
    row = conn.execute(due, {"at": at, "only": only}).fetchone()
    return None if row is None else int(row[0])


def _book(conn: Connection, penalty_id: int, *, at: datetime, chance: Chance) -> None:
    """Moves what was paid of one fine to the group, or what was paid of a waived one back."""
    [row] = conn.execute(
        "SELECT p.id, p.chama_id, c.name, c.book_id, p.member_id, m.user_id, "
        "CASE WHEN p.paid_cents > p.booked_cents THEN p.paid_cents - p.booked_cents ELSE -p.paid_cents END "
        "FROM penalties p JOIN chamas c ON c.id = p.chama_id JOIN chama_members m ON m.id = p.member_id "
        "WHERE p.id = %s",
        [penalty_id],
    ).fetchall()
    one = _Fined(*row)
    [(turns,)] = conn.execute("SELECT count(*) FROM allocations WHERE penalty_id = %s", [one.penalty_id]).fetchall()
    open_account(conn, book_id=one.book_id, code="fines", kind="income")
    hers = f"member:{one.member_id}"
    ids = account_ids(conn, [(one.book_id, hers), (one.book_id, "fines")])
    lines = (Line(ids[one.book_id, hers], one.cents), Line(ids[one.book_id, "fines"], -one.cents))
    way = "back" if one.cents < 0 else "in"
    key = f"{one.penalty_id}:{way}:{turns}"
    posted = post(conn, Draft(one.book_id, "fine", at, lines, SCOPE, key), at=at, chance=chance)
    register.lock_chama(conn, one.chama_id)
    money = Arrived(one.member_id, one.book_id, posted.seq, abs(one.cents))
    if one.cents > 0:
        contributions.take_fine(conn, money, one.penalty_id)
        penalties.booked(conn, one.penalty_id, cents=one.cents)
    else:
        penalties.booked(conn, one.penalty_id, cents=-one.cents, back=True)
        contributions.settle(conn, [money])
        facts = {"chama": one.chama, "amount_cents": -one.cents, "page": posted.seq}
        notice = Notice(f"fine_back:{one.penalty_id}", "fine_back", one.user_id, one.chama_id, facts)
        notices.queue(conn, [notice], at=at)
