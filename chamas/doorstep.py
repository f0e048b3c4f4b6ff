"""Who stands at the door: the one question that every first dial asks, in one statement. Reads only.

Nobody is known before it is answered, so it is a function that needs no context (migrations/0016_fewer_messages.sql).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import dict_row

from ledger.wires import Connection
from payments.pushes import OUT_FOR
from payments.states import OUT

PHONE = ("private_phone", "has_pin", "seen_at", "news")


@dataclass(frozen=True)
class Door:
    """A chama that lets her in. `contributes`: the chama runs and she is in it, so that it takes her money.

    `official`: chairperson, treasurer or secretary.
    """

    chama_id: int
    name: str
    member_id: int
    book_id: int
    contributes: bool
    official: bool


@dataclass(frozen=True)
class Dialler:
    """The owner of a number. `doors` begins with her home chama; `prompt_out`: one of hers may still be booked.

    `seen_at`: when her phone was last used, or she was written down. `news`: something waits to be said to her.
    """

    user_id: int
    first_name: str
    language: str
    prompt_out: bool
    private_phone: bool
    has_pin: bool
    seen_at: datetime
    news: bool
    doors: Sequence[Door]


def recognise(conn: Connection, phone: str, at: datetime) -> Dialler | None:
    """The active person at this E.164 number. Chamas that only invited her do not count: they show her nothing yet.

    Her home chama is the one that is running, then the one she joined first, as in `standing.memberships`.
    """
    found = conn.cursor(row_factory=dict_row)
    found.execute("SELECT * FROM who_dials(%s, %s, %s)", [phone, at - OUT_FOR, list(OUT)])
    rows = found.fetchall()
    if not rows:
        return None
    who = {name: rows[0][name] for name in ("user_id", "first_name", "language", "prompt_out", *PHONE)}
    places = ("chama_id", "name", "member_id", "book_id", "contributes", "official")
    doors = [Door(**{name: row[name] for name in places}) for row in rows if row["chama_id"] is not None]
    return Dialler(doors=tuple(doors), **who)
