"""JSON-RPC over HTTP on the loopback address: single requests and batches, connections kept alive."""

import json
import logging
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from simulator.chain.methods import RpcError, answer
from simulator.chain.node import Node

# Far above what a signed transaction may weigh on any chain.
LARGEST_BODY = 16 * 1024 * 1024

log = logging.getLogger(__name__)


def reply(node: Node, request: Any) -> dict[str, Any]:
    """Answers one request, always with a JSON-RPC reply."""
    if not isinstance(request, dict) or not isinstance(request.get("params", []), list):
        return {"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": "not a request"}}
    result: dict[str, Any] = {"jsonrpc": "2.0", "id": request.get("id")}
    try:
        result["result"] = answer(node, str(request.get("method")), request.get("params", []))
    except RpcError as error:
        detail = {} if error.detail is None else {"data": error.detail}
        result["error"] = {"code": error.code, "message": error.message, **detail}
    except Exception:
        log.exception("the request failed: %s", request.get("method"))
        result["error"] = {"code": -32603, "message": "internal error"}
    return result


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one packet
    server: "Server"

    def do_POST(self) -> None:
        """A request or a list of requests."""
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_BODY:
            self.send_error(413)
            return
        try:
            asked = json.loads(self.rfile.read(length))
        except ValueError:
            said: Any = {"jsonrpc": "2.0", "id": None, "error": {"code": -32700, "message": "not JSON"}}
        else:
            node = self.server.node
            said = [reply(node, one) for one in asked] if isinstance(asked, list) else reply(node, asked)
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Keeps still: a line per request would say nothing."""


class Server(ThreadingHTTPServer):
    """The HTTP server of one node, with its heartbeat."""

    daemon_threads = True

    def __init__(self, node: Node, port: int, heartbeat: float) -> None:
        """Binds the port; `heartbeat` seconds lie between two looks at the pool, 0 for none."""
        self.node = node
        super().__init__(("127.0.0.1", port), Handler)
        if heartbeat > 0:
            threading.Thread(target=self._beat, args=(heartbeat,), daemon=True).start()

    def _beat(self, seconds: float) -> None:
        while True:
            time.sleep(seconds)
            with self.node.lock:
                try:
                    self.node.beat()
                except Exception:
                    log.exception("the heartbeat failed")
