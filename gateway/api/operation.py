"""One route of the API, as a row of the table in operations.py."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from marshmallow import Schema


@dataclass(frozen=True)
class Operation:
    """One route. `read` gets the connection, the numbers in the path and what `query` or `body` loaded; one that `acts`
    also who acts and when; a list `limit` and, named by `walks`, the `key` of the last row that the caller has seen:
    one number, for `beyond` several. One that is `keyed` moves money: it takes an Idempotency-Key, and the same key
    gets the same answer. `edge` tells of a list before which instant its rows are put away with their season.
    """

    method: Literal["GET", "POST"]
    path: str
    summary: str
    read: Callable[..., Any]
    answer: type
    walks: Literal["after", "before", "beyond"] | None = None
    key: str = "id"
    query: type[Schema] | None = None
    body: type[Schema] | None = None
    edge: Callable[..., datetime | None] | None = None
    acts: bool = False
    keyed: bool = False

    @property
    def name(self) -> str:
        return f"{self.read.__module__.rsplit('.', 1)[-1]}_{self.read.__name__}"

    @property
    def is_list(self) -> bool:
        return self.walks is not None
