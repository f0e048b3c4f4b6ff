"""What broke, under the short reference that the person in front of the screen was told."""

import logging
from datetime import datetime

import psycopg
from psycopg_pool import PoolTimeout

from gateway import log
from gateway.wiring import Wiring
from ledger.letters import spell
from ledger.wires import Chance, Connection

# PostgreSQL has just kept somebody waiting as long as the limits allow: she must not wait for its answer once more.
PATIENCE_IS_SPENT = (PoolTimeout, psycopg.OperationalError, psycopg.errors.TransactionTimeout)


def reference(chance: Chance) -> str:
    """Six letters such as `7K2-9QX`."""
    letters = spell(6, chance)
    return f"{letters[:3]}-{letters[3:]}"


def report(wiring: Wiring, place: str, error: BaseException, user_id: int | None = None) -> str:
    """Records an error and returns its reference; when PostgreSQL is away or slow only the log has it."""
    mark = reference(wiring.chance)
    log.line("incident", level=logging.ERROR, error=error, reference=mark, place=place, user=user_id)
    if isinstance(error, PATIENCE_IS_SPENT):
        return mark
    detail = " < ".join(reversed(log.trace(error)["where"]))
    try:
        with wiring.at_the_door("incident", mark) as conn:
            conn.execute(
                "INSERT INTO incidents (reference, place, kind, detail, user_id, happened_at) "
                "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (reference) DO NOTHING",
                [mark, place, type(error).__name__, detail, user_id, wiring.now()],
            )
    except (psycopg.Error, PoolTimeout) as failure:
        log.line("incident not stored", level=logging.WARNING, error=failure, reference=mark)
    return mark


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
