"""Money that leaves groups, for programs and at the desk: asked, answered by who may, once, and told as a story."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from psycopg import Connection

from chamas.payouts import disbursing
from gateway.api import tokens
from gateway.api.payouts import PinLocked, WrongPin
from gateway.desk.passwords import hash_password
from gateway.desk.step_up import NotYou, TriesUsedUp
from gateway.wiring import Wiring
from tests.gateway.conftest import proof_in, sign_in
from tests.gateway.town import PASSWORD
from tests.instruments import START, SeededChance
from tests.menus import asked
from tests.menus.village import Village

RIGHT = asked.PIN


@pytest.fixture
def faraja(conn: Connection[Any], web_wiring: Wiring) -> Village:
    """Its three officials also look after the house, so that they hold tokens and sign in at the desk."""
    settled = asked.faraja(conn, START, web_wiring.settings.pin_pepper)
    password = hash_password(PASSWORD)
    for user_id in (*settled.users[:3], settled.users[4]):
        conn.execute(
            "UPDATE users SET platform_role = 'admin', email = first_name || '@faraja.example', password_hash = %s "
            "WHERE id = %s",
            [password, user_id],
        )
    conn.execute("UPDATE users SET email = lower(email)")
    return settled


class Program:
    """A program that holds somebody's token."""

    def __init__(self, client: FlaskClient, conn: Connection[Any], user_id: int) -> None:
        self.client = client
        self.token = tokens.issue(conn, "tests", user_id, START, SeededChance(user_id))

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {self.token}"}).json

    def post(self, path: str, key: str | None, **body: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}"} | ({"Idempotency-Key": key} if key else {})
        answer = self.client.post(f"/api/v1{path}", json=body, headers=headers)
        return answer.status_code, answer.json


def test_a_program_answers_for_its_holder_once(
    client: FlaskClient, conn: Connection[Any], faraja: Village, wiring: Wiring
) -> None:
    zuhura, musa, salim = (Program(client, conn, faraja.users[place]) for place in (0, 1, 4))
    listed = musa.get("/disbursements?state=pending")["items"]
    expense, _welfare = listed
    assert (expense["payee"], expense["yes"], expense["needed"], expense["name_differs"]) == ("Salim", 1, 2, True)
    assert re.fullmatch(r"\d{4}\*+\d+", expense["phone"])
    path, digest = f"/disbursements/{expense['id']}", expense["digest"]
    assert musa.post(f"{path}/approve", None, digest=digest, pin=RIGHT)[0] == 422
    assert musa.post(f"{path}/approve", "a", digest=digest, pin="10101")[1]["code"] == WrongPin.code
    assert conn.execute("SELECT tries FROM pins").fetchone() == (1,)
    # Who asked and who would get it have no voice, with whatever PIN.
    conn.execute("UPDATE users SET phone = phone")
    for other in (zuhura, salim):
        assert other.post(f"{path}/reject", "b", digest=digest, reason=1)[1]["code"] == "not_your_voice"
    assert musa.post(f"{path}/approve", "a", digest="ab" * 32, pin=RIGHT)[1]["code"] == "not_as_shown"
    first = musa.post(f"{path}/approve", "a", digest=digest, pin=RIGHT)
    assert (first[0], first[1]["yes"]) == (200, 2)
    while disbursing.follow_due(wiring):
        pass
    # The same once more is the same answer, though the request has gone on meanwhile; another one is refused.
    assert musa.post(f"{path}/approve", "a", digest=digest, pin=RIGHT) == first
    assert musa.post(f"{path}/freeze", "a", digest=digest)[1]["code"] == "key_reused"
    assert musa.get(path)["state"] == "approved"
    frozen = musa.post(f"{path}/freeze", "c", digest=digest)[1]
    assert (frozen["stops"], frozen["freezers"]) == (1, 2)
    assert musa.get("/disbursements/999999")["status"] == 404
    for _ in range(4):
        locked = musa.post(f"{path}/approve", "d", digest=digest, pin="10101")
    assert (locked[0], locked[1]["code"]) == (429, PinLocked.code)


