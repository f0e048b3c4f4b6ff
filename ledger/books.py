"""Books, their accounts, and entries that balance: opening, posting, reading.

Amounts of postings are signed cents, debit positive. What a reader gets (balance) is on the account's normal side: what
an asset has, what a liability owes. Posting is one call of post_entries (migrations/0013_cheaper_posting.sql), which
locks the heads of the books, numbers the entries without gaps, chains their hashes and answers a repeated key as it did
before; one entry is a set of one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, LiteralString

from psycopg.errors import CheckViolation
from psycopg.rows import scalar_row

from ledger import preimage, refusals
from ledger.letters import spell
from ledger.literals import hexes, instants, numbers, texts
from ledger.wires import Chance, Connection
from ledger.words import words

BookKind = Literal["chama", "shortcode"]
AccountKind = Literal["asset", "liability", "equity", "income", "expense"]
Resolution = Literal["posted", "voided", "expired"]

SALT_BYTES = 16  # 128 bits: a note that was erased cannot be found again by trying salts

# 31 letters to the power of 8 are 850,000 million codes: too many to guess one, few enough to read one out.
CODE_LENGTH = 8

HOLD_HAS_TIME = "entries_check2"  # migrations/0009_holds.sql: expires_at > recorded_at

# Among ten million entries a code is taken once in 85,000 tries: three tries do not fail in the life of the books.
CODE_TRIES = 3


@dataclass(frozen=True)
class Line:
    """One posting: cents to the debit (positive) or the credit (negative) of an account."""

    account_id: int
    amount_cents: int


@dataclass(frozen=True)
class Draft:
    """An entry to be posted. `scope` and `key` name the request: once posted, the same request gets the same answer.

    `note` (names, reasons) stays outside all hashes but a salted one, and outside what makes requests the same. With
    `expires_at` it is a hold.
    """

    book_id: int
    kind: str
    occurred_at: datetime
    lines: tuple[Line, ...]
    scope: str
    key: str
    note: Mapping[str, Any] = field(default_factory=dict)
    actor_id: int | None = None
    about_season: int | None = None
    reverses_seq: int | None = None
    expires_at: datetime | None = None
    resolves_seq: int | None = None
    resolution: Resolution | None = None

    def __post_init__(self) -> None:
        if (self.resolves_seq is None) != (self.resolution is None):
            raise ValueError("a resolution names its hold, and how it ends")
        if self.lines and (self.reverses_seq is not None or self.resolution in ("voided", "expired")):
            raise ValueError("what ends an entry has the lines that the entry demands")
        if len({line.account_id for line in self.lines}) != len(self.lines):
            raise ValueError("an account stands once in an entry: add its amounts up")

    def request_hash(self) -> bytes:
        """Tells this request from another under the same key. Without the note: a hash of names would outlive them."""
        lines = (number for line in self.lines for number in (line.account_id, line.amount_cents))
        parts = (self.book_id, self.kind, self.occurred_at, self.about_season, self.actor_id, self.reverses_seq)
        # Only in requests that have them: the keys of earlier ones are compared with what was hashed then.
        held = (self.expires_at, self.resolves_seq, self.resolution)
        ending = () if held == (None, None, None) else ("held", *held)
        return preimage.hash_fields((preimage.REQUEST_FORM, *parts, *lines, *ending))


@dataclass(frozen=True)
class Posted:
    """An entry in the books. `repeated`: it stood there before this call."""

    book_id: int
    season: int
    seq: int
    hash: bytes
    code: str
    repeated: bool


@dataclass(frozen=True)
class Page:
    """An entry as two members compare it: its number and two words of its hash."""

    seq: int
    hash: bytes
    words: str
    recorded_at: datetime


def open_book(conn: Connection, *, kind: BookKind, name: str, at: datetime) -> int:
    """A new, empty book; returns its id."""
    cursor = conn.cursor(row_factory=scalar_row)
    opened: list[int] = cursor.execute("SELECT open_book(%s, %s, %s)", [kind, name, at]).fetchall()
    return opened[0]


def open_account(
    conn: Connection,
    *,
    book_id: int,
    code: str,
    kind: AccountKind,
    owner_member_id: int | None = None,
    floor_cents: int | None = None,
    ceiling_cents: int | None = None,
) -> int:
    """The id of the book's account `code`, opened if need be; one that exists stays as it is.

    Floor and ceiling bound the balance on the normal side: a floor of 0 on a liability keeps it from being overdrawn.
    """
    cursor = conn.cursor(row_factory=scalar_row)
    opened: list[int] = cursor.execute(
        "SELECT open_account(%s, %s, %s, %s, %s, %s)",
        [book_id, code, kind, owner_member_id, floor_cents, ceiling_cents],
    ).fetchall()
    return opened[0]


def account_id(conn: Connection, book_id: int, code: str) -> int | None:
    """The id of the book's account `code`, if it has one."""
    cursor = conn.cursor(row_factory=scalar_row)
    found: int | None = cursor.execute(
        "SELECT id FROM accounts WHERE book_id = %s AND code = %s", [book_id, code]
    ).fetchone()
    return found


