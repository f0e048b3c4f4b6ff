"""Codes, money, instants and phones in the ways in which Safaricom writes them. Each raises ValidationError."""

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from marshmallow import ValidationError

from ledger.nairobi import EAT
from payments.phones import UnreadablePhone, normalise

RECEIPT = re.compile(r"[A-Z0-9]{8,12}")
CODE = re.compile(r"[A-Za-z0-9_.]{1,20}")
# Safaricom's generic id for failures ("MBN0000000") has the shape of a receipt and is none.
GENERIC = re.compile(r".*0{7,}")
# Beyond any M-PESA amount; a number like 1e999999 must not be spelt out.
AMOUNT_DIGITS = 12
MOMENTS = ("%Y%m%d%H%M%S", "%d.%m.%Y %H:%M:%S")
# As Pull writes them. The Z is doubtful: docs and sandbox disagree about the zone.
LISTED_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d{1,2}:\d\d:\d\d)(?:\.\d+)?Z?")
# A balance may be zero, or below it where charges stand.
BALANCE = re.compile(r"-?[0-9][0-9,]*(?:\.[0-9]{1,2})?")
IDENTIFIER_LETTERS = 128
# Five accounts with four amounts each are under 400 letters.
LONG_LETTERS = 4_000
# A whole number as Daraja writes it; anything else takes the long way. A tenth of reading a callback hangs on this.
WHOLE_PHONE = re.compile(r"254[17][0-9]{8}")


def is_receipt(text: str) -> bool:
    """Whether `text` could be a receipt, NLJ7RT61SV, and is not the generic id."""
    return bool(RECEIPT.fullmatch(text)) and not GENERIC.fullmatch(text)


def code(value: Any) -> str:
    """A result code as text: 0, "0" and "SFC_IC0003" all occur."""
    text = _scalar(value, "not a result code")
    if not CODE.fullmatch(text):
        raise ValidationError("not a result code")
    return text


def identifier(value: Any) -> str:
    """One of Safaricom's own ids: short, printable."""
    text = _scalar(value, "not an identifier")
    if not 0 < len(text) <= IDENTIFIER_LETTERS or not text.isprintable():
        raise ValidationError("not an identifier")
    return text


def long_text(value: Any) -> str:
    """Text of several things, short enough to be one of Safaricom's."""
    if not isinstance(value, str) or len(value) > LONG_LETTERS:
        raise ValidationError("not a text")
    return value


def receipt(value: Any) -> str:
    """A receipt; blanks around it are dropped."""
    text = _scalar(value, "not a receipt")
    if not is_receipt(text):
        raise ValidationError("not a receipt")
    return text


def cents(value: Any) -> int:
    """Shillings as 1, 1.00, "1" or "1.00" into cents, exact: a third decimal or a sign is an error."""
    if not isinstance(value, (int, str, Decimal)) or isinstance(value, bool):
        raise ValidationError("not an amount")
    try:
        shillings = Decimal(value)
    except (InvalidOperation, ValueError):
        raise ValidationError("not an amount") from None
    if not shillings.is_finite() or shillings <= 0 or not -2 <= shillings.adjusted() < AMOUNT_DIGITS:
        raise ValidationError("not an amount")
    exact = shillings * 100
    if exact != exact.to_integral_value():
        raise ValidationError("more than two decimals")
    return int(exact)


def funds(value: Any) -> int | None:
    """What an account holds, in cents, nothing and less than nothing included; None for what is no such number.

    Never an error: a payment is not doubted because a balance beside it cannot be read.
    """
    if not isinstance(value, (int, str, Decimal)) or isinstance(value, bool):
        return None
    try:
        shillings = Decimal(value)
    except (InvalidOperation, ValueError):
        return None
    readable = shillings.is_finite() and (not shillings or -2 <= shillings.adjusted() < AMOUNT_DIGITS)
    exact = shillings * 100 if readable else None
    return int(exact) if exact is not None and exact == exact.to_integral_value() else None


def moment(value: Any) -> datetime:
    """Nairobi's time without a zone, as a number or text, into aware UTC."""
    text = _scalar(value, "not a moment")
    for form in MOMENTS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=EAT).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    raise ValidationError("not a moment")


def listed_moment(value: Any) -> datetime:
    """A time of Pull's, read as Nairobi's whatever letter stands behind it, into aware UTC."""
    found = LISTED_MOMENT.fullmatch(_scalar(value, "not a moment"))
    if found is None:
        return moment(value)
    try:
        read = datetime.strptime(f"{found[1]} {found[2]}", "%Y-%m-%d %H:%M:%S").replace(tzinfo=EAT)
    except ValueError:
        raise ValidationError("not a moment") from None
    return read.astimezone(UTC)


def balance_if_said(value: Any) -> int | None:
    """What an account holds, in cents: "41880264.80"; None when it is empty or no amount. Never an error."""
    text = str(value).strip() if isinstance(value, (int, str, Decimal)) and not isinstance(value, bool) else ""
    if not BALANCE.fullmatch(text) or len(text) > 2 * AMOUNT_DIGITS:
        return None
    return int(Decimal(text.replace(",", "")) * 100)


def phone_if_whole(value: Any) -> str | None:
    """E.164, or None when it is masked, hashed or missing: half a number identifies nobody."""
    text = str(value)[:40]
    if WHOLE_PHONE.fullmatch(text):
        return f"+{text}"
    try:
        return normalise(text)
    except UnreadablePhone:
        return None


def typed(value: Any) -> str:
    """What a person typed, or what stands for her: any scalar as text, else nothing. Never an error."""
    if not isinstance(value, (int, str)) or isinstance(value, bool):
        return ""
    return str(value)[:IDENTIFIER_LETTERS].strip()


def _scalar(value: Any, complaint: str) -> str:
    if not isinstance(value, (int, str)) or isinstance(value, bool) or len(str(value)) > 4 * IDENTIFIER_LETTERS:
        raise ValidationError(complaint)
    return str(value).strip()
