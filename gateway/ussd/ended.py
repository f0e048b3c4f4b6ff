"""End events: how sessions ended, for people and funnels. `ussd_sessions` is written here only.

The event repeats everything that was typed (`input`) and shown; neither is read. A second event changes nothing. What
it repeats of our own labels (`hopsMetadata`) is kept as far as they are names of screens.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from gateway.ussd.sessions import Names
from gateway.wiring import Wiring
from ledger.wires import Connection
from menus.dialog import ROOMS
from payments import phones

# What Africa's Talking calls its ends, and what everything else is kept as.
STATUSES = frozenset({"Success", "Incomplete", "Failed"})
# More turns than 180 seconds allow.
MOST_HOPS = 60
# `KES 0.8000`, `0.25`: in shillings, with as many places as the provider likes.
COST = re.compile(r"(?:KES\s*)?([0-9]{1,6})(?:\.([0-9]{1,6}))?")


class Ended(NamedTuple):
    """One end: `duration_ms` and `cost_cents` are None when the event did not say them readably."""

    session_id: str
    phone: str
    status: str
    hops: int | None
    duration_ms: int | None
    cost_cents: int | None
    screens: list[str]


def read(fields: Mapping[str, str]) -> Ended | None:
    """The event in a form's fields; None when it does not say which session it is about."""
    try:
        phone = phones.normalise(fields.get("phoneNumber", ""))
    except phones.UnreadablePhone:
        return None
    session_id = fields.get("sessionId", "")
    if not session_id:
        return None
    status = fields.get("status", "")
    return Ended(
        session_id,
        phone,
        status if status in STATUSES else "Unknown",
        _whole(fields.get("hopsCount", "")),
        _whole(fields.get("durationInMillis", "")),
        _cents(fields.get("cost", "")),
        [label for label in fields.get("hopsMetadata", "").split("|")[:MOST_HOPS] if label in ROOMS],
    )


def keep(wiring: Wiring, ended: Ended | None) -> None:
    """Stores the event, the first one for each session."""
    if ended is None:
        return
    names = Names.of(wiring.settings.secret_key.encode(), ended.session_id, ended.phone)
    with wiring.holding("phone", ended.phone) as conn:
        conn.execute(
            "INSERT INTO ussd_sessions "
            "(session_key, user_id, status, hops, duration_ms, cost_cents, screens, ended_at) "
            "VALUES (%s, (SELECT id FROM users WHERE phone = %s), %s, %s, %s, %s, %s, %s) "
            "ON CONFLICT (session_key) DO NOTHING",
            [
                names.session_key,
                ended.phone,
                ended.status,
                ended.hops,
                ended.duration_ms,
                ended.cost_cents,
                ended.screens,
                wiring.now(),
            ],
        )


def forget(conn: Connection, user_id: int) -> int:
    """Her sessions were somebody's: for funnels only. Returns how many there were."""
    return conn.execute("UPDATE ussd_sessions SET user_id = NULL WHERE user_id = %s", [user_id]).rowcount


def forget_old(conn: Connection, before: datetime) -> int:
    """Sessions that ended before are nobody's any more: for figures only. Returns how many."""
    return conn.execute(
        "UPDATE ussd_sessions SET user_id = NULL WHERE user_id IS NOT NULL AND ended_at < %s", [before]
    ).rowcount


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _cents(text: str) -> int | None:
    """In cents, a half and more of one counting as one: KES 0.2550 is 26."""
    told = COST.fullmatch(text.strip())
    if told is None:
        return None
    millionths = int((told[2] or "").ljust(6, "0"))
    return int(told[1]) * 100 + (millionths + 5_000) // 10_000
