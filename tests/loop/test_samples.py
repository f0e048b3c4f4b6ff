"""Every sample from the wire is taken or set aside with a mark; none, however broken, makes a 5xx."""

import json
from pathlib import Path

import pytest
import requests

from tests.whole import Whole

SAMPLES = Path(__file__).parents[1] / "samples"
DARAJA = sorted((SAMPLES / "daraja").iterdir())
FORMS = sorted((SAMPLES / "africastalking").glob("*.http"))

# Bodies that Safaricom posts to us, by the beginning of what they hold; the others are answers to requests of ours.
PATHS = {"Body": "/pay/stk/", "Result": "/pay/status/", "TransactionType": "/pay/c2b/"}
TOKEN = "0f" * 32
FORM = "application/x-www-form-urlencoded"

GOOD = {
    "sessionId": b"ATUid_1",
    "phoneNumber": b"%2B254700000005",
    "serviceCode": b"%2A384%2A123%23",
    "networkCode": b"63902",
    "text": b"",
}


def form(**changed: bytes) -> bytes:
    """A turn with some of its fields changed."""
    return b"&".join(name.encode() + b"=" + value for name, value in {**GOOD, **changed}.items())


BAD_TURNS = {
    "no fields": b"",
    "a field missing": form().replace(b"networkCode", b"other"),
    "another service code": form(serviceCode=b"%2A999%23"),
    "a key twice": form() + b"&text=1",
    "bad UTF-8": form(text=b"%ff%fe"),
    "10 kB of text": form(text=b"1*" * 5_000),
    "no form at all": b'{"sessionId": "ATUid_1"}',
    "an empty session": form(sessionId=b""),
    "no phone number": form(phoneNumber=b"hello"),
}


def test_every_daraja_sample_is_kept_and_marked(whole: Whole) -> None:
    posted = 0
    for sample in DARAJA:
        body = sample.read_bytes()
        path = next((path for key, path in PATHS.items() if f'"{key}"'.encode() in body), "/pay/b2c/")
        ending = {"/pay/stk/": "", "/pay/c2b/": "/confirmation"}.get(path, "/result")
        answer = requests.post(f"{whole.url}{path}{TOKEN}{ending}", data=body, timeout=10)
        assert answer.status_code == 200, sample.name
        posted += 1
    assert whole.value("SELECT count(*) FROM evidence") == posted
    whole.settle()
    # Behind them stands the answer to a question of our own, about the balance.
    verdicts = whole.rows("SELECT verdict, reason, due_at FROM evidence ORDER BY id LIMIT %s", posted)
    assert all(row["verdict"] not in ("unread", "applied") and row["reason"] and not row["due_at"] for row in verdicts)
    assert whole.receipts() == {}
    assert whole.unsound() == []


@pytest.mark.parametrize("sample", FORMS, ids=lambda path: path.stem)
def test_every_africastalking_sample_is_answered(whole: Whole, sample: Path) -> None:
    head, _, body = sample.read_text().partition("\n\n")
    path = head.split()[1]
    headers = {"Content-Type": FORM}
    answer = requests.post(whole.url + path, data=body.strip(), headers=headers, timeout=10)
    assert answer.status_code == 200
    if path == "/ussd":
        assert answer.text.startswith(("CON ", "END "))


def test_bad_turns_end_in_clear_words(whole: Whole) -> None:
    for what, body in BAD_TURNS.items():
        for kind in (
            "application/x-www-form-urlencoded",
            "application/x-www-form-urlencoded; charset=UTF-8",
            "text/plain",
        ):
            answer = requests.post(f"{whole.url}/ussd", data=body, headers={"Content-Type": kind}, timeout=10)
            assert answer.status_code == 200, what
            assert answer.headers["Content-Type"].startswith("text/plain"), what
            assert answer.text.startswith("END ") and len(answer.text) > 20, what
    assert whole.rows("SELECT * FROM incidents") == []


def test_an_answer_to_an_sms_is_read_as_the_samples_have_it() -> None:
    from gateway.texts import read_reply

    reply = json.loads((SAMPLES / "africastalking" / "sms-send-reply.json").read_text())
    assert read_reply(reply).provider_id == "ATPid_SampleTxnId123"
