"""Re-derives everything that the books claim, and names the first entry that does not fit.

Nothing here trusts the functions and triggers that wrote the books: hashes are recomputed in Python from the rows, and
sums are taken again. What one query can tell is a row of QUERIES; what needs the hash is found on one walk over all
pages (ledger/verify_pages). Rooms above add findings of their own.

A run over new pages only (`new_only`) walks from where the last sound run ended. Of the pages before, it sees numbers
and links, and what QUERIES sum over all books; it cannot see an old page of which another field was changed and the
hash left alone. So it is for every hour, and the whole walk for every night.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import LiteralString

from psycopg import sql
from psycopg.rows import scalar_row

from ledger import positions, verify_away, verify_crew, verify_pages
from ledger.findings import Finding, Tally
from ledger.verify_pages import FIRST, LAST, Book, Place, Stretch
from ledger.wires import Connection

# A few megabytes at a time, so that exceptions without number fit into a small worker.
ROWS_AT_ONCE = 5_000


# Stands for {away} below: seasons whose pages are not at hand, to be derived again when they are attached.
AWAY: LiteralString = "SELECT number FROM seasons WHERE source = 'books' AND archived_at IS NOT NULL"

# (what must hold, the table it holds for, query for the exceptions in order, each as one text).
# What two books hold about each other stands in accounts called due:<id of the other book>.
QUERIES: tuple[tuple[str, str, LiteralString], ...] = (
    (
        "I7 accounts equal their postings",
        "accounts",
        # A book of which seasons are put away: their sums stand in the positions, what they held and counted nowhere.
        "WITH away AS (SELECT p.book_id, p.account_id, sum(debits_cents) AS debits, sum(credits_cents) AS credits "
        "FROM positions p JOIN seasons s ON (s.source, s.number) = ('books', p.season) "
        "WHERE s.archived_at IS NOT NULL GROUP BY p.book_id, p.account_id) "
        "SELECT format('account %s of book %s', a.code, a.book_id) FROM accounts a "
        "LEFT JOIN away w ON w.account_id = a.id LEFT JOIN ("
        "SELECT account_id, count(*) AS number, min(book_id) AS first_book, max(book_id) AS last_book, "
        # A credit is turned around after it is added up: the smallest bigint has no opposite.
        "sum(greatest(amount_cents, 0)) FILTER (WHERE phase = 'posted') AS debits, "
        "-sum(least(amount_cents, 0)) FILTER (WHERE phase = 'posted') AS credits, "
        "COALESCE(sum(greatest(amount_cents, 0)) FILTER (WHERE phase = 'pending'), 0) "
        "- COALESCE(sum(greatest(amount_cents, 0)) FILTER (WHERE phase = 'released'), 0) AS debits_pending, "
        "COALESCE(sum(least(amount_cents, 0)) FILTER (WHERE phase = 'released'), 0) "
        "- COALESCE(sum(least(amount_cents, 0)) FILTER (WHERE phase = 'pending'), 0) AS credits_pending "
        "FROM postings GROUP BY account_id) AS p ON p.account_id = a.id "
        "WHERE (a.debits_posted_cents, a.credits_posted_cents) <> (COALESCE(p.debits, 0) + COALESCE(w.debits, 0), "
        "COALESCE(p.credits, 0) + COALESCE(w.credits, 0)) "
        "OR (a.debits_pending_cents, a.credits_pending_cents, a.version) <> (COALESCE(p.debits_pending, 0), "
        "COALESCE(p.credits_pending, 0), COALESCE(p.number, 0)) AND a.book_id NOT IN (SELECT book_id FROM away) "
        "OR p.first_book <> a.book_id OR p.last_book <> a.book_id ORDER BY a.book_id, a.code",
    ),
    (
        "I8 balances keep within their bounds",
        "accounts",
        "SELECT format('account %s of book %s', code, book_id) FROM accounts "
        # numeric: what somebody put there may leave every bigint
        "WHERE balance_cents::numeric "
        "- CASE normal_side WHEN 'debit' THEN credits_pending_cents ELSE debits_pending_cents END "
        "< floor_cents OR balance_cents::numeric + CASE normal_side WHEN 'debit' THEN debits_pending_cents "
        "ELSE credits_pending_cents END > ceiling_cents ORDER BY book_id, code",
    ),
    (
        "I9 heads equal the last entries",
        "heads",
        "SELECT format('book %s', h.book_id) FROM heads h LEFT JOIN LATERAL ("
        "SELECT seq, season, hash FROM entries e WHERE e.book_id = h.book_id ORDER BY season DESC, seq DESC LIMIT 1"
        ") AS last ON TRUE "
        "WHERE (h.next_seq, h.season, h.head_hash) IS DISTINCT FROM "
        "(COALESCE(last.seq, 0) + 1, COALESCE(last.season, 0), COALESCE(last.hash, decode(repeat('00', 32), 'hex'))) "
        "AND h.season NOT IN ({away}) ORDER BY h.book_id",
    ),
    (
        "I10 codes and entries belong together",
        "entry_codes",
        "SELECT format('entry %s of book %s', seq, book_id) FROM entries e "
        "FULL JOIN entry_codes c USING (book_id, season, seq) "
        "WHERE (e.hash IS NULL OR c.code IS NULL) AND season NOT IN ({away}) ORDER BY book_id, seq",
    ),
    (
        "I11 keys and entries belong together",
        "idempotency_keys",
        "SELECT format('entry %s of book %s', seq, book_id) FROM entries e "
        "FULL JOIN (SELECT book_id, season, seq, count(*) AS number FROM idempotency_keys "
        "WHERE refusal IS NULL GROUP BY book_id, season, seq) k USING (book_id, season, seq) "
        "WHERE (e.hash IS NULL OR k.number IS DISTINCT FROM 1) AND season NOT IN ({away}) ORDER BY book_id, seq",
    ),
    (
        "I12 books agree on what they owe each other",
        "books",
        "SELECT format('books %s and %s', least(book_id, other), greatest(book_id, other)) FROM ("
        "SELECT book_id, substr(code, 5)::bigint AS other, "
        "debits_posted_cents::numeric - credits_posted_cents AS cents "
        "FROM accounts WHERE code ~ '^due:[0-9]+$') AS due "
        "GROUP BY least(book_id, other), greatest(book_id, other) HAVING sum(cents) <> 0 ORDER BY 1",
    ),
    (
        "I15 holds and reversals end once, by the entry that says so",
        "endings",
        "WITH named AS (SELECT book_id, season, seq, expires_at, COALESCE(resolves_seq, reverses_seq) AS target, "
        "COALESCE(resolution, 'reversed') AS how FROM entries "
        "WHERE version > 1 AND num_nonnulls(expires_at, resolves_seq, reverses_seq) > 0) "
        "SELECT format('entry %s of book %s', seq, book_id) FROM ("
        "SELECT n.book_id, n.seq FROM named n LEFT JOIN open_holds o USING (book_id, season, seq, expires_at) "
        "LEFT JOIN endings x ON (x.book_id, x.seq) = (n.book_id, n.seq) "
        "WHERE CASE WHEN n.expires_at IS NULL THEN x.how IN ('posted', 'voided', 'expired') "
        "ELSE (o.seq IS NULL) = (x.seq IS NULL) OR x.how = 'reversed' END "
        "UNION SELECT n.book_id, n.seq FROM named n "
        "LEFT JOIN endings x ON (x.book_id, x.by_season, x.by_seq) = (n.book_id, n.season, n.seq) "
        "WHERE n.target IS NOT NULL AND (x.seq, x.how) IS DISTINCT FROM (n.target, n.how) "
        "UNION SELECT x.book_id, x.by_seq FROM endings x "
        "LEFT JOIN named n ON (n.book_id, n.season, n.seq) = (x.book_id, x.by_season, x.by_seq) "
        "WHERE n.target IS DISTINCT FROM x.seq AND x.by_season NOT IN ({away}) "
        "UNION SELECT o.book_id, o.seq FROM open_holds o LEFT JOIN named n USING (book_id, season, seq, expires_at) "
        "WHERE n.seq IS NULL) AS astray ORDER BY book_id, seq",
    ),
    (
        # Control: what a group has with M-PESA and elsewhere is what it owes to its members and to other books.
        "I17 every book has as much as it owes",
        "books",
        "SELECT format('book %s', book_id) FROM accounts GROUP BY book_id "
        "HAVING sum(debits_posted_cents::numeric - credits_posted_cents) <> 0 "
        "OR sum(debits_pending_cents::numeric - credits_pending_cents) <> 0 ORDER BY book_id",
    ),
    (
        # The calendar of ledger/seasons again: nothing lies between two seasons, and nothing in both.
        "I18 seasons are half years, and entries lie in theirs",
        "seasons",
        "WITH halves AS (SELECT number, make_date(number / 10, number % 10 * 6 - 5, 1)::timestamp AS began "
        "FROM seasons WHERE source = 'books' AND number % 10 IN (1, 2)) "
        "SELECT format('season %s', number) FROM seasons s WHERE source = 'books' AND NOT EXISTS ("
        "SELECT FROM halves h WHERE h.number = s.number AND h.began AT TIME ZONE 'Africa/Nairobi' = s.opens_at "
        "AND (h.began + interval '6 months') AT TIME ZONE 'Africa/Nairobi' = s.closes_at) "
        "UNION ALL (SELECT format('entry %s of book %s', e.seq, e.book_id) FROM entries e "
        "LEFT JOIN seasons s ON (s.source, s.number) = ('books', e.season) "
        "WHERE (e.recorded_at >= s.opens_at AND e.recorded_at < s.closes_at) IS NOT TRUE ORDER BY e.book_id, e.seq)",
    ),
    (
        "I13 guards stand on every partition",
        "seasons",
        "WITH guarded AS ("
        "SELECT c.oid, c.relname, root.demand FROM (VALUES ('entries', 'demand_postings'), "
        "('postings', 'demand_balance'), ('idempotency_keys', NULL), ('entry_codes', NULL), "
        "('endings', 'demand_ending_entry'), ('open_holds', 'demand_ending')) AS root (name, demand) "
        # Two lookups; with OR every table of the database would be held against every name.
        "CROSS JOIN LATERAL (SELECT to_regclass('public.' || root.name)::oid AS oid UNION ALL "
        "SELECT inhrelid FROM pg_inherits WHERE inhparent = to_regclass('public.' || root.name)) AS part "
        "JOIN pg_class c ON c.oid = part.oid) "
        "SELECT format('table %s', relname) FROM guarded CROSS JOIN LATERAL ("
        "VALUES ('refuse_change'), (demand)) AS needed (function) "
        "WHERE function IS NOT NULL AND NOT EXISTS (SELECT FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid "
        "WHERE t.tgrelid = guarded.oid AND t.tgenabled IN ('O', 'A') AND f.proname = function) ORDER BY 1",
    ),
)

# Of every page of the books, at the speed of one pass over an index: (number right, link right).
LINKED: LiteralString = (
    "SELECT format('entry %s of book %s', seq, book_id), numbered, linked FROM (SELECT book_id, seq, "
    "seq = COALESCE(lag(seq) OVER pages, away.last, 0) + 1 AS numbered, "
    "prev_hash = COALESCE(lag(hash) OVER pages, CASE WHEN away.last IS NULL THEN decode(repeat('00', 32), 'hex') "
    "ELSE prev_hash END) AS linked FROM entries LEFT JOIN (SELECT book_id, max(seq) AS last FROM entry_codes "
    "WHERE season IN ({away}) GROUP BY book_id) AS away USING (book_id) "
    "WINDOW pages AS (PARTITION BY book_id ORDER BY season, seq)) AS e WHERE NOT (numbered AND linked) "
    "ORDER BY book_id, seq"
)

Told = Callable[[int, int], None]


def verify(
    conn: Connection, *, new_only: bool = False, processes: int = 1, told: Told = lambda _pages, _of: None
) -> list[Finding]:
    """Every invariant of the books, in order of number.

    Call it inside a transaction, REPEATABLE READ while others post. With `processes` above 1 that many walk beside this
    one, and see what was committed when it began. `told(pages, of)` hears how far the walk is.
    """
    begins = _new_pages(conn) if new_only else {FIRST: LAST}
    stretches = [between for after, up_to in begins.items() for between in verify_pages.places(conn, after, up_to)]
    with verify_crew.walking(conn, stretches, processes, told) as walked:
        findings = [*(_ask(conn, *query) for query in QUERIES), positions.finding(conn)]
        found = list(walked)
    before, accounts = verify_away.books(conn), dict[int, tuple[int, int | None]](verify_away.accounts(conn))
    if new_only:
        before |= _books_at(conn, begins)
        accounts |= _accounts_at(conn, found, before)
    whole = verify_pages.join(found, before, accounts)
    if new_only:
        findings += links(conn)
    asked = {finding.name for finding in findings}
    findings += [tally.finding(name, whole.pages) for name, tally in whole.wrong.items() if name not in asked]
    return sorted(findings, key=_number)


def links(conn: Connection) -> list[Finding]:
    """I3 and I4 alone, for all pages: what a reader of the stored hashes can tell without making one."""
    numbers, linked = Tally(), Tally()
    for culprit, is_numbered, is_linked in conn.execute(LINKED.replace("{away}", AWAY)).fetchall():
        if not is_numbered:
            numbers.add(culprit)
        if not is_linked:
            linked.add(culprit)
    [(pages,)] = conn.execute("SELECT count(*) FROM entries").fetchall()
    return [numbers.finding(verify_pages.NUMBERS, pages), linked.finding(verify_pages.LINKS, pages)]


def newest(conn: Connection) -> dict[int, int]:
    """The number of every book's last page; what `note_sound` is told after a sound run in the same transaction."""
    return dict(conn.execute("SELECT book_id, next_seq - 1 FROM heads ORDER BY book_id").fetchall())


