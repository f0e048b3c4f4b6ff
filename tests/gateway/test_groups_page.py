"""The page of one group: cash stands there as what it is, confirmed or not."""

from typing import Any

from flask.testing import FlaskClient
from psycopg import Connection

from chamas.arriving import cash
from chamas.meeting import confirming
from gateway.wiring import Wiring
from tests.gateway.conftest import proof_in, sign_in
from tests.gateway.town import Town
from tests.instruments import START


def test_cash_that_nobody_confirmed_shows_as_such(client: FlaskClient, conn: Connection[Any], umoja: Town) -> None:
    conn.execute("UPDATE chama_members SET role = 'treasurer' WHERE id = %s", [umoja.member_ids[0]])
    [(treasurer,)] = conn.execute("SELECT user_id FROM chama_members WHERE id = %s", [umoja.member_ids[0]]).fetchall()
    claim = cash.record(conn, by_user_id=treasurer, chama_id=umoja.chama_id, number=2, amount_cents=300_00, at=START)
    sign_in(client)
    page = f"/desk/chamas/{umoja.chama_id}"
    assert "not confirmed" in client.get(page).text
    cash.say(conn, claim.id, user_id=claim.user_id, said_cents=200_00, at=START)
    shown = client.get(page).text
    assert "disputed" in shown
    assert "not confirmed" not in shown


def test_what_members_say_and_who_could_leave_with_the_pot_stands_there(
    client: FlaskClient, conn: Connection[Any], umoja: Town, wiring: Wiring
) -> None:
    sign_in(client)
    page = f"/desk/chamas/{umoja.chama_id}"
    assert "data-said" not in client.get(page).text
    assert confirming.draw_due(wiring) == 1
    shown = client.get(page).text
    assert 'data-said="asked"' in shown and "nothing yet" in shown
    conn.execute("UPDATE confirmations SET state = 'wrong', answered_at = %s", [START])
    assert "not right" in client.get(page).text


def test_a_picture_to_scan_is_wished_for_served_and_called_out_of_date(
    client: FlaskClient, conn: Connection[Any], umoja: Town
) -> None:
    sign_in(client)
    page = f"/desk/chamas/{umoja.chama_id}"
    assert client.get(f"{page}/qr.png").status_code == 404
    asked = client.post(f"{page}/qr", data={"form_proof": proof_in(client.get(page).text)}, follow_redirects=True)
    assert "Safaricom is asked for it" in asked.text
    (held,) = conn.execute(
        "SELECT q.reference = c.number AND q.merchant = c.name AND q.amount_cents = c.contribution_cents "
        "FROM qr_pictures q JOIN chamas c ON c.id = q.chama_id"
    ).fetchone() or (False,)
    assert held
    conn.execute("UPDATE qr_pictures SET picture = %s, drawn_at = %s, due_at = NULL", [b"\x89PNG drawn", START])
    drawn = client.get(f"{page}/qr.png")
    assert (drawn.data, drawn.mimetype) == (b"\x89PNG drawn", "image/png")
    assert 'width="300"' in client.get(page).text and "Out of date" not in client.get(page).text
    conn.execute("UPDATE chamas SET contribution_cents = contribution_cents * 2")
    assert "Out of date" in client.get(page).text
