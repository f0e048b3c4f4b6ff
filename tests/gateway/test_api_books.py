"""What programs ask of the books: filters, cursors that nobody can make up, and past states."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from psycopg import Connection

from gateway.api.questions import KINDS
from ledger import books
from tests.gateway.test_api import Program
from tests.gateway.town import Town
from tests.house.source import ROOT
from tests.instruments import START, SeededChance


@pytest.fixture
def program(client: FlaskClient, umoja: Town) -> Program:
    return Program(client, umoja.token)


@pytest.fixture
def busy(conn: Connection[Any], umoja: Town) -> Town:
    """Nine more pages: the second member pays, every third page is a penalty."""
    hers = books.open_account(
        conn,
        book_id=umoja.book_id,
        code=f"member:{umoja.member_ids[1]}",
        kind="liability",
        owner_member_id=umoja.member_ids[1],
    )
    mpesa = books.account_id(conn, umoja.book_id, "mpesa:600123")
    assert mpesa is not None
    for number in range(2, 11):
        draft = books.Draft(
            book_id=umoja.book_id,
            kind="contribution" if number % 3 else "penalty",
            occurred_at=START,
            lines=(books.Line(mpesa, number * 100), books.Line(hers, -number * 100)),
            scope="test",
            key=str(number),
        )
        books.post(conn, draft, at=START + timedelta(hours=number), chance=SeededChance(number))
    return umoja


def walked(program: Program, path: str, **query: Any) -> list[int]:
    """The pages of a whole list, two rows at a time."""
    seen: list[int] = []
    cursor = None
    while True:
        answer = program.get(path, limit=2, **query, **({"cursor": cursor} if cursor else {})).get_json()
        seen += [row["entry"] for row in answer["items"]]
        cursor = answer["next"]
        if cursor is None:
            return seen


def test_statements_are_walked_in_both_orders_with_their_balance(program: Program, busy: Town) -> None:
    path = f"/chamas/{busy.chama_id}/statement"
    assert walked(program, path) == list(range(10, 0, -1))
    assert walked(program, path, order="oldest") == list(range(1, 11))
    newest = program.get(path, limit=1).get_json()["items"][0]
    assert (newest["amount_cents"], newest["balance_after_cents"], newest["account"]) == (1_000, 55_400, None)
    hers = program.get(path, limit=1, member=busy.member_ids[1]).get_json()["items"][0]
    assert (hers["balance_after_cents"], hers["account"]) == (5_400, f"member:{busy.member_ids[1]}")
    assert walked(program, f"/members/{busy.member_ids[1]}/transactions") == list(range(10, 1, -1))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"kind": "penalty"}, [9, 6, 3]),
        ({"kind": "penalty", "order": "oldest"}, [3, 6, 9]),
        ({"since": "2026-11-20T20:02:00Z"}, [10, 9]),
        ({"until": "2026-11-20T14:02:00+00:00"}, [2, 1]),
        ({"until": "2026-11-20T11:02:01Z", "time": "occurred", "kind": "penalty"}, [9, 6, 3]),
        ({"season": 20262, "account": "mpesa:600123", "kind": "penalty"}, [9, 6, 3]),
        ({"season": 20261}, []),
    ],
)
def test_filters_choose_and_pages_keep_to_them(
    program: Program, busy: Town, query: dict[str, Any], found: list[int]
) -> None:
    assert walked(program, f"/chamas/{busy.chama_id}/statement", **query) == found


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ({"kind": "Robert'); DROP"}, "kind"),
        ({"kind": "zzz"}, "kind"),
        ({"season": 20263}, "season"),
        ({"season": "last"}, "season"),
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-11-20T11:00:00"}, "since"),
        ({"since": "2026-11-21T00:00:00Z", "until": "2026-11-20T00:00:00Z"}, "until"),
        ({"time": "imagined"}, "time"),
        ({"order": "random"}, "order"),
        ({"member": "x"}, "member"),
        ({"knid": "penalty"}, "knid"),
        ({"cursor": "zzz"}, "cursor"),
        ({"cursor": "é"}, "cursor"),
        ({"cursor": "A" * 40}, "cursor"),
        ({"limit": 0}, "limit"),
    ],
)
def test_a_bad_question_is_told_which_word_is_wrong(
    program: Program, busy: Town, query: dict[str, Any], word: str
) -> None:
    answer = program.get(f"/chamas/{busy.chama_id}/statement", **query)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.get_json()["detail"].startswith(f"{word}:")


def test_a_cursor_is_good_for_its_own_list_only(program: Program, busy: Town) -> None:
    path = f"/chamas/{busy.chama_id}/statement"
    cursor = program.get(path, limit=2, kind="contribution").get_json()["next"]
    assert program.get(path, limit=5, kind="contribution", cursor=cursor).status_code == 200
    others: list[tuple[str, dict[str, Any]]] = [
        (path, {}),
        (path, {"kind": "penalty"}),
        (path, {"kind": "contribution", "order": "oldest"}),
        (f"/members/{busy.member_ids[1]}/transactions", {"kind": "contribution"}),
        ("/payments", {}),
    ]
    for other, query in others:
        assert program.get(other, cursor=cursor, **query).status_code == 422, (other, query)
    for place in range(0, len(cursor), 5):
        letter = "A" if cursor[place] != "A" else "B"
        changed = cursor[:place] + letter + cursor[place + 1 :]
        assert program.get(path, kind="contribution", cursor=changed).status_code == 422, place


def test_the_books_are_asked_as_of_any_page_or_instant(program: Program, busy: Town) -> None:
    path = f"/chamas/{busy.chama_id}/trial-balance"
    now = program.get(path).get_json()
    assert (now["entry"], now["debits_cents"], now["credits_cents"]) == (10, 55_400, 55_400)
    then = program.get(path, entry=3).get_json()
    assert (then["entry"], then["debits_cents"]) == (3, 50_500)
    assert [(side["account"], side["balance_cents"]) for side in then["accounts"]] == [
        (f"member:{busy.member_ids[0]}", 50_000),
        (f"member:{busy.member_ids[1]}", 500),
        ("mpesa:600123", 50_500),
    ]
    assert program.get(path, recorded="2026-11-20T14:02:00Z").get_json() == then
    occurred = program.get(path, occurred="2026-11-20T11:02:00Z").get_json()
    assert (occurred["entry"], occurred["debits_cents"]) == (None, 55_400)
    assert program.get(path, entry=11).get_json()["code"] == "no_page"
    for query in ({"entry": 0}, {"entry": 1, "recorded": "2026-11-20T14:02:00Z"}, {"at": 1}):
        assert program.get(path, **query).status_code == 422, query


def test_a_body_that_is_no_json_is_told_so_in_our_words(client: FlaskClient, umoja: Town) -> None:
    headers = {"Authorization": f"Bearer {umoja.token}", "Content-Type": "application/json"}
    answer = client.post("/api/v1/payments/search", data='{"phone": ', headers=headers)
    assert (answer.status_code, answer.get_json()["detail"]) == (400, "The body is not readable as JSON.")


def test_every_kind_of_entry_that_is_posted_can_be_asked_for() -> None:
    in_a_call = r'(?:Draft|draft|Plan|_post)\([^()]*?"([a-z_]+)"'
    by_name = r'\n +kind ?= ?"([a-z_]+)"'
    texts = [path.read_text() for room in ("chamas", "payments", "ledger") for path in (ROOT / room).rglob("*.py")]
    found = {kind for text in texts for how in (in_a_call, by_name) for kind in re.findall(how, text)}
    assert {"contribution", "deposit", "payout", "settlement", "void", "expiry", "suspense", "set_off"} <= found
    # A merry-go-round is a kind of group.
    assert found - {"rosca"} <= set(KINDS)
