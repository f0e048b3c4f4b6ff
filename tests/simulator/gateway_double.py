"""A tiny HTTP server in the gateway's place: it records what the simulator posts, and answers as it is told."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl


@dataclass(frozen=True)
class Heard:
    path: str
    headers: dict[str, str]
    body: str

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body, keep_blank_values=True))


Answer = tuple[int, str, dict[str, str]]


class GatewayDouble:
    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.say: Callable[[Heard], Answer] = quiet
        double = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                heard = Heard(self.path, {key.lower(): value for key, value in self.headers.items()}, body)
                double.heard.append(heard)
                status, text, headers = double.say(heard)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: Any) -> None:
                """Silence."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def on(self, path: str) -> list[Heard]:
        return [each for each in self.heard if each.path == path]

    def wait(self, path: str, count: int = 1, seconds: float = 3) -> list[Heard]:
        """What arrived on a path, as soon as there are `count` of it."""
        ends = time.monotonic() + seconds
        while len(self.on(path)) < count and time.monotonic() < ends:
            time.sleep(0.005)
        found = self.on(path)
        assert len(found) >= count, f"{len(found)} of {count} on {path}; heard {[each.path for each in self.heard]}"
        return found

    def reset(self) -> None:
        self.heard.clear()
        self.say = quiet

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def quiet(_: Heard) -> Answer:
    return 200, '{"ResultCode":0,"ResultDesc":"Accepted"}', {"Content-Type": "application/json"}
