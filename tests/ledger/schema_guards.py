"""Every guard of the schema, how it is taken away, and the attack that then comes through."""

# ruff: noqa: S608  (statements are put together from what stands in these files)

from tests.ledger.forgeries import (
    BARE,
    CODED,
    FIVE,
    HASHES,
    NEVER_NEGATIVE,
    RELEASED,
    RESOLVES,
    TWO,
    UNCHANGEABLE,
    WAITS,
    dropped,
    ending,
    onto,
    page,
)
from tests.ledger.mutation import Mutation

SCHEMA: tuple[Mutation, ...] = (
    *(
        Mutation(
            f"trigger unchangeable on {table}",
            "DROP TRIGGER unchangeable ON " + table,
            "UPDATE " + table + " SET book_id = book_id",
        )
        for table in UNCHANGEABLE
    ),
    Mutation("trigger whole on entries", "DROP TRIGGER whole ON entries", BARE.format("entries", "7")),
    Mutation(
        "trigger whole on entries_20262", "DROP TRIGGER whole ON entries_20262", BARE.format("entries_20262", "7")
    ),
    Mutation(
        "trigger whole on postings",
        "DROP TRIGGER whole ON postings",
        onto("1", "(3, 1, 7, 'posted'), (4, 2, -7, 'posted')"),
    ),
    Mutation(
        "trigger whole on postings_20262",
        "DROP TRIGGER whole ON postings_20262",
        onto("1", "(3, 1, 7, 'posted'), (4, 2, -7, 'posted')").replace("INTO postings", "INTO postings_20262"),
    ),
    Mutation(
        "trigger whole on endings",
        "DROP TRIGGER whole ON endings",
        "INSERT INTO endings VALUES (1, 2, 'voided', 20262, 99)",
    ),
    Mutation("trigger whole on open_holds", "DROP TRIGGER whole ON open_holds", "DELETE FROM open_holds WHERE seq = 2"),
    Mutation(
        "an entry's hold is waited for",
        ("demand_postings", "WHERE e.expires_at IS NOT NULL AND NOT EXISTS", "WHERE FALSE AND NOT EXISTS"),
        page(TWO.replace("posted", "pending"), ", expires_at", ", " + FIVE),
    ),
    Mutation(
        "a hold is posted for at most what it holds",
        ("demand_postings", "OR abs(own.amount_cents) > abs(due.amount_cents)", ""),
        ending("2", "posted") + page(RELEASED + ", (3, 1, -30001, 'posted'), (4, 2, 30001, 'posted')", *RESOLVES),
    ),
    Mutation(
        "a hold is posted on the side where it holds",
        ("demand_postings", "sign(own.amount_cents) <> sign(due.amount_cents)\n                        OR ", ""),
        ending("2", "posted") + page(RELEASED + ", (3, 1, 30000, 'posted'), (4, 2, -30000, 'posted')", *RESOLVES),
    ),
    Mutation(
        "a hold is posted before its expiry",
        ("demand_postings", "OR e.resolution = 'posted' AND e.recorded_at >= t.expires_at", ""),
        ending("2", "posted") + page(RELEASED + ", (3, 1, -5, 'posted'), (4, 2, 5, 'posted')", *RESOLVES, at=FIVE),
    ),
    Mutation(
        "a hold expires at its expiry",
        ("demand_postings", "OR e.resolution = 'expired' AND e.recorded_at < t.expires_at", ""),
        ending("2", "expired") + page(RELEASED, ", resolves_seq, resolution", ", 2, 'expired'"),
    ),
    Mutation(
        "a reversal is the mirror",
        ("demand_postings", "ELSE own.amount_cents IS DISTINCT FROM due.amount_cents END", "ELSE FALSE END"),
        ending("1", "reversed") + page(TWO, ", reverses_seq", ", 1"),
    ),
    Mutation(
        "postings of an entry add up to zero",
        ("demand_balance", "sum(a.amount_cents) <> 0 OR", ""),
        page("(1, 1, 5, 'posted'), (2, 2, -4, 'posted')"),
    ),
    Mutation(
        "no line is added to an entry",
        ("demand_balance", "OR max(a.line) <> count(*)", ""),
        onto("1", "(3, 1, 7, 'posted'), (4, 2, -7, 'posted')"),
    ),
    Mutation(
        "only a hold has pending lines",
        ("demand_balance", "AND bool_or(a.phase = 'pending') = (e.expires_at IS NOT NULL)", ""),
        page(TWO + ", (3, 1, 9, 'pending'), (4, 2, -9, 'pending')"),
    ),
    Mutation(
        "only a resolution has released lines",
        ("demand_balance", "AND bool_or(a.phase = 'released') = (e.resolves_seq IS NOT NULL)", ""),
        page(TWO + ", (3, 1, 9, 'released'), (4, 2, -9, 'released')"),
    ),
    Mutation(
        "a hold posts nothing",
        (
            "demand_balance",
            "AND bool_or(a.phase = 'posted') = (e.expires_at IS NULL AND COALESCE(e.resolution, 'posted') = 'posted')",
            "",
        ),
        CODED + WAITS + page(TWO + ", (3, 1, 9, 'pending'), (4, 2, -9, 'pending')", ", expires_at", ", " + FIVE),
    ),
    Mutation(
        "a floor, held money counted",
        dropped("accounts", "accounts_check"),
        "UPDATE accounts SET debits_posted_cents = 20901 WHERE id = 2",
    ),
    Mutation(
        "a ceiling", dropped("accounts", "accounts_check1"), "UPDATE accounts SET ceiling_cents = 49999 WHERE id = 1"
    ),
    Mutation(
        "a closed account holds nothing",
        dropped("accounts", "accounts_check2"),
        "UPDATE accounts SET closed_at = " + FIVE + " WHERE id = 2",
    ),
    *(
        Mutation(
            f"{column} are never negative",
            dropped("accounts", "accounts_" + column + "_check"),
            "UPDATE accounts SET " + column + " = -1 WHERE id = 1",
        )
        for column in NEVER_NEGATIVE
    ),
    Mutation(
        "an account's code is its own",
        dropped("accounts", "accounts_book_id_code_key"),
        "INSERT INTO accounts (book_id, code, kind, normal_side) VALUES (1, 'member:5', 'asset', 'debit')",
    ),
    Mutation("a page stands once", dropped("entries", "entries_pkey"), BARE.format("entries", "1")),
    Mutation("a line stands once", dropped("postings", "postings_pkey"), onto("1", TWO)),
    Mutation(
        "no posting of nothing",
        dropped("postings", "postings_amount_cents_check"),
        page("(1, 1, 0, 'posted'), (2, 2, 0, 'posted')"),
    ),
    Mutation(
        "lines begin at 1",
        dropped("postings", "postings_line_check"),
        page("(0, 1, 7, 'posted'), (2, 2, -7, 'posted')"),
    ),
    Mutation(
        "three phases and no other",
        dropped("postings", "postings_phase_check"),
        page(TWO + ", (3, 1, 9, 'owed'), (4, 2, -9, 'owed')"),
    ),
    *(
        Mutation(
            f"an entry's {column} has 32 bytes",
            dropped("entries", "entries_" + column + "_check"),
            page(whole=whole),
        )
        for column, whole in HASHES
    ),
    Mutation(
        "a head's hash has 32 bytes", dropped("heads", "heads_head_hash_check"), r"UPDATE heads SET head_hash = '\x00'"
    ),
    Mutation("a book has one head", dropped("heads", "heads_pkey"), "INSERT INTO heads SELECT * FROM heads LIMIT 1"),
    Mutation(
        "a hold expires after it begins",
        dropped("entries", "entries_check2"),
        CODED + WAITS + page(TWO.replace("posted", "pending"), ", expires_at", ", " + FIVE, at=FIVE),
    ),
    Mutation(
        "a resolution names its hold", dropped("entries", "entries_check"), page(TWO, ", resolution", ", 'posted'")
    ),
    Mutation(
        "an entry ends once",
        dropped("endings", "endings_pkey"),
        ending("3", "posted")
        + page(
            "(1, 1, -10000, 'released'), (2, 2, 10000, 'released'), (3, 1, -10, 'posted'), (4, 2, 10, 'posted')",
            ", resolves_seq, resolution",
            ", 3, 'posted'",
        ),
    ),
    Mutation(
        "a hold is waited for once",
        dropped("open_holds", "open_holds_pkey"),
        "INSERT INTO open_holds SELECT * FROM open_holds",
    ),
    Mutation(
        "what is waited for is a page",
        dropped("open_holds", "open_holds_book_id_seq_fkey"),
        "INSERT INTO open_holds VALUES (1, 20262, 77, " + FIVE + ")",
    ),
    Mutation(
        "a key has one answer",
        dropped("idempotency_keys", "idempotency_keys_pkey"),
        "INSERT INTO idempotency_keys SELECT * FROM idempotency_keys",
    ),
    Mutation(
        "a key's answer is a page or a refusal",
        dropped("idempotency_keys", "idempotency_keys_check"),
        "INSERT INTO idempotency_keys VALUES ('x', 'x', sha256('x'), 1, NULL, NULL, NULL, " + FIVE + ")",
    ),
    Mutation(
        "a code is of one page",
        dropped("entry_codes", "entry_codes_pkey"),
        "INSERT INTO entry_codes SELECT code, book_id, season, seq + 50 FROM entry_codes LIMIT 1",
    ),
    Mutation(
        "a page has one code",
        dropped("entry_codes", "entry_codes_book_id_seq_key"),
        "INSERT INTO entry_codes VALUES ('ABCDEFGH', 1, 20262, 1)",
    ),
    Mutation(
        "a code has 8 letters that nobody confuses",
        dropped("entry_codes", "entry_codes_code_check"),
        "INSERT INTO entry_codes VALUES ('O0I1', 1, 20262, 7)",
    ),
)
