"""A book as plain text that hledger reads: an accountant's own tool adds it up and must come to our balances.

Only what was posted stands here; money that is merely held moves nothing yet. The last transaction moves nothing
either: it asserts what every account has, so that hledger refuses a journal whose sums are not ours.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from ledger.archive import demand_all_pages
from ledger.nairobi import local
from ledger.wires import Connection

# hledger tells assets from debts by the first word of an account.
TOP = {
    "asset": "assets",
    "liability": "liabilities",
    "equity": "equity",
    "income": "revenues",
    "expense": "expenses",
}


def of_book(conn: Connection, book_id: int) -> str:
    """The whole book, page by page; days are Nairobi's, of when the money moved. Raises SeasonArchived."""
    demand_all_pages(conn, book_id)
    names = {
        number: f"{TOP[kind]}:{code}"
        for number, kind, code in conn.execute(
            "SELECT id, kind, code FROM accounts WHERE book_id = %s ORDER BY id", [book_id]
        ).fetchall()
    }
    parts, last_day, balances = [*_declared(names.values())], date.min, dict[int, int]()
    seen = 0
    for seq, kind, occurred_at, account, cents in _lines(conn, book_id):
        if seq != seen:
            day = local(occurred_at).date()
            last_day, seen = max(day, last_day), seq
            parts.append(f"\n{day} ({seq}) {kind}\n")
        parts.append(f"    {names.get(account, account)}  {_kes(cents)}\n")
        balances[account] = balances.get(account, 0) + cents
    if balances:
        parts.append(f"\n{last_day} what the book says\n")
        parts += [f"    {names.get(one, one)}  {_kes(0)} = {_kes(cents)}\n" for one, cents in sorted(balances.items())]
    return "".join(parts)


def _declared(names: Iterable[str]) -> Iterator[str]:
    """What `hledger check --strict` wants to know beforehand, so that a misspelt account or currency is found."""
    yield "; amounts in KES, one transaction per page of the book\n"
    yield "commodity 1000.00 KES\n"
    yield from (f"account {name}\n" for name in sorted(names))


def _lines(conn: Connection, book_id: int) -> list[tuple[int, str, datetime, int, int]]:
    return conn.execute(
        "SELECT e.seq, e.kind, e.occurred_at, p.account_id, p.amount_cents FROM entries e "
        "JOIN postings p USING (book_id, season, seq) WHERE book_id = %s AND p.phase = 'posted' "
        "ORDER BY season, seq, p.line",
        [book_id],
    ).fetchall()


def _kes(cents: int) -> str:
    shillings, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{shillings}.{rest:02} KES"
