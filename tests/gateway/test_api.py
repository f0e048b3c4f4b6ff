"""The door for programs: tokens, answers, pages of lists, problems, and a document that tells the truth."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from psycopg import Connection

from gateway.api import tokens
from gateway.wiring import Wiring
from tests.gateway import town
from tests.gateway.conftest import sign_in
from tests.gateway.one_of_each import lend, one_of_each
from tests.gateway.town import Town
from tests.instruments import START
from tests.menus import asked

# Answers to what a program does; tests/gateway/test_joining.py holds them against their description.
POSTED = {"Devices", "Invited", "Preview", "Seat"}


class Program:
    """A program with a token."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **query: Any) -> Any:
        return self._client.get(f"/api/v1{path}", query_string=query, headers=self._headers)

    def post(self, path: str, body: Any) -> Any:
        return self._client.post(f"/api/v1{path}", json=body, headers=self._headers)


@pytest.fixture
def program(client: FlaskClient, umoja: Town) -> Program:
    return Program(client, umoja.token)


def test_no_token_no_answer(client: FlaskClient, conn: Connection[Any], umoja: Town) -> None:
    for headers in ({}, {"Authorization": "Bearer guess"}, {"Authorization": f"Basic {umoja.token}"}):
        answer = client.get("/api/v1/chamas", headers=headers)
        assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
        assert answer.headers["WWW-Authenticate"].lower().startswith("bearer")
    assert conn.execute("SELECT token_hash = sha256(%s) FROM api_tokens", [umoja.token.encode()]).fetchall() == [
        (True,)
    ]
    assert tokens.revoke(conn, "tests", umoja.admin_id, START) == 1
    assert Program(client, umoja.token).get("/chamas").status_code == 401


def test_a_session_cookie_is_no_token(client: FlaskClient, umoja: Town) -> None:
    sign_in(client)
    assert client.get("/api/v1/chamas").status_code == 401


def test_groups_and_what_belongs_to_them(program: Program, umoja: Town) -> None:
    (chama,) = program.get("/chamas").get_json()["items"]
    assert (chama["id"], chama["name"], chama["members"]) == (umoja.chama_id, "Umoja", 3)
    assert program.get(f"/chamas/{umoja.chama_id}").get_json() == chama
    members = program.get(f"/chamas/{umoja.chama_id}/members").get_json()["items"]
    assert [member["phone"] for member in members] == ["0700***001", "0700***002", "0700***003"]
    (only,) = program.get(f"/chamas/{umoja.chama_id}/rounds").get_json()["items"]
    assert (only["state"], only["due_cents"], only["paid_cents"]) == ("active", 150000, 0)
    assert len(program.get(f"/chamas/{umoja.chama_id}/contributions").get_json()["items"]) == 3
    assert (only["cycle"], only["turn"]) == (1, None)
    for name in ("deposits", "refunds", "orders"):
        assert program.get(f"/chamas/{umoja.chama_id}/{name}").get_json() == {"items": [], "next": None}
    dues = program.get(f"/members/{umoja.member_ids[1]}/dues").get_json()
    assert (dues["owed_cents"], dues["why"], len(dues["missing"])) == (50000, "500", 1)
    (page,) = program.get(f"/chamas/{umoja.chama_id}/statement").get_json()["items"]
    assert (page["entry"], page["amount_cents"], page["code"], page["batch"]) == (1, 50000, umoja.code, None)


def test_a_members_positions_and_transactions(program: Program, umoja: Town) -> None:
    member = umoja.member_ids[0]
    (position,) = program.get(f"/members/{member}/positions").get_json()["items"]
    assert position["balance_cents"] == 50000
    (movement,) = program.get(f"/members/{member}/transactions").get_json()["items"]
    assert (movement["amount_cents"], movement["balance_after_cents"], movement["entry"]) == (50000, 50000, 1)
    assert movement["recorded_at"] == "2026-11-20T11:02:00.000Z"


