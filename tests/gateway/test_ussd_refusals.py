"""What a rule says no to on the phone, in one transaction; and how money is sent where no prompt arrives."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from psycopg import Connection

from chamas.arriving import unmatched
from gateway.app import create_app
from gateway.wiring import Wiring
from menus.phone import Phone
from payments import pushes
from tests.gateway.turns import NJERI
from tests.instruments import START
from tests.menus import village
from tests.phones import phone_on


@pytest.fixture
def umoja(conn: Connection[Any]) -> village.Village:
    return village.settle(conn, START, paid=(1, 2))


@pytest.fixture
def app(web_wiring: Wiring, umoja: village.Village) -> Iterator[Flask]:
    yield create_app(web_wiring)


@pytest.fixture
def phone(app: Flask) -> Phone:
    return phone_on(app, NJERI)


def wishes(conn: Connection[Any]) -> list[tuple[int, str]]:
    """Every push that was asked for: cents and state."""
    return conn.execute(
        "SELECT a.amount_cents, a.state FROM payment_attempts a JOIN payment_intents i ON i.id = a.intent_id"
    ).fetchall()


def test_a_refusal_takes_one_transaction(phone: Phone, conn: Connection[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    phone.dial("*384*123*1*500#")
    phone.press("1")
    conn.execute("UPDATE payment_attempts SET state = 'paid'")
    phone.dial("*384*123*1*500#")
    begun = []
    begin = Wiring._begun
    monkeypatch.setattr(Wiring, "_begun", lambda *given: begun.append(given) or begin(*given))  # type: ignore[func-returns-value]
    assert phone.press("1").startswith("CON You have just paid this amount.")
    assert len(begun) == 1


def test_a_screen_that_refuses_is_told_above_the_one_before(app: Flask, conn: Connection[Any]) -> None:
    amina = phone_on(app, village.phone_of(1))
    amina.dial("*384*123*6#")
    refused = amina.press("8")
    assert refused.startswith("CON ")
    assert refused.endswith("\n0 Back 00 Home")
    assert "8 Invite somebody" in refused or "\n" in refused
    assert "say " not in refused
    assert amina.press("0").startswith("CON Umoja")
    walked = amina.dial("*384*123*6*8*0712345678#")
    assert walked.startswith("CON ")
    assert "say " not in walked


def test_what_a_refused_action_wrote_is_undone(
    phone: Phone, conn: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    phone.dial("*384*123*1*500#")
    made = pushes.wish

    def late(*given: Any, **named: Any) -> pushes.Attempt:
        made(*given, **named)
        raise pushes.SubscriberBusy

    monkeypatch.setattr(pushes, "wish", late)
    assert phone.press("1").startswith("CON M-PESA is busy with another request on your phone. Wait a minute.\nPay")
    assert wishes(conn) == []
    monkeypatch.undo()
    assert phone.press("1").startswith("END Now M-PESA asks: 500")
    assert wishes(conn) == [(500_00, "created")]


@pytest.mark.parametrize("codes", [("1037", "1037"), ("1019", "1037"), ("1036", "1019")])
def test_after_two_unanswered_prompts_she_is_told_the_paybill(
    phone: Phone, conn: Connection[Any], codes: tuple[str, ...]
) -> None:
    for code in codes:
        shown = phone.dial("*384*123*1*500#")
        assert shown.startswith("CON Pay KES 500 to Umoja from this phone?")
        phone.press("1")
        conn.execute("UPDATE payment_attempts SET state = 'failed_soft', result_code = %s, due_at = NULL "
                     "WHERE state = 'created'", [code])  # fmt: skip
    assert phone.dial("*384*123*1*500#") == (
        "CON M-PESA got no answer here twice. Pay Umoja KES 500 by paybill 600123, account 482134. "
        "Or shall M-PESA ask again?\n1 Yes\n2 No\n0 Back"
    )
    assert phone.press("1").startswith("END Now M-PESA asks: 500")
    conn.execute("UPDATE payment_attempts SET state = 'paid' WHERE state = 'created'")
    assert phone.dial("*384*123*1*300#").startswith("CON Pay KES 300 to Umoja from this phone?")


def test_a_chama_with_a_till_of_its_own_is_paid_there(app: Flask, conn: Connection[Any]) -> None:
    conn.execute("UPDATE shortcodes SET kind = 'till', till_number = '5556667'")
    shown = phone_on(app, NJERI, network="63903").dial("*384*123*1*500#")
    assert shown.startswith("END This line has no M-PESA. Pay KES 500 from an M-PESA line: till 5556667. Our SMS")


def test_whoever_was_shown_something_else_has_answered_nothing(
    app: Flask, conn: Connection[Any], umoja: village.Village
) -> None:
    village.unmatched(conn, umoja, place=6, code="TKK7RT61SV", cents=250_00)
    unmatched.ask_credit(conn, "TKK7RT61SV", umoja.members[5], by=umoja.users[0], at=START)
    chebet = phone_on(app, village.phone_of(3))
    chebet.dial("*384*123*7*2#")
    assert "become Kiprop's" in chebet.press("1")
    conn.execute("UPDATE settlements SET member_id = %s", [umoja.members[6]])
    assert "This money is settled, or waits for a decision." in chebet.press("2")
    assert conn.execute("SELECT state FROM settlements").fetchall() == [("asked",)]
    assert conn.execute("SELECT count(*) FROM approvals").fetchone() == (0,)
