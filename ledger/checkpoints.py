"""Signed checkpoints: the witness of the books while no chain is used.

The file has one header line with the public key and then one line per batch, in order:

    pesachama-checkpoints/v1 <Ed25519 public key>
    <batch> <root> <previous root> <leaf count> <sealed at, UTC> <signature>

Keys, roots and signatures are lower-case hex. The signature is over the header's first word, a space and the line up to
the space before it. The key is derived from the operator's, so that there is one secret to keep; copies of the file, at
the group's officials or on paper, are what makes a later change of the books visible.

A line is on the disk (fsync) before its batch is completed. A crash between the two leaves a line whose batch waits,
which the next round finds and does not write again; a crash within a line leaves its beginning, which is cut off.
"""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ledger import batches
from ledger.batches import Batch
from ledger.disk import sync_folder
from ledger.findings import Finding
from ledger.wires import Connection, Wires

FORMAT = "pesachama-checkpoints/v1"
# Longer than any line, header included: enough of the end of the file to hold the last whole one.
TAIL_BYTES = 2048


@dataclass(frozen=True)
class Checkpoint:
    """One line of the file: `text` is what the signature covers besides the format's name."""

    batch: int
    root: bytes
    previous_root: bytes
    text: str
    signature: bytes


def signing_key(operator_key: str) -> Ed25519PrivateKey:
    """The key that signs checkpoints, derived from the operator's private key (32 bytes in hex, with or without 0x)."""
    secret = bytes.fromhex(operator_key.removeprefix("0x"))
    return Ed25519PrivateKey.from_private_bytes(
        HKDF(algorithm=SHA256(), length=32, salt=None, info=FORMAT.encode()).derive(secret)
    )


def write_due(wires: Wires, *, path: Path, operator_key: str) -> int:
    """Writes the lines of all batches that wait for one, and completes them; returns how many."""
    key = signing_key(operator_key)
    written = 0
    while True:
        with wires.transaction() as conn:
            batch = batches.first_unwitnessed(conn, "checkpoint")
            if batch is None:
                return written
            if _last_batch(path) < batch.number:
                _append(path, key, batch)
            batches.complete(conn, batch, at=wires.now())
        written += 1


def read(path: Path) -> Iterator[Checkpoint]:
    """Every whole line in order; nothing when there is no file. Raises ValueError for a line of another shape."""
    if not path.exists():
        return
    with path.open() as lines:
        next(lines, None)
        for line in lines:
            if line.endswith("\n"):
                text, _, signature = line.rstrip("\n").rpartition(" ")
                number, root, previous_root, _count, _at = text.split(" ")
                yield Checkpoint(
                    int(number), bytes.fromhex(root), bytes.fromhex(previous_root), text, bytes.fromhex(signature)
                )


def verify(conn: Connection, *, path: Path, operator_key: str) -> list[Finding]:
    """Checks the file by itself (signatures, the chain of roots) and against the batches it is the witness of."""
    public = signing_key(operator_key).public_key()
    lines = list(read(path))
    forged = [line.batch for line in lines if not _signed(public, line)]
    broken = [
        later.batch
        for earlier, later in pairwise(lines)
        if later.batch == earlier.batch + 1 and later.previous_root != earlier.root
    ]
    roots = {line.batch: line.root for line in lines}
    counted = Counter(line.batch for line in lines)
    twice = sorted(number for number, times in counted.items() if times > 1)
    sealed = conn.execute(
        "SELECT number, root FROM batches WHERE witness = 'checkpoint' AND state = 'completed' ORDER BY number"
    ).fetchall()
    missing = [number for number, root in sealed if roots.get(number) != root]
    return [
        _finding("checkpoints are signed by the operator", forged, len(lines)),
        _finding("checkpoints name the root before them", broken, len(lines)),
        # Two lines of one batch could name two roots, and each copy of the file would be the witness of another book.
        _finding("a batch stands in the checkpoint file once", twice, len(lines)),
        _finding("completed batches stand in the checkpoint file", missing, len(sealed)),
    ]


def _finding(name: str, wrong: list[int], looked_at: int) -> Finding:
    detail = f"wrong: batch {', '.join(map(str, wrong[:5]))}" if wrong else ""
    return Finding(name, not wrong, detail, looked_at)


def _signed(public: Ed25519PublicKey, line: Checkpoint) -> bool:
    try:
        public.verify(line.signature, f"{FORMAT} {line.text}".encode())
    except InvalidSignature:
        return False
    return True


def _last_batch(path: Path) -> int:
    """The number on the last whole line, 0 when there is none; cuts off what a crash left unfinished behind it."""
    if not path.exists():
        return 0
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - TAIL_BYTES))
        tail = file.read()
        whole = tail[: tail.rfind(b"\n") + 1]
        file.truncate(size - len(tail) + len(whole))
    first_word = whole.splitlines()[-1].split(b" ")[0] if whole else b""
    return int(first_word) if first_word.isdigit() else 0


def _append(path: Path, key: Ed25519PrivateKey, batch: Batch) -> None:
    text = " ".join(
        (
            str(batch.number),
            batch.root.hex(),
            batch.previous_root.hex(),
            str(batch.leaf_count),
            f"{batch.sealed_at:%Y-%m-%dT%H:%M:%SZ}",
        )
    )
    signature = key.sign(f"{FORMAT} {text}".encode())
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        if not file.tell():
            file.write(f"{FORMAT} {key.public_key().public_bytes_raw().hex()}\n".encode())
        file.write(f"{text} {signature.hex()}\n".encode())
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)