def post(conn: Connection, draft: Draft, *, at: datetime, chance: Chance) -> Posted:
    """Posts one entry, recorded at `at`, or finds the one that this request posted before.

    Raises what stands in refusals.OF_POSTING. None of them breaks the transaction. Those that say so are kept with
    their key if the caller commits: catch them inside the transaction. Who posts to two books in one transaction posts
    a set, or takes the lower book id first.
    """
    [posted] = post_all(conn, [draft], at=at, chance=chance)
    return posted


def post_all(conn: Connection, drafts: Sequence[Draft], *, at: datetime, chance: Chance) -> list[Posted]:
    """Posts a set of entries that stand or fall together; what it returns is in the order of `drafts`.

    Raises what `post` raises for the first that is refused; the others stand by then, so undo them all.
    """
    posted = []
    for answer in post_set(conn, drafts, at=at, chance=chance):
        if isinstance(answer, refusals.Refusal):
            raise answer
        posted.append(answer)
    return posted


def post_set(
    conn: Connection,
    drafts: Sequence[Draft],
    *,
    at: datetime,
    chance: Chance,
    bonds: Sequence[int | None] | None = None,
) -> list[Posted | refusals.Refusal]:
    """Posts many entries of any books in one statement; answers each, in order, as if they were posted one by one.

    What `post` would raise stands in the list and stops nothing else. A key stands once in a set: CardinalityViolation.
    `bonds` has a number or None for each: neighbours with the same number stand or fall together, refused alike.
    What no entry can hold ends the whole set: TypeError for an amount that is no int, ValueError for a text with a NUL
    (both before anything is said to PostgreSQL) and for a new hold whose time was over before it began.
    """
    if not drafts:
        return []
    _look_at(drafts)
    salts = [chance.token_bytes(SALT_BYTES) for _ in drafts]
    notes = [preimage.canonical_note(draft.note) for draft in drafts]
    lines = [(entry, line) for entry, draft in enumerate(drafts, start=1) for line in draft.lines]
    answers = _posted(
        conn,
        "SELECT season, seq, hash, code, repeated, refusal FROM post_entries(%s::text[], %s::text[], %s::bytea[], "
        "%s::bigint[], %s::text[], %s::timestamptz[], %s, %s::integer[], %s::bigint[], %s::bigint[], "
        "%s::timestamptz[], %s::bigint[], %s::text[], %s::integer[], %s::bytea[], %s::jsonb[], %s::bytea[], "
        "%s::text[], %s::integer[], %s::bigint[], %s::bigint[])",
        [
            texts(draft.scope for draft in drafts),
            texts(draft.key for draft in drafts),
            hexes(draft.request_hash() for draft in drafts),
            numbers(draft.book_id for draft in drafts),
            texts(draft.kind for draft in drafts),
            instants(draft.occurred_at for draft in drafts),
            at,
            numbers(draft.about_season for draft in drafts),
            numbers(draft.actor_id for draft in drafts),
            numbers(draft.reverses_seq for draft in drafts),
            instants(draft.expires_at for draft in drafts),
            numbers(draft.resolves_seq for draft in drafts),
            texts(draft.resolution for draft in drafts),
            None if bonds is None else numbers(bonds),
            hexes(salts),
            texts(notes),
            hexes(map(preimage.commitment, salts, notes)),
            texts(spell(CODE_LENGTH, chance) for _ in range(CODE_TRIES * len(drafts))),
            numbers(entry for entry, _ in lines),
            numbers(line.account_id for _, line in lines),
            numbers(line.amount_cents for _, line in lines),
        ],
    )
    return [
        refusals.OF_POSTING[refusal]() if refusal else Posted(draft.book_id, season, seq, entry_hash, code, repeated)
        for draft, (season, seq, entry_hash, code, repeated, refusal) in zip(drafts, answers, strict=True)
    ]


