"""The form that is hashed: any other language must be able to write it from its description."""

import hashlib
from typing import Any

import pytest

from ledger import preimage
from tests.instruments import START


def test_the_hash_of_an_entry_is_the_sha256_of_these_very_bytes() -> None:
    parts: dict[str, Any] = dict(
        prev_hash=bytes(32),
        book_id=1,
        season=20262,
        seq=1,
        kind="contribution",
        occurred_at=START,
        recorded_at=START,
        about_season=None,
        actor_id=None,
        reverses_seq=None,
        expires_at=None,
        resolves_seq=214,
        resolution="posted",
        commitment=b"\x11" * 32,
        account_ids=[7, 8],
        amounts_cents=[50_000, -50_000],
        phases=["released", "posted"],
    )
    number = "00000008"
    head = (
        "00000020" + "00" * 32 + number + "0000000000000001"
        # season 20262, page 1, the kind
        + number + "0000000000004f26" + number + "0000000000000001" + "0000000c" + b"contribution".hex()
        # 2026-11-20T11:02:00Z twice, then three fields that are missing
        + (number + "000660b32c5d7a00") * 2 + "ffffffff" * 3
    )  # fmt: skip
    lines = (
        number + "0000000000000007" + number + "000000000000c350" + "{}"
        + number + "0000000000000008" + number + "ffffffffffff3cb0" + "{}"
    )  # fmt: skip
    commitment = "00000020" + "11" * 32 + number + "0000000000000002"
    first = "00000011" + b"pesachama-entry/1".hex() + head + commitment + lines.format("", "")
    assert preimage.entry_hash(version=1, **parts) == hashlib.sha256(bytes.fromhex(first)).digest()

    # Of a hold that is resolved: no expiry, then the three, what it resolves, and how; after each amount its phase.
    held = (
        head.removesuffix("ffffffff" * 3) + "ffffffff" * 4 + number + "00000000000000d6" + "00000006" + b"posted".hex()
    )
    phases = ("00000008" + b"released".hex(), "00000006" + b"posted".hex())
    second = "00000011" + b"pesachama-entry/2".hex() + held + commitment + lines.format(*phases)
    assert preimage.entry_hash(version=2, **parts) == hashlib.sha256(bytes.fromhex(second)).digest()
    with pytest.raises(KeyError):
        preimage.entry_hash(version=3, **parts)


def test_a_note_has_one_text_whatever_the_order_of_its_keys() -> None:
    assert preimage.canonical_note({"b": [1, None], "a": "Wanjikũ"}) == '{"a":"Wanjikũ","b":[1,null]}'
    salt = b"\x22" * 16
    assert preimage.commitment(salt, '{"a":1}') == hashlib.sha256(salt + b'{"a":1}').digest()
