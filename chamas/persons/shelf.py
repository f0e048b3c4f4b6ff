"""The shelf: where the bytes of files lie, one file on the disk each, closed in a box unless everybody may read it.

The rows that say what lies here are in `files` (files.py). A file is written before its row is committed and taken away
after its row is gone: what a crash leaves behind has no row, and `sweep` finds it.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ledger.disk import sync_folder
from ledger.refusals import Refusal
from payments.strongbox import Strongbox

# Longer than any transaction that has written its file and not yet its row.
LEFT_ALONE = timedelta(hours=1)


class NoKey(Refusal):
    """Nothing about a person is ever written openly: without a key it is not written."""

    code = "no_key"
    status = 503
    words = "Papers and files cannot be kept now: the operator has set no key for them."


@dataclass(frozen=True)
class Shelf:
    """A folder on a disk that lasts, shared by web and worker. `box` closes what is not for everybody."""

    folder: Path
    box: Strongbox

    def put(self, name: str, body: bytes, *, nonce: bytes | None) -> None:
        """Writes the file `name` to the disk, closed with `nonce` (12 bytes). Raises NoKey, OSError."""
        if nonce and not self.box.usable:
            raise NoKey
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        written = self.box.close(body, whose=f"file {name}", nonce=nonce) if nonce else body
        path = self.folder / name
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(written)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self.folder)

    def take(self, name: str, *, closed: bool) -> bytes:
        """The bytes of the file `name`. Raises FileNotFoundError; Closed when no key opens it."""
        written = (self.folder / name).read_bytes()
        return self.box.open(written, whose=f"file {name}") if closed else written

    def remove(self, names: Iterable[str]) -> None:
        """They are gone; one that is gone already is fine."""
        for name in names:
            (self.folder / name).unlink(missing_ok=True)

    def older_than(self, at: datetime) -> set[str]:
        """The names of files that lie here since before `at` less LEFT_ALONE."""
        if not self.folder.is_dir():
            return set()
        before = (at - LEFT_ALONE).timestamp()
        return {path.name for path in self.folder.iterdir() if path.is_file() and path.stat().st_mtime < before}
