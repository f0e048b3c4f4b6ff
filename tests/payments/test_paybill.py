"""What people type at a paybill, what Safaricom tells about it, and how it meets a push."""

import hashlib
import json
from typing import Any

import pytest

from payments.evidence.judge import TWIN_WITHIN
from payments.paybill import Account, Payer, account_number, read_account, read_confirmation
from payments.reading import Unreadable
from tests.payments.scene import RECEIPT, WANJIKU, Scene, answered, notice, paid

MINE = Account("48213", 7)

TYPED = {
    "482137": MINE,
    "48213 7": MINE,
    "48213-7": MINE,
    " 48 213 / 07 ": MINE,
    "acc 482137": MINE,
    "ACC482137": MINE,
    "Acc.No: 48213 7": MINE,
    "UMOJA 48213 7": MINE,
    "48213 MEMBER 7": MINE,
    "482137 Amina": MINE,
    "482l3 7": MINE,
    "48213 l": Account("48213", 1),
    "482I3O7": MINE,
    "I2345 O9": Account("12345", 9),
    "4821310": Account("48213", 10),
    "4821 3100": Account("48213", 100),
}
UNCLEAR = (
    "", "UMOJA", "48213", "7", "0712345678", "+254712345678", "482137 0712345678", "48213A7", "UMOJA4K7Q2M9",
    "048213 7", "48213000", "I 2345 67", "OIL 482137", "482130", "48213 7 8 9 1",
)  # fmt: skip


@pytest.mark.parametrize(("typed", "meant"), TYPED.items())
def test_what_people_type_is_read_with_forgiveness(typed: str, meant: Account) -> None:
    assert read_account(typed) == meant


@pytest.mark.parametrize("typed", UNCLEAR)
def test_what_may_mean_anything_means_nothing(typed: str) -> None:
    assert read_account(typed) is None


def test_what_a_member_is_told_to_type_is_read_as_hers() -> None:
    for member in (1, 7, 10, 99, 100, 999):
        assert read_account(account_number("48213", member)) == Account("48213", member)


def test_a_payer_shows_as_a_hash_a_mask_a_number_or_not_at_all() -> None:
    hashed = hashlib.sha256(b"254700000005").hexdigest()
    shown = {
        hashed: (True, False),
        hashed.upper(): (True, False),
        "2547 ***** 005": (True, False),
        "2547 ***** 126": (False, False),
        "254700000005": (True, False),
        "ec59...5053 ***** 134b...bb95": (True, True),
        "": (True, True),
    }
    for msisdn, (wanjiku, atieno) in shown.items():
        payer = read_confirmation(json.dumps(notice() | {"MSISDN": msisdn}).encode()).payer
        assert (payer.may_be(WANJIKU), payer.may_be("+254711000006")) == (wanjiku, atieno), msisdn
    # Half a number is never made whole.
    masked = read_confirmation(json.dumps(notice() | {"MSISDN": "2547 ***** 005"}).encode())
    assert masked.money.phone is None and masked.payer == Payer(None, "2547", "005", "WANJIKU")


def test_money_is_read_whatever_was_typed_and_not_without_amount_or_receipt() -> None:
    for typed in ("", None, 482137, "x" * 500, "\x00\u202e", ["48213"]):
        assert read_confirmation(json.dumps(notice() | {"BillRefNumber": typed}).encode()).money.amount_cents == 50_000
    for field in ("TransID", "TransAmount", "TransTime", "BusinessShortCode"):
        for value in (None, "", {}, []):
            with pytest.raises(Unreadable):
                read_confirmation(json.dumps(notice() | {field: value}).encode())


MASKED = "2547 ***** 005"


def tells(scene: Scene, account: str, **more: Any) -> None:
    body = notice(account=account, **more)
    scene.hears(body, token=scene.wiring.paybill_secret, source="c2b_confirmation")


