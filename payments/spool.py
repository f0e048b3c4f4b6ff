"""Where a callback waits while PostgreSQL is away: one fsynced file per body, drained into evidence afterwards.

A delivery is answered only once it is stored, and Safaricom may deliver once. So the file is complete or not there at
all: written under another name, fsynced, renamed, and the folder fsynced. The name comes from the content, so the same
body spooled twice is one file, and draining twice is harmless because evidence is unique by content too. Only hashes of
tokens, and bodies with secrets taken out, reach the disk.
"""

import base64
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from ledger.disk import sync_folder
from payments import evidence
from payments.evidence import Received
from payments.wires import Wires

ENDING = ".json"
ASIDE = "aside"


def put(
    folder: Path,
    *,
    source: str,
    token: str | None,
    body: bytes,
    headers: Mapping[str, str],
    remote_ip: str | None,
    at: datetime,
) -> Path:
    """Stores one delivery in `folder`, made if missing; on return it survives a power cut. Raises OSError."""
    received = evidence.receive(source=source, token=token, body=body, headers=headers, remote_ip=remote_ip, at=at)
    written = _write(received)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    identity = hashlib.sha256(b"\0".join((source.encode(), received.token_hash, received.body_sha256))).hexdigest()
    path = folder / f"{identity}{ENDING}"
    handle, unfinished = tempfile.mkstemp(dir=folder, prefix=".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(written)
            file.flush()
            os.fsync(file.fileno())
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
    sync_folder(folder)
    return path


def drain(wires: Wires, folder: Path, *, limit: int = 100) -> int:
    """Moves spooled deliveries into evidence, each in a transaction of its own; returns how many files it took.

    A file leaves after the commit. One that PostgreSQL will never take goes to the folder `aside`; while PostgreSQL is
    away everything stays and psycopg.OperationalError is raised.
    """
    taken = 0
    for path in sorted(folder.glob(f"*{ENDING}"))[:limit]:
        try:
            received = _read(path.read_bytes())
            with wires.at_once() as conn:
                evidence.store(conn, received)
        except FileNotFoundError:
            continue  # another worker was faster
        except psycopg.OperationalError:
            raise
        except (ValueError, KeyError, TypeError, psycopg.Error):
            _set_aside(path)
        else:
            path.unlink(missing_ok=True)
        taken += 1
    return taken


def waiting(folder: Path) -> int:
    """How many deliveries wait to be drained."""
    return sum(1 for _ in folder.glob(f"*{ENDING}"))


def _write(received: Received) -> bytes:
    return json.dumps(
        {
            "source": received.source,
            "token_hash": received.token_hash.hex(),
            "body": base64.b64encode(received.body).decode(),
            "body_sha256": received.body_sha256.hex(),
            "truncated": received.truncated,
            "headers": dict(received.headers),
            "remote_ip": received.remote_ip,
            "at": received.at.isoformat(),
        }
    ).encode()


def _read(written: bytes) -> Received:
    """Raises ValueError, KeyError or TypeError when the file is not one of ours."""
    found: dict[str, Any] = json.loads(written)
    return Received(
        source=found["source"],
        token_hash=bytes.fromhex(found["token_hash"]),
        body=base64.b64decode(found["body"], validate=True),
        body_sha256=bytes.fromhex(found["body_sha256"]),
        truncated=found["truncated"],
        headers=found["headers"],
        remote_ip=found["remote_ip"],
        at=datetime.fromisoformat(found["at"]),
    )


def _set_aside(path: Path) -> None:
    aside = path.parent / ASIDE
    aside.mkdir(mode=0o700, exist_ok=True)
    path.replace(aside / path.name)
    sync_folder(aside)
