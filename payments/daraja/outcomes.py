"""The three ends of a call to Daraja. Two would be a lie: a lost answer is neither a yes nor a no."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Accepted:
    """HTTP 2xx and ResponseCode 0: taken for processing, not paid."""

    status: int
    answer: dict[str, Any] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Rejected:
    """Proved not to be executed. `again`: the same request may be sent later; otherwise it will never be accepted."""

    code: str
    message: str
    again: bool
    status: int | None = None
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Unknown:
    """It may have been executed: never send it again, only ask about it."""

    reason: str
    status: int | None = None
    code: str = ""
    message: str = ""
    body: bytes = field(default=b"", repr=False)


Outcome = Accepted | Rejected | Unknown
