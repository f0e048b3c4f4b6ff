"""A forged confirmation under our leaked secret, from its credit to its taking back at the desk; whole."""

from dataclasses import replace

import pytest

from chamas.dues import owing
from gateway.cli import main
from gateway.commands import environment
from gateway.demo import cast
from ledger.nairobi import local
from tests.loop.test_days import at_eight, certified, named, until_the_day_is_over
from tests.loop.test_desk_unmatched import SECOND, at_the_desk, press, seat_second
from tests.loop.test_paybill import account_of, confirmation, tell
from tests.whole import SHORTCODE, Whole


@pytest.fixture
def morning(whole: Whole) -> Whole:
    return at_eight(whole)


def test_a_forged_payment_that_two_officials_take_back_is_a_difference_no_more_and_is_owed_again(
    morning: Whole, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seat_second(morning)
    amina = morning.person("Amina")["id"]
    forged = {"receipt": "TKZFORGED1", "phone": morning.phone("Amina"), "amount_cents": 90_000}
    at = f"{local(morning.worker.now()):%Y%m%d%H%M%S}"
    body = confirmation(forged | {"reference": account_of(morning, "Amina")}, "v1") | {"TransTime": at}
    tell(morning, body)
    day = until_the_day_is_over(morning)
    first, second = at_the_desk(morning, cast.ADMIN_EMAIL), at_the_desk(morning, SECOND)
    page, asks = "/desk/taken-back", {"receipt": "TKZFORGED1", "why": "unknown"}
    assert "No list of M-PESA" in press(first, page, page, **asks)
    assert named(certified(morning, day)) == [("booked_not_listed", "TKZFORGED1", -90_000)]
    assert "/desk/taken-back?receipt=TKZFORGED1" in first.get(f"/desk/days/{SHORTCODE}/{day}").text
    with morning.worker.transaction() as conn:
        owed = owing.reckoned(conn, amina).owed_cents
    assert "Another official has to agree" in press(first, page, page, **asks)
    monkeypatch.setattr(environment, "wiring", lambda process: replace(morning.worker))
    assert main(["take-back", "TKZFORGED1", "--by", SECOND]) == 1
    assert "waits for a decision" in capsys.readouterr().err
    wish = f"{page}/1"
    assert "Another official must agree" in press(first, wish, page, agrees="yes")
    assert "waits for a decision" in press(second, wish, page, agrees="yes", seen="ab" * 32)
    assert "booked within seconds" in press(second, wish, page, agrees="yes")
    before = len(morning.sms("Amina"))
    morning.advance(60)
    found = certified(morning, day)
    assert (found.version, found.result, found.in_count) == (2, "matched", 0)
    assert main(["take-back"]) == 0
    assert capsys.readouterr().out == "TKZFORGED1 KES 900 done: M-PESA does not know it\n"
    # She owes again what it had settled, by the rows and by what is derived anew, and is told once.
    with morning.worker.transaction() as conn:
        again = owing.reckoned(conn, amina).owed_cents
    assert again > owed and again == morning.value(
        "SELECT sum(due_cents - paid_cents) FROM contributions WHERE member_id = %s", amina
    )
    told = morning.sms("Amina")[before:]
    assert len(told) == 1 and "TKZFORGED1" in told[0]
    # M-PESA's balance was counted while the forgery stood: the next count that holds answers it.
    assert [one for one in morning.unsound() if not one.startswith("what was counted")] == []
