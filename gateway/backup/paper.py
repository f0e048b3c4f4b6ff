"""The file of a backup: a ZIP archive that ends with the SHA-256 of all that stands before.

Any ZIP program opens it: `manifest.json` says what is in it, `rows/<schema>.<table>.copy` is one table as PostgreSQL's
own COPY writes text. The last 64 bytes, the archive's comment, are the digest in hexadecimal, so that one byte torn off
or changed anywhere is seen before anything of it is believed. It shows damage, not forgery: whoever may write the file
can make another digest.
"""

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gateway.backup.layout import Table
from ledger.disk import sync_folder

# Raised when an older reader could not understand what is written.
FORM = 1
MANIFEST = "manifest.json"
DIGEST_LETTERS = 64
PIECE = 1 << 20
# Rows are mostly digits and hashes: further levels cost twice the time and save a tenth.
LEVEL = 1


class Unusable(Exception):
    """Why this file cannot be restored, in a sentence for an operator."""


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself. `migrations` are names with SHA-256, `heads` the last page of every book, `rows`
    how many each table has, `secrets` a trace of each secret that must come with it; `made_at` is UTC.
    """

    form: int
    made_at: str
    migrations: dict[str, str]
    jobs: str
    tables: list[dict[str, Any]]
    rows: dict[str, int]
    sequences: dict[str, int]
    seasons: dict[str, str]
    heads: dict[str, str]
    secrets: dict[str, str]

    def copied(self) -> list[Table]:
        return [Table(**table) for table in self.tables]


@contextmanager
def written(path: Path) -> Iterator[zipfile.ZipFile]:
    """An archive that gets its name, in one step and on the disk, only when the block ends well; mode 0600 throughout.

    Raises OSError when the folder cannot be written or is full.
    """
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w+b") as file:
            archive = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True, compresslevel=LEVEL)
            yield archive
            archive.comment = b"0" * DIGEST_LETTERS
            archive.close()
            file.flush()
            length = file.seek(0, os.SEEK_END)
            file.seek(0)
            digest = _digest(file, length - DIGEST_LETTERS)
            file.seek(length - DIGEST_LETTERS)
            file.write(digest.encode())
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
        sync_folder(path.parent)
    finally:
        with suppress(FileNotFoundError):
            Path(draft).unlink()


@contextmanager
def opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """The archive of a file that is whole, with its manifest. Raises Unusable."""
    try:
        with path.open("rb") as file:
            length = file.seek(0, os.SEEK_END)
            file.seek(max(0, length - DIGEST_LETTERS))
            said = file.read()
            file.seek(0)
            if length <= DIGEST_LETTERS or _digest(file, length - DIGEST_LETTERS).encode() != said:
                raise Unusable(f"{path} is torn or was changed: its bytes do not have the SHA-256 at its end")
            with zipfile.ZipFile(file) as archive:
                yield archive, _manifest(archive, path)
    except zipfile.BadZipFile:
        raise Unusable(f"{path} is no backup of pesachama") from None
    except OSError as trouble:
        raise Unusable(f"{path} cannot be read: {trouble.strerror}") from None


def digest_of(path: Path) -> str:
    """The digest at the end of a file that is whole."""
    with path.open("rb") as file:
        file.seek(-DIGEST_LETTERS, os.SEEK_END)
        return file.read().decode()


def described(manifest: Manifest) -> bytes:
    return json.dumps(asdict(manifest), indent=1, sort_keys=True).encode()


def _manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    try:
        said = json.loads(archive.read(MANIFEST))
        if said["form"] != FORM:
            raise Unusable(f"{path} has form {said['form']}, and this version reads form {FORM}")
        return Manifest(**said)
    except (KeyError, TypeError, ValueError):
        raise Unusable(f"{path} is no backup of pesachama") from None


def _digest(file: Any, length: int) -> str:
    """SHA-256 in hexadecimal of so many bytes from where the file stands."""
    counted = hashlib.sha256()
    while length > 0 and (piece := file.read(min(PIECE, length))):
        counted.update(piece)
        length -= len(piece)
    return counted.hexdigest()
