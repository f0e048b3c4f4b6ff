"""Verify sees what was changed behind the back of every guard, and names the first entry that does not fit."""

import re
from typing import Any, LiteralString

import pytest
from psycopg import Connection, sql

from ledger import books, passbook
from ledger.findings import Finding
from ledger.verify import verify
from tests.instruments import START, SeededChance
from tests.ledger.umoja import Umoja, open_umoja


def bad(conn: Connection[Any]) -> dict[str, Finding]:
    with conn.transaction():
        return {finding.name.split()[0]: finding for finding in verify(conn) if not finding.ok}


@pytest.fixture
def history(conn: Connection[Any], umoja: Umoja, chance: SeededChance) -> Umoja:
    """Five entries of Umoja, and an entry with a refusal beside it in another book."""
    for number in range(1, 6):
        books.post(conn, umoja.contribution(str(number), number * 100), at=START, chance=chance)
    books.post(conn, open_umoja(conn, "Tumaini").contribution("other", 700), at=START, chance=chance)
    conn.execute(
        "INSERT INTO idempotency_keys (scope, key, request_hash, book_id, refusal, recorded_at) "
        "VALUES ('receipt', 'refused', sha256('x'), 1, 'out_of_bounds', %s)",
        [START],
    )
    return umoja


def test_honest_books_pass_empty_and_full(conn: Connection[Any], umoja: Umoja, chance: SeededChance) -> None:
    assert bad(conn) == {}
    books.post(conn, umoja.contribution("A", 500, note={}), at=START, chance=chance)
    note = {"jina": "Wanjikũ \U0001f600", "a": [1, -2, True, None, {"z": "", "b": 2**62}], "É": {}}
    books.post(conn, umoja.contribution("B", 500, note=note, actor_id=3), at=START, chance=chance)
    assert bad(conn) == {}


# What is done to entry 3 of book 1 behind the guards, and the invariants that must notice.
TAMPERINGS: tuple[tuple[LiteralString, set[str]], ...] = (
    ("UPDATE postings SET amount_cents = -amount_cents WHERE seq = 3", {"I5", "I6", "I7"}),
    ("UPDATE postings SET amount_cents = 1 WHERE (seq, line) = (3, 1)", {"I1", "I5", "I6", "I7"}),
    ("DELETE FROM postings WHERE seq = 3", {"I2", "I5", "I6", "I7"}),
    ("UPDATE postings SET balance_after_cents = 9 WHERE (seq, line) = (3, 2)", {"I6"}),
    ("UPDATE postings SET account_version = 9 WHERE (seq, line) = (3, 2)", {"I6"}),
    ("UPDATE entries SET hash = set_byte(hash, 31, get_byte(hash, 31) # 1) WHERE seq = 3", {"I4", "I5"}),
    ("UPDATE entries SET prev_hash = set_byte(prev_hash, 0, get_byte(prev_hash, 0) # 128) WHERE seq = 3", {"I4", "I5"}),
    ("UPDATE entries SET occurred_at = occurred_at + interval '1 microsecond' WHERE seq = 3", {"I5"}),
    ("UPDATE entries SET recorded_at = recorded_at - interval '1 microsecond' WHERE seq = 3", {"I5"}),
    ("UPDATE entries SET kind = 'Contribution' WHERE seq = 3", {"I5"}),
    ("UPDATE entries SET actor_id = 0 WHERE seq = 3", {"I5"}),
    ("UPDATE entries SET reverses_seq = 2 WHERE seq = 3", {"I5", "I15"}),
    ("UPDATE entries SET about_season = 20261 WHERE seq = 3", {"I5"}),
    ("UPDATE entries SET version = 1 WHERE seq = 3", {"I5"}),
    ("UPDATE entries SET version = 3 WHERE seq = 3", {"I5"}),
    ("UPDATE entries SET expires_at = recorded_at + interval '1 s' WHERE seq = 3", {"I5", "I15"}),
    ("UPDATE entries SET resolves_seq = 2, resolution = 'posted' WHERE seq = 3", {"I5", "I15"}),
    ("UPDATE postings SET phase = 'pending' WHERE seq = 3", {"I5", "I6", "I7"}),
    ("UPDATE entries SET season = 20271 WHERE seq = 3", {"I2", "I3", "I5", "I10", "I11"}),
    ("DELETE FROM entries WHERE seq = 3", {"I2", "I3", "I4", "I10", "I11"}),
    ("DELETE FROM entry_codes WHERE seq = 3", {"I10"}),
    ("DELETE FROM idempotency_keys WHERE seq = 3", {"I11"}),
    ("UPDATE entry_notes SET note = note || '{{\"round\": 8}}' WHERE seq = 3", {"I14"}),
)

