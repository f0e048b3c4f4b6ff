"""A turn or a page whose transaction loses to another one is begun again, and nobody in front of it notices."""

from collections.abc import Iterator
from typing import Any

import pytest
from psycopg import Connection

from gateway.app import create_app
from gateway.wiring import Wiring
from tests.drills.fuse import Losing, MortalWiring
from tests.gateway import town
from tests.gateway.conftest import sign_in
from tests.instruments import START
from tests.menus import village
from tests.phones import phone_on

# More than either has.
STATEMENTS = 40


@pytest.fixture
def losing(web_wiring: Wiring) -> Iterator[MortalWiring]:
    """The web's wiring, which loses once at the statement that its fuse is lit for."""
    fuse = Losing(only_once=True)
    built = MortalWiring(web_wiring.settings, "web", web_wiring.clock, web_wiring.chance, fuse=fuse)
    yield built
    built.close()


def lost(losing: MortalWiring) -> int:
    assert isinstance(losing.fuse, Losing)
    return losing.fuse.losses


def test_an_action_that_loses_at_any_statement_is_done_once(conn: Connection[Any], losing: MortalWiring) -> None:
    village.settle(conn, START, people=("Mtu",) * STATEMENTS, languages=("en",) * STATEMENTS)
    app = create_app(losing)
    for statement in range(1, STATEMENTS):
        phone = phone_on(app, village.phone_of(statement))
        phone.dial("*384*123#")
        phone.press("1")
        phone.press("1")
        losing.fuse.light(statement)
        assert phone.press("1").startswith("END Now M-PESA asks: 500 to PESACHAMA")
        assert conn.execute("SELECT count(*) FROM payment_attempts").fetchone() == (statement,)
        if lost(losing) < statement:
            break
    losing.fuse.light(None)
    assert 5 < statement < STATEMENTS - 1
    assert conn.execute("SELECT count(*) FROM incidents").fetchone() == (0,)


def test_a_page_that_loses_at_any_statement_is_shown(conn: Connection[Any], losing: MortalWiring) -> None:
    town.build(conn)
    app = create_app(losing)
    for statement in range(1, STATEMENTS):
        losing.fuse.light(statement)
        assert sign_in(app.test_client()).location == "/desk/status"
        if lost(losing) < statement:
            break
    losing.fuse.light(None)
    assert 3 < statement < STATEMENTS - 1
    assert conn.execute("SELECT count(*) FROM incidents").fetchone() == (0,)
