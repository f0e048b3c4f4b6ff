"""Officials of groups at the desk: a code by SMS lets them in, to their own groups only; their PIN lets money go."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from psycopg import Connection
from werkzeug.test import TestResponse

from chamas.approving.approvals import Subject
from chamas.meeting import meetings
from chamas.members import pins
from chamas.payouts import asking, disbursements
from chamas.payouts.disbursements import Purpose
from gateway.desk import guard, office_codes
from gateway.wiring import Wiring
from ledger import books
from tests.gateway import town
from tests.gateway.conftest import proof_in
from tests.gateway.town import Town, one
from tests.instruments import START, HandClock, SeededChance

AMINA, BARAKA, PIN = town.PHONES[0], town.PHONES[1], "73519"


def posted(client: FlaskClient, page: str, to: str, **fields: str) -> TestResponse:
    return client.post(to, data={"form_proof": proof_in(client.get(page).text), **fields})


def codes(conn: Connection[Any]) -> list[tuple[str, str]]:
    """Who was sent which code."""
    return conn.execute(
        "SELECT u.phone, n.arguments->>'number' FROM notifications n JOIN users u ON u.id = n.user_id "
        "WHERE template = 'desk_code' ORDER BY n.id"
    ).fetchall()


def sign_in(client: FlaskClient, conn: Connection[Any], phone: str) -> TestResponse:
    posted(client, "/desk/officials", "/desk/officials", phone=phone)
    return posted(client, "/desk/officials", "/desk/officials/code", phone=phone, code=codes(conn)[-1][1])


@pytest.fixture
def elsewhere(conn: Connection[Any], umoja: Town, web_wiring: Wiring) -> int:
    """Amina and Chebet hold offices in Umoja; Amina is a member of Tumaini, without an office. Its id."""
    conn.execute("UPDATE chama_members SET role = 'chairperson' WHERE id = %s", [umoja.member_ids[0]])
    conn.execute("UPDATE chama_members SET role = 'treasurer' WHERE id = %s", [umoja.member_ids[2]])
    other = one(
        conn,
        "INSERT INTO chamas (number, name, kind, status, frequency, contribution_cents, member_target, book_id, "
        "created_at) SELECT '10002', 'Tumaini', kind, status, frequency, contribution_cents, member_target, %s, "
        "created_at FROM chamas WHERE id = %s RETURNING id",
        books.open_book(conn, kind="chama", name="Tumaini", at=START),
        umoja.chama_id,
    )
    conn.execute(
        "INSERT INTO chama_members (chama_id, user_id, number, role, status, join_method, joined_at) "
        "SELECT %s, user_id, 1, 'member', 'active', 'number', %s FROM chama_members WHERE id = %s",
        [other, START, umoja.member_ids[0]],
    )
    return int(other)


def test_a_code_by_sms_lets_an_official_in_once_to_her_own_groups(
    client: FlaskClient, conn: Connection[Any], umoja: Town, elsewhere: int, clock: HandClock
) -> None:
    # The same page for an official, a member and a stranger; only the official is sent anything, and once.
    pages = [posted(client, "/desk/officials", "/desk/officials", phone=phone) for phone in (AMINA, BARAKA, AMINA)]
    plain = {page.text.replace(AMINA, "").replace(BARAKA, "") for page in pages}
    assert len(plain) == 1 and [page.status_code for page in pages] == [200] * 3
    [(phone, code)] = codes(conn)
    assert phone == AMINA and len(code) == 6
    entering = {"page": "/desk/officials", "to": "/desk/officials/code"}
    assert posted(client, **entering, phone=BARAKA, code=code).status_code == 403
    assert posted(client, **entering, phone=AMINA, code="000000").status_code == 403
    answer = posted(client, **entering, phone=AMINA, code=code)
    assert (answer.status_code, answer.location) == (303, "/desk/chamas")
    found = client.get("/desk/chamas").text
    assert "Umoja" in found and "Tumaini" not in found
    assert client.get(f"/desk/chamas/{umoja.chama_id}").status_code == 200
    assert client.get(f"/desk/chamas/{elsewhere}").status_code == 404
    for closed in ("/desk/status", "/desk/callers", "/desk/unmatched", "/desk/incidents", "/desk/import", "/desk/days"):
        assert client.get(closed).status_code == 403, closed
    for open_to_her in ("/desk/payouts", "/desk/taken-back", f"/desk/chamas/{umoja.chama_id}/rules"):
        assert client.get(open_to_her).status_code == 200, open_to_her
    assert client.get("/desk/").location == "/desk/chamas"
    # A code lets in once; who loses her office is out at her next click.
    other = client.application.test_client()
    assert posted(other, **entering, phone=AMINA, code=code).status_code == 403
    conn.execute("UPDATE chama_members SET role = 'member' WHERE id = %s", [umoja.member_ids[0]])
    assert client.get("/desk/chamas").status_code == 303


def test_a_code_counts_once_its_sms_is_committed(
    conn: Connection[Any], web_wiring: Wiring, elsewhere: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever was cut off in between wishes again half a minute later, and is not kept out by a code nobody has."""

    def cut_off(*_what: object, **_how: object) -> None:
        raise ConnectionAbortedError

    with monkeypatch.context() as patch:
        patch.setattr(office_codes.notices, "queue", cut_off)
        with pytest.raises(ConnectionAbortedError):
            office_codes.send(web_wiring, AMINA, person_key=b"p" * 32, caller_key=b"c" * 32)
    assert elsewhere
    [key] = web_wiring.redis.keys("desk-code:*")  # type: ignore[misc]
    assert 0 < web_wiring.redis.ttl(key) <= 30  # type: ignore[operator]
    office_codes.send(web_wiring, AMINA, person_key=b"p" * 32, caller_key=b"c" * 32)
    assert codes(conn) == []
    web_wiring.redis.delete(key)
    office_codes.send(web_wiring, AMINA, person_key=b"p" * 32, caller_key=b"c" * 32)
    assert [phone for phone, _code in codes(conn)] == [AMINA]
    assert web_wiring.redis.ttl(key) > 30  # type: ignore[operator]


