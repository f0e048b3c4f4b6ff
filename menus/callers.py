"""Who is dialling: the owner of the number and the chamas that let her in."""

from typing import NamedTuple

from chamas import access, register
from ledger.wires import Connection
from menus import locale
from menus.visit import Caller, Membership


class Recognised(NamedTuple):
    """`caller` is None for a stranger, whose language is not known either."""

    caller: Caller | None
    language: str


def recognise(conn: Connection, phone: str) -> Recognised:
    """The caller at this E.164 number. Chamas that have only invited her do not count: they show her nothing yet."""
    person = register.find_by_phone(conn, phone)
    if person is None or person.status != "active":
        return Recognised(None, locale.KISWAHILI)
    mine = tuple(
        Membership(found.chama_id, found.chama_name, found.id, found.book_id, f"{found.chama_number}{found.number}")
        for found in register.memberships(conn, person.id)
        if found.status in access.INSIDE
    )
    language = person.language if person.language in locale.LANGUAGES else locale.KISWAHILI
    return Recognised(Caller(person.id, person.first_name, mine), language)
