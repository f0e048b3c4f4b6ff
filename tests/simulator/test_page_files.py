"""What is sent for the page: only our own files, and a policy that lets nothing else in."""

import re

import pytest

from simulator.app import PAGE
from tests.simulator.client import Simulator


@pytest.mark.parametrize("path", ["/", "/page.js", "/page.css"])
def test_a_policy_goes_with_the_page(simulator: Simulator, path: str) -> None:
    answer = simulator.http.get(simulator.url + path, timeout=5)
    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert answer.headers["Cache-Control"] == "no-cache"


def test_nothing_inline_and_nothing_from_elsewhere() -> None:
    markup = (PAGE / "index.html").read_text()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", markup)
    for file in PAGE.iterdir():
        text = file.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text), (
            file.name
        )
