"""The desk through its door: who gets in, what the pages show, and what they must never show."""

import gzip
import re
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient
from psycopg import Connection

from gateway.desk import guard, sessions
from gateway.desk import sign_in as sign_in_rules
from gateway.wiring import Wiring
from ledger.retries import again
from tests.gateway import town
from tests.gateway.conftest import proof_in, sign_in
from tests.gateway.town import Town
from tests.instruments import START, HandClock


def test_the_admin_signs_in_and_out(client: FlaskClient, conn: Connection[Any], umoja: Town) -> None:
    answer = sign_in(client)
    assert (answer.status_code, answer.location) == (303, "/desk/status")
    cookie = next(value for value in answer.headers.getlist("Set-Cookie") if value.startswith("desk="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    page = client.get("/desk/status")
    assert page.status_code == 200
    token = cookie.split(";")[0].removeprefix("desk=")
    assert conn.execute("SELECT token_hash = sha256(%s) FROM web_sessions", [token.encode()]).fetchall() == [(True,)]
    assert client.post("/desk/sign-out", data={"form_proof": proof_in(page.text)}).status_code == 303
    assert conn.execute("SELECT count(*) FROM web_sessions").fetchone() == (0,)
    client.set_cookie("desk", token)
    assert client.get("/desk/status").status_code == 303


def test_a_stranger_is_sent_to_the_form_and_comes_back(client: FlaskClient, umoja: Town) -> None:
    page = client.get(f"/desk/payments/{umoja.paid_id}")
    assert page.location == f"/desk/sign-in?next=/desk/payments/{umoja.paid_id}"
    assert client.get("/desk/status/feed").status_code == 401
    assert sign_in(client, onward=f"/desk/payments/{umoja.paid_id}").location == f"/desk/payments/{umoja.paid_id}"


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example/desk/",
        "https://evil.example",
        "/desk/\\evil.example",
        "/desk/../api",
        "/desk/\t/x",
        "",
        "/",
        "desk/",
    ],
)
def test_next_never_leads_away(app: Any, target: str) -> None:
    with app.test_request_context():
        assert guard.safe_next(target) == "/desk/status"
        assert guard.safe_next("/desk/payments/4") == "/desk/payments/4"


def test_an_unknown_address_and_a_wrong_password_get_one_answer(client: FlaskClient, umoja: Town) -> None:
    wrong = sign_in(client, password="guess")
    unknown = sign_in(client, email="nobody@pesachama.example", password="guess")
    assert wrong.status_code == unknown.status_code == 403
    assert wrong.text.replace(town.EMAIL, "") == unknown.text.replace("nobody@pesachama.example", "")


def test_a_member_without_a_role_does_not_get_in(client: FlaskClient, conn: Connection[Any], umoja: Town) -> None:
    conn.execute("UPDATE users SET platform_role = NULL WHERE id = %s", [umoja.admin_id])
    assert sign_in(client).status_code == 403


def test_guessing_slows_down_and_the_right_password_waits_too(
    client: FlaskClient, umoja: Town, clock: HandClock
) -> None:
    assert [sign_in(client, password="guess").status_code for _ in range(5)] == [403, 403, 403, 403, 429]
    refused = sign_in(client)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) <= 3
    clock.advance(3)
    assert sign_in(client).status_code == 303


def test_each_wrong_try_doubles_the_wait_up_to_five_minutes(client: FlaskClient, umoja: Town, clock: HandClock) -> None:
    waits = []
    for _ in range(14):
        answer = sign_in(client, email="nobody@pesachama.example", password="guess")
        if answer.status_code == 429:
            waits.append(int(answer.headers["Retry-After"]) - 1)
            clock.advance(waits[-1])
    assert waits == [2, 4, 8, 16, 32]


def test_one_caller_cannot_try_many_addresses(client: FlaskClient, umoja: Town) -> None:
    answers = [sign_in(client, email=f"{n}@pesachama.example", password="guess").status_code for n in range(23)]
    assert answers == [403] * 21 + [429] * 2


