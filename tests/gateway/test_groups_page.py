"""The page of one group: cash stands there as what it is, confirmed or not."""

from typing import Any

from flask.testing import FlaskClient
from psycopg import Connection

from chamas import cash
from tests.gateway.conftest import sign_in
from tests.gateway.town import Town
from tests.instruments import START


def test_cash_that_nobody_confirmed_shows_as_such(client: FlaskClient, conn: Connection[Any], umoja: Town) -> None:
    conn.execute("UPDATE chama_members SET role = 'treasurer' WHERE id = %s", [umoja.member_ids[0]])
    [(treasurer,)] = conn.execute("SELECT user_id FROM chama_members WHERE id = %s", [umoja.member_ids[0]]).fetchall()
    claim = cash.record(conn, by_user_id=treasurer, chama_id=umoja.chama_id, number=2, amount_cents=300_00, at=START)
    sign_in(client)
    page = f"/desk/chamas/{umoja.chama_id}"
    assert "not confirmed" in client.get(page).text
    cash.say(conn, claim.id, user_id=claim.user_id, said_cents=200_00, at=START)
    shown = client.get(page).text
    assert "disputed" in shown
    assert "not confirmed" not in shown
