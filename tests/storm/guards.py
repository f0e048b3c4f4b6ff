"""Every guard of the payments that the storm takes away, and the properties that fail without it.

Two that stand behind each other are taken away together: nothing reaches the second while the first stands.
`python -m tests.storm.guards` writes the table into docs/storm.md; tests/storm/test_guards.py takes each away.
"""

import json
import re
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest.mock import patch

import payments.evidence.settle as settling
from gateway import callbacks, log
from ledger import preimage
from payments import inquiries, pushes, receipts, reconcile, spool, states
from payments.attempts import Attempt
from payments.daraja import client
from payments.daraja.outcomes import Outcome, Rejected, Unknown
from payments.evidence import judge, notices, outgoing
from payments.payouts import reading, sending
from payments.payouts.calls import CallKind
from payments.payouts.states import PayoutState
from payments.reading import Fact, Money
from payments.reconciliation import pull
from payments.states import AttemptState
from tests.drills.fuse import Death
from tests.storm.guard import Guard, instead, together
from tests.storm.weather import Weather

DOCUMENT = Path(__file__).parents[2] / "docs" / "storm.md"
BEGIN, END = "<!-- written by `python -m tests.storm.guards` -->\n", "<!-- written by hand from here -->\n"

_read_answer, _without_answer = client.read_answer, client._without_answer
_read_confirmation, _note, _insist = notices.read_confirmation, log.note, pushes.insist
_payment = sending.b2c.Payment
_judged, _read_callback = notices.Notices.judged, settling.PUSH_READERS["stk_callback"]


def dying(wires: Any, write: Any) -> None:
    """Every second process that has sent something dies before it can write down what was answered."""
    dying.calls += 1  # type: ignore[attr-defined]
    if dying.calls % 2:  # type: ignore[attr-defined]
        raise Death
    _insist(wires, write)


dying.calls = 0  # type: ignore[attr-defined]


def nobody(*_: Any, **__: Any) -> int:
    return 0


def sent_again(outcome: Outcome) -> Outcome:
    return Rejected("timeout", "", again=True) if isinstance(outcome, Unknown) else outcome


def code_or_zero(body: bytes) -> Fact:
    return _read_callback(
        body if b'"ResultCode"' in body else body.replace(b'"ResultDesc"', b'"ResultCode":0,"ResultDesc"')
    )


def amount_only(money: Money, attempt: Attempt) -> str | None:
    return "wrong amount" if money.amount_cents != attempt.amount_cents else None


def payer_only(money: Money, attempt: Attempt) -> str | None:
    return "wrong payer" if money.phone not in (None, attempt.phone) else None


def under_a_key_of_its_own(body: bytes) -> Any:
    sent = _read_confirmation(body)
    return replace(sent, money=replace(sent.money, receipt=sent.money.receipt[:-1] + "Q"))


def believed(self: Any, row: Any, *given: Any) -> Any:
    return _judged(self, replace(row, token_hash=self.shared), *given)


def prompted_money_only(self: Any, row: Any, *given: Any) -> Any:
    judgement = _judged(self, row, *given)
    return judgement if judgement.owner else replace(judgement, money=None)


def renamed(**told: Any) -> Any:
    """A name made anew for every request: of the token, which is another one each time."""
    number = told["originator"].partition("-")[0]
    return _payment(**told | {"originator": f"{number}-{sha256(told['result_url'].encode()).hexdigest()[:24]}"})


def failed_at_once(_body: bytes) -> Any:
    return reading.Fact("", PayoutState.FAILED_PROVEN, reason="timed out", final=True)


def noted_with_path(**fields: Any) -> None:
    from flask import request

    _note(**fields, path=request.path)


FORGED = Weather(outcomes=("no_answer", "pays_late"), forgeries=("wrong amount", "wrong payer"), often="forged")

