"""The desk and the API show who calls where Safaricom should, and what was told that nobody believed."""

import json

from flask.testing import FlaskClient

from gateway.wiring import Wiring
from payments import evidence
from tests.gateway import town
from tests.gateway.conftest import sign_in
from tests.payments.scene import paid

NOBODY = "203.0.113.9"


def forge(client: FlaskClient, wiring: Wiring) -> None:
    body = json.dumps(paid(receipt="NLJ7RT61SX"))
    for _ in range(2):
        told = client.post(f"/pay/stk/{'ab' * 32}", data=body, environ_overrides={"REMOTE_ADDR": NOBODY})
        assert told.status_code == 200
    evidence.read_due(wiring, lambda *given, **named: None)


def test_a_forger_is_shown_with_what_he_told(client: FlaskClient, umoja: town.Town, wiring: Wiring) -> None:
    assert client.get("/desk/callers").status_code == 303
    forge(client, wiring)
    sign_in(client)
    page = client.get("/desk/callers").text
    others, listed = page.partition('id="listed"')[::2]
    assert f'data-address="{NOBODY}"' in others and NOBODY not in listed.partition('id="doubts"')[0]
    assert "(2 times)" in page and 'data-doubt="forged"' in page and "NLJ7RT61SX" in page
    assert 'data-doubt="forged"' not in client.get("/desk/callers?address=196.201.214.200").text
    headers = {"Authorization": f"Bearer {umoja.token}"}
    found = client.get("/api/v1/callers", headers=headers).get_json()
    assert [(one["address"], one["times"], one["believed"]) for one in found["callers"] if one["doubted"]] == [
        (NOBODY, 2, 0)
    ]
    assert [(one["receipt"], one["doubt"], one["seen_count"]) for one in found["doubted"] if one["address"]] == [
        ("NLJ7RT61SX", "forged", 2)
    ]
