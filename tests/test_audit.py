"""Who changed what: every table of the catalogue is audited, guards itself, or says why neither; and their chain."""

from typing import Any

import psycopg
import pytest
from psycopg import Connection, errors, sql
from psycopg.rows import dict_row

from chamas.members import pins, register
from gateway import checks
from gateway.wiring import CALLER_ADDRESS, Wiring
from ledger import audit
from ledger.books import open_book
from ledger.wires import Wires
from tests.audit_decisions import CHANGES, NOT_AUDITED
from tests.instruments import START, SeededChance
from tests.rows import settle, tables


def log(conn: Connection[Any], table: str) -> list[dict[str, Any]]:
    """What the log says about a table, oldest first, with its personal part."""
    rows = conn.cursor(row_factory=dict_row).execute(
        "SELECT l.*, v.value AS hers, v.subject_id FROM audit_logs l LEFT JOIN audit_values v "
        "ON v.audit_id = l.id AND v.part = 'row' WHERE table_name = %s ORDER BY id",
        [table],
    )
    return rows.fetchall()


def with_trigger(conn: Connection[Any], *names: str) -> set[str]:
    found = conn.execute(
        "SELECT tgrelid::regclass::text FROM pg_trigger "
        "WHERE tgname = ANY(%s) AND NOT tgisinternal AND tgenabled = 'O'",
        [list(names)],
    )
    return {table for (table,) in found}


def broken(conn: Connection[Any]) -> list[str]:
    return [f"{finding.name}: {finding.detail}" for finding in audit.verify(conn) if not finding.ok]


def test_every_table_is_audited_or_unchangeable_or_says_why_not(conn: Connection[Any]) -> None:
    there = {table for table, partition in tables(conn).items() if not partition}
    audited = with_trigger(conn, "audited_update", "audited_columns")
    unchangeable = with_trigger(conn, "unchangeable") & there
    assert audited == with_trigger(conn, "audited_truncate") == CHANGES.keys()
    assert (
        with_trigger(conn, "audited_insert")
        == with_trigger(conn, "audited_delete")
        == with_trigger(conn, "audited_update")
    )
    assert not audited & unchangeable
    assert there - audited - unchangeable == NOT_AUDITED.keys()


def test_a_change_of_every_audited_table_is_written_down(conn: Connection[Any]) -> None:
    settle(conn, 1)
    for table, change in CHANGES.items():
        before = len(log(conn, table))
        changed = conn.execute(sql.SQL("UPDATE {} SET {}").format(sql.Identifier(table), sql.SQL(change)))
        rows = log(conn, table)[before:]
        assert len(rows) == changed.rowcount > 0, table
        column = change.split()[0]
        for row in rows:
            assert (row["operation"], row["changed"]) == ("UPDATE", [column]), table
            assert row["before"].keys() == row["after"].keys() == {column}
            assert row["before"] != row["after"]
    assert broken(conn) == []


def test_a_table_that_is_audited_cannot_be_emptied(conn: Connection[Any]) -> None:
    for table in CHANGES:
        with pytest.raises(errors.RestrictViolation):
            conn.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.Identifier(table)))


def test_a_change_says_who_when_from_where_and_what(conn: Connection[Any], web_wiring: Wiring) -> None:
    user_id = register.create_person(conn, phone="+254700000001", first_name="Amina", language="sw", at=START)
    CALLER_ADDRESS.set("192.0.2.7")
    with web_wiring.acting_as(user_id) as acting:
        register.prefer(acting, user_id, language="en")
        # The same once more is no change.
        register.prefer(acting, user_id, language="en")
    CALLER_ADDRESS.set("")
    made, changed = log(conn, "users")
    assert (made["operation"], made["actor_id"], made["process"], made["at"]) == ("INSERT", None, "keeper", None)
    assert made["before"] is None and made["after"]["language"] == "sw"
    assert changed["row_key"] == {"id": user_id}
    assert (changed["actor_id"], changed["process"], changed["at"]) == (user_id, "pesachama_web", START)
    assert (changed["before"], changed["after"]) == ({"language": "sw"}, {"language": "en"})
    assert made["hers"] == {"after": {"phone": "+254700***001", "first_name": "Amina"}}
    address = "SELECT audit_id, subject_id, value FROM audit_values WHERE part = 'address'"
    assert conn.execute(address).fetchall() == [(changed["id"], user_id, "192.0.2.7")]