def test_payments_and_their_evidence(program: Program, umoja: Town) -> None:
    newest, older = program.get("/payments").get_json()["items"]
    assert (newest["id"], newest["receipt"], newest["code"]) == (umoja.paid_id, "TKK3ABCDEF", umoja.code)
    assert (older["id"], older["phone"], older["state"], older["receipt"]) == (
        umoja.waiting_id,
        "0700***002",
        "pending",
        None,
    )
    one = program.get(f"/payments/{umoja.waiting_id}").get_json()
    assert [(said["verdict"], said["reason"]) for said in one["evidence"]] == [
        ("refused", "amount differs from what was asked")
    ]
    assert [each["id"] for each in program.get("/payments", state="paid").get_json()["items"]] == [umoja.paid_id]
    assert program.get("/payments", member=umoja.member_ids[1]).get_json()["items"][0]["id"] == umoja.waiting_id
    assert program.get("/payments", member=umoja.member_ids[2]).get_json() == {"items": [], "next": None}


@pytest.mark.parametrize("body", [{"phone": "0700000001"}, {"phone": "+254 700 000 001"}, {"receipt": "tkk3abcdef"}])
def test_a_payment_is_found_by_phone_or_receipt(program: Program, umoja: Town, body: dict[str, str]) -> None:
    assert [each["id"] for each in program.post("/payments/search", body).get_json()["items"]] == [umoja.paid_id]


def test_money_from_the_paybill_is_a_payment_too(program: Program, umoja: Town, conn: Connection[Any]) -> None:
    conn.execute("UPDATE receipts SET attempt_id = NULL, kind = 'c2b' WHERE receipt = 'TKK3ABCDEF'")
    [found] = program.post("/payments/search", {"receipt": "TKK3ABCDEF"}).get_json()["items"]
    assert (found["receipt"], found["state"], found["code"]) == ("TKK3ABCDEF", "paid", umoja.code)
    assert (found["phone"], found["chama_id"], found["purpose"]) == ("***", umoja.chama_id, "paybill")
    one = program.get(f"/payments/{found['id']}").get_json()
    assert {name: one[name] for name in found} == found
    assert [said["receipt"] for said in one["evidence"]] == ["TKK3ABCDEF"]
    assert program.get("/payments/1000000000000099").status_code == 404
    # In its place among the prompts, however short the pages are: the newer of it and of the prompt before it is first.
    for later, place in (("-1 hour", 2), ("1 hour", 0)):
        conn.execute(
            "UPDATE receipts SET proved_at = (SELECT max(created_at) FROM payment_attempts) + %s::interval", [later]
        )
        whole = walked(program, "/payments", limit=1)
        assert [row["id"] for row in whole].index(found["id"]) == place
        assert whole == program.get("/payments").get_json()["items"]
        assert len(whole) == len({row["id"] for row in whole}) == 3
    hers = [walked(program, "/payments", limit=1, member=member) for member in umoja.member_ids]
    assert [found["id"] in [row["id"] for row in rows] for rows in hers] == [True, False, False]
    states = {state: program.get("/payments", state=state).get_json()["items"] for state in ("paid", "pending")}
    assert [found["id"] in [row["id"] for row in rows] for rows in states.values()] == [True, False]


def walked(program: Program, path: str, **asked: Any) -> list[dict[str, Any]]:
    """A list page by page, to its end."""
    rows, cursor = [], {}
    while True:
        answer = program.get(path, **asked, **cursor).get_json()
        rows += answer["items"]
        if answer["next"] is None:
            return rows
        cursor = {"cursor": answer["next"]}


def test_a_filter_that_says_nothing_filters_nothing(program: Program, umoja: Town) -> None:
    everything = program.get("/payments").get_json()
    assert program.get("/payments", member="", state="").get_json() == everything


@pytest.mark.parametrize(
    "body",
    [{}, {"phone": "0700000001", "receipt": "TKK3ABCDEF"}, {"phone": "12"}, {"receipt": "x"}, {"pin": "1"}, [], 7],
)
def test_a_search_for_nothing_is_a_problem(program: Program, body: Any) -> None:
    answer = program.post("/payments/search", body)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")


def test_a_problem_never_repeats_what_was_sent(program: Program) -> None:
    assert "07000000019" not in program.post("/payments/search", {"phone": "07000000019999"}).text


def test_lists_are_walked_to_their_end(program: Program, conn: Connection[Any], umoja: Town) -> None:
    shortcode = town.one(conn, "SELECT id FROM shortcodes")
    for n in range(5):
        town.a_payment(conn, shortcode, umoja.member_ids[2], f"+25470000005{n}", "created")
    for path, total in (("/payments", 7), (f"/chamas/{umoja.chama_id}/members", 3)):
        seen = [row["id"] for row in walked(program, path, limit=2)]
        assert len(seen) == len(set(seen)) == total, path


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 201}, {"limit": "x"}, {"cursor": "zzz"}, {"state": "happy"}])
def test_a_bad_question_is_a_problem(program: Program, query: dict[str, Any]) -> None:
    answer = program.get("/payments", **query)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert {"type", "title", "status", "detail"} <= answer.get_json().keys()


