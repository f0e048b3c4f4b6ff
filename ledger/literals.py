"""Arrays as PostgreSQL reads them: one text each, which it casts where it stands.

psycopg writes an array element by element, each through a class of its own, and for the lists of a posting that takes
longer than all else that Python does for it. These say the same in one string; the caller casts: `%s::bigint[]`.
"""

from collections.abc import Iterable
from datetime import datetime


def numbers(values: Iterable[int | None]) -> str:
    """For bigint[] and integer[]."""
    return "{" + ",".join("NULL" if value is None else str(value) for value in values) + "}"


def texts(values: Iterable[str | None]) -> str:
    """For text[] and jsonb[]; a NUL is refused where the text is sent."""
    return "{" + ",".join("NULL" if value is None else _quoted(value) for value in values) + "}"


def hexes(values: Iterable[bytes]) -> str:
    """For bytea[]."""
    return "{" + ",".join('"\\\\x' + value.hex() + '"' for value in values) + "}"


def instants(values: Iterable[datetime | None]) -> str:
    """For timestamptz[]; an instant without a zone is refused, because the server would give it its own."""
    return "{" + ",".join("NULL" if value is None else _instant(value) for value in values) + "}"


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _instant(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("an instant without a zone")
    return '"' + value.isoformat() + '"'
