"""The certificate of each day of a shortcode: what was compared, what agreed, what could not be compared, what differs.

Theory of operation. A day of Nairobi is looked at two hours after its end, when late callbacks and Pull have come, and
again whenever something new is known of it: a receipt, a line of Pull or of a statement, a balance, an earlier day. A
look that finds what was found before changes nothing; one that finds something else writes another version, with the
reason. No version is ever changed. reconciliation_days, day_certificates and day_looks are written here only.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from ledger.nairobi import EAT, local
from ledger.wires import Connection
from payments import shortcodes
from payments.reconciliation import charge_comparison, comparison, day_facts
from payments.reconciliation.comparison import Compared, Difference, Result, State
from payments.wires import Wires

# Pull, asked each hour with its overlap, has passed the end of the day by then.
SETTLES_FOR = timedelta(hours=2)
# Statements are fetched by people, who may be a month late.
LOOKED_BACK = 35


@dataclass(frozen=True)
class Certificate:
    """One version of a day; `day` is Nairobi's, cents, `reason` says why there is this version."""

    shortcode: str
    day: str
    version: int
    result: State
    reason: str
    made_at: datetime
    in_count: int
    in_cents: int
    out_count: int
    out_cents: int
    compared: tuple[Compared, ...]
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class DayResult:
    """What came of a day, in a list: its newest version."""

    key: int
    day: str
    version: int
    result: State
    made_at: datetime
    reason: str


