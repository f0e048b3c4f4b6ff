"""A callback while PostgreSQL is away is in the spool, and Safaricom is told so."""

import logging
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from gateway.app import create_app
from gateway.settings import Settings
from gateway.wiring import Wiring
from payments import evidence, spool
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


def test_a_fault_of_ours_costs_no_body_and_is_an_incident(
    web_wiring: Wiring, wiring: Wiring, conn: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, body = create_app(web_wiring).test_client(), b'{"TransID": "TKK7RT61SV"}'
    paths = (f"stk/{'ab' * 32}", f"c2b/{web_wiring.settings.callback_secret}/confirmation")
    with monkeypatch.context() as broken:
        broken.setattr(evidence, "keep", lambda *_, **__: {}["nothing"])
        answers = [client.post(f"/pay/{path}", data=body) for path in paths]
    assert [(one.status_code, one.json["ResultCode"]) for one in answers if one.json] == [(200, 0)] * 2
    assert conn.execute("SELECT kind FROM incidents").fetchall() == [("KeyError",)] * 2
    assert spool.drain(wiring, Path(web_wiring.settings.spool_dir)) == 2
    kept = conn.execute("SELECT source, body FROM evidence ORDER BY source").fetchall()
    assert kept == [("c2b_confirmation", body), ("stk_callback", body)]
