"""What only the owner of the tables could write past the posting function, as statements.

Page 7 is the next one of book 1; account 1 is M-PESA's, 2 Wanjiku's, and page 2 a hold (test_guards arranges them).
"""

# ruff: noqa: S608  (statements are put together from what stands in this file)

from typing import LiteralString


def dropped(table: LiteralString, name: LiteralString) -> LiteralString:
    return "ALTER TABLE " + table + " DROP CONSTRAINT " + name + " CASCADE"


# What an attack writes: a page, by default the next one of book 1, and lines (number, account, cents, phase).
TWO: LiteralString = "(1, 1, 7, 'posted'), (2, 2, -7, 'posted')"
FIVE: LiteralString = "'2026-11-20 11:12+00'"  # when the holds of the scene expire


def page(
    lines: LiteralString = TWO,
    columns: LiteralString = "",
    values: LiteralString = "",
    at: LiteralString = "opened_at",
    whole: LiteralString = "head_hash, head_hash, head_hash",
) -> LiteralString:
    """An entry with its lines in one statement; `whole` are commitment, previous hash and hash."""
    return (
        "WITH entry AS (INSERT INTO entries (book_id, season, seq, kind, occurred_at, recorded_at, "
        "commitment, prev_hash, hash"
        + columns
        + ") SELECT 1, 20262, 7, 'forged', opened_at, "
        + at
        + ", "
        + whole
        + values
        + " FROM heads "
        "JOIN books ON id = book_id WHERE book_id = 1) " + onto("7", lines)
    )


def onto(seq: LiteralString, lines: LiteralString) -> LiteralString:
    """Lines for a page."""
    return (
        "INSERT INTO postings (book_id, season, seq, line, account_id, amount_cents, balance_after_cents, "
        "account_version, phase) SELECT 1, 20262, " + seq + ", line, account, cents, 0, 1, phase "
        "FROM (VALUES " + lines + ") AS l (line, account, cents, phase)"
    )


def ending(seq: LiteralString, how: LiteralString) -> LiteralString:
    return "INSERT INTO endings VALUES (1, " + seq + ", '" + how + "', 20262, 7); "


RELEASED: LiteralString = "(1, 1, -30000, 'released'), (2, 2, 30000, 'released')"
RESOLVES: tuple[LiteralString, LiteralString] = (", resolves_seq, resolution", ", 2, 'posted'")
WAITS: LiteralString = "INSERT INTO open_holds VALUES (1, 20262, 7, " + FIVE + "); "
# The row that waits names a page whose code the attack must forge as well.
CODED: LiteralString = "INSERT INTO entry_codes VALUES ('ABCDEFGH', 1, 20262, 7); "

UNCHANGEABLE: tuple[LiteralString, ...] = (
    *("entries", "entries_20262", "postings", "postings_20262"),
    *("idempotency_keys", "entry_codes", "endings", "open_holds"),
)
NEVER_NEGATIVE: tuple[LiteralString, ...] = (
    "debits_posted_cents", "credits_posted_cents", "debits_pending_cents", "credits_pending_cents",
)  # fmt: skip
HASHES: tuple[tuple[LiteralString, LiteralString], ...] = (
    ("commitment", r"'\x00', head_hash, head_hash"),
    ("prev_hash", r"head_hash, '\x00', head_hash"),
    ("hash", r"head_hash, head_hash, '\x00'"),
)
FORGED_ENTRY: LiteralString = (
    "SELECT 1, 20262, {}, 'forged', opened_at, opened_at, head_hash, head_hash, head_hash "
    "FROM heads JOIN books ON id = book_id WHERE book_id = 1"
)
BARE: LiteralString = (
    "INSERT INTO {} (book_id, season, seq, kind, occurred_at, recorded_at, commitment, prev_hash, hash) " + FORGED_ENTRY
)