def test_an_address_does_not_outlive_its_request(web_wiring: Wiring) -> None:
    from gateway.app import create_app

    app, seen = create_app(web_wiring), []
    app.add_url_rule("/asked", "asked", lambda: seen.append(CALLER_ADDRESS.get()) or "")
    app.test_client().get("/asked", environ_base={"REMOTE_ADDR": "192.0.2.9"})
    assert seen == ["192.0.2.9"]
    assert CALLER_ADDRESS.get() == ""


def test_secrets_are_named_and_never_kept_and_personal_values_stand_apart(conn: Connection[Any]) -> None:
    chance = SeededChance()
    user_id = register.create_person(conn, phone="+254700000001", first_name="Amina", language="sw", at=START)
    pins.set_pin(conn, user_id, "48271", phone=None, pepper="p" * 20, at=START, chance=chance)
    pins.set_pin(conn, user_id, "90315", phone=None, pepper="p" * 20, at=START, chance=chance)
    conn.execute("UPDATE users SET first_name = 'Halima', national_id = '\\x1234', password_hash = 'argon' ")
    *_, pin = log(conn, "pins")
    assert pin["changed"] == ["hash"] and (pin["before"], pin["after"]) == (None, None)
    *_, person = log(conn, "users")
    assert person["changed"] == ["first_name", "national_id", "password_hash"]
    assert (person["before"], person["after"]) == (None, None)
    assert person["hers"] == {"before": {"first_name": "Amina"}, "after": {"first_name": "Halima"}}
    assert person["subject_id"] == user_id
    kept = str(conn.execute("SELECT array_agg(l::text) FROM audit_logs l").fetchall())
    for secret in ("argon", "1234", "Amina", "Halima", "+254700000001"):
        assert secret not in kept


def test_a_statement_over_many_rows_and_a_changed_key_are_each_told_row_by_row(conn: Connection[Any]) -> None:
    for number in (1, 2, 3):
        register.create_person(conn, phone=f"+25470000000{number}", first_name="A", language="sw", at=START)
    conn.execute("UPDATE users SET kyc = CASE WHEN phone LIKE '%%2' THEN 'rejected' ELSE 'verified' END")
    told = {row["row_key"]["id"]: row["after"]["kyc"] for row in log(conn, "users")[3:]}
    assert told == dict(conn.execute("SELECT id, kyc FROM users").fetchall())
    conn.execute("INSERT INTO consents SELECT id, '1', 'sw', '\\x00', created_at FROM users WHERE phone LIKE '%%1'")
    conn.execute("UPDATE consents SET text_version = '2'")
    conn.execute("DELETE FROM consents")
    made, *moved, gone = log(conn, "consents")
    assert {row["operation"]: row["row_key"]["text_version"] for row in moved} == {"DELETE": "1", "INSERT": "2"}
    assert (made["operation"], gone["operation"], gone["after"]) == ("INSERT", "DELETE", None)


def test_nothing_stays_of_a_change_that_was_taken_back(conn: Connection[Any], wiring: Wiring) -> None:
    with pytest.raises(ZeroDivisionError), wiring.transaction() as doomed:
        open_book(doomed, kind="chama", name="Umoja", at=START)
        raise ZeroDivisionError
    assert log(conn, "books") == []


def test_no_process_writes_the_log_and_its_owner_does_not_rewrite_it(conn: Connection[Any]) -> None:
    open_book(conn, kind="chama", name="Umoja", at=START)
    for table in ("audit_logs", "audit_values", "audit_queue", "audit_chain"):
        for role in ("pesachama_web", "pesachama_worker"):
            for right in ("INSERT", "UPDATE", "DELETE", "TRUNCATE"):
                held = conn.execute("SELECT has_table_privilege(%s, %s, %s)", [role, table, right]).fetchone()
                assert held == (False,), (table, role, right)
    for table in ("audit_logs", "audit_chain"):
        for verb in ("UPDATE {} SET audit_id = 1", "DELETE FROM {}", "TRUNCATE {}"):
            statement = sql.SQL(verb.replace("audit_id = 1", "id = id" if table == "audit_logs" else "audit_id = 1"))
            with pytest.raises(errors.RestrictViolation):
                conn.execute(statement.format(sql.Identifier(table)))


