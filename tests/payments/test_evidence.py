"""What a callback does to an attempt, a receipt and the books; and what a false one does not."""

import itertools
import json
import random
from typing import Any

import pytest

from payments import attempts, evidence, pushes, tokens
from payments.attempts import Step
from payments.daraja.outcomes import Accepted, Rejected, Unknown
from payments.evidence.read import CLAIMED_FOR
from payments.states import AttemptState
from tests.payments.scene import (
    ATIENO,
    CHECKOUT,
    RECEIPT,
    TOKEN,
    Scene,
    answered,
    failed,
    paid,
)

OTHER_TOKEN = "b2" * 32


def test_a_paid_push_is_booked_once(scene: Scene) -> None:
    attempt = scene.sent()
    scene.hears(paid())
    assert scene.reads() == 1
    assert scene.attempt(attempt.id).state == "paid"
    assert scene.receipts() == [(RECEIPT, 50_000, attempt.id)]
    assert scene.verdicts() == [("applied", None)]
    (told,) = scene.book.told
    assert (told.member_id, told.chama_id, told.amount_cents) == (attempt.member_id, attempt.chama_id, 50_000)
    assert told.paid_at.isoformat() == "2026-11-20T11:03:00+00:00"
    assert scene.reads() == 0


def test_the_same_body_is_one_row_however_often_it_comes(scene: Scene) -> None:
    scene.sent()
    for _ in range(3):
        scene.hears(paid())
    scene.reads()
    scene.hears(paid())
    assert scene.reads() == 0
    assert scene.row("SELECT seen_count FROM evidence")["seen_count"] == 4
    assert len(scene.receipts()) == 1


def test_the_same_payment_in_another_body_is_repeated(scene: Scene) -> None:
    scene.sent()
    scene.hears(paid(shillings=500))
    scene.hears(paid(shillings="500.00"))
    scene.reads()
    assert scene.verdicts() == [("applied", None), ("repeated", None)]
    assert len(scene.book.told) == 1


def test_an_unknown_token_credits_nothing_and_is_asked_about(scene: Scene) -> None:
    attempt = scene.sent()
    for token in (OTHER_TOKEN, None, "nul\x00 and \ud800"):
        scene.hears(paid(), token=token)
    scene.reads()
    assert [verdict for verdict, _ in scene.verdicts()] == ["unmatched"] * 3
    assert scene.attempt(attempt.id).state == "pending"
    assert scene.receipts() == []
    asked = scene.row("SELECT * FROM inquiries WHERE receipt IS NOT NULL")
    assert (asked["receipt"], asked["kind"], asked["attempt_id"]) == (RECEIPT, "status", None)


def test_strangers_cannot_make_us_ask_without_end(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("payments.inquiries.STRANGERS", 3)
    scene.sent()
    for number in range(6):
        scene.hears(paid(receipt=f"NLJ7RT61S{number}"), token=OTHER_TOKEN)
        scene.reads()
    assert len(scene.rows("SELECT * FROM inquiries")) == 3
    scene.hears(paid(shillings=1))
    scene.reads()
    assert scene.row("SELECT * FROM inquiries WHERE attempt_id IS NOT NULL")["receipt"] == RECEIPT


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (paid(shillings=499), "wrong amount"),
        (paid(shillings=5000), "wrong amount"),
        (paid(phone=int(ATIENO[1:])), "wrong payer"),
        (paid(checkout="ws_CO_another"), "the ids are another push's"),
    ],
)
def test_what_does_not_bind_is_refused_and_asked_about(scene: Scene, body: dict[str, Any], reason: str) -> None:
    attempt = scene.sent()
    scene.hears(body)
    scene.reads()
    assert scene.verdicts() == [("refused", reason)]
    assert scene.attempt(attempt.id).state == "pending"
    assert scene.receipts() == []
    assert scene.row("SELECT * FROM inquiries WHERE receipt IS NOT NULL")["receipt"] == RECEIPT


def test_a_hidden_payer_does_not_stop_the_money(scene: Scene) -> None:
    attempt = scene.sent()
    scene.hears(paid(phone="2547 ***** 005"))
    scene.reads()
    assert scene.attempt(attempt.id).state == "paid"


