"""Entries that were written in the first form stand on beside those of the second."""

import shutil
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from ledger import books, holds, preimage
from ledger.holds import Request
from ledger.seasons import open_ahead
from ledger.verify import verify
from migrations import runner
from tests.instruments import START, SeededChance
from tests.ledger.umoja import Umoja, open_umoja


def post_in_the_first_form(conn: Connection[Any], umoja: Umoja, draft: books.Draft) -> None:
    """As the posting function was called before holds came."""
    salt = bytes(16)
    conn.execute(
        "SELECT post_entries(%s, %s, %s, %s, %s, %s, %s, %s::integer[], %s::bigint[], %s::bigint[], %s, "
        "%s::jsonb[], %s, %s, %s::integer[], %s, %s)",
        [
            [draft.scope], [draft.key], [draft.request_hash()], [draft.book_id], [draft.kind], [draft.occurred_at],
            START, [None], [None], [None], [salt], ["{}"], [preimage.commitment(salt, "{}")], ["ABCDEFGH"],
            [1, 1], [line.account_id for line in draft.lines], [line.amount_cents for line in draft.lines],
        ],
    )  # fmt: skip


def test_old_entries_verify_repeat_and_are_reversed_in_their_own_form(
    empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chance: SeededChance
) -> None:
    for known in sorted(runner.FOLDER.glob("000[1-7]*.sql")):
        shutil.copy(known, tmp_path)
    with monkeypatch.context() as earlier:
        earlier.setattr(runner, "FOLDER", tmp_path)
        runner.migrate(empty_database_url, START)
    with psycopg.connect(empty_database_url, autocommit=True) as conn:
        open_ahead(conn, START)
        umoja = open_umoja(conn)
        post_in_the_first_form(conn, umoja, umoja.contribution("old", 700, note={}))

    runner.migrate(empty_database_url, START)
    with psycopg.connect(empty_database_url, autocommit=True) as conn:
        again = books.post(conn, umoja.contribution("old", 700), at=START, chance=chance)
        assert (again.seq, again.code, again.repeated) == (1, "ABCDEFGH", True)
        books.post(conn, umoja.contribution("new", 500), at=START, chance=chance)
        holds.reverse(conn, umoja.book_id, 1, Request("test", "back", START), at=START, chance=chance)
        assert conn.execute("SELECT seq, version FROM entries ORDER BY seq").fetchall() == [(1, 1), (2, 2), (3, 2)]
        assert books.balance(conn, umoja.wanjiku) == 500
        with conn.transaction():
            assert [finding for finding in verify(conn) if not finding.ok] == []
