"""Everything the chain knows, in one SQLite file: py-evm's keys and values, and the transactions that wait.

Old state is never removed, so any earlier block can become the head again. A change is one SQLite transaction: after a
SIGKILL, or a power cut, the chain is where its last whole change left it, and nothing has to be replayed.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eth.db.backends.base import BaseDB

SCHEMA = """
CREATE TABLE IF NOT EXISTS node (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS waiting (position INTEGER PRIMARY KEY, raw BLOB NOT NULL UNIQUE);
"""


class Storage(BaseDB):
    """The file, as the key-value database that py-evm wants. Not safe for threads by itself."""

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        """Opens the file and makes it when missing; when `durable`, every change is on disk before it counts."""
        self.file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.file.execute("PRAGMA journal_mode = WAL")
        self.file.execute(f"PRAGMA synchronous = {'FULL' if durable else 'OFF'}")
        self.file.executescript(SCHEMA)

    def __getitem__(self, key: bytes) -> bytes:
        row = self.file.execute("SELECT value FROM node WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise KeyError(key)
        return bytes(row[0])

    def __setitem__(self, key: bytes, value: bytes) -> None:
        self.file.execute("INSERT OR REPLACE INTO node VALUES (?, ?)", (key, value))

    def __delitem__(self, key: bytes) -> None:
        if self.file.execute("DELETE FROM node WHERE key = ?", (key,)).rowcount == 0:
            raise KeyError(key)

    def _exists(self, key: bytes) -> bool:
        return self.file.execute("SELECT 1 FROM node WHERE key = ?", (key,)).fetchone() is not None

    @contextmanager
    def change(self) -> Iterator[None]:
        """All that is written inside is kept together or not at all."""
        self.file.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.file.execute("ROLLBACK")
            raise
        self.file.execute("COMMIT")

    def waiting(self) -> list[bytes]:
        """The signed transactions that are not mined yet, the oldest first."""
        return [bytes(raw) for (raw,) in self.file.execute("SELECT raw FROM waiting ORDER BY position")]

    def keep_waiting(self, raws: list[bytes]) -> None:
        """Replaces the list of those that wait."""
        self.file.execute("DELETE FROM waiting")
        self.file.executemany("INSERT INTO waiting (raw) VALUES (?)", [(raw,) for raw in raws])
