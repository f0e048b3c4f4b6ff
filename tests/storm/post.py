"""The post office between Safaricom and the product: what is told comes now, later, again, out of order or never.

Safaricom's POSTs arrive over HTTP. What it tells while the worker waits for its answer goes through before the worker
has that answer, as a callback that is early; a validation at once, because the payer waits. A callback and a notice
that are early are sent beside each other and arrive in any order: they go through in that of their letters, or a seed
would not be one run. Everything else is sorted into a bag, and handed to the app as its seed says: at a later tick,
several times, while PostgreSQL is away, or lost when the program of a round has said so.
"""

import io
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any

JSON = "application/json;charset=UTF-8"
SAFARICOM = "196.201.214.200"
# When a letter is handed out, in ticks from now; the last is after the end of the wave's program.
WAITS = (0, 0, 0, 0, 1, 1, 2, 4, 9, 999)
AGAIN = 0.15


@dataclass(frozen=True, order=True)
class Letter:
    """One delivery: the path with its token, and the bytes."""

    path: str
    body: bytes

    @property
    def kind(self) -> str:
        return self.path.split("/")[2]


@dataclass
class Post:
    """`spooled` is the share that comes while PostgreSQL is away; `lost` are words that a letter never comes with."""

    app: Callable[..., Any]
    away: Any
    draw: Random
    spooled: float
    tick: int = 0
    lost: set[tuple[str, bytes]] = field(default_factory=set)
    came: list[Letter] = field(default_factory=list)
    told: list[Letter] = field(default_factory=list)
    bag: list[tuple[int, int, Letter]] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    misses: int = 0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if not path.startswith("/pay/") or path.endswith("/validation"):
            return self.app(environ, start_response)  # type: ignore[no-any-return]
        letter = Letter(path, environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
        self.came.append(letter)
        start_response("200 OK", [("Content-Type", "application/json")])
        return [b'{"ResultCode":0,"ResultDesc":"Accepted"}']

    def is_lost(self, letter: Letter) -> bool:
        return any(kind == letter.kind and words in letter.body for kind, words in self.lost)

    def hand_over_early(self) -> None:
        """What has come while the worker waits for an answer goes through before it has that."""
        came, self.came = sorted(self.came), []
        for letter in came:
            if self.is_lost(letter):
                self.misses += 1
            else:
                self.hand_over(letter)

    def sort_in(self) -> None:
        """What has come goes into the bag, whatever the order in which it came."""
        came, self.came = sorted(self.came), []
        for letter in came:
            if self.is_lost(letter):
                self.misses += 1
                continue
            self.keep(letter)
            while self.draw.random() < AGAIN:
                self.keep(letter)

    def keep(self, letter: Letter) -> None:
        self.bag.append((self.tick + self.draw.choice(WAITS), len(self.bag), letter))

    def hand_out(self, *, everything: bool = False) -> int:
        """Hands over what is due, in a drawn order; returns how many letters."""
        due = [letter for tick, _, letter in self.bag if everything or tick <= self.tick]
        self.bag = [one for one in self.bag if not everything and one[0] > self.tick]
        self.draw.shuffle(due)
        for letter in due:
            self.away.on = not everything and self.draw.random() < self.spooled
            try:
                self.hand_over(letter)
            finally:
                self.away.on = False
        return len(due)

    def hand_over(self, letter: Letter, address: str = SAFARICOM) -> int:
        """Gives a letter to the app; the HTTP status."""
        self.told.append(letter)
        status = post(self.app, letter.path, letter.body, JSON, address)[0]
        self.statuses[status] = self.statuses.get(status, 0) + 1
        return status


def post(app: Callable[..., Any], path: str, body: bytes, kind: str, address: str, **more: Any) -> tuple[int, bytes]:
    """One POST to the app as a WSGI server makes it; the status and the body of the answer."""
    environ = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": str(len(body)),
        "REMOTE_ADDR": address,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **more,
    }
    said: list[str] = []
    parts = app(environ, lambda status, _headers, _error=None: said.append(status))
    try:
        answer = b"".join(parts)
    finally:
        if hasattr(parts, "close"):
            parts.close()
    return int(said[-1][:3]), answer