@pytest.mark.parametrize("msisdn", [None, MASKED])
@pytest.mark.parametrize("read_between", [True, False])
@pytest.mark.parametrize("confirmed_first", [True, False])
def test_the_two_tellings_of_a_push_are_one_receipt(
    scene: Scene, confirmed_first: bool, read_between: bool, msisdn: str | None
) -> None:
    """Whichever comes first, in one batch or in two, each of them twice, under v1 and under v2."""
    attempt = scene.sent()
    tellings = [
        lambda again: tells(scene, attempt.account_reference, msisdn=msisdn, InvoiceNumber=again),
        lambda again: scene.hears(paid(shillings=f"500.0{again}")),
    ]
    for tell in tellings if confirmed_first else reversed(tellings):
        tell("")
        tell("0")
        if read_between:
            scene.reads()
    scene.reads()
    assert scene.verdicts() == [("applied", None), *[("repeated", why) for why in repeats(confirmed_first)]]
    assert scene.receipts() == [(RECEIPT, 50_000, attempt.id)]
    assert scene.row("SELECT e.source, r.kind FROM receipts r JOIN evidence e ON e.id = r.evidence_id") == {
        "source": "c2b_confirmation" if confirmed_first else "stk_callback",
        "kind": "stk",
    }
    (told,) = scene.book.told
    assert (told.member_id, told.attempt_id) == (attempt.member_id, attempt.id)


def repeats(confirmed_first: bool) -> list[str | None]:
    return ["proved already", None, None] if confirmed_first else [None, "proved already", "proved already"]


def test_a_confirmation_pays_a_push_that_was_known_to_have_failed(scene: Scene) -> None:
    attempt = scene.sent()
    scene.hears(answered("1037"), source="stk_query")
    scene.reads()
    tells(scene, attempt.account_reference)
    scene.reads()
    assert scene.attempt(attempt.id).state == "paid"
    assert scene.verdicts()[-1] == ("applied", "known to be failed_soft before")


@pytest.mark.parametrize("callback", [True, False])
def test_a_twin_without_its_reference_waits_for_the_callback_and_not_for_ever(scene: Scene, callback: bool) -> None:
    attempt = scene.sent()
    tells(scene, "")
    scene.reads()
    assert scene.verdicts() == [("unread", "a payment that it fits still waits")] and scene.receipts() == []
    if callback:
        scene.hears(paid())
        scene.reads()
    scene.wiring.clock.advance(TWIN_WITHIN.total_seconds())  # type: ignore[attr-defined]
    scene.reads()
    assert scene.receipts() == [(RECEIPT, 50_000, attempt.id if callback else None)]
    assert scene.verdicts()[0] == (("repeated", "proved already") if callback else ("applied", None))


def test_another_members_push_is_not_paid_by_money_that_cannot_be_hers(scene: Scene) -> None:
    attempt = scene.sent()
    tells(scene, attempt.account_reference, msisdn="2547 ***** 126")
    scene.reads()
    assert scene.attempt(attempt.id).state == "pending"
    (told,) = scene.book.told
    assert (told.kind, told.member_id, told.attempt_id) == ("c2b", attempt.member_id, None)


def test_what_a_validation_asked_is_no_money(scene: Scene) -> None:
    scene.hears(notice(), token=scene.wiring.paybill_secret, source="c2b_validation")
    scene.reads()
    assert scene.verdicts() == [("applied", "asked before the money moved")] and scene.receipts() == []


@pytest.mark.parametrize("order", ["callback notice query", "query callback notice", "notice callback query"])
def test_another_amount_than_asked_ends_the_push_by_its_own_receipt(scene: Scene, order: str) -> None:
    """She is asked for 500 and M-PESA moves 499: booked once as what it is, and nobody waits for the 500."""
    attempt = scene.sent()
    for what in order.split():
        if what == "callback":
            scene.hears(paid(shillings=499))
        elif what == "query":
            scene.hears(answered("0"), source="stk_query")
        else:
            tells(scene, attempt.account_reference, TransAmount="499.00")
        scene.reads()
    assert scene.attempt(attempt.id).state == "paid_otherwise"
    assert scene.receipts() == [(RECEIPT, 49_900, None)]
    assert (
        scene.rows("SELECT id FROM inquiries WHERE attempt_id IS NOT NULL AND receipt IS NULL AND due_at IS NOT NULL")
        == []
    )
    # What was asked for may come all the same, once more: that is hers as well.
    scene.hears(paid(receipt="SKK7RT61SX"))
    scene.reads()
    assert scene.attempt(attempt.id).state == "paid"
