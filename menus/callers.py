"""Who is dialling: the owner of the number and the chamas that let her in."""

from datetime import datetime
from typing import NamedTuple

from chamas import doorstep, presence
from ledger.wires import Connection
from menus import locale
from menus.visit import Caller, Membership


class Recognised(NamedTuple):
    """`caller` is None for a stranger, whose language nobody knows. `prompt_out`: a prompt of hers may be out.

    `news`: something waits to be said to her. `stale`: that this phone is in use was not written down today.
    """

    caller: Caller | None
    language: str
    prompt_out: bool
    stale: bool = False
    news: bool = False


def recognise(conn: Connection, phone: str, at: datetime) -> Recognised:
    """The caller at this E.164 number."""
    dialler = doorstep.recognise(conn, phone, at)
    if dialler is None:
        return Recognised(None, locale.KISWAHILI, prompt_out=False)
    mine = tuple(
        Membership(door.chama_id, door.name, door.member_id, door.book_id, door.contributes, door.official)
        for door in dialler.doors
    )
    language = dialler.language if dialler.language in locale.LANGUAGES else locale.KISWAHILI
    silent = presence.silent(dialler.seen_at, at)
    guarded = dialler.private_phone or silent
    caller = Caller(dialler.user_id, dialler.first_name, mine, guarded, dialler.has_pin)
    # Whoever holds a number that was silent for long has shown nothing by dialling it.
    stale = not silent and presence.stale(dialler.seen_at, at)
    return Recognised(caller, language, dialler.prompt_out, stale, dialler.news)
