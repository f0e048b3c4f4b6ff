"""How somebody wants to be told: ways, nights, reminders. notice_preferences and devices are written here only.

Who has said nothing is told by SMS, with reminders, and not at night. What the law of the house demands reaches her all
the same: by SMS when she has chosen no other way.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from psycopg.rows import class_row

from ledger.refusals import Refusal
from ledger.wires import Connection

# As long as an address may be, RFC 5321; what stands before and behind the sign is not ours to judge.
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
LONGEST_ADDRESS = 254
# Tokens of the push service have some 160 characters; it names no limit.
LONGEST_TOKEN = 4096
# More apps than one person uses: who registers anew leaves old ones behind.
DEVICES = 5

# What a member may answer to any message of ours, in both languages.
STOPS = frozenset({"STOP", "ACHA", "SIMAMISHA", "UNSUBSCRIBE"})
STARTS = frozenset({"START", "ANZA"})


class UnfitAddress(Refusal):
    """No e-mail address that anything can be sent to."""

    code = "unfit_address"
    status = 422
    words = "This is no e-mail address."


class UnfitDevice(Refusal):
    """No token of a push service."""

    code = "unfit_device"
    status = 422
    words = "This is no token of a device."


@dataclass(frozen=True)
class Preferences:
    """What holds for one person. `email` is where mail goes, None for no mail; `at_night`: reminders come then too."""

    sms: bool = True
    email: str | None = None
    push: bool = False
    reminders: bool = True
    at_night: bool = False


def of(conn: Connection, user_id: int) -> Preferences:
    """Hers, or what holds for whoever has said nothing."""
    found = conn.cursor(row_factory=class_row(Preferences))
    found.execute("SELECT sms, email, push, reminders, at_night FROM notice_preferences WHERE user_id = %s", [user_id])
    return found.fetchone() or Preferences()


def choose(conn: Connection, user_id: int, wanted: Preferences, *, at: datetime) -> None:
    """From now on she wants it like this. Raises UnfitAddress."""
    if wanted.email is not None and not (
        len(wanted.email) <= LONGEST_ADDRESS and wanted.email.isascii() and ADDRESS.fullmatch(wanted.email)
    ):
        raise UnfitAddress
    conn.execute(
        """
        INSERT INTO notice_preferences (user_id, sms, email, push, reminders, at_night, changed_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (user_id) DO UPDATE
            SET sms = excluded.sms, email = excluded.email, push = excluded.push, reminders = excluded.reminders,
                at_night = excluded.at_night, changed_at = excluded.changed_at
        """,
        [user_id, wanted.sms, wanted.email, wanted.push, wanted.reminders, wanted.at_night, at],
    )


def answer(conn: Connection, user_id: int, text: str, *, at: datetime) -> bool:
    """She answered a message of ours: STOP ends reminders, START brings them back; whether it was one of the two."""
    word = text.strip().upper().rstrip(".!")
    if word not in STOPS | STARTS:
        return False
    choose(conn, user_id, replace(of(conn, user_id), reminders=word in STARTS), at=at)
    return True


def register_device(conn: Connection, user_id: int, token: str, *, at: datetime) -> None:
    """An app of hers, from now on also told by push; a token has one owner, the last. Raises UnfitDevice."""
    if not (0 < len(token) <= LONGEST_TOKEN and token.isascii() and token.isprintable()):
        raise UnfitDevice
    conn.execute(
        "INSERT INTO devices (token, user_id, since) VALUES (%s, %s, %s) "
        "ON CONFLICT (token) DO UPDATE SET user_id = excluded.user_id, since = excluded.since",
        [token, user_id, at],
    )
    choose(conn, user_id, replace(of(conn, user_id), push=True), at=at)


def devices(conn: Connection, user_id: int) -> list[str]:
    """Tokens of her apps, the newest first."""
    rows = conn.execute(
        "SELECT token FROM devices WHERE user_id = %s ORDER BY since DESC, token LIMIT %s", [user_id, DEVICES]
    ).fetchall()
    return [token for (token,) in rows]


def lose_device(conn: Connection, token: str) -> None:
    """The push service knows this token no more."""
    conn.execute("DELETE FROM devices WHERE token = %s", [token])


def forget(conn: Connection, user_id: int) -> int:
    """Takes away what she said about it, her address and her devices; how many rows."""
    said = conn.execute("DELETE FROM notice_preferences WHERE user_id = %s", [user_id]).rowcount
    return said + conn.execute("DELETE FROM devices WHERE user_id = %s", [user_id]).rowcount
