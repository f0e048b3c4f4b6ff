-- Books, accounts, entries and their balanced postings; what the ledger room writes.
-- Amounts are signed cents: a debit is positive, a credit negative. Instants are given by the caller, never by the server.
-- Nobody is granted more than SELECT here: books are written through the functions at the end, which run as their owner.

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

-- Balance, floor and ceiling are counted on the normal side: what an asset has, what a liability owes. Amounts that are
-- pending count against the bound that they would come nearer to.
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
    balance_cents         bigint NOT NULL GENERATED ALWAYS AS (
        CASE normal_side WHEN 'debit' THEN debits_posted_cents - credits_posted_cents
                         ELSE credits_posted_cents - debits_posted_cents END) STORED,
    floor_cents           bigint,
    ceiling_cents         bigint,
    version               bigint NOT NULL DEFAULT 0,
    closed_at             timestamptz,
    UNIQUE (book_id, code),
    CHECK (floor_cents <= balance_cents
        - CASE normal_side WHEN 'debit' THEN credits_pending_cents ELSE debits_pending_cents END),
    CHECK (ceiling_cents >= balance_cents
        + CASE normal_side WHEN 'debit' THEN debits_pending_cents ELSE credits_pending_cents END)
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

-- The balance after a posting runs on the debit side, as amounts do.
CREATE TABLE postings (
    book_id              bigint NOT NULL,
    season               integer NOT NULL,
    seq                  bigint NOT NULL,
    line                 smallint NOT NULL CHECK (line > 0),
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
    code          text PRIMARY KEY CHECK (code ~ '^[2-9A-HJKMNP-Z]{8}$'),
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

-- Guards. Nothing in the books is ever changed, and an entry arrives whole or not at all, whoever types the statement.
-- Statement triggers of a parent do not fire for a statement on a partition, so open_season gives every partition its own.

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: the books are never changed, corrections are new entries', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;

-- Entry and postings come in one statement, so each side can demand the other: both triggers see the whole of it. Lines
-- that begin at 1 are all the lines there are, so nothing can be added to an entry later.
CREATE FUNCTION demand_postings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM arrived e
        WHERE NOT EXISTS (
            SELECT FROM public.postings p WHERE (p.book_id, p.season, p.seq) = (e.book_id, e.season, e.seq)))
    THEN
        RAISE EXCEPTION 'an entry has no postings' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION demand_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM arrived a
        GROUP BY a.book_id, a.season, a.seq
        HAVING sum(a.amount_cents) <> 0 OR count(*) < 2 OR max(a.line) <> count(*)
            OR NOT EXISTS (
                SELECT FROM public.entries e WHERE (e.book_id, e.season, e.seq) = (a.book_id, a.season, a.seq)))
    THEN
        RAISE EXCEPTION 'postings do not make one whole, balanced entry'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION guard(table_name text, demand text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER unchangeable BEFORE UPDATE OR DELETE OR TRUNCATE ON public.%I '
        'FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change()', table_name);
    EXECUTE format('CREATE TRIGGER whole AFTER INSERT ON public.%I REFERENCING NEW TABLE AS arrived '
        'FOR EACH STATEMENT EXECUTE FUNCTION public.%I()', table_name, demand);
END
$$;

SELECT guard('entries', 'demand_postings'), guard('postings', 'demand_balance');
CREATE TRIGGER unchangeable BEFORE UPDATE OR DELETE OR TRUNCATE ON idempotency_keys
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER unchangeable BEFORE UPDATE OR DELETE OR TRUNCATE ON entry_codes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The hash of an entry is sha256 over fields in a fixed order, each with its length in 4 bytes before it, a missing one
-- with the length ffffffff. Numbers are 8 bytes, big-endian; instants are microseconds since 1970 in UTC; text is UTF-8.
-- Whoever changes the order or a form raises the version, and keeps the old form for old entries.

