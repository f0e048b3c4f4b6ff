"""What is said about a page whose season is put away: that it is, never that the page or the code does not exist."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from psycopg import Connection

from gateway.public import misses
from ledger import archive, books, seasons
from menus.phone import look_at
from tests.gateway.test_api import Program
from tests.gateway.town import Town
from tests.gateway.turns import NJERI
from tests.instruments import START, SeededChance
from tests.menus import village
from tests.phones import phone_on

AWAY, NEXT = 20262, seasons.opens_at(20271)
AS_JSON = {"Accept": "application/json"}


def put_away(conn: Connection[Any]) -> None:
    conn.execute("DELETE FROM sealing_queue")
    archive.archive(conn, AWAY, at=NEXT)


def test_programs_and_holders_of_a_code_are_told(client: FlaskClient, conn: Connection[Any], umoja: Town) -> None:
    program, member = Program(client, umoja.token), umoja.member_ids[0]
    lists = (f"/chamas/{umoja.chama_id}/statement", f"/members/{member}/transactions")
    assert [program.get(path).get_json()["archived_before"] for path in lists] == [None, None]
    kept = "INSERT INTO allocations (book_id, seq, line, member_id, amount_cents) VALUES (%s, 1, 1, %s, 1)"
    conn.execute(kept, [umoja.book_id, member])
    put_away(conn)
    # More often than a guesser may.
    asked = [client.get(f"/v/{umoja.code.lower()}", headers=AS_JSON) for _ in range(misses.ALLOWED + 1)]
    told = asked[-1]
    assert (told.status_code, told.mimetype) == (503, "application/problem+json")
    said = told.get_json()
    assert (said["code"], said["genuine"], said["entry_code"]) == ("season_archived", True, umoja.code)
    assert (said["season"], said["entry"], said["batch"]) == (AWAY, 1, None)
    page = client.get(f"/v/{umoja.code}")
    assert (page.status_code, "no-store" in page.headers["Cache-Control"]) == (503, True)
    assert "This code is genuine" in page.text and "No entry" not in page.text
    assert client.get("/v/22222222").status_code == 404
    for path in lists:
        answer = program.get(path).get_json()
        assert answer == {"items": [], "next": None, "archived_before": "2026-12-31T21:00:00.000Z"}
    # Nobody who joined later misses anything, and no figure is made of half the pages.
    assert program.get(f"/members/{umoja.member_ids[2]}/transactions").get_json()["archived_before"] is None
    assert program.get(f"/members/{member}/dues").get_json()["code"] == "season_archived"
    then = program.get(f"/chamas/{umoja.chama_id}/trial-balance", recorded="2026-12-01T00:00:00Z")
    assert then.get_json()["code"] == "season_archived"
    assert program.get(f"/payments/{umoja.paid_id}").status_code == 200
    with conn.transaction():
        archive.attach(conn, AWAY)
    assert client.get(f"/v/{umoja.code}", headers=AS_JSON).get_json()["amount_cents"] == 500_00
    assert program.get(lists[0]).get_json()["archived_before"] is None


@pytest.mark.parametrize("language", ["en", "sw"])
def test_a_phone_is_told(app: Flask, conn: Connection[Any], language: str) -> None:
    umoja = village.settle(conn, START, name=village.LONG_CHAMA, languages=(language,) * 9)
    posted = village.pay(conn, umoja, place=4, cents=150_000_00, at=START)
    village.receipt(conn, "TKK7RT61SV", (umoja.book_id, posted.seq), cents=150_000_00)
    put_away(conn)
    phone, away = phone_on(app, NJERI), {"en": "put away", "sw": "hifadhiwa kando"}[language]
    # Her balance, her last entries, the words of an older page, her statement; then a payment by its page and its code.
    said = [phone.dial(f"*384*123*{keys}#") for keys in ("2", "2*1", "2*2*1", "2*3", "5*3*1", "5*4*TKK7RT61SV")]
    for screen in said:
        look_at(screen)
        assert away in screen and ".." not in screen
    assert "TKK7RT61SV" in said[4] and said[4] == said[5]
    assert away not in phone.dial("*384*123*2*2*77#")
    at = NEXT + timedelta(days=1)
    hers = books.account_id(conn, umoja.book_id, f"member:{umoja.members[3]}")
    mpesa = books.account_id(conn, umoja.book_id, f"mpesa:{village.PAYBILL}")
    assert hers and mpesa
    lines = (books.Line(mpesa, 250_000_00), books.Line(hers, -250_000_00))
    for number in range(5):
        draft = books.Draft(umoja.book_id, "contribution", at, lines, scope="test", key=str(number))
        books.post(conn, draft, at=at, chance=SeededChance(number))
        listed = phone.dial("*384*123*2*1#")
        look_at(listed)
        assert listed.count(" = ") == number + 1 and (away in listed) == (number < 4) and ".." not in listed
