"""The ten invariants, attacked at the SQL prompt: as the tables' owner and as each process, on parent and partition.

An attack ends in one of three ways: the role may not do it, the database refuses it whoever does it, or it leaves a
trace that `pesachama verify` names. Each is taken back, so that all are tried on the same books.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
import redis
from psycopg import Connection, errors, sql

import chamas.verify
import payments.verify
from ledger import books, holds
from ledger.verify import verify
from ledger.verify_seals import verify_seals
from tests.conftest import a_database, as_owner
from tests.instruments import SeededChance
from tests.whole import Seeded, running

REFUSED = errors.InsufficientPrivilege
Outcome = type[psycopg.Error] | str

FORGED_ENTRY: LiteralString = (
    "WITH last AS (SELECT e.* FROM entries e JOIN heads h ON h.book_id = e.book_id AND h.next_seq = e.seq + 1"
    " WHERE e.kind = 'contribution'), entry AS (INSERT INTO {entries} (book_id, season, seq, kind, occurred_at,"
    " recorded_at, commitment, prev_hash, hash) SELECT book_id, season, seq + {step}, kind, occurred_at,"
    " recorded_at,"
    " commitment, hash, hash FROM last) INSERT INTO {postings} (book_id, season, seq, line, account_id,"
    " amount_cents, balance_after_cents,"
    " account_version) SELECT p.book_id, p.season, p.seq + {step}, line, account_id, amount_cents + {off}, 0, 0"
    " FROM last JOIN postings p ON (p.book_id, p.season, p.seq) = (last.book_id, last.season, last.seq)"
)


@dataclass(frozen=True)
class Attack:
    """What it says, and what comes of it for the owner and for the worker: an error, or words of a finding."""

    invariant: str
    statement: LiteralString
    owner: Outcome
    worker: Outcome = REFUSED
    step: int = 1
    off: int = 0

    @property
    def partitioned(self) -> bool:
        return "{entries}" in self.statement or "{postings}" in self.statement


ATTACKS = (
    Attack("I1 sums are zero", FORGED_ENTRY, errors.IntegrityConstraintViolation, off=7),
    Attack("I2 nothing changes", "UPDATE {entries} SET kind = 'gift'", errors.RestrictViolation),
    Attack("I2 nothing changes", "UPDATE {postings} SET amount_cents = 1", errors.RestrictViolation),
    Attack("I2 nothing changes", "DELETE FROM {entries}", errors.RestrictViolation),
    Attack("I2 nothing changes", "DELETE FROM {postings}", errors.RestrictViolation),
    Attack("I2 nothing changes", "TRUNCATE {entries}, {postings}", errors.RestrictViolation),
    Attack("I3 bounds", "UPDATE accounts SET floor_cents = balance_cents + 1", errors.CheckViolation),
    Attack("I3 bounds", "UPDATE accounts SET debits_posted_cents = -1", errors.CheckViolation),
    Attack("I4 numbers and hashes", FORGED_ENTRY, "hashes are those", step=1),
    Attack("I4 numbers and hashes", FORGED_ENTRY, "without gaps", step=2),
    Attack("I4 numbers and hashes", "UPDATE heads SET next_seq = next_seq + 1", "heads equal"),
    Attack(
        "I5 balances",
        "UPDATE accounts SET debits_posted_cents = debits_posted_cents + 100 WHERE kind = 'asset'",
        "account",
    ),
    Attack(
        "I5 balances",
        "ALTER TABLE {postings} DISABLE TRIGGER ALL; UPDATE {postings} SET balance_after_cents = 7;"
        " ALTER TABLE {postings} ENABLE TRIGGER ALL",
        "balances run on",
    ),
    Attack(
        "I6 a receipt once",
        "INSERT INTO receipts SELECT * FROM receipts",
        errors.UniqueViolation,
        errors.UniqueViolation,
    ),
    Attack("I6 a receipt once", "INSERT INTO idempotency_keys SELECT * FROM idempotency_keys", errors.UniqueViolation),
    Attack(
        "I7 no money without a receipt",
        "UPDATE payment_attempts SET state = 'paid' WHERE state = 'pending'",
        "a paid attempt has a receipt",
        "a paid attempt has a receipt",
    ),
    Attack(
        "I8 what is owed is what is there",
        "UPDATE receipts SET amount_cents = amount_cents + 100",
        "amount of its receipt",
    ),
    Attack("I9 a hold ends once", "INSERT INTO endings SELECT * FROM endings", errors.UniqueViolation),
    Attack("I9 a hold ends once", "DELETE FROM open_holds", errors.IntegrityConstraintViolation),
    Attack(
        "I9 a hold ends once",
        "INSERT INTO {postings} SELECT book_id, season, seq, line + 2, account_id, amount_cents, 0, 0,"
        " 'released' FROM postings WHERE phase = 'pending'",
        errors.IntegrityConstraintViolation,
    ),
    Attack("I10 a leaf for every sealed page", "DELETE FROM batch_leaves", "every entry is sealed"),
    Attack(
        "I10 a leaf for every sealed page",
        "UPDATE batch_leaves SET leaf = sha256(leaf)",
        "leaf",
        "leaf",
    ),
    Attack("I10 a leaf for every sealed page", "UPDATE batches SET root = sha256(root)", "root", "root"),
)


@pytest.fixture(scope="module")
def attacked(
    postgres_url: str, redis_server: str, seeded: Seeded, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Connection[Any]]:
    """The owner's connection to sound books: payments booked and sealed, one asked for, a hold open and one ended."""
    folder: Path = tmp_path_factory.mktemp("attacked")
    with redis.Redis.from_url(redis_server) as client:
        client.flushall()  # a session of a test before would answer in the place of hers
    with a_database(postgres_url, seeded.database) as name:
        url = as_owner(postgres_url, name)
        with running(url, redis_server, folder, seeded.people) as whole:
            whole.contribute("Wanjiku")
            whole.ask_to_contribute("Njeri")
            whole.settle()
            with psycopg.connect(url, autocommit=True) as conn:
                hold_two(conn, whole.worker.now())
                whole.contribute("Chebet", 200)
                assert whole.unsound() == []
                yield conn


