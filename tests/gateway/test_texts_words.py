"""What an SMS says, and what the provider's answer to one proves."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chamas.dues.readouts import LINE_CHARACTERS
from chamas.telling.notices import Claimed
from chamas.telling.templates import TEMPLATES
from gateway.delivery import Fate, Outcome
from gateway.texts import read_reply
from menus import gsm
from menus.wording import render
from payments.daraja import codes
from tests.instruments import START

SAMPLE = Path(__file__).parents[1] / "samples/africastalking/sms-send-reply.json"

NEWS = {
    "chama": "Umoja",
    "name": "Wanjiku",
    "amount_cents": 50_000,
    "fine_cents": 5_000,
    "charge_cents": 1_300,
    "paid_at": START.isoformat(),
    "receipt": "TKK7RT61SV",
    "total_cents": 650_000,
    "page": 214,
    "words": "TEMBO SITA",
    "code": "7KQ2M9XD",
}
# Chama 12 letters, first name 10, amounts 7, both words 7: the longest that may be.
# A page of five digits is years away.
LONGEST = NEWS | {
    "chama": "Wamama Tujenge Pamoja",
    "name": "Christopher",
    "amount_cents": 25_000_000,
    "fine_cents": 25_000_000,
    "total_cents": 99_999_900,
    "left_cents": 99_999_900,
    "page": 99_999,
    "words": "MWALIMU KITABUU",
    "every": "every two weeks",
    "official": "Christopher",
    "said_cents": 25_000_000,
    "number": 100,
    "missing_cents": 99_999_900,
    "spent_cents": 99_999_900,
    "cap_cents": 99_999_900,
    "round": 9_999,
    "closes_at": START.isoformat(),
    "other": "Christopher",
    "seal": "0123456789abcdef" * 4,
    "until_at": START.isoformat(),
    "begins_at": START.isoformat(),
    "due_at": START.isoformat(),
    "loan_cents": 25_000_000,
    "part_cents": 25_000_000,
    "count": 100,
    "role": "the chairperson",
    "starts_at": START.replace(month=12, day=28, hour=9).isoformat(),
    "counted_cents": 25_000_000,
    "held_cents": 25_000_000,
    "owed_cents": 99_999_900,
    "all": 10,
    "lines": "x" * LINE_CHARACTERS,
    "bank": "4002001 " + "W" * 13,
}
WHYS = sorted({code.words for code in codes.CODES.values() if code.words} | {codes.NEVER_SENT, codes.EARLIER_CAME})


def claimed(language: str = "en", arguments: dict[str, Any] = NEWS, private: bool = False) -> Claimed:
    return Claimed(1, "contribution_received", arguments, language, "+254700000005", private, 1)


def test_the_words() -> None:
    assert render(claimed(), "*384*123#") == (
        "Umoja: KES 500 received from Wanjiku 20/11. M-PESA TKK7RT61SV. Your total 6,500. "
        "Page 214 TEMBO SITA. Code 7KQ2M9XD. Check: *384*123*5#"
    )
    assert render(claimed("sw"), "*384*123#") == (
        "Umoja: tumepokea KES 500, Wanjiku 20/11. M-PESA TKK7RT61SV. Jumla yako 6,500. "
        "Ukurasa 214 TEMBO SITA. Code 7KQ2M9XD. Hakiki *384*123*5#"
    )


def test_a_private_phone_shows_no_name_and_no_amount() -> None:
    assert render(claimed(private=True), "*384*123#") == (
        "Umoja: received, thank you. Page 214 TEMBO SITA. Details: *384*123#"
    )
    assert render(claimed("sw", private=True), "*384*123#") == (
        "Umoja: tumepokea, asante. Ukurasa 214 TEMBO SITA. Zaidi: *384*123#"
    )


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("language", ["en", "sw"])
@pytest.mark.parametrize("private", [False, True])
def test_every_template_is_one_segment_with_the_longest_values(template: str, language: str, private: bool) -> None:
    for why in WHYS:
        longest = replace(claimed(language, LONGEST | {"why": why}, private), template=template)
        text = render(longest, "*384*123#")
        assert gsm.septets(text) <= 160, text
        english = render(replace(longest, language="en"), "*384*123#")
        assert (text == english) == (language == "en"), "every template is translated"


@pytest.mark.parametrize(
    ("language", "private", "text"),
    [
        ("en", False, "Umoja: your KES 500 has not come. The M-PESA PIN was wrong. To try again: *384*123#"),
        ("sw", False, "Umoja: KES 500 zako hazijafika. PIN ya M-PESA haikuwa sahihi. Kujaribu tena: *384*123#"),
        ("sw", True, "Umoja: malipo yako hayajafika. Kujaribu tena: *384*123#"),
    ],
)
def test_why_money_has_not_come(language: str, private: bool, text: str) -> None:
    facts = {"chama": "Umoja", "amount_cents": 50_000, "why": "The M-PESA PIN was wrong."}
    notice = replace(claimed(language, facts, private), template="contribution_not_paid")
    assert render(notice, "*384*123#") == text


def test_an_invitation_is_dialled_to_where_its_code_is_typed() -> None:
    """What lies behind an action is not dialled ahead, so that a code in the string would be dropped."""
    for template in ("invitation", "house_invitation"):
        invited = replace(claimed(arguments=LONGEST), template=template)
        assert f"dial *384*123*1# and type {LONGEST['code']}." in render(invited, "*384*123#")
    by_the_house = replace(claimed(arguments=NEWS | {"chama": "Umoja"} | {"every": "every week", "code": "483920"}))
    assert render(replace(by_the_house, template="house_invitation"), "*384*123#").startswith(
        "You are invited to Umoja"
    )


def test_a_name_in_letters_no_phone_has_is_written_plainly() -> None:
    assert "from Njambi 20/11" in render(claimed(arguments=NEWS | {"name": "Njambĩ"}), "*384*123#")


@pytest.mark.parametrize("body", [json.loads(SAMPLE.read_text()), SAMPLE.read_text()])
def test_the_sample_reply_is_read_as_json_and_as_text(body: object) -> None:
    assert read_reply(body) == Outcome(Fate.SENT, "Success", "ATPid_SampleTxnId123", 80)


def reply(code: object, **more: Any) -> dict[str, Any]:
    return {"SMSMessageData": {"Message": "", "Recipients": [{"statusCode": code, "status": "X", **more}]}}


@pytest.mark.parametrize(
    ("body", "fate"),
    [
        (reply(100, messageId="ATXid_1"), Fate.SENT),
        (reply(102, messageId="None"), Fate.SENT),
        (reply("101", messageId="ATXid_1", cost="free"), Fate.SENT),
        (reply(403), Fate.FAILED),
        (reply(406), Fate.FAILED),
        (reply(405), Fate.NOT_SENT),
        (reply(501), Fate.NOT_SENT),
        (reply(7), Fate.UNCLEAR),
        (reply(None), Fate.UNCLEAR),
        ({"SMSMessageData": {"Message": "InvalidSenderId", "Recipients": []}}, Fate.NOT_SENT),
        ({"SMSMessageData": None}, Fate.UNCLEAR),
        ({"SMSMessageData": {"Recipients": [7]}}, Fate.UNCLEAR),
        ({"SMSMessageData": {"Recipients": {"a": 1}}}, Fate.UNCLEAR),
        ([], Fate.UNCLEAR),
        (None, Fate.UNCLEAR),
        ("", Fate.UNCLEAR),
        ("<html>Bad Gateway</html>", Fate.UNCLEAR),
    ],
)
def test_what_a_reply_proves(body: object, fate: Fate) -> None:
    assert read_reply(body).fate is fate