def chained(conn: Connection[Any], wires: Wires) -> None:
    """Four changes in the chain: a person is made and renamed, a book is opened, her language is chosen."""
    user_id = register.create_person(conn, phone="+254700000001", first_name="Amina", language="sw", at=START)
    conn.execute("UPDATE users SET first_name = 'Halima'")
    open_book(conn, kind="chama", name="Umoja", at=START)
    register.prefer(conn, user_id, language="en")
    assert audit.chain_due(wires) == 4 + conn.execute("SELECT count(*) FROM seasons").fetchall()[0][0]
    assert (audit.chain_due(wires), audit.waiting(conn)) == (0, 0)


def test_the_job_chains_what_waits_and_verify_derives_it_again(conn: Connection[Any], wiring: Wiring) -> None:
    chained(conn, wiring)
    register.prefer(conn, 1, language="sw")
    assert (audit.waiting(conn), broken(conn)) == (1, [])
    assert audit.chain_due(wiring) == 1
    assert broken(conn) == []
    assert {finding.name for finding in audit.verify(conn)} <= {finding.name for finding in checks.all_findings(wiring)}


def test_a_death_of_the_job_leaves_the_rows_waiting(conn: Connection[Any], wiring: Wiring) -> None:
    register.create_person(conn, phone=None, first_name="Amina", language="sw", at=START)
    waiting = audit.waiting(conn)
    with pytest.raises(psycopg.errors.CheckViolation), wiring.transaction() as doomed:
        doomed.execute("SELECT chain_audit(%s, %s)", [START, [b"x" * 15] * 20])
    assert (audit.waiting(conn), conn.execute("SELECT count(*) FROM audit_chain").fetchall()) == (waiting, [(0,)])
    assert audit.chain_due(wiring) == waiting
    assert broken(conn) == []


@pytest.mark.parametrize(
    "harm",
    [
        'UPDATE audit_logs SET after = \'{"language": "fr"}\' WHERE id = (SELECT max(id) FROM audit_logs)',
        "UPDATE audit_logs SET actor_id = 7 WHERE id = (SELECT max(id) FROM audit_logs)",
        "UPDATE audit_logs SET at = '2020-01-01' WHERE id = (SELECT max(id) FROM audit_logs)",
        'UPDATE audit_values SET value = \'{"after": {"first_name": "Zawadi"}}\'',
        "UPDATE audit_values SET commitment = sha256('')",
        "DELETE FROM audit_values",
        "DELETE FROM audit_logs WHERE id = (SELECT max(id) FROM audit_logs)",
        "DELETE FROM audit_chain WHERE position = 2",
        "DELETE FROM audit_chain WHERE position = (SELECT max(position) FROM audit_chain)",
        "UPDATE audit_chain SET chained_at = '2020-01-01' WHERE position = 3",
        "INSERT INTO audit_logs (table_name, operation, row_key, process, changed) "
        "VALUES ('x', 'INSERT', '{}', 'y', '{}')",
    ],
)
def test_a_log_that_was_changed_behind_the_guards_is_named(conn: Connection[Any], wiring: Wiring, harm: str) -> None:
    chained(conn, wiring)
    for table in ("audit_logs", "audit_chain"):
        conn.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table)))
    conn.execute(harm.encode())
    assert "change " in "".join(broken(conn))


def test_what_is_forgotten_leaves_the_chain_whole_before_and_after_it_is_chained(
    conn: Connection[Any], wiring: Wiring
) -> None:
    chained(conn, wiring)
    conn.execute("UPDATE users SET first_name = 'Zawadi'")
    assert conn.execute("SELECT forget_audit((SELECT id FROM users))").fetchall() == [(3,)]
    assert audit.chain_due(wiring) == 1
    assert broken(conn) == []
    kept = conn.execute("SELECT value, salt, commitment IS NULL FROM audit_values WHERE part = 'row'").fetchall()
    assert kept == [(None, None, False)] * 3
