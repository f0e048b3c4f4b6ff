"""The auditor's program by itself: its keccak, its reading of statements, and that it needs nothing but Python."""

import ast
import random
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger import merkle, verify_export

# Published test vectors of Keccak-256 with the original padding.
VECTORS = (
    (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
    (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
    (
        b"The quick brown fox jumps over the lazy dog",
        "4d741b6f1eb29cb2a9b9911c82f56fa8d73b04959d3d9d222895df6c0b28aa15",
    ),
)


def test_its_keccak_is_ethereums() -> None:
    for message, digest in VECTORS:
        assert verify_export.keccak(message).hex() == digest
    dice = random.Random(5)
    for length in (*range(130, 140), *range(268, 276), 1_000):
        message = dice.randbytes(length)
        assert verify_export.keccak(message) == merkle.keccak(message), length


def test_its_ed25519_is_that_of_rfc_8032() -> None:
    public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    signature = (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert verify_export.signed(bytes.fromhex(public), b"\x72", bytes.fromhex(signature))
    dice = random.Random(8032)
    for length in range(8):
        key, text = Ed25519PrivateKey.from_private_bytes(dice.randbytes(32)), dice.randbytes(length)
        owner, given = key.public_key().public_bytes_raw(), key.sign(text)
        changed = bytearray(given)
        changed[dice.randrange(64)] ^= 1 << dice.randrange(8)
        assert verify_export.signed(owner, text, given)
        assert not verify_export.signed(owner, text, bytes(changed))
        assert not verify_export.signed(owner, text + b".", given)
        assert not verify_export.signed(bytes.fromhex(public), text, given)


def test_its_ed25519_takes_no_second_form_of_a_signature() -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    owner, given = key.public_key().public_bytes_raw(), key.sign(b"a root")
    later = int.from_bytes(given[32:], "little") + verify_export.ORDER
    assert not verify_export.signed(owner, b"a root", given[:32] + later.to_bytes(32, "little"))
    assert not verify_export.signed((2**255 - 1).to_bytes(32, "little"), b"a root", given)
    assert not verify_export.signed(owner[:-1], b"a root", given)


def test_it_imports_nothing_but_the_standard_library() -> None:
    tree = ast.parse(Path(verify_export.__file__).read_text())
    named = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    named += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert {name.split(".")[0] for name in named} <= sys.stdlib_module_names


def test_its_list_of_words_is_ours() -> None:
    assert verify_export.hashlib.sha256(Path("ledger/words.txt").read_bytes()).hexdigest() == verify_export.WORD_LIST


@pytest.mark.parametrize("at", ["21-11-2026 17:02:05", "2026-11-21 17:02:05", "21/11/2026 17:02:05"])
def test_it_reads_the_times_of_statements_as_nairobis(at: str) -> None:
    assert verify_export.completed(at).isoformat() == "2026-11-21T17:02:05+03:00"


def test_a_statement_without_headings_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "portal.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="no column of receipts"):
        verify_export.statement(tmp_path / "portal.csv")
