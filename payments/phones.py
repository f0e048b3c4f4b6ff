"""Phone numbers: read, masked and written for Daraja in this one file; everywhere else they are E.164 text."""

import hashlib
import re
from functools import lru_cache

import phonenumbers

HOME_REGION = "KE"

# Stands where the number of somebody stood whom we have forgotten: it reads like one, and nobody can have it.
ERASED_PHONE = "+254000000000"

# A shortcode has five to seven; a number of Kenya's without its country has nine.
PAYBILL_DIGITS = 7

# What a person or a provider writes between digits. A masked number ("2547 ***** 126") has something else in it.
WRITABLE = re.compile(r"\+?[0-9 ().-]+")


class UnreadablePhone(ValueError):
    """The text is not one whole phone number. The message never repeats the text: it may be most of a number."""


@lru_cache(maxsize=10_000)  # every turn of a session brings the same number, and reading one costs as much as a query
def normalise(text: str) -> str:
    """`text` as E.164, "+254712345678". Kenya is at home here: 0712.., 712.., 2547.. and +2547.. are the same number.

    A leading blank stands for a `+` that a form decoder turned into a space. Raises UnreadablePhone.
    """
    bare = text.strip()
    if not WRITABLE.fullmatch(bare):
        raise UnreadablePhone("not a phone number")
    number = _valid(bare)
    if number is None and text[:1] == " ":
        number = _valid(f"+{bare}")
    if number is None:
        raise UnreadablePhone("not a phone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _valid(text: str) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, HOME_REGION)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def mask(phone: str) -> str:
    """An E.164 number as other people may see it: "+254712345678" becomes "0712***678". A paybill is nobody's number,
    and stays whole.
    """
    if phone.isascii() and phone.isdecimal() and len(phone) <= PAYBILL_DIGITS:
        return phone
    shown = f"0{phone[4:]}" if phone.startswith("+254") else phone
    return f"{shown[:4]}***{shown[-3:]}"


def to_daraja(phone: str) -> str:
    """An E.164 number as Daraja wants it: digits of the country code first, no plus ("254712345678")."""
    return phone.removeprefix("+")


def daraja_hash(phone: str) -> bytes:
    """How Safaricom names the payer of a paybill payment under v1: plain SHA-256 of the digits of an E.164 number.

    Whoever has it finds the number by trying: it is compared, and never kept (payments/payers.py).
    """
    return hashlib.sha256(to_daraja(phone).encode()).digest()
