"""The worker's part of loans: makes the rows of what M-PESA has paid, asks for parts, reminds, and fines who is late.

Theory of operation. A loan is asked for, agreed on and sent like any payout (chamas/payouts, purpose `loan`). Once it
is paid its rows are made, once, by the name of the request. Each part is looked at when its calendar says so:

    its month begins          its interest is owed from now on
    seven days before the end it is asked for: her credit settles it, and she is told
    the day before the end    she is reminded, when something is missing
    an hour after the end     it is late: the fine of the rules that the loan keeps, and the officials are told

That hour is for what M-PESA proves late; what it proves later is waived by officials, like any fine.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from psycopg.rows import class_row

from chamas import aside
from chamas.dues import contributions, fining, loans, penalties, repaying, schedule
from chamas.dues.loans import InstalmentState
from chamas.members import register
from chamas.members.register import OFFICIALS
from chamas.rulebook import rule_sets
from chamas.rulebook.rules import Rules
from chamas.telling import notices
from chamas.telling.notices import Notice
from ledger.wires import Connection, Wires
from payments import payouts

# The last working day for whoever has to earn it, or to go to an agent; at nine in the morning (Nairobi).
REMINDED_BEFORE = timedelta(hours=15)


@dataclass(frozen=True)
class _Part:
    """One part as the calendar sees it: cents, UTC."""

    id: int
    chama_id: int
    chama: str
    member_id: int
    user_id: int
    name: str
    state: InstalmentState
    missing_cents: int
    opens_at: datetime
    due_at: datetime
    rule_set_id: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", InstalmentState(self.state))


def go_on(wires: Wires) -> int:
    """Begins one loan, moves the money of one part, or does what the calendar says of one; returns 0 or 1."""
    at = wires.now()
    return (
        aside.one_at_a_time(wires, "loans", partial(_to_begin, at=at), _begin)
        or repaying.go_on(wires)
        or aside.one_at_a_time(wires, "instalments", partial(_to_look_at, at=at), partial(_look, at=at))
    )


def _to_begin(conn: Connection, only: int | None, *, at: datetime) -> int | None:
    """A request for a loan that M-PESA has paid and that has no rows yet."""
    row = conn.execute(
        "SELECT r.id FROM disbursement_requests r WHERE r.purpose = 'loan' AND r.state = 'completed' "
        "AND NOT EXISTS (SELECT FROM loans l WHERE l.request_id = r.id) "
        "AND (%(only)s::bigint IS NULL OR r.id = %(only)s) "
        "AND NOT EXISTS (SELECT FROM puzzles z WHERE (z.loop, z.row_id) = ('loans', r.id) AND z.until > %(at)s) "
        "ORDER BY r.id LIMIT 1 FOR NO KEY UPDATE OF r SKIP LOCKED",
        {"at": at, "only": only},
    ).fetchone()
    return None if row is None else int(row[0])


def _begin(conn: Connection, request_id: int) -> None:
    """From M-PESA's own instant on; she is told what she pays back, and when first."""
    [(chama_id, chama, member_id, user_id, months, rule_set_id, payout_id, status)] = conn.execute(
        "SELECT r.chama_id, c.name, r.payee_member_id, m.user_id, r.loan_months, r.rule_set_id, r.payout_id, c.status "
        "FROM disbursement_requests r JOIN chamas c ON c.id = r.chama_id "
        "JOIN chama_members m ON m.id = r.payee_member_id WHERE r.id = %s",
        [request_id],
    ).fetchall()
    told = payouts.end_of(conn, payout_id)
    # What M-PESA paid, should it be another amount than was asked for.
    [(cents,)] = conn.execute("SELECT coalesce(paid_cents, amount_cents) FROM payouts WHERE id = %s", [payout_id])
    if told.paid_at is None:
        raise LookupError("a loan that nobody paid")
    rules = _rules(conn, chama_id, rule_set_id)
    parts = schedule.parts(cents, tenths=rules.loan_tenths, months=months, lent_at=told.paid_at)
    loans.begin(
        conn,
        chama_id=chama_id,
        member_id=member_id,
        request_id=request_id,
        rule_set_id=rule_set_id,
        amount_cents=cents,
        parts=parts,
        lent_at=told.paid_at,
    )
    if status != "active":
        loans.call_in(conn, member_id)
    facts = {"chama": chama, "amount_cents": cents, "count": months, "part_cents": parts[0].total_cents}
    facts |= {"total_cents": sum(part.total_cents for part in parts), "due_at": _last_day(parts[0].due_at)}
    notices.queue(conn, [Notice(f"loan_begun:{request_id}", "loan_begun", user_id, chama_id, facts)], at=told.paid_at)


