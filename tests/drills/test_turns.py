"""A turn in whose middle something breaks: an honest end with a reference that an operator finds, and nothing twice.

PostgreSQL falls silent before or after it has committed, Redis is gone, a screen of ours raises. The patience of a turn
is given, so that nobody waits for it here; that it is kept in seconds too is seen by tests/drills/test_postgres.py.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict

from chamas.members import register
from gateway import callbacks, limits
from gateway.app import create_app
from gateway.commands import incident
from gateway.desk.passwords import hash_password
from gateway.ussd import turns
from gateway.wiring import Wiring
from menus.dialog import ROOMS
from menus.phone import Phone
from payments import spool
from tests.drills.demo import until
from tests.drills.frozen import Way, way_to
from tests.gateway import town
from tests.gateway.conftest import proof_in, sign_in
from tests.instruments import START
from tests.menus import village
from tests.phones import phone_on

SORRY = "END Samahani, haiwezekani sasa."
TOLD = re.compile(r"namba ([A-Z0-9]{3}-[A-Z0-9]{3})")


@pytest.fixture
def settled(conn: Connection[Any]) -> village.Village:
    return village.settle(conn, START, languages=("sw",))


@pytest.fixture
def way(database_url: str) -> Iterator[Way]:
    parts = conninfo_to_dict(database_url)
    with way_to(str(parts["host"]), int(parts["port"] or 5432)) as way:
        yield way


@pytest.fixture
def far(web_wiring: Wiring, way: Way, settled: village.Village) -> Iterator[Wiring]:
    """The web's wiring, with PostgreSQL at the end of a way on which answers are lost."""
    there = conninfo_to_dict(web_wiring.settings.database_url)
    url = f"postgresql://{there['user']}:{there['password']}@127.0.0.1:{way.port}/{there['dbname']}"
    built = replace(web_wiring, settings=replace(web_wiring.settings, database_url=url))
    yield built
    way.mend()
    built.close()


def told(screen: str) -> str:
    """The reference that she can read out."""
    assert screen.startswith(SORRY), screen
    found = TOLD.search(screen)
    assert found, screen
    return found[1]


def about_to_pay(wiring: Wiring) -> Phone:
    phone = phone_on(create_app(wiring), village.phone_of(4))
    assert phone.dial("*384*123*1*500#").startswith("CON Unalipa Umoja KES 500")
    return phone


@pytest.mark.parametrize("silent", ["before", "at the commit"])
def test_postgres_that_falls_silent_is_not_waited_for(
    silent: str, far: Wiring, way: Way, conn: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = about_to_pay(far)
    # A busy web has several; the one that is not cut with her turn must not be waited for either.
    with far.pool.connection(), far.pool.connection():
        pass
    if silent == "before":
        way.lost = True
    else:
        way.lost_after = b"COMMIT"
    with monkeypatch.context() as hurried:
        hurried.setattr(turns, "PATIENCE_SECONDS", 0.4)
        mark = told(phone.press("1"))
    # Nobody says here how long it may take: a page of the desk has a limit all the same.
    with monkeypatch.context() as hurried:
        hurried.setitem(limits.TRANSACTION_SECONDS, "web", 0.4)
        assert incident.look_up(far, mark.replace("-", "").lower()) != []
        assert incident.look_up(far, "ZZZ-ZZZ") == []
        assert [one.reference for one in incident.look_up(far, None)] == [mark]
    wished = conn.execute("SELECT count(*) FROM payment_intents").fetchone()
    assert wished == (0 if silent == "before" else 1,)
    way.mend()
    until(lambda: phone.repeat().startswith("END Sasa M-PESA itauliza: 500"), "PostgreSQL again")
    assert phone.repeat().startswith("END Sasa M-PESA itauliza: 500")
    assert conn.execute("SELECT count(*) FROM payment_intents").fetchone() == (1,)


@pytest.mark.parametrize("path", ["stk/" + "ab" * 16, "c2b/{secret}/confirmation", "c2b/{secret}/validation"])
def test_what_safaricom_tells_while_postgres_is_silent_is_kept_and_answered(
    path: str, far: Wiring, way: Way, wiring: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, body = create_app(far).test_client(), b'{"TransID": "TKK7RT61SV", "BillRefNumber": "48213 4"}'
    spool_dir = Path(far.settings.spool_dir)
    assert client.get("/readyz").status_code == HTTPStatus.OK
    way.lost = True
    monkeypatch.setattr(callbacks, "PATIENCE_SECONDS", 0.4)
    said = client.post("/pay/" + path.format(secret=far.settings.callback_secret), data=body)
    assert (said.status_code, int(said.get_json()["ResultCode"])) == (HTTPStatus.OK, 0)
    way.mend()
    assert spool.drain(wiring, spool_dir) == 1
    with wiring.transaction() as conn:
        assert conn.execute("SELECT body FROM evidence").fetchall() == [(body,)]


def test_a_screen_of_ours_that_raises(
    web_wiring: Wiring, settled: village.Village, conn: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    register.seat_operator(
        conn,
        email=town.EMAIL,
        password_hash=hash_password(town.PASSWORD),
        first_name="Grace",
        platform_role="admin",
        at=START,
    )
    phone = about_to_pay(web_wiring)
    room = ROOMS["contribute.pay"]

    def broken(*given: Any, **named: Any) -> Any:
        room.make(*given, **named)
        raise ZeroDivisionError(village.phone_of(4))

    monkeypatch.setitem(ROOMS, "contribute.pay", room._replace(make=broken))
    mark = told(phone.press("1"))
    assert conn.execute("SELECT count(*) FROM payment_intents").fetchone() == (0,)
    # In her language where nothing is known of the session yet, too; a stranger's is nobody's to guess.
    with monkeypatch.context() as first:
        for name in ("check.recent", "stranger.welcome"):
            first.setitem(ROOMS, name, ROOMS[name]._replace(make=broken))
        assert told(phone_on(create_app(web_wiring), village.phone_of(4)).dial("*384*123*5#"))
        assert "\nSorry, try again later." in phone_on(create_app(web_wiring), village.STRANGER).dial("*384*123#")
    monkeypatch.setitem(ROOMS, "contribute.pay", room)
    assert phone.repeat().startswith("END Sasa M-PESA itauliza: 500")
    assert conn.execute("SELECT count(*) FROM payment_intents").fetchone() == (1,)
    shown = asked_at_the_desk(create_app(web_wiring).test_client(), mark)
    assert f'data-reference="{mark}"' in shown
    assert "ZeroDivisionError" in shown
    assert village.phone_of(4)[1:] not in shown


def asked_at_the_desk(client: FlaskClient, mark: str) -> str:
    sign_in(client)
    page = client.get("/desk/incidents").text
    assert f'data-reference="{mark}"' in page
    return client.post("/desk/incidents", data={"form_proof": proof_in(page), "reference": mark.lower()}).text
