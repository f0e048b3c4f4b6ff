"""Ten years of a thousand groups, written set by set: 10 million entries and twice as many postings in 20 seasons.

The same seed gives the same books. Seasons, guards, positions and indexes are those of the product; only post_entries
is gone round, so entries are linked but their hashes are made up: nobody verifies these books. A member pays or is paid
25 times in a season, which is every week.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg import sql

from ledger import seasons
from ledger.wires import Connection

SEASONS = 20
MEMBERS = 20
PER_SEASON = 25
FIRST_PHONE = 254_730_000_000


@dataclass(frozen=True)
class Size:
    """How many groups; each writes MEMBERS x PER_SEASON entries in each of SEASONS."""

    chamas: int = 1_000
    seed: int = 1

    @property
    def entries(self) -> int:
        return self.chamas * MEMBERS * PER_SEASON * SEASONS


PEOPLE = (
    """
    CREATE TEMPORARY TABLE folk AS
    SELECT g AS chama, m AS number, (g - 1) * %(members)s + m AS person
    FROM generate_series(1, %(chamas)s) AS g, generate_series(1, %(members)s) AS m
    """,
    """
    CREATE TEMPORARY TABLE own_books AS
    SELECT g AS chama, open_book('chama', 'Decade ' || g, %(at)s) AS book_id FROM generate_series(1, %(chamas)s) AS g
    """,
    """
    INSERT INTO users (phone, first_name, last_name, created_at)
    SELECT '+' || (%(first_phone)s + person), 'Wanjiru', 'No ' || person, %(at)s FROM folk
    """,
    """
    INSERT INTO chamas (number, name, kind, status, frequency, contribution_cents, member_target, book_id, created_at)
    SELECT (30000 + chama)::text, 'Decade ' || chama, 'rosca', 'active', 'weekly', 50000, %(members)s, book_id, %(at)s
    FROM own_books
    """,
    """
    INSERT INTO chama_members (chama_id, user_id, number, role, status, join_method, position, joined_at)
    SELECT c.id, u.id, f.number, 'member', 'active', 'import', f.number, %(at)s
    FROM folk f JOIN chamas c ON c.number = (30000 + f.chama)::text
        JOIN users u ON u.phone = '+' || (%(first_phone)s + f.person)
    """,
    """
    INSERT INTO accounts (book_id, code, kind, normal_side)
    SELECT book_id, 'mpesa:600123', 'asset', 'debit' FROM own_books
    """,
    """
    INSERT INTO accounts (book_id, code, kind, normal_side, owner_member_id)
    SELECT c.book_id, 'member:' || m.id, 'liability', 'credit', m.id
    FROM own_books b JOIN chamas c USING (book_id) JOIN chama_members m ON m.chama_id = c.id
    """,
    """
    CREATE TEMPORARY TABLE places AS
    SELECT b.chama, b.book_id, m.number, f.id AS float_id, a.id AS account_id
    FROM own_books b JOIN chamas c USING (book_id) JOIN chama_members m ON m.chama_id = c.id
        JOIN accounts f ON f.book_id = b.book_id AND f.kind = 'asset'
        JOIN accounts a ON a.owner_member_id = m.id
    """,
    "CREATE INDEX ON places (chama, number)",
    "ANALYZE places",
)

# The entries of one season: each member's turn comes once a round, every 31st entry of a book pays her out, others are
# fines and fees. A made-up hash is that of the entry's place, so the one before is known without being read.
MADE = """
    CREATE TEMPORARY TABLE made ON COMMIT DROP AS
    SELECT p.book_id, p.float_id, p.account_id, %(past)s + k AS seq,
        CASE WHEN n %% 31 = 0 THEN 'payout' WHEN n %% 53 = 0 THEN 'penalty' WHEN n %% 97 = 0 THEN 'fee'
             ELSE 'contribution' END AS kind,
        CASE WHEN n %% 31 = 0 THEN -1 ELSE 1 END * (100 + n * 7919 %% 900) * 100 AS cents,
        %(opens_at)s + k * %(step)s AS at
    FROM generate_series(1, %(per_book)s) AS k
        JOIN places p ON p.number = (k - 1) %% %(members)s + 1
        CROSS JOIN LATERAL (SELECT p.chama * 31::bigint + (%(past)s + k) * 17 + %(seed)s AS n) AS drawn
