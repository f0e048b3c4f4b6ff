"""The desk's page of unmatched money: offers with reasons, one official asks, another agrees; and nobody else."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from chamas.members import register as people
from gateway.app import create_app
from gateway.commands.register_urls import register
from gateway.demo import cast
from gateway.desk import passwords
from payments.daraja.outcomes import Accepted
from tests.gateway.conftest import proof_in, sign_in
from tests.loop.test_paybill import account_of, send
from tests.loop.test_unmatched import lost
from tests.whole import ADMIN_PASSWORD, SHORTCODE, Whole

SECOND = "second@house.example"


@pytest.fixture
def house(whole: Whole) -> Whole:
    assert isinstance(register(whole.worker, "v1", SHORTCODE), Accepted)
    seat_second(whole)
    return whole


def seat_second(house: Whole) -> None:
    """Another operator."""
    with house.worker.transaction() as conn:
        people.seat_operator(
            conn, email=SECOND, password_hash=passwords.hash_password(ADMIN_PASSWORD), first_name="Second",
            platform_role="admin", at=house.worker.now(),
        )  # fmt: skip


def at_the_desk(house: Whole, email: str) -> FlaskClient:
    client = create_app(house.web).test_client()
    assert sign_in(client, email=email, password=ADMIN_PASSWORD).status_code == 303
    return client


def press(client: FlaskClient, path: str, shown: str = "/desk/unmatched", **fields: Any) -> str:
    page = client.get(shown).text
    seen = re.findall(rf'action="{path}".*?name="seen" value="([0-9a-f]+)"', page, re.DOTALL)
    told = {"form_proof": proof_in(page), "password": ADMIN_PASSWORD, "seen": "".join(seen[:1]), **fields}
    return client.post(path, data=told, follow_redirects=True).text


def test_two_at_the_desk_settle_what_was_lost(house: Whole) -> None:
    receipt, wanjiku = lost(house), house.person("Wanjiku")["id"]
    first, second = at_the_desk(house, cast.ADMIN_EMAIL), at_the_desk(house, SECOND)
    page = first.get("/desk/unmatched").text
    assert "Typed as account: " in page
    assert receipt in page and "her account, with one slip of the finger" in page and f'value="{wanjiku}"' in page
    assert "Another official has to agree" in press(first, f"/desk/unmatched/{receipt}/credit", member=wanjiku)
    wanted = house.value("SELECT id FROM settlements")
    assert "Another official must agree" in press(first, f"/desk/settlements/{wanted}", agrees="yes")
    assert "That is not your password" in press(second, f"/desk/settlements/{wanted}", agrees="yes", password="x")
    assert "waits for a decision" in press(second, f"/desk/settlements/{wanted}", agrees="yes", seen="ab" * 32)
    assert "it is booked within seconds" in press(second, f"/desk/settlements/{wanted}", agrees="yes")
    house.settle()
    assert "All money has found its owner" in first.get("/desk/unmatched").text
    assert len(house.sms("Wanjiku")) == 1 and house.equals_truth()


def test_an_account_number_may_be_typed_and_money_may_go_back(house: Whole) -> None:
    hers, nobodys = send(house, "Daudi", 100, "KODI"), send(house, "Daudi", 200, "")
    first, second = at_the_desk(house, cast.ADMIN_EMAIL), at_the_desk(house, SECOND)
    assert "Choose a member" in press(first, f"/desk/unmatched/{hers}/credit", account="99999 9")
    press(first, f"/desk/unmatched/{hers}/credit", account=f"acc {account_of(house, 'Wanjiku')}")
    press(first, f"/desk/unmatched/{nobodys}/return")
    for row in house.rows("SELECT id FROM settlements ORDER BY id"):
        press(second, f"/desk/settlements/{row['id']}", agrees="yes")
    house.advance(1)
    assert {row["state"] for row in house.rows("SELECT state FROM settlements")} == {"done"}
    (back,) = house.simulator.get("/control/truth")["reversals"]
    assert back["original"] == nobodys and house.unsound() == []


def test_a_form_from_elsewhere_settles_nothing(house: Whole) -> None:
    receipt = lost(house)
    client = at_the_desk(house, cast.ADMIN_EMAIL)
    for path in (f"/desk/unmatched/{receipt}/return", f"/desk/unmatched/{receipt}/credit", "/desk/settlements/1"):
        assert client.post(path, data={"agrees": "yes"}).status_code == 403
    assert house.rows("SELECT * FROM settlements") == []