def note_sound(conn: Connection, pages: Mapping[int, int]) -> None:
    """Notes up to which page every book was found sound: where the next run over new pages only begins."""
    conn.execute("SELECT note_verified(%s::bigint[], %s::bigint[])", [list(pages), list(pages.values())])


def unseen(conn: Connection) -> int:
    """How many pages a run over new pages only takes from the runs before it."""
    return int(conn.execute("SELECT COALESCE(sum(verified_seq), 0)::bigint FROM heads").fetchall()[0][0])


def _number(finding: Finding) -> int:
    return int(finding.name.split()[0].removeprefix("I"))


def _ask(conn: Connection, name: str, table: str, query: LiteralString) -> Finding:
    tally = Tally()
    with conn.cursor("verify_exceptions", row_factory=scalar_row) as cursor:
        cursor.itersize = ROWS_AT_ONCE
        for culprit in cursor.execute(query.replace("{away}", AWAY)):
            tally.add(culprit)
    [looked_at] = conn.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchall()[0]
    return tally.finding(name, looked_at)


def _new_pages(conn: Connection) -> dict[Place, Place]:
    """For every book with new pages: the last page that was found sound, and a place behind all of the book's pages."""
    rows = conn.execute(
        "SELECT h.book_id, COALESCE(c.season, 0), h.verified_seq FROM heads h "
        "LEFT JOIN entry_codes c ON (c.book_id, c.seq) = (h.book_id, h.verified_seq) "
        "WHERE h.next_seq > h.verified_seq + 1 ORDER BY h.book_id"
    ).fetchall()
    return {(book_id, season, seq): (book_id, *LAST[1:]) for book_id, season, seq in rows}


