"""Bodies of Safaricom without the people in them: what they say about money stays."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from payments.evidence.pseudonyms import ERASED, pseudonymised

SAMPLES = Path(__file__).parents[1] / "samples" / "daraja"
PHONE = "+254708374149"


def cleaned(body: bytes, *names: str) -> bytes:
    return pseudonymised(body, phones=[PHONE], names=names)


def test_a_status_result_loses_its_parties_and_keeps_its_money() -> None:
    [sample] = SAMPLES.glob("S25-*.json")
    told = cleaned(sample.read_bytes(), "John", "Doe")
    assert b"254708374149" not in told and b"Doe" not in told
    items = json.loads(told)["Result"]["ResultParameters"]["ResultParameter"]
    assert {"Key": "Amount", "Value": "300"} in items and {"Key": "ReceiptNo", "Value": "MBN31H462N"} in items


def test_a_paybill_notice_loses_names_and_the_hash_of_the_number() -> None:
    [sample] = SAMPLES.glob("S15-*.json")
    told = json.loads(cleaned(sample.read_bytes()))
    assert [told[name] for name in ("MSISDN", "FirstName", "MiddleName", "LastName")] == ["erased"] * 4
    assert (told["TransID"], told["TransAmount"]) == ("TK60708BHZ", "1.00")


@pytest.mark.parametrize(
    "spelling",
    [
        "254708374149",
        "+254708374149",
        "0708374149",
        "708374149",
        sha256(b"254708374149").hexdigest(),
        "ws_CO_1708374149",
    ],
)
def test_no_spelling_of_the_number_stays_in_whatever_was_sent(spelling: str) -> None:
    for body in (f'{{"x": "{spelling}"}}', f"no json {spelling}", f'{{"PhoneNumber": "{spelling}'):
        assert b"708374149" not in cleaned(body.encode())
        assert spelling.encode() not in cleaned(body.encode())


def test_a_body_that_still_names_her_is_erased_whole() -> None:
    assert cleaned(b'{"BillRefNumber": "for WANJIKU"}', "Wanjiku") == ERASED
    assert cleaned(b"\xff{ cut off", "Wanjiku") == b"\xff{ cut off"
