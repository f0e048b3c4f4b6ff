"""People who come into a group by a page or a program: the same rules as on the phone, refused in the same words."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from psycopg import Connection

from chamas.entrance import joining
from chamas.entrance.invitations import WrongCode
from chamas.members.refusals import ChamaFull
from tests.chamas.door import DAUDI, HALIMA, JUMA, Door, founded
from tests.gateway.conftest import proof_in, sign_in
from tests.gateway.test_api import Program, fits
from tests.gateway.town import Town
from tests.instruments import START, HandClock


@pytest.fixture
def door(conn: Connection[Any]) -> Door:
    return founded(conn)


@pytest.fixture
def program(client: FlaskClient, umoja: Town) -> Program:
    return Program(client, umoja.token)


@pytest.fixture
def desk(client: FlaskClient, umoja: Town) -> FlaskClient:
    sign_in(client)
    return client


def named(phone: str, **more: Any) -> dict[str, Any]:
    return {"phone": phone, "first_name": "Daudi", "language": "en", **more}


def press(desk: FlaskClient, door: Door, what: str, **form: Any) -> Any:
    page = f"/desk/chamas/{door.chama_id}"
    return desk.post(f"{page}/{what}", data={"form_proof": proof_in(desk.get(page).text), **form})


def test_a_program_invites_and_the_code_goes_to_the_phone_only(
    program: Program, door: Door, conn: Connection[Any]
) -> None:
    answer = program.post(f"/chamas/{door.chama_id}/invitations", named("0700000032"))
    assert answer.status_code == 200
    [(code, sms)] = conn.execute(
        "SELECT i.code, n.arguments FROM invitations i, notifications n WHERE n.template = 'invitation'"
    ).fetchall()
    assert sms["code"] == code
    assert code not in answer.text
    schemas = program.get("/openapi.json").get_json()["components"]["schemas"]
    fits(schemas["Invited"], answer.get_json())
    joined = program.post("/joins", named("0700000032", typed="51907")).get_json()
    fits(schemas["Seat"], joined)
    assert (joined["member_id"], joined["status"]) == (answer.get_json()["member_id"], "confirmed")


def test_a_program_asks_and_answers(program: Program, door: Door) -> None:
    seat = program.post("/joins", named(DAUDI, typed="51907")).get_json()
    assert seat["status"] == "pending"
    reach = program.get(f"/members/{seat['member_id']}/access").get_json()
    assert reach == {"member_id": seat["member_id"], "level": "viewer", "actions": []}
    answered = program.post(f"/members/{seat['member_id']}/admission", {"yes": True}).get_json()
    assert answered["status"] == "confirmed"
    assert program.get(f"/members/{seat['member_id']}/access").get_json()["actions"] == ["see_money"]
    chair = program.get(f"/members/{door.seat.member_id}/access").get_json()
    assert (chair["level"], "invite" in chair["actions"]) == ("creator", True)


def test_who_only_reads_lets_nobody_in(desk: FlaskClient, door: Door, conn: Connection[Any], umoja: Town) -> None:
    conn.execute("UPDATE users SET platform_role = 'support' WHERE id = %s", [umoja.admin_id])
    for what, form in (("invite", named(DAUDI)), ("join", named(DAUDI, typed="51907"))):
        answer = press(desk, door, what, **form)
        assert answer.status_code == 409
        assert "Only an official of the chama can do this" in answer.text
    assert door.status_of(door.person(DAUDI)) is None


def fill(door: Door) -> None:
    for phone in (HALIMA, JUMA):
        invitation = door.invite(phone)
        joining.accept(door.conn, invitation.id, user_id=invitation.user_id, at=START)


def test_a_program_is_refused_in_words(program: Program, door: Door, clock: HandClock) -> None:
    late = door.invite("+254700000035")
    fill(door)
    assert told(program.post("/joins", named(DAUDI, typed="51907"))) == (409, "chama_full", ChamaFull.words)
    assert told(program.post("/joins", named(HALIMA, typed="51907")))[:2] == (409, "already_joined")
    assert told(program.post(f"/chamas/{10**6}/invitations", named(DAUDI)))[:2] == (404, "unknown_chama")
    clock.advance(timedelta(days=7).total_seconds())
    assert told(program.post("/joins", named("+254700000035", typed=late.code)))[:2] == (410, "invitation_expired")
    wrong = [told(program.post("/joins", named(DAUDI, typed="999999")))[:2] for _ in range(6)]
    assert wrong == [(404, "wrong_code")] * 4 + [(429, "too_many_wrong_codes")] * 2
    assert told(program.post("/joins", named("12", typed="51907")))[0] == 422


def told(answer: Any) -> tuple[int, str, str]:
    problem = answer.get_json()
    return answer.status_code, problem["code"], problem["detail"]


def test_the_desk_shows_groups_and_lets_people_in(desk: FlaskClient, door: Door) -> None:
    assert "Tumaini" in desk.get("/desk/chamas").text
    assert press(desk, door, "join", **named("0700000032", typed="51907")).status_code == 303
    page = desk.get(f"/desk/chamas/{door.chama_id}").text
    assert "Daudi, number 2" in page
    assert DAUDI not in page
    [(member, _, _)] = joining.requests(door.conn, door.chama_id)
    assert press(desk, door, "admit", member=member, yes="yes").status_code == 303
    assert door.status_of(door.person(DAUDI)) == "confirmed"
    assert press(desk, door, "invite", **named("0700000033")).status_code == 303
    assert door.status_of(door.person(HALIMA)) == "invited"


def test_the_desk_refuses_in_words(desk: FlaskClient, door: Door, clock: HandClock) -> None:
    late = door.invite("+254700000035")
    fill(door)
    asked = {
        "This chama is full": named(DAUDI, typed="51907"),
        "This number is in this chama already": named(HALIMA, typed="51907"),
        "Not a phone number": named("12", typed="51907"),
        "One word of letters": {**named(DAUDI, typed="51907"), "first_name": "D4udi"},
    }
    for words, form in asked.items():
        answer = press(desk, door, "join", **form)
        assert answer.status_code == 409
        assert words in answer.text
    clock.advance(timedelta(days=7).total_seconds())
    sign_in(desk)
    over = press(desk, door, "join", **named("+254700000035", typed=late.code))
    assert "This invitation is over" in over.text
    wrong = [press(desk, door, "join", **named(DAUDI, typed="999999")).text for _ in range(5)]
    assert WrongCode.words in wrong[0]
    assert "Too many wrong codes" in wrong[4]
    assert desk.get("/desk/chamas/1000000").status_code == 404
