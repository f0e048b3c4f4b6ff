"""Verify while seasons are put away: what is at hand is derived as before, and carries on from what is not."""

from typing import Any

import pytest
from psycopg import Connection, sql

from gateway.wiring import Wiring
from ledger import archive, batches, books, export, holds, refusals, seasons, verify
from ledger.holds import Request
from ledger.verify import newest, note_sound
from ledger.verify_seals import verify_seals
from tests.instruments import START, SeededChance
from tests.ledger.umoja import Umoja

NEW_YEAR = seasons.opens_at(20271)


@pytest.fixture
def history(conn: Connection[Any], wiring: Wiring, umoja: Umoja, chance: SeededChance) -> Umoja:
    """Three pages and a hold in 20262, sealed and put away; its settlement and two more pages in 20271."""
    for number in range(3):
        books.post(conn, umoja.contribution(f"old{number}", 1_000), at=START, chance=chance)
    taken = (books.Line(umoja.wanjiku, 500), books.Line(umoja.mpesa, -500))
    held = umoja.contribution("hold", 0, kind="payout", lines=taken, expires_at=seasons.opens_at(20272))
    books.post(conn, held, at=START, chance=chance)
    holds.settle(conn, 1, 4, Request("test", "settle", NEW_YEAR), at=NEW_YEAR, chance=chance)
    for number in range(2):
        books.post(conn, umoja.contribution(f"new{number}", 100), at=NEW_YEAR, chance=chance)
    assert batches.seal_due(wiring, witness="checkpoint") == 7
    archive.archive(conn, 20262, at=seasons.opens_at(20272))
    return umoja


def found(conn: Connection[Any], change: str = "SELECT", **how: Any) -> dict[str, str]:
    with conn.transaction(force_rollback=True):
        for table in ("entries", "entries_20271", "postings", "postings_20271"):
            conn.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table)))
        conn.execute(change.encode())
        wrong = [one for one in [*verify(conn, **how), *verify_seals(conn)] if not one.ok]
    return {one.name.split()[0]: one.detail for one in wrong if not one.name.startswith("I13")}


def test_what_is_at_hand_is_sound_and_counted(conn: Connection[Any], history: Umoja) -> None:
    assert found(conn) == {}
    with conn.transaction():
        counts = {one.name.split()[0]: one.count for one in verify(conn)}
        note_sound(conn, newest(conn))
    assert counts["I5"] == 3
    assert found(conn, new_only=True) == {}
    with conn.transaction():
        archive.attach(conn, 20262)
    assert found(conn) == {}


@pytest.mark.parametrize("new_only", [False, True])
def test_a_change_at_hand_is_found_and_so_is_a_wrong_beginning(
    conn: Connection[Any], history: Umoja, new_only: bool
) -> None:
    for change, name in (
        ("UPDATE entries SET kind = 'x' WHERE seq = 6", "I5"),
        ("UPDATE entries SET prev_hash = sha256('x') WHERE seq = 5", "I5"),
        ("UPDATE postings SET balance_after_cents = 9 WHERE (seq, line) = (6, 1)", "I6"),
        ("UPDATE postings SET balance_after_cents = balance_after_cents + 1 WHERE account_id = 2", "I6"),
        ("DELETE FROM postings WHERE seq = 6", "I7"),
        ("UPDATE accounts SET credits_posted_cents = credits_posted_cents + 1 WHERE id = 2", "I7"),
        ("UPDATE positions SET credits_cents = credits_cents + 1 WHERE (account_id, season) = (2, 20262)", "I7"),
    ):
        assert name in found(conn, change, new_only=new_only), change


def test_half_a_book_is_not_exported(conn: Connection[Any], history: Umoja) -> None:
    with pytest.raises(refusals.SeasonArchived):
        export.files(conn, 1)
