"""Paybills and tills: their rows, and the keys that speak to Daraja for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from psycopg.rows import class_row

from ledger.wires import Connection
from payments.daraja.keys import Keys

Kind = Literal["paybill", "till"]


class NoKeys(Exception):
    """A shortcode whose credentials this process does not hold."""


@dataclass(frozen=True)
class Shortcode:
    """`book_id` is the book of what belongs to no chama yet; `till_number` receives the money of a till."""

    id: int
    number: str
    kind: Kind
    name: str
    till_number: str | None
    book_id: int
    sealed: bool


def register(
    conn: Connection, *, number: str, kind: Kind, name: str, book_id: int, till_number: str | None = None
) -> int:
    """The id of the shortcode; a number that is already there keeps its row."""
    row = conn.execute(
        "INSERT INTO shortcodes (number, kind, name, till_number, book_id) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (number) DO UPDATE SET name = excluded.name RETURNING id",
        [number, kind, name, till_number, book_id],
    ).fetchone()
    assert row is not None  # noqa: S101
    return int(row[0])


def by_number(conn: Connection, number: str) -> Shortcode | None:
    return _one(conn, None, number)


def by_id(conn: Connection, shortcode_id: int) -> Shortcode:
    found = _one(conn, shortcode_id, None)
    if found is None:
        raise LookupError(f"no shortcode {shortcode_id}")
    return found


def addressed(conn: Connection, numbers: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Shortcodes of ours by the numbers in paybill notices, a till's own included: each one's id and number."""
    named = sorted(set(numbers))
    rows = conn.execute(
        "SELECT id, number, till_number FROM shortcodes WHERE number = ANY(%s) OR till_number = ANY(%s)", [named, named]
    ).fetchall()
    return {told: (number_id, number) for number_id, number, till in rows for told in (number, till) if told in named}


def first_id(conn: Connection) -> int | None:
    """The shortcode that asks when nothing says which one a stranger's receipt belongs to."""
    row = conn.execute("SELECT min(id) FROM shortcodes").fetchone()
    return None if row is None else row[0]


def keys_of(shortcode: Shortcode, from_settings: Keys) -> Keys:
    """The keys of a shortcode: those of the settings if it is their number. Raises NoKeys."""
    if shortcode.sealed or shortcode.number != from_settings.shortcode:
        raise NoKeys(f"no credentials for shortcode {shortcode.number}")
    return from_settings


def _one(conn: Connection, shortcode_id: int | None, number: str | None) -> Shortcode | None:
    with conn.cursor(row_factory=class_row(Shortcode)) as cursor:
        return cursor.execute(
            "SELECT id, number, kind, name, till_number, book_id, credentials IS NOT NULL AS sealed "
            "FROM shortcodes WHERE id = %s OR number = %s",
            [shortcode_id, number],
        ).fetchone()
