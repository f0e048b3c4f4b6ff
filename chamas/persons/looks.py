"""Who has looked at somebody's identity, for herself to read: identity_looks is written here only.

Theory of operation. The row is written before what it tells of is shown, in the same transaction: what cannot be
written down is not shown. Her own look is none. A row says who, at what and when, never what was seen; it goes with her
(gateway/forgetting.py), and stays when she who looked is forgotten, under a name that says nothing any more.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chamas.members.office import office
from ledger.wires import Connection

# What a phone or a page shows at most; a person whose papers are looked at more often asks for the rest.
LISTED = 50


class Sight(StrEnum):
    """What was seen of her."""

    NATIONAL_ID = "national_id"
    DOCUMENT = "document"
    # her last sessions, looked up by her whole number
    STEPS = "steps"
    DATA = "data"


@dataclass(frozen=True)
class Look:
    """Somebody of the house looked on this day, the last time `seen_at` (UTC). `by` is her first name as it is now."""

    id: int
    by: str
    what: Sight
    times: int
    seen_at: datetime


def write_down(conn: Connection, user_id: int, what: Sight, *, by_user_id: int, at: datetime) -> None:
    """She is about to be shown `what` of this person."""
    if by_user_id != user_id:
        conn.execute(
            "INSERT INTO identity_looks (user_id, seen_by, what, seen_at) VALUES (%s, %s, %s, %s)",
            [user_id, by_user_id, what, at],
        )


def at_person(conn: Connection, user_id: int) -> list[Look]:
    """Who looked at her, newest first; the same look of one day at once. `id` is the last one's."""
    found = conn.execute(
        "SELECT max(id), seen_by, what, count(*), max(seen_at) FROM identity_looks WHERE user_id = %s "
        # Days as Nairobi has them (ledger/nairobi.py).
        "GROUP BY seen_by, what, (seen_at AT TIME ZONE INTERVAL '3 hours')::date ORDER BY max(id) DESC LIMIT %s",
        [user_id, LISTED],
    ).fetchall()
    # Who works for the house is in no group of hers: only the office knows the name.
    with office(conn):
        names = dict(
            conn.execute(
                "SELECT id, first_name FROM users WHERE id = ANY(%s)", [sorted({by for _, by, *_ in found})]
            ).fetchall()
        )
    return [Look(last, names.get(by, ""), Sight(what), times, at) for last, by, what, times, at in found]


def forget(conn: Connection, user_id: int) -> int:
    """Takes away who looked at her; returns how many rows there were."""
    return conn.execute("DELETE FROM identity_looks WHERE user_id = %s", [user_id]).rowcount