def test_guesses_that_are_sent_at_once_do_not_all_pass_as_the_first(web_wiring: Wiring) -> None:
    def guess() -> int:
        with web_wiring.at_the_door("nothing", "") as conn:
            return sessions.claim_try(conn, b"one address", sign_in_rules.FREE_TRIES_PER_PERSON, at=web_wiring.now())

    def insists(_: int) -> int:
        """On a loaded machine some find the house busy: that was no guess, and is said by no pass."""
        return again(guess, tries=20, after=(psycopg.OperationalError,))

    with ThreadPoolExecutor(6) as threads:
        waits = list(threads.map(insists, range(30)))
    assert sum(wait == 0 for wait in waits) == sign_in_rules.FREE_TRIES_PER_PERSON + 1


def test_a_form_from_elsewhere_is_refused(client: FlaskClient, conn: Connection[Any], umoja: Town) -> None:
    details = {"email": town.EMAIL, "password": town.PASSWORD}
    assert client.post("/desk/sign-in", data=details).status_code == 403
    client.get("/desk/sign-in")
    assert client.post("/desk/sign-in", data={**details, "form_proof": "0" * 64}).status_code == 403
    assert conn.execute("SELECT count(*) FROM web_sessions").fetchone() == (0,)
    sign_in(client)
    assert client.post("/desk/sign-out").status_code == 403
    assert conn.execute("SELECT count(*) FROM web_sessions").fetchone() == (1,)


def test_a_session_ends_after_twelve_hours(client: FlaskClient, umoja: Town, clock: HandClock) -> None:
    sign_in(client)
    clock.advance(12 * 3600 - 1)
    assert client.get("/desk/status").status_code == 200
    clock.advance(1)
    assert client.get("/desk/status").status_code == 303


def test_the_status_page_shows_money_oddities_and_queues(client: FlaskClient, umoja: Town) -> None:
    sign_in(client)
    page = client.get("/desk/status").text
    for words in (
        "0700***001",
        "Umoja",
        "TKK3ABCDEF",
        umoja.code,
        "On the phone",
        "amount differs",
        "Refused",
        "2:02 PM</time>",
    ):
        assert words in page
    assert page.count("KES</small> 500<") == 2


def test_a_look_is_asked_for_only_where_a_payment_of_ours_is_named(
    client: FlaskClient, conn: Connection[Any], umoja: Town
) -> None:
    conn.execute("UPDATE evidence SET verdict = 'applied'")
    sign_in(client)
    for _ in range(3):
        town.said(conn, "unmatched", reason="its token is not one of ours", receipt="TKK9STRNGE")
    town.said(conn, "unreadable", reason="not JSON")
    look, rest = parts(client.get("/desk/status").text)
    assert "<dd>0</dd>" in rest
    assert "nothing to do" in rest
    assert look.strip() == ""
    assert rest.count("TKK9STRNGE") == 3
    town.said(conn, "unmatched", reason="its token is not one of ours", receipt="TKK3ABCDEF")
    town.said(conn, "conflict", reason="paid before, another receipt", attempt_id=umoja.paid_id, receipt="TKK9OTHER1")
    town.said(conn, "unreadable", reason="not JSON", attempt_id=umoja.waiting_id)
    look, rest = parts(client.get("/desk/status").text)
    for words in (
        "TKK3ABCDEF",
        "TKK9OTHER1",
        "compare both receipts",
        "asked Safaricom ourselves",
        "who knows this receipt",
    ):
        assert words in look, words
    assert "TKK9STRNGE" not in look
    assert "TKK9OTHER1" not in rest
    assert f"/desk/payments/{umoja.paid_id}" in look


def test_what_asked_for_a_look_is_gone_after_three_days(client: FlaskClient, umoja: Town, clock: HandClock) -> None:
    clock.advance(3 * 24 * 3600)
    sign_in(client)
    assert "amount differs" in client.get("/desk/status").text
    clock.advance(1)
    assert "amount differs" not in client.get("/desk/status").text


