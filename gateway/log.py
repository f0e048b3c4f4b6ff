"""One structured line per request and per job, as JSON on standard error.

What may stand in a line is said by `line`'s callers: URL rules, ids of ours, states, durations. Exceptions are logged
as their type and the places they passed, never with their message, which may quote a phone number, a PIN or a body.
"""

import json
import logging
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from flask import Flask, g, request

LOGGER = logging.getLogger("pesachama")
# Built once: `json.dumps` builds one for each line as soon as it is told a default.
ENCODER = json.JSONEncoder(default=str)


class JsonLines(logging.Formatter):
    """One JSON object a line: at (UTC), level, event and the fields given."""

    def format(self, record: logging.LogRecord) -> str:
        at = f"{clock_face(int(record.created))}.{int(record.msecs):03d}Z"
        fields: dict[str, Any] = {"at": at, "level": record.levelname, "event": record.getMessage()}
        fields.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[1] is not None:
            fields.update(trace(record.exc_info[1]))
        return ENCODER.encode(fields)


@lru_cache(maxsize=2)
def clock_face(second: int) -> str:
    """A second of Unix time as UTC in ISO 8601; many lines share one."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))


def trace(error: BaseException) -> dict[str, Any]:
    """An exception without its words: type, SQLSTATE where it has one, and the lines it passed."""
    frames = [f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno} {frame.name}" for frame in _frames(error)]
    fields: dict[str, Any] = {"error": type(error).__name__, "where": frames[-8:]}
    if getattr(error, "sqlstate", None):
        fields["sqlstate"] = error.sqlstate  # type: ignore[attr-defined]
    if error.__cause__ is not None:
        fields["cause"] = type(error.__cause__).__name__
    return fields


def _frames(error: BaseException) -> traceback.StackSummary:
    return traceback.extract_tb(error.__traceback__)


def start(level: str) -> None:
    """Sends our lines, and the warnings of libraries, to standard error as JSON; called once per process."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    # No line of ours shows them, and every line would look them up.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    LOGGER.setLevel(level)


def line(event: str, *, level: int = logging.INFO, error: BaseException | None = None, **fields: Any) -> None:
    """Writes one line; `fields` are ids, rules, states and durations, never what a person typed or was told."""
    if LOGGER.isEnabledFor(level):
        trouble = (type(error), error, error.__traceback__) if error else None
        # Made here, because logging would walk the stack for a file name and a line that no line of ours shows.
        LOGGER.handle(LOGGER.makeRecord(LOGGER.name, level, "", 0, event, (), trouble, extra={"fields": fields}))


def note(**fields: Any) -> None:
    """Adds fields to the line of the request that is being answered."""
    g.setdefault("log_fields", {}).update(fields)


def install(app: Flask) -> None:
    """Logs every answered request: method, URL rule, status, milliseconds and what views noted.

    Around the app, not in hooks of it: each hook is looked up, wrapped and called on its own for every request.
    """
    inner = app.wsgi_app

    def logged(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        begun = time.perf_counter()

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            # Flask starts its answer while the request and what was noted are still at hand.
            rule = request.url_rule
            ms = round((time.perf_counter() - begun) * 1000, 1)
            own = {"rule": rule.rule if rule else None, "status": int(status[:3]), "ms": ms}
            line("request", **{**g.get("log_fields", {}), "method": environ["REQUEST_METHOD"], **own})
            return start_response(status, headers, exc_info)

        return inner(environ, start)

    app.wsgi_app = logged  # type: ignore[method-assign]