"""

WRITTEN = """
    WITH entry AS (
        INSERT INTO entries (book_id, season, seq, kind, occurred_at, recorded_at, commitment, prev_hash, hash)
            SELECT book_id, %(season)s, seq, kind, at - interval '40 seconds', at, sha256(int8send(seq)),
                sha256(int8send(book_id) || int8send(seq - 1)), sha256(int8send(book_id) || int8send(seq))
            FROM made ORDER BY seq, book_id
    ), note AS (
        INSERT INTO entry_notes (book_id, season, seq, salt, note)
            SELECT book_id, %(season)s, seq, decode(md5(seq::text), 'hex'), jsonb_build_object('receipt', 'D' || seq)
            FROM made ORDER BY seq, book_id
    ), code AS (
        INSERT INTO entry_codes (code, book_id, season, seq)
            SELECT translate(lpad(to_hex((book_id * %(most)s + seq) * 2654435761 %% 4294967296), 8, '0'),
                '0123456789abcdef', '23456789ABCDEFGH'), book_id, %(season)s, seq
            FROM made
    ), line AS (
        SELECT m.book_id, m.seq, l.line, l.account_id, l.cents
        FROM made m CROSS JOIN LATERAL (VALUES (1, m.float_id, m.cents), (2, m.account_id, -m.cents))
            AS l (line, account_id, cents)
    )
    INSERT INTO postings (book_id, season, seq, line, account_id, amount_cents, balance_after_cents, account_version)
        SELECT l.book_id, %(season)s, l.seq, l.line, l.account_id, l.cents,
            a.debits_posted_cents - a.credits_posted_cents + sum(l.cents) OVER so_far,
            a.version + row_number() OVER so_far
        FROM line l JOIN accounts a ON a.id = l.account_id
        WINDOW so_far AS (PARTITION BY l.account_id ORDER BY l.seq)
        ORDER BY l.seq, l.book_id
"""

MOVED = """
    UPDATE accounts a SET debits_posted_cents = a.debits_posted_cents + p.debits_cents,
        credits_posted_cents = a.credits_posted_cents + p.credits_cents, version = a.version + p.postings
    FROM positions p WHERE (p.book_id, p.account_id, p.season) = (a.book_id, a.id, %(season)s)
"""

TURNED = """
    UPDATE heads h SET next_seq = %(past)s + %(per_book)s + 1, season = %(season)s,
        head_hash = sha256(int8send(h.book_id) || int8send(%(past)s + %(per_book)s))
    FROM own_books b WHERE b.book_id = h.book_id
"""

TABLES = (
    "entries",
    "postings",
    "entry_codes",
    "entry_notes",
    "positions",
    "accounts",
    "chamas",
    "chama_members",
    "users",
)


def last_seasons(at: datetime) -> list[int]:
    """The numbers of the SEASONS that end with the one before the season of `at`."""
    numbers = [seasons.season_at(at)]
    while len(numbers) <= SEASONS:
        numbers.append(seasons.season_before(numbers[-1]))
    return numbers[:0:-1]


def write(conn: Connection, size: Size, at: datetime) -> None:
    """Writes the decade before the season of `at`, a transaction a season; `conn` is the owner's, autocommit."""
    numbers = last_seasons(at)
    per_book = MEMBERS * PER_SEASON
    told = {
        "chamas": size.chamas,
        "members": MEMBERS,
        "seed": size.seed,
        "first_phone": FIRST_PHONE,
        "at": seasons.opens_at(numbers[0]),
        "per_book": per_book,
        "most": per_book * SEASONS + 1,
        "step": timedelta(days=180) / per_book,
    }
    for statement in PEOPLE:
        conn.execute(statement, told)
    for index, season in enumerate(numbers):
        seasons.open_one(conn, season)
        told |= {"season": season, "past": index * per_book, "opens_at": seasons.opens_at(season)}
        with conn.transaction():
            for statement in (MADE, "ANALYZE made", WRITTEN, MOVED, TURNED):
                conn.execute(statement, told if "%" in statement else None)
    conn.execute("DROP TABLE folk, own_books, places")
    # A hundredth of the decade is then counted whole: a sample of it now and then led to another plan.
    conn.execute("SET default_statistics_target = 1000")
    for table in TABLES:
        conn.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(table)))