def parts(page: str) -> tuple[str, str]:
    """What stands in the section of things to look at, and everything else."""
    before, _, after = page.partition('<section id="look" aria-label="Needs a look">')
    look, _, rest = after.partition("</section>")
    return look, before + rest


def test_a_new_payment_changes_the_feed_and_nothing_else_does(
    client: FlaskClient, conn: Connection[Any], umoja: Town, clock: HandClock
) -> None:
    sign_in(client)
    first = client.get("/desk/status/feed")
    clock.advance(5)
    same = client.get("/desk/status/feed", headers={"If-None-Match": first.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")
    conn.execute("UPDATE payment_attempts SET state = 'failed_final' WHERE id = %s", [umoja.waiting_id])
    other = client.get("/desk/status/feed", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200
    assert "Not paid" in other.text


def test_a_payment_tells_its_story(client: FlaskClient, umoja: Town) -> None:
    sign_in(client)
    page = client.get(f"/desk/payments/{umoja.waiting_id}").text
    assert "amount differs" in page
    assert "UMOJA" in page
    assert client.get("/desk/payments/999999").status_code == 404


def test_no_page_of_the_desk_shows_a_whole_phone_number(client: FlaskClient, umoja: Town) -> None:
    sign_in(client)
    for path in ("/desk/status", f"/desk/payments/{umoja.paid_id}", "/desk/status/feed"):
        text = client.get(path).text
        assert not re.search(r"(\+?254|0)7\d{8}", text), path


def test_every_page_is_whole_html_under_a_strict_policy(client: FlaskClient, umoja: Town) -> None:
    sign_in(client)
    paths = ["/desk/status", f"/desk/payments/{umoja.paid_id}", "/", "/verify", f"/v/{umoja.code}", "/v/22222222"]
    for path in paths:
        page = client.get(path)
        assert page.headers["Content-Security-Policy"].startswith("default-src 'self'"), path
        assert " style=" not in page.text, path
        assert "<script>" not in page.text, path
        Balance().check(page.text)


def test_the_first_view_is_small(client: FlaskClient, umoja: Town) -> None:
    sign_in(client)
    page = client.get("/desk/status").text
    sheets = re.findall(r'rel="stylesheet" href="([^"]+)"', page)
    assert len(sheets) > 2
    styles = "".join(client.get(sheet).text for sheet in sheets)
    assert len(gzip.compress(page.encode())) + len(gzip.compress(styles.encode())) <= 14_000
    assert len(client.get("/static/live.js").data) <= 16_000


class Balance(HTMLParser):
    """Every tag that is opened is closed in its turn, and every id stands once."""

    VOID = frozenset({"meta", "link", "input", "img", "br", "hr"})

    def check(self, text: str) -> None:
        self.open: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = dict(attrs).get("id")
        assert name is None or name not in self.ids, name
        self.ids.add(name or "")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_an_unclear_payment_is_asked_about_again_at_a_press_of_the_button(
    client: FlaskClient, conn: Connection[Any], umoja: Town
) -> None:
    sign_in(client)
    page = f"/desk/payments/{umoja.waiting_id}"
    conn.execute("UPDATE payment_attempts SET state = 'pending' WHERE id = %s", [umoja.waiting_id])
    conn.execute(
        "INSERT INTO inquiries (kind, shortcode_id, attempt_id, state, opened_at, outcome) "
        "SELECT 'stk_query', min(id), %s, 'closed', %s, 'gave up after a day' FROM shortcodes ON CONFLICT DO NOTHING",
        [umoja.waiting_id, START],
    )
    proof = {"form_proof": proof_in(client.get(page).text)}
    assert "Safaricom is asked now" in client.post(f"{page}/ask", data=proof, follow_redirects=True).text
    asked = conn.execute("SELECT hastened_at FROM inquiries WHERE attempt_id = %s", [umoja.waiting_id]).fetchall()
    assert len(asked) == 1 and asked[0][0] is not None
    assert "a moment ago" in client.post(f"{page}/ask", data=proof).text
    assert "Ask M-PESA again" not in client.get(f"/desk/payments/{umoja.paid_id}").text
