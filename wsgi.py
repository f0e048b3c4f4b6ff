"""The web process: settings, wiring, app."""

from gateway.app import create_app
from gateway.commands import environment

app = create_app(environment.wiring("web"))
