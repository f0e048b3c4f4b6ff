"""JSON as Safaricom sends it: money stays decimal, and whatever is wrong with a body is one error."""

import json
import re
from decimal import Decimal
from typing import Any, NoReturn

# Nothing of Safaricom's has more than thirty. Python's scanner goes down once per opening, and when a library has
# lifted the recursion limit (py_ecc does, to 100,000) a deep body ends the process instead of raising.
MOST_OPENINGS = 1_000
# An escape that may name no letter: a NUL, or one half of a pair. Mostly there is none, and nothing is walked through.
NO_LETTER = re.compile(r"\\u(?:0000|d[89a-f])", re.IGNORECASE)


class Unparsable(ValueError):
    """The bytes are no JSON object. The message never repeats them."""


def loads(body: bytes) -> dict[str, Any]:
    """`body` as a JSON object; numbers with a point are Decimal, never float. Raises Unparsable for anything else.

    What an escape names and no text of PostgreSQL's can hold (a NUL, half a surrogate pair) is U+FFFD: a name or an
    account that is spoilt so must not keep the money from being booked.
    """
    if body.count(b"[") + body.count(b"{") > MOST_OPENINGS:
        raise Unparsable("too many brackets")
    try:
        text = body.decode("utf-8-sig")
        found = json.loads(text, parse_float=Decimal, parse_constant=_refuse)
        if NO_LETTER.search(text):
            found = _storable(found)
    except (ValueError, ArithmeticError, RecursionError) as trouble:
        raise Unparsable(f"not JSON ({type(trouble).__name__})") from None
    if not isinstance(found, dict):
        raise Unparsable("JSON, but not an object")
    return found


def _storable(found: Any) -> Any:
    if isinstance(found, str):
        return "".join("\ufffd" if one == "\0" or "\ud800" <= one <= "\udfff" else one for one in found)
    if isinstance(found, list):
        return [_storable(one) for one in found]
    return {_storable(key): _storable(one) for key, one in found.items()} if isinstance(found, dict) else found


def _refuse(constant: str) -> NoReturn:
    """NaN and Infinity are Python's own extension of JSON, and no amounts."""
    raise ValueError(constant)


def text_of(found: dict[str, Any], key: str, limit: int = 200) -> str:
    """A field as short printable text, empty when it is absent or no scalar; safe to store."""
    value = found.get(key)
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        return ""
    return "".join(letter for letter in str(value)[:limit] if letter.isprintable())
