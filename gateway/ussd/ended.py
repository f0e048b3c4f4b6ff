"""End events: how sessions ended, for people and funnels. `ussd_sessions` is written here only.

The event repeats everything that was typed (`input`) and shown; neither is read. A second event changes nothing.
"""

from collections.abc import Mapping
from typing import NamedTuple

from gateway.ussd.sessions import Names
from gateway.wiring import Wiring
from ledger.money import parse_shillings
from ledger.refusals import NotAnAmount
from ledger.wires import Connection
from payments import phones

# What Africa's Talking calls its ends, and what everything else is kept as.
STATUSES = frozenset({"Success", "Incomplete", "Failed"})


class Ended(NamedTuple):
    """One end: `duration_ms` and `cost_cents` are None when the event did not say them readably."""

    session_id: str
    phone: str
    status: str
    hops: int | None
    duration_ms: int | None
    cost_cents: int | None


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
    )


def keep(wiring: Wiring, ended: Ended | None) -> None:
    """Stores the event, the first one for each session."""
    if ended is None:
        return
    names = Names.of(wiring.settings.secret_key.encode(), ended.session_id, ended.phone)
    with wiring.holding("phone", ended.phone) as conn:
        conn.execute(
            "INSERT INTO ussd_sessions (session_key, user_id, status, hops, duration_ms, cost_cents, ended_at) "
            "VALUES (%s, (SELECT id FROM users WHERE phone = %s), %s, %s, %s, %s, %s) "
            "ON CONFLICT (session_key) DO NOTHING",
            [
                names.session_key,
                ended.phone,
                ended.status,
                ended.hops,
                ended.duration_ms,
                ended.cost_cents,
                wiring.now(),
            ],
        )


def forget(conn: Connection, user_id: int) -> int:
    """Her sessions were somebody's: for funnels only. Returns how many there were."""
    return conn.execute("UPDATE ussd_sessions SET user_id = NULL WHERE user_id = %s", [user_id]).rowcount


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _cents(text: str) -> int | None:
    try:
        return parse_shillings(text)
    except NotAnAmount:
        return 0 if text.removeprefix("KES ").strip("0.") == "" and text else None
