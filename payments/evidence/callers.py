"""Who has called, and what was told that must not be believed: forged, or told again by somebody else. Reads only.

An address proves nothing, and a forgery credits nothing: this is for the operator, who sees here that somebody tries.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from psycopg.rows import class_row

from ledger.wires import Connection

# Of a busy house some days, of a quiet one a year; more would be a table scan for a page.
DELIVERIES: Final = 20_000
# As many as a person reads.
SHOWN: Final = 50

Doubt = Literal["forged", "replayed", "unreadable"]


@dataclass(frozen=True)
class Caller:
    """One address among the last DELIVERIES. `believed` are rows that moved something or said what was known."""

    address: str
    deliveries: int
    times: int
    believed: int
    doubted: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True)
class Doubted:
    """A delivery that was not believed. `replayed`: its receipt was proved by another row before; `same_body`: it is
    that one's body to the letter, under another token.
    """

    evidence_id: int
    at: datetime
    address: str | None
    source: str
    verdict: str
    reason: str | None
    receipt: str | None
    payment_id: int | None
    seen_count: int
    doubt: Doubt
    same_body: bool


def callers(conn: Connection) -> list[Caller]:
    """Every address that called lately, those that are doubted most first."""
    with conn.cursor(row_factory=class_row(Caller)) as cursor:
        return cursor.execute(
            "SELECT host(remote_ip) AS address, count(*) AS deliveries, sum(seen_count)::integer AS times, "
            "count(*) FILTER (WHERE verdict IN ('applied', 'repeated', 'late')) AS believed, "
            "count(*) FILTER (WHERE verdict IN ('unmatched', 'refused', 'conflict', 'unreadable')) AS doubted, "
            "min(received_at) AS first_at, max(received_at) AS last_at "
            "FROM (SELECT remote_ip, verdict, seen_count, received_at FROM evidence ORDER BY id DESC LIMIT %s) AS e "
            "WHERE remote_ip IS NOT NULL GROUP BY remote_ip ORDER BY doubted DESC, last_at DESC",
            [DELIVERIES],
        ).fetchall()


def doubted(conn: Connection, *, address: str | None = None, limit: int = SHOWN) -> list[Doubted]:
    """What was told last and not believed, newest first; of one address, or of all."""
    with conn.cursor(row_factory=class_row(Doubted)) as cursor:
        return cursor.execute(
            "SELECT e.id AS evidence_id, e.received_at AS at, host(e.remote_ip) AS address, e.source, e.verdict, "
            "e.reason, e.receipt, e.attempt_id AS payment_id, e.seen_count, CASE WHEN e.verdict = 'unreadable' "
            "THEN 'unreadable' WHEN p.id IS NOT NULL THEN 'replayed' ELSE 'forged' END AS doubt, "
            "coalesce(p.body_sha256 = e.body_sha256, FALSE) AS same_body FROM evidence e "
            "LEFT JOIN receipts r ON r.receipt = e.receipt "
            "LEFT JOIN evidence p ON p.id = r.evidence_id AND p.id < e.id "
            "WHERE e.verdict IN ('unmatched', 'refused', 'conflict', 'unreadable') "
            "AND (%(address)s::text IS NULL OR host(e.remote_ip) = %(address)s) ORDER BY e.id DESC LIMIT %(limit)s",
            {"address": address, "limit": limit},
        ).fetchall()