def hold_two(conn: Connection[Any], at: Any) -> None:
    """Two holds on what the group holds at the bank; one of them is let go."""
    book_id, first, second = conn.execute(
        "SELECT book_id, min(id), max(id) FROM accounts WHERE kind = 'asset'"
        " GROUP BY book_id HAVING count(*) > 1 LIMIT 1"
    ).fetchall()[0]
    for key in ("one", "two"):
        lines = (books.Line(first, 100), books.Line(second, -100))
        draft = books.Draft(book_id, "hold", at, lines, "attack", key, expires_at=at + timedelta(days=30))
        held = books.post(conn, draft, at=at, chance=SeededChance(len(key)))
    holds.void(conn, book_id, held.seq, holds.Request("attack", "void", at), at=at, chance=SeededChance(9))


def named(conn: Connection[Any]) -> list[str]:
    """The findings that are not well."""
    found = [*verify(conn), *verify_seals(conn), *payments.verify.verify(conn)]
    return [finding.name for finding in [*found, *chamas.verify.verify(conn)] if not finding.ok]


def struck(conn: Connection[Any], attack: Attack, role: str, suffix: str) -> Outcome | list[str]:
    """What becomes of an attack; it is taken back."""
    names = {"entries": sql.Identifier(f"entries{suffix}"), "postings": sql.Identifier(f"postings{suffix}")}
    statement = sql.SQL(attack.statement).format(**names, step=sql.Literal(attack.step), off=sql.Literal(attack.off))
    try:
        with conn.transaction(force_rollback=True):
            conn.execute("SELECT set_config('role', %s, true)", [role])
            done = conn.execute(statement)
            assert done.rowcount != 0, "the attack met no row"
            conn.execute("SET CONSTRAINTS ALL IMMEDIATE")
            conn.execute("SET LOCAL ROLE NONE")
            return named(conn)
    except psycopg.Error as refused:
        return type(refused)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.invariant)
def test_invariant(attacked: Connection[Any], attack: Attack) -> None:
    (season,) = attacked.execute("SELECT max(season) FROM entries").fetchall()[0]
    for suffix in ("", f"_{season}") if attack.partitioned else ("",):
        for role, outcome in (("none", attack.owner), ("pesachama_worker", attack.worker), ("pesachama_web", REFUSED)):
            what = struck(attacked, attack, role, suffix)
            if isinstance(outcome, str) and not (suffix and role != "none"):
                assert isinstance(what, list) and any(outcome in name for name in what), (role, suffix, what)
            else:
                expected = REFUSED if suffix and role != "none" else outcome
                assert isinstance(what, type) and issubclass(what, expected), (role, suffix, what)  # type: ignore[arg-type]
