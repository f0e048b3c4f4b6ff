"""The calls about payouts: the only module that writes them.

A call is one HTTP request, written before it leaves with the hash of the token that only its callback URLs hold: the
payment itself, each time that it is sent, and every question about it. What comes back under a token is about its call.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from ledger.wires import Connection
from payments.payouts.rows import Payout
from payments.payouts.states import Way


class CallKind(StrEnum):
    """A transfer is a payment that must never be made twice: the database takes one for each payout."""

    PAYMENT = "payment"
    TRANSFER = "transfer"
    QUESTION = "question"


@dataclass(frozen=True)
class Call:
    """One request about a payout. `doubtful`: another payment request of the payout may have been executed too."""

    id: int
    payout_id: int
    kind: CallKind
    token_hash: bytes
    outcome: str | None
    doubtful: bool
    way: Way = Way.B2C

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", CallKind(self.kind))
        object.__setattr__(self, "way", Way(self.way))


def add_calls(conn: Connection, kind: CallKind, made: Sequence[tuple[Payout, bytes]], *, at: datetime) -> None:
    """Calls that are about to leave, each with the hash of its token."""
    conn.execute(
        "INSERT INTO payout_calls (payout_id, kind, token_hash, called_at) "
        "SELECT c.payout_id, %s, c.token_hash, %s FROM unnest(%s::bigint[], %s::bytea[]) AS c (payout_id, token_hash)",
        [kind, at, [payout.id for payout, _ in made], [token_hash for _, token_hash in made]],
    )


def record_call(
    conn: Connection, token_hash: bytes, *, outcome: str, status: int | None, answer: Mapping[str, str]
) -> bool:
    """How a call was answered: rejected, accepted or unknown; False when that is written already."""
    return (
        conn.execute(
            "UPDATE payout_calls SET outcome = %s, status = %s, response = %s "
            "WHERE token_hash = %s AND outcome IS NULL",
            [outcome, status, Jsonb(dict(answer)), token_hash],
        ).rowcount
        == 1
    )


def calls_of(conn: Connection, token_hashes: Sequence[bytes]) -> dict[bytes, Call]:
    """Calls by the hash of their token."""
    if not token_hashes:
        return {}
    with conn.cursor(row_factory=class_row(Call)) as cursor:
        found = cursor.execute(
            "SELECT c.id, c.payout_id, c.kind, c.token_hash, c.outcome, p.way, EXISTS (SELECT FROM payout_calls o "
            "WHERE o.payout_id = c.payout_id AND o.kind = 'payment' AND o.id <> c.id "
            "AND o.outcome IS DISTINCT FROM 'rejected') AS doubtful FROM payout_calls c "
            "JOIN payouts p ON p.id = c.payout_id WHERE c.token_hash = ANY(%s)",
            [list(token_hashes)],
        ).fetchall()
    return {call.token_hash: call for call in found}
