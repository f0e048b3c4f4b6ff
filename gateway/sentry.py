"""What broke, told to Sentry where an operator gave SENTRY_DSN: the kind of error, the lines it passed, ids of ours.

Theory of operation. A log line of level ERROR that carries an error goes there too (log.py says what may stand in one).
Nothing is taken out of what the library gathers: `scrubbed` makes a new event of what may leave the house, so that a
later version of the library cannot send more. Messages of exceptions quote phone numbers, bodies and SQL; local
variables hold PINs; a URL holds a token; none of them is in it. The library's own listeners are all off.

Without SENTRY_DSN nothing here is imported by anybody.
"""

import logging
from importlib.metadata import version
from typing import Any

import sentry_sdk
from sentry_sdk.utils import event_from_exception

from gateway.log import LOGGER

# Of a frame: where it is, and nothing of what it holds.
FRAME = ("filename", "function", "module", "lineno", "in_app")
# Of a log line: ids and rules, as log.py allows them, and only those that find the place again.
TAGS = ("reference", "place", "loop", "job", "rule", "failures", "sqlstate")
FLUSH_SECONDS = 2.0


class Teller(logging.Handler):
    """Hands on log lines that carry an error."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return
        event, hint = event_from_exception(error, client_options=sentry_sdk.get_client().options)
        fields = getattr(record, "fields", {}) | {"sqlstate": getattr(error, "sqlstate", None)}
        event["logger"] = record.getMessage()
        event["tags"] = {name: str(fields[name]) for name in TAGS if fields.get(name) is not None}
        sentry_sdk.capture_event(event, hint)


def start(dsn: str, environment: str) -> None:
    """Tells from now on; once per process, after `log.start`."""
    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        release=version("pesachama-gateway"),
        default_integrations=False,
        auto_enabling_integrations=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        send_client_reports=False,
        auto_session_tracking=False,
        server_name="",
        before_send=scrubbed,
    )
    LOGGER.addHandler(Teller(logging.ERROR))


def finish() -> None:
    """Lets what is under way leave, but nobody waits for long."""
    sentry_sdk.flush(FLUSH_SECONDS)


def scrubbed(event: Any, _hint: Any) -> Any:
    """A new event of what may leave the house. Shapes: Sentry's event payload, `exception.values[].stacktrace`."""
    kept = {
        name: event[name] for name in ("event_id", "timestamp", "level", "platform", "release", "environment", "tags")
        if name in event
    }  # fmt: skip
    raised = event.get("exception", {}).get("values", [])
    kept["logger"] = event.get("logger", "")
    kept["exception"] = {"values": [_raised(one) for one in raised]}
    return kept


def _raised(one: Any) -> dict[str, Any]:
    frames = (one.get("stacktrace") or {}).get("frames", [])
    places = [{name: frame[name] for name in FRAME if frame.get(name) is not None} for frame in frames]
    return {"type": one.get("type"), "module": one.get("module"), "stacktrace": {"frames": places}}
