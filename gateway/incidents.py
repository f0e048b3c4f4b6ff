"""What broke, under the short reference that the person in front of the screen was told.

It is in the log, and in the table or, while PostgreSQL is away or slow, in a file beside the spool.
`pesachama incident` and the desk look in both.
"""

import json
import logging
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import psycopg
from psycopg_pool import PoolTimeout

from gateway import log
from gateway.wiring import Wiring
from ledger.letters import spell
from ledger.wires import Chance, Connection

# PostgreSQL has just kept somebody waiting as long as the limits allow: she must not wait for its answer once more.
PATIENCE_IS_SPENT = (PoolTimeout, psycopg.OperationalError, psycopg.errors.TransactionTimeout)

# One line each beside the spool, at most two files of this size: an outage meets many people, and the log has them all.
NOTES = "incidents.jsonl"
# About 15,000 incidents.
NOTES_BYTES = 4_000_000
# Bad input, which somebody may send by the thousand: apart, so that it pushes out nothing that broke here.
MISTOLD = "mistold.jsonl"


class Incident(NamedTuple):
    """One thing that broke: where, the kind of error, the lines of code it passed, and when (UTC)."""

    reference: str
    place: str
    kind: str
    detail: str
    happened_at: datetime


def reference(chance: Chance) -> str:
    """Six letters such as `7K2-9QX`."""
    letters = spell(6, chance)
    return f"{letters[:3]}-{letters[3:]}"


def report(wiring: Wiring, place: str, error: BaseException, user_id: int | None = None) -> str:
    """Records an error and returns its reference; when PostgreSQL is away or slow the log and a file have it."""
    mark = reference(wiring.chance)
    log.line("incident", level=logging.ERROR, error=error, reference=mark, place=place, user=user_id)
    detail = " < ".join(reversed(log.trace(error)["where"]))
    seen = Incident(mark, place, type(error).__name__, detail, wiring.now())
    if isinstance(error, PATIENCE_IS_SPENT):
        write_down(wiring, seen)
        return mark
    try:
        with wiring.at_the_door("incident", mark) as conn:
            conn.execute(
                "INSERT INTO incidents (reference, place, kind, detail, happened_at, user_id) "
                "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (reference) DO NOTHING",
                [*seen, user_id],
            )
    except (psycopg.Error, PoolTimeout) as failure:
        log.line("incident not stored", level=logging.WARNING, error=failure, reference=mark)
        write_down(wiring, seen)
    return mark


def mistold(wiring: Wiring, place: str, why: str) -> str:
    """Records that what came was no input, and returns its reference. On the disk only: a flood must not fill a table.

    `why` is one of our own words, never a word of the input.
    """
    mark = reference(wiring.chance)
    write_down(wiring, Incident(mark, place, "bad input", why, wiring.now()), MISTOLD)
    return mark


def write_down(wiring: Wiring, seen: Incident, notes_name: str = NOTES) -> None:
    """Keeps it on the disk, without whom it met."""
    path = Path(wiring.settings.spool_dir) / notes_name
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > NOTES_BYTES:
            path.replace(path.with_suffix(".old"))
        with path.open("a", encoding="utf-8") as notes:
            notes.write(json.dumps([*seen[:-1], seen.happened_at.isoformat()]) + "\n")
    except OSError as failure:
        log.line("incident not written down", level=logging.WARNING, error=failure, reference=seen.reference)


def find(conn: Connection | None, wiring: Wiring, told: str) -> Incident | None:
    """What lies behind a reference, however it was read out: in small letters, without the dash.

    Without a connection, because PostgreSQL is away, it is looked for in the file only.
    """
    letters = re.sub(r"[^A-Z0-9]", "", told.upper())
    mark = f"{letters[:3]}-{letters[3:]}"
    asked = "SELECT reference, place, kind, detail, happened_at FROM incidents WHERE reference = %s"
    row = conn.execute(asked, [mark]).fetchone() if conn else None
    if row:
        return Incident(*row)
    return next((one for one in _written_down(conn, wiring, NOTES, MISTOLD) if one.reference == mark), None)


def recent(conn: Connection | None, wiring: Wiring, limit: int) -> list[Incident]:
    """The newest first; without bad input, which is found by its reference, and would hide what broke here."""
    asked = "SELECT reference, place, kind, detail, happened_at FROM incidents ORDER BY happened_at DESC LIMIT %s"
    kept = [Incident(*row) for row in conn.execute(asked, [limit])] if conn else []
    return sorted([*kept, *_written_down(conn, wiring, NOTES)], key=lambda one: one.happened_at, reverse=True)[:limit]


def _written_down(conn: Connection | None, wiring: Wiring, *names: str) -> Iterator[Incident]:
    # The table has its own guard; at a desk the file is for operators too.
    if conn and wiring.process == "web" and conn.execute("SELECT is_operator()").fetchone() != (True,):
        return
    paths = [Path(wiring.settings.spool_dir) / name for name in names]
    for notes in [*paths, *(path.with_suffix(".old") for path in paths)]:
        for line in notes.read_text(encoding="utf-8").splitlines() if notes.exists() else ():
            try:
                mark, place, kind, detail, at = json.loads(line)
                yield Incident(mark, place, kind, detail, datetime.fromisoformat(at))
            except (ValueError, TypeError):
                continue  # cut off by a power cut


def note(conn: Connection, kind: str, detail: str, *, at: datetime, unless_since: datetime, chance: Chance) -> bool:
    """Writes down a trouble that nobody met yet; False when the same kind was noted since then."""
    # Two workers look at the same minute.
    conn.execute("SELECT pg_advisory_xact_lock(hashtextextended('incident:' || %s, 0))", [kind])
    return (
        conn.execute(
            "INSERT INTO incidents (reference, place, kind, detail, happened_at) SELECT %s, 'watch', %s, %s, %s "
            "WHERE NOT EXISTS (SELECT FROM incidents WHERE place = 'watch' AND kind = %s AND happened_at > %s) "
            "ON CONFLICT (reference) DO NOTHING",
            [reference(chance), kind, detail, at, kind, unless_since],
        ).rowcount
        == 1
    )


def forget(conn: Connection, user_id: int) -> int:
    """What broke in front of her broke in front of somebody; returns how often."""
    return conn.execute("UPDATE incidents SET user_id = NULL WHERE user_id = %s", [user_id]).rowcount
