"""A run as a whole: the same seed, a restart, the clock, what is recorded, and what a phone page is told."""

import json
from contextlib import closing
from datetime import datetime
from pathlib import Path

import requests

from tests.simulator.client import WANJIKU, Simulator, Start
from tests.simulator.gateway_double import GatewayDouble

CALLBACK = "/pay/stk/0123456789abcdef"


def a_run(simulator: Simulator, seed: int) -> list[object]:
    simulator.post("/control/reset", seed=seed)
    seen: list[object] = [simulator.post("/control/dial", phone=WANJIKU, ussd="*384*123#")["session"]]
    for outcome in ("pays", "callback_early"):
        simulator.wish(outcome)
        seen.append(simulator.push().json()["MerchantRequestID"])
        simulator.advance(1)
    return [*seen, *(each["receipt"] for each in simulator.receipts())]


def test_the_same_seed_gives_the_same_run(simulator: Simulator, gateway: GatewayDouble) -> None:
    gateway.say = lambda _: (200, "END Bye", {})
    assert a_run(simulator, 7) == a_run(simulator, 7)
    assert a_run(simulator, 7) != a_run(simulator, 8)


def test_a_restart_keeps_the_world(start: Start, gateway: GatewayDouble, tmp_path: Path) -> None:
    state = ("--state-dir", str(tmp_path / "state"))
    first = start(*state)
    token = first.token().json()["access_token"]
    first.wish("pays")
    ids = {first.push(token).json()["MerchantRequestID"]}
    gateway.wait(CALLBACK)
    first.advance(1000)
    token = first.token().json()["access_token"]
    waiting = first.push(token, Amount="300").json()
    truth, inbox = first.get("/control/truth"), first.get("/control/sms")
    first.kill()
    second = start(*state)
    assert second.get("/control/truth") == truth
    assert second.get("/control/sms") == inbox
    assert second.get("/control/clock")["offset_seconds"] == 1000
    assert second.get("/phone/state", phone=WANJIKU)["prompt"]["id"] == waiting["CheckoutRequestID"]
    second.advance(60)
    assert len(gateway.on(CALLBACK)) == 2
    second.wish("pays")
    ids |= {waiting["MerchantRequestID"], second.push().json()["MerchantRequestID"]}
    assert len(ids) == 3
    gateway.wait(CALLBACK, 3)
    codes = [each["receipt"] for each in second.receipts()]
    assert len(set(codes)) == 2


def test_the_clock_moves_forward_only(simulator: Simulator) -> None:
    before = simulator.get("/control/clock")
    simulator.advance(86400)
    after = simulator.get("/control/clock")
    moved = datetime.fromisoformat(after["now"]) - datetime.fromisoformat(before["now"])
    assert 86400 <= moved.total_seconds() < 86405
    assert after["offset_seconds"] == before["offset_seconds"] + 86400
    refused = requests.post(simulator.url + "/control/clock", json={"advance_seconds": -1}, timeout=5)
    assert refused.status_code == 400


def test_a_clock_that_stands_gives_the_same_run_to_the_letter(start: Start, gateway: GatewayDouble) -> None:
    runs = []
    for _ in range(2):
        standing = start("--clock", "2026-11-20T14:02:00+03:00")
        standing.wish("pays")
        ids = standing.push().json()
        assert standing.receipts() == []
        standing.advance(0.3)
        runs.append((ids, standing.receipts(), [each.body for each in gateway.on(CALLBACK)]))
        gateway.reset()
    assert runs[0] == runs[1]
    assert runs[0][1][0]["at"] == "2026-11-20T11:02:00.200000+00:00"


def test_deliveries_are_recorded_without_their_token(simulator: Simulator, gateway: GatewayDouble) -> None:
    gateway.say = lambda _: (503, "", {})
    simulator.wish("pays")
    simulator.push()
    simulator.advance(1)
    (delivery,) = (each for each in simulator.get("/control/deliveries") if each["kind"] == "stk")
    assert (delivery["kind"], delivery["status"], delivery["to"]) == ("stk", 503, "/pay/stk/..abcdef")
    simulator.advance(3600)
    assert len(gateway.on(CALLBACK)) == 1


def test_a_page_hears_of_changes(simulator: Simulator) -> None:
    with requests.get(simulator.url + "/phone/events", stream=True, timeout=5) as stream, closing(stream):
        lines = stream.iter_lines()
        assert next(lines) == b": listening"
        simulator.push()
        news = next(line for line in lines if line.startswith(b"data: "))
    assert json.loads(news.removeprefix(b"data: ")) == {"phone": WANJIKU}


def test_the_cast_is_read_when_it_is_asked_for(start: Start, tmp_path: Path) -> None:
    cast = tmp_path / "cast.json"
    simulator = start("--cast-file", str(cast))
    assert simulator.get("/phone/cast") == []
    person = {"id": "3", "name": "Chebet", "phone": WANJIKU, "role": "secretary", "chama": "Umoja", "language": "sw"}
    cast.write_text(json.dumps([person | {"pin": "48213"}]))
    assert simulator.get("/phone/cast") == [person]
    assert simulator.get("/phone/state", phone=WANJIKU)["name"] == "Chebet"


def test_the_secret_is_the_last_segment_of_every_webhook(start: Start, gateway: GatewayDouble) -> None:
    gateway.say = lambda _: (200, "END Bye", {})
    simulator = start("--ussd-secret", "5ec2e7")
    simulator.post("/control/dial", phone=WANJIKU, ussd="*384*123#")
    form = {"username": "sandbox", "to": WANJIKU, "message": "Habari"}
    key = {"apiKey": "simulated-at-key"}
    requests.post(simulator.url + "/version1/messaging", data=form, headers=key, timeout=5)
    simulator.advance(1)
    paths = sorted(each.path for each in gateway.heard)
    assert paths == ["/sms/reports/5ec2e7", "/ussd/5ec2e7", "/ussd/events/5ec2e7"]


def test_trouble_on_the_chain_is_passed_on(start: Start, gateway: GatewayDouble) -> None:
    gateway.say = lambda _: (200, '{"jsonrpc":"2.0","id":1,"result":true}', {})
    simulator = start("--chain-rpc-url", gateway.url + "/rpc")
    assert simulator.post("/control/chain", action="reorg", depth=3)["result"] is True
    assert simulator.post("/control/chain", action="fail_next")["result"] is True
    calls = [json.loads(each.body) for each in gateway.on("/rpc")]
    assert [(call["method"], call["params"]) for call in calls] == [
        ("pesachama_reorg", [3]),
        ("pesachama_failNext", []),
    ]


def test_pages(simulator: Simulator) -> None:
    assert simulator.get("/healthz") == {"status": "ok"}
    table = requests.get(simulator.url + "/outcomes", timeout=5).text
    assert "<code>pays_late</code>" in table
    assert "<title>" in requests.get(simulator.url + "/", timeout=5).text
