"""The status page says that somebody has to act, and how much money has been on its way for how long."""

import re
from typing import Any

from flask.testing import FlaskClient
from psycopg import Connection

from tests.gateway import town
from tests.gateway.test_desk import sign_in
from tests.instruments import HandClock


def page(client: FlaskClient) -> str:
    sign_in(client)
    return client.get("/desk/status").text


def test_money_that_stays_unclear_is_shown_with_its_age_and_sum(
    client: FlaskClient, conn: Connection[Any], umoja: town.Town, clock: HandClock
) -> None:
    assert "data-alarm" not in page(client)
    conn.execute("UPDATE payment_attempts SET state = 'proven' WHERE id = %s", [umoja.waiting_id])
    clock.advance(25 * 3600)
    shown = page(client)
    assert re.findall(r'data-alarm="(\w+)"', shown) == ["money_unclear"]
    assert "1 payments, KES 500 in all" in shown
    rows = re.findall(r'<th scope="row">([a-z0-9 ]*ago|in the last [a-z0-9 ]*)</th>(.*?)</tr>', shown, re.DOTALL)
    counts = {age: re.findall(r">([\d,]+)<", cells) for age, cells in rows}
    assert counts["more than a day ago"] == ["0", "0", "1", "500"]
    assert counts["in the last hour"] == ["0", "0", "0", "0"]
