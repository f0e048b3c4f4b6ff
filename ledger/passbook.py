"""The passbook of one account, or of some together: their last entries, as a phone shows them. Reads only."""

from collections.abc import Mapping, Sequence
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


@dataclass(frozen=True)
class JointLine:
    """What one entry did to one of several accounts, in cents on that account's normal side."""

    account_id: int
    seq: int
    kind: str
    occurred_at: datetime
    amount_cents: int


def joint(conn: Connection, account_ids: Sequence[int], *, limit: int) -> list[JointLine]:
    """The newest `limit` entries of these accounts together, newest first: a line for each account that one touched,
    and some lines of older entries behind them.
    """
    cursor = conn.cursor(row_factory=class_row(JointLine))
    return cursor.execute(
        # Account by account, as `statement` reads one: what is among the newest of all is among the newest of its own.
        "SELECT a.id AS account_id, p.seq, e.kind, e.occurred_at, "
        "p.amount_cents * CASE a.normal_side WHEN 'debit' THEN 1 ELSE -1 END AS amount_cents "
        "FROM accounts a CROSS JOIN LATERAL ("
        "SELECT * FROM postings WHERE account_id = a.id AND phase = 'posted' "
        "ORDER BY season DESC, seq DESC LIMIT %(limit)s) AS p "
        "CROSS JOIN LATERAL ("
        "SELECT * FROM entries WHERE (book_id, season, seq) = (p.book_id, p.season, p.seq) LIMIT 1) AS e "
        "WHERE a.id = ANY(%(accounts)s) ORDER BY p.seq DESC, a.id",
        {"accounts": list(account_ids), "limit": limit},
    ).fetchall()
