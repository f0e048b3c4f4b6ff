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

-- What follows the place in the book: all that is known before the entry is numbered.
CREATE FUNCTION entry_body(
    kind text, occurred_at timestamptz, recorded_at timestamptz, about_season integer, actor_id bigint,
    reverses_seq bigint, commitment bytea, account_ids bigint[], amounts_cents bigint[]
) RETURNS bytea LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN preimage_field(convert_to(kind, 'UTF8')) || preimage_instant(occurred_at) || preimage_instant(recorded_at)
        || preimage_number(about_season) || preimage_number(actor_id) || preimage_number(reverses_seq)
        || preimage_field(commitment) || preimage_number(cardinality(account_ids))
        || (SELECT string_agg(preimage_number(l.account_id) || preimage_number(l.amount_cents), ''::bytea ORDER BY l.line)
            FROM unnest(account_ids, amounts_cents) WITH ORDINALITY AS l (account_id, amount_cents, line));
END
$$;

CREATE FUNCTION chained_hash(prev_hash bytea, book_id bigint, season integer, seq bigint, body bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN sha256(preimage_field('pesachama-entry/1'::bytea) || preimage_field(prev_hash)
        || preimage_number(book_id) || preimage_number(season) || preimage_number(seq) || body);
END
$$;

CREATE FUNCTION entry_hash(
    prev_hash bytea, book_id bigint, season integer, seq bigint, kind text, occurred_at timestamptz,
    recorded_at timestamptz, about_season integer, actor_id bigint, reverses_seq bigint, commitment bytea,
    account_ids bigint[], amounts_cents bigint[]
) RETURNS bytea LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN chained_hash(prev_hash, book_id, season, seq, entry_body(
        kind, occurred_at, recorded_at, about_season, actor_id, reverses_seq, commitment, account_ids, amounts_cents));
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

-- What can be told to each request of a set before the balances are looked at: what its key answered before, or why it
-- cannot be posted. The others come back with their season and without a refusal. Called with the heads locked.
CREATE FUNCTION examine_entries(
    p_scopes text[], p_keys text[], p_request_hashes bytea[], p_book_ids bigint[], p_recorded_at timestamptz,
    p_line_entries integer[], p_account_ids bigint[], p_amounts_cents bigint[]
) RETURNS posted_entry[] LANGUAGE plpgsql AS $$
BEGIN
    RETURN ARRAY(
        SELECT ROW(CASE WHEN k.key IS NULL THEN open.season WHEN told.same THEN k.season END,
            CASE WHEN told.same THEN k.seq END, e.hash, c.code, COALESCE(told.same, FALSE),
            CASE WHEN h.book_id IS NULL THEN 'unknown_book'
                 WHEN told.same THEN k.refusal
                 WHEN k.key IS NOT NULL THEN 'key_reused'
                 WHEN l.balanced IS NOT TRUE THEN 'unbalanced'
                 WHEN open.season IS NULL THEN 'no_season'
                 WHEN NOT l.known THEN 'unknown_account'
                 WHEN l.closed THEN 'account_closed' END)::posted_entry
        FROM unnest(p_scopes, p_keys, p_request_hashes, p_book_ids)
                WITH ORDINALITY AS d (scope, key, request_hash, book_id, entry)
            LEFT JOIN heads h ON h.book_id = d.book_id
            LEFT JOIN idempotency_keys k ON (k.scope, k.key) = (d.scope, d.key)
            CROSS JOIN LATERAL (SELECT k.request_hash = d.request_hash AS same) AS told
            LEFT JOIN entries e ON told.same AND (e.book_id, e.season, e.seq) = (k.book_id, k.season, k.seq)
            LEFT JOIN entry_codes c ON told.same AND (c.book_id, c.seq) = (k.book_id, k.seq)
            -- A clock that lags at midnight must not write into the season before: the caller comes again a moment later.
            CROSS JOIN LATERAL (
                SELECT min(s.number) AS season FROM seasons s
                WHERE s.source = 'books' AND s.opens_at <= p_recorded_at AND p_recorded_at < s.closes_at
                    AND s.number >= h.season) AS open
            LEFT JOIN (
                SELECT p.entry, count(*) = count(a.id) AS known, bool_or(a.closed_at IS NOT NULL) AS closed,
                    sum(p.amount_cents) = 0 AND bool_and(p.amount_cents <> 0) AND count(*) > 1
                        AND count(DISTINCT p.account_id) = count(*) AS balanced
                FROM unnest(p_line_entries, p_account_ids, p_amounts_cents) AS p (entry, account_id, amount_cents)
                    LEFT JOIN accounts a ON a.id = p.account_id AND a.book_id = p_book_ids[p.entry]
                GROUP BY p.entry) AS l ON l.entry = d.entry
        ORDER BY d.entry);
END
$$;

-- Whether the bounds of an account bear a posting. The amounts that are pending count against the bound that it moves
-- towards, as the CHECKs of the table say.
CREATE FUNCTION bears(account accounts, cents bigint) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    after_cents bigint := account.debits_posted_cents - account.credits_posted_cents + cents
        + CASE WHEN cents > 0 THEN account.debits_pending_cents ELSE -account.credits_pending_cents END;
BEGIN
    IF account.normal_side = 'credit' THEN
        after_cents := -after_cents;
    END IF;
    RETURN after_cents >= COALESCE(account.floor_cents, after_cents)
        AND after_cents <= COALESCE(account.ceiling_cents, after_cents);
END
$$;

-- For every entry the first of the codes offered to it (as many to each, one entry after the other) that is not taken.
CREATE FUNCTION free_codes(p_codes text[], p_entries integer) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    codes text[] := ARRAY(
        SELECT DISTINCT ON (entry) code
        FROM (SELECT code, offer, (offer - 1) * p_entries / cardinality(p_codes) AS entry
              FROM unnest(p_codes) WITH ORDINALITY AS o (code, offer)) AS offered
        WHERE NOT EXISTS (SELECT FROM entry_codes taken WHERE taken.code = offered.code)
        ORDER BY entry, offer);
BEGIN
    IF cardinality(codes) <> p_entries THEN
        RAISE EXCEPTION 'every code that was offered is taken' USING ERRCODE = 'unique_violation';
    END IF;
    RETURN codes;
END
$$;

-- Where each id stands in a list of ids; NULL for one that is not in it.
CREATE FUNCTION places_of(p_ids bigint[], p_list bigint[]) RETURNS integer[] LANGUAGE sql AS $$
    SELECT array_agg(l.place::integer ORDER BY i.place)
    FROM unnest(p_ids) WITH ORDINALITY AS i (id, place) LEFT JOIN unnest(p_list) WITH ORDINALITY AS l (id, place) USING (id)
$$;

-- Posts a set of entries of any books in one round trip, and answers each as if it had come alone, in the order given.
-- A refusal is an answer, not an exception, so that the caller's transaction lives: what the business refuses
-- (out_of_bounds, account_closed) is kept with its key and stays refused; what a caller can mend or an operator must
-- (key_reused, unbalanced, unknown_book, unknown_account, no_season) leaves no trace. A key stands once in a set.
-- The arrays hold one value per entry; p_codes the same number of offers for each; the last three one per posting, in
-- order of the entries, p_line_entries the number of the entry it belongs to.
CREATE FUNCTION post_entries(
    p_scopes text[], p_keys text[], p_request_hashes bytea[], p_book_ids bigint[], p_kinds text[],
    p_occurred_ats timestamptz[], p_recorded_at timestamptz, p_about_seasons integer[], p_actor_ids bigint[],
    p_reverses_seqs bigint[], p_salts bytea[], p_notes jsonb[], p_commitments bytea[], p_codes text[],
    p_line_entries integer[], p_account_ids bigint[], p_amounts_cents bigint[]
) RETURNS SETOF posted_entry LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
-- Every plan is the same for one entry and for thousands, index by index: making it anew each time costs as much as posting.
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    -- Locked and kept here while the set is decided, so that each row is written once however many entries touch it.
    pages heads[];
    moved accounts[];
    page heads;
    account accounts;
    page_places integer[];
    account_places integer[];
    answers posted_entry[];
    answer posted_entry;
    codes text[] := free_codes(p_codes, cardinality(p_keys));
    bodies bytea[];
    prev_hashes bytea[];
    afters_cents bigint[];
    versions bigint[];
    first_line integer;
    last_line integer;
    decided integer;
    kept integer;
BEGIN
    IF (SELECT count(*) <> count(DISTINCT (scope, key)) FROM unnest(p_scopes, p_keys) AS d (scope, key)) THEN
        RAISE EXCEPTION 'a key stands once in a set' USING ERRCODE = 'cardinality_violation';
    END IF;
    bodies := ARRAY(
        SELECT entry_body(d.kind, d.occurred_at, p_recorded_at, d.about_season, d.actor_id, d.reverses_seq, d.commitment,
            l.account_ids, l.amounts_cents)
        FROM unnest(p_kinds, p_occurred_ats, p_about_seasons, p_actor_ids, p_reverses_seqs, p_commitments)
                WITH ORDINALITY AS d (kind, occurred_at, about_season, actor_id, reverses_seq, commitment, entry)
            LEFT JOIN (
                SELECT p.entry, array_agg(p.account_id ORDER BY p.place) AS account_ids,
                    array_agg(p.amount_cents ORDER BY p.place) AS amounts_cents
                FROM unnest(p_line_entries, p_account_ids, p_amounts_cents)
                    WITH ORDINALITY AS p (entry, account_id, amount_cents, place)
                GROUP BY p.entry) AS l USING (entry)
        ORDER BY d.entry);

    LOOP
        -- The heads are the only hot locks, and all below is decided under them: order of seq is order of commit. Who
        -- takes them in order of id, and accounts after them in the same order, meets nobody who comes the other way.
        pages := ARRAY(SELECT h FROM heads h WHERE h.book_id = ANY (p_book_ids) ORDER BY h.book_id FOR UPDATE);
        moved := ARRAY(SELECT a FROM accounts a WHERE a.id = ANY (p_account_ids) ORDER BY a.id FOR UPDATE);
        page_places := places_of(p_book_ids, ARRAY(SELECT book_id FROM unnest(pages)));
        account_places := places_of(p_account_ids, ARRAY(SELECT id FROM unnest(moved)));
        answers := examine_entries(p_scopes, p_keys, p_request_hashes, p_book_ids, p_recorded_at, p_line_entries,
            p_account_ids, p_amounts_cents);
        prev_hashes := array_fill(NULL::bytea, ARRAY[cardinality(answers)]);
        afters_cents := array_fill(NULL::bigint, ARRAY[cardinality(p_line_entries)]);
        versions := afters_cents;
        last_line := 0;
        decided := 0;

        FOR i IN 1 .. cardinality(answers) LOOP
            answer := answers[i];
            first_line := last_line + 1;
            WHILE p_line_entries[last_line + 1] = i LOOP
                last_line := last_line + 1;
            END LOOP;
            CONTINUE WHEN answer.repeated OR answer.refusal <> 'account_closed';
            decided := decided + 1;
            CONTINUE WHEN answer.refusal IS NOT NULL;

            FOR line IN first_line .. last_line LOOP
                IF NOT bears(moved[account_places[line]], p_amounts_cents[line]) THEN
                    answer.refusal := 'out_of_bounds';
                END IF;
            END LOOP;
            IF answer.refusal IS NULL THEN
                page := pages[page_places[i]];
                answer.seq := page.next_seq;
                answer.code := codes[i];
                answer.hash := chained_hash(page.head_hash, page.book_id, answer.season, answer.seq, bodies[i]);
                prev_hashes[i] := page.head_hash;
                page.next_seq := page.next_seq + 1;
                page.season := answer.season;
                page.head_hash := answer.hash;
                pages[page_places[i]] := page;
                FOR line IN first_line .. last_line LOOP
                    account := moved[account_places[line]];
                    account.debits_posted_cents := account.debits_posted_cents + greatest(p_amounts_cents[line], 0);
                    account.credits_posted_cents := account.credits_posted_cents + greatest(-p_amounts_cents[line], 0);
                    account.version := account.version + 1;
                    moved[account_places[line]] := account;
                    afters_cents[line] := account.debits_posted_cents - account.credits_posted_cents;
                    versions[line] := account.version;
                END LOOP;
            END IF;
            answers[i] := answer;
        END LOOP;

        -- Another book may have taken a key since we looked. This waits for it, in order of the keys, and then all is
        -- decided again: a number that was meant for the one that came too late must not be missing in its book.
        BEGIN
            INSERT INTO idempotency_keys (scope, key, request_hash, book_id, season, seq, refusal, recorded_at)
                SELECT scope, key, request_hash, book_id, season, seq, refusal, p_recorded_at
                FROM unnest(p_scopes, p_keys, p_request_hashes, p_book_ids, answers)
                    AS d (scope, key, request_hash, book_id, season, seq, hash, code, repeated, refusal)
                WHERE NOT repeated AND (seq IS NOT NULL OR refusal IN ('out_of_bounds', 'account_closed'))
                ORDER BY scope, key
                ON CONFLICT DO NOTHING;
            GET DIAGNOSTICS kept = ROW_COUNT;
            EXIT WHEN kept = decided;
            RAISE EXCEPTION 'a key was taken meanwhile' USING ERRCODE = 'PC001';
        EXCEPTION
            WHEN SQLSTATE 'PC001' THEN
        END;
    END LOOP;

    WITH posted AS MATERIALIZED (
        SELECT d.* FROM unnest(p_book_ids, p_kinds, p_occurred_ats, p_about_seasons, p_actor_ids, p_reverses_seqs, p_salts,
                p_notes, p_commitments, prev_hashes, answers) WITH ORDINALITY
            AS d (book_id, kind, occurred_at, about_season, actor_id, reverses_seq, salt, note, commitment, prev_hash,
                season, seq, hash, code, repeated, refusal, entry)
        WHERE d.prev_hash IS NOT NULL
    ), entry AS (
        INSERT INTO entries (book_id, season, seq, kind, occurred_at, recorded_at, about_season, actor_id, reverses_seq,
                commitment, prev_hash, hash)
            SELECT book_id, season, seq, kind, occurred_at, p_recorded_at, about_season, actor_id, reverses_seq,
                commitment, prev_hash, hash
            FROM posted
    ), note AS (
        INSERT INTO entry_notes (book_id, season, seq, salt, note) SELECT book_id, season, seq, salt, note FROM posted
    ), code AS (
        INSERT INTO entry_codes (code, book_id, season, seq) SELECT code, book_id, season, seq FROM posted
    ), unsealed AS (
        INSERT INTO sealing_queue (book_id, season, seq) SELECT book_id, season, seq FROM posted
    ), turned_page AS (
        UPDATE heads h SET next_seq = p.next_seq, season = p.season, head_hash = p.head_hash
            FROM unnest(pages) AS p WHERE h.book_id = p.book_id AND h.next_seq <> p.next_seq
    ), moved_account AS (
        UPDATE accounts a SET version = m.version, debits_posted_cents = m.debits_posted_cents,
                credits_posted_cents = m.credits_posted_cents
            FROM unnest(moved) AS m WHERE a.id = m.id AND a.version <> m.version
    )
    INSERT INTO postings (book_id, season, seq, line, account_id, amount_cents, balance_after_cents, account_version)
        SELECT e.book_id, e.season, e.seq, row_number() OVER (PARTITION BY p.entry ORDER BY p.place), p.account_id,
            p.amount_cents, p.after_cents, p.version
        FROM unnest(p_line_entries, p_account_ids, p_amounts_cents, afters_cents, versions)
                WITH ORDINALITY AS p (entry, account_id, amount_cents, after_cents, version, place)
            JOIN posted e ON e.entry = p.entry;
    RETURN QUERY SELECT * FROM unnest(answers);
END
$$;

-- A function is everybody's until it is taken back; the roles of the processes get theirs where they are made.
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
