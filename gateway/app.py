"""The Flask app: doors in, nothing else. Everything it needs comes with the wiring."""

from flask import Flask

from gateway import callbacks, errors, headers, health, log, public, reports, ussd
from gateway.api import routes as api
from gateway.desk import pages as desk
from gateway.wiring import Wiring


def create_app(wiring: Wiring) -> Flask:
    """The web process's app on this wiring."""
    app = Flask(__name__)
    app.extensions["wiring"] = wiring
    log.install(app)
    errors.install(app)
    headers.install(app)
    for door in (ussd, reports, callbacks, api, desk, public, health):
        app.register_blueprint(door.bp)
    return app
