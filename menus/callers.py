"""Who is dialling: the owner of the number and the chamas that let her in."""

from datetime import datetime
from typing import NamedTuple

from chamas import doorstep
from ledger.wires import Connection
from menus import locale
from menus.visit import Caller, Membership


class Recognised(NamedTuple):
    """`caller` is None for a stranger, whose language nobody knows. `prompt_out`: a prompt of hers may be out."""

    caller: Caller | None
    language: str
    prompt_out: bool


def recognise(conn: Connection, phone: str, at: datetime) -> Recognised:
    """The caller at this E.164 number."""
    dialler = doorstep.recognise(conn, phone, at)
    if dialler is None:
        return Recognised(None, locale.KISWAHILI, prompt_out=False)
    mine = tuple(
        Membership(door.chama_id, door.name, door.member_id, door.book_id, door.contributes) for door in dialler.doors
    )
    language = dialler.language if dialler.language in locale.LANGUAGES else locale.KISWAHILI
    return Recognised(Caller(dialler.user_id, dialler.first_name, mine), language, dialler.prompt_out)
