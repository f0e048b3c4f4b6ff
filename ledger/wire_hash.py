"""The hash of a page as it comes off the wire, without decoding it.

PostgreSQL's binary COPY writes every column as its length in 4 bytes and its bytes, with ffffffff for a missing one.
That is the form of our preimage, so a page is hashed as it comes off the wire and nothing is decoded first. Only
instants differ: the wire counts microseconds from the year 2000, the preimage from 1970.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from struct import Struct

from ledger import preimage

_INSTANTS = Struct(">4xQ4xQ")
_LENGTH = Struct(">I")
_INSTANT = Struct(">IQ")
_TWO_INSTANTS = Struct(">IQIQ")
_YEARS_1970_TO_2000 = 946_684_800_000_000  # in microseconds
_WRAP = 2**64 - 1  # an instant that was bent out of all bounds must make a wrong hash, and no error

_FORMS = {version: len(form).to_bytes(4, "big") + form for version, form in preimage.ENTRY_FORMS.items()}
_MISSING = b"\xff\xff\xff\xff"
POSTED, RELEASED = b"\x00\x00\x00\x06posted", b"\x00\x00\x00\x08released"
_COUNTS = [b"\x00\x00\x00\x08" + count.to_bytes(8, "big") for count in range(1_000)]
# A flat note of one text, as nearly all are, without anything that is escaped: its text is known without parsing.
_ONE_WORD = re.compile(rb'\{("[^"\\]*"): ("[^"\\]*")\}')


def entry(row: bytes, lines: Iterable[bytes]) -> bytes | None:
    """sha256 over the preimage that the row and its lines make; None for what no form has."""
    version = int.from_bytes(row[42:50], "big")
    form = _FORMS.get(version)
    if form is None:
        return None
    instants = 126 + _LENGTH.unpack_from(row, 122)[0]
    occurred, recorded = _INSTANTS.unpack_from(row, instants)
    expiry, rest, parts = _MISSING, row[instants + 28 :], [line[74:] for line in lines]
    if row[instants + 24 : instants + 28] != _MISSING:
        (expires,) = _INSTANT.unpack_from(row, instants + 24)[1:]
        expiry, rest = _INSTANT.pack(8, expires + _YEARS_1970_TO_2000 & _WRAP), row[instants + 36 :]
    if version == 1:
        # What the first form did not know must not be there.
        if expiry != _MISSING or rest[-44:-36] != 2 * _MISSING or any(part[24:] != POSTED for part in parts):
            return None
        expiry, rest, parts = b"", rest[:-44] + rest[-36:], [part[:24] for part in parts]
    return hashlib.sha256(
        b"".join(
            (
                form,
                row[86:122],
                row[2:38],
                row[122:instants],
                _TWO_INSTANTS.pack(
                    8, occurred + _YEARS_1970_TO_2000 & _WRAP, 8, recorded + _YEARS_1970_TO_2000 & _WRAP
                ),
                expiry,
                rest,
                _COUNTS[len(parts)] if len(parts) < len(_COUNTS) else b"\0\0\0\x08" + len(parts).to_bytes(8, "big"),
                *parts,
            )
        )
    ).digest()


def commitment(row: bytes) -> bytes | None:
    """What a row of salt and note commits to. The note follows its length and one byte, the version of jsonb."""
    salt, text = row[42:58], row[63:]
    simple = _ONE_WORD.fullmatch(text)
    if simple:
        return hashlib.sha256(salt + b"{%b:%b}" % simple.groups()).digest()
    try:
        return preimage.commitment(salt, preimage.canonical_note(json.loads(text)))
    except (ValueError, TypeError):  # digits without end, or a float: nothing that we ever wrote
        return b""