def test_somebody_elses_receipt_is_a_conflict(scene: Scene) -> None:
    hers = scene.sent()
    scene.hears(paid())
    scene.reads()
    other = scene.sent(OTHER_TOKEN, "m-2", "ws_2", key=b"2", phone=ATIENO, payer_id=scene.other.payer_id)
    scene.hears(paid(phone=int(ATIENO[1:]), checkout="ws_2"), token=OTHER_TOKEN)
    scene.reads()
    assert scene.verdicts()[1] == ("conflict", "the receipt is another payment's")
    assert scene.attempt(other.id).state == "pending"
    assert scene.receipts() == [(RECEIPT, 50_000, hers.id)]


def test_a_second_receipt_for_a_paid_push_is_a_conflict_and_asked_about(scene: Scene) -> None:
    scene.sent()
    scene.hears(paid())
    scene.hears(paid(receipt="NLJ7RT61SX"))
    scene.reads()
    assert scene.verdicts() == [("applied", None), ("conflict", "paid before, another receipt")]
    assert [receipt for receipt, _, _ in scene.receipts()] == [RECEIPT]
    assert scene.row("SELECT * FROM inquiries WHERE receipt IS NOT NULL")["receipt"] == "NLJ7RT61SX"


def test_late_success_wins_and_late_failure_does_not(scene: Scene) -> None:
    attempt = scene.sent()
    for body, state in [
        (failed(1037), "failed_soft"),
        (failed(1032), "failed_final"),
        (paid(), "paid"),
        (failed(2001), "paid"),
    ]:
        scene.hears(body)
        scene.reads()
        assert scene.attempt(attempt.id).state == state
    assert scene.verdicts()[-1] == ("late", "known to be paid")
    assert len(scene.receipts()) == 1


def test_a_query_that_says_paid_books_nothing_and_asks_for_the_receipt(scene: Scene) -> None:
    attempt = scene.sent()
    scene.hears(answered("0"), source="stk_query")
    scene.reads()
    assert scene.attempt(attempt.id).state == "proven"
    assert scene.receipts() == []
    inquiry = scene.row("SELECT * FROM inquiries WHERE kind = 'status'")
    assert (inquiry["attempt_id"], inquiry["due_at"]) == (attempt.id, scene.wiring.now())
    scene.hears(failed(1032))
    scene.hears(paid())
    scene.reads()
    assert scene.attempt(attempt.id).state == "paid"
    assert scene.row("SELECT * FROM inquiries WHERE kind = 'status'")["state"] == "closed"


def test_a_callback_before_the_answer_is_not_overwritten_by_it(scene: Scene) -> None:
    made = scene.wished()
    at = scene.wiring.now()
    with scene.wiring.transaction() as conn:
        step = Step(made, AttemptState.UNCLEAR, at, token_hash=tokens.token_hash(TOKEN))
        (claimed,) = attempts.move(conn, [step])
    scene.hears(paid())
    scene.reads()
    for outcome in (
        Accepted(200, {"CheckoutRequestID": CHECKOUT}, b""),
        Unknown("lost"),
        Rejected("x", "y", again=True),
    ):
        with scene.wiring.transaction() as conn:
            pushes.record(conn, claimed, outcome, at=at)
        assert scene.attempt(made.id).state == "paid"
    assert scene.attempt(made.id).checkout_request_id == CHECKOUT


BODIES = [
    (paid(), "stk_callback"),
    (paid(shillings="500.00"), "stk_callback"),
    (failed(1037), "stk_callback"),
    (failed(1032), "stk_callback"),
    (answered("1037"), "stk_query"),
    (answered("0"), "stk_query"),
    (paid(shillings=1), "stk_callback"),
]


