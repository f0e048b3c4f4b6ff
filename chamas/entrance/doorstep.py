"""Who stands at the door: the one question that every first dial asks, in one statement. Reads only.

Nobody is known before it is answered, so it is a function that needs no context (migrations/0016_fewer_messages.sql).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from psycopg.rows import dict_row

from ledger.wires import Connection
from payments.paybill import account_number
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
    return _dialler(rows) if rows else None


@dataclass(frozen=True)
class Sharer:
    """Somebody without a phone of her own who uses this one, at one of her places: her `number` in that group, what
    she types at the paybill (`account`), and whether she is `inside` or only invited.
    """

    dialler: Dialler
    chama_id: int
    chama: str
    number: int
    account: str
    inside: bool


def sharing(conn: Connection, phone: str, at: datetime) -> list[Sharer]:
    """Who shares this E.164 number, one for each place in a group, oldest first."""
    found = conn.cursor(row_factory=dict_row)
    found.execute("SELECT * FROM who_shares(%s, %s, %s)", [phone, at - OUT_FOR, list(OUT)])
    rows = found.fetchall()
    sharers = []
    for _, places in groupby(rows, key=lambda row: row["user_id"]):
        hers = list(places)
        inside = [row for row in hers if row["inside"]]
        dialler = _dialler(inside) if inside else replace(_dialler(hers), doors=())
        for row in hers:
            account = account_number(row["chama_number"], row["number"])
            place = (row["chama_id"], row["name"], row["number"], account, row["inside"])
            sharers.append(Sharer(dialler, *place))
    return sharers


def act_for(conn: Connection, user_id: int) -> None:
    """From here on the transaction acts for this person: she said by her number who she is, and proves it next."""
    conn.execute("SELECT set_config('app.user_id', %s, true)", [str(user_id)])


def _dialler(rows: Sequence[Mapping[str, Any]]) -> Dialler:
    who = {name: rows[0][name] for name in ("user_id", "first_name", "language", "prompt_out", *PHONE)}
    places = ("chama_id", "name", "member_id", "book_id", "contributes", "official")
    doors = [Door(**{name: row[name] for name in places}) for row in rows if row["chama_id"] is not None]
    return Dialler(doors=tuple(doors), **who)
