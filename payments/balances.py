"""What M-PESA says that a shortcode holds: the rows of questions and answers, and the only module that writes them.

Theory of operation
-------------------
    open      to be asked, due
    asked     the question has left; due again, because Daraja delivers an answer once or never
    answered  the utility account as of `taken_at`; due to be compared when what was on its way then has arrived
    compared  an assertion about the shortcode's book says whether both agree (ledger/assertions.py)
    closed    no answer came, nothing can be asked, or there was no moment in which to compare; a late answer counts

Who asks, reads and compares: float_checks.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from psycopg.rows import class_row

from ledger.moves import Moves
from ledger.wires import Connection
from payments.reading import Held

Why = Literal["daily", "payout", "person"]

REFUSED = "initiator refused"


class BalanceState(StrEnum):
    OPEN = "open"
    ASKED = "asked"
    ANSWERED = "answered"
    COMPARED = "compared"
    CLOSED = "closed"


BALANCE_MOVES: Moves[BalanceState] = Moves(
    "balance_questions.state",
    {
        BalanceState.OPEN: frozenset({BalanceState.ASKED, BalanceState.CLOSED}),
        BalanceState.ASKED: frozenset({BalanceState.ASKED, BalanceState.ANSWERED, BalanceState.CLOSED}),
        BalanceState.ANSWERED: frozenset({BalanceState.COMPARED, BalanceState.CLOSED}),
        BalanceState.COMPARED: frozenset(),
        BalanceState.CLOSED: frozenset({BalanceState.OPEN, BalanceState.ANSWERED}),
    },
)


@dataclass(frozen=True)
class Question:
    """One question and what became of it; cents, UTC. `outcome` is for people."""

    id: int
    shortcode_id: int
    state: BalanceState
    asked: int
    opened_at: datetime
    taken_at: datetime | None
    utility_cents: int | None
    charges_cents: int | None
    outcome: str | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", BalanceState(self.state))


def open_question(conn: Connection, shortcode_id: int, why: Why, *, at: datetime) -> int:
    """A question that is due now; its id. Before money leaves, look at `latest` first."""
    row = conn.execute(
        "INSERT INTO balance_questions (shortcode_id, why, state, due_at, opened_at) VALUES (%s, %s, 'open', %s, %s) "
        "RETURNING id",
        [shortcode_id, why, at, at],
    ).fetchone()
    assert row is not None  # noqa: S101
    return int(row[0])


def open_daily(conn: Connection, shortcode_id: int, *, since: datetime, at: datetime) -> int:
    """A question that is due now, unless one of the day's was opened since then; how many were opened."""
    return conn.execute(
        "INSERT INTO balance_questions (shortcode_id, why, state, due_at, opened_at) "
        "SELECT %(id)s, 'daily', 'open', %(at)s, %(at)s WHERE NOT EXISTS (SELECT FROM balance_questions "
        "WHERE shortcode_id = %(id)s AND opened_at >= %(since)s AND why = 'daily')",
        {"id": shortcode_id, "at": at, "since": since},
    ).rowcount


def asked_daily(conn: Connection, *, since: datetime) -> set[int]:
    """Shortcodes of which the day's question was opened since then."""
    rows = conn.execute(
        "SELECT shortcode_id FROM balance_questions WHERE why = 'daily' AND opened_at >= %s", [since]
    ).fetchall()
    return {shortcode_id for (shortcode_id,) in rows}


def latest(conn: Connection, shortcode_id: int, *, since: datetime) -> Question | None:
    """The newest answer of a balance at or after `since`."""
    with conn.cursor(row_factory=class_row(Question)) as cursor:
        return cursor.execute(
            "SELECT id, shortcode_id, state, asked, opened_at, taken_at, utility_cents, charges_cents, outcome "
            "FROM balance_questions WHERE shortcode_id = %s AND taken_at >= %s ORDER BY taken_at DESC LIMIT 1",
            [shortcode_id, since],
        ).fetchone()


def between(conn: Connection, shortcode_id: int, since: datetime, until: datetime) -> list[Question]:
    """Questions opened in that span, oldest first."""
    with conn.cursor(row_factory=class_row(Question)) as cursor:
        return cursor.execute(
            "SELECT id, shortcode_id, state, asked, opened_at, taken_at, utility_cents, charges_cents, outcome "
            "FROM balance_questions WHERE shortcode_id = %s AND opened_at >= %s AND opened_at < %s "
            "ORDER BY opened_at, id",
            [shortcode_id, since, until],
        ).fetchall()