def test_any_order_and_any_repetition_comes_to_the_same_end(scene: Scene) -> None:
    """Every order of every two, and long seeded shuffles with repetitions, in one batch or in many."""
    chance = random.Random(7)
    orders = [list(order) for order in itertools.permutations(range(len(BODIES)), 2)]
    orders += [chance.choices(range(len(BODIES)), k=9) for _ in range(30)]
    for number, order in enumerate(orders):
        scene.wiring.clock.advance(700)  # type: ignore[attr-defined]
        token, receipt = f"{number:064x}", f"RCPT{number:06d}"
        made = scene.sent(token, f"m{number}", f"ws{number}", key=b"%d" % number)
        for index in order:
            body, source = BODIES[index]
            text = json.dumps(body).replace(RECEIPT, receipt).replace("ws_CO_20112026140200123700000005", f"ws{number}")
            scene.hears(text.encode(), token=token, source=source)
            if chance.random() < 0.5:
                scene.reads()
        scene.reads()
        heights = {
            0: "paid",
            1: "paid",
            2: "failed_soft",
            3: "failed_final",
            4: "failed_soft",
            5: "proven",
            6: "pending",
        }
        ranks = list(AttemptState)
        expected = max((heights[index] for index in order), key=lambda state: ranks.index(AttemptState(state)))
        assert scene.attempt(made.id).state == expected, order
        booked = [told.receipt for told in scene.book.told if told.attempt_id == made.id]
        assert booked == ([receipt] if {0, 1} & set(order) else []), order


def test_one_row_that_puzzles_does_not_stop_the_others_and_comes_back(scene: Scene) -> None:
    scene.sent()
    scene.sent(OTHER_TOKEN, "m-2", "ws_2", key=b"2", phone=ATIENO, payer_id=scene.other.payer_id)
    scene.hears(paid())
    scene.hears(paid(receipt="NLJ7RT61SX", phone=int(ATIENO[1:]), checkout="ws_2"), token=OTHER_TOKEN)
    scene.book.refuses = {RECEIPT}
    scene.reads()
    assert [receipt for receipt, _, _ in scene.receipts()] == ["NLJ7RT61SX"]
    assert scene.verdicts()[0] == ("unread", "could not be settled (RuntimeError)")
    scene.book.refuses = set()
    assert scene.reads() == 0
    scene.wiring.clock.advance(11)  # type: ignore[attr-defined]
    assert scene.reads() == 1
    assert [receipt for receipt, _, _ in scene.receipts()] == [RECEIPT, "NLJ7RT61SX"]


@pytest.mark.parametrize("culprits", [{0}, {4}, {8}, {2, 3}, {0, 5, 8}])
def test_only_those_that_puzzle_are_set_aside_wherever_they_stand(scene: Scene, culprits: set[int]) -> None:
    for number in range(9):
        scene.wiring.clock.advance(700)  # type: ignore[attr-defined]
        token = f"{number:064x}"
        scene.sent(token, f"m{number}", f"ws{number}", key=b"%d" % number)
        scene.hears(paid(receipt=f"RCPT{number:06d}", checkout=f"ws{number}"), token=token)
    scene.book.refuses = {f"RCPT{number:06d}" for number in culprits}
    assert scene.reads() == 9
    booked = [receipt for receipt, _, _ in scene.receipts()]
    assert booked == [f"RCPT{number:06d}" for number in range(9) if number not in culprits]
    aside = scene.rows("SELECT verdict, tries FROM evidence WHERE verdict <> 'applied'")
    assert aside == [{"verdict": "unread", "tries": 1}] * len(culprits)


def test_a_row_that_always_puzzles_waits_for_a_person(scene: Scene) -> None:
    scene.sent()
    scene.hears(paid())
    scene.book.refuses = {RECEIPT}
    for _ in range(6):
        scene.reads()
        scene.wiring.clock.advance(10_000)  # type: ignore[attr-defined]
    row = scene.row("SELECT * FROM evidence")
    assert (row["verdict"], row["due_at"], row["tries"]) == ("unreadable", None, 5)
    assert scene.receipts() == []


def test_a_receipt_without_its_place_in_the_books_cannot_be_seen(scene: Scene) -> None:
    attempt = scene.sent()
    scene.hears(paid())

    def dies(*_: Any, **__: Any) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        evidence.read_due(scene.wiring, dies)
    assert scene.receipts() == []
    assert scene.reads() == 0
    scene.wiring.clock.advance(CLAIMED_FOR.total_seconds())  # type: ignore[attr-defined]
    assert scene.attempt(attempt.id).state == "pending"
    assert scene.reads() == 1
    assert len(scene.receipts()) == 1