def _books_at(conn: Connection, begins: Mapping[Place, Place]) -> dict[int, Book]:
    """How the books stood at those pages, as far as the pages exist."""
    rows = conn.execute(
        "SELECT e.book_id, e.season, e.seq, e.hash FROM unnest(%s::bigint[], %s::integer[], %s::bigint[]) "
        "AS p (book_id, season, seq) JOIN entries e USING (book_id, season, seq)",
        [[place[part] for place in begins] for part in range(3)],
    ).fetchall()
    return {book_id: Book((book_id, season, seq), b"", seq, season, last) for book_id, season, seq, last in rows}


def _accounts_at(conn: Connection, found: Sequence[Stretch], books: Mapping[int, Book]) -> dict[int, tuple[int, int]]:
    """Balance and version of the accounts that the walk met, at the pages where it began in their books."""
    met = {account_id: one.first[0] for stretch in reversed(found) for account_id, one in stretch.accounts.items()}
    rows = conn.execute(
        "SELECT met.id, p.balance_after_cents, p.account_version "
        "FROM unnest(%s::bigint[], %s::bigint[]) AS met (id, seq) "
        "CROSS JOIN LATERAL (SELECT balance_after_cents, account_version FROM postings "
        "WHERE account_id = met.id AND seq <= met.seq ORDER BY seq DESC, line DESC LIMIT 1) AS p",
        [list(met), [books[book_id].seq if book_id in books else 0 for book_id in met.values()]],
    ).fetchall()
    return {account_id: (cents, version) for account_id, cents, version in rows}
