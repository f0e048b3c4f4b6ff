"""People who come into a group by a page or a program: the same rules as on the phone, refused in the same words."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import redis
from flask.testing import FlaskClient
from psycopg import Connection

from chamas.entrance import joining
from chamas.entrance.invitations import InvitationExpired, TooManyWrongCodes, WrongCode
from chamas.members.refusals import AlreadyJoined, ChamaFull
from ledger.refusals import Refusal
from menus import locale
from menus.phone import Phone
from tests.chamas.door import DAUDI, HALIMA, JUMA, Door, founded
from tests.gateway.conftest import proof_in, sign_in
from tests.gateway.test_api import Program, fits
from tests.gateway.town import Town
from tests.instruments import START, HandClock
from tests.phones import phone_on


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
        "SELECT i.code, n.arguments FROM invitations i, notifications n WHERE n.template = 'house_invitation'"
    ).fetchall()
    # In nobody's name: the chairperson has not invited her.
    assert sms["code"] == code and "name" not in sms
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
    assert program.get(f"/members/{seat['member_id']}/access").get_json()["actions"] == ["recall", "see_money"]
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


LATE = "+254700000035"
# Who cannot come in by what she types, and what she is told on the phone, on the page and by a program: acceptance 3.
REFUSED: dict[str, tuple[str, str, type[Refusal]]] = {
    "full chama": (DAUDI, "51907", ChamaFull),
    "already joined": (HALIMA, "51907", AlreadyJoined),
    "invalid id": (DAUDI, "99999", WrongCode),
    "expired invitation": (LATE, "", InvitationExpired),
}


@pytest.mark.parametrize("way", ["phone", "page", "API"])
def test_who_cannot_come_in_is_refused_in_words(  # noqa: PLR0917 - fixtures
    way: str, client: FlaskClient, umoja: Town, door: Door, clock: HandClock, redis_url: str
) -> None:
    late, phones = door.invite(LATE), dict[str, Phone]()
    fill(door)

    def types(phone: str, typed: str) -> str:
        """What is said when the owner of this phone types that."""
        if way == "API":
            return str(Program(client, umoja.token).post("/joins", named(phone, typed=typed)).get_json()["detail"])
        if way == "page":
            if client.get("/desk/chamas").status_code != 200:
                sign_in(client)
            answer = press(client, door, "join", **named(phone, typed=typed))
            assert answer.status_code == 409
            return unescape(answer.text)
        with redis.Redis.from_url(redis_url) as store:
            # Her last session is over, and nothing leads back into it.
            store.flushall()
        dialled = phones.setdefault(phone, phone_on(client.application, phone))
        if dialled.dial("*384*123#").startswith("CON Karibu"):
            dialled.press("4")
            dialled.press("1")
        else:
            dialled.dial("*384*123*6*7#")
        return dialled.press(typed)

    for case, (phone, typed, refusal) in REFUSED.items():
        if refusal is InvitationExpired:
            clock.advance(timedelta(days=7).total_seconds())
        said = types(phone, typed or late.code)
        # On the phone WrongCode counts the tries behind its first sentence.
        sentences = {locale.say(one, refusal.words).partition(".")[0] for one in locale.LANGUAGES}
        assert any(one in said for one in sentences), (case, said)
    # The fifth wrong one closes the door, to the right number too.
    closed = {locale.say(one, TooManyWrongCodes.words).partition(".")[0] for one in locale.LANGUAGES}
    tries = ("11111", "222222", "33333", "44444", "55555", "51907")
    said_to = [types(DAUDI, typed) for typed in tries]
    assert [any(one in said for one in closed) for said in said_to] == [False] * 4 + [True] * 2, said_to
    kept = door.conn.execute("SELECT count(*) FROM chama_members WHERE status = 'confirmed'").fetchone()
    assert kept == (3,)


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


def test_a_form_that_says_nothing_readable_is_refused_in_words(desk: FlaskClient, program: Program, door: Door) -> None:
    asked = {
        "Not a phone number": named("12", typed="51907"),
        "One word of letters": {**named(DAUDI, typed="51907"), "first_name": "D4udi"},
    }
    for words, form in asked.items():
        answer = press(desk, door, "join", **form)
        assert (answer.status_code, words in answer.text) == (409, True)
    assert told(program.post("/joins", named("12", typed="51907")))[0] == 422
    assert told(program.post(f"/chamas/{10**6}/invitations", named(DAUDI)))[:2] == (404, "unknown_chama")
    assert desk.get("/desk/chamas/1000000").status_code == 404
