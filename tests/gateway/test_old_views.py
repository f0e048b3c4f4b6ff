"""The view that older tools of PesaChama read: their columns, from the books as they are."""

from decimal import Decimal
from typing import Any

import pytest
from psycopg import Connection
from psycopg.rows import dict_row

from ledger import archive, books, seasons
from tests.gateway.town import Town
from tests.instruments import START, SeededChance


def rows(conn: Connection[Any], town: Town) -> list[dict[str, Any]]:
    cursor = conn.cursor(row_factory=dict_row)
    query = "SELECT * FROM transactions WHERE chama_id = %s ORDER BY (metadata->>'entry')::bigint"
    return cursor.execute(query, [town.chama_id]).fetchall()


def test_a_contribution_by_mpesa(conn: Connection[Any], umoja: Town) -> None:
    [paid] = rows(conn, umoja)
    assert (paid["type"], paid["payment_method"], paid["status"]) == ("contribution", "mpesa", "completed")
    assert (paid["mpesa_transaction_id"], paid["reference"]) == ("TKK3ABCDEF", umoja.code)
    assert (paid["amount"], paid["amount_cents"], paid["member_id"]) == (Decimal(500), 50_000, umoja.member_ids[0])
    assert (paid["created_at"], paid["metadata"]["entry"], paid["metadata"]["balance_after_cents"]) == (
        START,
        1,
        50_000,
    )


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("payout", "disbursement"),
        ("fee", "fee"),
        ("penalty", "penalty"),
        ("refund", "refund"),
        ("deposit", "contribution"),
        # None of the five: named by the way it went.
        ("set_off", "disbursement"),
        ("-opening", "contribution"),
    ],
)
def test_kinds_of_entries_have_the_old_names(conn: Connection[Any], umoja: Town, kind: str, shown: str) -> None:
    hers = books.account_id(conn, umoja.book_id, f"member:{umoja.member_ids[0]}")
    mpesa = books.account_id(conn, umoja.book_id, "mpesa:600123")
    assert hers is not None and mpesa is not None
    cents = -100 if kind.startswith("-") else 100
    lines = (books.Line(mpesa, -cents), books.Line(hers, cents))
    draft = books.Draft(umoja.book_id, kind.lstrip("-"), START, lines, scope="test", key=kind, note={"reason": "rules"})
    books.post(conn, draft, at=START, chance=SeededChance(3))
    newest = rows(conn, umoja)[-1]
    assert (newest["type"], newest["amount_cents"], newest["mpesa_transaction_id"]) == (shown, 100, None)
    assert (newest["payment_method"], newest["metadata"]["reason"]) == ("internal", "rules")
    assert (str(newest["amount"]), newest["archived_before"]) == ("1.00", None)


def test_rows_that_are_put_away_are_spoken_of(conn: Connection[Any], umoja: Town) -> None:
    hers = books.account_id(conn, umoja.book_id, f"member:{umoja.member_ids[0]}")
    mpesa = books.account_id(conn, umoja.book_id, "mpesa:600123")
    assert hers is not None and mpesa is not None
    later = seasons.opens_at(20271)
    lines = (books.Line(mpesa, 100), books.Line(hers, -100))
    draft = books.Draft(umoja.book_id, "contribution", later, lines, scope="test", key="later")
    books.post(conn, draft, at=later, chance=SeededChance(3))
    conn.execute("DELETE FROM sealing_queue")
    archive.archive(conn, 20262, at=later)
    assert [(row["amount_cents"], row["archived_before"]) for row in rows(conn, umoja)] == [(100, later)]


def test_the_readers_own_policies_hold(conn: Connection[Any]) -> None:
    [(options,)] = conn.execute("SELECT reloptions FROM pg_class WHERE relname = 'transactions'").fetchall()
    assert options == ["security_invoker=true"]
