"""Takes whoever paid out of a body that Safaricom sent, and leaves what it says about money. Pure.

Bodies may be cut off, or no JSON at all, so they are handled as bytes: values of items that name a person, then every
spelling of her number. Where her name still stands after that, nothing of the body is left.
"""

import hashlib
import re
from collections.abc import Sequence

from payments.phones import to_daraja

ERASED = b'"erased"'

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
