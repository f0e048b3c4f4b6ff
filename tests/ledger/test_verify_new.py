"""A run over new pages only, in one process or in several: what it finds, where it begins, and what it cannot see."""

from typing import Any

import pytest
from psycopg import Connection, errors, sql

from ledger import books, verify, verify_crew, verify_pages
from ledger.verify import newest, note_sound, unseen
from tests.instruments import START, SeededChance
from tests.ledger.test_verify import unguard
from tests.ledger.umoja import Umoja, open_umoja


@pytest.fixture
def history(conn: Connection[Any], umoja: Umoja, chance: SeededChance) -> Umoja:
    """Five pages of Umoja and five of another book, all found sound; then two more of Umoja."""
    other = open_umoja(conn, "Tumaini")
    for number in range(5):
        books.post(conn, umoja.contribution(f"a{number}", 100), at=START, chance=chance)
        books.post(conn, other.contribution(f"b{number}", 100), at=START, chance=chance)
    with conn.transaction():
        assert all(finding.ok for finding in verify(conn))
        note_sound(conn, newest(conn))
    for number in (6, 7):
        books.post(conn, umoja.contribution(f"a{number}", 100), at=START, chance=chance)
    return umoja


def found(conn: Connection[Any], **how: Any) -> dict[str, str]:
    with conn.transaction():
        return {one.name.split()[0]: one.detail for one in verify(conn, **how) if not one.ok}


def changed(conn: Connection[Any], change: str, **how: Any) -> dict[str, str]:
    """What is found after a change behind the guards, which is then undone."""
    with conn.transaction(force_rollback=True):
        unguard(conn)
        conn.execute(change.encode())
        return {name: detail for name, detail in found(conn, **how).items() if name != "I13"}


def test_only_new_pages_are_hashed_and_all_links_are_looked_at(conn: Connection[Any], history: Umoja) -> None:
    with conn.transaction():
        counts = {finding.name.split()[0]: finding.count for finding in verify(conn, new_only=True) if finding.ok}
        assert unseen(conn) == 10
    assert (counts["I5"], counts["I1"], counts["I14"]) == (2, 2, 2)
    assert (counts["I3"], counts["I4"], counts["I10"]) == (12, 12, 12)
    assert counts.keys() == {f"I{number}" for number in range(1, 19)}


def test_a_change_of_a_new_page_is_found(conn: Connection[Any], history: Umoja) -> None:
    for change in (
        "UPDATE entries SET kind = 'x' WHERE (book_id, seq) = (1, 6)",
        "UPDATE entries SET prev_hash = sha256('x') WHERE (book_id, seq) = (1, 6)",
        "UPDATE postings SET amount_cents = 1 WHERE (book_id, seq, line) = (1, 6, 1)",
        "UPDATE postings SET account_version = 6 WHERE (book_id, seq, line) = (1, 7, 1)",
        "UPDATE postings SET balance_after_cents = 6 WHERE (book_id, seq, line) = (1, 6, 1)",
        "DELETE FROM entries WHERE (book_id, seq) = (1, 6)",
        "UPDATE entry_notes SET salt = decode(repeat('00', 16), 'hex') WHERE (book_id, seq) = (1, 7)",
    ):
        details = changed(conn, change, new_only=True)
        assert details, change
        assert any("entry 6 of book 1" in one or "entry 7 of book 1" in one for one in details.values()), change


def test_what_a_run_over_new_pages_cannot_see_the_whole_walk_sees(conn: Connection[Any], history: Umoja) -> None:
    unseen_change = "UPDATE entries SET kind = 'x' WHERE (book_id, seq) = (1, 3)"
    assert changed(conn, unseen_change, new_only=True) == {}
    assert "entry 3 of book 1" in changed(conn, unseen_change)["I5"]
    # A page that went, came in between or was hashed anew breaks a number or a link, however old it is.
    rehashed = "UPDATE entries SET hash = sha256('x') WHERE (book_id, seq) = (2, 3)"
    assert "entry 4 of book 2" in changed(conn, rehashed, new_only=True)["I4"]
    assert "I7" in changed(conn, "UPDATE postings SET amount_cents = 1 WHERE (book_id, seq) = (2, 3)", new_only=True)


def test_the_last_sound_page_never_goes_back_and_never_beyond_the_book(conn: Connection[Any], history: Umoja) -> None:
    for noted, kept in ({1: 3}, 5), ({1: 7}, 7), ({1: 99}, 7), ({99: 1}, 7):
        note_sound(conn, noted)
        assert conn.execute("SELECT verified_seq FROM heads WHERE book_id = 1").fetchone() == (kept,)
    assert found(conn, new_only=True) == {}


def test_only_the_worker_notes_what_was_sound(conn: Connection[Any], history: Umoja) -> None:
    conn.execute("SET ROLE pesachama_web")
    with pytest.raises(errors.InsufficientPrivilege):
        note_sound(conn, {1: 6})
    conn.execute("SET ROLE pesachama_worker")
    note_sound(conn, {1: 6})


@pytest.mark.parametrize("stretch_pages", [1, 2, 5, 1000])
def test_stretches_of_any_length_find_the_same(
    conn: Connection[Any], history: Umoja, monkeypatch: pytest.MonkeyPatch, stretch_pages: int
) -> None:
    monkeypatch.setattr(verify_pages, "STRETCH_PAGES", stretch_pages)
    assert found(conn) == {}
    assert found(conn, new_only=True) == {}
    details = changed(conn, "UPDATE postings SET balance_after_cents = 6 WHERE (book_id, seq, line) = (1, 2, 1)")
    assert "entry 2 of book 1" in details["I6"]
    details = changed(conn, "UPDATE entries SET prev_hash = sha256('x') WHERE (book_id, seq) = (2, 4)")
    assert "entry 4 of book 2" in details["I4"]
    assert "entry 3 of book 2" in changed(conn, "DELETE FROM entries WHERE (book_id, seq) = (2, 3)")["I2"]


def test_processes_of_their_own_find_the_same_and_tell_how_far_they_are(
    conn: Connection[Any], history: Umoja, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify_pages, "STRETCH_PAGES", 4)
    monkeypatch.setattr(verify_crew, "WORTH_A_PROCESS", 1)
    told: list[tuple[int, int]] = []
    with conn.transaction():
        alone = verify(conn)
        assert verify(conn, processes=2, told=lambda pages, of: told.append((pages, of))) == alone
    assert told[-1] == (12, 12)
    assert [pages for pages, _ in told] == sorted(pages for pages, _ in told)
    unguard(conn)
    conn.execute("UPDATE entries SET kind = 'x' WHERE (book_id, seq) = (2, 3)")
    assert "entry 3 of book 2" in found(conn, processes=2)["I5"]


def test_a_column_of_another_width_is_a_finding_and_no_crash(conn: Connection[Any], history: Umoja) -> None:
    with conn.transaction(force_rollback=True):
        unguard(conn)
        for table in ("entries", "entries_20262"):
            for name in ("hash", "prev_hash", "commitment"):
                drop = sql.SQL("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}")
                conn.execute(drop.format(sql.Identifier(table), sql.Identifier(f"entries_{name}_check")))
        odd = (("hash", ""), ("prev_hash", "\\x00"), ("commitment", "\\x00"), ("occurred_at", "infinity"))
        for column, value in odd:
            bend = sql.SQL("UPDATE entries SET {} = %s WHERE (book_id, seq) = (1, 3)").format(sql.Identifier(column))
            conn.execute(bend, [value])
            assert "entry 3 of book 1" in found(conn)["I5"], column
