-- Two-phase postings, reversals and pairs of entries.
-- A hold is an entry whose lines are pending: they count against the bounds of their accounts, never in the balance. It
-- ends once, by an entry that names it: posted (all of it or less), voided, or expired. A posted entry is reversed at most
-- once, by its mirror. Side tables carry what must be unique over all seasons.

ALTER TABLE entries
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN resolves_seq bigint,
    ADD COLUMN resolution text CHECK (resolution IN ('posted', 'voided', 'expired')),
    ADD CHECK ((resolves_seq IS NULL) = (resolution IS NULL)),
    ADD CHECK (num_nonnulls(expires_at, resolves_seq, reverses_seq) <= 1),
    ADD CHECK (expires_at > recorded_at),
    ADD CHECK (seq > resolves_seq),
    ADD CHECK (seq > reverses_seq);
ALTER TABLE entries ALTER COLUMN version SET DEFAULT 2;

-- posted: counts in the balance. pending: a line of a hold. released: takes back a pending line, with its sign and amount.
-- The balance after a posting is that of the posted ones, and its version counts lines of every phase.
ALTER TABLE postings
    ADD COLUMN phase text NOT NULL DEFAULT 'posted' CHECK (phase IN ('posted', 'pending', 'released'));

-- Held money would hang for ever on an account that takes nothing.
ALTER TABLE accounts ADD CHECK (closed_at IS NULL OR debits_pending_cents + credits_pending_cents = 0);

-- What ended which entry: one row is all that an entry can have.
CREATE TABLE endings (
    book_id       bigint NOT NULL,
    seq           bigint NOT NULL,
    how           text NOT NULL CHECK (how IN ('posted', 'voided', 'expired', 'reversed')),
    by_season     integer NOT NULL,
    by_seq        bigint NOT NULL CHECK (by_seq > seq),
    PRIMARY KEY (book_id, seq),
    UNIQUE (book_id, by_seq),
    FOREIGN KEY (book_id, seq) REFERENCES entry_codes (book_id, seq)
);

-- Holds that wait for their end; rows leave with it.
CREATE TABLE open_holds (
    book_id       bigint NOT NULL,
    season        integer NOT NULL,
    seq           bigint NOT NULL,
    expires_at    timestamptz NOT NULL,
    PRIMARY KEY (book_id, seq),
    FOREIGN KEY (book_id, seq) REFERENCES entry_codes (book_id, seq) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX open_holds_due ON open_holds (expires_at);

CREATE TRIGGER unchangeable BEFORE UPDATE OR DELETE OR TRUNCATE ON endings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER unchangeable BEFORE UPDATE OR TRUNCATE ON open_holds
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A hold that nobody waits for any more has ended.
CREATE FUNCTION demand_ending() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM gone g
        WHERE NOT EXISTS (SELECT FROM public.endings x WHERE (x.book_id, x.seq) = (g.book_id, g.seq)))
    THEN
        RAISE EXCEPTION 'a hold that has not ended is waited for' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER whole AFTER DELETE ON open_holds REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION demand_ending();

-- An ending stands in the books as an entry: written after it, so this looks at the end of the transaction. Nobody but
-- the posting function writes here, and a definer's look is not narrowed by the policies of whoever commits.
CREATE FUNCTION demand_ending_entry() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM entries e
        WHERE (e.book_id, e.season, e.seq) = (NEW.book_id, NEW.by_season, NEW.by_seq)
            AND COALESCE(e.resolves_seq, e.reverses_seq) = NEW.seq AND COALESCE(e.resolution, 'reversed') = NEW.how)
    THEN
        RAISE EXCEPTION 'no entry ends what is said to have ended' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER whole AFTER INSERT ON endings DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION demand_ending_entry();

