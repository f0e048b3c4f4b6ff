"""What sessions tell those who mend screens, and those who help one person on the phone. Reads only."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from ledger.wires import Connection


@dataclass(frozen=True)
class Screen:
    """One screen: how often it came, how often nothing came after it, and how long half of its readers took at most."""

    screen: str
    shown: int
    left_here: int
    seconds: float | None


@dataclass(frozen=True)
class Ends:
    """Sessions that the provider told us the end of: `status` as it calls it, what they cost in all and how long."""

    status: str
    sessions: int
    cost_cents: int
    told_cost: int
    seconds: float | None


@dataclass(frozen=True)
class Step:
    """One turn of one session: `answered` is how the screen before was answered, never what was typed."""

    session: int
    at: datetime
    screen: str
    answered: str
    ended: bool
    status: str | None
    cost_cents: int | None


def screens(conn: Connection, since: datetime) -> list[Screen]:
    """The screens on which most sessions stop come first. A session's last screen counts unless it ended there."""
    asked = conn.cursor(row_factory=class_row(Screen))
    return asked.execute(
        """
        WITH steps AS (
            SELECT screen, ended, at, lead(at) OVER (PARTITION BY session_key ORDER BY hop) AS next_at
            FROM ussd_turns WHERE at >= %s
        )
        SELECT screen, count(*) AS shown, count(*) FILTER (WHERE next_at IS NULL AND NOT ended) AS left_here,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM next_at - at)::float8) AS seconds
        FROM steps GROUP BY screen ORDER BY left_here DESC, shown DESC, screen
        """,
        [since],
    ).fetchall()


def ends(conn: Connection, since: datetime) -> list[Ends]:
    """How sessions ended, and what the provider says they cost; many ends are never told."""
    asked = conn.cursor(row_factory=class_row(Ends))
    return asked.execute(
        """
        SELECT status, count(*) AS sessions, coalesce(sum(cost_cents), 0)::bigint AS cost_cents,
               count(cost_cents) AS told_cost, (avg(duration_ms) / 1000)::float8 AS seconds
        FROM ussd_sessions WHERE ended_at >= %s GROUP BY status ORDER BY sessions DESC, status
        """,
        [since],
    ).fetchall()


def history(conn: Connection, phone: str, *, sessions: int) -> list[Step]:
    """The steps of the last sessions of whoever owns this number (E.164), newest session first."""
    asked = conn.cursor(row_factory=class_row(Step))
    return asked.execute(
        """
        WITH hers AS (
            SELECT t.session_key, max(t.at) AS last_at FROM ussd_turns t JOIN users u ON u.id = t.user_id
            WHERE u.phone = %s GROUP BY t.session_key ORDER BY last_at DESC LIMIT %s
        )
        SELECT dense_rank() OVER (ORDER BY h.last_at DESC, h.session_key) AS session,
               t.at, t.screen, t.answered, t.ended, e.status, e.cost_cents
        FROM hers h JOIN ussd_turns t USING (session_key) LEFT JOIN ussd_sessions e USING (session_key)
        ORDER BY session, t.hop
        """,
        [phone, sessions],
    ).fetchall()
