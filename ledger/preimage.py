"""What is hashed: the bytes behind an entry's hash, a note's commitment and a request's fingerprint.

The same forms as entry_hash in migrations/0009_holds.sql, written a second time on purpose: verify recomputes with this
what the database computed with that. Fields stand in a fixed order, each with its length in 4 bytes before it, a
missing one with the length ffffffff. Numbers are 8 bytes, big-endian and signed; instants are microseconds since 1970
in UTC; text is UTF-8. No names and no free text: those stand behind the salted commitment and can be erased.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)  # the finest that PostgreSQL keeps

GENESIS = bytes(32)
# By version: the first knew no holds; entries of its time keep it.
ENTRY_FORMS = {1: b"pesachama-entry/1", 2: b"pesachama-entry/2"}
REQUEST_FORM = b"pesachama-request/1"

_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode

Field = bytes | str | int | datetime | None


def hash_fields(fields: Iterable[Field]) -> bytes:
    """sha256 over length-prefixed fields."""
    return hashlib.sha256(b"".join(map(_field, fields))).digest()


def _field(value: Field) -> bytes:
    if value is None:
        return b"\xff\xff\xff\xff"
    if isinstance(value, datetime):
        value = (value - EPOCH) // MICROSECOND
    if isinstance(value, int):
        return b"\x00\x00\x00\x08" + value.to_bytes(8, "big", signed=True)
    body = value.encode() if isinstance(value, str) else value
    return len(body).to_bytes(4, "big") + body


def entry_hash(
    *,
    version: int,
    prev_hash: bytes,
    book_id: int,
    season: int,
    seq: int,
    kind: str,
    occurred_at: datetime,
    recorded_at: datetime,
    about_season: int | None,
    actor_id: int | None,
    reverses_seq: int | None,
    expires_at: datetime | None,
    resolves_seq: int | None,
    resolution: str | None,
    commitment: bytes,
    account_ids: Sequence[int],
    amounts_cents: Sequence[int],
    phases: Sequence[str],
) -> bytes:
    """The hash of an entry in the form of its version; account ids, amounts and phases in the order of its lines.

    Raises KeyError for a version that was never written.
    """
    place = (prev_hash, book_id, season, seq, kind, occurred_at, recorded_at)
    links = (about_season, actor_id, reverses_seq)
    entry = (*place, *links) if version == 1 else (*place, expires_at, *links, resolves_seq, resolution)
    columns = (account_ids, amounts_cents) if version == 1 else (account_ids, amounts_cents, phases)
    lines = chain.from_iterable(zip(*columns, strict=True))
    return hash_fields((ENTRY_FORMS[version], *entry, commitment, len(account_ids), *lines))


def canonical_note(note: Mapping[str, Any]) -> str:
    """A note as the one JSON text that its commitment is taken over; floats and NUL are refused."""
    _check_note(note)
    return _canonical(note)


def commitment(salt: bytes, note: str) -> bytes:
    """sha256 over salt and a note's canonical text: binds the entry to words that can be erased with their salt."""
    return hashlib.sha256(salt + note.encode()).digest()


def _check_note(value: object) -> None:
    if isinstance(value, float):
        raise TypeError("a note holds no floats: they come back from the database with other digits")
    if isinstance(value, str) and "\0" in value:
        raise ValueError("a note holds no NUL: the database cannot keep it")
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise TypeError("a note's keys are text")
            _check_note(key)
            _check_note(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check_note(inner)