-- What an entry that holds, resolves or reverses must have beside it: its row in a side table, and the very lines that
-- the entry it names demands.
CREATE OR REPLACE FUNCTION demand_postings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM arrived e
        WHERE NOT EXISTS (
            SELECT FROM public.postings p WHERE (p.book_id, p.season, p.seq) = (e.book_id, e.season, e.seq)))
    THEN
        RAISE EXCEPTION 'an entry has no postings' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF EXISTS (
        SELECT FROM arrived e
        WHERE e.expires_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM public.open_holds o
            WHERE (o.book_id, o.season, o.seq, o.expires_at) = (e.book_id, e.season, e.seq, e.expires_at)))
    THEN
        RAISE EXCEPTION 'nothing waits for the end of a hold' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF EXISTS (SELECT FROM arrived e WHERE num_nonnulls(e.resolves_seq, e.reverses_seq) > 0) AND EXISTS (
        SELECT FROM arrived e
            LEFT JOIN public.endings x ON (x.book_id, x.seq, x.how, x.by_season, x.by_seq)
                = (e.book_id, COALESCE(e.resolves_seq, e.reverses_seq), COALESCE(e.resolution, 'reversed'), e.season, e.seq)
            LEFT JOIN public.entry_codes c ON (c.book_id, c.seq) = (x.book_id, x.seq)
            LEFT JOIN public.entries t ON (t.book_id, t.season, t.seq) = (c.book_id, c.season, c.seq)
        WHERE num_nonnulls(e.resolves_seq, e.reverses_seq) > 0 AND (
            t.seq IS NULL
            OR (e.resolves_seq IS NULL) <> (t.expires_at IS NULL)
            OR e.resolution = 'posted' AND e.recorded_at >= t.expires_at
            OR e.resolution = 'expired' AND e.recorded_at < t.expires_at
            OR EXISTS (
                SELECT FROM (
                    SELECT p.account_id, p.phase, p.amount_cents FROM public.postings p
                    WHERE (p.book_id, p.season, p.seq) = (e.book_id, e.season, e.seq)) AS own
                FULL JOIN (
                    SELECT p.account_id, CASE p.phase WHEN 'pending' THEN 'released' ELSE 'posted' END AS phase,
                        CASE p.phase WHEN 'pending' THEN p.amount_cents ELSE -p.amount_cents END AS amount_cents
                    FROM public.postings p
                    WHERE (p.book_id, p.season, p.seq) = (t.book_id, t.season, t.seq) AND p.phase <> 'released'
                    UNION ALL
                    SELECT p.account_id, 'posted', p.amount_cents FROM public.postings p
                    WHERE (p.book_id, p.season, p.seq) = (t.book_id, t.season, t.seq) AND e.resolution = 'posted')
                    AS due USING (account_id, phase)
                WHERE CASE WHEN e.resolution = 'posted' AND phase = 'posted'
                    THEN own.amount_cents IS NOT NULL AND COALESCE(sign(own.amount_cents) <> sign(due.amount_cents)
                        OR abs(own.amount_cents) > abs(due.amount_cents), TRUE)
                    ELSE own.amount_cents IS DISTINCT FROM due.amount_cents END)))
    THEN
        RAISE EXCEPTION 'an entry does not fit the one that it ends' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION demand_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM arrived a
        GROUP BY a.book_id, a.season, a.seq
        HAVING sum(a.amount_cents) <> 0 OR count(*) < 2 OR max(a.line) <> count(*)
            OR sum(a.amount_cents) FILTER (WHERE a.phase = 'released') <> 0
            OR NOT EXISTS (
                SELECT FROM public.entries e WHERE (e.book_id, e.season, e.seq) = (a.book_id, a.season, a.seq)
                    AND bool_or(a.phase = 'pending') = (e.expires_at IS NOT NULL)
                    AND bool_or(a.phase = 'released') = (e.resolves_seq IS NOT NULL)
                    AND bool_or(a.phase = 'posted') = (e.expires_at IS NULL AND COALESCE(e.resolution, 'posted') = 'posted')))
    THEN
        RAISE EXCEPTION 'postings do not make one whole, balanced entry'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END
$$;

-- The forms that are hashed, by version. Version 2 adds what an entry holds, resolves and how, and the phase of each line.
DROP FUNCTION entry_hash, entry_body, chained_hash, examine_entries, post_entries, places_of;

