"""Files of M-PESA's portal, from the moment in which somebody hands one over until it is listed.

Theory of operation
-------------------
    uploaded  the file lies here as it came; due
    read      its payments are listed, its period counts for the certificates of its days; lines that could not be read
              are named, and then it counts for no day as a whole
    refused   it is no statement, or one of another shortcode; the reason stands in `problems`

A file names payers, so its body goes when it is read: what stays is its hash, so that the same file is one file. A file
is handed over by a person and may have been changed on the way, so nothing is credited from it: a payment that only it
lists is asked about by Transaction Status, and booked on Safaricom's own word.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from ledger.moves import Moves
from ledger.refusals import Refusal
from ledger.wires import Connection
from payments import charges_told, inquiries, listings, movements, shortcodes
from payments.inquiries import AboutReceipt
from payments.payouts import rows as payouts
from payments.reconciliation.portal_statement import NoStatement, Problem, Statement, read_statement
from payments.reconciliation.spans import uncovered
from payments.wires import Wires

# A year of a busy shortcode; the column takes no more.
FILE_BYTES = 8_388_608


class StatementState(StrEnum):
    UPLOADED = "uploaded"
    READ = "read"
    REFUSED = "refused"


STATEMENT_MOVES: Moves[StatementState] = Moves(
    "statements_imported.state",
    {
        StatementState.UPLOADED: frozenset({StatementState.READ, StatementState.REFUSED}),
        StatementState.READ: frozenset(),
        StatementState.REFUSED: frozenset(),
    },
)


class FileTooBig(Refusal):
    """More than a statement of a year has."""

    code = "file_too_big"
    status = 413
    words = "The file is too big: a statement of up to a year has less than 8 MB."


class SameFile(Refusal):
    """Byte for byte a file that was handed over before."""

    code = "same_file"
    status = 409
    words = "This file was handed over before."


@dataclass(frozen=True)
class Handed:
    """A file and the period that whoever hands it over says it covers; the file's own words about it go first."""

    body: bytes
    since: datetime | None = None
    until: datetime | None = None
    by: int | None = None


@dataclass(frozen=True)
class Imported:
    """What became of a file; `problems` are lines of it, each with why it could not be read."""

    id: int
    shortcode_id: int
    state: StatementState
    covers_from: datetime | None
    covers_to: datetime | None
    listed: int | None
    problems: list[dict[str, object]]
    imported_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", StatementState(self.state))


@dataclass(frozen=True)
class Outcome:
    """What a file came to: the period for which it counts, how many of its lines were new, and what was wrong."""

    since: datetime | None
    until: datetime | None
    listed: int
    problems: Sequence[Problem]


def hand_over(conn: Connection, shortcode_id: int, handed: Handed, *, at: datetime) -> int:
    """Keeps a file until the worker reads it; its id. Raises FileTooBig, SameFile."""
    if len(handed.body) > FILE_BYTES:
        raise FileTooBig
    row = conn.execute(
        "INSERT INTO statements_imported (shortcode_id, state, file_sha256, body, covers_from, covers_to, imported_by, "
        "imported_at, due_at) VALUES (%s, 'uploaded', %s, %s, %s, %s, %s, %s, %s) "
        "ON CONFLICT (shortcode_id, file_sha256) DO NOTHING RETURNING id",
        [
            shortcode_id,
            hashlib.sha256(handed.body).digest(),
            handed.body,
            handed.since,
            handed.until,
            handed.by,
            at,
            at,
        ],
    ).fetchone()
    if row is None:
        raise SameFile
    return int(row[0])


def read_due(wires: Wires, *, limit: int = 3) -> int:
    """Reads files that wait; returns how many."""
    at = wires.now()
    with wires.transaction() as conn:
        due = conn.execute(
            "SELECT id, shortcode_id, body, covers_from, covers_to FROM statements_imported WHERE due_at <= %s "
            "ORDER BY due_at, id LIMIT %s FOR UPDATE SKIP LOCKED",
            [at, limit],
        ).fetchall()
        for statement_id, shortcode_id, body, since, until in due:
            try:
                with conn.transaction():
                    _read(conn, statement_id, shortcode_id, Handed(bytes(body), since, until), at=at)
            except Exception as trouble:
                # What puzzles is set aside with its kind: its words may hold what stands in the file.
                puzzled = Outcome(None, None, 0, [Problem(0, f"it could not be read ({type(trouble).__name__})")])
                _settle(conn, statement_id, StatementState.REFUSED, puzzled, at)
    return len(due)


