"""The Flask app: doors in, nothing else. Everything it needs comes with the wiring."""

from collections.abc import Callable
from typing import Any

from flask import Flask, request
from flask.typing import ResponseReturnValue
from werkzeug.middleware.proxy_fix import ProxyFix

from gateway import callbacks, errors, headers, health, log, reports
from gateway.api import routes as api
from gateway.desk import pages as desk
from gateway.public import pages as public
from gateway.ussd import door as ussd
from gateway.wiring import CALLER_ADDRESS, Wiring
from ledger.retries import TRIES_IN_FRONT_OF_PEOPLE, again


class Gateway(Flask):
    """Flask whose views, and the looks before them, are begun again when their transaction lost to another one."""

    def preprocess_request(self) -> ResponseReturnValue | None:
        return again(super().preprocess_request, tries=TRIES_IN_FRONT_OF_PEOPLE)

    def dispatch_request(self) -> ResponseReturnValue:
        return again(super().dispatch_request, tries=TRIES_IN_FRONT_OF_PEOPLE)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Without Flask's search, at every call of a view or a hook, for a coroutine: we have none."""
        return func


def create_app(wiring: Wiring) -> Flask:
    """The web process's app on this wiring."""
    app = Gateway(__name__)
    app.extensions["wiring"] = wiring
    log.install(app)
    errors.install(app)
    headers.install(app)
    app.before_request(note_address)
    app.teardown_request(forget_address)
    trust_proxies(app, int(wiring.settings.trusted_proxies))
    for door in (ussd, reports, callbacks, api, desk, public, health):
        app.register_blueprint(door.bp)
    return app


def trust_proxies(app: Flask, hops: int) -> None:
    """Takes the caller's address from as many hops as are ours: the one further left is whatever the caller wrote."""
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]


def note_address() -> None:
    """For the log of changes: from where whatever this request changes was changed."""
    CALLER_ADDRESS.set(request.remote_addr or "")


def forget_address(_error: BaseException | None) -> None:
    CALLER_ADDRESS.set("")
