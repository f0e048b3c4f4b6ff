"""Walks over the pages of all books, derives each from its own bytes again, and says which do not fit.

A page is hashed as a binary COPY brings it (ledger/wire_hash), and nothing is decoded first.

A stretch is a run of pages that one COPY per table brings; stretches know nothing of each other, so any process can
walk any of them. What a stretch takes on trust about the time before it (the hash of the page before, the balance of an
account at its first posting) it hands back as a claim, and `join` holds it against what the stretches before derived.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from struct import Struct
from struct import error as StructError

from psycopg import sql
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus

from ledger import preimage, wire_hash
from ledger.findings import Tally
from ledger.wires import Connection

# A page as the primary key of entries names it: book, season, number.
Place = tuple[int, int, int]
FIRST: Place = (-(2**63), -(2**31), -(2**63))
LAST: Place = (2**63 - 1, 2**31 - 1, 2**63 - 1)

# So many pages at a time are a few megabytes, and a bar that moves ten times a second.
STRETCH_PAGES = 10_000

BALANCE = "I1 entries balance"
TOGETHER = "I2 entries and postings belong together"
NUMBERS = "I3 entries are numbered without gaps"
LINKS = "I4 entries name the hash before them"
HASHES = "I5 hashes are those of what entries say"
RUNS_ON = "I6 balances run on from posting to posting"
NOTES = "I14 notes are those that were posted"
NAMES = (BALANCE, TOGETHER, NUMBERS, LINKS, HASHES, RUNS_ON, NOTES)

# In each of the three, (book, season, number) comes first, with 2 bytes before it that count the columns.
ENTRIES = sql.SQL(
    "SELECT t.book_id, t.season::bigint, t.seq, t.version::bigint, t.hash, t.prev_hash, t.kind, t.occurred_at, "
    "t.recorded_at, t.expires_at, t.about_season::bigint, t.actor_id, t.reverses_seq, t.resolves_seq, t.resolution, "
    "t.commitment FROM entries t"
)
POSTINGS = sql.SQL(
    "SELECT t.book_id, t.season::bigint, t.seq, t.line::bigint, t.balance_after_cents, t.account_version, "
    "t.account_id, t.amount_cents, t.phase FROM postings t"
)
# Notes stay when their pages are put away (ledger/archive).
NOTE_ROWS = sql.SQL(
    "SELECT t.book_id, t.season::bigint, t.seq, t.salt, t.note FROM (SELECT * FROM entry_notes WHERE season NOT IN "
    "(SELECT number FROM seasons WHERE source = 'books' AND archived_at IS NOT NULL)) t"
)
_COPY = sql.SQL(
    "COPY ({what} WHERE (t.book_id, t.season, t.seq) > ({after}) AND (t.book_id, t.season, t.seq) <= ({up_to}) "
    "ORDER BY t.book_id, t.season, t.seq) TO STDOUT (FORMAT BINARY)"
)
_HEADER_BYTES = 19  # of a binary COPY: its signature, flags, and the length of an extension that nobody uses
_TRAILER = b"\xff\xff"

_PLACE = Struct(">6xq4xq4xq")  # from the start of a row
# from 38: line, balance after, version, account, amount; hashed are the last two, from 74, and the phase, from 98
_LINE = Struct(">4xq4xq4xq4xq4xq")


@dataclass
class Account:
    """What a stretch saw of one account: the balance and version that its first posting claims to start from, and the
    ones that its postings lead to from there."""

    first: Place
    before_cents: int
    before_version: int
    cents: int
    version: int


@dataclass
class Book:
    """What a stretch saw of a book: place and previous hash of its first page; number, season and hash of its last."""

    first: Place
    prev_hash: bytes
    seq: int
    season: int
    hash: bytes


@dataclass
class Stretch:
    """What one walk found out; `wrong` by the name of the invariant. Travels between processes."""

    pages: int = 0
    postings: int = 0
    wrong: dict[str, Tally] = field(default_factory=lambda: {name: Tally() for name in NAMES})
    books: dict[int, Book] = field(default_factory=dict)
    accounts: dict[int, Account] = field(default_factory=dict)


def named(place: Place) -> str:
    """A page as a finding names it."""
    return f"entry {place[2]} of book {place[0]}"


@dataclass(frozen=True)
class Between:
    """The pages behind `after` and up to `up_to`; `pages` is how many there should be."""

    after: Place
    up_to: Place
    pages: int


def places(conn: Connection, after: Place = FIRST, up_to: Place = LAST) -> list[Between]:
    """The stretches behind `after` and up to `up_to`; together they leave no place out."""
    cuts = conn.execute(
        "SELECT book_id, season, seq, number FROM (SELECT book_id, season, seq, row_number() OVER pages AS number, "
        "lead(seq) OVER pages IS NULL AS last FROM entries "
        "WHERE (book_id, season, seq) > (%s, %s, %s) AND (book_id, season, seq) <= (%s, %s, %s) "
        "WINDOW pages AS (ORDER BY book_id, season, seq)) AS e "
        "WHERE number %% %s = 0 OR last ORDER BY 1, 2, 3",
        [*after, *up_to, STRETCH_PAGES],
    ).fetchall()
    stretches: list[Between] = []
    for book_id, season, seq, number in cuts:
        stretches.append(Between(after, (book_id, season, seq), number - sum(one.pages for one in stretches)))
        after = (book_id, season, seq)
    return [*stretches, Between(after, up_to, 0)]


def walk(conn: Connection, between: Between) -> Stretch:
    """Derives again every page of a stretch."""
    found = Stretch()
    lines: dict[bytes, list[bytes]] = {}
    # Sorted, lines stand in their order: (book, season, page, line) are the first bytes of a row.
    for row in sorted(_rows(conn, POSTINGS, between)):
        lines.setdefault(row[2:38], []).append(row)
        found.postings += 1
    commitments = {row[2:38]: wire_hash.commitment(row) for row in _rows(conn, NOTE_ROWS, between)}
    for row in _rows(conn, ENTRIES, between):
        found.pages += 1
        key = row[2:38]
        try:
            _page(found, row, lines.pop(key, ()), commitments.pop(key, None))
        except StructError:  # a column that has another width than the schema gives it
            found.wrong[HASHES].add(named(_PLACE.unpack_from(row)))
    for key, stray in lines.items():
        place = _PLACE.unpack_from(b"\0\0" + key)
        found.wrong[TOGETHER].add(named(place))
        _lines(found, place, stray)
    for key in commitments:
        found.wrong[NOTES].add(named(_PLACE.unpack_from(b"\0\0" + key)))
    return found


def _rows(conn: Connection, what: sql.SQL, between: Between) -> list[bytes]:
    """The rows of a binary COPY, which the server sends as one message each.

    Read from libpq itself: the way through the cursor takes longer for a row than all that is done with it here.
    """
    after, up_to = (sql.SQL(", ").join(map(sql.Literal, place)) for place in (between.after, between.up_to))
    wire = conn.pgconn
    started = wire.exec_(_COPY.format(what=what, after=after, up_to=up_to).as_bytes(conn))
    if started.status != ExecStatus.COPY_OUT:
        raise error_from_result(started)
    rows = []
    while True:
        length, row = wire.get_copy_data(0)
        if length <= 0:
            break
        rows.append(bytes(row))
    while ended := wire.get_result():
        if ended.status != ExecStatus.COMMAND_OK:
            raise error_from_result(ended)
    rows[0] = rows[0][_HEADER_BYTES:]
    return [row for row in rows if row and row != _TRAILER]


def _page(found: Stretch, row: bytes, lines: Iterable[bytes], commitment: bytes | None) -> None:
    place: Place = _PLACE.unpack_from(row)
    book_id, season, seq = place
    wrong = found.wrong
    claimed, prev_hash = row[54:86], row[90:122]
    book = found.books.get(book_id)
    if book is None:
        found.books[book_id] = Book(place, prev_hash, seq, season, claimed)
    else:
        if seq != book.seq + 1 or season < book.season:
            wrong[NUMBERS].add(named(place))
        if prev_hash != book.hash:
            wrong[LINKS].add(named(place))
        book.seq, book.season, book.hash = seq, season, claimed
    if wire_hash.entry(row, lines) != claimed:
        wrong[HASHES].add(named(place))
    if commitment is not None and commitment != row[-32:]:
        wrong[NOTES].add(named(place))
    if not lines:
        wrong[TOGETHER].add(named(place))
    _lines(found, place, lines)


def _lines(found: Stretch, place: Place, lines: Iterable[bytes]) -> None:
    """The lines of one entry: numbered from 1, each phase adding up to zero, each balance following from the last."""
    accounts, sum_cents, released_cents, number, uneven = found.accounts, 0, 0, 0, False
    for row in lines:
        number += 1
        line, after_cents, version, account_id, cents = _LINE.unpack_from(row, 38)
        sum_cents += cents
        if row[98:] != wire_hash.POSTED:
            if row[98:] == wire_hash.RELEASED:
                released_cents += cents
            cents = 0  # held or let go: no part of a balance
        uneven = uneven or line != number
        account = accounts.get(account_id)
        if account is None:
            accounts[account_id] = Account(place, after_cents - cents, version - 1, after_cents, version)
            continue
        account.cents += cents
        account.version += 1
        if after_cents != account.cents or version != account.version:
            found.wrong[RUNS_ON].add(named(place))
    if sum_cents or released_cents or uneven or number < 2:
        found.wrong[BALANCE].add(named(place))


def join(stretches: Iterable[Stretch], books: dict[int, Book], accounts: dict[int, tuple[int, int | None]]) -> Stretch:
    """All stretches as one, in the order of their places, each held against where the ones before it ended.

    `books` and `accounts` (balance and version) say where the first stretch begins: what is not there, at nothing. A
    version of None is taken as the first posting claims it.
    """
    whole = Stretch()
    for stretch in stretches:
        whole.pages += stretch.pages
        whole.postings += stretch.postings
        for book_id, book in stretch.books.items():
            before = books.get(book_id) or Book(book.first, b"", 0, 0, preimage.GENESIS)
            if book.first[2] != before.seq + 1 or book.first[1] < before.season:
                whole.wrong[NUMBERS].add(named(book.first))
            if book.prev_hash != before.hash:
                whole.wrong[LINKS].add(named(book.first))
            books[book_id] = book
        for account_id, account in stretch.accounts.items():
            cents, version = accounts.get(account_id, (0, 0))
            version = account.before_version if version is None else version
            if (account.before_cents, account.before_version) != (cents, version):
                whole.wrong[RUNS_ON].add(named(account.first))
            accounts[account_id] = (
                cents + account.cents - account.before_cents,
                version + account.version - account.before_version,
            )
        for name, tally in stretch.wrong.items():
            whole.wrong[name].take(tally)
    return whole
