"""One SQLite file that the simulated world survives a restart in: shelves of JSON records, written through at once.

Everything is also held in memory, because the world is small and a turn must not wait for a disk.
"""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

Record = TypeVar("Record")

SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    shelf TEXT NOT NULL,
    key   TEXT NOT NULL,
    body  TEXT NOT NULL,
    PRIMARY KEY (shelf, key)
)
"""


class Store:
    """The file itself. One connection, one thread: the event loop's."""

    def __init__(self, database: str) -> None:
        if database != ":memory:":
            Path(database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            Path(database).touch(mode=0o600)
        self._db = sqlite3.connect(database, isolation_level=None)
        # A killed process loses nothing with these two; only a power cut could, and this is a simulator.
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute(SCHEMA)

    def rows(self, shelf: str) -> list[tuple[str, Any]]:
        found = self._db.execute("SELECT key, body FROM records WHERE shelf = ? ORDER BY rowid", (shelf,))
        return [(key, json.loads(body, object_hook=_revive)) for key, body in found]

    def put(self, shelf: str, key: str, body: Any) -> None:
        self._db.execute(
            "INSERT INTO records (shelf, key, body) VALUES (?, ?, ?)"
            " ON CONFLICT (shelf, key) DO UPDATE SET body = excluded.body",
            (shelf, key, json.dumps(body, default=_flatten)),
        )

    def drop(self, shelf: str, key: str) -> None:
        self._db.execute("DELETE FROM records WHERE shelf = ? AND key = ?", (shelf, key))

    def clear(self, shelf: str) -> None:
        self._db.execute("DELETE FROM records WHERE shelf = ?", (shelf,))

    def close(self) -> None:
        self._db.close()


class Shelf(Generic[Record]):
    """The records of one dataclass by key, in the order in which they were first put."""

    def __init__(self, store: Store, name: str, kind: type[Record]) -> None:
        self._store, self._name = store, name
        self._records: dict[str, Record] = {key: kind(**body) for key, body in store.rows(name)}

    def __iter__(self) -> Iterator[Record]:
        return iter(list(self._records.values()))

    def __len__(self) -> int:
        return len(self._records)

    def __contains__(self, key: str) -> bool:
        return key in self._records

    def get(self, key: str) -> Record | None:
        return self._records.get(key)

    def put(self, key: str, record: Record) -> Record:
        self._records[key] = record
        self._store.put(self._name, key, asdict(record))  # type: ignore[call-overload]
        return record

    def drop(self, key: str) -> None:
        if self._records.pop(key, None) is not None:
            self._store.drop(self._name, key)

    def clear(self) -> None:
        self._records.clear()
        self._store.clear(self._name)


def _flatten(value: object) -> dict[str, str]:
    if isinstance(value, datetime):
        return {"$at": value.isoformat()}
    raise TypeError(f"a record cannot hold a {type(value).__name__}")


def _revive(found: dict[str, Any]) -> Any:
    return datetime.fromisoformat(found["$at"]) if set(found) == {"$at"} else found