def test_guessing_codes_slows_down_and_a_code_dies(
    client: FlaskClient, conn: Connection[Any], elsewhere: int, clock: HandClock, web_wiring: Wiring
) -> None:
    posted(client, "/desk/officials", "/desk/officials", phone=AMINA)
    entering = {"page": "/desk/officials", "to": "/desk/officials/code", "phone": AMINA}
    tries = [posted(client, **entering, code="000000").status_code for _ in range(5)]
    assert tries == [403, 403, 403, 403, 429]
    # The right one waits too, and by then it is older than ten minutes.
    right = codes(conn)[0][1]
    assert posted(client, **entering, code=right).status_code == 429
    for key in web_wiring.redis.keys("desk-code:*"):  # type: ignore[union-attr]
        assert 0 < int(web_wiring.redis.ttl(key)) <= 600
        web_wiring.redis.delete(key)
    clock.advance(3_601)
    assert posted(client, **entering, code=right).status_code == 403


def test_no_code_opens_the_house_to_an_operator_who_holds_an_office(
    client: FlaskClient, conn: Connection[Any], umoja: Town, elsewhere: int
) -> None:
    def promote(role: str | None) -> None:
        conn.execute("UPDATE users SET platform_role = %s WHERE phone = %s", [role, AMINA])

    promote("admin")
    posted(client, "/desk/officials", "/desk/officials", phone=AMINA)
    assert codes(conn) == []
    # Nor one that was sent before she became one.
    promote(None)
    posted(client, "/desk/officials", "/desk/officials", phone=AMINA)
    promote("admin")
    entered = posted(client, "/desk/officials", "/desk/officials/code", phone=AMINA, code=codes(conn)[0][1])
    assert (entered.status_code, client.get("/desk/status").status_code) == (403, 303)


