"""A payment and a forgery as the desk, a program and anybody with the code see them."""

import re

import requests

from gateway.api import tokens
from gateway.demo.cast import ADMIN_EMAIL
from tests.loop.test_forged import callback, post
from tests.whole import ADMIN_PASSWORD, Whole


def at_the_desk(whole: Whole) -> requests.Session:
    """A browser in which the seeded admin is signed in."""
    browser = requests.Session()
    form = browser.get(f"{whole.url}/desk/sign-in", timeout=10).text
    found = re.search(r'name="form_proof" value="([0-9a-f]+)"', form)
    assert found
    details = {"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD, "form_proof": found[1]}
    assert browser.post(f"{whole.url}/desk/sign-in", data=details, timeout=10).url.endswith("/desk/status")
    return browser


def test_a_payment_is_watched_from_prompt_to_seal(whole: Whole) -> None:
    browser = at_the_desk(whole)
    whole.ask_to_contribute("Wanjiku", 250)
    whole.settle()
    page = browser.get(f"{whole.url}/desk/status", timeout=10).text
    assert "On the phone" in page
    feed = browser.get(f"{whole.url}/desk/status/feed", timeout=10)
    whole.press("Wanjiku", "1234")
    whole.settle()
    moved = browser.get(f"{whole.url}/desk/status/feed", headers={"If-None-Match": feed.headers["ETag"]}, timeout=10)
    receipt = whole.truth()[-1]["receipt"]
    (code,) = whole.codes("Wanjiku")
    assert moved.status_code == 200
    assert receipt in moved.text
    assert code in moved.text
    proof = requests.get(f"{whole.url}/v/{code}", headers={"Accept": "application/json"}, timeout=10).json()
    assert (proof["amount_cents"], proof["code"]) == (25000, code)


def test_a_program_reads_the_same_payment_with_its_evidence(whole: Whole) -> None:
    whole.contribute("Wanjiku", 250)
    with whole.worker.transaction() as conn:
        admin_id = conn.execute("SELECT id FROM users WHERE email = %s", [ADMIN_EMAIL]).fetchall()[0][0]
        token = tokens.issue(conn, "tests", admin_id, whole.worker.now(), whole.worker.chance)
    program = {"Authorization": f"Bearer {token}"}
    asked = {"phone": whole.phone("Wanjiku")}
    found = requests.post(f"{whole.url}/api/v1/payments/search", json=asked, headers=program, timeout=10).json()
    (payment,) = found["items"]
    assert (payment["state"], payment["receipt"]) == ("paid", whole.truth()[-1]["receipt"])
    one = requests.get(f"{whole.url}/api/v1/payments/{payment['id']}", headers=program, timeout=10).json()
    assert [said["verdict"] for said in one["evidence"]] == ["applied"]
    assert [message["state"] for message in one["messages"]] == ["delivered"]
    assert one["seal"]["state"] == "completed"


def test_a_forged_callback_shows_on_the_desk(whole: Whole) -> None:
    post(whole, "ab" * 32, callback("TKK7RT61SV", 500, whole.phone("Wanjiku")))
    whole.settle()
    page = at_the_desk(whole).get(f"{whole.url}/desk/status", timeout=10).text
    row = re.search(r"<tr[^>]*>(?:(?!</tr>).)*TKK7RT61SV.*?</tr>", page, re.DOTALL)
    assert row
    assert "Fits no payment" in row[0]
