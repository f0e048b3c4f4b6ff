"""Who is dialling: the owner of the number and the chamas that let her in."""

from datetime import datetime
from typing import NamedTuple

from chamas.entrance import doorstep
from chamas.entrance.doorstep import Dialler
from chamas.members import presence
from ledger.wires import Connection
from menus import locale
from menus.visit import Caller, Membership


class Recognised(NamedTuple):
    """`caller` is None for a stranger, whose language nobody knows. `prompt_out`: a prompt of hers may be out.

    `news`: something waits to be said to her. `stale`: that this phone is in use was not written down today. `lent`: a
    phone of nobody's that members share.
    """

    caller: Caller | None
    language: str
    prompt_out: bool
    stale: bool = False
    news: bool = False
    lent: bool = False


class Shares(NamedTuple):
    """Somebody who shares this phone, at her place in one group; `caller` is who she is once she has proved it."""

    caller: Caller
    language: str
    chama: int
    name: str
    number: int
    account: str


def recognise(conn: Connection, phone: str, at: datetime) -> Recognised:
    """The caller at this E.164 number."""
    dialler = doorstep.recognise(conn, phone, at)
    if dialler is None:
        lent = bool(doorstep.sharing(conn, phone, at))
        return Recognised(None, locale.KISWAHILI, prompt_out=False, lent=lent)
    silent = presence.silent(dialler.seen_at, at)
    caller = _caller(dialler, guarded=dialler.private_phone or silent)
    # Whoever holds a number that was silent for long has shown nothing by dialling it.
    stale = not silent and presence.stale(dialler.seen_at, at)
    return Recognised(caller, _language(dialler), dialler.prompt_out, stale, dialler.news)


def sharing(conn: Connection, phone: str, at: datetime) -> list[Shares]:
    """Members without a phone of their own who use this E.164 number, one for each group of theirs."""
    return [
        Shares(
            _caller(one.dialler, guarded=True)._replace(shared=True),
            _language(one.dialler),
            one.chama_id,
            one.chama,
            one.number,
            one.account,
        )
        for one in doorstep.sharing(conn, phone, at)
    ]


def _caller(dialler: Dialler, *, guarded: bool) -> Caller:
    mine = tuple(
        Membership(door.chama_id, door.name, door.member_id, door.book_id, door.contributes, door.official)
        for door in dialler.doors
    )
    return Caller(dialler.user_id, dialler.first_name, mine, guarded, dialler.has_pin)


def _language(dialler: Dialler) -> str:
    return dialler.language if dialler.language in locale.LANGUAGES else locale.KISWAHILI
