"""Statements that are a transaction by themselves keep evidence and recognise a caller, with role and limits on."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from psycopg import Connection, errors

from chamas.entrance import doorstep
from chamas.members.access import INSIDE
from chamas.members.register import MemberStatus
from gateway.app import create_app
from gateway.limits import STATEMENT_TIMEOUT_MS
from gateway.wiring import Wiring
from payments import evidence
from payments.tokens import token_hash
from tests.instruments import START
from tests.rows import settle

TOKEN = "ab" * 32
KEEP = "SELECT keep_evidence('stk_callback', %s, %s, %s, %s, '{}', NULL, %s)"


@pytest.fixture(params=["direct", "pooled"])
def web(request: pytest.FixtureRequest, web_wiring: Wiring) -> Iterator[Wiring]:
    """The web's wiring as it is, and as it is when a pooler is said to stand between."""
    if request.param == "direct":
        yield web_wiring
        return
    settings = replace(web_wiring.settings, direct_database_url=web_wiring.settings.database_url + "?options=")
    pooled = replace(web_wiring, settings=settings)
    yield pooled
    pooled.close()


def kept(wiring: Wiring, body: bytes = b"{}") -> bool:
    with wiring.at_once() as conn:
        return evidence.keep(
            conn, source="stk_callback", token=TOKEN, body=body, headers={}, remote_ip="10.0.0.1", at=START
        )


def test_role_and_limits_hold_for_a_statement_that_begins_nothing(web: Wiring) -> None:
    with web.at_once() as conn:
        asked = "SELECT CURRENT_USER::text, current_setting('statement_timeout'), current_setting('app.user_id', TRUE)"
        role, limit, person = conn.execute(asked).fetchall()[0]
    assert (role, limit) == ("pesachama_web", f"{STATEMENT_TIMEOUT_MS['web']}ms")
    assert not person
    with pytest.raises(errors.QueryCanceled), web.at_once() as conn:
        conn.execute("SELECT pg_sleep(20)")


def test_what_is_kept_is_there_for_everybody_and_counted_when_it_comes_again(
    web: Wiring, conn: Connection[Any]
) -> None:
    assert [kept(web), kept(web), kept(web, b"other")] == [True, False, True]
    asked = "SELECT body, seen_count, verdict, due_at, host(remote_ip) FROM evidence ORDER BY id"
    assert conn.execute(asked).fetchall() == [
        (b"{}", 2, "unread", START, "10.0.0.1"),
        (b"other", 1, "unread", START, "10.0.0.1"),
    ]


def test_nothing_of_one_statement_is_left_for_the_next_transaction(web: Wiring) -> None:
    with web.acting_as(7) as conn:
        assert conn.execute("SELECT acting_user()").fetchone() == (7,)
    with web.at_once() as conn:
        assert conn.execute("SELECT acting_user()").fetchone() == (None,)
        assert conn.execute("SELECT count(*) FROM evidence").fetchone() == (0,)


def test_a_callback_and_a_recognition_are_one_statement_each(
    web_wiring: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, said, asker = create_app(web_wiring).test_client(), [], threading.current_thread()
    client.post(f"/pay/stk/{TOKEN}", data=b"first")
    execute = psycopg.Cursor.execute

    def heard(cursor: Any, query: Any, *given: Any, **named: Any) -> Any:
        # Others speak too: the pool greets a new connection from a thread of its own.
        if threading.current_thread() is asker:
            said.append(query)
        return execute(cursor, query, *given, **named)

    monkeypatch.setattr(psycopg.Cursor, "execute", heard)
    assert client.post(f"/pay/stk/{TOKEN}", data=b"second").status_code == 200
    assert len(said) == 1 and "keep_evidence" in said[0]
    with web_wiring.at_once() as conn:
        assert doorstep.recognise(conn, "+254700000001", START) is None
    assert len(said) == 2 and "who_dials" in said[1]


def test_the_web_keeps_evidence_by_the_function_only(conn: Connection[Any]) -> None:
    home = settle(conn, 1)
    conn.execute("SET ROLE pesachama_web")
    conn.execute("SELECT set_config('app.acting', 'door', FALSE), set_config('app.shown', %s, FALSE)",
                 [f"token:{home.token_hash.hex()}"])  # fmt: skip
    assert conn.execute("SELECT count(*) FROM evidence").fetchone() == (1,)
    for statement in (
        "INSERT INTO evidence (source, token_hash, body_sha256, body, headers, received_at)"
        " SELECT 'b2c_result', token_hash, body_sha256, body, headers, received_at FROM evidence",
        "UPDATE evidence SET seen_count = 0",
        "UPDATE evidence SET verdict = 'applied', due_at = NULL",
        "DELETE FROM evidence",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            conn.execute(statement)  # type: ignore[call-overload]


def test_the_function_keeps_nothing_under_the_digest_of_another_body(web_wiring: Wiring, conn: Connection[Any]) -> None:
    own, awaited = token_hash(TOKEN), hashlib.sha256(b"{}").digest()
    for body, cut in ((b"forged", False), (b"forged", True)):
        with pytest.raises(errors.CheckViolation), web_wiring.at_once() as web:
            web.execute(KEEP, [own, awaited, body, cut, START])
    assert kept(web_wiring)
    assert conn.execute("SELECT count(*) FROM evidence WHERE body = '{}'").fetchone() == (1,)


def test_both_functions_are_for_the_processes_and_their_owner_can_do_nothing_else(conn: Connection[Any]) -> None:
    asked = (
        "SELECT DISTINCT pg_get_userbyid(a.grantee) FROM pg_proc p, aclexplode(p.proacl) a"
        " WHERE p.proname IN ('keep_evidence', 'who_dials') ORDER BY 1"
    )
    assert conn.execute(asked).fetchall() == [("pesachama_gatekeeper",), ("pesachama_web",), ("pesachama_worker",)]
    changes = (
        "SELECT table_name || '.' || privilege_type FROM information_schema.table_privileges"
        " WHERE grantee = 'pesachama_gatekeeper' AND privilege_type <> 'SELECT'"
        " UNION SELECT table_name || '.' || column_name FROM information_schema.column_privileges"
        " WHERE grantee = 'pesachama_gatekeeper' AND privilege_type = 'UPDATE'"
    )
    assert set(conn.execute(changes).fetchall()) == {("evidence.INSERT",), ("evidence.seen_count",)}


def test_a_caller_is_told_of_the_chamas_that_have_let_her_in(web_wiring: Wiring, conn: Connection[Any]) -> None:
    host, guest = settle(conn, 1), settle(conn, 2)
    conn.execute(
        "INSERT INTO chama_members (chama_id, user_id, number, role, status, join_method, joined_at)"
        " VALUES (%s, %s, 2, 'member', 'invited', 'invitation', %s)",
        [host.chama_id, guest.user_id, START],
    )
    for status in MemberStatus:
        conn.execute(
            "UPDATE chama_members SET status = %s WHERE (chama_id, user_id) = (%s, %s)",
            [status, host.chama_id, guest.user_id],
        )
        with web_wiring.at_once() as web:
            known = doorstep.recognise(web, "+254700000002", START)
        assert known is not None and known.user_id == guest.user_id
        assert (host.chama_id in {door.chama_id for door in known.doors}) == (status in INSIDE), status
    conn.execute("UPDATE users SET status = 'suspended' WHERE id = %s", [guest.user_id])
    with web_wiring.at_once() as web:
        assert doorstep.recognise(web, "+254700000002", START) is None
