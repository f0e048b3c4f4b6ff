"""Trouble at Daraja's door that is the same for every API."""

from aiohttp import web

from simulator.daraja.refusals import HTML, Refused
from simulator.world import World


def refusal(world: World, outcome: str | None) -> web.Response | None:
    """An answer in place of the API's own when the outcome is one; the request had no effect."""
    if outcome == "html_200":
        return web.Response(text=HTML, content_type="text/html")
    if outcome == "spike_arrest":
        raise Refused("500.003.02", "Error Occurred: Spike Arrest Violation")
    if outcome == "token_invalid":
        world.tokens.end()
        raise Refused("404.001.03", "Invalid Access Token")
    return None


def hang_up(request: web.Request) -> web.Response:
    """Closes the connection: the caller gets no byte of an answer. What is returned never leaves."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
