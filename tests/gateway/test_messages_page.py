"""The desk's pages about messages: what a group was told, what that cost, and how one person wants to be told."""

from typing import Any

from flask.testing import FlaskClient
from psycopg import Connection
from werkzeug.test import TestResponse

from chamas.telling import caps, couriers, notices, preferences
from chamas.telling.notices import Notice
from chamas.telling.preferences import Preferences
from tests.gateway import test_officials_desk as officials
from tests.gateway.conftest import proof_in, sign_in
from tests.gateway.test_texts_words import NEWS
from tests.gateway.town import Town
from tests.instruments import START


def posted(client: FlaskClient, path: str, page: str, **fields: str) -> TestResponse:
    """Fills in the form of a page."""
    return client.post(path, data={"form_proof": proof_in(client.get(page).text), **fields})


def test_what_was_sent_what_failed_and_what_it_cost(client: FlaskClient, conn: Connection[Any], umoja: Town) -> None:
    [(first,)] = conn.execute("SELECT user_id FROM chama_members WHERE id = %s", [umoja.member_ids[0]]).fetchall()
    told = [Notice(f"receipt:{n}", "contribution_received", first, umoja.chama_id, NEWS) for n in range(3)]
    notices.queue(conn, told, at=START)
    one, two, _three = couriers.claim_due(conn, at=START, limit=9)
    notices.record_sent(conn, one.id, provider_id="ATPid_1", cost_cents=80, at=START)
    notices.record_failed(conn, two.id, "UserInBlacklist")
    sign_in(client)
    page = f"/desk/chamas/{umoja.chama_id}/messages"
    shown = client.get(page).text
    # What was taken, and what may have been.
    assert "data-spent>1.60<" in shown
    assert "UserInBlacklist" in shown and "Unclear" in shown
    assert posted(client, f"{page}/cap", page, shillings="1").status_code == 303
    assert "of 1." in client.get(page).text and "wait for the next dial" in client.get(page).text
    for typed in ("", "-1", "1.5", "200001", "many"):
        assert posted(client, f"{page}/cap", page, shillings=typed).status_code == 409
    assert client.get("/desk/chamas/999/messages").status_code == 404


def test_an_official_sees_what_her_group_spent_and_not_what_others_were_told(
    client: FlaskClient, conn: Connection[Any], umoja: Town
) -> None:
    """Beside a cap of all of it stood once what her own messages had cost."""
    conn.execute("UPDATE chama_members SET role = 'treasurer' WHERE id = %s", [umoja.member_ids[0]])
    caps.cap(conn, umoja.chama_id, 70_00, at=START)
    members = conn.execute("SELECT user_id FROM chama_members WHERE id = ANY(%s)", [list(umoja.member_ids)]).fetchall()
    told = [Notice(f"receipt:{her}", "contribution_received", her, umoja.chama_id, NEWS) for (her,) in members]
    notices.queue(conn, told, at=START)
    for number, due in enumerate(couriers.claim_due(conn, at=START, limit=9)):
        notices.record_sent(conn, due.id, provider_id=f"ATPid_{number}", cost_cents=80, at=START)
    officials.sign_in(client, conn, officials.AMINA)
    page = client.get(f"/desk/chamas/{umoja.chama_id}/messages").text
    [(spent,)] = conn.execute("SELECT sum(cost_cents)::bigint FROM notifications").fetchall()
    assert spent == 80 * len(members) and f"data-spent>{spent / 100:.2f}</b> of 70." in page
    assert page.count("contribution received") == 1


def test_what_she_says_on_the_helpline_is_kept(client: FlaskClient, conn: Connection[Any], umoja: Town) -> None:
    [(her,)] = conn.execute("SELECT user_id FROM chama_members WHERE id = %s", [umoja.member_ids[0]]).fetchall()
    sign_in(client)
    page = f"/desk/people/{her}/messages"
    wanted = {"email": "njeri@mail.example", "at_night": "on", "language": "sw"}
    assert posted(client, page, page, **wanted).status_code == 303
    assert preferences.of(conn, her) == Preferences(
        sms=False, email="njeri@mail.example", push=False, reminders=False, at_night=True
    )
    assert conn.execute("SELECT language FROM users WHERE id = %s", [her]).fetchall() == [("sw",)]
    assert "njeri@mail.example" in client.get(page).text
    assert posted(client, page, page, **{**wanted, "email": "nobody"}).status_code == 409
    assert posted(client, page, page, **{**wanted, "language": "fr"}).status_code == 409
    assert client.get("/desk/people/999/messages").status_code == 404


def test_an_app_registers_itself_by_the_api(client: FlaskClient, conn: Connection[Any], umoja: Town) -> None:
    path, bearer = f"/api/v1/members/{umoja.member_ids[0]}/devices", {"Authorization": f"Bearer {umoja.token}"}
    for token, count in (("one", 1), ("two", 2), ("one", 2)):
        assert client.post(path, json={"token": token}, headers=bearer).json["devices"] == count
    [(her,)] = conn.execute("SELECT user_id FROM chama_members WHERE id = %s", [umoja.member_ids[0]]).fetchall()
    assert preferences.of(conn, her) == Preferences(push=True)
    assert [client.post(path, json=body, headers=bearer).status_code for body in ({}, {"token": ""}, {"token": 7})] == [
        422, 422, 422,
    ]  # fmt: skip
    assert client.post("/api/v1/members/999/devices", json={"token": "x"}, headers=bearer).status_code == 404