def _to_look_at(conn: Connection, only: int | None, *, at: datetime) -> int | None:
    row = conn.execute(
        "SELECT i.id FROM instalments i WHERE i.look_at <= %(at)s AND (%(only)s::bigint IS NULL OR i.id = %(only)s) "
        "AND NOT EXISTS (SELECT FROM puzzles z WHERE (z.loop, z.row_id) = ('instalments', i.id) AND z.until > %(at)s) "
        "ORDER BY i.look_at, i.id LIMIT 1 FOR NO KEY UPDATE OF i SKIP LOCKED",
        {"at": at, "only": only},
    ).fetchone()
    return None if row is None else int(row[0])


def _look(conn: Connection, instalment_id: int, *, at: datetime) -> None:
    """The next thing that its calendar says."""
    part = _part(conn, instalment_id)
    register.lock_chama(conn, part.chama_id)
    reminded_at = part.due_at - REMINDED_BEFORE
    match part.state:
        case InstalmentState.PLANNED:
            loans.step(conn, part.id, InstalmentState.BEGUN, look_at=part.opens_at)
        case InstalmentState.BEGUN:
            loans.step(conn, part.id, InstalmentState.DUE, look_at=reminded_at)
            contributions.use_credit(conn, part.chama_id, part.member_id)
            _remind(conn, _part(conn, part.id), "opened", at=at)
        case InstalmentState.DUE if at < part.due_at + fining.PROVED_BY:
            loans.step(conn, part.id, part.state, look_at=part.due_at + fining.PROVED_BY)
            _remind(conn, part, "last", at=at)
        case InstalmentState.DUE:
            loans.step(conn, part.id, InstalmentState.LATE, look_at=None)
            _fine(conn, part, at=at)
        case _:
            loans.step(conn, part.id, part.state, look_at=None)


def _part(conn: Connection, instalment_id: int) -> _Part:
    with conn.cursor(row_factory=class_row(_Part)) as found:
        [part] = found.execute(
            "SELECT i.id, i.chama_id, c.name AS chama, i.member_id, m.user_id, u.first_name AS name, i.state, "
            "i.principal_cents + i.interest_cents - i.lapsed_cents - i.paid_cents AS missing_cents, i.opens_at, "
            "i.due_at, l.rule_set_id FROM instalments i JOIN loans l ON l.id = i.loan_id "
            "JOIN chamas c ON c.id = i.chama_id JOIN chama_members m ON m.id = i.member_id "
            "JOIN users u ON u.id = m.user_id WHERE i.id = %s",
            [instalment_id],
        ).fetchall()
    return part


def _remind(conn: Connection, part: _Part, when: str, *, at: datetime) -> None:
    """What is missing of it, and until when; after an outage nobody is told of a day that has passed."""
    if part.missing_cents <= 0 or at >= part.due_at:
        return
    facts = {"chama": part.chama, "amount_cents": part.missing_cents, "due_at": _last_day(part.due_at)}
    notice = Notice(f"loan_due:{part.id}:{when}", "loan_due", part.user_id, part.chama_id, facts)
    notices.queue(conn, [notice], at=at)


def _fine(conn: Connection, part: _Part, *, at: datetime) -> None:
    """It was not whole in time: fined once, within the cap of the rules that the loan keeps; officials hear of it."""
    rules = _rules(conn, part.chama_id, part.rule_set_id)
    [(owed_cents,)] = conn.execute(
        "SELECT coalesce(sum(due_cents - paid_cents), 0)::bigint FROM penalties "
        "WHERE member_id = %s AND state IN ('due', 'disputed')",
        [part.member_id],
    ).fetchall()
    cents = rules.loan_fine_cents
    if rules.penalty_cap_cents:
        cents = min(cents, max(0, rules.penalty_cap_cents - owed_cents)) // 100 * 100
    facts = {"chama": part.chama, "name": part.name, "amount_cents": part.missing_cents}
    facts |= {"due_at": _last_day(part.due_at), "fine_cents": cents}
    if cents:
        penalties.add_beside(conn, instalment_id=part.id, cents=cents, at=at)
    news = [Notice(f"loan_late:{part.id}", "loan_late", part.user_id, part.chama_id, facts)]
    for (user_id,) in conn.execute(
        "SELECT user_id FROM chama_members WHERE chama_id = %s AND role = ANY(%s) AND status = 'active' AND id <> %s "
        "ORDER BY id",
        [part.chama_id, list(OFFICIALS), part.member_id],
    ).fetchall():
        key = f"loan_not_paid:{part.member_id}:{part.id}:{user_id}"
        news.append(Notice(key, "loan_not_paid", user_id, part.chama_id, facts))
    notices.queue(conn, news, at=at)


def _rules(conn: Connection, chama_id: int, rule_set_id: int) -> Rules:
    """The version that the loan keeps."""
    return next(one.rules for one in rule_sets.versions(conn, chama_id) if one.id == rule_set_id)


def _last_day(due_at: datetime) -> str:
    """The instant of a day that ends at midnight, for a message that prints its date."""
    return (due_at - timedelta(seconds=1)).isoformat()