GUARDS = (
    Guard(
        "a receipt is proved once: its key, and the look before",
        ("P1", "P4"),
        instead(receipts, "holders", lambda *_: {}),
        statement="ALTER TABLE receipts DROP CONSTRAINT receipts_pkey CASCADE; DROP INDEX receipts_by_attempt",
    ),
    Guard(
        "a lost answer is never sent again",
        ("P3",),
        together(
            instead(client, "read_answer", lambda *given: sent_again(_read_answer(*given))),
            instead(client, "_without_answer", lambda trouble: sent_again(_without_answer(trouble))),
        ),
        weather=Weather(outcomes=("answer_lost", "pays"), often="push", eager=True),
    ),
    Guard(
        "a push is claimed before it leaves",
        ("P3",),
        instead(pushes, "insist", dying),
        death="UPDATE payment_attempts SET state = 'created', due_at = created_at "
        "WHERE state = 'unclear' AND send_outcome IS NULL",
        weather=Weather(("pays", "pays_late"), often="push", away=0.0, eager=True),
    ),
    Guard(
        "a missing ResultCode is not 0",
        ("P2",),
        lambda: patch.dict(settling.PUSH_READERS, stk_callback=code_or_zero),
        weather=Weather(outcomes=("no_answer", "pays_late"), forgeries=("no result code",), often="forged"),
    ),
    Guard(
        "evidence is merged by height, and a state moves only up",
        ("P6", "P5"),
        together(
            instead(judge, "merge", lambda _, proposed: proposed),
            instead(type(states.ATTEMPT_MOVES), "require", lambda *_: None),
        ),
        weather=Weather(outcomes=("contradicts", "pays"), often="push"),
    ),
    Guard("the amount binds", ("P2", "P4"), instead(judge, "_not_its_money", payer_only), weather=FORGED),
    Guard("the payer binds", ("P2",), instead(judge, "_not_its_money", amount_only), weather=FORGED),
    Guard(
        "a notice of the paybill is believed under our secret only",
        ("P2",),
        instead(notices.Notices, "judged", believed),
        weather=Weather(forgeries=("a notice without the secret",), often="forged"),
    ),
    Guard(
        "callback and notice of one payment meet in its receipt",
        ("P2", "P5"),
        lambda: patch.dict(notices.READERS, c2b_confirmation=under_a_key_of_its_own),
    ),
    Guard(
        "what PostgreSQL cannot take goes to the spool (and Pull would find some of it)",
        ("P1",),
        together(instead(spool, "put", nobody), instead(pull, "ask_due", nobody)),
        weather=Weather(spooled=0.5),
    ),
    Guard(
        "money that nobody was asked for is booked all the same",
        ("P1",),
        instead(notices.Notices, "judged", prompted_money_only),
    ),
    Guard(
        "somebody asks: the janitor, and Pull",
        ("P1",),
        together(instead(reconcile, "ask_due", nobody), instead(pull, "ask_due", nobody)),
        weather=Weather(outcomes=("pays_silently", "pays"), often="push"),
    ),
    Guard("every push opens a question", ("P7",), instead(inquiries, "open_about_attempts", lambda *_, **__: None)),
    Guard(
        "ResponseCode 0 means accepted, not paid",
        ("P4", "P5"),
        instead(pushes, "merge", lambda state, _: AttemptState.PAID),
    ),
    Guard(
        "a payout keeps its name whenever it is sent",
        ("P3",),
        instead(sending.b2c, "Payment", renamed),
        weather=Weather(only="payout", many=(4,)),
    ),
    Guard(
        "a time-out of a payout is no failure",
        ("P1", "P6"),
        lambda: patch.dict(outgoing.READERS, {("b2c_timeout", CallKind.PAYMENT): failed_at_once}),
        weather=Weather(only="payout", many=(4,), payouts=("timeout_echo",)),
    ),
    Guard(
        "secrets are taken out of a body before it is kept",
        ("P8",),
        instead(settling.store, "SECRETS", re.compile(rb"((?!))")),
        wished=(("status", "timeout_echo", 3),),
    ),
    Guard("a log line has no path", ("P8",), instead(callbacks.log, "note", noted_with_path)),
    Guard(
        "a note's commitment is salted",
        ("P9",),
        instead(preimage, "commitment", lambda _, note: sha256(str(json.loads(note).get("receipt")).encode()).digest()),
    ),
)


def drawn() -> str:
    """The table, as it should be."""
    lines = ["| guard | fails without it |", "|---|---|"]
    lines += [f"| {one.stands} | {', '.join(one.fails)} |" for one in GUARDS]
    return "\n".join(lines) + "\n"


def page() -> str:
    """docs/storm.md with its table put in again."""
    head, _, rest = DOCUMENT.read_text().partition(BEGIN)
    return head + BEGIN + "\n" + drawn() + "\n" + END + rest.partition(END)[2]


if __name__ == "__main__":
    DOCUMENT.write_text(page())
