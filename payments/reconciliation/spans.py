"""Spans of time that a list covers, and what is left between them. Pure; instants in UTC."""

from collections.abc import Iterable
from datetime import datetime

Span = tuple[datetime, datetime]


def uncovered(covered: Iterable[Span], since: datetime, until: datetime) -> list[Span]:
    """The spans inside [since, until) that none of `covered` has; those are given in the order of their begins."""
    reached, found = since, []
    for from_at, to_at in covered:
        if from_at > reached:
            found.append((reached, from_at))
        reached = max(reached, to_at)
    return [*found, (reached, until)] if reached < until else found
