"""What a member is asked for today, and who has paid, as phones and pages tell it. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from psycopg.rows import class_row, dict_row

from chamas.cycle.rounds import Round, active_round, turn_at
from chamas.dues.reckoning import Brought, Charge, Reckoning, reckon
from chamas.members.access import PLAYING
from chamas.members.refusals import UnknownMember
from ledger.refusals import SeasonArchived
from ledger.wires import Connection
from payments.paybill import account_number
from payments.pushes import OUT_FOR
from payments.states import OUT


@dataclass(frozen=True)
class Dues:
    """What one member is asked for; money in cents, instants in UTC.

    `due_cents` and `paid_cents` are of the open round (both 0 without one), `arrears_cents` what is still missing
    of earlier rounds, of which she has paid `part_paid_cents`, `credit_cents` what is kept for the next.
    `waiting_cents`: prompts of hers that are out.
    `late`: the round should have closed and some of it may be missing. `account` is what she types at the paybill.
    `arrears_first`: by the rules of the open round money settles rounds that are over before it. `fines_cents` are
    fines that she does not dispute, of which `fines_last_cents` are settled after contributions; `loans_cents` what is
    asked for of her loan, `loans_last_cents` of it the same. `ended`: the group has, or was called off.
    """

    round_number: int | None
    due_cents: int
    paid_cents: int
    arrears_cents: int
    credit_cents: int
    waiting_cents: int
    closes_at: datetime | None
    turn_at: datetime | None
    late: bool
    account: str
    arrears_first: bool = True
    fines_cents: int = 0
    fines_last_cents: int = 0
    loans_cents: int = 0
    loans_last_cents: int = 0
    ended: bool = False
    part_paid_cents: int = 0

    @property
    def owed_cents(self) -> int:
        """What would settle everything today."""
        return self.due_cents - self.paid_cents + self.arrears_cents + self.fines_cents + self.loans_cents

    def split(self, cents: int) -> "Split":
        """Where a payment of so much would go, as `contributions.settle` would share it: said before she says yes."""
        missing = {"arrears": self.arrears_cents, "this_round": self.due_cents - self.paid_cents}
        missing |= {"fines": self.fines_cents - self.fines_last_cents, "last": self.fines_last_cents}
        missing |= {"loan": self.loans_cents - self.loans_last_cents, "loan_last": self.loans_last_cents}
        order = ("arrears", "this_round") if self.arrears_first else ("this_round", "arrears")
        parts = dict.fromkeys(("fines", "loan", *order, "last", "loan_last"), 0)
        for name in parts:
            parts[name] = min(cents - sum(parts.values()), missing[name])
        left_cents = cents - sum(parts.values())
        fines_cents, loans_cents = parts["fines"] + parts["last"], parts["loan"] + parts["loan_last"]
        return Split(parts["arrears"], parts["this_round"], left_cents, fines_cents, loans_cents)


@dataclass(frozen=True)
class Split:
    """A payment in its parts, in cents: for rounds that are over, the open one, kept for the next, for fines, and for
    what is due of her loan."""

    arrears_cents: int
    this_round_cents: int
    credit_cents: int
    fines_cents: int = 0
    loans_cents: int = 0

    @property
    def plain(self) -> bool:
        """Whether there is nothing to explain: all of it is for the open round."""
        return not (self.arrears_cents or self.credit_cents or self.fines_cents or self.loans_cents)


# One statement, because every first dial asks it.
_DUES = """
SELECT owed.*, fines.*, lent.*, c.number AS chama_number, m.number AS member_number, m.chama_id,
       c.status IN ('completed', 'cancelled') AS ended,
       o.id, o.number, o.state, o.opens_at, o.closes_at, o.anchor_at, o.step, s.frequency, s.every_hours,
       s.grace_seconds, o.cycle, o.turn, coalesce(s.arrears_first, TRUE) AS arrears_first,
       CASE WHEN m.position >= o.turn THEN
           (SELECT count(*) FROM chama_members n WHERE n.chama_id = m.chama_id AND n.position > o.turn
            AND n.position <= m.position AND n.status NOT IN ('invited', 'pending', 'withdrawn')) END AS ahead
