"""What comes through the USSD door and is no turn, and who may knock at it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import redis
from flask import Flask
from psycopg import Connection

from gateway import incidents
from gateway.app import create_app
from gateway.wiring import Wiring
from tests.gateway.turns import FORM, GOOD, post
from tests.instruments import START
from tests.menus import village


@pytest.fixture(autouse=True)
def umoja(conn: Connection[Any]) -> village.Village:
    return village.settle(conn, START, paid=(1, 2))


@pytest.fixture
def store(redis_url: str) -> Iterator["redis.Redis"]:
    with redis.Redis.from_url(redis_url) as client:
        yield client


NOBODYS = {
    "nothing": b"",
    "no phone": urlencode({key: value for key, value in GOOD.items() if key != "phoneNumber"}),
    "no number": urlencode({**GOOD, "phoneNumber": "Safaricom"}),
    "two numbers": urlencode(GOOD) + "&phoneNumber=%2B254700000099",
    "a stranger's": urlencode({**GOOD, "phoneNumber": "+254700000099", "serviceCode": "*384*999#"}),
    "100 kB": urlencode({**GOOD, "text": "1*" * 50_000}),
}
HERS = {
    "no text": urlencode({key: value for key, value in GOOD.items() if key != "text"}),
    "no session": urlencode({**GOOD, "sessionId": ""}),
    "a long session id": urlencode({**GOOD, "sessionId": "x" * 101}),
    "another service": urlencode({**GOOD, "serviceCode": "*384*999#"}),
    "a key twice": urlencode(GOOD) + "&text=1",
    "her number twice": urlencode(GOOD) + "&phoneNumber=%2B254700000004",
    "10 kB": urlencode({**GOOD, "text": "1*" * 5_000}),
    "too long for 180 seconds": urlencode({**GOOD, "text": "1*" * 1_500}),
    "bad UTF-8": urlencode(GOOD) + "%FF",
    "raw bytes": urlencode(GOOD).encode() + b"\xff",
    "a NUL": urlencode({**GOOD, "text": "1\0"}),
    "many fields": urlencode(GOOD) + "&" + urlencode({f"x{number}": "1" for number in range(40)}),
}


REFERENCE = re.compile(r"\b[0-9A-Z]{3}-[0-9A-Z]{3}\b")
KISWAHILI = "Ujumbe haukufika wote. Piga tena *384*123#. 0800 000 000, namba 7K2-9QX"
ENGLISH = "That did not arrive whole. Dial *384*123# again. 0800 000 000, say 7K2-9QX"


def told(app: Flask, body: bytes | str, content_type: str = FORM) -> str:
    """What the phone shows, with one and the same reference in each language."""
    screen = post(app, body, content_type)
    assert len(set(REFERENCE.findall(screen))) == 1
    return REFERENCE.sub("7K2-9QX", screen)


@pytest.mark.parametrize("what", NOBODYS)
def test_bad_input_of_nobody_known_is_answered_in_both_languages(app: Flask, store: "redis.Redis", what: str) -> None:
    assert told(app, NOBODYS[what]) == f"END {KISWAHILI}\n{ENGLISH}"
    assert store.keys("*") == []


@pytest.mark.parametrize("language", ["sw", "en"])
@pytest.mark.parametrize("what", HERS)
def test_bad_input_is_answered_in_the_members_language(
    app: Flask, conn: Connection[Any], store: "redis.Redis", what: str, language: str
) -> None:
    # Whose language nobody could look up in time is told in both: not what is asked here.
    app.extensions["wiring"].pool.wait()
    conn.execute("UPDATE users SET language = %s WHERE phone = %s", [language, GOOD["phoneNumber"]])
    conn.commit()
    assert told(app, HERS[what]) == f"END {KISWAHILI if language == 'sw' else ENGLISH}"
    assert store.keys("*") == []


def test_bad_input_while_postgresql_is_away_is_answered_all_the_same(web_wiring: Wiring, app: Flask) -> None:
    web_wiring.pool.close()
    assert told(app, HERS["another service"]) == f"END {KISWAHILI}\n{ENGLISH}"


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data; boundary=x", ""])
def test_what_is_no_form_is_no_turn(app: Flask, content_type: str) -> None:
    assert told(app, urlencode(GOOD), content_type) == f"END {ENGLISH}"


def test_an_unknown_network_is_told_so(app: Flask) -> None:
    assert "we do not serve this network" in told(app, urlencode({**GOOD, "networkCode": "64001"}))


def test_a_reference_is_found_and_a_flood_of_bad_input_fills_nothing(
    app: Flask, web_wiring: Wiring, conn: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def kept(screen: str) -> incidents.Incident | None:
        with web_wiring.overseeing(1) as at:
            return incidents.find(at, web_wiring, REFERENCE.findall(screen)[0].lower().replace("-", ""))

    monkeypatch.setattr(incidents, "NOTES_BYTES", 1_000)
    conn.execute("UPDATE users SET platform_role = 'admin' WHERE id = 1")
    conn.commit()
    first = post(app, HERS["10 kB"])
    found = kept(first)
    assert found is not None
    assert (found.place, found.kind, found.detail) == ("ussd", "bad input", "a text too long")
    for _ in range(30):
        last = post(app, HERS["another service"])
    assert (kept(first), getattr(kept(last), "detail", "")) == (None, "another service code")
    assert conn.execute("SELECT count(*) FROM incidents").fetchone() == (0,)
    files = list(Path(web_wiring.settings.spool_dir).glob(f"{Path(incidents.MISTOLD).stem}.*"))
    assert len(files) == 2
    assert sum(path.stat().st_size for path in files) < 2_500
    with web_wiring.overseeing(1) as at:
        assert incidents.recent(at, web_wiring, 20) == []


@pytest.mark.parametrize("phone", ["254700000004", "0700000004", "+254700000004"])
def test_every_way_of_writing_her_number(app: Flask, phone: str) -> None:
    body = urlencode({**GOOD, "phoneNumber": phone}).replace("%2B", "+")
    assert post(app, body, f"{FORM}; charset=UTF-8").startswith("CON Umoja: paid 0 of 500")


def test_the_door_needs_the_secret_or_this_machine(app: Flask, web_wiring: Wiring) -> None:
    client = app.test_client()
    secret = web_wiring.settings.callback_secret
    assert client.post("/ussd/guess", data=GOOD).status_code == 404
    assert client.post("/ussd", data=GOOD, environ_base={"REMOTE_ADDR": "41.90.1.1"}).status_code == 404
    assert client.post("/ussd", data=GOOD, headers={"X-Forwarded-For": "41.90.1.1"}).status_code == 404
    far = client.post(f"/ussd/{secret}", data=GOOD, environ_base={"REMOTE_ADDR": "41.90.1.1"})
    assert far.get_data(as_text=True).startswith("CON Umoja")


def test_whoever_is_not_on_the_operators_list_finds_no_door(web_wiring: Wiring) -> None:
    settings = replace(web_wiring.settings, ussd_addresses="18.133.205.228, 41.90.0.0/16", trusted_proxies="0")
    wiring = replace(web_wiring, settings=settings)
    client, secret = create_app(wiring).test_client(), settings.callback_secret
    for path, address, status in (
        ("ussd", "18.133.205.228", 200),
        ("ussd", "::ffff:41.90.7.7", 200),
        ("ussd", "18.133.205.229", 404),
        ("ussd/events", "41.91.0.1", 404),
        ("sms/reports", "41.91.0.1", 404),
    ):
        answer = client.post(f"/{path}/{secret}", data=GOOD, environ_base={"REMOTE_ADDR": address})
        assert answer.status_code == status, (path, address)
    assert client.post("/ussd/guess", data=GOOD, environ_base={"REMOTE_ADDR": "41.90.7.7"}).status_code == 404
    wiring.close()


def test_what_no_row_can_hold_is_no_report_and_no_incident(
    app: Flask, conn: Connection[Any], web_wiring: Wiring
) -> None:
    """A NUL, which PostgreSQL's text cannot hold: found by the storm's spoilt bodies (seed 2026, wave 2)."""
    client = app.test_client()
    told = {"id": "AT\0Xid", "status": "Success", "from": "+254700000004", "text": "STOP\0", "sessionId": "\0"}
    for path in ("sms/reports", "sms/incoming", "ussd/events"):
        assert client.post(f"/{path}", data=told).status_code == 200
    assert conn.execute("SELECT count(*) FROM incidents").fetchone() == (0,)
    assert not [path for path in Path(web_wiring.settings.spool_dir).glob("*") if "incident" in path.name]


def test_a_hop_is_labelled_with_its_screen_and_nothing_typed(app: Flask) -> None:
    client = app.test_client()
    labels = [
        client.post("/ussd", data={**GOOD, "text": text}).headers.get("at-ussd-hop-metadata")
        for text in ("", "1", "1*73519", "1*73519")
    ]
    assert labels == ["home.start", "contribute.amount", "contribute.confirm", None]
