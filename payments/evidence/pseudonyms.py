"""Takes whoever paid out of a body that Safaricom sent, and leaves what it says about money. Pure.

Bodies may be cut off, or no JSON at all, so they are handled as bytes: values of items that name a person, then every
spelling of her number.

Who asks to be forgotten is erased (`pseudonymised`): where her name still stands after that, nothing of the body is
left. When a body's period is over everybody in it becomes a pseudonym under our key (`under_key`): the same person is
still the same one in every body, and nobody without the key can say who. The numbers of organisations stay, because
they say whether money came in or went out.
"""

import hashlib
import re
from collections.abc import Sequence

from payments.payers import Payers
from payments.phones import UnreadablePhone, normalise, to_daraja

ERASED = b'"erased"'
# What a pseudonym begins with: no number and no name of M-PESA's does.
PSEUDONYM = "p-"

# The fields and the listed items in which Safaricom names people. "DebitPartyName" is "254708374149 - John Doe".
_VALUE = rb'("(?:[^"\\]|\\.)*+"?|[0-9.]+)'
FIELDS = re.compile(rb'("(?:FirstName|MiddleName|LastName|MSISDN|msisdn|PhoneNumber)"\s*:\s*)' + _VALUE)
ITEMS = re.compile(
    rb'("(?:Name|Key)"\s*:\s*"(?:PhoneNumber|DebitPartyName|CreditPartyName|ReceiverPartyPublicName)"\s*,\s*'
    rb'"Value"\s*:\s*)' + _VALUE
)


def spellings(phone: str) -> list[bytes]:
    """An E.164 number in every way in which a body may hold it, longest first.

    Its SHA-256 is how paybill notices name a payer, and a CheckoutRequestID ends in its last nine digits.
    """
    digits = to_daraja(phone)
    ends = [f"0{digits[3:]}", digits[3:]] if digits.startswith("254") else []
    return [told.encode() for told in (hashlib.sha256(digits.encode()).hexdigest(), digits, *ends)]


def pseudonymised(body: bytes, *, phones: Sequence[str], names: Sequence[str]) -> bytes:
    """The body without the people whom it names; `names` are those that must not be found in it afterwards."""
    told = ITEMS.sub(rb"\1" + ERASED, FIELDS.sub(rb"\1" + ERASED, body))
    for phone in phones:
        for spelling in spellings(phone):
            told = told.replace(spelling, b"erased")
    lowered = told.lower()
    return ERASED if any(name.lower().encode() in lowered for name in names) else told


# A whole number of a Kenyan phone wherever it stands, and the end of a CheckoutRequestID, which is one without 254.
WHOLE = re.compile(rb"(?<![0-9A-Za-z])\+?(?:254|0)[17][0-9]{8}(?![0-9])")
CHECKOUT = re.compile(rb'("CheckoutRequestID"\s*:\s*"[^"]*?)([17][0-9]{8})(?=")')
HASHED = re.compile(r"[0-9a-fA-F]{64}")
LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
ORGANISATION = re.compile(r"[0-9]{5,7}( - .*)?", re.DOTALL)


def under_key(body: bytes, payers: Payers) -> bytes:
    """The body with pseudonyms for every number and name in it; done twice it is done once."""
    told = ITEMS.sub(lambda found: found[1] + _quoted(found[2], payers), body)
    told = FIELDS.sub(lambda found: found[1] + _quoted(found[2], payers), told)
    told = CHECKOUT.sub(lambda found: found[1] + _number(b"254" + found[2], payers), told)
    return WHOLE.sub(lambda found: _in_place(found, payers), told)


def _quoted(value: bytes, payers: Payers) -> bytes:
    """What a field or item says of a person, as a JSON string; a value that names nobody stays as it is."""
    text = value.decode("utf-8", "replace").strip('"').strip()
    if not text or text.startswith(PSEUDONYM) or ORGANISATION.fullmatch(text):
        return value
    number, _, name = text.partition(" - ")
    said = _person(number, payers) + (f" - {_name(name, payers)}" if name else "")
    return b'"' + said.encode() + b'"'


def _person(text: str, payers: Payers) -> str:
    """A number, whole or as Safaricom's hash, or anything else that stands for a person."""
    if HASHED.fullmatch(text):
        return _printed(payers.of_hash(bytes.fromhex(text)))
    try:
        return _printed(payers.of_phone(normalise(text)))
    except UnreadablePhone:
        return _name(text, payers)


def _name(text: str, payers: Payers) -> str:
    return _printed(payers.of_hash(hashlib.sha256(text.strip().upper().encode()).digest()))


def _number(found: bytes, payers: Payers) -> bytes:
    return _person(found.decode(), payers).encode()


def _in_place(found: re.Match[bytes], payers: Payers) -> bytes:
    """A number in the middle of a body: as a JSON string where it stood as a JSON number."""
    alone = found.string[: found.start()].rstrip()[-1:] in (b":", b"[") and (
        found.string[found.end() :].lstrip()[:1] in (b",", b"}", b"]")
    )
    said = _number(found[0], payers)
    return b'"' + said + b'"' if alone else said


def _printed(key: bytes | None) -> str:
    """In letters alone: nobody, and no second look of ours, takes a part of it for a number."""
    return PSEUDONYM + (key or b"").hex().translate(LETTERS)
