"""What the provider says about an SMS: quicker than its own answer, for good, or for as long as something lasts."""

import threading
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from psycopg import Connection

from chamas.members import register
from chamas.telling import couriers, notices
from chamas.telling.notices import Notice
from gateway.delivery import Fate
from gateway.texts import read_reply
from gateway.wiring import Wiring
from tests.gateway.test_texts_words import NEWS
from tests.instruments import START


@pytest.fixture
def claimed(conn: Connection[Any]) -> int:
    """A message in a sender's hands."""
    person = register.create_person(conn, phone="+254700000005", first_name="Wanjiku", language="sw", at=START)
    notices.queue(conn, [Notice("receipt:A", "contribution_received", person, None, NEWS)], at=START)
    [notice] = couriers.claim_due(conn, at=START, limit=1)
    return notice.id


@pytest.fixture
def report(conn: Connection[Any]) -> Callable[[str], bool]:
    def come(status: str, provider_id: str = "ATPid_1") -> bool:
        return notices.record_report(conn, provider_id=provider_id, status=status, failure="UserInBlackList", at=START)

    return come


@pytest.mark.parametrize(("status", "ended"), [("Success", "delivered"), ("Failed", "failed")])
def test_a_report_that_is_quicker_than_the_answer_is_kept_for_it(
    *, conn: Connection[Any], claimed: int, report: Callable[[str], bool], status: str, ended: str
) -> None:
    assert [report(status), report(status)] == [False, False]
    notices.record_sent(conn, claimed, provider_id="ATPid_1", cost_cents=80, at=START + timedelta(seconds=1))
    row = conn.execute("SELECT state, failure, provider_id, reported_at FROM notifications").fetchone()
    assert row == (ended, "UserInBlackList", "ATPid_1", START)
    assert conn.execute("SELECT * FROM early_reports").fetchall() == []


def test_a_report_at_the_very_moment_of_the_answer_is_applied(
    conn: Connection[Any], wiring: Wiring, claimed: int
) -> None:
    """The answer is written and not committed when the report comes: it has to wait for it."""

    def comes() -> None:
        with wiring.transaction() as other:
            notices.record_report(other, provider_id="ATPid_1", status="Success", failure=None, at=START)

    late = threading.Thread(target=comes)
    with wiring.transaction() as sending:
        notices.record_sent(sending, claimed, provider_id="ATPid_1", cost_cents=80, at=START)
        late.start()
        late.join(0.2)
    late.join()
    assert conn.execute("SELECT state FROM notifications").fetchall() == [("delivered",)]


def test_reports_about_nothing_are_bounded_and_forgotten(conn: Connection[Any], report: Callable[..., bool]) -> None:
    for provider_id, status in (("ATPid_1", "Success"), ("ATPid_2", "Buffered"), ("x" * 101, "Failed"), ("", "Failed")):
        report(status, provider_id)
    assert conn.execute("SELECT provider_id FROM early_reports").fetchall() == [("ATPid_1",)]
    assert notices.forget_reports(conn, before=START) == 0
    assert notices.forget_reports(conn, before=START + notices.WORTH_SENDING_FOR) == 1


@pytest.mark.parametrize(
    ("code", "fate"),
    [(code, Fate.FAILED) for code in (403, 404, 406, 409)] + [(code, Fate.NOT_SENT) for code in (405, 407, 500, 501)],
)
def test_only_what_can_pass_is_tried_again(code: int, fate: Fate) -> None:
    recipient = {"statusCode": code, "number": "-", "status": "Said", "cost": "0", "messageId": "None"}
    outcome = read_reply({"SMSMessageData": {"Message": "-", "Recipients": [recipient]}})
    assert (outcome.fate, outcome.why) == (fate, "Said")


def test_what_is_not_taken_is_tried_ever_more_seldom_for_a_day(conn: Connection[Any], claimed: int) -> None:
    at, tries = START, [START]
    notices.record_not_sent(conn, claimed, "InsufficientBalance", at=at)
    for _ in range(26 * 60):
        at += timedelta(minutes=1)
        if couriers.claim_due(conn, at=at, limit=1):
            tries.append(at)
            notices.record_not_sent(conn, claimed, "InsufficientBalance", at=at)
    pauses = [later - earlier for earlier, later in pairwise(tries)]
    assert len(tries) < 40
    assert pauses[:2] == [timedelta(minutes=1)] * 2
    assert timedelta(minutes=55) < max(pauses) <= timedelta(minutes=61)
    assert conn.execute("SELECT state, failure FROM notifications").fetchall() == [("failed", "InsufficientBalance")]