def begins(day: date) -> datetime:
    """Midnight in Nairobi, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=EAT).astimezone(UTC)


def certify_due(wires: Wires) -> list[Certificate]:
    """Looks at every day of every shortcode of which something new is known; the certificates that are new."""
    at = wires.now()
    with wires.transaction() as conn:
        ids = [shortcode_id for (shortcode_id,) in conn.execute("SELECT id FROM shortcodes ORDER BY id").fetchall()]
    made = []
    for shortcode_id in ids:
        with wires.transaction() as conn:
            due = due_days(conn, shortcode_id, at=at)
        for day in due:
            with wires.transaction() as conn:
                one = certify(conn, shortcode_id, day, at=at)
            made += [one] if one else []
    return made


def due_days(conn: Connection, shortcode_id: int, *, at: datetime) -> list[date]:
    """Days that are over and that have had no look since the last thing that is known of them, oldest first."""
    last = local(at - SETTLES_FOR).date() - timedelta(days=1)
    rows = conn.execute(
        "WITH days AS (SELECT d::date AS day, d AT TIME ZONE 'Africa/Nairobi' AS since, "
        "(d + interval '1 day') AT TIME ZONE 'Africa/Nairobi' AS until FROM generate_series("
        "greatest(%(first)s::date, (SELECT min(paid_at AT TIME ZONE 'Africa/Nairobi')::date FROM receipts "
        "WHERE shortcode_id = %(id)s), (SELECT min(at AT TIME ZONE 'Africa/Nairobi')::date FROM listed_payments "
        "WHERE shortcode_id = %(id)s))::timestamp, %(last)s::timestamp, interval '1 day') AS d) "
        "SELECT d.day FROM days d LEFT JOIN day_looks k ON k.shortcode_id = %(id)s AND k.day = d.day "
        "WHERE k.looked_at IS NULL "
        "OR EXISTS (SELECT FROM receipts r WHERE r.shortcode_id = %(id)s AND r.paid_at >= d.since "
        "AND r.paid_at < d.until AND r.proved_at > k.looked_at) "
        "OR EXISTS (SELECT FROM payouts p WHERE p.shortcode_id = %(id)s AND p.state = 'paid' AND p.paid_at >= d.since "
        "AND p.paid_at < d.until AND p.settled_at > k.looked_at) "
        "OR EXISTS (SELECT FROM reversals b WHERE b.shortcode_id = %(id)s AND b.settled_at >= d.since "
        "AND b.settled_at < d.until AND b.settled_at > k.looked_at - interval '1 hour') "
        "OR EXISTS (SELECT FROM take_backs t JOIN receipts r ON r.receipt = t.receipt WHERE t.done_at > k.looked_at "
        "AND r.shortcode_id = %(id)s AND r.paid_at >= d.since AND r.paid_at < d.until) "
        # The way back of such money may be of a day that had its look long ago.
        "OR EXISTS (SELECT FROM take_backs t JOIN reversals b ON b.receipt = t.receipt WHERE t.done_at > k.looked_at "
        "AND b.shortcode_id = %(id)s AND b.settled_at >= d.since AND b.settled_at < d.until) "
        "OR EXISTS (SELECT FROM listed_payments l WHERE l.shortcode_id = %(id)s AND l.at >= d.since "
        "AND l.at < d.until AND l.listed_at > k.looked_at) "
        "OR EXISTS (SELECT FROM pulled_windows w WHERE w.shortcode_id = %(id)s AND w.to_at > d.since "
        "AND w.from_at < d.until AND w.asked_at > k.looked_at) "
        "OR EXISTS (SELECT FROM statements_imported s WHERE s.shortcode_id = %(id)s AND s.state = 'read' "
        "AND s.covers_to > d.since AND s.covers_from < d.until AND s.read_at > k.looked_at) "
        "OR EXISTS (SELECT FROM balance_questions q WHERE q.shortcode_id = %(id)s AND q.taken_at >= d.since "
        "AND q.taken_at < d.until + %(after)s AND q.answered_at > k.looked_at) "
        "OR EXISTS (SELECT FROM reconciliation_days e WHERE e.shortcode_id = %(id)s AND e.day < d.day "
        "AND e.made_at > k.looked_at) ORDER BY d.day",
        {
            "id": shortcode_id,
            "first": last - timedelta(days=LOOKED_BACK - 1),
            "last": last,
            "after": day_facts.BALANCE_WITHIN,
        },
    ).fetchall()
    return [day for (day,) in rows]


def certify(conn: Connection, shortcode_id: int, day: date, *, at: datetime) -> Certificate | None:
    """Looks at a day; a new version when the look finds something else than the last one, otherwise None."""
    conn.execute("SELECT pg_advisory_xact_lock(hashtextextended('day:' || %s::text, 0))", [shortcode_id])
    conn.execute(
        "INSERT INTO day_looks (shortcode_id, day, looked_at) VALUES (%s, %s, %s) "
        "ON CONFLICT (shortcode_id, day) DO UPDATE SET looked_at = excluded.looked_at",
        [shortcode_id, day, at],
    )
    since, until = begins(day), begins(day + timedelta(days=1))
    found = comparison.compare(day_facts.gather(conn, shortcode_id, since, until, day))
    found = charge_comparison.with_charges(found, day_facts.charges(conn, shortcode_id, since, until))
    before = newest(conn, shortcode_id, day)
    if before is not None and _content(before) == _content(found):
        return None
    version = 1 if before is None else before.version + 1
    reason = "first look" if before is None else why_anew(before, found)
    conn.execute(
        "INSERT INTO reconciliation_days (shortcode_id, day, version, result, reason, made_at) "
        "VALUES (%s, %s, %s, %s, %s, %s)",
        [shortcode_id, day, version, found.state, reason, at],
    )
    conn.execute(
        "INSERT INTO day_certificates (shortcode_id, day, version, body, open_cents) VALUES (%s, %s, %s, %s, %s)",
        [shortcode_id, day, version, Jsonb(_body(found)), found.open_cents],
    )
    return newest(conn, shortcode_id, day)


def newest(conn: Connection, shortcode_id: int, day: date) -> Certificate | None:
    """The last version of a day."""
    found = versions(conn, shortcode_id, day)
    return found[-1] if found else None


def versions(conn: Connection, shortcode_id: int, day: date) -> list[Certificate]:
    """Every version of a day, oldest first."""
    number = shortcodes.by_id(conn, shortcode_id).number
    rows = conn.execute(
        "SELECT version, result, reason, made_at, body FROM reconciliation_days d "
        "JOIN day_certificates c USING (shortcode_id, day, version) WHERE shortcode_id = %s AND day = %s "
        "ORDER BY version",
        [shortcode_id, day],
    ).fetchall()
    return [
        Certificate(
            number,
            day.isoformat(),
            version,
            result,
            reason,
            made_at,
            **{name: body[name] for name in ("in_count", "in_cents", "out_count", "out_cents")},
            compared=tuple(Compared(**one) for one in body["compared"]),
            differences=tuple(
                Difference(**{**one, "at": datetime.fromisoformat(one["at"])}) for one in body["differences"]
            ),
        )
        for version, result, reason, made_at, body in rows
    ]


def results(conn: Connection, shortcode_id: int, *, before: int | None = None, limit: int = 35) -> list[DayResult]:
    """The newest version of each day with a key (20261120) below `before`, newest day first."""
    with conn.cursor(row_factory=class_row(DayResult)) as cursor:
        return cursor.execute(
            "SELECT DISTINCT ON (d.day) to_char(d.day, 'YYYYMMDD')::integer AS key, "
            "to_char(d.day, 'YYYY-MM-DD') AS day, version, result, made_at, reason "
            "FROM reconciliation_days d WHERE shortcode_id = %(id)s "
            "AND (%(before)s::integer IS NULL OR d.day < to_date(%(before)s::text, 'YYYYMMDD')) "
            "ORDER BY d.day DESC, d.version DESC LIMIT %(limit)s",
            {"id": shortcode_id, "before": before, "limit": limit},
        ).fetchall()


def differing(conn: Connection, *, since: datetime) -> list[str]:
    """Days of the last LOOKED_BACK before `since` whose newest version differs, newest first."""
    rows = conn.execute(
        "SELECT to_char(day, 'YYYY-MM-DD') FROM (SELECT DISTINCT ON (shortcode_id, day) day, result "
        "FROM reconciliation_days WHERE day > %s ORDER BY shortcode_id, day, version DESC) AS latest "
        "WHERE result = 'differs' GROUP BY day ORDER BY day DESC",
        [local(since).date() - timedelta(days=LOOKED_BACK)],
    ).fetchall()
    return [day for (day,) in rows]


def charging(conn: Connection, *, since: datetime) -> list[str]:
    """Days of the last LOOKED_BACK before `since` on which M-PESA took other charges than the books, newest first."""
    rows = conn.execute(
        "SELECT to_char(day, 'YYYY-MM-DD') FROM (SELECT DISTINCT ON (shortcode_id, day) day, body "
        "FROM day_certificates WHERE day > %s ORDER BY shortcode_id, day, version DESC) AS latest "
        "WHERE EXISTS (SELECT FROM jsonb_array_elements(body -> 'differences') AS d WHERE d ->> 'code' = ANY(%s)) "
        "GROUP BY day ORDER BY day DESC",
        [local(since).date() - timedelta(days=LOOKED_BACK), sorted(comparison.CHARGE_CODES)],
    ).fetchall()
    return [day for (day,) in rows]


def why_anew(before: Certificate, found: Result) -> str:
    """What the look found that the last version did not know."""
    said = []
    now = {one.what: one for one in found.compared}
    for then in before.compared:
        anew = now.get(then.what)
        if anew and then.state == "not_compared" and anew.state != "not_compared":
            said.append(f"{then.what} can be compared now")
    if (found.in_count, found.out_count) != (before.in_count, before.out_count):
        said.append(f"{found.in_count - before.in_count:+} in and {found.out_count - before.out_count:+} out since")
    old, new = {_name(one) for one in before.differences}, {_name(one) for one in found.differences}
    if old - new:
        said.append(f"{len(old - new)} differences are settled")
    if new - old:
        said.append(f"{len(new - old)} differences are new")
    return "; ".join(said) or "what is known has changed"


def _name(one: Difference) -> tuple[str, str | None, int]:
    return one.code, one.receipt, one.effect_cents


def _content(found: Certificate | Result) -> Sequence[Any]:
    figures = (found.in_count, found.in_cents, found.out_count, found.out_cents)
    return (*figures, tuple(found.compared), tuple(found.differences))


def _body(found: Result) -> dict[str, Any]:
    return {
        **{name: getattr(found, name) for name in ("in_count", "in_cents", "out_count", "out_cents")},
        "compared": [asdict(one) for one in found.compared],
        "differences": [{**asdict(one), "at": one.at.isoformat()} for one in found.differences],
    }