FROM chama_members m
JOIN chamas c ON c.id = m.chama_id
CROSS JOIN LATERAL (
    -- Whose leaving is agreed on pays no more, unless her turn has been: what she has not paid is set off.
    SELECT coalesce(sum(CASE WHEN EXISTS (SELECT FROM motions x WHERE x.member_id = m.id AND x.kind = 'exit'
                                          AND x.state = 'going' AND x.how <> 'after_turn')
                        THEN k.paid_cents ELSE k.due_cents END) FILTER (WHERE r.state = 'active'), 0)::bigint
               AS due_cents,
           coalesce(sum(k.paid_cents) FILTER (WHERE r.state = 'active'), 0)::bigint AS paid_cents,
           coalesce(sum(k.due_cents - k.paid_cents) FILTER (WHERE r.state <> 'active'), 0)::bigint
               AS arrears_cents,
           coalesce(sum(k.paid_cents) FILTER (WHERE r.state <> 'active' AND k.paid_cents < k.due_cents), 0)::bigint
               AS part_paid_cents,
           (SELECT coalesce(sum(a.amount_cents), 0)::bigint FROM allocations a
            WHERE a.member_id = m.id AND a.contribution_id IS NULL AND a.deposit_id IS NULL
              AND a.penalty_id IS NULL AND a.instalment_id IS NULL) AS credit_cents,
           (SELECT coalesce(sum(t.amount_cents), 0)::bigint
            FROM payment_intents i JOIN payment_attempts t ON t.intent_id = i.id
            WHERE i.member_id = m.id AND i.created_at > %s AND t.state = ANY(%s)) AS waiting_cents
    FROM contributions k
    JOIN rounds r ON r.id = k.round_id AND r.state IN ('active', 'completed', 'expired')
    WHERE k.member_id = m.id AND k.state IN ('pending', 'paid', 'confirmed')) owed
CROSS JOIN LATERAL (
    SELECT coalesce(sum(p.due_cents - p.paid_cents), 0)::bigint AS fines_cents,
           coalesce(sum(p.due_cents - p.paid_cents)
                    FILTER (WHERE NOT coalesce((t.more ->> 'fines_first')::boolean, TRUE)), 0)::bigint
               AS fines_last_cents
    FROM penalties p LEFT JOIN (rounds q JOIN rule_sets t ON t.id = q.rule_set_id) ON q.id = p.round_id
    WHERE p.member_id = m.id AND p.state = 'due') fines
CROSS JOIN LATERAL (
    SELECT coalesce(sum(w.cents), 0)::bigint AS loans_cents,
           coalesce(sum(w.cents) FILTER (WHERE NOT coalesce((t.more ->> 'loans_first')::boolean, TRUE)), 0)::bigint
               AS loans_last_cents
    FROM instalments i JOIN loans l ON l.id = i.loan_id JOIN rule_sets t ON t.id = l.rule_set_id
    CROSS JOIN LATERAL (
        SELECT i.principal_cents + i.interest_cents - i.lapsed_cents - i.paid_cents AS cents) w
    WHERE i.member_id = m.id AND i.state IN ('due', 'late')) lent
