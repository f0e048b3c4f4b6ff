"""The form that is hashed: any other language must be able to write it from its description."""

import hashlib

from ledger import preimage
from tests.instruments import START


def test_the_hash_of_an_entry_is_the_sha256_of_these_very_bytes() -> None:
    entry_hash = preimage.entry_hash(
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
        commitment=b"\x11" * 32,
        account_ids=[7, 8],
        amounts_cents=[50_000, -50_000],
    )
    number = "00000008"
    body = (
        "00000011" + b"pesachama-entry/1".hex() + "00000020" + "00" * 32 + number + "0000000000000001"
        # season 20262, page 1, the kind
        + number + "0000000000004f26" + number + "0000000000000001" + "0000000c" + b"contribution".hex()
        # 2026-11-20T11:02:00Z twice, then three fields that are missing
        + (number + "000660b32c5d7a00") * 2 + "ffffffff" * 3
        + "00000020" + "11" * 32 + number + "0000000000000002"
        + number + "0000000000000007" + number + "000000000000c350"
        + number + "0000000000000008" + number + "ffffffffffff3cb0"
    )  # fmt: skip
    assert entry_hash == hashlib.sha256(bytes.fromhex(body)).digest()


def test_a_note_has_one_text_whatever_the_order_of_its_keys() -> None:
    assert preimage.canonical_note({"b": [1, None], "a": "Wanjikũ"}) == '{"a":"Wanjikũ","b":[1,null]}'
    salt = b"\x22" * 16
    assert preimage.commitment(salt, {"a": 1}) == hashlib.sha256(salt + b'{"a":1}').digest()