CREATE FUNCTION preimage_field(body bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT COALESCE(int4send(octet_length(body)) || body, '\xffffffff'::bytea)
$$;

CREATE FUNCTION preimage_number(number bigint) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT COALESCE('\x00000008'::bytea || int8send(number), '\xffffffff'::bytea)
$$;

CREATE FUNCTION preimage_instant(instant timestamptz) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT '\x00000008'::bytea || int8send((EXTRACT(epoch FROM instant) * 1000000)::bigint)
$$;

CREATE FUNCTION entry_hash(
    prev_hash bytea, book_id bigint, season integer, seq bigint, kind text, occurred_at timestamptz,
    recorded_at timestamptz, about_season integer, actor_id bigint, reverses_seq bigint, commitment bytea,
    account_ids bigint[], amounts_cents bigint[]
) RETURNS bytea LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN sha256(
        preimage_field(convert_to('pesachama-entry/1', 'UTF8')) || preimage_field(prev_hash)
        || preimage_number(book_id) || preimage_number(season) || preimage_number(seq)
        || preimage_field(convert_to(kind, 'UTF8')) || preimage_instant(occurred_at) || preimage_instant(recorded_at)
        || preimage_number(about_season) || preimage_number(actor_id) || preimage_number(reverses_seq)
        || preimage_field(commitment) || preimage_number(cardinality(account_ids))
        || (SELECT string_agg(preimage_number(l.account_id) || preimage_number(l.amount_cents), ''::bytea ORDER BY l.line)
            FROM unnest(account_ids, amounts_cents) WITH ORDINALITY AS l (account_id, amount_cents, line)));
END
$$;

-- Opens the period [opens_at, closes_at) of all books: partitions first stand alone and are then attached, because
-- CREATE ... PARTITION OF would stop every posting meanwhile. False when the season was open already.
CREATE FUNCTION open_season(p_number integer, p_opens_at timestamptz, p_closes_at timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    parent text;
BEGIN
    INSERT INTO seasons (source, number, opens_at, closes_at) VALUES ('books', p_number, p_opens_at, p_closes_at)
        ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN FALSE;
    END IF;
    FOREACH parent IN ARRAY ARRAY['entries', 'postings'] LOOP
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', parent || '_' || p_number, parent);
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES IN (%L)', parent, parent || '_' || p_number, p_number);
    END LOOP;
    PERFORM guard('entries_' || p_number, 'demand_postings'), guard('postings_' || p_number, 'demand_balance');
    RETURN TRUE;
END
$$;

CREATE FUNCTION open_book(p_kind text, p_name text, p_opened_at timestamptz) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH book AS (INSERT INTO books (kind, name, opened_at) VALUES (p_kind, p_name, p_opened_at) RETURNING id)
    INSERT INTO heads (book_id, head_hash) SELECT id, decode(repeat('00', 32), 'hex') FROM book RETURNING book_id
$$;

CREATE FUNCTION open_account(
    p_book_id bigint, p_code text, p_kind text, p_owner_member_id bigint, p_floor_cents bigint, p_ceiling_cents bigint
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    account_id bigint;
BEGIN
    INSERT INTO accounts (book_id, code, kind, normal_side, owner_member_id, floor_cents, ceiling_cents)
        VALUES (p_book_id, p_code, p_kind, CASE WHEN p_kind IN ('asset', 'expense') THEN 'debit' ELSE 'credit' END,
            p_owner_member_id, p_floor_cents, p_ceiling_cents)
        ON CONFLICT (book_id, code) DO NOTHING RETURNING id INTO account_id;
    IF account_id IS NULL THEN
        SELECT id INTO account_id FROM accounts WHERE (book_id, code) = (p_book_id, p_code);
    END IF;
    RETURN account_id;
END
$$;

CREATE TYPE posted_entry AS (season integer, seq bigint, hash bytea, code text, repeated boolean, refusal text);

-- What a key answered before, to whoever brings the same request again; all NULL for a new key.
CREATE FUNCTION answer_again(p_scope text, p_key text, p_request_hash bytea) RETURNS posted_entry
LANGUAGE plpgsql AS $$
DECLARE
    answer posted_entry;
BEGIN
    SELECT CASE WHEN same THEN k.season END, CASE WHEN same THEN k.seq END, e.hash, c.code, same,
        CASE WHEN same THEN k.refusal ELSE 'key_reused' END
    INTO answer
    FROM idempotency_keys k
        CROSS JOIN LATERAL (SELECT k.request_hash = p_request_hash AS same) AS request
        LEFT JOIN entries e ON same AND (e.book_id, e.season, e.seq) = (k.book_id, k.season, k.seq)
        LEFT JOIN entry_codes c ON same AND (c.book_id, c.seq) = (k.book_id, k.seq)
    WHERE (k.scope, k.key) = (p_scope, p_key);
    RETURN answer;
END
$$;

-- Why the business refuses these postings, or NULL; 'unknown_account' when one is not in the book. Locks the accounts in
-- order of id. The pending amounts count against the bound that a posting moves towards, as the CHECKs of the table say.
CREATE FUNCTION weigh_postings(p_book_id bigint, p_account_ids bigint[], p_amounts_cents bigint[]) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
    RETURN (
        SELECT CASE WHEN count(*) <> cardinality(p_account_ids) THEN 'unknown_account'
                    WHEN bool_or(closed_at IS NOT NULL) THEN 'account_closed'
                    WHEN bool_or(after_cents < floor_cents OR after_cents > ceiling_cents) THEN 'out_of_bounds' END
        FROM (
            SELECT a.closed_at, a.floor_cents, a.ceiling_cents,
                CASE WHEN a.normal_side = 'debit' AND l.amount_cents > 0
                         THEN a.balance_cents + a.debits_pending_cents + l.amount_cents
                     WHEN a.normal_side = 'debit'
                         THEN a.balance_cents - a.credits_pending_cents + l.amount_cents
                     WHEN l.amount_cents > 0
                         THEN a.balance_cents - a.debits_pending_cents - l.amount_cents
                     ELSE a.balance_cents + a.credits_pending_cents - l.amount_cents END AS after_cents
            FROM unnest(p_account_ids, p_amounts_cents) AS l (account_id, amount_cents)
                JOIN accounts a ON a.id = l.account_id AND a.book_id = p_book_id
            ORDER BY a.id FOR UPDATE OF a
        ) AS weighed);
END
$$;

-- Posts one entry in one round trip. A refusal is an answer, not an exception, so that the caller's transaction lives:
-- what the business refuses (out_of_bounds, account_closed) is kept with its key and stays refused; what a caller can
-- mend or an operator must (key_reused, unbalanced, unknown_book, unknown_account, no_season) leaves no trace.
CREATE FUNCTION post_entry(
    p_scope text, p_key text, p_request_hash bytea, p_book_id bigint, p_kind text, p_occurred_at timestamptz,
    p_recorded_at timestamptz, p_about_season integer, p_actor_id bigint, p_reverses_seq bigint,
    p_account_ids bigint[], p_amounts_cents bigint[], p_salt bytea, p_note jsonb, p_commitment bytea, p_codes text[]
) RETURNS posted_entry LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    head heads;
    answer posted_entry;
BEGIN
    -- The head is the only hot lock, and everything below is decided under it: order of seq is order of commit.
    SELECT * INTO head FROM heads WHERE book_id = p_book_id FOR UPDATE;
    IF NOT FOUND THEN
        answer.refusal := 'unknown_book';
        RETURN answer;
    END IF;

    answer := answer_again(p_scope, p_key, p_request_hash);
    IF answer.repeated IS NOT NULL THEN
        RETURN answer;
    END IF;
    answer.repeated := FALSE;

    IF cardinality(p_account_ids) < 2 OR cardinality(p_account_ids) <> cardinality(p_amounts_cents)
        OR (SELECT sum(amount) <> 0 OR bool_or(amount = 0) FROM unnest(p_amounts_cents) AS amount)
    THEN
        answer.refusal := 'unbalanced';
        RETURN answer;
    END IF;

    -- A clock that lags at midnight must not write into the season before: the caller comes again a moment later.
    SELECT number INTO answer.season FROM seasons
        WHERE source = 'books' AND opens_at <= p_recorded_at AND p_recorded_at < closes_at AND number >= head.season;
    IF NOT FOUND THEN
        answer.refusal := 'no_season';
        RETURN answer;
    END IF;

    answer.refusal := weigh_postings(p_book_id, p_account_ids, p_amounts_cents);
    IF answer.refusal = 'unknown_account' THEN
        RETURN answer;
    END IF;
    IF answer.refusal IS NULL THEN
        answer.seq := head.next_seq;
    END IF;

    -- Another book may have taken the key since we looked: this waits for it and then tells what it did.
    INSERT INTO idempotency_keys (scope, key, request_hash, book_id, season, seq, refusal, recorded_at)
        VALUES (p_scope, p_key, p_request_hash, p_book_id, answer.season, answer.seq, answer.refusal, p_recorded_at)
        ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        answer := answer_again(p_scope, p_key, p_request_hash);
    END IF;
    IF answer.refusal IS NOT NULL OR answer.repeated THEN
        RETURN answer;
    END IF;

    FOREACH answer.code IN ARRAY p_codes LOOP
        INSERT INTO entry_codes (code, book_id, season, seq) VALUES (answer.code, p_book_id, answer.season, answer.seq)
            ON CONFLICT (code) DO NOTHING;
        EXIT WHEN FOUND;
        answer.code := NULL;
    END LOOP;
    IF answer.code IS NULL THEN
        RAISE EXCEPTION 'every code that was offered is taken' USING ERRCODE = 'unique_violation';
    END IF;

    answer.hash := entry_hash(head.head_hash, p_book_id, answer.season, answer.seq, p_kind, p_occurred_at, p_recorded_at,
        p_about_season, p_actor_id, p_reverses_seq, p_commitment, p_account_ids, p_amounts_cents);

    WITH entry AS (
        INSERT INTO entries (book_id, season, seq, kind, occurred_at, recorded_at, about_season, actor_id, reverses_seq,
                commitment, prev_hash, hash)
            VALUES (p_book_id, answer.season, answer.seq, p_kind, p_occurred_at, p_recorded_at, p_about_season, p_actor_id,
                p_reverses_seq, p_commitment, head.head_hash, answer.hash)
    ), note AS (
        INSERT INTO entry_notes (book_id, season, seq, salt, note)
            VALUES (p_book_id, answer.season, answer.seq, p_salt, p_note)
    ), unsealed AS (
        INSERT INTO sealing_queue (book_id, season, seq) VALUES (p_book_id, answer.season, answer.seq)
    ), turned_page AS (
        UPDATE heads SET next_seq = answer.seq + 1, season = answer.season, head_hash = answer.hash
            WHERE book_id = p_book_id
    ), moved AS (
        UPDATE accounts a SET version = version + 1,
                debits_posted_cents = debits_posted_cents + greatest(l.amount_cents, 0),
                credits_posted_cents = credits_posted_cents + greatest(-l.amount_cents, 0)
            FROM unnest(p_account_ids, p_amounts_cents) WITH ORDINALITY AS l (account_id, amount_cents, line)
            WHERE a.id = l.account_id
            RETURNING l.line, a.id, l.amount_cents, a.debits_posted_cents - a.credits_posted_cents AS after_cents, a.version
    )
    INSERT INTO postings (book_id, season, seq, line, account_id, amount_cents, balance_after_cents, account_version)
        SELECT p_book_id, answer.season, answer.seq, line, id, amount_cents, after_cents, version FROM moved;
    RETURN answer;
END
$$;

-- A function is everybody's until it is taken back; the roles of the processes get theirs where they are made.
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
