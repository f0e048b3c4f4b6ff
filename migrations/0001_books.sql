-- Books, accounts, entries and their balanced postings; what the ledger room writes.
-- Amounts are signed cents: a debit is positive, a credit negative. Instants are given by the caller, never by the server.

CREATE TABLE books (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind          text NOT NULL CHECK (kind IN ('chama', 'shortcode')),
    name          text NOT NULL,
    opened_at     timestamptz NOT NULL
);

-- An accounting period of all books, or what a contract calls a season; entries and postings are partitioned by its number.
CREATE TABLE seasons (
    source        text NOT NULL,
    number        integer NOT NULL,
    opens_at      timestamptz NOT NULL,
    closes_at     timestamptz NOT NULL CHECK (closes_at > opens_at),
    PRIMARY KEY (source, number)
);

CREATE TABLE accounts (
    id                    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    book_id               bigint NOT NULL REFERENCES books,
    code                  text NOT NULL,
    kind                  text NOT NULL CHECK (kind IN ('asset', 'liability', 'equity', 'income', 'expense')),
    normal_side           text NOT NULL CHECK (normal_side IN ('debit', 'credit')),
    owner_member_id       bigint,
    debits_posted_cents   bigint NOT NULL DEFAULT 0 CHECK (debits_posted_cents >= 0),
    credits_posted_cents  bigint NOT NULL DEFAULT 0 CHECK (credits_posted_cents >= 0),
    debits_pending_cents  bigint NOT NULL DEFAULT 0 CHECK (debits_pending_cents >= 0),
    credits_pending_cents bigint NOT NULL DEFAULT 0 CHECK (credits_pending_cents >= 0),
    floor_cents           bigint,
    ceiling_cents         bigint,
    version               bigint NOT NULL DEFAULT 0,
    closed_at             timestamptz,
    UNIQUE (book_id, code),
    UNIQUE (book_id, id),
    CHECK (floor_cents IS NULL OR debits_posted_cents - credits_posted_cents - credits_pending_cents >= floor_cents),
    CHECK (ceiling_cents IS NULL OR debits_posted_cents - credits_posted_cents + debits_pending_cents <= ceiling_cents)
);
CREATE INDEX accounts_by_owner ON accounts (owner_member_id) WHERE owner_member_id IS NOT NULL;

-- The only lock of a book: its next page number and the hash of the page before.
CREATE TABLE heads (
    book_id       bigint PRIMARY KEY REFERENCES books,
    next_seq      bigint NOT NULL DEFAULT 1,
    season        integer NOT NULL DEFAULT 0,
    head_hash     bytea NOT NULL CHECK (octet_length(head_hash) = 32),
    verified_seq  bigint NOT NULL DEFAULT 0
);

CREATE TABLE entries (
    book_id       bigint NOT NULL,
    season        integer NOT NULL,
    seq           bigint NOT NULL,
    kind          text NOT NULL,
    occurred_at   timestamptz NOT NULL,
    recorded_at   timestamptz NOT NULL,
    about_season  integer,
    actor_id      bigint,
    reverses_seq  bigint,
    commitment    bytea NOT NULL CHECK (octet_length(commitment) = 32),
    version       smallint NOT NULL DEFAULT 1,
    prev_hash     bytea NOT NULL CHECK (octet_length(prev_hash) = 32),
    hash          bytea NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (book_id, season, seq)
) PARTITION BY LIST (season);

CREATE TABLE postings (
    book_id              bigint NOT NULL,
    season               integer NOT NULL,
    seq                  bigint NOT NULL,
    line                 smallint NOT NULL,
    account_id           bigint NOT NULL,
    amount_cents         bigint NOT NULL CHECK (amount_cents <> 0),
    balance_after_cents  bigint NOT NULL,
    account_version      bigint NOT NULL,
    PRIMARY KEY (book_id, season, seq, line)
) PARTITION BY LIST (season);
CREATE INDEX postings_by_account ON postings (account_id, seq);

-- What the commitment of an entry hides; erasable, so that a person can be forgotten and the hash still holds.
CREATE TABLE entry_notes (
    book_id       bigint NOT NULL,
    season        integer NOT NULL,
    seq           bigint NOT NULL,
    salt          bytea NOT NULL CHECK (octet_length(salt) = 16),
    note          jsonb NOT NULL,
    PRIMARY KEY (book_id, season, seq)
);

-- Keys that must be unique over all seasons stand beside the partitions, because a unique key there would need the season in it.
CREATE TABLE idempotency_keys (
    scope         text NOT NULL,
    key           text NOT NULL,
    request_hash  bytea NOT NULL CHECK (octet_length(request_hash) = 32),
    book_id       bigint NOT NULL,
    season        integer,
    seq           bigint,
    refusal       text,
    recorded_at   timestamptz NOT NULL,
    PRIMARY KEY (scope, key),
    CHECK ((seq IS NULL) = (refusal IS NOT NULL))
);

CREATE TABLE entry_codes (
    code          text PRIMARY KEY CHECK (code ~ '^[2-9A-HJ-NP-Z]{8}$'),
    book_id       bigint NOT NULL,
    season        integer NOT NULL,
    seq           bigint NOT NULL,
    UNIQUE (book_id, seq)
);

-- Entries that no batch has sealed yet; rows leave when they are sealed.
CREATE TABLE sealing_queue (
    book_id       bigint NOT NULL,
    season        integer NOT NULL,
    seq           bigint NOT NULL,
    PRIMARY KEY (book_id, seq)
);
