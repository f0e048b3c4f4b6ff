"""What must have happened, once, when a loop is through that died or lost on its way."""

from collections import Counter

from tests.drills.one_loop import Scene, members
from tests.drills.paying import AGREED


def everything_happened(at: Scene) -> None:
    """What the loop in question had to do is done, once."""
    assert at.whole.equals_truth()
    if at.loop.name == "rounds":
        states = at.whole.rows("SELECT state, count(*) FROM rounds GROUP BY state ORDER BY state")
        assert states == [
            {"state": "active", "count": 1},
            {"state": "completed", "count": 6},
            {"state": "expired", "count": 1},
        ]
    if at.loop.name == "expiries":
        assert at.whole.rows("SELECT FROM open_holds") == []
        not_expired = (
            "SELECT FROM entries e LEFT JOIN endings x USING (book_id, seq) "
            "WHERE e.expires_at IS NOT NULL AND x.how IS DISTINCT FROM 'expired'"
        )
        assert at.whole.rows(not_expired) == []
    if at.loop.name == "letters":
        # Once each, or, where it died with a mail in its hands, once more after a quarter of an hour.
        got = Counter(mail["to"] for mail in at.whole.simulator.get("/control/mail"))
        assert len(got) == len(members(at.whole)) and set(got.values()) <= {1, 2}
        assert at.whole.value("SELECT count(*) FROM notifications WHERE channel = 'email' AND state <> 'sent'") == 0
    if at.loop.name == "aging":
        kept = "SELECT count(*) FROM evidence WHERE received_at < now() - interval '100 days' AND pseudonym_sha256 IS "
        assert at.whole.value(kept + "NOT NULL") >= len(members(at.whole)) and at.whole.value(kept + "NULL") == 0
        assert at.whole.unsound() == []
    if at.loop.name == "returns":
        assert len(at.whole.simulator.get("/control/truth")["reversals"]) == 1
        assert at.whole.rows("SELECT state FROM reversals") == [{"state": "booked"}]
        assert at.whole.unsound() == []
    if at.loop.name in ("offers", "settlements"):
        # Offered once; or hers once and told once, and offered to nobody any more.
        settled = at.loop.name == "settlements"
        assert at.whole.value("SELECT count(*) FROM suspense_offers") == int(not settled)
        assert at.whole.rows("SELECT state FROM settlements") == ([{"state": "done"}] if settled else [])
        assert [len(at.whole.sms(person)) for person in ("Wanjiku", "Daudi")] == [int(settled), 0]
        assert at.whole.unsound() == []
    assert at.whole.rows("SELECT number FROM batches WHERE state <> 'completed'") == []


def everything_is_paid_once(at: Scene) -> None:
    """Whatever had left when the process died, and whatever had not."""
    moved = at.whole.simulator.get("/control/truth")["payouts"]
    ours = at.whole.rows("SELECT originator, receipt, state FROM payouts ORDER BY originator")
    assert len(ours) >= (AGREED if at.loop.name == "disbursements" else len(members(at.whole)))
    assert {row["state"] for row in ours} == {"paid"}
    assert sorted((row["originator_conversation_id"], row["receipt"]) for row in moved) == [
        (row["originator"], row["receipt"]) for row in ours
    ]