-- What follows the place in the book: all that is known before the entry is numbered.
CREATE FUNCTION entry_body(
    version integer, kind text, occurred_at timestamptz, recorded_at timestamptz, about_season integer, actor_id bigint,
    reverses_seq bigint, expires_at timestamptz, resolves_seq bigint, resolution text, commitment bytea,
    account_ids bigint[], amounts_cents bigint[], phases text[]
) RETURNS bytea LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF version = 1 THEN
        RETURN preimage_field(convert_to(kind, 'UTF8')) || preimage_instant(occurred_at) || preimage_instant(recorded_at)
            || preimage_number(about_season) || preimage_number(actor_id) || preimage_number(reverses_seq)
            || preimage_field(commitment) || preimage_number(cardinality(account_ids))
            || (SELECT string_agg(preimage_number(l.account_id) || preimage_number(l.amount_cents), ''::bytea ORDER BY l.line)
                FROM unnest(account_ids, amounts_cents) WITH ORDINALITY AS l (account_id, amount_cents, line));
    END IF;
    RETURN preimage_field(convert_to(kind, 'UTF8')) || preimage_instant(occurred_at) || preimage_instant(recorded_at)
        || COALESCE(preimage_instant(expires_at), '\xffffffff'::bytea)
        || preimage_number(about_season) || preimage_number(actor_id) || preimage_number(reverses_seq)
        || preimage_number(resolves_seq) || preimage_field(convert_to(resolution, 'UTF8'))
        || preimage_field(commitment) || preimage_number(cardinality(account_ids))
        || (SELECT string_agg(preimage_number(l.account_id) || preimage_number(l.amount_cents)
                || preimage_field(convert_to(l.phase, 'UTF8')), ''::bytea ORDER BY l.line)
            FROM unnest(account_ids, amounts_cents, phases) WITH ORDINALITY AS l (account_id, amount_cents, phase, line));
END
$$;

CREATE FUNCTION chained_hash(version integer, prev_hash bytea, book_id bigint, season integer, seq bigint, body bytea)
RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN sha256(preimage_field(CASE version WHEN 1 THEN 'pesachama-entry/1'::bytea ELSE 'pesachama-entry/2'::bytea END)
        || preimage_field(prev_hash) || preimage_number(book_id) || preimage_number(season) || preimage_number(seq) || body);
END
$$;

CREATE FUNCTION entry_hash(
    version integer, prev_hash bytea, book_id bigint, season integer, seq bigint, kind text, occurred_at timestamptz,
    recorded_at timestamptz, about_season integer, actor_id bigint, reverses_seq bigint, expires_at timestamptz,
    resolves_seq bigint, resolution text, commitment bytea, account_ids bigint[], amounts_cents bigint[], phases text[]
) RETURNS bytea LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN chained_hash(version, prev_hash, book_id, season, seq, entry_body(
        version, kind, occurred_at, recorded_at, about_season, actor_id, reverses_seq, expires_at, resolves_seq,
        resolution, commitment, account_ids, amounts_cents, phases));
END
$$;

-- What can be told to each request of a set before the balances are looked at: what its key answered before, or why it
-- cannot be posted. The others come back with their season and without a refusal. Called with the heads locked.
CREATE FUNCTION examine_entries(
    p_scopes text[], p_keys text[], p_request_hashes bytea[], p_book_ids bigint[], p_recorded_at timestamptz,
    p_line_entries integer[], p_account_ids bigint[], p_amounts_cents bigint[], p_phases text[]
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
                    -- an account stands once in each phase; what a hold released adds up to nothing, as the hold did
                    sum(p.amount_cents) = 0 AND bool_and(p.amount_cents <> 0) AND count(*) > 1
                        AND count(DISTINCT p.account_id) FILTER (WHERE p.phase <> 'released')
                            = count(*) FILTER (WHERE p.phase <> 'released') AS balanced
                FROM unnest(p_line_entries, p_account_ids, p_amounts_cents, p_phases)
                        AS p (entry, account_id, amount_cents, phase)
                    LEFT JOIN accounts a ON a.id = p.account_id AND a.book_id = p_book_ids[p.entry]
                GROUP BY p.entry) AS l ON l.entry = d.entry
        ORDER BY d.entry);
END
$$;

