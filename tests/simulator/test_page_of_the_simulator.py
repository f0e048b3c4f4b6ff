"""docs/simulator.md: each example is run, each control is there, and its tables are those of the code."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import requests

from simulator import control, meanings, portal
from tests.simulator.client import Start
from tests.simulator.gateway_double import GatewayDouble

PAGE = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text()
EXAMPLES = re.findall(r"```control\n(GET|POST) (\S+)(?: (.*))?\n(?:(\d+) )?(.*)\n```", PAGE)


def fits(said: Any, shown: Any) -> bool:
    """`...` is anything; an object with the key `...` may have more than it shows."""
    if shown == "...":
        return True
    if isinstance(shown, dict) and isinstance(said, dict):
        open_ended, named = "..." in shown, {key: value for key, value in shown.items() if key != "..."}
        keys = set(named) <= set(said) if open_ended else set(named) == set(said)
        return keys and all(fits(said[key], value) for key, value in named.items())
    if isinstance(shown, list) and isinstance(said, list):
        return len(said) == len(shown) and all(map(fits, said, shown))
    return bool(said == shown)


def test_the_examples_run(start: Start, gateway: GatewayDouble) -> None:
    gateway.say = lambda _: (200, "END Bye", {})
    simulator = start()
    assert len(EXAMPLES) == PAGE.count("```control")
    for method, path, body, status, shown in EXAMPLES:
        answer = requests.request(method, simulator.url + path, data=body, timeout=15)
        assert answer.status_code == int(status or 200), (path, answer.text)
        assert fits(answer.json(), json.loads(shown)), (path, answer.text)


@pytest.mark.parametrize("route", [*control.routes, *portal.routes], ids=lambda route: f"{route.method} {route.path}")
def test_every_control_is_explained(route: Any) -> None:
    assert f"{route.method} {route.path}" in PAGE


def test_the_tables_are_those_of_the_code() -> None:
    assert PAGE.endswith("\n" + meanings.as_markdown())


def test_the_page_is_enough_to_start_with(start: Start) -> None:
    """The command of the page, with a port of its own."""
    command = re.search(r"python -m simulator (.*)", PAGE)
    assert command
    arguments = command[1].replace("--port 8001", "").split()
    assert start(*arguments).get("/healthz") == {"status": "ok"}