def lock_due(conn: Connection, *, at: datetime, limit: int) -> list[Question]:
    """Questions to ask and answers to compare, locked."""
    with conn.cursor(row_factory=class_row(Question)) as cursor:
        return cursor.execute(
            "SELECT id, shortcode_id, state, asked, opened_at, taken_at, utility_cents, charges_cents, outcome "
            "FROM balance_questions WHERE due_at <= %s ORDER BY due_at, id LIMIT %s FOR UPDATE SKIP LOCKED",
            [at, limit],
        ).fetchall()


def known_tokens(conn: Connection, hashes: Sequence[bytes]) -> set[bytes]:
    """Which of these are the tokens of questions."""
    rows = conn.execute("SELECT token_hash FROM balance_questions WHERE token_hash = ANY(%s)", [list(hashes)])
    return {bytes(token) for (token,) in rows.fetchall()}


def lock_by_token(conn: Connection, token_hash: bytes) -> Question | None:
    """The question whose answer carries this token."""
    with conn.cursor(row_factory=class_row(Question)) as cursor:
        return cursor.execute(
            "SELECT id, shortcode_id, state, asked, opened_at, taken_at, utility_cents, charges_cents, outcome "
            "FROM balance_questions WHERE token_hash = %s FOR UPDATE",
            [token_hash],
        ).fetchone()


def record_asked(conn: Connection, one: Question, token_hash: bytes, *, due_at: datetime) -> None:
    """Before the question leaves: it is due again at `due_at`, the answer will carry the token."""
    conn.execute(
        "UPDATE balance_questions SET state = 'asked', asked = asked + 1, token_hash = %s, due_at = %s "
        "WHERE id = %s AND state = ANY(%s)",
        [token_hash, due_at, one.id, BALANCE_MOVES.leading_to(BalanceState.ASKED)],
    )


def record_answer(
    conn: Connection, one: Question, held: Held, *, evidence_id: int, at: datetime, due_at: datetime
) -> None:
    """What M-PESA said; it is compared at `due_at`."""
    conn.execute(
        "UPDATE balance_questions SET state = 'answered', due_at = %s, answered_at = %s, taken_at = %s, "
        "utility_cents = %s, working_cents = %s, charges_cents = %s, evidence_id = %s, outcome = NULL "
        "WHERE id = %s AND state = ANY(%s)",
        [
            due_at,
            at,
            held.at,
            held.utility_cents,
            held.working_cents,
            held.charges_cents,
            evidence_id,
            one.id,
            BALANCE_MOVES.leading_to(BalanceState.ANSWERED),
        ],
    )


def record_compared(conn: Connection, one: Question, assertion_id: int, outcome: str) -> None:
    conn.execute(
        "UPDATE balance_questions SET state = 'compared', due_at = NULL, assertion_id = %s, outcome = %s "
        "WHERE id = %s AND state = ANY(%s)",
        [assertion_id, outcome, one.id, BALANCE_MOVES.leading_to(BalanceState.COMPARED)],
    )


def note(conn: Connection, one: Question, outcome: str, *, due_at: datetime | None = None) -> None:
    """What the last try came to; with `due_at` the next one comes then."""
    conn.execute(
        "UPDATE balance_questions SET outcome = %s, due_at = coalesce(%s, due_at) WHERE id = %s",
        [outcome[:200], due_at, one.id],
    )


def close(conn: Connection, one: Question, outcome: str) -> None:
    conn.execute(
        "UPDATE balance_questions SET state = 'closed', due_at = NULL, outcome = %s WHERE id = %s AND state = ANY(%s)",
        [outcome, one.id, BALANCE_MOVES.leading_to(BalanceState.CLOSED)],
    )


def refused(conn: Connection) -> set[int]:
    """Shortcodes whose initiator Safaricom refused when it was asked for a balance."""
    rows = conn.execute("SELECT DISTINCT shortcode_id FROM balance_questions WHERE outcome = %s", [REFUSED]).fetchall()
    return {shortcode_id for (shortcode_id,) in rows}


def ask_again(conn: Connection, *, at: datetime) -> int:
    """A person says that the initiator is put right: the newest refused question of each shortcode is asked anew."""
    opened = conn.execute(
        "UPDATE balance_questions SET state = 'open', asked = 0, due_at = %s, outcome = NULL WHERE state = ANY(%s) "
        "AND id IN (SELECT max(id) FROM balance_questions WHERE outcome = %s GROUP BY shortcode_id)",
        [at, BALANCE_MOVES.leading_to(BalanceState.OPEN), REFUSED],
    ).rowcount
    conn.execute("UPDATE balance_questions SET outcome = 'not asked' WHERE outcome = %s", [REFUSED])
    return opened
