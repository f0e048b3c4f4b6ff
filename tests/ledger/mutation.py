"""A guard that is taken away, and what then comes through."""

from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import Connection


@dataclass(frozen=True)
class Mutation:
    """`away` is a statement, or (function, text in it, text instead); `attack` a statement of the tables' owner on the
    books that test_guards arranges, or a way to play."""

    guard: str
    away: LiteralString | tuple[str, str, str]
    attack: LiteralString


def take_away(conn: Connection[Any], mutation: Mutation) -> None:
    """From now on without the guard. Raises ValueError when the text to be replaced does not stand there once."""
    if isinstance(mutation.away, str):
        conn.execute(mutation.away.encode())
        return
    name, text, instead = mutation.away
    [(body,)] = conn.execute(
        "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = %s AND pronamespace = 'public'::regnamespace",
        [name],
    ).fetchall()
    if body.count(text) != 1:
        raise ValueError(f"{name} has {body.count(text)} times: {text}")
    conn.execute(body.replace(text, instead).encode())
