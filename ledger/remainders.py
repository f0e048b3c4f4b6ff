"""Dividing money that does not come out even: by the largest remainder, exact to the cent. Pure.

Each part gets the whole cents of its exact share; the cents that are left go, one each, to the largest remainders.
Equal remainders are served in the order of their keys, never in the order in which the parts were given: who stands
first in a list must not be paid more for it.
"""

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar


class Ordered(Protocol):
    def __lt__(self, other: Any, /) -> bool: ...


Key = TypeVar("Key", bound=Ordered)


def divide(total_cents: int, weights: Mapping[Key, int]) -> dict[Key, int]:
    """`total_cents` over the keys, in proportion to their whole-number weights; the parts add up to it exactly.

    Each part lies within one cent of its exact share. Raises ValueError for a negative total or weight, and for money
    that nobody has a weight for.
    """
    if total_cents < 0 or any(weight < 0 for weight in weights.values()):
        raise ValueError("only what is not negative can be divided")
    whole = sum(weights.values())
    if whole == 0:
        if total_cents:
            raise ValueError("nobody has a weight")
        return dict.fromkeys(weights, 0)
    parts, rests = {}, {}
    for key, weight in weights.items():
        parts[key], rests[key] = divmod(total_cents * weight, whole)
    left = total_cents - sum(parts.values())
    # Sorted by key first: the sort by remainder keeps that order among equals.
    for key in sorted(sorted(rests), key=lambda one: rests[one], reverse=True)[:left]:
        parts[key] += 1
    return parts
