"""The trail of sessions: what came, how it was answered, where it stopped; never what was typed."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
import redis
from flask import Flask
from psycopg import Connection

from chamas.members import register
from gateway.desk.passwords import hash_password
from gateway.ussd import ended, funnel, trails
from gateway.wiring import Wiring
from tests.gateway import town
from tests.gateway.conftest import proof_in, sign_in
from tests.gateway.turns import NJERI
from tests.instruments import START, HandClock
from tests.menus import village
from tests.phones import phone_on

PIN = "73519"


@pytest.fixture(autouse=True)
def settled(conn: Connection[Any]) -> village.Village:
    return village.settle(conn, START)


def rows(conn: Connection[Any]) -> list[tuple[Any, ...]]:
    return conn.execute("SELECT hop, user_id, screen, answered, ended FROM ussd_turns ORDER BY at, hop").fetchall()


def held(app: Flask, clock: HandClock) -> None:
    """She looks who has paid, chooses a PIN, and leaves a payment half done."""
    phone = phone_on(app, NJERI)
    phone.dial("*384*123*3#")
    for keys in ("1", "98"):
        clock.advance(4)
        phone.press(keys)
    clock.advance(2)
    phone.dial("*384*123#")
    for keys in ("6", "4", PIN, PIN):
        clock.advance(2)
        phone.press(keys)
    clock.advance(2)
    phone.dial("*384*123*1#")
    clock.advance(9)
    phone.press("1234")


def test_what_is_kept_and_what_never(
    app: Flask, wiring: Wiring, conn: Connection[Any], clock: HandClock, redis_url: str
) -> None:
    held(app, clock)
    with redis.Redis.from_url(redis_url) as store:
        assert all(PIN not in str(line) and NJERI not in str(line) for line in store.xrange(trails.STREAM))
        store.xadd(trails.STREAM, {"t": "not one of ours"})
        store.xadd(trails.STREAM, {"x": "[]"})
        # A worker that dies after it has committed leaves the lines on the stream: they change nothing.
        copies = store.xrange(trails.STREAM)
        assert trails.keep_all(wiring) == 12
        for _id, fields in copies:
            store.xadd(trails.STREAM, fields)
    assert trails.keep_all(wiring) == 12
    assert trails.keep_all(wiring) == 0
    assert rows(conn) == [
        (1, 4, "paid.totals", "dialled", False),
        (2, 4, "paid.unpaid", "1", False),
        (3, 4, "paid.unpaid", "98", False),
        (0, 4, "home.start", "", False),
        (1, 4, "more.menu", "6", False),
        (2, 4, "pin.choose", "4", False),
        (3, 4, "pin.once_more", "new_pin", False),
        (4, 4, "pin.keep", "pin", True),
        (1, 4, "contribute.amount", "dialled", False),
        (2, 4, "contribute.confirm", "amount", False),
    ]


def test_where_sessions_stop_and_what_they_cost(
    app: Flask, wiring: Wiring, web_wiring: Wiring, conn: Connection[Any], clock: HandClock
) -> None:
    held(app, clock)
    for session, cost, labels in (
        ("ATUid_1", "KES 0.2550", "home.start|paid.totals|nonsense"),
        ("ATUid_2", "0.74", ""),
    ):
        event = {"sessionId": session, "phoneNumber": NJERI, "status": "Incomplete", "cost": cost, "input": PIN}
        for _copy in range(2):
            app.test_client().post("/ussd/events", data={**event, "hopsMetadata": labels, "durationInMillis": "4000"})
    trails.keep_all(wiring)
    screens = {one.screen: one for one in funnel.screens(conn, START - timedelta(days=1))}
    assert screens["paid.unpaid"] == funnel.Screen("paid.unpaid", 2, 1, 4.0)
    assert screens["contribute.confirm"].left_here == 1
    assert screens["contribute.amount"] == funnel.Screen("contribute.amount", 1, 0, 9.0)
    # Where a session ended by itself nobody was lost.
    assert screens["pin.keep"].left_here == 0
    assert funnel.ends(conn, START) == [funnel.Ends("Incomplete", 2, 100, 2, 4.0)]
    assert conn.execute("SELECT screens FROM ussd_sessions ORDER BY screens DESC").fetchall() == [
        (["home.start", "paid.totals"],),
        ([],),
    ]
    register.seat_operator(
        conn,
        email=town.EMAIL,
        password_hash=hash_password(town.PASSWORD),
        first_name="Grace",
        platform_role="support",
        at=START,
    )
    client = app.test_client()
    sign_in(client)
    page = client.get("/desk/phones").text
    assert 'data-screen="contribute.confirm"' in page
    assert 'data-end="Incomplete"' in page
    assert ">0.50<" in page
    found = client.post("/desk/phones", data={"form_proof": proof_in(page), "phone": "0700000004"}).text
    assert found.count("data-session") == 3
    assert "new_pin" in found
    for private in (PIN, NJERI, "0700000004", "1234"):
        assert private not in found
    assert client.post("/desk/phones", data={"form_proof": proof_in(page), "phone": "x"}).status_code == 409


def test_nobodys_after_a_quarter_and_when_she_is_forgotten(
    app: Flask, wiring: Wiring, conn: Connection[Any], clock: HandClock
) -> None:
    held(app, clock)
    event = {"sessionId": "ATUid_1", "phoneNumber": NJERI, "status": "Success"}
    app.test_client().post("/ussd/events", data=event)
    trails.keep_all(wiring)
    with wiring.transaction() as working:
        assert trails.forget_old(working, START + trails.KEPT) == 0
        assert trails.forget(working, 4) == 10
        assert trails.forget_old(working, START + trails.KEPT + timedelta(minutes=1)) == 10
        assert ended.forget_old(working, START + timedelta(minutes=1)) == 1
    assert conn.execute("SELECT user_id FROM ussd_sessions").fetchall() == [(None,)]


def test_a_member_sees_nobody_elses_trail(app: Flask, wiring: Wiring, web_wiring: Wiring, clock: HandClock) -> None:
    held(app, clock)
    trails.keep_all(wiring)
    for user_id, seen in ((4, 10), (5, 0)):
        with web_wiring.acting_as(user_id) as conn:
            assert conn.execute("SELECT count(*) FROM ussd_turns").fetchone() == (seen,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute("DELETE FROM ussd_turns")