-- Why an entry of each request cannot end the entry that it names; NULL when it can, or names none. Called with the heads
-- locked. A hold can be posted until the instant of its expiry, not at it.
CREATE FUNCTION examine_targets(
    p_book_ids bigint[], p_targets bigint[], p_resolutions text[], p_recorded_at timestamptz,
    p_line_entries integer[], p_account_ids bigint[], p_amounts_cents bigint[], p_phases text[]
) RETURNS text[] LANGUAGE plpgsql AS $$
BEGIN
    RETURN ARRAY(
        SELECT CASE
            WHEN d.target IS NULL THEN NULL
            WHEN t.seq IS NULL THEN 'unknown_entry'
            WHEN d.resolution IS NOT NULL AND t.expires_at IS NULL THEN 'not_a_hold'
            WHEN d.resolution IS NULL AND (t.expires_at IS NOT NULL OR t.resolution <> 'posted') THEN 'nothing_posted'
            WHEN x.seq IS NOT NULL THEN CASE WHEN d.resolution IS NULL THEN 'already_reversed' ELSE 'already_resolved' END
            WHEN d.resolution = 'posted' AND t.expires_at <= p_recorded_at THEN 'hold_expired'
            WHEN d.resolution = 'expired' AND t.expires_at > p_recorded_at THEN 'hold_alive'
            WHEN d.resolution = 'posted' AND EXISTS (
                SELECT FROM unnest(p_line_entries, p_account_ids, p_amounts_cents, p_phases)
                        AS own (entry, account_id, amount_cents, phase)
                    LEFT JOIN postings held ON held.account_id = own.account_id
                        AND (held.book_id, held.season, held.seq) = (t.book_id, t.season, t.seq)
                WHERE own.entry = d.entry AND own.phase = 'posted'
                    AND COALESCE(sign(own.amount_cents) <> sign(held.amount_cents)
                        OR abs(own.amount_cents) > abs(held.amount_cents), TRUE)) THEN 'more_than_held'
            END
        FROM unnest(p_book_ids, p_targets, p_resolutions) WITH ORDINALITY AS d (book_id, target, resolution, entry)
            LEFT JOIN entry_codes c ON (c.book_id, c.seq) = (d.book_id, d.target)
            LEFT JOIN entries t ON (t.book_id, t.season, t.seq) = (c.book_id, c.season, c.seq)
            LEFT JOIN endings x ON (x.book_id, x.seq) = (d.book_id, d.target)
        ORDER BY d.entry);
END
$$;

-- Lines that are ready to be posted, in order of their entries.
CREATE TYPE phased_lines AS (line_entries integer[], account_ids bigint[], amounts_cents bigint[], phases text[]);

-- The lines that were given, in their phase, and those that follow from the entry which a request ends: a hold's are
-- released, and posted when none were given; a reversed entry's are mirrored. Nothing of an entry ever changes, so this
-- needs no lock.
CREATE FUNCTION phase_lines(
    p_book_ids bigint[], p_expires_ats timestamptz[], p_targets bigint[], p_resolutions text[],
    p_line_entries integer[], p_account_ids bigint[], p_amounts_cents bigint[]
) RETURNS phased_lines LANGUAGE plpgsql AS $$
DECLARE
    lines phased_lines;
BEGIN
    WITH given AS (
        SELECT g.entry, g.account_id, g.amount_cents, g.place,
            CASE WHEN p_expires_ats[g.entry] IS NULL THEN 'posted' ELSE 'pending' END AS phase
        FROM unnest(p_line_entries, p_account_ids, p_amounts_cents)
            WITH ORDINALITY AS g (entry, account_id, amount_cents, place)
    ), target AS (
        SELECT d.entry::integer AS entry, d.resolution, p.account_id, p.amount_cents, p.line, p.phase
        FROM unnest(p_book_ids, p_targets, p_resolutions) WITH ORDINALITY AS d (book_id, seq, resolution, entry)
            JOIN entry_codes c ON (c.book_id, c.seq) = (d.book_id, d.seq)
            JOIN postings p ON (p.book_id, p.season, p.seq) = (c.book_id, c.season, c.seq)
    ), line AS (
        SELECT entry, 1 AS part, place, account_id, amount_cents, phase FROM given
        UNION ALL
        SELECT entry, 0, line, account_id, amount_cents, 'released' FROM target
        WHERE resolution IS NOT NULL AND phase = 'pending'
        UNION ALL
        SELECT entry, 1, line, account_id, amount_cents, 'posted' FROM target
        WHERE resolution = 'posted' AND phase = 'pending' AND entry <> ALL (p_line_entries)
        UNION ALL
        SELECT entry, 1, line, account_id, -amount_cents, 'posted' FROM target
        WHERE resolution IS NULL AND phase = 'posted'
    )
    SELECT COALESCE(array_agg(entry ORDER BY entry, part, place), '{}'),
        COALESCE(array_agg(account_id ORDER BY entry, part, place), '{}'),
        COALESCE(array_agg(amount_cents ORDER BY entry, part, place), '{}'),
        COALESCE(array_agg(phase ORDER BY entry, part, place), '{}')
        INTO lines FROM line;
    RETURN lines;