# What names no entry: a false account, head or guard.
FALSEHOODS: tuple[tuple[LiteralString, str, str], ...] = (
    ("UPDATE accounts SET credits_posted_cents = 7 WHERE code = 'member:5'", "I7", "account member:5 of book 1"),
    ("UPDATE accounts SET credits_posted_cents = 7 WHERE code = 'member:5'", "I17", "book 1"),
    ("UPDATE accounts SET version = 1 WHERE code = 'member:5'", "I7", "account member:5 of book 1"),
    ("UPDATE accounts SET debits_posted_cents = 1 WHERE code = 'mpesa:600100'", "I17", "book 1"),
    ("UPDATE accounts SET debits_pending_cents = 1 WHERE code = 'mpesa:600100'", "I17", "book 1"),
    ("UPDATE heads SET next_seq = 7", "I9", "book 1"),
    ("UPDATE heads SET head_hash = sha256('x')", "I9", "book 1"),
    ("UPDATE heads SET season = 20271", "I9", "book 1"),
    ("UPDATE seasons SET opens_at = opens_at + interval '1 us' WHERE number = 20271", "I18", "season 20271"),
    ("UPDATE seasons SET closes_at = closes_at - interval '1 us' WHERE number = 20271", "I18", "season 20271"),
    ("UPDATE seasons SET number = 20272 WHERE number = 20271", "I18", "season 20272"),
    ("DROP TRIGGER whole ON postings_20262", "I13", "table postings_20262"),
    ("ALTER TABLE entries_20271 DISABLE TRIGGER ALL", "I13", "table entries_20271"),
    ("ALTER TABLE entry_codes DISABLE TRIGGER USER", "I13", "table entry_codes"),
)


def unguard(conn: Connection[Any]) -> None:
    for table in ("entries", "entries_20262", "postings", "postings_20262", "entry_codes", "idempotency_keys"):
        conn.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table)))


def test_a_change_behind_the_guards_is_found_and_its_entry_named(conn: Connection[Any], history: Umoja) -> None:
    for tampering, names in TAMPERINGS:
        with conn.transaction(force_rollback=True):
            unguard(conn)
            conn.execute(sql.SQL(tampering).format())
            found = bad(conn)
        # The missing guards are found in all cases, and more than what must be noticed may be.
        assert names <= found.keys() - {"I13"}, tampering
        first = found[min(names, key=lambda name: int(name[1:]))]
        # A false hash breaks the link of the entry after it, too: the walk names that one.
        assert re.search("entry [34] of book 1", first.detail), (tampering, first)
    assert bad(conn) == {}


def test_a_false_account_head_or_guard_is_named(conn: Connection[Any], history: Umoja) -> None:
    for falsehood, name, culprit in FALSEHOODS:
        with conn.transaction(force_rollback=True):
            conn.execute(sql.SQL(falsehood).format())
            assert bad(conn)[name].detail.startswith(f"not so for {culprit}, "), falsehood


def test_a_balance_outside_its_bounds_is_named(conn: Connection[Any], history: Umoja) -> None:
    conn.execute("ALTER TABLE accounts DROP CONSTRAINT accounts_check")
    conn.execute("UPDATE accounts SET floor_cents = 10000000 WHERE code = 'member:6'")
    assert "account member:6 of book 1" in bad(conn)["I8"].detail


def test_what_two_books_hold_about_each_other_must_meet(
    conn: Connection[Any], umoja: Umoja, chance: SeededChance
) -> None:
    tumaini = open_umoja(conn, "Tumaini")
    owed = books.open_account(conn, book_id=umoja.book_id, code=f"due:{tumaini.book_id}", kind="asset")
    owing = books.open_account(conn, book_id=tumaini.book_id, code=f"due:{umoja.book_id}", kind="liability")
    lines = (books.Line(owed, 500), books.Line(umoja.wanjiku, -500))
    books.post(conn, umoja.contribution("one", 0, lines=lines), at=START, chance=chance)
    assert "books 1 and 2" in bad(conn)["I12"].detail
    lines = (books.Line(tumaini.mpesa, 500), books.Line(owing, -500))
    books.post(conn, tumaini.contribution("two", 0, lines=lines), at=START, chance=chance)
    assert bad(conn) == {}


def test_an_erased_note_breaks_nothing(conn: Connection[Any], history: Umoja) -> None:
    conn.execute("DELETE FROM entry_notes WHERE seq = 3")
    assert bad(conn) == {}
    assert passbook.statement(conn, history.wanjiku, after_seq=4)[0].note is None