def test_a_program_asks_and_asks_anew(client: FlaskClient, conn: Connection[Any], faraja: Village) -> None:
    zuhura, musa = (Program(client, conn, faraja.users[place]) for place in (0, 1))
    wanted = {"payee_member_id": faraja.members[6], "amount_cents": 300_00, "purpose": "expense"}
    status, made = zuhura.post("/disbursements", "k", **wanted)
    assert (status, made["state"], made["asked_by"], made["charge_cents"]) == (200, "pending", faraja.members[0], 500)
    assert zuhura.post("/disbursements", "k", **wanted)[1]["id"] == made["id"]
    assert zuhura.post("/disbursements", "l", **{**wanted, "amount_cents": 9_999_00})[1]["code"] == "not_enough_money"
    anew = f"/disbursements/{made['id']}/ask-anew"
    assert musa.post(anew, "m", amount_cents=400_00)[1]["code"] == "may_not_ask"
    other = zuhura.post(anew, "m", amount_cents=400_00)[1]
    assert other["amount_cents"] == 400_00 and other["digest"] != made["digest"]
    stale = musa.post(f"/disbursements/{made['id']}/approve", "n", digest=made["digest"], pin=RIGHT)
    assert stale[1]["code"] == "not_as_shown"


def test_payouts_tell_their_story(client: FlaskClient, conn: Connection[Any], faraja: Village) -> None:
    musa = Program(client, conn, faraja.users[1])
    [payout] = musa.get(f"/payouts?chama={faraja.chama_id}&state=ordered")["items"]
    assert (payout["amount_cents"], payout["receipt"]) == (800_00, None)
    whole = musa.get(f"/payouts/{payout['id']}")
    told = [event["words"] for event in whole["timeline"]]
    assert told[0].startswith("Asked for by Zuhura") and "Musa said yes" in told
    assert any(words.startswith("Money held, page") for words in told)
    instants = [event["at"] for event in whole["timeline"]]
    assert instants == sorted(instants)
    document = client.get("/api/v1/openapi.json").json
    assert document is not None
    asked_for = document["paths"]["/api/v1/disbursements/{request_id}/approve"]["post"]
    assert {"name": "Idempotency-Key", "in": "header"}.items() <= asked_for["parameters"][-1].items()


def test_an_official_answers_at_the_desk_with_her_password_once_more(
    client: FlaskClient, conn: Connection[Any], faraja: Village
) -> None:
    sign_in(client, email="musa@faraja.example")
    page = client.get("/desk/payouts").text
    assert "Salim" in page and "1 of 2" in page
    [(request_id,)] = conn.execute("SELECT id FROM disbursement_requests WHERE purpose = 'expense'").fetchall()
    path = f"/desk/disbursements/{request_id}"
    page = client.get(path).text
    assert asked.OTHERWISE in page and "collected 11/2026" in page
    seen = re.findall(r'name="seen" value="([0-9a-f]+)"', page)[0]
    form = {"form_proof": proof_in(page), "seen": seen, "password": PASSWORD}
    guessed = client.post(f"{path}/approve", data={**form, "password": "guessed"})
    assert guessed.status_code == 403 and NotYou.words in guessed.text
    assert client.post(f"{path}/approve", data={**form, "seen": "ab" * 32}).status_code == 409
    assert conn.execute("SELECT count(*) FROM approvals WHERE proof = 'step_up'").fetchone() == (0,)
    assert "written down" in client.post(f"{path}/approve", data=form, follow_redirects=True).text
    assert conn.execute("SELECT vote, user_id FROM approvals WHERE proof = 'step_up'").fetchall() == [
        ("approve", faraja.users[1])
    ]
    [(payout_id,)] = conn.execute("SELECT id FROM payouts").fetchall()
    story = client.get(f"/desk/payouts/{payout_id}").text
    assert "Money held" in story and not re.search(r"(\+?254|0)7\d{8}", story + page)
    for _ in range(5):
        last = client.post(f"{path}/reject", data={**form, "password": "guessed", "reason": "1"})
    assert last.status_code == 429 and TriesUsedUp.words in last.text
