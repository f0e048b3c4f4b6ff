"""What every answer tells the browser not to do."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

# Everything from here, nothing inline: an injected script or a foreign frame finds no way to run.
POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "img-src 'self' data:"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


ALL = list(HEADERS.items())
NAMES = frozenset(name.lower() for name in HEADERS)


def install(app: Flask) -> None:
    """Adds the headers to every answer that does not set its own, where they are a plain list already."""
    inner = app.wsgi_app

    def guarded(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            own = NAMES.intersection([name.lower() for name, _ in headers])
            headers.extend([(name, value) for name, value in ALL if name.lower() not in own] if own else ALL)
            return start_response(status, headers, exc_info)

        return inner(environ, start)

    app.wsgi_app = guarded  # type: ignore[method-assign]
