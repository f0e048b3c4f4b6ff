"""Sets of entries one of which cannot even be refused: the statement dies of it, and the others must not.

A refusal is an answer and stops nobody. But an amount that no bigint holds, a text with a NUL or a row that some CHECK
has never met ends the whole statement with an exception. Then the set is undone to its savepoint, halved, and each half
is tried again, until the culprit stands alone: for one among a thousand, ten halvings. This is the one place of the
ledger that sets savepoints.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg

from ledger import refusals
from ledger.books import Draft, Posted, post_set
from ledger.wires import Chance, Connection


@dataclass(frozen=True)
class Culprit:
    """An entry that ended its statement, with what was raised. Nothing of it stands, its key is free."""

    draft: Draft
    error: Exception


def post_bisected(
    conn: Connection, drafts: Sequence[Draft], *, at: datetime, chance: Chance
) -> list[Posted | refusals.Refusal | Culprit]:
    """Posts a set as post_set does; what cannot be posted at all stands in the list as a Culprit, in its place.

    What says nothing about the entries (a lost connection, a deadlock, a timeout) is raised, and nothing stands.
    """
    try:
        return [*_post_in_savepoint(conn, drafts, at, chance)]
    except psycopg.OperationalError:
        raise
    except (psycopg.Error, TypeError, ValueError) as error:
        if len(drafts) == 1:
            return [Culprit(drafts[0], error)]
        half = len(drafts) // 2
        return [
            *post_bisected(conn, drafts[:half], at=at, chance=chance),
            *post_bisected(conn, drafts[half:], at=at, chance=chance),
        ]


def _post_in_savepoint(
    conn: Connection, drafts: Sequence[Draft], at: datetime, chance: Chance
) -> list[Posted | refusals.Refusal]:
    with conn.transaction():
        return post_set(conn, drafts, at=at, chance=chance)