def test_her_word_takes_her_chama_pin(
    client: FlaskClient, conn: Connection[Any], umoja: Town, elsewhere: int, web_wiring: Wiring
) -> None:
    conn.execute("UPDATE chama_members SET role = 'secretary' WHERE id = %s", [umoja.member_ids[1]])
    conn.execute("UPDATE rule_sets SET more = '{\"approvals\": 1}'")
    user_id = one(conn, "SELECT user_id FROM chama_members WHERE id = %s", umoja.member_ids[0])
    made = {"phone": None, "pepper": web_wiring.settings.pin_pepper, "at": START, "chance": SeededChance()}
    pins.set_pin(conn, user_id, PIN, **made)  # type: ignore[arg-type]
    asked = asking.ask(
        conn,
        asker_member_id=umoja.member_ids[2],
        payee_member_id=umoja.member_ids[1],
        amount_cents=100_00,
        purpose=Purpose.WELFARE,
        at=START,
    )
    assert sign_in(client, conn, AMINA).status_code == 303
    page = f"/desk/disbursements/{asked.id}"
    assert "CHAMA PIN" in client.get(page).text
    seen = disbursements.by_id(conn, asked.id).digest.hex()
    answers = [posted(client, page, f"{page}/approve", seen=seen, password=typed) for typed in ("11111", PIN)]
    assert [answer.status_code for answer in answers] == [403, 303]
    said = conn.execute("SELECT subject, user_id, vote, proof FROM approvals").fetchall()
    assert said == [(Subject.DISBURSEMENT, user_id, "approve", "step_up")]


def test_an_official_is_offered_nothing_that_is_closed_to_her(
    client: FlaskClient, conn: Connection[Any], umoja: Town, elsewhere: int
) -> None:
    """Every link of her pages opens, and every form leads where she is let in; meetings and requests among them."""
    user_id = one(conn, "SELECT user_id FROM chama_members WHERE id = %s", umoja.member_ids[0])
    conn.execute("UPDATE chama_members SET role = 'secretary' WHERE id = %s", [umoja.member_ids[1]])
    conn.execute("UPDATE rule_sets SET more = '{\"approvals\": 1}'")
    meetings.convene(conn, umoja.chama_id, by_user_id=user_id, at=START)
    asking.ask(
        conn,
        asker_member_id=umoja.member_ids[2],
        payee_member_id=umoja.member_ids[1],
        amount_cents=100_00,
        purpose=Purpose.WELFARE,
        at=START,
    )
    assert sign_in(client, conn, AMINA).status_code == 303
    address = client.application.url_map.bind("localhost")
    waiting, seen = ["/desk/chamas", "/desk/taken-back"], set[str]()
    while waiting:
        here = waiting.pop()
        if here in seen or not here.startswith("/desk"):
            continue
        seen.add(here)
        page = client.get(here)
        assert page.status_code in (200, 303), here
        if not page.mimetype.startswith("text/html"):
            continue
        for to in re.findall(r'action="([^"]+)"', page.text):
            method = re.search(rf'method="(\w+)" action="{re.escape(to)}"', page.text)
            endpoint, _ = address.match(urlsplit(to).path, (method[1] if method else "get").upper())
            assert endpoint in guard.OFFICIALS_PAGES, (here, to)
        waiting += [to.replace("&amp;", "&") for to in re.findall(r'href="(/desk[^"#]*)"', page.text)]
    assert len(seen) > 12, seen
    assert client.get("/desk/meetings/999").status_code == 404


def test_no_link_puts_words_into_the_desks_own_notice(
    client: FlaskClient, conn: Connection[Any], umoja: Town, elsewhere: int
) -> None:
    sign_in(client, conn, AMINA)
    page = f"/desk/chamas/{umoja.chama_id}"
    conn.execute("UPDATE chamas SET status = 'recruiting', member_target = 9")
    invited = {"phone": "+254700000077", "first_name": "Daudi", "language": "en"}
    answer = posted(client, page, f"{page}/invite", **invited)
    assert '<p role="status">The invitation leaves' in client.get(answer.location).text
    proof = answer.location.rsplit("by=", 1)[1]
    for forged in ("done=Your+session+has+ended", f"done=Your+session+has+ended&by={proof}", "done=x&by=%C3%A9"):
        for shown in (page, f"{page}/rules", f"{page}/motions", "/desk/taken-back"):
            assert 'role="status"' not in client.get(f"{shown}?{forged}").text, (shown, forged)
