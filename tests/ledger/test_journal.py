"""The plain-text books: hledger, which is not ours, adds them up and comes to our balances."""

import csv
import io
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from ledger import books, journal
from tests.instruments import START, SeededChance
from tests.ledger.umoja import Umoja


@pytest.fixture
def text(conn: Connection[Any], umoja: Umoja, chance: SeededChance) -> str:
    for number, cents in enumerate((50_000, 12_345, 99)):
        books.post(conn, umoja.contribution(f"in{number}", cents), at=START, chance=chance)
    fee = books.open_account(conn, book_id=umoja.book_id, code="charges", kind="expense")
    lines = (books.Line(fee, 2_700), books.Line(umoja.otieno, -700), books.Line(umoja.mpesa, -2_000))
    books.post(conn, umoja.contribution("fee", 0, kind="charge", lines=lines), at=START, chance=chance)
    return journal.of_book(conn, umoja.book_id)


def test_a_page_is_a_transaction_and_the_last_asserts_every_balance(text: str) -> None:
    assert (
        "\n2026-11-20 (2) contribution\n    assets:mpesa:600100  123.45 KES\n    liabilities:member:5  -123.45 KES\n"
        in text
    )
    assert text.endswith(
        "\n2026-11-20 what the book says\n    assets:mpesa:600100  0.00 KES = 604.44 KES\n"
        "    liabilities:member:5  0.00 KES = -624.44 KES\n    liabilities:member:6  0.00 KES = -7.00 KES\n"
        "    expenses:charges  0.00 KES = 27.00 KES\n"
    )


def test_an_empty_book_is_an_empty_journal(conn: Connection[Any], umoja: Umoja) -> None:
    text = journal.of_book(conn, umoja.book_id)
    assert text.startswith("; amounts in KES, one transaction per page of the book\ncommodity 1000.00 KES\naccount ")
    assert "(1)" not in text


@pytest.mark.full
def test_hledger_balances_it_to_our_cents(text: str, conn: Connection[Any], tmp_path: Path) -> None:
    program = shutil.which("hledger")
    assert program, "hledger is missing (Debian: apt-get install hledger)"
    (tmp_path / "books.journal").write_text(text)

    def hledger(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, "-f", "books.journal", *words], cwd=tmp_path, capture_output=True, text=True, check=False
        )

    assert (strict := hledger("check", "--strict")).returncode == 0, strict.stderr
    rows = csv.DictReader(io.StringIO(hledger("balance", "--flat", "--no-total", "-E", "-O", "csv").stdout))
    theirs = {row["account"].partition(":")[2]: row["balance"] for row in rows}
    ours = conn.execute("SELECT code, debits_posted_cents - credits_posted_cents FROM accounts").fetchall()
    assert theirs == {
        code: f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02} KES" for code, cents in ours
    }
    # The assertions at its end are no ornament: one cent elsewhere and hledger refuses.
    (tmp_path / "books.journal").write_text(text.replace("123.45", "123.44"))
    assert "balance assertion" in hledger("check").stderr.lower()
