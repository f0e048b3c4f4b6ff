"""A chama that is founded on a phone: by a stranger, in one session, until its first round is open. And reminding."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from psycopg import Connection

from chamas.course import lifecycle
from chamas.dues import reminders
from chamas.entrance.founding import TooManyFounded
from chamas.members.refusals import NotNow, OfficialsOnly
from chamas.telling import couriers, preferences
from chamas.telling.preferences import Preferences
from gateway.app import create_app
from gateway.wiring import Wiring
from menus.phone import Phone
from tests.instruments import START, HandClock
from tests.menus import village
from tests.phones import phone_on

DAUDI, HALIMA = "+254700000099", "+254700000098"


@pytest.fixture
def app(web_wiring: Wiring) -> Flask:
    return create_app(web_wiring)


def pressed(phone: Phone, keys: str, *answers: str) -> str:
    screen = phone.dial(f"*384*123*{keys}#" if keys else "*384*123#")
    for answer in answers:
        screen = phone.press(answer)
    return screen


def founded(phone: Phone, title: str) -> str:
    """What the last screen says to somebody who is in a chama already."""
    return pressed(phone, "6*98*14", title, "500", "1", "2", "1", "1")


def test_a_stranger_founds_a_chama_lets_somebody_in_and_starts_it(
    app: Flask, conn: Connection[Any], wiring: Wiring
) -> None:
    village.paybill(conn, START)
    daudi, halima = phone_on(app, DAUDI), phone_on(app, HALIMA)
    pressed(daudi, "", "4", "2", "faulu", "500", "1")
    assert "people, and rounds of KES 10" in daudi.press("101")
    assert "Faulu: KES 500 every week, 2 people. You are the chairperson." in daudi.press("2")
    assert conn.execute("SELECT count(*) FROM users").fetchone() == (0,)
    daudi.press("1")
    daudi.press("1")
    told = daudi.press("Daudi")
    assert daudi.repeat() == told
    [row] = conn.execute(
        "SELECT c.number, c.name, c.status, c.frequency, c.contribution_cents, c.member_target, s.contribution_cents, "
        "u.first_name, u.phone, u.language, m.role, m.status, n.language FROM chamas c "
        "JOIN rule_sets s ON s.chama_id = c.id JOIN chama_members m ON m.chama_id = c.id "
        "JOIN users u ON u.id = m.user_id JOIN consents n ON n.user_id = u.id"
    ).fetchall()
    number = row[0]
    assert f"END Faulu has the number {number}." in told
    assert row[1:] == (
        *("Faulu", "recruiting", "weekly", 500_00, 2, 500_00),
        *("Daudi", DAUDI, "en", "chairperson", "confirmed", "en"),
    )
    # Halima joins by the number; Daudi lets her in, takes nobody else and starts.
    pressed(halima, "", "4", "1", number, "1", "1", "Halima")
    assert "Halima" in pressed(daudi, "4*3")
    assert daudi.press("1").endswith("0 Back 00 Home") and daudi.press("1").startswith("END Done: the new member is in")
    pressed(daudi, "7*3", "4", "1")
    pressed(daudi, "7*3", "1", "1")
    while lifecycle.go_on(wiring):
        pass
    assert conn.execute("SELECT status FROM chamas").fetchall() == [("active",)]
    assert conn.execute("SELECT count(*) FROM contributions WHERE due_cents = 50000").fetchall() == [(2,)]
    assert "Faulu: paid 0 of 500" in pressed(halima, "")


def test_nobody_takes_numbers_without_end(app: Flask, conn: Connection[Any]) -> None:
    village.settle(conn, START)
    njeri = phone_on(app, village.phone_of(4))
    assert [founded(njeri, name)[:3] for name in ("Imani", "Faulu", "Jitegemee")] == ["END"] * 3
    assert TooManyFounded.words[:60] in founded(njeri, "Tujenge")
    count = "SELECT count(*) FROM chamas WHERE status = 'recruiting'"
    assert conn.execute(count).fetchone() == (3,)
    assert conn.execute("SELECT count(*) FROM books WHERE kind = 'chama'").fetchone() == (4,)
    conn.execute("UPDATE chamas SET status = 'cancelled' WHERE name = 'Imani'")
    assert founded(njeri, "Tujenge").startswith("END Tujenge has the number ")


def test_an_official_has_those_reminded_who_owe_once_a_day(
    app: Flask, conn: Connection[Any], wiring: Wiring, clock: HandClock
) -> None:
    settled = village.settle(conn, START, paid=(6, 8))
    amina = phone_on(app, village.phone_of(1))
    assert "Umoja, round 7. Not paid yet: 7. Remind them by SMS?" in pressed(amina, "7*7")
    assert conn.execute("SELECT count(*) FROM notifications").fetchone() == (0,)
    assert amina.press("1").startswith("END Reminded by SMS: 6.")
    sent = "SELECT user_id FROM notifications WHERE template = 'reminder' ORDER BY user_id"
    owing = [settled.users[place - 1] for place in (2, 3, 4, 5, 7, 9)]
    assert conn.execute(sent).fetchall() == [(user_id,) for user_id in owing]
    assert pressed(amina, "7*7", "1").startswith("END Nobody is reminded")
    # Who wants none and who has paid meanwhile gets none: it is looked at when it would leave.
    preferences.choose(conn, owing[0], Preferences(reminders=False), at=START)
    conn.execute("UPDATE contributions SET paid_cents = due_cents, state = 'paid' WHERE member_id = %s",
                 [settled.members[2]])  # fmt: skip
    with wiring.transaction() as working:
        claimed = couriers.claim_due(working, at=clock.now(), limit=50)
    assert len(claimed) == 4
    clock.advance(86_400)
    assert pressed(amina, "7*7", "1").startswith("END Reminded by SMS: 4.")
    # The calendar's own reminder of a day is not followed by another on that day.
    clock.advance(86_400)
    contribution = conn.execute("SELECT id FROM contributions WHERE member_id = %s", [settled.members[3]]).fetchone()
    conn.execute(
        "UPDATE notifications SET dedupe_key = 'reminder:' || %s || ':1', queued_at = %s WHERE id = (SELECT max(id) "
        "FROM notifications WHERE user_id = %s)",
        [contribution and contribution[0], clock.now(), settled.users[3]],
    )
    assert pressed(amina, "7*7", "1").startswith("END Reminded by SMS: 3.")
    with pytest.raises(OfficialsOnly):
        reminders.remind_now(conn, settled.chama_id, by_user_id=settled.users[4], at=START + timedelta(days=4))
    conn.execute("UPDATE chamas SET status = 'completed'")
    with pytest.raises(NotNow):
        reminders.remind_now(conn, settled.chama_id, by_user_id=settled.users[0], at=START)
