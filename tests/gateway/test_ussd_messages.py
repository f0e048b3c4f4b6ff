"""What is told to a member on the screen before her menu, when one message cannot be worded."""

import logging
from typing import Any

import pytest
from psycopg import Connection

from gateway.app import create_app
from gateway.wiring import Wiring
from tests.instruments import START
from tests.menus import asked, village
from tests.phones import phone_on


def test_a_message_that_cannot_be_worded_is_left_out_and_found_in_the_log(
    web_wiring: Wiring, conn: Connection[Any], caplog: pytest.LogCaptureFixture
) -> None:
    settled = village.settle(conn, START)
    village.held_back(conn, settled, place=8, name="Umoja", at=START)
    [(broken,)] = conn.execute(
        """UPDATE notifications SET arguments = '{"name": "+254700000008"}' WHERE template = 'joined' RETURNING id"""
    ).fetchall()
    with caplog.at_level(logging.WARNING, "pesachama"):
        screen = phone_on(create_app(web_wiring), village.phone_of(8)).dial("*384*123#")
    # The other one is told.
    assert "9999" in screen or "9,999" in screen
    left_out = [record for record in caplog.records if record.getMessage() == "message left out"]
    assert {record.fields["notice"] for record in left_out} == {broken}  # type: ignore[attr-defined]
    assert "254700000008" not in "".join(record.getMessage() for record in left_out)


def test_money_that_is_to_leave_is_said_before_any_message_and_the_message_in_the_same_session(
    web_wiring: Wiring, conn: Connection[Any]
) -> None:
    faraja = asked.faraja(conn, START, web_wiring.settings.pin_pepper)
    village.held_back(conn, faraja, place=4, name="Faraja", at=START)
    neema = phone_on(create_app(web_wiring), village.phone_of(23))
    assert "Faraja will send KES 800 to Salim" in neema.dial("*384*123#")
    assert neema.press("1").endswith("9 OK")
    assert neema.press("9").endswith("9 OK")
    assert "1 Contribute" in neema.press("9")
    assert "1 Contribute" in neema.dial("*384*123#")