def _look_at(drafts: Sequence[Draft]) -> None:
    """Raises for what could only end the statement, or would be taken for something else: True is a 1 to Python."""
    for draft in drafts:
        if "\0" in draft.key or "\0" in draft.scope or "\0" in draft.kind:
            raise ValueError("a key, its scope and a kind hold no NUL: the database cannot keep it")
        for line in draft.lines:
            if type(line.amount_cents) is not int:
                raise TypeError(f"an amount is whole cents in an int, not a {type(line.amount_cents).__name__}")


def _posted(conn: Connection, statement: LiteralString, values: Sequence[object]) -> list[tuple[Any, ...]]:
    """After its time a hold that began is found by its key, a new one not begun: the database knows which it is."""
    try:
        return conn.execute(statement, values).fetchall()
    except CheckViolation as error:
        if error.diag.constraint_name == HOLD_HAS_TIME:
            raise ValueError("a hold must expire after the instant at which it is recorded") from error
        raise


def account_ids(conn: Connection, wanted: Iterable[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """The ids of the accounts that exist among these pairs of book and code."""
    pairs = sorted(set(wanted))
    rows = conn.execute(
        "SELECT a.book_id, a.code, a.id FROM unnest(%s::bigint[], %s::text[]) AS w (book_id, code) "
        "JOIN accounts a USING (book_id, code)",
        [[book_id for book_id, _ in pairs], [code for _, code in pairs]],
    ).fetchall()
    return {(book_id, code): number for book_id, code, number in rows}


def balances_after(conn: Connection, entries: Sequence[tuple[Posted, int]]) -> list[int]:
    """For each entry and one of its accounts: what the account had (or owed) right after it, in cents."""
    rows = conn.execute(
        "SELECT p.balance_after_cents * CASE a.normal_side WHEN 'debit' THEN 1 ELSE -1 END "
        "FROM unnest(%s::bigint[], %s::integer[], %s::bigint[], %s::bigint[]) WITH ORDINALITY "
        "AS w (book_id, season, seq, account_id, place) "
        "CROSS JOIN LATERAL (SELECT balance_after_cents FROM postings WHERE (book_id, season, seq, account_id) "
        "= (w.book_id, w.season, w.seq, w.account_id) AND phase = 'posted' LIMIT 1) AS p "
        "JOIN accounts a ON a.id = w.account_id "
        "ORDER BY w.place",
        [
            [posted.book_id for posted, _ in entries],
            [posted.season for posted, _ in entries],
            [posted.seq for posted, _ in entries],
            [account for _, account in entries],
        ],
    ).fetchall()
    return [row[0] for row in rows]


def balance(conn: Connection, account_id: int) -> int:
    """What the account has (asset, expense) or owes (the others), in cents; raises UnknownAccount."""
    cursor = conn.cursor(row_factory=scalar_row)
    cents: int | None = cursor.execute("SELECT balance_cents FROM accounts WHERE id = %s", [account_id]).fetchone()
    if cents is None:
        raise refusals.UnknownAccount
    return cents


def page(conn: Connection, book_id: int, seq: int | None = None) -> Page | None:
    """The book's page `seq`, or its newest; None when there is no such page. Raises SeasonArchived for one put away."""
    row = conn.execute(
        # Behind OFFSET 0 the number is a plain column: row policies let only plain comparisons reach an index.
        "SELECT c.seq, e.hash, e.recorded_at FROM ("
        "SELECT COALESCE(%(seq)s::bigint, next_seq - 1) AS seq FROM heads WHERE book_id = %(book)s OFFSET 0) AS wanted "
        "JOIN entry_codes c ON c.book_id = %(book)s AND c.seq = wanted.seq "
        "LEFT JOIN entries e ON (e.book_id, e.season, e.seq) = (c.book_id, c.season, c.seq)",
        {"book": book_id, "seq": seq},
    ).fetchone()
    if row is not None and row[1] is None:
        raise refusals.SeasonArchived
    return None if row is None else Page(row[0], row[1], words(row[1]), row[2])