def by_id(conn: Connection, statement_id: int) -> Imported | None:
    with conn.cursor(row_factory=class_row(Imported)) as cursor:
        return cursor.execute(
            "SELECT id, shortcode_id, state, covers_from, covers_to, listed, problems, imported_at "
            "FROM statements_imported WHERE id = %s",
            [statement_id],
        ).fetchone()


def newest(conn: Connection, limit: int = 10) -> list[Imported]:
    with conn.cursor(row_factory=class_row(Imported)) as cursor:
        return cursor.execute(
            "SELECT id, shortcode_id, state, covers_from, covers_to, listed, problems, imported_at "
            "FROM statements_imported ORDER BY id DESC LIMIT %s",
            [limit],
        ).fetchall()


def holes(conn: Connection, shortcode_id: int, since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """The spans inside [since, until) that no statement covers."""
    rows = conn.execute(
        "SELECT covers_from, covers_to FROM statements_imported WHERE shortcode_id = %s AND state = 'read' "
        "AND covers_to > %s AND covers_from < %s ORDER BY covers_from, covers_to",
        [shortcode_id, since, until],
    ).fetchall()
    return uncovered(rows, since, until)


def _read(conn: Connection, statement_id: int, shortcode_id: int, handed: Handed, *, at: datetime) -> None:
    try:
        found = read_statement(handed.body)
        own = shortcodes.by_id(conn, shortcode_id)
        if found.shortcode and found.shortcode not in (own.number, own.till_number):
            raise NoStatement(f"it is the statement of {found.shortcode}")
    except NoStatement as trouble:
        _settle(conn, statement_id, StatementState.REFUSED, Outcome(None, None, 0, [Problem(0, str(trouble))]), at)
        return
    listed = listings.add(conn, shortcode_id, found.listed, at=at)
    charges_told.add(conn, shortcode_id, found.charges, at=at)
    _ask_about_unknown(conn, shortcode_id, found, at)
    since, until = _period(found, handed) if not found.problems else (None, None)
    _settle(conn, statement_id, StatementState.READ, Outcome(since, until, listed, found.problems), at)


def _period(found: Statement, handed: Handed) -> tuple[datetime | None, datetime | None]:
    """What the file says of itself, else what was said with it, else from its first to its last row and no longer.

    The portal's own end is the last second, which belongs to the period.
    """
    if found.since and found.until:
        return found.since, found.until + timedelta(seconds=1)
    if handed.since and handed.until:
        return handed.since, handed.until
    if not found.listed:
        return None, None
    return found.listed[0].at, found.listed[-1].at + timedelta(seconds=1)


def _ask_about_unknown(conn: Connection, shortcode_id: int, found: Statement, at: datetime) -> None:
    came = [one.receipt for one in found.listed if one.direction == "in"]
    booked = movements.booked_of(conn, shortcode_id, came)
    unknown = [AboutReceipt(receipt, shortcode_id, None) for receipt in came if receipt not in booked]
    inquiries.open_about_receipts(conn, unknown, at=at, wait=timedelta(0))
    out = {one.receipt: (one.amount_cents, one.at) for one in found.listed if one.direction == "out"}
    booked = movements.booked_of(conn, shortcode_id, list(out))
    unbooked = {receipt: moved for receipt, moved in out.items() if receipt not in booked}
    payouts.found_in_statement(conn, shortcode_id, unbooked, at=at)


def _settle(
    conn: Connection,
    statement_id: int,
    to: StatementState,
    found: Outcome,
    at: datetime,
) -> None:
    """The body goes: it names payers."""
    conn.execute(
        "UPDATE statements_imported SET state = %s, body = NULL, due_at = NULL, covers_from = %s, covers_to = %s, "
        "listed = %s, problems = %s, read_at = %s WHERE id = %s AND state = ANY(%s)",
        [
            to,
            found.since,
            found.until,
            found.listed,
            Jsonb([vars(problem) for problem in found.problems]),
            at,
            statement_id,
            STATEMENT_MOVES.leading_to(to),
        ],
    )