END
$$;

-- Keeps what the requests of a set were told that are told it for the first time; returns how many keys were free.
CREATE FUNCTION keep_answers(
    p_scopes text[], p_keys text[], p_request_hashes bytea[], p_book_ids bigint[], p_recorded_at timestamptz,
    p_answers posted_entry[], p_kept_refusals text[]
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    kept integer;
BEGIN
    INSERT INTO idempotency_keys (scope, key, request_hash, book_id, season, seq, refusal, recorded_at)
        SELECT scope, key, request_hash, book_id, season, seq, refusal, p_recorded_at
        FROM unnest(p_scopes, p_keys, p_request_hashes, p_book_ids, p_answers)
            AS d (scope, key, request_hash, book_id, season, seq, hash, code, repeated, refusal)
        WHERE NOT repeated AND (seq IS NOT NULL OR refusal = ANY (p_kept_refusals))
        ORDER BY scope, key
        ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS kept = ROW_COUNT;
    RETURN kept;
END
$$;

-- The rows beside the entries of a set that hold or end something.
CREATE FUNCTION link_entries(
    p_book_ids bigint[], p_expires_ats timestamptz[], p_targets bigint[], p_resolutions text[], p_prev_hashes bytea[],
    p_answers posted_entry[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO endings (book_id, seq, how, by_season, by_seq)
        SELECT d.book_id, d.target, COALESCE(d.resolution, 'reversed'), d.season, d.seq
        FROM unnest(p_book_ids, p_targets, p_resolutions, p_prev_hashes, p_answers)
            AS d (book_id, target, resolution, prev_hash, season, seq, hash, code, repeated, refusal)
        WHERE d.prev_hash IS NOT NULL AND d.target IS NOT NULL;
    DELETE FROM open_holds o USING unnest(p_book_ids, p_targets, p_prev_hashes) AS d (book_id, target, prev_hash)
        WHERE d.prev_hash IS NOT NULL AND (o.book_id, o.seq) = (d.book_id, d.target);
    INSERT INTO open_holds (book_id, season, seq, expires_at)
        SELECT d.book_id, d.season, d.seq, d.expires_at
        FROM unnest(p_book_ids, p_expires_ats, p_prev_hashes, p_answers)
            AS d (book_id, expires_at, prev_hash, season, seq, hash, code, repeated, refusal)
        WHERE d.prev_hash IS NOT NULL AND d.expires_at IS NOT NULL;
END
$$;

-- Posts a set of entries of any books in one round trip, and answers each as if it had come alone, in the order given.
-- A refusal is an answer, not an exception, so that the caller's transaction lives: what the business refuses
-- (out_of_bounds, account_closed, already_resolved, already_reversed, hold_expired) is kept with its key and stays refused;
-- what a caller can mend or an operator must (key_reused, unbalanced, unknown_book, unknown_account, no_season,
-- unknown_entry, not_a_hold, nothing_posted, hold_alive, more_than_held) leaves no trace. A key stands once in a set.
-- The arrays hold one value per entry; p_codes the same number of offers for each; the last three one per posting, in
-- order of the entries, p_line_entries the number of the entry it belongs to. An entry with an expiry is a hold. One that
-- resolves ('posted' with lines for a part or without for all, 'voided', 'expired') or reverses gets its lines from the
-- entry that it names. Entries that stand together and have the same number in p_bonds stand or fall together: what
-- refuses one refuses all of them.
CREATE FUNCTION post_entries(
    p_scopes text[], p_keys text[], p_request_hashes bytea[], p_book_ids bigint[], p_kinds text[],
    p_occurred_ats timestamptz[], p_recorded_at timestamptz, p_about_seasons integer[], p_actor_ids bigint[],
    p_reverses_seqs bigint[], p_expires_ats timestamptz[], p_resolves_seqs bigint[], p_resolutions text[], p_bonds integer[],
    p_salts bytea[], p_notes jsonb[], p_commitments bytea[], p_codes text[],
    p_line_entries integer[], p_account_ids bigint[], p_amounts_cents bigint[]
) RETURNS SETOF posted_entry LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
-- Every plan is the same for one entry and for thousands, index by index: making it anew each time costs as much as posting.
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    kept_refusals CONSTANT text[] :=
        '{out_of_bounds,account_closed,already_resolved,already_reversed,hold_expired}';
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
    lines phased_lines := ROW(p_line_entries, p_account_ids, p_amounts_cents, NULL);
    cents bigint;
    -- The page that each entry ends, and those that the set has ended so far.
    targets bigint[];
    objections text[];
    ended text[];
    -- All as it was before the first entry of a bond.
    pages_before heads[];
    moved_before accounts[];
    ended_before text[];
    decided_before integer;
    bond_first integer;
    bond_refusal text;
    first_line integer;
    last_line integer;
    decided integer;
BEGIN
    IF cardinality(p_keys) > 1
        AND (SELECT count(*) <> count(DISTINCT (scope, key)) FROM unnest(p_scopes, p_keys) AS d (scope, key)) THEN
        RAISE EXCEPTION 'a key stands once in a set' USING ERRCODE = 'cardinality_violation';
    END IF;
    IF array_remove(p_resolves_seqs || p_reverses_seqs, NULL) <> '{}' THEN
        targets := ARRAY(SELECT COALESCE(d.resolves_seq, d.reverses_seq)
            FROM unnest(p_resolves_seqs, p_reverses_seqs) WITH ORDINALITY AS d (resolves_seq, reverses_seq, entry)
            ORDER BY d.entry);
    END IF;
    IF targets IS NULL AND array_remove(p_expires_ats, NULL) = '{}' THEN
        lines.phases := array_fill('posted'::text, ARRAY[cardinality(p_line_entries)]);
    ELSE
        lines := phase_lines(p_book_ids, p_expires_ats, COALESCE(targets, p_resolves_seqs), p_resolutions, p_line_entries,
            p_account_ids, p_amounts_cents);
    END IF;
    bodies := ARRAY(
        SELECT entry_body(2, d.kind, d.occurred_at, p_recorded_at, d.about_season, d.actor_id, d.reverses_seq,
            d.expires_at, d.resolves_seq, d.resolution, d.commitment, l.account_ids, l.amounts_cents, l.phases)
        FROM unnest(p_kinds, p_occurred_ats, p_about_seasons, p_actor_ids, p_reverses_seqs, p_expires_ats, p_resolves_seqs,
                p_resolutions, p_commitments)
                WITH ORDINALITY AS d (kind, occurred_at, about_season, actor_id, reverses_seq, expires_at, resolves_seq,
                resolution, commitment, entry)
            LEFT JOIN (
                SELECT p.entry, array_agg(p.account_id ORDER BY p.place) AS account_ids,
                    array_agg(p.amount_cents ORDER BY p.place) AS amounts_cents,
                    array_agg(p.phase ORDER BY p.place) AS phases
                FROM unnest(lines.line_entries, lines.account_ids, lines.amounts_cents, lines.phases)
                    WITH ORDINALITY AS p (entry, account_id, amount_cents, phase, place)
                GROUP BY p.entry) AS l USING (entry)
        ORDER BY d.entry);

    LOOP
        -- The heads are the only hot locks, and all below is decided under them: order of seq is order of commit. Who
        -- takes them in order of id, and accounts after them in the same order, meets nobody who comes the other way.
        pages := ARRAY(SELECT h FROM heads h WHERE h.book_id = ANY (p_book_ids) ORDER BY h.book_id FOR UPDATE);
        moved := ARRAY(SELECT a FROM accounts a WHERE a.id = ANY (lines.account_ids) ORDER BY a.id FOR UPDATE);
        page_places := ARRAY(
            SELECT l.place::integer FROM unnest(p_book_ids) WITH ORDINALITY AS i (id, place)
                LEFT JOIN (SELECT h.book_id AS id, row_number() OVER (ORDER BY h.book_id) AS place FROM unnest(pages) AS h)
                    AS l USING (id)
            ORDER BY i.place);
        account_places := ARRAY(
            SELECT l.place::integer FROM unnest(lines.account_ids) WITH ORDINALITY AS i (id, place)
                LEFT JOIN (SELECT a.id, row_number() OVER (ORDER BY a.id) AS place FROM unnest(moved) AS a) AS l USING (id)
            ORDER BY i.place);
        answers := examine_entries(p_scopes, p_keys, p_request_hashes, p_book_ids, p_recorded_at, lines.line_entries,
            lines.account_ids, lines.amounts_cents, lines.phases);
        IF targets IS NOT NULL THEN
            objections := examine_targets(p_book_ids, targets, p_resolutions, p_recorded_at, lines.line_entries,
                lines.account_ids, lines.amounts_cents, lines.phases);
        END IF;
        prev_hashes := array_fill(NULL::bytea, ARRAY[cardinality(answers)]);
        afters_cents := array_fill(NULL::bigint, ARRAY[cardinality(lines.line_entries)]);
        versions := afters_cents;
        ended := '{}';
        last_line := 0;
        decided := 0;

        FOR i IN 1 .. cardinality(answers) LOOP
            answer := answers[i];
            first_line := last_line + 1;
            WHILE lines.line_entries[last_line + 1] = i LOOP
                last_line := last_line + 1;
            END LOOP;
            IF p_bonds[i] IS DISTINCT FROM p_bonds[i - 1] THEN
                pages_before := pages;
                moved_before := moved;
                ended_before := ended;
                decided_before := decided;
                bond_first := i;
                bond_refusal := NULL;
            END IF;

            IF NOT answer.repeated THEN
                IF targets[i] IS NOT NULL AND COALESCE(answer.refusal, 'unbalanced') = 'unbalanced' THEN
                    answer.refusal := COALESCE(objections[i], answer.refusal);
                    IF answer.refusal IS NULL AND format('%s:%s', p_book_ids[i], targets[i]) = ANY (ended) THEN
                        answer.refusal :=
                            CASE WHEN p_resolutions[i] IS NULL THEN 'already_reversed' ELSE 'already_resolved' END;
                    END IF;
                END IF;
                -- What a hold releases is at least what then is posted, so only the others can go beyond a bound.
                IF answer.refusal IS NULL AND p_resolutions[i] IS NULL THEN
                    FOR line IN first_line .. last_line LOOP
                        IF NOT bears(moved[account_places[line]], lines.amounts_cents[line]) THEN
                            answer.refusal := 'out_of_bounds';
                        END IF;
                    END LOOP;
                END IF;
                IF answer.refusal IS NULL THEN
                    page := pages[page_places[i]];
                    answer.seq := page.next_seq;
                    answer.code := codes[i];
                    answer.hash := chained_hash(2, page.head_hash, page.book_id, answer.season, answer.seq, bodies[i]);
                    prev_hashes[i] := page.head_hash;
                    page.next_seq := page.next_seq + 1;
                    page.season := answer.season;
                    page.head_hash := answer.hash;
                    pages[page_places[i]] := page;
                    FOR line IN first_line .. last_line LOOP
                        account := moved[account_places[line]];
                        cents := lines.amounts_cents[line];
                        IF lines.phases[line] = 'posted' THEN
                            account.debits_posted_cents := account.debits_posted_cents + greatest(cents, 0);
                            account.credits_posted_cents := account.credits_posted_cents + greatest(-cents, 0);
                        ELSIF lines.phases[line] = 'pending' THEN
                            account.debits_pending_cents := account.debits_pending_cents + greatest(cents, 0);
                            account.credits_pending_cents := account.credits_pending_cents + greatest(-cents, 0);
                        ELSE
                            account.debits_pending_cents := account.debits_pending_cents - greatest(cents, 0);
                            account.credits_pending_cents := account.credits_pending_cents - greatest(-cents, 0);
                        END IF;
                        account.version := account.version + 1;
                        moved[account_places[line]] := account;
                        afters_cents[line] := account.debits_posted_cents - account.credits_posted_cents;
                        versions[line] := account.version;
                    END LOOP;
                    IF targets[i] IS NOT NULL THEN
                        ended := ended || format('%s:%s', p_book_ids[i], targets[i]);
                    END IF;
                END IF;
                answers[i] := answer;
                IF answer.refusal IS NULL OR answer.refusal = ANY (kept_refusals) THEN
                    decided := decided + 1;
                END IF;
            END IF;

            IF p_bonds[i] IS NOT NULL THEN
                bond_refusal := COALESCE(bond_refusal, answer.refusal);
                IF bond_refusal IS NOT NULL AND p_bonds[i] IS DISTINCT FROM p_bonds[i + 1] THEN
                    pages := pages_before;
                    moved := moved_before;
                    ended := ended_before;
                    decided := decided_before;
                    FOR fallen IN bond_first .. i LOOP
                        answer := answers[fallen];
                        CONTINUE WHEN answer.repeated;
                        answers[fallen] := ROW(answer.season, NULL, NULL, NULL, FALSE, bond_refusal);
                        prev_hashes[fallen] := NULL;
                        IF bond_refusal = ANY (kept_refusals) THEN
                            decided := decided + 1;
                        END IF;
                    END LOOP;
                END IF;
            END IF;
        END LOOP;

        -- Another book may have taken a key since we looked. This waits for it, in order of the keys, and then all is
        -- decided again: a number that was meant for the one that came too late must not be missing in its book. One key
        -- that was taken left nothing to undo.
        IF decided <= 1 THEN
            EXIT WHEN decided = keep_answers(
                p_scopes, p_keys, p_request_hashes, p_book_ids, p_recorded_at, answers, kept_refusals);
        ELSE
            BEGIN
                EXIT WHEN decided = keep_answers(
                    p_scopes, p_keys, p_request_hashes, p_book_ids, p_recorded_at, answers, kept_refusals);
                RAISE EXCEPTION 'a key was taken meanwhile' USING ERRCODE = 'PC001';
            EXCEPTION
                WHEN SQLSTATE 'PC001' THEN
            END;
        END IF;
    END LOOP;

    IF targets IS NOT NULL OR array_remove(p_expires_ats, NULL) <> '{}' THEN
        PERFORM link_entries(p_book_ids, p_expires_ats, targets, p_resolutions, prev_hashes, answers);
    END IF;
    WITH posted AS MATERIALIZED (
        SELECT d.* FROM unnest(p_book_ids, p_kinds, p_occurred_ats, p_about_seasons, p_actor_ids, p_reverses_seqs,
                p_expires_ats, p_resolves_seqs, p_resolutions, p_salts, p_notes, p_commitments, prev_hashes, answers)
                WITH ORDINALITY
            AS d (book_id, kind, occurred_at, about_season, actor_id, reverses_seq, expires_at, resolves_seq, resolution,
                salt, note, commitment, prev_hash, season, seq, hash, code, repeated, refusal, entry)
        WHERE d.prev_hash IS NOT NULL
    ), entry AS (
        INSERT INTO entries (book_id, season, seq, kind, occurred_at, recorded_at, about_season, actor_id, reverses_seq,
                expires_at, resolves_seq, resolution, commitment, version, prev_hash, hash)
            SELECT book_id, season, seq, kind, occurred_at, p_recorded_at, about_season, actor_id, reverses_seq,
                expires_at, resolves_seq, resolution, commitment, 2, prev_hash, hash
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
                credits_posted_cents = m.credits_posted_cents, debits_pending_cents = m.debits_pending_cents,
                credits_pending_cents = m.credits_pending_cents
            FROM unnest(moved) AS m WHERE a.id = m.id AND a.version <> m.version
    )
    INSERT INTO postings (book_id, season, seq, line, account_id, amount_cents, balance_after_cents, account_version, phase)
        SELECT e.book_id, e.season, e.seq, row_number() OVER (PARTITION BY p.entry ORDER BY p.place), p.account_id,
            p.amount_cents, p.after_cents, p.version, p.phase
        FROM unnest(lines.line_entries, lines.account_ids, lines.amounts_cents, afters_cents, versions, lines.phases)
                WITH ORDINALITY AS p (entry, account_id, amount_cents, after_cents, version, phase, place)
            JOIN posted e ON e.entry = p.entry;
    RETURN QUERY SELECT * FROM unnest(answers);
END
$$;

-- A function is everybody's until it is taken back.
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['pesachama_web', 'pesachama_worker'] LOOP
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('GRANT SELECT ON endings, open_holds TO %I', role_name);
            EXECUTE format('GRANT EXECUTE ON FUNCTION post_entries, entry_hash, entry_body, chained_hash TO %I', role_name);
        END IF;
    END LOOP;
END
$$;
