"""Whose rows are whose: every table, as every role, in every context, with every verb.

The tables come out of the catalogue, so that one without a decision fails here. Their owner is no superuser.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from psycopg import Connection

from chamas.members import register
from tests.instruments import START
from tests.row_decisions import COUNTED, DECIDED, OPEN
from tests.rows import REFUSED, Attempts, Household, everything, settle, tables

WEB, WORKER = "pesachama_web", "pesachama_worker"


def member(user_id: int) -> dict[str, str]:
    return {"app.acting": "member", "app.user_id": str(user_id)}


@dataclass(frozen=True)
class Street:
    """Two households, an operator, and the rows of each household by table."""

    attempts: Attempts
    first: Household
    second: Household
    operator: dict[str, str]
    hers: dict[str, set[str]]
    others: dict[str, set[str]]


@pytest.fixture
def street(conn: Connection[Any]) -> Iterator[Street]:
    before = {table: everything(conn, table) for table in tables(conn)}
    first = settle(conn, 1)
    hers = {table: everything(conn, table) - before[table] for table in before}
    second = settle(conn, 2)
    others = {table: everything(conn, table) - before[table] - hers[table] for table in before}
    register.seat_operator(
        conn, email="admin@house.example", password_hash="-", first_name="Admin", platform_role="admin", at=START
    )
    admin = {**member(register.operator_id(conn, "admin@house.example") or 0), "app.acting": "operator"}
    yield Street(Attempts(conn), first, second, admin, hers, others)


def test_every_table_is_decided_about_and_has_rows_of_both(conn: Connection[Any], street: Street) -> None:
    there = {table for table, partition in tables(conn).items() if not partition}
    assert there - OPEN - COUNTED == DECIDED.keys()
    assert [table for table in DECIDED if not (street.hers[table] and street.others[table])] == []


def test_every_table_with_somebodys_rows_denies_by_default_and_to_its_owner_too(
    conn: Connection[Any],
) -> None:
    forced = {
        table
        for (table,) in conn.execute(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"
            " AND pg_get_userbyid(relowner) = CURRENT_USER"
        )
    }
    partitions = {table for table, partition in tables(conn).items() if partition}
    assert partitions
    assert forced == {*DECIDED, *COUNTED, *partitions}
    assert conn.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = CURRENT_USER").fetchone() == (
        False,
    )


def test_a_partition_has_the_policies_of_its_parent_and_no_grants(conn: Connection[Any]) -> None:
    asked = (
        "SELECT policyname, permissive, roles, cmd, qual, with_check FROM pg_policies WHERE tablename = %s ORDER BY 1"
    )
    for table, partition in tables(conn).items():
        if partition:
            parent = table.rsplit("_", 1)[0]
            assert conn.execute(asked, [table]).fetchall() == conn.execute(asked, [parent]).fetchall() != []
            granted = "SELECT relacl IS NULL FROM pg_class WHERE oid = %s::regclass"
            assert conn.execute(granted, [table]).fetchone() == (True,)


def test_no_function_is_everybodys(conn: Connection[Any]) -> None:
    everybodys = conn.execute(
        "SELECT p.proname FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a"
        " WHERE p.pronamespace = 'public'::regnamespace AND a.grantee = 0"
    ).fetchall()
    assert everybodys == []


def test_every_function_that_runs_as_its_owner_has_a_pinned_search_path(conn: Connection[Any]) -> None:
    loose = conn.execute(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef"
        " AND NOT coalesce(proconfig, '{}') @> ARRAY['search_path=public, pg_temp']"
    ).fetchall()
    assert loose == []


def test_every_view_asks_as_whoever_reads_it(conn: Connection[Any]) -> None:
    views = conn.execute(
        "SELECT relname, coalesce(reloptions, '{}') @> ARRAY['security_invoker=true'] FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind = 'v'"
    ).fetchall()
    assert views
    assert [name for name, asks in views if not asks] == []


def test_the_web_reads_what_its_context_gives(street: Street) -> None:
    first, second = member(street.first.user_id), member(street.second.user_id)
    pretender = {**first, "app.acting": "operator"}
    for table, decision in DECIDED.items():
        hers, others = street.hers[table], street.others[table]
        own = (hers, others) if decision.member == "own" else (set(), set())
        expected = (
            ({}, set()),
            ({"app.user_id": ""}, set()),
            (member(0), set()),
            ({"app.acting": "door", "app.shown": "code:"}, set()),
            (first, own[0]),
            (second, own[1]),
            (pretender, own[0]),
            ({"app.user_id": str(street.first.user_id)}, own[0]),
        )
        for context, rows in expected:
            assert street.attempts.seen(table, WEB, context) == rows, (table, context)
        # The house has rows that wait since before the street was settled.
        waits = street.attempts.seen(table, WEB, {"app.acting": "house"})
        assert isinstance(waits, set)
        assert waits & (hers | others) == (hers | others if decision.house else set()), (table, "house")
        assert decision.house or not waits, (table, "house")
        seen = street.attempts.seen(table, WEB, street.operator)
        # An operator has rows of her own, as a person.
        assert isinstance(seen, set)
        assert seen & (hers | others) == (hers | others if decision.operator else set()), (table, "operator")


def test_the_worker_and_the_owner_read_everything_and_a_partition_is_read_by_no_process(
    conn: Connection[Any], street: Street
) -> None:
    for table, partition in tables(conn).items():
        everywhere = everything(conn, table)
        assert everywhere >= street.hers[table] | street.others[table]
        for context in ({}, member(street.first.user_id)):
            assert street.attempts.seen(table, WORKER, context) == (REFUSED if partition else everywhere), table
        if partition:
            assert street.attempts.seen(table, WEB, street.operator) == REFUSED


def test_the_web_changes_only_rows_of_whoever_acts(street: Street) -> None:
    attempts = street.attempts
    contexts: list[tuple[dict[str, str], set[str]]] = [
        ({}, set()),
        (member(0), set()),
        ({"app.acting": "house"}, set()),
        (member(street.first.user_id), {"own"}),
    ]
    for table, decision in DECIDED.items():
        [mine], [other] = list(street.hers[table])[:1], list(street.others[table])[:1]
        reach = {"mine": attempts.row_like(table, mine), "other": attempts.row_like(table, other)}
        for context, own in contexts:
            what = (table, context)
            for verb in ("UPDATE", "DELETE"):
                reached = attempts.changed(verb, table, WEB, context)
                rows = len(street.hers[table]) if own else 0
                assert reached == (rows if verb[0] in decision.writes else reached), what
                assert reached in ((rows,) if verb[0] in decision.writes else (0, REFUSED)), (*what, verb)
            assert attempts.added(table, reach["other"], WEB, context) == REFUSED, what
            may = "I" in decision.writes and bool(own)
            assert (attempts.added(table, reach["mine"], WEB, context) != REFUSED) == may, what


def test_at_the_door_only_what_is_shown_is_seen(conn: Connection[Any], street: Street) -> None:
    home, token = street.first, street.first.token_hash.hex()
    shown = {
        f"token:{token}": {
            *("evidence", "payment_attempts", "inquiries", "balance_questions", "reversals", "payout_calls"),
        },
        f"code:{home.code}": {"entries", "postings", "entry_codes", "batch_leaves"},
        f"message:{home.message}": {"notifications", "early_reports"},
        f"incident:{home.incident}": {"incidents"},
    }
    for what, seen in shown.items():
        for table in DECIDED:
            rows = street.hers[table] if table in seen else set()
            if what.startswith("code:") and table in seen:
                rows = everything(conn, table, "(book_id, seq) = (%s, %s)", home.book_id, home.seq)
            assert street.attempts.seen(table, WEB, {"app.acting": "door", "app.shown": what}) == rows, (what, table)
            # What is shown opens nothing to somebody who does not say that she stands at the door.
            assert street.attempts.seen(table, WEB, {"app.shown": what}) == set()


def test_tries_are_counted_by_whoever_says_anything_about_herself(street: Street) -> None:
    both = street.hers["sign_in_failures"] | street.others["sign_in_failures"]
    for context in ({"app.acting": "door"}, member(0)):
        assert street.attempts.seen("sign_in_failures", WEB, context) == both
    for context in ({}, {"app.acting": "house"}):
        assert street.attempts.seen("sign_in_failures", WEB, context) == set()


def test_only_whom_a_chama_has_let_in_sees_its_names_and_money(conn: Connection[Any], street: Street) -> None:
    guest, host = street.second, street.first
    chama_rows = ("accounts", "entries", "contributions", "users", "rounds", "receipts", "payment_intents")
    conn.execute(
        "INSERT INTO chama_members (chama_id, user_id, number, role, status, join_method, joined_at)"
        " VALUES (%s, %s, 2, 'member', 'invited', 'invitation', %s)",
        [host.chama_id, guest.user_id, START],
    )
    for status, inside in (("invited", False), ("pending", False), ("confirmed", True), ("withdrawn", False)):
        conn.execute(
            "UPDATE chama_members SET status = %s WHERE (chama_id, user_id) = (%s, %s)",
            [status, host.chama_id, guest.user_id],
        )
        for table in chama_rows:
            seen = street.attempts.seen(table, WEB, member(guest.user_id))
            assert isinstance(seen, set) and (street.hers[table] <= seen) == inside, (status, table)
        named = street.attempts.seen("chamas", WEB, member(guest.user_id))
        assert isinstance(named, set) and (street.hers["chamas"] <= named) == (status != "withdrawn")
    conn.execute("UPDATE users SET status = 'suspended' WHERE id = %s", [host.user_id])
    assert street.attempts.seen("accounts", WEB, member(host.user_id)) == set()


def test_who_acts_may_change_within_a_transaction(conn: Connection[Any], street: Street) -> None:
    """What policies keep for a transaction is kept for one person: the next to act sees nothing of it."""
    with conn.transaction(force_rollback=True):
        conn.execute("SET LOCAL ROLE pesachama_web")
        for home, rows in ((street.first, street.hers), (street.second, street.others), (street.first, street.hers)):
            conn.execute("SELECT set_config('app.user_id', %s, true)", [str(home.user_id)])
            for table in ("accounts", "chama_members", "contributions", "users", "chamas"):
                assert everything(conn, table) == rows[table], table


def test_whoever_holds_nothing_is_nobody(conn: Connection[Any], street: Street) -> None:
    holders = (
        ("phone", "+254700000001", street.first.user_id),
        ("phone", "+254700000099", 0),
        ("session", street.second.token_hash.hex(), street.second.user_id),
        ("bearer", street.second.token_hash.hex(), street.second.user_id),
        ("bearer", "00", 0),
        ("email", "", 0),
        ("nonsense", "+254700000001", 0),
    )
    conn.execute("SET ROLE pesachama_web")
    for kind, shown, user_id in holders:
        assert conn.execute("SELECT holder_of(%s, %s)", [kind, shown]).fetchone() == (user_id,)
