"""What is kept of a person, at each of its doors, and who has seen her papers: written down before they are shown."""

import re
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from psycopg import Connection

from gateway.wiring import Wiring
from tests.gateway import test_officials_desk as officials
from tests.gateway.test_api import Program
from tests.gateway.test_desk_register import JPEG, Desk
from tests.gateway.town import PHONES, Town
from tests.phones import phone_on

NATIONAL_ID = "23456789"


@pytest.fixture
def handed_in(app: Flask, conn: Connection[Any], umoja: Town, web_wiring: Wiring) -> Desk:
    """Grace of the house wrote down what is on the first member's papers; the member speaks English."""
    object.__setattr__(web_wiring.settings, "credentials_keys", "ab" * 32)
    conn.execute("UPDATE users SET language = 'en' WHERE phone = %s", [PHONES[0]])
    desk = Desk(app.test_client())
    page = f"/members/{umoja.member_ids[0]}"
    desk.post(f"{page}/papers", first_name="Wanjiku", last_name="Kamau", national_id=NATIONAL_ID)
    desk.post(f"{page}/files", kind="document", file=(BytesIO(JPEG), "card"))
    return desk


def seen(conn: Connection[Any]) -> list[tuple[str, str, int]]:
    """Who saw what of the first member, oldest first, and how often."""
    return conn.execute(
        "SELECT b.first_name, l.what, count(*) FROM identity_looks l JOIN users b ON b.id = l.seen_by "
        "JOIN users u ON u.id = l.user_id WHERE u.phone = %s GROUP BY 1, 2 ORDER BY min(l.id)",
        [PHONES[0]],
    ).fetchall()


def test_whoever_sees_her_papers_is_known_to_her_on_her_phone_at_the_desk_and_to_programs(
    app: Flask, conn: Connection[Any], umoja: Town, handed_in: Desk
) -> None:
    member_id = umoja.member_ids[0]
    phone = phone_on(app, PHONES[0])
    assert "Who saw it: nobody" in phone.dial("*384*123*6*98*13*4#")
    for _look in range(2):
        page = handed_in.get(f"/desk/members/{member_id}")
        assert NATIONAL_ID in page
    [document] = re.findall(r'href="(/desk/files/\d+)"', page)
    assert handed_in.client.get(document).data == JPEG
    handed_in.post("/phones", 200, phone="0700000001")
    told = Program(app.test_client(), umoja.token).get(f"/members/{member_id}/data").get_json()
    assert (told["name"], told["phone"], told["papers"]) == ("Wanjiku Kamau", "0700***001", "submitted")
    assert [(one["chama"], one["number"]) for one in told["places"]] == [("Umoja", 1)]
    grace = [("steps", 1), ("document", 1), ("national_id", 2)]
    assert [(one["what"], one["times"]) for one in told["looks"]] == grace
    assert seen(conn) == [("Grace", what, times) for what, times in reversed(grace)] + [("Grace", "data", 1)]
    heard = phone.dial("*384*123*6*98*13*4#")
    for line in ("all my data", "steps on this menu", "ID papers", "ID number"):
        assert re.search(rf"\d+/11 Grace: {line}\n", heard), line
    # She looks at her own, as an official: that is no look, and others are not hers to see.
    conn.execute("UPDATE chama_members SET role = 'chairperson' WHERE id = %s", [member_id])
    own = app.test_client()
    officials.sign_in(own, conn, PHONES[0])
    mine = own.get("/desk/my-data").text
    assert "Wanjiku Kamau" in mine and "0700***001" in mine and "Grace, a document" in mine
    assert own.get(f"/desk/members/{umoja.member_ids[1]}/data").status_code == 403
    assert "Grace, the ID number, 2 times that day" in handed_in.get(f"/desk/members/{member_id}/data")
    assert seen(conn)[-1] == ("Grace", "data", 2)
    assert Program(app.test_client(), umoja.token).get("/members/999999/data").status_code == 404


def test_support_sees_the_end_of_a_number_and_no_document(
    app: Flask, conn: Connection[Any], umoja: Town, handed_in: Desk
) -> None:
    [document] = re.findall(r'href="(/desk/files/\d+)"', handed_in.get(f"/desk/members/{umoja.member_ids[0]}"))
    conn.execute("UPDATE users SET platform_role = 'support' WHERE id = %s", [umoja.admin_id])
    before = seen(conn)
    page = handed_in.get(f"/desk/members/{umoja.member_ids[0]}")
    assert "*****789" in page and NATIONAL_ID not in page
    for closed in (document, f"/desk/members/{umoja.member_ids[0]}/data"):
        assert handed_in.client.get(closed).status_code == 403, closed
    assert seen(conn) == before


def test_what_cannot_be_written_down_is_not_shown(
    app: Flask, conn: Connection[Any], umoja: Town, handed_in: Desk
) -> None:
    member_id = umoja.member_ids[0]
    [document] = re.findall(r'href="(/desk/files/\d+)"', handed_in.get(f"/desk/members/{member_id}"))
    conn.execute("REVOKE INSERT ON identity_looks FROM pesachama_web")
    app.config["PROPAGATE_EXCEPTIONS"] = False
    for path, private in ((f"/desk/members/{member_id}", NATIONAL_ID.encode()), (document, JPEG)):
        answer = handed_in.client.get(path)
        assert answer.status_code >= 500 and private not in answer.data, path
    data = Program(app.test_client(), umoja.token).get(f"/members/{member_id}/data")
    assert data.status_code >= 500 and b"Kamau" not in data.data
