"""USSD turns and end events, byte by byte as Africa's Talking sends them."""

import re

import pytest
import requests

from tests.simulator.client import WANJIKU, Simulator, Start
from tests.simulator.gateway_double import Answer, GatewayDouble, Heard

EVENTS = "/ussd/events"
FIELDS = "phoneNumber=%2B254700000005&serviceCode=%2A384%2A123%23&text={}&sessionId={}&networkCode=63902"


def menu(heard: Heard) -> Answer:
    """An application of two screens, with a label on each hop."""
    if heard.path != "/ussd":
        return 200, "", {}
    label = {"at-ussd-hop-metadata": f"hop-{heard.form['text'] or 'home'}"}
    return 200, ("END Bye" if heard.form["text"].endswith("9") else "CON Menu\n1 Pay"), label


def dial(simulator: Simulator, ussd: str = "*384*123#") -> dict[str, object]:
    answer: dict[str, object] = simulator.post("/control/dial", phone=WANJIKU, ussd=ussd)
    return answer


def test_a_session(simulator: Simulator, gateway: GatewayDouble) -> None:
    gateway.say = menu
    first = dial(simulator)
    session = str(first["session"])
    assert re.fullmatch(r"ATUid_[0-9a-f]{32}", session)
    assert (first["screen"], first["kind"], first["chars"], first["over"]) == ("Menu\n1 Pay", "CON", 14, False)
    assert first["prompt"] is None
    simulator.post("/control/press", phone=WANJIKU, keys="1")
    last = simulator.post("/control/press", phone=WANJIKU, keys="*9")
    assert (last["screen"], last["kind"], last["over"]) == ("Bye", "END", True)
    turns = gateway.on("/ussd")
    assert [turn.body for turn in turns] == [FIELDS.format(text, session) for text in ("", "1", "1%2A%2A9")]
    assert turns[1].headers["at-ussd-hop-metadata"] == "hop-home"
    (event,) = gateway.wait(EVENTS)
    assert list(event.form) == [
        "durationInMillis",
        "phoneNumber",
        "errorMessage",
        "serviceCode",
        "lastAppResponse",
        "hopsMetadata",
        "hopsCount",
        "status",
        "sessionId",
        "cost",
        "date",
        "networkCode",
        "input",
    ]
    assert (event.form["status"], event.form["hopsCount"], event.form["input"]) == ("Success", "3", "1**9")
    assert event.form["hopsMetadata"] == "hop-home|hop-1|hop-1**9"
    assert event.form["lastAppResponse"] == "END Bye"


def test_dialling_ahead(simulator: Simulator, gateway: GatewayDouble) -> None:
    gateway.say = menu
    dial(simulator, "*384*123*1*500#")
    simulator.post("/control/press", phone=WANJIKU, keys="2")
    assert [turn.form["text"] for turn in gateway.on("/ussd")] == ["1*500", "1*500*2"]


def test_an_unknown_code_reaches_nobody(simulator: Simulator, gateway: GatewayDouble) -> None:
    shown = dial(simulator, "*384*1234#")
    assert (shown["session"], shown["over"]) == (None, True)
    assert "invalid MMI code" in str(shown["screen"])
    assert gateway.heard == []


@pytest.mark.parametrize("seconds", [30, 180])
def test_silence_ends_a_session(simulator: Simulator, gateway: GatewayDouble, seconds: int) -> None:
    gateway.say = menu
    dial(simulator)
    for _ in range(seconds // 20 - 1):
        simulator.advance(20)
        simulator.post("/control/press", phone=WANJIKU, keys="1")
    assert gateway.on(EVENTS) == []
    assert not simulator.get("/phone/state", phone=WANJIKU)["over"]
    simulator.advance(30 if seconds == 30 else 20)
    assert [event.form["status"] for event in gateway.on(EVENTS)] == ["Incomplete"]
    gone = requests.post(simulator.url + "/control/press", json={"phone": WANJIKU, "keys": "1"}, timeout=5)
    assert gone.status_code == 409


def test_a_new_dial_ends_the_session_before(simulator: Simulator, gateway: GatewayDouble) -> None:
    gateway.say = menu
    first, second = dial(simulator), dial(simulator)
    assert first["session"] != second["session"]
    (event,) = gateway.wait(EVENTS)
    assert (event.form["sessionId"], event.form["status"]) == (first["session"], "Incomplete")


@pytest.mark.parametrize("bad", [(500, "CON fine"), (200, "Menu"), (200, " CON Menu"), (200, "")])
def test_a_bad_answer_is_a_network_problem(simulator: Simulator, gateway: GatewayDouble, bad: tuple[int, str]) -> None:
    gateway.say = lambda _: (*bad, {})
    shown = dial(simulator)
    assert (shown["kind"], shown["over"]) == ("END", True)
    assert "Network problem" in str(shown["screen"])
    assert shown["error"]
    (event,) = gateway.wait(EVENTS)
    assert event.form["status"] == "Failed"


def test_too_long_a_screen_is_flagged(simulator: Simulator, gateway: GatewayDouble) -> None:
    gateway.say = lambda _: (200, "CON " + "x" * 157, {})
    assert dial(simulator)["warnings"] == ["longer than 160 characters"]
    gateway.say = lambda _: (200, "CON Caf\u00ea \u201cx\u201d", {})
    assert dial(simulator)["warnings"] == ["outside the GSM-7 alphabet"]


def test_a_repeat_is_the_same_bytes(simulator: Simulator, gateway: GatewayDouble) -> None:
    gateway.say = menu
    dial(simulator)
    simulator.post("/control/press", phone=WANJIKU, keys="1")
    again = simulator.post("/control/repeat", phone=WANJIKU)
    _, second, third = gateway.on("/ussd")
    assert (second.body, second.headers) == (third.body, third.headers)
    assert again["screen"] == "Menu\n1 Pay"
    simulator.post("/control/press", phone=WANJIKU, keys="9")
    assert gateway.on("/ussd")[-1].form["text"] == "1*9"


def test_a_gateway_that_is_down_is_a_network_problem(start: Start) -> None:
    simulator = start("--gateway-url", "http://127.0.0.1:1")
    shown = dial(simulator)
    assert "Network problem" in str(shown["screen"])
    assert str(shown["error"]).startswith("no answer")


def test_the_red_key_ends_the_session(simulator: Simulator, gateway: GatewayDouble) -> None:
    gateway.say = menu
    dial(simulator)
    ended = simulator.post("/control/hangup", phone=WANJIKU)
    assert (ended["over"], ended["seconds_left"]) == (True, 0)
    (event,) = gateway.wait(EVENTS)
    assert event.form["status"] == "Incomplete"
    again = simulator.http.post(simulator.url + "/control/hangup", json={"phone": WANJIKU}, timeout=5)
    assert (again.status_code, again.json()["error"]) == (409, "no USSD session is open on this phone")
