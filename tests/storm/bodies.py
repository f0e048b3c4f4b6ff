"""Bodies that Safaricom, Africa's Talking or nobody at all would send: real samples, spoilt by a seed. Pure."""

import gzip
import json
import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

SAMPLES = Path(__file__).parents[1] / "samples"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
KINDS = (
    JSON,
    "application/json;charset=UTF-8",
    FORM,
    "text/plain",
    "",
    "text/xml",
    "multipart/form-data",
    'a/b;c=d;;"',
)
# What stands where something else belongs.
STRANGE: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 10**18, 10**400, -(2**63) - 1, 0.1, 1e308, "", " ", "0", "1e999999", "NaN", "\x00",
    "\ud800", "\u202e\u0000", "é" * 200, "😀", "A" * 70_000, [], {}, [[]], [None], {"": ""}, {"Value": {"Value": 1}},
    "20261399999999", "254700000005", "2547 ***** 126", "UKK7RT61SV", "MBN0000000", "SFC_IC0003", "'; DROP TABLE x --",
)  # fmt: skip
BYTES = (b"\x00", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"{", b"}", b"[", b'"', b"\\", b"\\u0000", b"NaN", b"1e999999")
DEEP = (30, 900, 1_100, 20_000)


@dataclass(frozen=True)
class Sent:
    """One POST: `more` goes into the WSGI environment, as a server passes on what the client said."""

    path: str
    body: bytes
    kind: str
    more: tuple[tuple[str, Any], ...] = ()
    # For how many bytes Content-Length speaks; None says nothing of it.
    length: int | None = -1


@cache
def daraja() -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted((SAMPLES / "daraja").iterdir()))


@cache
def forms() -> tuple[bytes, ...]:
    found = [
        path.read_text().partition("\n\n")[2].strip() for path in sorted((SAMPLES / "africastalking").glob("*.http"))
    ]
    return tuple(each.encode() for each in found)


def paths(secret: str) -> tuple[tuple[str, bool], ...]:
    """Every door by its pattern, and whether it keeps what it is told."""
    pay = [f"/pay/{api}/{{token}}/{event}" for api in ("b2c", "status", "balance", "reversal")
           for event in ("result", "timeout")]  # fmt: skip
    c2b = [f"/pay/c2b/{one}/{event}" for one in ("{token}", secret) for event in ("validation", "confirmation")]
    doors = ["/ussd", "/ussd/events", "/sms/reports", "/sms/incoming"]
    doors += [f"{door}/{secret}" for door in doors]
    return tuple([(one, True) for one in ["/pay/stk/{token}"] * 3 + pay + c2b] + [(one, False) for one in doors])


def sent(draw: Random, secret: str, tokens: list[str]) -> Sent:
    """One POST, more or less spoilt; `tokens` are some that the product knows."""
    pattern, kept = draw.choice(paths(secret))
    path = pattern.replace("{token}", a_token(draw, tokens))
    body = draw.choice(daraja() if draw.random() < (0.9 if kept else 0.1) else forms())
    for _ in range(draw.choice((0, 1, 1, 2, 3))):
        body = draw.choice(SPOILERS)(draw, body)
    kind = draw.choice(KINDS) if draw.random() < 0.2 else JSON if kept else FORM
    more: list[tuple[str, Any]] = []
    length: int | None = len(body)
    how = draw.random()
    if how < 0.02:
        more.append(("HTTP_CONTENT_ENCODING", "gzip"))
        body = gzip.compress(body, mtime=0)
        length = len(body)
    elif how < 0.04:
        # As servers pass on what came in chunks: no length, and an end.
        more += [("HTTP_TRANSFER_ENCODING", "chunked"), ("wsgi.input_terminated", True)]
        length = None
    elif how < 0.05:
        # The connection ended before all had come.
        length = len(body) + draw.choice((1, 100, 10**9))
    elif how < 0.06:
        more.append(("HTTP_X_FORWARDED_FOR", draw.choice(("", "x" * 5_000, "::1, ::2", "\xff", "1.2.3.4"))))
    return Sent(path, body, kind, tuple(more), length)


