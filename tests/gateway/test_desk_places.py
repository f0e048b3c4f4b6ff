"""At the desk an official founds a group, lets people into it, offers a member's place, and closes a meeting."""

from typing import Any

from flask.testing import FlaskClient
from psycopg import Connection

from chamas.meeting import meetings
from chamas.members import pins
from gateway.desk.step_up import NotYou
from gateway.wiring import Wiring
from tests.gateway.conftest import proof_in
from tests.gateway.conftest import sign_in as operator_signs_in
from tests.gateway.test_officials_desk import AMINA, PIN, elsewhere, posted, sign_in
from tests.gateway.town import Town
from tests.instruments import START, SeededChance

__all__ = ["elsewhere"]

GROUP = {"name": "Jitegemee", "shillings": "200", "frequency": "monthly", "people": "6"}


def test_groups_are_founded_and_take_people(client: FlaskClient, conn: Connection[Any], elsewhere: int) -> None:
    sign_in(client, conn, AMINA)
    assert "2 to 100 people" in posted(client, "/desk/chamas", "/desk/chamas", **GROUP | {"people": "1"}).text
    assert (
        "Not a valid integer" in posted(client, "/desk/chamas", "/desk/chamas", **GROUP | {"shillings": "a lot"}).text
    )
    assert posted(client, "/desk/chamas", "/desk/chamas", **GROUP).status_code == 303
    [(chama_id, status, role, phone)] = conn.execute(
        "SELECT c.id, c.status, m.role, u.phone FROM chamas c JOIN chama_members m ON m.chama_id = c.id "
        "JOIN users u ON u.id = m.user_id WHERE c.name = 'Jitegemee'"
    ).fetchall()
    assert (status, role, phone) == ("draft", "chairperson", AMINA)
    page = f"/desk/chamas/{chama_id}"
    assert 'value="yes">Take people' in client.get(page).text and "Invite by SMS" not in client.get(page).text
    assert posted(client, page, f"{page}/recruit", opens="yes").status_code == 303
    assert "Invite by SMS" in client.get(page).text
    # An operator founds for who calls, and is no member herself.
    operator = client.application.test_client()
    operator_signs_in(operator)
    caller = {"phone": "0700000066", "first_name": "Zuri", "language": "sw"}
    assert posted(operator, "/desk/chamas", "/desk/chamas", **GROUP | {"name": "Zetu"} | caller).status_code == 303
    assert conn.execute(
        "SELECT u.phone FROM chamas c JOIN chama_members m ON m.chama_id = c.id JOIN users u ON u.id = m.user_id "
        "WHERE c.name = 'Zetu'"
    ).fetchall() == [("+254700000066",)]


def test_a_place_is_offered_and_a_meeting_closed_under_a_pin(
    client: FlaskClient, conn: Connection[Any], umoja: Town, elsewhere: int, web_wiring: Wiring
) -> None:
    conn.execute("UPDATE chama_members SET role = 'secretary' WHERE id = %s", [umoja.member_ids[1]])
    sign_in(client, conn, AMINA)
    [(amina,)] = conn.execute("SELECT id FROM users WHERE phone = %s", [AMINA]).fetchall()
    known = {"phone": None, "pepper": web_wiring.settings.pin_pepper, "chance": SeededChance()}
    pins.set_pin(conn, amina, PIN, at=START, **known)
    page = f"/desk/chamas/{umoja.chama_id}/motions"
    taker = {"number": "3", "phone": "0700000055", "first_name": "Halima", "language": "en"}
    to = page.replace("motions", "places")
    assert NotYou.words in posted(client, page, to, **taker, password="10101").text
    assert "phone: Not a phone number." in posted(client, page, to, **taker | {"phone": "12"}, password=PIN).text
    assert posted(client, page, to, **taker, password=PIN).status_code == 303
    [(kind, asker, invited)] = conn.execute(
        "SELECT x.kind, x.asked_by, u.phone FROM motions x JOIN chama_members m ON m.id = x.other_id "
        "JOIN users u ON u.id = m.user_id"
    ).fetchall()
    assert (kind, asker, invited) == ("substitution", umoja.member_ids[0], "+254700000055")
    assert "over the place of" in client.get(page).text
    meeting = meetings.convene(conn, umoja.chama_id, by_user_id=amina, at=START)
    sits = f"/desk/meetings/{meeting.id}"
    roll = {"here-2": "yes", "cash-2": "300", "fine-2": "", "here-3": "no"}
    assert posted(client, sits, f"{sits}/roll", **roll).status_code == 303
    assert NotYou.words in posted(client, sits, f"{sits}/count", counted="300", password="10101").text
    assert posted(client, sits, f"{sits}/count", counted="300", password=PIN).status_code == 303
    assert conn.execute("SELECT amount_cents, state FROM cash_claims").fetchall() == [(300_00, "recorded")]
    assert conn.execute("SELECT state FROM meetings").fetchall() == [("completed",)]
    assert proof_in(client.get(sits).text)
