"""The passbook of one account: its last entries with their notes and totals, as a phone shows them. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row

from ledger.wires import Connection


@dataclass(frozen=True)
class StatementLine:
    """One entry as an account sees it; both amounts in cents on the account's normal side. The note may be erased."""

    seq: int
    kind: str
    occurred_at: datetime
    recorded_at: datetime
    amount_cents: int
    balance_after_cents: int
    code: str
    note: Mapping[str, Any] | None


def statement(
    conn: Connection, account_id: int, *, after_seq: int | None = None, limit: int = 50
) -> list[StatementLine]:
    """The account's entries, newest first; `after_seq` is the last number of the page before."""
    cursor = conn.cursor(row_factory=class_row(StatementLine))
    return cursor.execute(
        # LIMIT 1 where there is one keeps the planner from reading all entries to find those of an account.
        "SELECT p.seq, e.kind, e.occurred_at, e.recorded_at, p.amount_cents * side.sign AS amount_cents, "
        "p.balance_after_cents * side.sign AS balance_after_cents, c.code, n.note "
        "FROM (SELECT * FROM postings WHERE account_id = %(account)s AND seq < %(before)s "
        "AND phase = 'posted' ORDER BY season DESC, seq DESC LIMIT %(limit)s) AS p "
        "CROSS JOIN (SELECT CASE normal_side WHEN 'debit' THEN 1 ELSE -1 END AS sign "
        "FROM accounts WHERE id = %(account)s) AS side "
        "CROSS JOIN LATERAL ("
        "SELECT * FROM entries WHERE (book_id, season, seq) = (p.book_id, p.season, p.seq) LIMIT 1) AS e "
        "JOIN entry_codes c ON (c.book_id, c.seq) = (p.book_id, p.seq) "
        "LEFT JOIN entry_notes n ON (n.book_id, n.season, n.seq) = (p.book_id, p.season, p.seq) "
        "ORDER BY p.seq DESC",
        {"account": account_id, "before": 2**63 - 1 if after_seq is None else after_seq, "limit": limit},
    ).fetchall()
