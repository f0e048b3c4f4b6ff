"""The app as a whole: whose address counts behind a proxy, and what a door says when something breaks."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask, request
from psycopg import Connection

from gateway.app import create_app
from gateway.soundness import FORBIDDEN_WORDS
from gateway.wiring import Wiring
from tests.storm.house import Switch, WebWiring


def seen_address(wiring: Wiring, hops: str, forwarded: str) -> str:
    """The caller's address as the app sees it, behind so many proxies of ours."""
    app: Flask = create_app(replace(wiring, settings=replace(wiring.settings, trusted_proxies=hops)))
    app.add_url_rule("/address", view_func=lambda: str(request.remote_addr))
    answer = app.test_client().get("/address", headers={"X-Forwarded-For": forwarded})
    return answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("hops", "seen"),
    [("0", "127.0.0.1"), ("1", "196.201.214.200"), ("2", "10.0.0.9")],
)
def test_only_the_hops_of_ours_are_believed(web_wiring: Wiring, hops: str, seen: str) -> None:
    assert seen_address(web_wiring, hops, "203.0.113.7, 10.0.0.9, 196.201.214.200") == seen


def test_figures_are_for_this_machine_and_not_for_whom_its_proxy_speaks(web_wiring: Wiring) -> None:
    client = create_app(web_wiring).test_client()
    assert b"pesachama_depth" in client.get("/metrics").data
    for answer in (
        client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"}),
        client.get("/metrics", environ_base={"REMOTE_ADDR": "203.0.113.7"}),
    ):
        assert answer.status_code == 404 and b"pesachama_depth" not in answer.data


def test_a_broken_view_tells_its_reference_and_nothing_else(web_wiring: Wiring, conn: Connection[Any]) -> None:
    app = create_app(web_wiring)

    def breaks() -> str:
        raise ValueError("+254700000005 typed 7391")

    app.add_url_rule("/api/breaks", view_func=breaks)
    answer = app.test_client().get("/api/breaks")
    assert answer.status_code == 500 and answer.mimetype == "application/problem+json"
    ((reference, detail),) = conn.execute("SELECT reference, detail FROM incidents").fetchall()
    told = answer.get_data(as_text=True)
    assert reference in told
    assert "7391" not in told + detail and "254700000005" not in told + detail


def test_while_postgresql_is_away_figures_say_so_and_pages_say_later(web_wiring: Wiring) -> None:
    away = Switch(True)
    web = WebWiring(web_wiring.settings, "web", web_wiring.clock, web_wiring.chance, away)
    client = create_app(web).test_client()
    figures = client.get("/metrics")
    assert figures.status_code == 200
    assert b'pesachama_up{part="postgresql"} 0.0' in figures.data
    assert b'pesachama_up{part="redis"} 1.0' in figures.data
    assert b'pesachama_depth{queue="callbacks_spooled"} 0.0' in figures.data
    page, told = client.get("/v/NUB253B6"), client.get("/v/NUB253B6", headers={"Accept": "application/json"})
    assert (page.status_code, page.mimetype) == (503, "text/html")
    assert "Not just now" in page.text
    assert (told.status_code, told.mimetype) == (503, "application/problem+json")
    assert told.get_json()["code"] == "away"
    web.close()


def test_no_address_that_safaricom_is_given_has_a_word_that_it_refuses(web_wiring: Wiring) -> None:
    given = [rule.rule for rule in create_app(web_wiring).url_map.iter_rules() if rule.rule.startswith("/pay/")]
    assert len(given) > 3
    assert [path for path in given for word in (*FORBIDDEN_WORDS, "m-pesa") if word in path.lower()] == []
