"""One turn delivered twice at the same instant: the copy that waits too long for the other hears what that was told."""

import threading
from typing import Any

import pytest
from psycopg import Connection

from gateway import limits
from gateway.app import create_app
from gateway.ussd import turns, twins
from gateway.wiring import Wiring
from menus.dialog import ROOMS
from tests.instruments import START
from tests.menus import village
from tests.phones import phone_on


def test_a_copy_that_waits_too_long_for_the_other_hears_its_answer(
    web_wiring: Wiring, conn: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    village.settle(conn, START)
    phone = phone_on(create_app(web_wiring), village.phone_of(4))
    phone.dial("*384*123*1*500#")
    acting, waited = threading.Event(), threading.Event()
    room, look = ROOMS["contribute.pay"], twins.told

    def slowly(*given: Any, **named: Any) -> Any:
        acting.set()
        assert waited.wait(20)
        return room.make(*given, **named)

    def looks(*given: Any, **named: Any) -> str | None:
        waited.set()
        return look(*given, **named)

    # The first takes as long as the second needs to give up waiting, and nothing else ends either of them.
    monkeypatch.setattr(limits, "TRANSACTION_TIMEOUT_MS", 30_000)
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 20)
    monkeypatch.setitem(ROOMS, "contribute.pay", room._replace(make=slowly))
    monkeypatch.setattr(twins, "told", looks)
    heard: list[str] = []
    first = threading.Thread(target=lambda: heard.append(phone.press("1")))
    first.start()
    assert acting.wait(20)
    monkeypatch.setitem(limits.STATEMENT_TIMEOUT_MS, "web", 300)
    second = phone_on(create_app(web_wiring), phone.number)
    second.session, second.text = phone.session, phone.text
    answer = second.repeat()
    first.join()
    assert answer.startswith("END Now M-PESA asks: 500")
    assert heard == [answer]
    assert conn.execute(
        "SELECT (SELECT count(*) FROM payment_intents), (SELECT count(*) FROM incidents)"
    ).fetchone() == (1, 0)