LEFT JOIN (rounds o JOIN rule_sets s ON s.id = o.rule_set_id) ON o.chama_id = m.chama_id AND o.state = 'active'
WHERE m.id = %s
"""


def dues(conn: Connection, member_id: int, at: datetime) -> Dues:
    """The dues of a member as they stand at `at`. Raises LookupError for an unknown member."""
    asked = conn.cursor(row_factory=dict_row)
    asked.execute(_DUES, [at - OUT_FOR, list(OUT), member_id])
    row = asked.fetchone()
    if row is None:
        raise LookupError(f"no member {member_id}")
    account = account_number(row.pop("chama_number"), row.pop("member_number"))
    ahead = row.pop("ahead")
    calendar = {each.name: row.pop(each.name) for each in fields(Round)}
    if calendar["id"] is None:
        return Dues(round_number=None, closes_at=None, turn_at=None, late=False, account=account, **row)
    now_open = Round(**calendar)
    turn = turn_at(now_open, ahead=ahead)
    closes = now_open.closes_at
    late = at > closes
    return Dues(round_number=now_open.number, closes_at=closes, turn_at=turn, late=late, account=account, **row)


@dataclass(frozen=True)
class PaidLine:
    """One member in the list of who has paid. `waiting_cents`: of prompts of hers that are out, outcome unclear.

    `first_name` is its first letter where the rules of the round say so.
    """

    member_id: int
    number: int
    first_name: str
    due_cents: int
    paid_cents: int
    waiting_cents: int

    @property
    def paid(self) -> bool:
        return self.paid_cents >= self.due_cents


@dataclass(frozen=True)
class PaidList:
    """Who has paid for the open round, by member number. Empty, with no round number, when none is open."""

    round_number: int | None
    closes_at: datetime | None
    lines: tuple[PaidLine, ...] = field(default=())

    @property
    def paid(self) -> tuple[PaidLine, ...]:
        return tuple(line for line in self.lines if line.paid)

    @property
    def unpaid(self) -> tuple[PaidLine, ...]:
        return tuple(line for line in self.lines if not line.paid)

    @property
    def paid_cents(self) -> int:
        return sum(line.paid_cents for line in self.lines)

    @property
    def due_cents(self) -> int:
        return sum(line.due_cents for line in self.lines)


@dataclass(frozen=True)
class Fellow:
    """A member of a chama for whom another one may pay; by her first letter where the rules of the round say so."""

    member_id: int
    number: int
    first_name: str


def fellow(conn: Connection, chama_id: int, number: int | None = None, *, member_id: int | None = None) -> Fellow:
    """Who pays in this chama under this number, or as this member. Raises UnknownMember."""
    row = conn.execute(
        "SELECT m.id, m.number, CASE WHEN (s.more ->> 'initials')::boolean THEN left(u.first_name, 1) || '.' "
        "ELSE u.first_name END FROM chama_members m JOIN users u ON u.id = m.user_id "
        "LEFT JOIN (rounds r JOIN rule_sets s ON s.id = r.rule_set_id) "
        "ON r.chama_id = m.chama_id AND r.state = 'active' "
        "WHERE m.chama_id = %s AND (m.number = %s::int OR m.id = %s::bigint) AND m.status = ANY(%s)",
        [chama_id, number, member_id, list(PLAYING)],
    ).fetchone()
    if row is None:
        raise UnknownMember
    return Fellow(*row)


def reckoned(conn: Connection, member_id: int) -> Reckoning:
    """What she owes and why, derived from the rounds that asked her and the entries that brought her money.

    Empty for a member whom nobody knows. Raises SeasonArchived when pages of hers are put away.
    """
    return reckoned_each(conn, [member_id])[member_id]


def reckoned_each(conn: Connection, member_ids: Sequence[int]) -> dict[int, Reckoning]:
    """The same for many members, by member id, in three statements however many they are."""
    members = list(member_ids)
    charges: dict[int, list[Charge]] = {member_id: [] for member_id in members}
    for member_id, *charge in conn.execute(
        "SELECT k.member_id, r.number, k.due_cents, coalesce(r.opened_at, r.opens_at), s.arrears_first "
        "FROM contributions k JOIN rounds r ON r.id = k.round_id AND r.state IN ('active', 'completed', 'expired') "
        "JOIN rule_sets s ON s.id = r.rule_set_id WHERE k.member_id = ANY(%s) ORDER BY r.number",
        [members],
    ).fetchall():
        charges[member_id].append(Charge(*charge))
    brought: dict[int, list[Brought]] = {member_id: [] for member_id in members}
    for member_id, seq, cents, recorded_at, owed_again in conn.execute(
        # Through what the money paid, and what it did not: by member the allocations have no index.
        "WITH hers AS (SELECT k.member_id, a.book_id, a.seq, a.amount_cents FROM contributions k "
        "JOIN allocations a ON a.contribution_id = k.id WHERE k.member_id = ANY(%(members)s) UNION ALL "
        "SELECT member_id, book_id, seq, amount_cents FROM allocations WHERE member_id = ANY(%(members)s) "
        "AND contribution_id IS NULL AND deposit_id IS NULL AND penalty_id IS NULL AND instalment_id IS NULL) "
        # The season of a page is in its key; without it every partition would be asked.
        "SELECT h.member_id, h.seq, sum(h.amount_cents)::bigint, min(e.recorded_at), "
        "bool_or(e.reverses_seq IS NOT NULL) FROM hers h "
        "JOIN entry_codes c ON (c.book_id, c.seq) = (h.book_id, h.seq) "
        "LEFT JOIN entries e ON (e.book_id, e.season, e.seq) = (c.book_id, c.season, c.seq) "
        "GROUP BY h.member_id, h.seq ORDER BY h.seq",
        {"members": members},
    ).fetchall():
        # Without a page that is put away she would owe what it paid.
        if recorded_at is None:
            raise SeasonArchived
        brought[member_id].append(Brought(seq, cents, recorded_at, owed_again))
    beside = conn.execute(
        "SELECT m.id, (SELECT coalesce(sum(p.due_cents - p.paid_cents), 0)::bigint FROM penalties p "
        "WHERE p.member_id = m.id AND p.state = 'due'), "
        "(SELECT coalesce(sum(i.principal_cents + i.interest_cents - i.lapsed_cents - i.paid_cents), 0)::bigint "
        "FROM instalments i WHERE i.member_id = m.id AND i.state IN ('due', 'late')) "
        "FROM chama_members m WHERE m.id = ANY(%s)",
        [members],
    ).fetchall()
    found = {member_id: reckon(charges[member_id], brought[member_id]) for member_id in members}
    return found | {one: replace(found[one], fines_cents=fines, loans_cents=lent) for one, fines, lent in beside}


def who_has_paid(conn: Connection, chama_id: int, at: datetime) -> PaidList:
    """Everybody who is asked for the open round, with what she has paid of it."""
    now_open = active_round(conn, chama_id)
    if now_open is None:
        return PaidList(None, None)
    lines = conn.cursor(row_factory=class_row(PaidLine))
    lines.execute(
        """
        SELECT m.id AS member_id, m.number,
               CASE WHEN (s.more ->> 'initials')::boolean THEN left(u.first_name, 1) || '.' ELSE u.first_name END
                   AS first_name, k.due_cents, k.paid_cents,
               (SELECT coalesce(sum(t.amount_cents), 0)::bigint
                FROM payment_intents i JOIN payment_attempts t ON t.intent_id = i.id
                WHERE i.member_id = m.id AND i.created_at > %s AND t.state = ANY(%s)) AS waiting_cents
        FROM contributions k
        JOIN chama_members m ON m.id = k.member_id
        JOIN users u ON u.id = m.user_id
        JOIN rounds r ON r.id = k.round_id JOIN rule_sets s ON s.id = r.rule_set_id
        WHERE k.round_id = %s AND NOT EXISTS (
            SELECT FROM motions x WHERE x.member_id = m.id AND x.kind = 'exit' AND x.state = 'going'
            AND x.how <> 'after_turn' AND k.paid_cents < k.due_cents)
        ORDER BY m.number
        """,
        [at - OUT_FOR, list(OUT), now_open.id],
    )
    return PaidList(now_open.number, now_open.closes_at, tuple(lines.fetchall()))
