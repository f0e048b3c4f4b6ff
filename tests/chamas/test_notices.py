"""Messages: queued once, claimed before they leave, sent twice at most, and what reports make of them."""

from datetime import timedelta
from typing import Any

from psycopg import Connection

from chamas.telling import couriers, notices
from chamas.telling.notices import Claimed, Notice
from gateway.wiring import Wiring
from tests.chamas.conftest import Village
from tests.instruments import START


def put(conn: Connection[Any], village: Village, key: str = "receipt:A") -> bool:
    news = Notice(key, "contribution_received", village.user_ids[0], village.chama_id, {"amount_cents": 50_000})
    return notices.queue(conn, [news], at=START) == 1


def claim(conn: Connection[Any], minutes: float = 0) -> list[Claimed]:
    return couriers.claim_due(conn, at=START + timedelta(minutes=minutes), limit=10)


def row(conn: Connection[Any]) -> tuple[Any, ...]:
    return conn.execute("SELECT state, tries, due_at FROM notifications").fetchall()[0]


def test_the_same_news_are_queued_once(conn: Connection[Any], village: Village) -> None:
    assert [put(conn, village), put(conn, village)] == [True, False]
    assert len(claim(conn)) == 1


def test_a_claimed_message_is_unclear_before_it_leaves(conn: Connection[Any], village: Village) -> None:
    put(conn, village)
    [claimed] = claim(conn)
    assert (claimed.phone, claimed.language, claimed.tries) == ("+254700000001", "en", 1)
    assert row(conn) == ("unclear", 1, START + timedelta(minutes=15))
    assert claim(conn) == []


def test_two_senders_never_hold_the_same_message(wiring: Wiring, conn: Connection[Any], village: Village) -> None:
    put(conn, village)
    with wiring.transaction() as one, wiring.transaction() as other:
        assert [len(claim(one)), len(claim(other))] == [1, 0]


def test_what_nobody_reported_is_sent_once_more_and_never_again(conn: Connection[Any], village: Village) -> None:
    put(conn, village)
    assert [len(claim(conn, minutes)) for minutes in (0, 14.9, 15, 30, 60, 60 * 24)] == [1, 0, 1, 0, 0, 0]
    assert row(conn) == ("unclear", 2, None)


def test_what_is_proved_not_to_have_left_does_not_count(conn: Connection[Any], village: Village) -> None:
    put(conn, village)
    for minute in (0, 1, 2, 4, 8):
        [claimed] = claim(conn, minute)
        notices.record_not_sent(conn, claimed.id, "refused", at=START + timedelta(minutes=minute))
        # half a minute at first, then as long again as it has waited already
        assert claim(conn, minute + (0.4 if minute == 0 else minute - 0.1)) == []
    assert row(conn) == ("queued", 0, START + timedelta(minutes=16))


def test_news_of_yesterday_are_not_sent_any_more(conn: Connection[Any], village: Village) -> None:
    put(conn, village)
    [claimed] = claim(conn, 60 * 24)
    notices.record_not_sent(conn, claimed.id, "refused", at=START + timedelta(days=1))
    assert row(conn) == ("failed", 0, None)


REPORTS = {
    "ATXid_1": (["Submitted", "Buffered"], "sent"),
    "ATXid_2": (["Success"], "delivered"),
    "ATXid_3": (["Rejected"], "failed"),
    "ATXid_4": (["Failed", "Failed"], "failed"),
    "ATXid_5": (["Success", "Failed"], "delivered"),
    "ATXid_6": (["Sent", "Success", "Success"], "delivered"),
}


def test_a_report_is_final_once(conn: Connection[Any], village: Village) -> None:
    for sms, (reports, _) in REPORTS.items():
        put(conn, village, f"receipt:{sms}")
        [claimed] = claim(conn)
        notices.record_sent(conn, claimed.id, provider_id=sms, cost_cents=80, at=START)
        for status in reports:
            assert notices.record_report(conn, provider_id=sms, status=status, failure=None, at=START)
    ended = dict(conn.execute("SELECT provider_id, state FROM notifications").fetchall())
    assert ended == {sms: state for sms, (_, state) in REPORTS.items()}


def test_a_report_about_a_message_of_others_is_kept_quiet(conn: Connection[Any], village: Village) -> None:
    put(conn, village)
    assert not notices.record_report(conn, provider_id="ATXid_9", status="Failed", failure="x", at=START)
    assert row(conn) == ("queued", 0, START)


def test_a_message_that_was_sent_is_not_failed_by_a_slow_twin(conn: Connection[Any], village: Village) -> None:
    put(conn, village)
    [claimed] = claim(conn)
    notices.record_sent(conn, claimed.id, provider_id="ATXid_1", cost_cents=80, at=START)
    notices.record_not_sent(conn, claimed.id, "refused", at=START)
    notices.record_unclear(conn, claimed.id, "slow")
    assert row(conn) == ("sent", 1, None)
    assert conn.execute("SELECT failure FROM notifications").fetchall() == [(None,)]
