"""Balance assertions: what somebody counted, beside what the books held at that page.

A cash box at a meeting, the balance that M-PESA names, a bank's statement: each is a row that is never changed and that
says for itself whether it held. One that failed stays open until another assertion about the same account names it:
after the difference was found and booked, or because the first count was wrong. Until then verify, the status page and
the doctor name it. The database finds what the books held, so that nobody who asserts can say that it held.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from psycopg.rows import class_row

from ledger.books import account_id as find_account
from ledger.books import page
from ledger.findings import Finding, Tally
from ledger.money import print_kes
from ledger.refusals import Refusal, UnknownAccount, UnknownEntry
from ledger.wires import Connection

Source = Literal["cash_count", "mpesa_balance", "statement"]


class NothingToCorrect(Refusal):
    """Only an assertion that failed is corrected, by one about the same account, once."""

    code = "nothing_to_correct"
    status = 409
    words = "There is no failed count of this account to correct."


@dataclass(frozen=True)
class Assertion:
    """Cents on the account's normal side; `difference_cents` is what was counted less what the books held."""

    id: int
    book_id: int
    account_id: int
    as_of_seq: int
    source: Source
    asserted_cents: int
    found_cents: int
    difference_cents: int
    result: Literal["held", "failed"]
    asserted_by: int | None
    asserted_at: datetime
    corrects_id: int | None

    @property
    def held(self) -> bool:
        return self.result == "held"


@dataclass(frozen=True)
class OpenFailure:
    """An assertion that failed and that nobody has answered yet."""

    id: int
    book_id: int
    account_code: str
    as_of_seq: int
    source: Source
    asserted_cents: int
    found_cents: int

    def told(self) -> str:
        """In one line, without names."""
        return (
            f"count {self.id} ({self.source}) of {self.account_code} in book {self.book_id} at page {self.as_of_seq}: "
            f"KES {print_kes(self.asserted_cents)} were there, the books held KES {print_kes(self.found_cents)}"
        )


def assert_balance(
    conn: Connection,
    *,
    book_id: int,
    account: str,
    cents: int,
    source: Source,
    asserted_by: int | None,
    at: datetime,
    as_of_seq: int | None = None,
    corrects_id: int | None = None,
) -> Assertion:
    """Keeps that the book's account `account` held `cents` after page `as_of_seq` (None: the last), true or not.

    One that fails is a row like one that holds: look at `held`, and commit either. `asserted_by` is a user's id.
    Raises UnknownAccount, UnknownEntry for a page that is not written yet, SeasonArchived for one put away,
    NothingToCorrect.
    """
    found = find_account(conn, book_id, account)
    if found is None:
        raise UnknownAccount
    if as_of_seq and page(conn, book_id, as_of_seq) is None:
        raise UnknownEntry
    if corrects_id is not None and not _correctable(conn, corrects_id, found):
        raise NothingToCorrect
    made = conn.cursor(row_factory=class_row(Assertion))
    made.execute(
        "SELECT * FROM assert_balance(%s, %s, %s, %s, %s, %s, %s)",
        [found, as_of_seq, source, cents, asserted_by, at, corrects_id],
    )
    return made.fetchall()[0]


def by_id(conn: Connection, assertion_id: int) -> Assertion | None:
    """One assertion."""
    found = conn.cursor(row_factory=class_row(Assertion))
    return found.execute("SELECT * FROM balance_assertions WHERE id = %s", [assertion_id]).fetchone()


def _correctable(conn: Connection, assertion_id: int, account_id: int) -> bool:
    """Of two who correct the same one at once, the second meets the unique key."""
    row = conn.execute(
        "SELECT TRUE FROM balance_assertions b WHERE b.id = %s AND b.account_id = %s AND b.result = 'failed' "
        "AND NOT EXISTS (SELECT FROM balance_assertions c WHERE c.corrects_id = b.id)",
        [assertion_id, account_id],
    ).fetchone()
    return row is not None


def open_failures(conn: Connection) -> list[OpenFailure]:
    """Assertions that failed and were not corrected, oldest first."""
    failures = conn.cursor(row_factory=class_row(OpenFailure))
    failures.execute(
        "SELECT b.id, b.book_id, a.code AS account_code, b.as_of_seq, b.source, b.asserted_cents, b.found_cents "
        "FROM balance_assertions b JOIN accounts a ON a.id = b.account_id WHERE b.asserted_cents <> b.found_cents "
        "AND NOT EXISTS (SELECT FROM balance_assertions c WHERE c.corrects_id = b.id) ORDER BY b.id"
    )
    return failures.fetchall()


def verify(conn: Connection) -> list[Finding]:
    """What the books held at each assertion, found again from the postings; and that none which failed is open."""
    wrong, still_open = Tally(), Tally()
    for (assertion_id,) in conn.execute(
        "SELECT b.id FROM balance_assertions b JOIN accounts a ON a.id = b.account_id WHERE b.book_id <> a.book_id "
        # Of a page that is put away with its season, what was written then is all there is.
        "OR (b.found_cents <> held_at(b.account_id, b.as_of_seq) AND (b.as_of_seq = 0 OR EXISTS ("
        "SELECT FROM entries e WHERE e.book_id = b.book_id AND e.seq = b.as_of_seq))) ORDER BY b.id"
    ).fetchall():
        wrong.add(f"count {assertion_id}")
    for failure in open_failures(conn):
        still_open.add(failure.told())
    [(count,)] = conn.execute("SELECT count(*) FROM balance_assertions").fetchall()
    return [
        wrong.finding("counts were compared with what the books held", count),
        still_open.finding("what was counted is what the books hold", count),
    ]