def test_what_does_not_exist_is_not_found(program: Program) -> None:
    for path in (
        "/chamas/9",
        "/chamas/9/members",
        "/chamas/9/statement",
        "/chamas/9/deposits",
        "/chamas/9/refunds",
        "/chamas/9/orders",
        "/members/9/positions",
        "/members/9/dues",
        "/payments/9",
        "/batches/9",
    ):
        assert program.get(path).status_code == 404, path
    assert program.get(f"/chamas/{10**30}").status_code == 404
    assert program.get("/batches").get_json() == {"items": [], "next": None}


def test_no_answer_holds_a_whole_phone_number(program: Program, umoja: Town) -> None:
    paths = [f"/chamas/{umoja.chama_id}/members", "/payments", f"/payments/{umoja.paid_id}"]
    for path in paths:
        assert not re.search(r"(\+?254|\b0)7\d{8}", program.get(path).text), path


def test_the_document_is_true_to_the_routes(client: FlaskClient, app: Flask) -> None:
    document = client.get("/api/v1/openapi.json").get_json()
    described = {(path, method) for path, item in document["paths"].items() for method in item}
    served = {
        (re.sub(r"<[^>]*?:?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) & {"GET", "POST"}
        if rule.rule.startswith("/api/v1") and rule.endpoint != "api.document"
    }
    assert described == served
    bodies = {
        path: item["post"]["requestBody"]["content"]["application/json"]["schema"]
        for path, item in document["paths"].items()
        if "requestBody" in item.get("post", {})
    }
    assert bodies["/api/v1/disbursements"]["required"] == ["amount_cents", "payee_member_id"]
    assert "required" not in bodies["/api/v1/payments/search"], "a phone or a receipt"
    assert document["components"]["schemas"]["Order"]["properties"]["needs_second"] == {"type": "boolean"}


def test_answers_are_as_described(
    client: FlaskClient, program: Program, umoja: Town, wiring: Wiring, conn: Connection[Any]
) -> None:
    one_of_each(umoja, wiring)
    assert program.post(f"/chamas/{umoja.chama_id}/qr", {}).get_json()["png"] is None
    conn.execute("UPDATE qr_pictures SET picture = 'PNG', drawn_at = asked_at, amount_cents = 100")
    picture = program.get(f"/chamas/{umoja.chama_id}/qr").get_json()
    assert (picture["png"], picture["outdated"], picture["merchant"]) == ("UE5H", True, "Umoja")
    document = client.get("/api/v1/openapi.json").get_json()
    asked.faraja(conn, START, wiring.settings.pin_pepper)
    lend(conn, umoja, at=wiring.now())
    ids = {"number": 600123, "day": 20261120, "payout_id": 1, "request_id": 1, "proposal_id": 1, "motion_id": 1}
    ids |= {"chama_id": umoja.chama_id, "member_id": umoja.member_ids[0], "payment_id": umoja.waiting_id}
    looked_at = set()
    for rule, item in document["paths"].items():
        if "get" not in item or "batches" in rule:
            continue
        answer = program.get(rule.removeprefix("/api/v1").format(**ids)).get_json()
        schema = item["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        listed = "items" in schema.get("properties", {})
        reference = schema["properties"]["items"]["items"] if listed else schema
        name = reference["$ref"].rsplit("/", 1)[-1]
        fits(document["components"]["schemas"][name], answer["items"][0] if listed else answer)
        looked_at.add(name)
    assert looked_at == set(document["components"]["schemas"]) - {"Problem", "Batch", *POSTED}


def fits(schema: dict[str, Any], row: dict[str, Any]) -> None:
    """Every field is described, and every description is kept."""
    kinds = {"integer": int, "string": str, "boolean": bool, "null": type(None), "array": list, "object": dict}
    assert set(schema["properties"]) == set(row)
    for name, described in schema["properties"].items():
        said = described["type"]
        allowed = tuple(kinds[kind] for kind in (said if isinstance(said, list) else [said]))
        assert isinstance(row[name], allowed), name
        if isinstance(row[name], dict):
            fits(described, row[name])
