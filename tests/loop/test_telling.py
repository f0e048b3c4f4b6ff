"""Reminders from the calendar to the phone: to who has not paid; none to who said STOP, a screen to who blocked us."""

from datetime import timedelta

import requests

from chamas.dues import reminders
from ledger import nairobi
from tests.whole import Whole

UNPAID = (
    "SELECT u.first_name AS name FROM contributions k JOIN rounds r ON r.id = k.round_id AND r.state = 'active' "
    "JOIN chama_members m ON m.id = k.member_id JOIN users u ON u.id = m.user_id "
    "WHERE k.paid_cents < k.due_cents ORDER BY m.number"
)


def test_a_reminder_reaches_who_has_not_paid_by_sms_or_by_her_next_dial(whole: Whole) -> None:
    # It closes at midnight in three days, at whatever hour this runs: half past nine of its last day is no night.
    closes_at = nairobi.day_begins(whole.worker.now()) + timedelta(days=3)
    whole.owner.execute("UPDATE rounds SET closes_at = %s WHERE state = 'active'", [closes_at])
    unpaid = [row["name"] for row in whole.rows(UNPAID)]
    stopped, blocked, *others = unpaid
    assert others and len(unpaid) < len([one for one in whole.people if one["chama"] == "Umoja"])
    incoming = f"{whole.url}/sms/incoming/{whole.settings.callback_secret}"
    said = {"from": whole.phone(stopped), "to": "22384", "text": "Stop", "date": "2026-11-20 11:02:00", "id": "1"}
    assert requests.post(incoming, data=said, timeout=10).status_code == 200
    whole.simulator.wish("blacklist", api="sms", phone=whole.phone(blocked))

    whole.advance((closes_at - timedelta(hours=14, minutes=30) - whole.worker.now()).total_seconds())
    assert [reminders.remind_due(whole.worker), reminders.remind_due(whole.worker)] == [len(unpaid) - 1, 0]
    whole.settle()

    reminded = {name: [text for text in whole.sms(name) if "STOP" in text] for name in unpaid}
    assert [len(reminded[name]) for name in others] == [1] * len(others)
    assert reminded[stopped] == reminded[blocked] == []
    # What no SMS can bring is said before the menu, once.
    assert "STOP" in whole.dial(blocked)
    assert "STOP" not in whole.press(blocked, "9")
    assert "STOP" not in whole.dial(blocked)
    assert whole.value("SELECT sum(cost_cents) FROM notifications WHERE kind = 'reminder'") == 80 * len(others)
    assert whole.unsound() == []
