"""By which ways somebody is told, at which hour and at whose cost: when it is told, and when it leaves."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from chamas.dues import reminders
from chamas.telling import caps, couriers, inbox, notice_log, notices, preferences
from chamas.telling.notice_states import Channel, Kind, morning_after, quiet
from chamas.telling.notices import Notice
from chamas.telling.preferences import Preferences
from chamas.telling.templates import TEMPLATES
from gateway.wiring import Wiring
from ledger import nairobi
from tests.chamas.conftest import ROUND_CENTS, Village
from tests.instruments import START, HandClock

NIGHT = START.replace(hour=19)  # 10 PM in Nairobi
# One template of each kind.
MONEY, ANSWER, NEWS, REMINDER = "contribution_received", "join_request", "joined", "reminder"
DAY_BEFORE, LAST_DAY = START + timedelta(days=5, hours=19), START + timedelta(days=6, hours=19)


def tell(conn: Connection[Any], village: Village, template: str, key: str = "", who: int = 0, **facts: Any) -> int:
    news = Notice(f"{template}:{key}", template, village.user_ids[who], village.chama_id, facts)
    return notices.queue(conn, [news], at=START)


def claim(conn: Connection[Any], at: datetime = START, channel: Channel = Channel.SMS) -> list[str]:
    return [one.template for one in couriers.claim_due(conn, at=at, limit=100, channel=channel)]


def ways(conn: Connection[Any]) -> set[str]:
    found = {channel for (channel,) in conn.execute("SELECT channel FROM notifications").fetchall()}
    conn.execute("DELETE FROM notifications")
    return found


WANTED = (
    (None, {MONEY: {"sms"}, ANSWER: {"sms"}, NEWS: {"sms"}, REMINDER: {"sms"}}),
    (Preferences(reminders=False), {MONEY: {"sms"}, ANSWER: {"sms"}, NEWS: {"sms"}, REMINDER: set()}),
    (Preferences(email="a@b"), {MONEY: {"sms", "email"}, NEWS: {"sms", "email"}, REMINDER: {"sms", "email"}}),
    (Preferences(sms=False, email="a@b"), {MONEY: {"email"}, ANSWER: {"email"}, NEWS: {"email"}}),
    (Preferences(sms=False, push=True), {MONEY: {"push"}, NEWS: {"push"}}),
    # The law of the house: somebody who wants nothing hears of money and of what waits for her answer all the same.
    (Preferences(sms=False), {MONEY: {"sms"}, ANSWER: {"sms"}, NEWS: {"in_app"}, REMINDER: {"in_app"}}),
)


def test_the_ways_follow_from_what_she_wants_and_what_it_is_about(conn: Connection[Any], village: Village) -> None:
    for wanted, expected in WANTED:
        if wanted is not None:
            preferences.choose(conn, village.user_ids[0], wanted, at=START)
        for template, channels in expected.items():
            tell(conn, village, template)
            assert ways(conn) == channels, (wanted, template)


def test_every_template_has_a_kind_that_can_hold_it_back_or_not() -> None:
    assert {template.kind for template in TEMPLATES.values()} == {*Kind}
    told = {name: template.kind for name, template in TEMPLATES.items()}
    assert all(kind is Kind.MONEY for name, kind in told.items() if name.startswith(("cash_b", "contribution_")))


@pytest.mark.parametrize(("hour", "night"), [(6, True), (7, False), (20, False), (21, True), (23, True), (0, True)])
def test_the_night_is_nairobis(hour: int, night: bool) -> None:
    at = nairobi.local(START).replace(hour=hour, minute=30)
    assert quiet(at) is night
    wakes = nairobi.local(morning_after(at))
    assert (wakes.hour, wakes.minute) == (7, 0) and timedelta(0) < wakes - at <= timedelta(hours=24)


def test_only_reminders_wait_for_the_morning(conn: Connection[Any], village: Village) -> None:
    for template in (MONEY, ANSWER, NEWS, REMINDER):
        tell(conn, village, template)
    tell(conn, village, REMINDER, who=1, key="hers")
    preferences.choose(conn, village.user_ids[1], Preferences(at_night=True), at=START)
    assert claim(conn, NIGHT) == [MONEY, ANSWER, NEWS, REMINDER]
    conn.execute("UPDATE notifications SET due_at = NULL WHERE state = 'unclear'")
    assert claim(conn, morning_after(NIGHT) - timedelta(seconds=1)) == []
    assert REMINDER in claim(conn, morning_after(NIGHT))


def test_above_the_cap_only_the_law_goes_by_sms_and_the_officials_hear_it_once(
    conn: Connection[Any], village: Village
) -> None:
    caps.cap(conn, village.chama_id, 3 * caps.PRICE_CENTS, at=START)
    tell(conn, village, MONEY)
    [paid] = couriers.claim_due(conn, at=START, limit=9)
    notices.record_sent(conn, paid.id, provider_id="ATPid_1", cost_cents=80, at=START)
    for number in range(4):
        tell(conn, village, NEWS, key=str(number), who=2)
    # Two more fit, whatever else is claimed at the same moment; the rest waits for her dial.
    assert claim(conn) == [NEWS, NEWS]
    assert [one.template for one in inbox.unseen(conn, village.user_ids[2])] == [NEWS, NEWS]
    told = "SELECT user_id, arguments->>'cap_cents' FROM notifications WHERE template = 'cap_reached'"
    assert conn.execute(told).fetchall() == [(village.user_ids[0], "240")]
    for template in (MONEY, ANSWER, NEWS):
        tell(conn, village, template, key="later", who=1)
    assert claim(conn) == ["cap_reached", MONEY, ANSWER]
    assert len(conn.execute(told).fetchall()) == 1
    sums = notice_log.month(conn, village.chama_id, at=START)
    assert sums is not None and (sums.cap_cents, sums.spent_cents) == (240, 80 + 80 * 5)
    # A new month begins at midnight in Nairobi.
    december = datetime.fromisoformat("2026-11-30T21:00:00+00:00")
    assert [caps.left_cents(conn, [village.chama_id], at=at)[village.chama_id] for at in (
        december - timedelta(seconds=1), december)] == [240 - 480, 240]  # fmt: skip


def test_what_never_arrived_is_said_on_the_screen_until_she_has_read_it(
    conn: Connection[Any], village: Village
) -> None:
    her = village.user_ids[0]
    tell(conn, village, MONEY)
    [claimed] = couriers.claim_due(conn, at=START, limit=9)
    assert inbox.unseen(conn, her) == []
    notices.record_failed(conn, claimed.id, "UserInBlacklist")
    [unread] = inbox.unseen(conn, her)
    notices.seen(conn, unread.id, village.user_ids[1], at=START)
    assert inbox.unseen(conn, her) == [unread]
    notices.seen(conn, unread.id, her, at=START)
    assert inbox.unseen(conn, her) == []
    assert conn.execute("SELECT state, seen_at FROM notifications").fetchall() == [("failed", START)]


def test_stop_ends_reminders_and_start_brings_them_back(conn: Connection[Any], village: Village) -> None:
    her = village.user_ids[0]
    tell(conn, village, REMINDER)
    for text, understood, reminded in (
        ("Stop reminding", False, True), (" stop. ", True, False), ("ACHA", True, False), ("anza", True, True),
        ("STOP", True, False),
    ):  # fmt: skip
        assert preferences.answer(conn, her, text, at=START) is understood
        assert preferences.of(conn, her).reminders is reminded
    # One that was queued before is not sent either.
    assert claim(conn) == []
    assert conn.execute("SELECT state, failure, due_at FROM notifications").fetchall() == [
        ("dropped", "opted out", None)
    ]


def reminded(conn: Connection[Any], village: Village) -> list[tuple[int, str]]:
    rows = conn.execute(
        "SELECT user_id, state, split_part(dedupe_key, ':', 3) FROM notifications WHERE kind = 'reminder' ORDER BY id"
    ).fetchall()
    return [(village.user_ids.index(user_id), f"{state} {step}") for user_id, state, step in rows]


def test_who_has_not_paid_is_reminded_the_day_before_and_on_the_day_and_no_more(
    conn: Connection[Any], village: Village, wiring: Wiring, clock: HandClock
) -> None:
    conn.execute("UPDATE contributions SET paid_cents = due_cents, state = 'paid' WHERE member_id = %s",
                 [village.member_ids[0]])  # fmt: skip
    told = []
    preferences.choose(conn, village.user_ids[1], Preferences(sms=False, email="a@b"), at=START)
    for _hour in range(24 * 9):
        told.append((nairobi.local(clock.now()).strftime("%d %H"), reminders.remind_due(wiring)))
        clock.advance(3_600)
    assert [one for one in told if one[1]] == [("26 09", 2), ("27 09", 2)]
    assert {who for who, _ in reminded(conn, village)} == {1, 2}


def test_after_an_outage_only_the_newest_reminder_is_sent(
    conn: Connection[Any], village: Village, wiring: Wiring, clock: HandClock
) -> None:
    clock.at = DAY_BEFORE
    assert reminders.remind_due(wiring) == 3
    # No SMS leaves for a day, and the job itself is away; Wanjiku pays.
    clock.at = LAST_DAY
    village_pays = "UPDATE contributions SET paid_cents = due_cents, state = 'paid' WHERE member_id = %s"
    conn.execute(village_pays, [village.member_ids[2]])
    assert [reminders.remind_due(wiring), reminders.remind_due(wiring)] == [2, 0]
    assert len(claim(conn, LAST_DAY)) == 2
    assert reminded(conn, village) == [
        (0, "dropped 1"), (1, "dropped 1"), (2, "dropped 1"), (0, "unclear 0"), (1, "unclear 0"),
    ]  # fmt: skip
    assert conn.execute("SELECT DISTINCT failure FROM notifications WHERE state = 'dropped' ORDER BY 1").fetchall() == [
        ("overtaken",), ("paid",),
    ]  # fmt: skip


def test_a_reminder_names_what_is_missing(
    conn: Connection[Any], village: Village, wiring: Wiring, clock: HandClock
) -> None:
    conn.execute("UPDATE contributions SET paid_cents = 20000 WHERE member_id = %s", [village.member_ids[1]])
    clock.at = LAST_DAY
    reminders.remind_due(wiring)
    asked = "SELECT arguments->>'missing_cents' FROM notifications WHERE user_id = %s"
    assert conn.execute(asked, [village.user_ids[1]]).fetchall() == [(str(ROUND_CENTS - 20_000),)]
