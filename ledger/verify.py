"""Re-derives everything that the books claim, and names the first entry that does not fit.

Nothing here trusts the functions and triggers that wrote the books: hashes are recomputed in Python from the rows, and
sums are taken again. What one query can tell is a row of QUERIES; what needs the hash is found on one walk over all
entries. Rooms above add findings of their own.
"""

from collections.abc import Iterator
from typing import Any, LiteralString

from psycopg import sql
from psycopg.rows import dict_row, scalar_row

from ledger import preimage
from ledger.findings import Finding
from ledger.wires import Connection

# A few megabytes at a time, so that books of any length fit into a small worker.
ROWS_AT_ONCE = 5_000


class Tally:
    """The exceptions to one invariant: the first by name, all by number."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.first = ""
        self.wrong = 0

    def add(self, culprit: str) -> None:
        self.first = self.first or culprit
        self.wrong += 1

    def finding(self, looked_at: int) -> Finding:
        detail = f"not so for {self.first}, {self.wrong} in all" if self.wrong else ""
        return Finding(self.name, not self.wrong, detail, looked_at)


# (what must hold, the table it holds for, query for the exceptions in order, each as one text).
# What two books hold about each other stands in accounts called due:<id of the other book>.
QUERIES: tuple[tuple[str, str, LiteralString], ...] = (
    (
        "I1 entries balance",
        "entries",
        "SELECT format('entry %s of book %s', seq, book_id) FROM postings GROUP BY book_id, season, seq "
        "HAVING sum(amount_cents) <> 0 OR count(*) < 2 OR max(line) <> count(*) ORDER BY book_id, seq",
    ),
    (
        "I2 entries and postings belong together",
        "postings",
        "SELECT format('entry %s of book %s', seq, book_id) FROM entries e "
        "FULL JOIN (SELECT DISTINCT book_id, season, seq, TRUE AS there FROM postings) p USING (book_id, season, seq) "
        "WHERE p.there IS NULL OR e.hash IS NULL ORDER BY book_id, seq",
    ),
    (
        "I6 balances run on from posting to posting",
        "postings",
        "SELECT format('entry %s of book %s', seq, book_id) FROM ("
        "SELECT book_id, seq, balance_after_cents, account_version, "
        "sum(amount_cents) OVER so_far AS sum_cents, row_number() OVER so_far AS number FROM postings "
        "WINDOW so_far AS (PARTITION BY account_id ORDER BY seq ROWS UNBOUNDED PRECEDING)) AS p "
        "WHERE balance_after_cents <> sum_cents OR account_version <> number ORDER BY book_id, seq",
    ),
    (
        "I7 accounts equal their postings",
        "accounts",
        "SELECT format('account %s of book %s', a.code, a.book_id) FROM accounts a LEFT JOIN ("
        "SELECT account_id, count(*) AS number, min(book_id) AS first_book, max(book_id) AS last_book, "
        "sum(greatest(amount_cents, 0)) AS debits, sum(greatest(-amount_cents, 0)) AS credits "
        "FROM postings GROUP BY account_id) AS p ON p.account_id = a.id "
        "WHERE (a.debits_posted_cents, a.credits_posted_cents, a.version) "
        "<> (COALESCE(p.debits, 0), COALESCE(p.credits, 0), COALESCE(p.number, 0)) "
        "OR p.first_book <> a.book_id OR p.last_book <> a.book_id ORDER BY a.book_id, a.code",
    ),
    (
        "I8 balances keep within their bounds",
        "accounts",
        "SELECT format('account %s of book %s', code, book_id) FROM accounts "
        "WHERE balance_cents < floor_cents OR balance_cents > ceiling_cents ORDER BY book_id, code",
    ),
    (
        "I9 heads equal the last entries",
        "heads",
        "SELECT format('book %s', h.book_id) FROM heads h LEFT JOIN LATERAL ("
        "SELECT seq, season, hash FROM entries e WHERE e.book_id = h.book_id ORDER BY season DESC, seq DESC LIMIT 1"
        ") AS last ON TRUE "
        "WHERE (h.next_seq, h.season, h.head_hash) IS DISTINCT FROM "
        "(COALESCE(last.seq, 0) + 1, COALESCE(last.season, 0), COALESCE(last.hash, decode(repeat('00', 32), 'hex'))) "
        "ORDER BY h.book_id",
    ),
    (
        "I10 codes and entries belong together",
        "entry_codes",
        "SELECT format('entry %s of book %s', seq, book_id) FROM entries e "
        "FULL JOIN entry_codes c USING (book_id, season, seq) "
        "WHERE e.hash IS NULL OR c.code IS NULL ORDER BY book_id, seq",
    ),
    (
        "I11 keys and entries belong together",
        "idempotency_keys",
        "SELECT format('entry %s of book %s', seq, book_id) FROM entries e "
        "FULL JOIN (SELECT book_id, season, seq, count(*) AS number FROM idempotency_keys "
        "WHERE refusal IS NULL GROUP BY book_id, season, seq) k USING (book_id, season, seq) "
        "WHERE e.hash IS NULL OR k.number IS DISTINCT FROM 1 ORDER BY book_id, seq",
    ),
    (
        "I12 books agree on what they owe each other",
        "books",
        "SELECT format('books %s and %s', least(book_id, other), greatest(book_id, other)) FROM ("
        "SELECT book_id, substr(code, 5)::bigint AS other, debits_posted_cents - credits_posted_cents AS cents "
        "FROM accounts WHERE code ~ '^due:[0-9]+$') AS due "
        "GROUP BY least(book_id, other), greatest(book_id, other) HAVING sum(cents) <> 0 ORDER BY 1",
    ),
    (
        "I13 guards stand on every partition",
        "seasons",
        "WITH guarded AS ("
        "SELECT c.oid, c.relname, root.demand FROM (VALUES ('entries', 'demand_postings'), "
        "('postings', 'demand_balance'), ('idempotency_keys', NULL), ('entry_codes', NULL)) AS root (name, demand) "
        "JOIN pg_class c ON c.oid = to_regclass('public.' || root.name) "
        "OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = to_regclass('public.' || root.name))) "
        "SELECT format('table %s', relname) FROM guarded CROSS JOIN LATERAL ("
        "VALUES ('refuse_change'), (demand)) AS needed (function) "
        "WHERE function IS NOT NULL AND NOT EXISTS (SELECT FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid "
        "WHERE t.tgrelid = guarded.oid AND t.tgenabled IN ('O', 'A') AND f.proname = function) ORDER BY 1",
    ),
)


def verify(conn: Connection) -> list[Finding]:
    """Every invariant of the books, in order of number.

    Call it inside a transaction, REPEATABLE READ while others post.
    """
    findings = [_ask(conn, *query) for query in QUERIES] + _walk(conn)
    return sorted(findings, key=_number)


def _number(finding: Finding) -> int:
    return int(finding.name.split()[0].removeprefix("I"))


def _ask(conn: Connection, name: str, table: str, query: LiteralString) -> Finding:
    tally = Tally(name)
    with conn.cursor("verify_exceptions", row_factory=scalar_row) as cursor:
        cursor.itersize = ROWS_AT_ONCE
        for culprit in cursor.execute(query):
            tally.add(culprit)
    [looked_at] = conn.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchall()[0]
    return tally.finding(looked_at)


def _walk(conn: Connection) -> list[Finding]:
    """I3, I4, I5 and I14, which need every entry with its lines, in order."""
    numbers = Tally("I3 entries are numbered without gaps")
    links = Tally("I4 entries name the hash before them")
    hashes = Tally("I5 hashes are those of what entries say")
    notes = Tally("I14 notes are those that were posted")
    book_id = seq = season = 0
    prev_hash = preimage.GENESIS
    looked_at = 0
    for entry in _entries(conn):
        looked_at += 1
        if entry["book_id"] != book_id:
            book_id, seq, season, prev_hash = entry["book_id"], 0, 0, preimage.GENESIS
        culprit = f"entry {entry['seq']} of book {book_id}"
        version, claimed, salt, note = (entry.pop(name) for name in ("version", "hash", "salt", "note"))
        if entry["seq"] != seq + 1 or entry["season"] < season:
            numbers.add(culprit)
        if entry["prev_hash"] != prev_hash:
            links.add(culprit)
        if version != 1 or preimage.entry_hash(**entry) != claimed:
            hashes.add(culprit)
        if salt is not None and preimage.commitment(salt, note) != entry["commitment"]:
            notes.add(culprit)
        seq, season, prev_hash = entry["seq"], entry["season"], claimed
    return [tally.finding(looked_at) for tally in (numbers, links, hashes, notes)]


def _entries(conn: Connection) -> Iterator[dict[str, Any]]:
    """Every entry, by book and number, with what entry_hash takes by name, and the salt and note it may still have."""
    with conn.cursor("verify_entries", row_factory=dict_row) as cursor:
        cursor.itersize = ROWS_AT_ONCE
        yield from cursor.execute(
            "SELECT e.prev_hash, book_id, season, seq, e.kind, e.occurred_at, e.recorded_at, e.about_season, "
            "e.actor_id, e.reverses_seq, e.commitment, COALESCE(p.account_ids, '{}') AS account_ids, "
            "COALESCE(p.amounts_cents, '{}') AS amounts_cents, e.version, e.hash, n.salt, n.note "
            "FROM entries e LEFT JOIN ("
            "SELECT book_id, season, seq, array_agg(account_id ORDER BY line) AS account_ids, "
            "array_agg(amount_cents ORDER BY line) AS amounts_cents FROM postings GROUP BY book_id, season, seq) AS p "
            "USING (book_id, season, seq) LEFT JOIN entry_notes n USING (book_id, season, seq) ORDER BY book_id, seq",
            binary=True,
        )