def a_token(draw: Random, tokens: list[str]) -> str:
    how = draw.random()
    if how < 0.25:
        return draw.choice(tokens)
    if how < 0.95:
        return draw.randbytes(32).hex()
    # As a WSGI server hands on what stood percent-encoded in the path.
    return draw.choice(("0", "x" * 3_000, "..", "\x00", "\xff\xfe", "é", "a b", "%2e%2e", "'", "\n"))


def flipped(draw: Random, body: bytes) -> bytes:
    spoilt = bytearray(body or b"x")
    for _ in range(draw.randint(1, 4)):
        spoilt[draw.randrange(len(spoilt))] = draw.randrange(256)
    return bytes(spoilt)


def cut(draw: Random, body: bytes) -> bytes:
    return body[: draw.randrange(len(body) + 1)]


def out(draw: Random, body: bytes) -> bytes:
    first = draw.randrange(len(body) + 1)
    return body[:first] + body[first + draw.randint(1, 40) :]


def doubled(draw: Random, body: bytes) -> bytes:
    return body + draw.choice((b"", b"\n", b"{}", body))


def put_in(draw: Random, body: bytes) -> bytes:
    at = draw.randrange(len(body) + 1)
    return body[:at] + draw.choice(BYTES) * draw.choice((1, 1, 3, 200)) + body[at:]


def other_letters(draw: Random, body: bytes) -> bytes:
    return body.decode("utf-8", "replace").encode(draw.choice(("utf-16", "utf-32", "latin-1", "utf-8-sig")), "replace")


def huge(draw: Random, body: bytes) -> bytes:
    """Beyond what is kept, and beyond what is read at all."""
    return body + b" " * draw.choice((70_000, 70_000, 300_000))


def nested(draw: Random, body: bytes) -> bytes:
    depth = draw.choice(DEEP)
    opening, closing = draw.choice(((b"[", b"]"), (b'{"a":', b"}")))
    return opening * depth + draw.choice((body, b"1")) + closing * draw.choice((depth, 0))


def a_key_twice(draw: Random, body: bytes) -> bytes:
    keys = list(re.finditer(rb'"(\w+)"\s*:\s*("[^"]*"|[\d.]+)', body))
    if not keys:
        return body
    one = draw.choice(keys)
    value = json.dumps(draw.choice(STRANGE)).encode("utf-8", "replace")
    return body[: one.start()] + b'"' + one[1] + b'":' + value + b"," + body[one.start() :]


def restructured(draw: Random, body: bytes) -> bytes:
    """Some node of the document is something else, gone, renamed, or stands somewhere else too."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return flipped(draw, body)
    holder = {"": found}
    for _ in range(draw.randint(1, 3)):
        spot = a_place(draw, holder)
        if spot is not None:
            spoil(draw, *spot, holder)
    try:
        return json.dumps(holder.get(""), ensure_ascii=draw.random() < 0.5).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):
        return body


def spoil(draw: Random, parent: Any, key: Any, holder: dict[str, Any]) -> None:
    how = draw.randrange(6)
    if how < 2:
        # A copy: what is put in may be spoilt itself, and the next draw must not see that.
        parent[key] = deepcopy(draw.choice(STRANGE))
    elif how == 2:
        parent[key] = [parent[key]] * draw.choice((1, 2, 50))
    elif how == 3:
        parent[key] = {"Value": parent[key]}
    elif how == 4 and isinstance(parent, dict):
        parent[draw.choice(("", key.swapcase(), f"{key} ", "\x00", "__proto__"))] = parent.pop(key)
    else:
        parent.pop(key)


def a_place(draw: Random, holder: dict[str, Any]) -> tuple[Any, Any] | None:
    """A container somewhere in the document and a key of it, found by going down at random."""
    spot, node = None, holder.get("")
    while isinstance(node, (dict, list)) and node:
        spot = node, draw.choice(list(node)) if isinstance(node, dict) else draw.randrange(len(node))
        if draw.random() < 0.2:
            break
        node = node[spot[1]]
    return spot


SPOILERS: tuple[Callable[[Random, bytes], bytes], ...] = (
    *[restructured] * 8,
    *[flipped] * 3,
    *[a_key_twice] * 2,
    cut,
    cut,
    out,
    doubled,
    put_in,
    put_in,
    other_letters,
    nested,
    *[huge] * 1,
)
