"""JSON as Safaricom sends it: money stays decimal, and whatever is wrong with a body is one error."""

import json
from decimal import Decimal
from typing import Any, NoReturn

# Nothing of Safaricom's has more than thirty. Python's scanner goes down once per opening, and when a library has
# lifted the recursion limit (py_ecc does, to 100,000) a deep body ends the process instead of raising.
MOST_OPENINGS = 1_000


class Unparsable(ValueError):
    """The bytes are no JSON object. The message never repeats them."""


def loads(body: bytes) -> dict[str, Any]:
    """`body` as a JSON object; numbers with a point are Decimal, never float. Raises Unparsable for anything else."""
    if body.count(b"[") + body.count(b"{") > MOST_OPENINGS:
        raise Unparsable("too many brackets")
    try:
        found = json.loads(body.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, ArithmeticError, RecursionError) as trouble:
        raise Unparsable(f"not JSON ({type(trouble).__name__})") from None
    if not isinstance(found, dict):
        raise Unparsable("JSON, but not an object")
    return found


def _refuse(constant: str) -> NoReturn:
    """NaN and Infinity are Python's own extension of JSON, and no amounts."""
    raise ValueError(constant)


def text_of(found: dict[str, Any], key: str, limit: int = 200) -> str:
    """A field as short printable text, empty when it is absent or no scalar; safe to store."""
    value = found.get(key)
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        return ""
    return "".join(letter for letter in str(value)[:limit] if letter.isprintable())
