"""A callback while PostgreSQL is away is in the spool, and Safaricom is told so."""

import logging
from pathlib import Path

import pytest

from gateway.app import create_app
from gateway.settings import Settings
from tests.instruments import HandClock, SeededChance
from tests.storm.house import Switch, WebWiring


def test_a_spooled_callback_is_answered_with_200_and_a_line_says_so(
    settings: Settings, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "pesachama")
    web = create_app(WebWiring(settings, "web", clock, SeededChance(), Switch(True))).test_client()
    answer = web.post(f"/pay/stk/{'ab' * 32}", data=b"{}")
    assert (answer.status_code, answer.json) == (200, {"ResultCode": 0, "ResultDesc": "Accepted"})
    assert len(list(Path(settings.spool_dir).glob("*.json"))) == 1
    (line,) = [record.fields for record in caplog.records if record.getMessage() == "request"]
    assert (line["status"], line["spooled"], line["because"]) == (200, True, "OperationalError")
