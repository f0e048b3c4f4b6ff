-- The whole schema, drawn by `make schema` from the numbered migrations. Do not edit.

CREATE TYPE public.phased_lines AS (
	line_entries integer[],
	account_ids bigint[],
	amounts_cents bigint[],
	phases text[]
);

CREATE TYPE public.posted_entry AS (
	season integer,
	seq bigint,
	hash bytea,
	code text,
	repeated boolean,
	refusal text
);

CREATE FUNCTION public.acting(p_context text) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    SELECT COALESCE(current_setting('app.acting', true) = p_context, FALSE)
$$;

CREATE FUNCTION public.acting_user() RETURNS bigint
    LANGUAGE sql STABLE
    AS $$
    SELECT NULLIF(current_setting('app.user_id', true), '')::bigint
$$;

CREATE FUNCTION public.apply_positions() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO public.positions AS p (book_id, account_id, season, debits_cents, credits_cents, postings, first_seq,
            last_seq)
        SELECT a.book_id, a.account_id, a.season, sum(greatest(a.amount_cents, 0)), sum(greatest(-a.amount_cents, 0)),
            count(*), min(a.seq), max(a.seq)
        FROM arrived a
        WHERE a.phase = 'posted'
        GROUP BY a.book_id, a.account_id, a.season
        ORDER BY a.book_id, a.account_id, a.season
        ON CONFLICT (book_id, account_id, season) DO UPDATE
            SET debits_cents = p.debits_cents + excluded.debits_cents,
                credits_cents = p.credits_cents + excluded.credits_cents,
                postings = p.postings + excluded.postings,
                first_seq = least(p.first_seq, excluded.first_seq),
                last_seq = greatest(p.last_seq, excluded.last_seq);
    RETURN NULL;
END
$$;

CREATE TABLE public.balance_assertions (
    id bigint NOT NULL,
    book_id bigint NOT NULL,
    account_id bigint NOT NULL,
    as_of_seq bigint NOT NULL,
    source text NOT NULL,
    asserted_cents bigint NOT NULL,
    found_cents bigint NOT NULL,
    difference_cents bigint GENERATED ALWAYS AS ((asserted_cents - found_cents)) STORED NOT NULL,
    result text GENERATED ALWAYS AS (
CASE
    WHEN (asserted_cents = found_cents) THEN 'held'::text
    ELSE 'failed'::text
END) STORED NOT NULL,
    asserted_by bigint,
    asserted_at timestamp with time zone NOT NULL,
    corrects_id bigint,
    CONSTRAINT balance_assertions_as_of_seq_check CHECK ((as_of_seq >= 0)),
    CONSTRAINT balance_assertions_source_check CHECK ((source = ANY (ARRAY['cash_count'::text, 'mpesa_balance'::text, 'statement'::text])))
);

ALTER TABLE ONLY public.balance_assertions FORCE ROW LEVEL SECURITY;

CREATE FUNCTION public.assert_balance(p_account_id bigint, p_as_of_seq bigint, p_source text, p_asserted_cents bigint, p_asserted_by bigint, p_asserted_at timestamp with time zone, p_corrects_id bigint) RETURNS public.balance_assertions
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    made balance_assertions;
    book bigint := (SELECT book_id FROM accounts WHERE id = p_account_id);
    last_page bigint := (SELECT next_seq - 1 FROM heads WHERE book_id = book);
BEGIN
    IF p_as_of_seq > last_page THEN
        RAISE EXCEPTION 'the book has no page % yet', p_as_of_seq USING ERRCODE = 'check_violation';
    END IF;
    IF p_corrects_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM balance_assertions b WHERE b.id = p_corrects_id AND b.account_id = p_account_id AND b.result = 'failed')
    THEN
        RAISE EXCEPTION 'only a failed assertion about the same account is corrected' USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO balance_assertions
        (book_id, account_id, as_of_seq, source, asserted_cents, found_cents, asserted_by, asserted_at, corrects_id)
        VALUES (book, p_account_id, COALESCE(p_as_of_seq, last_page), p_source, p_asserted_cents,
            held_at(p_account_id, COALESCE(p_as_of_seq, last_page)), p_asserted_by, p_asserted_at, p_corrects_id)
        RETURNING * INTO made;
    RETURN made;
END
$$;

CREATE FUNCTION public.audit_all(p_table text, p_keys text[], p_subject text DEFAULT NULL::text, p_personal text[] DEFAULT '{}'::text[], p_secret text[] DEFAULT '{}'::text[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    rules text := format('%L, %L, %L, %L, %L', p_keys, p_secret, p_personal, '{}', ARRAY[p_subject]);
BEGIN
    EXECUTE format('CREATE TRIGGER audited_insert AFTER INSERT ON public.%I REFERENCING NEW TABLE AS rows_now '
        'FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement(%s)', p_table, rules);
    EXECUTE format('CREATE TRIGGER audited_delete AFTER DELETE ON public.%I REFERENCING OLD TABLE AS rows_before '
        'FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement(%s)', p_table, rules);
    EXECUTE format('CREATE TRIGGER audited_update AFTER UPDATE ON public.%I REFERENCING OLD TABLE AS rows_before '
        'NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement(%s)', p_table, rules);
    EXECUTE format('CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.%I '
        'FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting()', p_table);
END
$$;

CREATE FUNCTION public.audit_columns(p_table text, p_keys text[], p_columns text[], p_secret text[] DEFAULT '{}'::text[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    rules text;
BEGIN
    SELECT format('%L, %L, %L, %L, %L', p_keys, p_secret, '{}', COALESCE(array_agg(attname), '{}'), '{}') INTO rules
        FROM pg_attribute WHERE attrelid = format('public.%I', p_table)::regclass AND attnum > 0 AND NOT attisdropped
            AND attname <> ALL (p_columns || p_keys);
    EXECUTE format('CREATE TRIGGER audited_columns AFTER DELETE OR UPDATE OF %s ON public.%I '
        'FOR EACH ROW EXECUTE FUNCTION public.audit_row(%s)',
        (SELECT string_agg(quote_ident(name), ', ') FROM unnest(p_columns) AS name), p_table, rules);
    EXECUTE format('CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.%I '
        'FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting()', p_table);
END
$$;

CREATE TABLE public.audit_logs (
    id bigint NOT NULL,
    table_name text NOT NULL,
    operation text NOT NULL,
    row_key jsonb NOT NULL,
    actor_id bigint,
    process text NOT NULL,
    changed text[] NOT NULL,
    before jsonb,
    after jsonb,
    at timestamp with time zone,
    CONSTRAINT audit_logs_operation_check CHECK ((operation = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text])))
);

ALTER TABLE ONLY public.audit_logs FORCE ROW LEVEL SECURITY;

CREATE FUNCTION public.audit_hash(p_prev_hash bytea, p_position bigint, p_chained_at timestamp with time zone, p_log public.audit_logs, p_row bytea, p_address bytea) RETURNS bytea
    LANGUAGE plpgsql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    RETURN sha256(preimage_field('pesachama-audit/1'::bytea) || preimage_field(p_prev_hash) || preimage_number(p_position)
        || preimage_instant(p_chained_at) || preimage_number(p_log.id) || preimage_field(convert_to(p_log.table_name, 'UTF8'))
        || preimage_field(convert_to(p_log.operation, 'UTF8')) || preimage_field(convert_to(p_log.row_key::text, 'UTF8'))
        || preimage_number(p_log.actor_id) || preimage_field(convert_to(p_log.process, 'UTF8'))
        || preimage_field(convert_to(array_to_string(p_log.changed, ','), 'UTF8'))
        || preimage_field(convert_to(p_log.before::text, 'UTF8')) || preimage_field(convert_to(p_log.after::text, 'UTF8'))
        || CASE WHEN p_log.at IS NULL THEN '\xffffffff'::bytea ELSE preimage_instant(p_log.at) END
        || preimage_field(p_row) || preimage_field(p_address));
END
$$;

CREATE FUNCTION public.audit_row() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    AS $$
BEGIN
    PERFORM write_audit(TG_TABLE_NAME, TG_ARGV[0:4], ARRAY[to_jsonb(OLD)], CASE WHEN TG_OP = 'UPDATE' THEN ARRAY[to_jsonb(NEW)] END);
    RETURN NULL;
END
$$;

CREATE FUNCTION public.audit_statement() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM write_audit(TG_TABLE_NAME, TG_ARGV[0:4], NULL, (SELECT array_agg(to_jsonb(n)) FROM rows_now AS n));
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM write_audit(TG_TABLE_NAME, TG_ARGV[0:4], (SELECT array_agg(to_jsonb(w)) FROM rows_before AS w), NULL);
    ELSE
        PERFORM write_audit(TG_TABLE_NAME, TG_ARGV[0:4], (SELECT array_agg(to_jsonb(w)) FROM rows_before AS w),
            (SELECT array_agg(to_jsonb(n)) FROM rows_now AS n));
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION public.audit_states() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    WITH written AS (
        INSERT INTO audit_logs (table_name, operation, row_key, actor_id, process, changed, before, after, at)
        SELECT TG_TABLE_NAME, TG_OP, jsonb_build_object('id', n.id),
            NULLIF(NULLIF(current_setting('app.user_id', true), ''), '0')::bigint,
            COALESCE(NULLIF(current_setting('role'), 'none'), session_user), '{state}',
            jsonb_build_object('state', w.state), jsonb_build_object('state', n.state),
            NULLIF(current_setting('app.at', true), '')::timestamptz
        FROM rows_before w JOIN rows_now n ON n.id = w.id WHERE n.state <> w.state ORDER BY n.id
        RETURNING id
    )
    INSERT INTO audit_queue (audit_id) SELECT id FROM written;
    RETURN NULL;
END
$$;

CREATE TABLE public.accounts (
    id bigint NOT NULL,
    book_id bigint NOT NULL,
    code text NOT NULL,
    kind text NOT NULL,
    normal_side text NOT NULL,
    owner_member_id bigint,
    debits_posted_cents bigint DEFAULT 0 NOT NULL,
    credits_posted_cents bigint DEFAULT 0 NOT NULL,
    debits_pending_cents bigint DEFAULT 0 NOT NULL,
    credits_pending_cents bigint DEFAULT 0 NOT NULL,
    balance_cents bigint GENERATED ALWAYS AS (
CASE normal_side
    WHEN 'debit'::text THEN (debits_posted_cents - credits_posted_cents)
    ELSE (credits_posted_cents - debits_posted_cents)
END) STORED NOT NULL,
    floor_cents bigint,
    ceiling_cents bigint,
    version bigint DEFAULT 0 NOT NULL,
    closed_at timestamp with time zone,
    CONSTRAINT accounts_check CHECK ((floor_cents <= (balance_cents -
CASE normal_side
    WHEN 'debit'::text THEN credits_pending_cents
    ELSE debits_pending_cents
END))),
    CONSTRAINT accounts_check1 CHECK ((ceiling_cents >= (balance_cents +
CASE normal_side
    WHEN 'debit'::text THEN debits_pending_cents
    ELSE credits_pending_cents
END))),
    CONSTRAINT accounts_check2 CHECK (((closed_at IS NULL) OR ((debits_pending_cents + credits_pending_cents) = 0))),
    CONSTRAINT accounts_credits_pending_cents_check CHECK ((credits_pending_cents >= 0)),
    CONSTRAINT accounts_credits_posted_cents_check CHECK ((credits_posted_cents >= 0)),
    CONSTRAINT accounts_debits_pending_cents_check CHECK ((debits_pending_cents >= 0)),
    CONSTRAINT accounts_debits_posted_cents_check CHECK ((debits_posted_cents >= 0)),
    CONSTRAINT accounts_kind_check CHECK ((kind = ANY (ARRAY['asset'::text, 'liability'::text, 'equity'::text, 'income'::text, 'expense'::text]))),
    CONSTRAINT accounts_normal_side_check CHECK ((normal_side = ANY (ARRAY['debit'::text, 'credit'::text])))
);

ALTER TABLE ONLY public.accounts FORCE ROW LEVEL SECURITY;

CREATE FUNCTION public.bears(account public.accounts, cents bigint) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE
    AS $$
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

CREATE FUNCTION public.chain_audit(p_at timestamp with time zone, p_salts bytea[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    log audit_logs;
    place bigint;
    head bytea;
    taken integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('audit_chain', 0));
    SELECT c.position, c.hash INTO place, head FROM audit_chain c ORDER BY c.position DESC LIMIT 1;
    place := COALESCE(place, 0);
    head := COALESCE(head, decode(repeat('00', 32), 'hex'));
    FOR log IN
        SELECT l.* FROM audit_queue q JOIN audit_logs l ON l.id = q.audit_id ORDER BY l.id LIMIT cardinality(p_salts) / 2
    LOOP
        -- What was forgotten before it was chained is bound by a salt that nobody keeps.
        UPDATE audit_values v SET salt = CASE WHEN v.value IS NOT NULL THEN s.salt END,
                commitment = sha256(s.salt || convert_to(COALESCE(v.value::text, ''), 'UTF8'))
            FROM (VALUES ('row', p_salts[2 * taken + 1]), ('address', p_salts[2 * taken + 2])) AS s (part, salt)
            WHERE v.audit_id = log.id AND v.part = s.part;
        taken := taken + 1;
        place := place + 1;
        INSERT INTO audit_chain (position, audit_id, chained_at, prev_hash, hash)
            SELECT place, log.id, p_at, head, audit_hash(head, place, p_at, log,
                (SELECT commitment FROM audit_values v WHERE v.audit_id = log.id AND v.part = 'row'),
                (SELECT commitment FROM audit_values v WHERE v.audit_id = log.id AND v.part = 'address'))
            RETURNING hash INTO head;
        DELETE FROM audit_queue q WHERE q.audit_id = log.id;
    END LOOP;
    RETURN taken;
END
$$;

CREATE FUNCTION public.chained_hash(version integer, prev_hash bytea, book_id bigint, season integer, seq bigint, body bytea) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE
    AS $$
BEGIN
    RETURN sha256(preimage_field(CASE version WHEN 1 THEN 'pesachama-entry/1'::bytea ELSE 'pesachama-entry/2'::bytea END)
        || preimage_field(prev_hash) || preimage_number(book_id) || preimage_number(season) || preimage_number(seq) || body);
END
$$;

CREATE FUNCTION public.demand_balance() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    this_season integer;
BEGIN
    FOR this_season IN SELECT DISTINCT season FROM arrived LOOP
        IF EXISTS (
            SELECT FROM arrived a
            WHERE a.season = this_season
            GROUP BY a.book_id, a.season, a.seq
            HAVING sum(a.amount_cents) <> 0 OR count(*) < 2 OR max(a.line) <> count(*)
                OR sum(a.amount_cents) FILTER (WHERE a.phase = 'released') <> 0
                OR NOT EXISTS (
                    SELECT FROM public.entries e
                    WHERE e.season = this_season AND (e.book_id, e.seq) = (a.book_id, a.seq)
                        AND bool_or(a.phase = 'pending') = (e.expires_at IS NOT NULL)
                        AND bool_or(a.phase = 'released') = (e.resolves_seq IS NOT NULL)
                        AND bool_or(a.phase = 'posted') = (e.expires_at IS NULL AND COALESCE(e.resolution, 'posted') = 'posted')))
        THEN
            RAISE EXCEPTION 'postings do not make one whole, balanced entry'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;

CREATE FUNCTION public.demand_ending() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.demand_ending_entry() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION public.demand_postings() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    this_season integer;
BEGIN
    FOR this_season IN SELECT DISTINCT season FROM arrived LOOP
        IF EXISTS (
            SELECT FROM arrived e
            WHERE e.season = this_season AND NOT EXISTS (
                SELECT FROM public.postings p
                WHERE p.season = this_season AND (p.book_id, p.season, p.seq) = (e.book_id, e.season, e.seq)))
        THEN
            RAISE EXCEPTION 'an entry has no postings' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END LOOP;
    IF EXISTS (
        SELECT FROM arrived e
        WHERE e.expires_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM public.open_holds o
            WHERE (o.book_id, o.season, o.seq, o.expires_at) = (e.book_id, e.season, e.seq, e.expires_at)))
    THEN
        RAISE EXCEPTION 'nothing waits for the end of a hold' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    -- In one question with what follows, that would be made ready, season by season, for every entry that ends nothing.
    IF NOT EXISTS (SELECT FROM arrived e WHERE num_nonnulls(e.resolves_seq, e.reverses_seq) > 0) THEN
        RETURN NULL;
    END IF;
    IF EXISTS (
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

CREATE FUNCTION public.derived_positions(p_book_id bigint) RETURNS TABLE(book_id bigint, account_id bigint, season integer, debits_cents numeric, credits_cents numeric, postings bigint, first_seq bigint, last_seq bigint)
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT p.book_id, p.account_id, p.season, sum(greatest(p.amount_cents, 0)), -sum(least(p.amount_cents, 0)),
        count(*), min(p.seq), max(p.seq)
    FROM postings p
    WHERE p.phase = 'posted' AND (p_book_id IS NULL OR p.book_id = p_book_id)
    GROUP BY p.book_id, p.account_id, p.season
$$;

CREATE FUNCTION public.entry_body(version integer, kind text, occurred_at timestamp with time zone, recorded_at timestamp with time zone, about_season integer, actor_id bigint, reverses_seq bigint, expires_at timestamp with time zone, resolves_seq bigint, resolution text, commitment bytea, account_ids bigint[], amounts_cents bigint[], phases text[]) RETURNS bytea
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    body bytea;
BEGIN
    IF account_ids IS NULL THEN
        RETURN NULL;
    END IF;
    IF version = 1 THEN
        RETURN preimage_field(convert_to(kind, 'UTF8')) || preimage_instant(occurred_at) || preimage_instant(recorded_at)
            || preimage_number(about_season) || preimage_number(actor_id) || preimage_number(reverses_seq)
            || preimage_field(commitment) || preimage_number(cardinality(account_ids))
            || (SELECT string_agg(preimage_number(l.account_id) || preimage_number(l.amount_cents), ''::bytea ORDER BY l.line)
                FROM unnest(account_ids, amounts_cents) WITH ORDINALITY AS l (account_id, amount_cents, line));
    END IF;
    body := preimage_field(convert_to(kind, 'UTF8')) || preimage_instant(occurred_at) || preimage_instant(recorded_at)
        || COALESCE(preimage_instant(expires_at), '\xffffffff'::bytea)
        || preimage_number(about_season) || preimage_number(actor_id) || preimage_number(reverses_seq)
        || preimage_number(resolves_seq) || preimage_field(convert_to(resolution, 'UTF8'))
        || preimage_field(commitment) || preimage_number(cardinality(account_ids));
    IF cardinality(account_ids) > 8 THEN
        RETURN body || (
            SELECT string_agg(preimage_number(l.account_id) || preimage_number(l.amount_cents)
                || preimage_field(convert_to(l.phase, 'UTF8')), ''::bytea ORDER BY l.line)
            FROM unnest(account_ids, amounts_cents, phases) WITH ORDINALITY AS l (account_id, amount_cents, phase, line));
    END IF;
    FOR line IN 1 .. cardinality(account_ids) LOOP
        body := body || preimage_number(account_ids[line]) || preimage_number(amounts_cents[line])
            || preimage_field(convert_to(phases[line], 'UTF8'));
    END LOOP;
    RETURN body;
END
$$;

CREATE FUNCTION public.entry_hash(version integer, prev_hash bytea, book_id bigint, season integer, seq bigint, kind text, occurred_at timestamp with time zone, recorded_at timestamp with time zone, about_season integer, actor_id bigint, reverses_seq bigint, expires_at timestamp with time zone, resolves_seq bigint, resolution text, commitment bytea, account_ids bigint[], amounts_cents bigint[], phases text[]) RETURNS bytea
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    RETURN chained_hash(version, prev_hash, book_id, season, seq, entry_body(
        version, kind, occurred_at, recorded_at, about_season, actor_id, reverses_seq, expires_at, resolves_seq,
        resolution, commitment, account_ids, amounts_cents, phases));
END
$$;

CREATE FUNCTION public.examine_entries(p_scopes text[], p_keys text[], p_request_hashes bytea[]) RETURNS public.posted_entry[]
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN ARRAY(
        SELECT ROW(CASE WHEN told.same THEN k.season END, CASE WHEN told.same THEN k.seq END, NULL, NULL,
            COALESCE(told.same, FALSE),
            CASE WHEN told.same THEN k.refusal
                 WHEN k.key IS NOT NULL THEN 'key_reused' END)::posted_entry
        FROM unnest(p_scopes, p_keys, p_request_hashes) WITH ORDINALITY AS d (scope, key, request_hash, entry)
            LEFT JOIN idempotency_keys k ON (k.scope, k.key) = (d.scope, d.key)
            CROSS JOIN LATERAL (SELECT k.request_hash = d.request_hash AS same) AS told
        ORDER BY d.entry);
END
$$;

CREATE FUNCTION public.examine_targets(p_book_ids bigint[], p_targets bigint[], p_resolutions text[], p_recorded_at timestamp with time zone, p_line_entries integer[], p_account_ids bigint[], p_amounts_cents bigint[], p_phases text[]) RETURNS text[]
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.fellow_members() RETURNS bigint[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    me text := current_setting('app.user_id', true);
    kept text := current_setting('app.fellow_members', true);
    ids bigint[];
BEGIN
    IF starts_with(kept, me || ':') THEN
        RETURN substr(kept, length(me) + 2)::bigint[];
    END IF;
    ids := own_chamas();
    ids := ARRAY(
        SELECT m.id FROM chama_members m WHERE m.chama_id = ANY (ids));
    kept := set_config('app.fellow_members', me || ':' || ids::text, true);
    RETURN ids;
END
$$;

CREATE FUNCTION public.fellow_users() RETURNS bigint[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    me text := current_setting('app.user_id', true);
    kept text := current_setting('app.fellow_users', true);
    ids bigint[];
BEGIN
    IF starts_with(kept, me || ':') THEN
        RETURN substr(kept, length(me) + 2)::bigint[];
    END IF;
    ids := own_chamas();
    ids := ARRAY(
        SELECT m.user_id FROM chama_members m WHERE m.chama_id = ANY (ids));
    kept := set_config('app.fellow_users', me || ':' || ids::text, true);
    RETURN ids;
END
$$;

CREATE FUNCTION public.forget_audit(p_user_id bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    forgotten bigint;
BEGIN
    UPDATE audit_values SET value = NULL, salt = NULL WHERE subject_id = p_user_id AND value IS NOT NULL;
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END
$$;

CREATE FUNCTION public.forget_notes(p_member_ids bigint[], p_book_ids bigint[], p_page_books bigint[], p_pages bigint[], p_texts text[]) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    forgotten bigint;
BEGIN
    DELETE FROM entry_notes n
        WHERE (n.book_id, n.seq) IN (
                SELECT p.book_id, p.seq FROM accounts a JOIN postings p ON p.account_id = a.id
                WHERE a.owner_member_id = ANY (p_member_ids)
                UNION SELECT * FROM unnest(p_page_books, p_pages))
            OR (n.book_id = ANY (p_book_ids)
                AND EXISTS (SELECT FROM unnest(p_texts) AS told
                    WHERE n.note::text ~* ('\m' || regexp_replace(told, '([^[:alnum:]])', '\\\1', 'g') || '\M')));
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END
$$;

CREATE FUNCTION public.free_codes(p_codes text[], p_entries integer) RETURNS text[]
    LANGUAGE plpgsql
    AS $$
DECLARE
    codes text[];
BEGIN
    IF NOT EXISTS (SELECT FROM entry_codes WHERE code = p_codes[1]) AND p_entries = 1 THEN
        RETURN p_codes[1 : 1];
    END IF;
    codes := ARRAY(
        SELECT DISTINCT ON (entry) code
        FROM (SELECT code, offer, (offer - 1) * p_entries / cardinality(p_codes) AS entry
              FROM unnest(p_codes) WITH ORDINALITY AS o (code, offer)) AS offered
        WHERE NOT EXISTS (SELECT FROM entry_codes taken WHERE taken.code = offered.code)
        ORDER BY entry, offer);
    IF cardinality(codes) <> p_entries THEN
        RAISE EXCEPTION 'every code that was offered is taken' USING ERRCODE = 'unique_violation';
    END IF;
    RETURN codes;
END
$$;

CREATE FUNCTION public.guard(table_name text, demand text) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER unchangeable BEFORE UPDATE OR DELETE OR TRUNCATE ON public.%I '
        'FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change()', table_name);
    EXECUTE format('CREATE TRIGGER whole AFTER INSERT ON public.%I REFERENCING NEW TABLE AS arrived '
        'FOR EACH STATEMENT EXECUTE FUNCTION public.%I()', table_name, demand);
    IF demand = 'demand_balance' THEN
        PERFORM public.keep_positions(table_name);
    END IF;
END
$$;

CREATE FUNCTION public.held_at(p_account_id bigint, p_seq bigint) RETURNS bigint
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT CASE WHEN p_seq = 0 THEN 0 ELSE COALESCE(
        (SELECT CASE a.normal_side WHEN 'debit' THEN p.balance_after_cents ELSE -p.balance_after_cents END
            FROM postings p
            WHERE p.account_id = a.id AND (p.season, p.seq) <= (c.season, p_seq)
            ORDER BY p.season DESC, p.seq DESC, p.line DESC LIMIT 1),
        (SELECT CASE a.normal_side WHEN 'debit' THEN 1 ELSE -1 END
                * (p.balance_after_cents - CASE p.phase WHEN 'posted' THEN p.amount_cents ELSE 0 END)
            FROM postings p
            WHERE p.account_id = a.id AND (p.season, p.seq) > (c.season, p_seq)
            ORDER BY p.season, p.seq, p.line LIMIT 1),
        a.balance_cents) END
    FROM accounts a LEFT JOIN entry_codes c ON (c.book_id, c.seq) = (a.book_id, p_seq)
    WHERE a.id = p_account_id
$$;

CREATE FUNCTION public.holder_of(p_kind text, p_shown text) RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    holder bigint;
BEGIN
    IF p_kind = 'phone' THEN
        SELECT u.id INTO holder FROM users u WHERE u.phone = p_shown AND u.status = 'active';
    ELSIF p_kind = 'email' THEN
        SELECT u.id INTO holder FROM users u WHERE u.email = p_shown AND u.status = 'active';
    ELSIF p_kind = 'session' THEN
        SELECT s.user_id INTO holder FROM web_sessions s WHERE s.token_hash = decode(p_shown, 'hex');
    ELSIF p_kind = 'bearer' THEN
        SELECT t.user_id INTO holder FROM api_tokens t WHERE t.token_hash = decode(p_shown, 'hex');
    END IF;
    RETURN COALESCE(holder, 0);
END
$$;

CREATE FUNCTION public.is_operator() RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    RETURN acting('operator') AND EXISTS (
        SELECT FROM users u
        WHERE u.id = acting_user() AND u.status = 'active' AND u.platform_role IN ('admin', 'support'));
END
$$;

CREATE FUNCTION public.keep_answers(p_scopes text[], p_keys text[], p_request_hashes bytea[], p_book_ids bigint[], p_recorded_at timestamp with time zone, p_answers public.posted_entry[], p_kept_refusals text[]) RETURNS integer
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.keep_evidence(p_source text, p_token_hash bytea, p_body_sha256 bytea, p_body bytea, p_truncated boolean, p_headers jsonb, p_remote_ip inet, p_received_at timestamp with time zone) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    times integer;
BEGIN
    IF p_body_sha256 <> sha256(p_body) AND NOT (p_truncated AND octet_length(p_body) = 65536) THEN
        RAISE EXCEPTION 'this is the digest of another body' USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO evidence AS mine
        (source, token_hash, body_sha256, body, truncated, headers, remote_ip, received_at, due_at)
    VALUES
        (p_source, p_token_hash, p_body_sha256, p_body, p_truncated, p_headers, p_remote_ip, p_received_at, p_received_at)
    ON CONFLICT (source, token_hash, body_sha256) DO UPDATE SET seen_count = mine.seen_count + 1
    RETURNING seen_count INTO times;
    RETURN times;
END
$$;

CREATE FUNCTION public.keep_positions(table_name text) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER positions AFTER INSERT ON public.%I REFERENCING NEW TABLE AS arrived '
        'FOR EACH STATEMENT EXECUTE FUNCTION public.apply_positions()', table_name);
END
$$;

CREATE FUNCTION public.lay_paper(p_book_id bigint, p_digest bytea, p_recorded_at timestamp with time zone, p_hash bytea) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    paper bigint;
BEGIN
    -- As for postings: what the web may not write to has no head for it.
    IF NOT EXISTS (SELECT FROM heads WHERE book_id = p_book_id) THEN
        RETURN NULL;
    END IF;
    INSERT INTO papers (book_id, digest, recorded_at, hash) VALUES (p_book_id, p_digest, p_recorded_at, p_hash)
        RETURNING id INTO paper;
    INSERT INTO sealing_queue (book_id, season, seq) VALUES (9223372036854775807, 0, paper);
    RETURN paper;
END
$$;

CREATE FUNCTION public.link_entries(p_book_ids bigint[], p_expires_ats timestamp with time zone[], p_targets bigint[], p_resolutions text[], p_prev_hashes bytea[], p_answers public.posted_entry[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.masked_numbers(p_value jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (regexp_replace((p_value)::text, '"\+(\d{6})\d+(\d{3})"'::text, '"+\1***\2"'::text, 'g'::text))::jsonb;

CREATE FUNCTION public.near_chamas() RETURNS bigint[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    me text := current_setting('app.user_id', true);
    kept text := current_setting('app.near_chamas', true);
    ids bigint[];
BEGIN
    IF starts_with(kept, me || ':') THEN
        RETURN substr(kept, length(me) + 2)::bigint[];
    END IF;
    ids := ARRAY(
        SELECT m.chama_id FROM chama_members m WHERE m.user_id = NULLIF(me, '')::bigint AND m.status <> 'withdrawn');
    kept := set_config('app.near_chamas', me || ':' || ids::text, true);
    RETURN ids;
END
$$;

CREATE FUNCTION public.note_audit_verified(p_position bigint) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    UPDATE audit_verified SET position = p_position
        WHERE position < p_position AND EXISTS (SELECT FROM audit_chain c WHERE c.position = p_position)
$$;

CREATE FUNCTION public.note_verified(p_book_ids bigint[], p_seqs bigint[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    UPDATE heads h SET verified_seq = sound.seq
        FROM (SELECT p.seq, locked.book_id FROM unnest(p_book_ids, p_seqs) AS p (book_id, seq)
            -- in order of id, as whoever posts takes them
            JOIN (SELECT book_id FROM heads WHERE book_id = ANY (p_book_ids) ORDER BY book_id FOR UPDATE) AS locked
            USING (book_id)) AS sound
        WHERE h.book_id = sound.book_id AND h.verified_seq < sound.seq AND sound.seq < h.next_seq
$$;

CREATE FUNCTION public.open_account(p_book_id bigint, p_code text, p_kind text, p_owner_member_id bigint, p_floor_cents bigint, p_ceiling_cents bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION public.open_book(p_kind text, p_name text, p_opened_at timestamp with time zone) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    WITH book AS (INSERT INTO books (kind, name, opened_at) VALUES (p_kind, p_name, p_opened_at) RETURNING id)
    INSERT INTO heads (book_id, head_hash) SELECT id, decode(repeat('00', 32), 'hex') FROM book RETURNING book_id
$$;

CREATE FUNCTION public.open_office(p_table text) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF roles_at_hand() THEN
        EXECUTE format('CREATE POLICY web_office ON public.%I TO pesachama_web USING ((SELECT acting(''office''))) '
            'WITH CHECK ((SELECT acting(''office'')))', p_table);
    END IF;
END
$$;

CREATE FUNCTION public.open_season(p_number integer, p_opens_at timestamp with time zone, p_closes_at timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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
    PERFORM protect_partition('entries', 'entries_' || p_number), protect_partition('postings', 'postings_' || p_number);
    PERFORM guard('entries_' || p_number, 'demand_postings'), guard('postings_' || p_number, 'demand_balance');
    RETURN TRUE;
END
$$;

CREATE FUNCTION public.own_books() RETURNS bigint[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    me text := current_setting('app.user_id', true);
    kept text := current_setting('app.own_books', true);
    ids bigint[];
BEGIN
    IF starts_with(kept, me || ':') THEN
        RETURN substr(kept, length(me) + 2)::bigint[];
    END IF;
    ids := own_chamas();
    ids := ARRAY(
        SELECT c.book_id FROM chamas c WHERE c.id = ANY (ids));
    kept := set_config('app.own_books', me || ':' || ids::text, true);
    RETURN ids;
END
$$;

CREATE FUNCTION public.own_chamas() RETURNS bigint[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    me text := current_setting('app.user_id', true);
    kept text := current_setting('app.own_chamas', true);
    ids bigint[];
BEGIN
    IF starts_with(kept, me || ':') THEN
        RETURN substr(kept, length(me) + 2)::bigint[];
    END IF;
    ids := ARRAY(
        SELECT m.chama_id FROM chama_members m JOIN users u ON u.id = m.user_id
        WHERE m.user_id = NULLIF(me, '')::bigint AND u.status = 'active'
            AND m.status IN ('confirmed', 'active', 'defaulted', 'completed'));
    kept := set_config('app.own_chamas', me || ':' || ids::text, true);
    RETURN ids;
END
$$;

CREATE FUNCTION public.own_phone() RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    RETURN (SELECT COALESCE(u.phone, u.contact_phone) FROM users u WHERE u.id = acting_user() AND u.status = 'active');
END
$$;

CREATE FUNCTION public.phase_lines(p_book_ids bigint[], p_expires_ats timestamp with time zone[], p_targets bigint[], p_resolutions text[], p_line_entries integer[], p_account_ids bigint[], p_amounts_cents bigint[]) RETURNS public.phased_lines
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.places_of(p_ids bigint[], p_list bigint[]) RETURNS integer[]
    LANGUAGE plpgsql IMMUTABLE
    AS $$
DECLARE
    places integer[] := '{}';
BEGIN
    IF cardinality(p_ids) > 8 THEN
        RETURN ARRAY(
            SELECT l.place::integer FROM unnest(p_ids) WITH ORDINALITY AS i (id, place)
                LEFT JOIN unnest(p_list) WITH ORDINALITY AS l (id, place) USING (id)
            ORDER BY i.place);
    END IF;
    FOR i IN 1 .. cardinality(p_ids) LOOP
        places[i] := array_position(p_list, p_ids[i]);
    END LOOP;
    RETURN places;
END
$$;

CREATE FUNCTION public.post_entries(p_scopes text[], p_keys text[], p_request_hashes bytea[], p_book_ids bigint[], p_kinds text[], p_occurred_ats timestamp with time zone[], p_recorded_at timestamp with time zone, p_about_seasons integer[], p_actor_ids bigint[], p_reverses_seqs bigint[], p_expires_ats timestamp with time zone[], p_resolves_seqs bigint[], p_resolutions text[], p_bonds integer[], p_salts bytea[], p_notes jsonb[], p_commitments bytea[], p_codes text[], p_line_entries integer[], p_account_ids bigint[], p_amounts_cents bigint[]) RETURNS SETOF public.posted_entry
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
DECLARE
    kept_refusals CONSTANT text[] :=
        '{out_of_bounds,account_closed,already_resolved,already_reversed,hold_expired}';
    -- Locked and kept here while the set is decided, so that each row is written once however many entries touch it.
    pages heads[];
    moved accounts[];
    page_ids bigint[];
    moved_ids bigint[];
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
    -- Of each line that is written, the page and its number there.
    line_seqs bigint[];
    line_numbers integer[];
    -- Each array in a variable of its own: what is part of a row is walked from its start for each element.
    line_entries integer[] := p_line_entries;
    line_accounts bigint[] := p_account_ids;
    line_amounts bigint[] := p_amounts_cents;
    line_phases text[];
    lines phased_lines;
    cents bigint;
    place integer;
    sum_cents bigint;
    unbalanced boolean;
    unknown boolean;
    closed boolean;
    beyond boolean;
    -- For each account the last entry that has a line on it: an account stands once in each phase of an entry.
    touched integer[];
    open_season integer := (SELECT min(s.number) FROM seasons s
        WHERE s.source = 'books' AND s.opens_at <= p_recorded_at AND p_recorded_at < s.closes_at);
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
    bond_first_line integer;
    bond_refusal text;
    first_line integer;
    last_line integer;
    decided integer;
BEGIN
    IF cardinality(p_keys) > 1 THEN
        IF (SELECT count(*) <> count(DISTINCT (scope, key)) FROM unnest(p_scopes, p_keys) AS d (scope, key)) THEN
            RAISE EXCEPTION 'a key stands once in a set' USING ERRCODE = 'cardinality_violation';
        END IF;
    END IF;
    IF array_remove(p_resolves_seqs || p_reverses_seqs, NULL) <> '{}' THEN
        targets := ARRAY(SELECT COALESCE(d.resolves_seq, d.reverses_seq)
            FROM unnest(p_resolves_seqs, p_reverses_seqs) WITH ORDINALITY AS d (resolves_seq, reverses_seq, entry)
            ORDER BY d.entry);
    END IF;
    IF targets IS NULL AND array_remove(p_expires_ats, NULL) = '{}' THEN
        line_phases := array_fill('posted'::text, ARRAY[cardinality(p_line_entries)]);
    ELSE
        lines := phase_lines(p_book_ids, p_expires_ats, COALESCE(targets, p_resolves_seqs), p_resolutions, p_line_entries,
            p_account_ids, p_amounts_cents);
        line_entries := lines.line_entries;
        line_accounts := lines.account_ids;
        line_amounts := lines.amounts_cents;
        line_phases := lines.phases;
    END IF;
    IF cardinality(p_keys) = 1 THEN
        bodies := ARRAY[entry_body(2, p_kinds[1], p_occurred_ats[1], p_recorded_at, p_about_seasons[1], p_actor_ids[1],
            p_reverses_seqs[1], p_expires_ats[1], p_resolves_seqs[1], p_resolutions[1], p_commitments[1],
            line_accounts, line_amounts, line_phases)];
    ELSE
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
                    FROM unnest(line_entries, line_accounts, line_amounts, line_phases)
                        WITH ORDINALITY AS p (entry, account_id, amount_cents, phase, place)
                    GROUP BY p.entry) AS l USING (entry)
            ORDER BY d.entry);
    END IF;

    LOOP
        -- The heads are the only hot locks, and all below is decided under them: order of seq is order of commit. Who
        -- takes them in order of id, and accounts after them in the same order, meets nobody who comes the other way.
        pages := ARRAY(SELECT h FROM heads h WHERE h.book_id = ANY (p_book_ids) ORDER BY h.book_id FOR UPDATE);
        moved := ARRAY(SELECT a FROM accounts a WHERE a.id = ANY (line_accounts) ORDER BY a.id FOR UPDATE);
        page_ids := '{}';
        FOR i IN 1 .. cardinality(pages) LOOP
            page_ids[i] := pages[i].book_id;
        END LOOP;
        moved_ids := '{}';
        FOR i IN 1 .. cardinality(moved) LOOP
            moved_ids[i] := moved[i].id;
        END LOOP;
        page_places := places_of(p_book_ids, page_ids);
        account_places := places_of(line_accounts, moved_ids);
        answers := examine_entries(p_scopes, p_keys, p_request_hashes);
        IF targets IS NOT NULL THEN
            objections := examine_targets(p_book_ids, targets, p_resolutions, p_recorded_at, line_entries,
                line_accounts, line_amounts, line_phases);
        END IF;
        prev_hashes := array_fill(NULL::bytea, ARRAY[cardinality(answers)]);
        afters_cents := array_fill(NULL::bigint, ARRAY[cardinality(line_entries)]);
        versions := afters_cents;
        line_seqs := afters_cents;
        line_numbers := array_fill(NULL::integer, ARRAY[cardinality(line_entries)]);
        touched := array_fill(0, ARRAY[cardinality(moved)]);
        ended := '{}';
        last_line := 0;
        decided := 0;

        FOR i IN 1 .. cardinality(answers) LOOP
            answer := answers[i];
            first_line := last_line + 1;
            WHILE line_entries[last_line + 1] = i LOOP
                last_line := last_line + 1;
            END LOOP;
            IF p_bonds[i] IS DISTINCT FROM p_bonds[i - 1] THEN
                pages_before := pages;
                moved_before := moved;
                ended_before := ended;
                decided_before := decided;
                bond_first := i;
                bond_first_line := first_line;
                bond_refusal := NULL;
            END IF;

            page := pages[page_places[i]];
            IF answer.repeated THEN
                SELECT e.hash, c.code INTO answer.hash, answer.code
                    FROM entries e JOIN entry_codes c ON (c.book_id, c.seq) = (e.book_id, e.seq)
                    WHERE (e.book_id, e.season, e.seq) = (p_book_ids[i], answer.season, answer.seq);
                answers[i] := answer;
            ELSE
                sum_cents := 0;
                unbalanced := last_line <= first_line;
                unknown := FALSE;
                closed := FALSE;
                beyond := FALSE;
                FOR line IN first_line .. last_line LOOP
                    cents := line_amounts[line];
                    sum_cents := sum_cents + cents;
                    place := account_places[line];
                    account := moved[place];
                    IF account.book_id IS DISTINCT FROM p_book_ids[i] THEN
                        unknown := TRUE;
                    ELSE
                        unbalanced := unbalanced OR cents = 0 OR line_phases[line] <> 'released' AND touched[place] = i;
                        closed := closed OR account.closed_at IS NOT NULL;
                        -- What a hold releases is at least what then is posted: only the others can go beyond a bound.
                        beyond := beyond OR p_resolutions[i] IS NULL AND NOT bears(account, cents);
                        IF line_phases[line] <> 'released' THEN
                            touched[place] := i;
                        END IF;
                    END IF;
                END LOOP;
                -- A clock that lags at midnight must not write into the season before: the caller comes again a moment later.
                answer.season := CASE WHEN open_season >= page.season THEN open_season END;
                answer.refusal := CASE
                    WHEN page.book_id IS NULL THEN 'unknown_book'
                    WHEN answer.refusal IS NOT NULL THEN answer.refusal
                    WHEN objections[i] IS NOT NULL THEN objections[i]
                    WHEN unbalanced OR sum_cents <> 0 THEN 'unbalanced'
                    WHEN answer.season IS NULL THEN 'no_season'
                    WHEN unknown THEN 'unknown_account'
                    WHEN closed THEN 'account_closed'
                    WHEN targets[i] IS NOT NULL AND format('%s:%s', p_book_ids[i], targets[i]) = ANY (ended)
                        THEN CASE WHEN p_resolutions[i] IS NULL THEN 'already_reversed' ELSE 'already_resolved' END
                    WHEN beyond THEN 'out_of_bounds' END;
                IF answer.refusal IS NULL THEN
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
                        cents := line_amounts[line];
                        IF line_phases[line] = 'posted' THEN
                            account.debits_posted_cents := account.debits_posted_cents + greatest(cents, 0);
                            account.credits_posted_cents := account.credits_posted_cents + greatest(-cents, 0);
                        ELSIF line_phases[line] = 'pending' THEN
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
                        line_seqs[line] := answer.seq;
                        line_numbers[line] := line - first_line + 1;
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
                    FOR line IN bond_first_line .. last_line LOOP
                        line_seqs[line] := NULL;
                    END LOOP;
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
        SELECT p_book_ids[p.entry], open_season, p.seq, p.number, p.account_id, p.amount_cents, p.after_cents, p.version,
            p.phase
        FROM unnest(line_entries, line_accounts, line_amounts, afters_cents, versions, line_phases,
                line_seqs, line_numbers) AS p (entry, account_id, amount_cents, after_cents, version, phase, seq, number)
        WHERE p.seq IS NOT NULL;
    RETURN QUERY SELECT * FROM unnest(answers);
END
$$;

CREATE FUNCTION public.preimage_field(body bytea) RETURNS bytea
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT COALESCE(int4send(octet_length(body)) || body, '\xffffffff'::bytea)
$$;

CREATE FUNCTION public.preimage_instant(instant timestamp with time zone) RETURNS bytea
    LANGUAGE sql STABLE
    AS $$
    SELECT '\x00000008'::bytea || int8send((EXTRACT(epoch FROM instant) * 1000000)::bigint)
$$;

CREATE FUNCTION public.preimage_number(number bigint) RETURNS bytea
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT COALESCE('\x00000008'::bytea || int8send(number), '\xffffffff'::bytea)
$$;

CREATE FUNCTION public.protect_partition(p_parent text, p_partition text) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    policy pg_policies;
BEGIN
    IF NOT (SELECT relrowsecurity FROM pg_class WHERE oid = format('public.%I', p_parent)::regclass) THEN
        RETURN;
    END IF;
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', p_partition);
    FOR policy IN SELECT * FROM pg_policies WHERE (schemaname, tablename) = ('public', p_parent) LOOP
        EXECUTE format('CREATE POLICY %I ON public.%I AS %s FOR %s TO %s', policy.policyname, p_partition, policy.permissive,
            policy.cmd, (SELECT string_agg(quote_ident(name), ', ') FROM unnest(policy.roles) AS name))
            || COALESCE(' USING (' || policy.qual || ')', '')
            || COALESCE(' WITH CHECK (' || policy.with_check || ')', '');
    END LOOP;
END
$$;

CREATE FUNCTION public.protect_rows(p_table text, p_reads text, p_changes text) RETURNS void
    LANGUAGE plpgsql
    AS $_$
BEGIN
    IF NOT roles_at_hand() THEN
        RETURN;
    END IF;
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', p_table);
    EXECUTE format('CREATE POLICY everything ON public.%I TO pesachama_worker, pesachama_gatekeeper '
        'USING (TRUE) WITH CHECK (TRUE)', p_table);
    IF p_reads IS NOT NULL THEN
        EXECUTE format('CREATE POLICY web_reads ON public.%I FOR SELECT TO pesachama_web USING (%s)', p_table, p_reads);
    END IF;
    IF p_changes IS NOT NULL THEN
        EXECUTE format('CREATE POLICY web_adds ON public.%I FOR INSERT TO pesachama_web WITH CHECK (%s)', p_table, p_changes);
        EXECUTE format('CREATE POLICY web_changes ON public.%I FOR UPDATE TO pesachama_web USING (%2$s) WITH CHECK (%2$s)',
            p_table, p_changes);
        EXECUTE format('CREATE POLICY web_removes ON public.%I FOR DELETE TO pesachama_web USING (%s)', p_table, p_changes);
    END IF;
END
$_$;

CREATE FUNCTION public.rebuild_positions(p_book_id bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    changed bigint;
BEGIN
    PERFORM FROM heads WHERE book_id = p_book_id FOR UPDATE;
    WITH shadow AS MATERIALIZED (
        SELECT d.book_id, d.account_id, d.season, d.debits_cents::bigint, d.credits_cents::bigint, d.postings,
            d.first_seq, d.last_seq
        FROM derived_positions(p_book_id) d
    ), gone AS (
        DELETE FROM positions p USING seasons s
        WHERE p.book_id = p_book_id AND s.source = 'books' AND s.number = p.season AND s.archived_at IS NULL
            AND NOT EXISTS (SELECT FROM shadow d WHERE (d.account_id, d.season) = (p.account_id, p.season))
        RETURNING p.account_id
    ), mended AS (
        INSERT INTO positions AS p SELECT d.* FROM shadow d
            LEFT JOIN positions old USING (book_id, account_id, season)
        WHERE (d.debits_cents, d.credits_cents, d.postings, d.first_seq, d.last_seq)
            IS DISTINCT FROM (old.debits_cents, old.credits_cents, old.postings, old.first_seq, old.last_seq)
        ON CONFLICT (book_id, account_id, season) DO UPDATE
            SET debits_cents = excluded.debits_cents, credits_cents = excluded.credits_cents,
                postings = excluded.postings, first_seq = excluded.first_seq, last_seq = excluded.last_seq
        RETURNING p.account_id
    )
    SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM mended) INTO changed;
    RETURN changed;
END
$$;

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: the books are never changed, corrections are new entries', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE FUNCTION public.refuse_rewriting() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: what was written down stays', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE FUNCTION public.roles_at_hand() RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    SELECT count(*) = 3 AND COALESCE(bool_and(pg_has_role(CURRENT_USER, r.oid, 'MEMBER')), FALSE)
    FROM pg_roles r WHERE r.rolname IN ('pesachama_web', 'pesachama_worker', 'pesachama_gatekeeper')
$$;

CREATE FUNCTION public.shown(p_kind text) RETURNS text
    LANGUAGE sql STABLE
    AS $$
    SELECT CASE WHEN acting('door') AND starts_with(current_setting('app.shown', true), p_kind || ':')
        THEN substr(current_setting('app.shown', true), length(p_kind) + 2) END
$$;

CREATE FUNCTION public.shown_page() RETURNS bigint[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    RETURN (
        SELECT ARRAY[c.book_id, c.seq, l.batch]
        FROM entry_codes c LEFT JOIN batch_leaves l ON (l.book_id, l.seq) = (c.book_id, c.seq)
        WHERE c.code = shown('code'));
END
$$;

CREATE FUNCTION public.takes_account(p_shortcode text, p_chama text, p_member integer) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    RETURN NOT EXISTS (SELECT FROM shortcodes s WHERE p_shortcode IN (s.number, s.till_number) AND s.validates)
        OR EXISTS (SELECT FROM chama_members m JOIN chamas c ON c.id = m.chama_id
                   WHERE c.number = p_chama AND m.number = p_member);
END
$$;

CREATE FUNCTION public.who_dials(p_phone text, p_since timestamp with time zone, p_out text[]) RETURNS TABLE(user_id bigint, first_name text, language text, prompt_out boolean, private_phone boolean, has_pin boolean, seen_at timestamp with time zone, news boolean, chama_id bigint, name text, book_id bigint, member_id bigint, contributes boolean, official boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 2
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    RETURN QUERY
        SELECT u.id, u.first_name, u.language,
            EXISTS (SELECT FROM payment_intents i JOIN payment_attempts t ON t.intent_id = i.id
                WHERE i.payer_id = u.id AND i.created_at > p_since AND t.state = ANY (p_out)),
            u.private_phone, EXISTS (SELECT FROM pins p WHERE p.user_id = u.id),
            COALESCE((SELECT s.seen_at FROM phones_seen s WHERE s.user_id = u.id), u.created_at),
            EXISTS (SELECT FROM notifications n
                WHERE n.user_id = u.id AND n.seen_at IS NULL AND (n.channel = 'in_app' OR n.state = 'failed'))
            OR EXISTS (SELECT FROM chama_members o JOIN confirmations k ON k.member_id = o.id
                WHERE o.user_id = u.id AND k.state = 'asked')
            OR EXISTS (SELECT FROM chama_members o
                JOIN disbursement_requests r ON r.chama_id = o.chama_id AND r.state = 'approved'
                WHERE o.user_id = u.id AND o.status IN ('confirmed', 'active', 'defaulted', 'completed')
                AND NOT EXISTS (SELECT FROM announcements_heard h WHERE (h.request_id, h.member_id) = (r.id, o.id))),
            c.id, c.name, c.book_id, m.id, c.status = 'active' AND m.status IN ('active', 'defaulted'), m.role <> 'member'
        FROM users u
        LEFT JOIN (chama_members m JOIN chamas c ON c.id = m.chama_id)
            ON m.user_id = u.id AND m.status IN ('confirmed', 'active', 'defaulted', 'completed')
        WHERE u.phone = p_phone AND u.status = 'active'
        ORDER BY (m.status = 'active' AND c.status = 'active') DESC, m.joined_at, m.id;
END
$$;

CREATE FUNCTION public.who_shares(p_phone text, p_since timestamp with time zone, p_out text[]) RETURNS TABLE(user_id bigint, first_name text, language text, prompt_out boolean, private_phone boolean, has_pin boolean, seen_at timestamp with time zone, news boolean, chama_id bigint, name text, book_id bigint, member_id bigint, contributes boolean, official boolean, number integer, chama_number text, inside boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 3
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    RETURN QUERY
        SELECT u.id, u.first_name, u.language,
            EXISTS (SELECT FROM payment_intents i JOIN payment_attempts t ON t.intent_id = i.id
                WHERE i.payer_id = u.id AND i.created_at > p_since AND t.state = ANY (p_out)),
            u.private_phone, EXISTS (SELECT FROM pins p WHERE p.user_id = u.id),
            COALESCE((SELECT s.seen_at FROM phones_seen s WHERE s.user_id = u.id), u.created_at),
            EXISTS (SELECT FROM notifications n
                WHERE n.user_id = u.id AND n.seen_at IS NULL AND (n.channel = 'in_app' OR n.state = 'failed')),
            c.id, c.name, c.book_id, m.id, c.status = 'active' AND m.status IN ('active', 'defaulted'), m.role <> 'member',
            m.number, c.number, m.status <> 'invited'
        FROM users u
        JOIN chama_members m
            ON m.user_id = u.id AND m.status IN ('invited', 'confirmed', 'active', 'defaulted', 'completed')
        JOIN chamas c ON c.id = m.chama_id
        WHERE u.contact_phone = p_phone AND u.phone IS NULL AND u.status = 'active'
        ORDER BY u.id, (m.status = 'active' AND c.status = 'active') DESC, m.joined_at, m.id;
END
$$;

CREATE FUNCTION public.write_audit(p_table text, p_rules text[], p_was jsonb[], p_now jsonb[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET plan_cache_mode TO 'force_generic_plan'
    SET jit TO 'off'
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    keys text[] := p_rules[1]::text[];
    secret text[] := p_rules[2]::text[];
    personal text[] := p_rules[3]::text[];
    quiet text[] := p_rules[4]::text[];
    subject text := (p_rules[5]::text[])[1];
    role_name text := current_setting('role');
    actor bigint := NULLIF(NULLIF(current_setting('app.user_id', true), ''), '0')::bigint;
    address text := NULLIF(current_setting('app.address', true), '');
BEGIN
    WITH was AS (
        SELECT w.line, (SELECT jsonb_object_agg(k, w.line -> k) FROM unnest(keys) AS k) AS key FROM unnest(p_was) AS w (line)
    ), now_is AS (
        SELECT n.line, (SELECT jsonb_object_agg(k, n.line -> k) FROM unnest(keys) AS k) AS key FROM unnest(p_now) AS n (line)
    ), pairs AS (
        SELECT row_number() OVER () AS pair, COALESCE(w.key, n.key) AS key, w.line AS was, n.line AS line,
            CASE WHEN w.line IS NULL THEN 'INSERT' WHEN n.line IS NULL THEN 'DELETE' ELSE 'UPDATE' END AS operation
        FROM was w FULL JOIN now_is n ON w.key = n.key
    ), differences AS (
        SELECT p.pair, c.name, p.was -> c.name AS was, p.line -> c.name AS line, c.name = ANY (personal) AS hers
        FROM pairs p CROSS JOIN LATERAL jsonb_object_keys(COALESCE(p.line, p.was)) AS c (name)
        WHERE COALESCE(p.was -> c.name, 'null') <> COALESCE(p.line -> c.name, 'null') AND c.name <> ALL (quiet)
    ), changes AS MATERIALIZED (
        SELECT nextval('audit_logs_id_seq') AS id, d.* FROM (
            SELECT pair, array_agg(name ORDER BY name) AS changed,
                jsonb_object_agg(name, was) FILTER (WHERE NOT hers AND name <> ALL (secret)) AS before,
                jsonb_object_agg(name, line) FILTER (WHERE NOT hers AND name <> ALL (secret)) AS after,
                jsonb_object_agg(name, was) FILTER (WHERE hers) AS hers_before,
                jsonb_object_agg(name, line) FILTER (WHERE hers) AS hers_after
            FROM differences GROUP BY pair) AS d
    ), written AS (
        INSERT INTO audit_logs (id, table_name, operation, row_key, actor_id, process, changed, before, after, at)
        SELECT c.id, p_table, p.operation, p.key, actor, CASE role_name WHEN 'none' THEN session_user ELSE role_name END,
            c.changed, CASE WHEN p.operation <> 'INSERT' THEN c.before END, CASE WHEN p.operation <> 'DELETE' THEN c.after END,
            NULLIF(current_setting('app.at', true), '')::timestamptz
        FROM changes c JOIN pairs p USING (pair) ORDER BY c.id
    ), kept AS (
        INSERT INTO audit_values (audit_id, part, subject_id, value)
        SELECT c.id, 'row', (COALESCE(p.was, p.line) ->> subject)::bigint, masked_numbers(jsonb_strip_nulls(jsonb_build_object(
            'before', CASE WHEN p.operation <> 'INSERT' THEN c.hers_before END,
            'after', CASE WHEN p.operation <> 'DELETE' THEN c.hers_after END)))
        FROM changes c JOIN pairs p USING (pair) WHERE c.hers_before IS NOT NULL
        UNION ALL
        SELECT id, 'address', actor, to_jsonb(address) FROM changes WHERE address IS NOT NULL
    )
    INSERT INTO audit_queue (audit_id) SELECT id FROM changes;
END
$$;

ALTER TABLE public.accounts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.accounts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.allocations (
    book_id bigint NOT NULL,
    seq bigint NOT NULL,
    line smallint NOT NULL,
    member_id bigint NOT NULL,
    contribution_id bigint,
    amount_cents bigint NOT NULL,
    deposit_id bigint,
    penalty_id bigint,
    instalment_id bigint,
    CONSTRAINT allocations_amount_cents_check CHECK ((amount_cents <> 0)),
    CONSTRAINT allocations_check CHECK ((num_nonnulls(contribution_id, deposit_id) <= 1)),
    CONSTRAINT allocations_check1 CHECK ((num_nonnulls(contribution_id, deposit_id, penalty_id) <= 1)),
    CONSTRAINT allocations_one_purpose CHECK ((num_nonnulls(contribution_id, deposit_id, penalty_id, instalment_id) <= 1))
);

ALTER TABLE ONLY public.allocations FORCE ROW LEVEL SECURITY;

CREATE TABLE public.announcements_heard (
    request_id bigint NOT NULL,
    member_id bigint NOT NULL,
    heard_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.announcements_heard FORCE ROW LEVEL SECURITY;

CREATE TABLE public.api_repeats (
    user_id bigint NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    answer jsonb NOT NULL,
    answered_at timestamp with time zone NOT NULL,
    CONSTRAINT api_repeats_fingerprint_check CHECK ((octet_length(fingerprint) = 32)),
    CONSTRAINT api_repeats_key_check CHECK (((length(key) >= 1) AND (length(key) <= 100)))
);

ALTER TABLE ONLY public.api_repeats FORCE ROW LEVEL SECURITY;

CREATE TABLE public.api_tokens (
    token_hash bytea NOT NULL,
    name text NOT NULL,
    user_id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    id bigint NOT NULL
);

ALTER TABLE ONLY public.api_tokens FORCE ROW LEVEL SECURITY;

ALTER TABLE public.api_tokens ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.api_tokens_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.approvals (
    subject text NOT NULL,
    subject_id bigint NOT NULL,
    user_id bigint NOT NULL,
    member_id bigint,
    vote text NOT NULL,
    digest bytea NOT NULL,
    proof text NOT NULL,
    reason smallint,
    voted_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone,
    CONSTRAINT approvals_check CHECK (((vote <> 'approve'::text) OR (proof = ANY (ARRAY['pin'::text, 'step_up'::text])))),
    CONSTRAINT approvals_check1 CHECK (((vote = 'reject'::text) OR (reason IS NULL))),
    CONSTRAINT approvals_digest_check CHECK ((octet_length(digest) = 32)),
    CONSTRAINT approvals_proof_check CHECK ((proof = ANY (ARRAY['pin'::text, 'step_up'::text, 'phone'::text, 'program'::text]))),
    CONSTRAINT approvals_reason_check CHECK (((reason >= 1) AND (reason <= 4))),
    CONSTRAINT approvals_subject_check CHECK ((subject ~ '^[a-z_]{1,30}$'::text)),
    CONSTRAINT approvals_vote_check CHECK ((vote = ANY (ARRAY['approve'::text, 'reject'::text, 'freeze'::text])))
);

ALTER TABLE ONLY public.approvals FORCE ROW LEVEL SECURITY;

CREATE TABLE public.attendance (
    meeting_id bigint NOT NULL,
    member_id bigint NOT NULL,
    reply text,
    replied_at timestamp with time zone,
    here boolean,
    cash_cents bigint DEFAULT 0 NOT NULL,
    fine_cents bigint DEFAULT 0 NOT NULL,
    marked_by bigint,
    marked_at timestamp with time zone,
    CONSTRAINT attendance_cash_cents_check CHECK ((cash_cents >= 0)),
    CONSTRAINT attendance_check CHECK ((here OR ((cash_cents + fine_cents) = 0))),
    CONSTRAINT attendance_fine_cents_check CHECK ((fine_cents >= 0)),
    CONSTRAINT attendance_reply_check CHECK ((reply = ANY (ARRAY['coming'::text, 'apology'::text])))
);

ALTER TABLE ONLY public.attendance FORCE ROW LEVEL SECURITY;

CREATE TABLE public.audit_chain (
    "position" bigint NOT NULL,
    audit_id bigint NOT NULL,
    chained_at timestamp with time zone NOT NULL,
    prev_hash bytea NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT audit_chain_hash_check CHECK ((octet_length(hash) = 32)),
    CONSTRAINT audit_chain_position_check CHECK (("position" > 0)),
    CONSTRAINT audit_chain_prev_hash_check CHECK ((octet_length(prev_hash) = 32))
);

ALTER TABLE ONLY public.audit_chain FORCE ROW LEVEL SECURITY;

ALTER TABLE public.audit_logs ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.audit_logs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.audit_queue (
    audit_id bigint NOT NULL
);

ALTER TABLE ONLY public.audit_queue FORCE ROW LEVEL SECURITY;

CREATE TABLE public.audit_values (
    audit_id bigint NOT NULL,
    part text NOT NULL,
    subject_id bigint,
    value jsonb,
    salt bytea,
    commitment bytea,
    CONSTRAINT audit_values_check CHECK (((salt IS NULL) OR ((value IS NOT NULL) AND (commitment IS NOT NULL)))),
    CONSTRAINT audit_values_commitment_check CHECK ((octet_length(commitment) = 32)),
    CONSTRAINT audit_values_part_check CHECK ((part = ANY (ARRAY['row'::text, 'address'::text]))),
    CONSTRAINT audit_values_salt_check CHECK ((octet_length(salt) = 16))
);

ALTER TABLE ONLY public.audit_values FORCE ROW LEVEL SECURITY;

CREATE TABLE public.audit_verified (
    one_row boolean DEFAULT true NOT NULL,
    "position" bigint NOT NULL,
    CONSTRAINT audit_verified_one_row_check CHECK (one_row),
    CONSTRAINT audit_verified_position_check CHECK (("position" >= 0))
);

ALTER TABLE public.balance_assertions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.balance_assertions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.balance_questions (
    id bigint NOT NULL,
    shortcode_id bigint NOT NULL,
    why text NOT NULL,
    state text NOT NULL,
    token_hash bytea,
    asked integer DEFAULT 0 NOT NULL,
    due_at timestamp with time zone,
    opened_at timestamp with time zone NOT NULL,
    taken_at timestamp with time zone,
    answered_at timestamp with time zone,
    utility_cents bigint,
    working_cents bigint,
    charges_cents bigint,
    evidence_id bigint,
    assertion_id bigint,
    outcome text,
    CONSTRAINT balance_questions_state_check CHECK ((state = ANY (ARRAY['open'::text, 'asked'::text, 'answered'::text, 'compared'::text, 'closed'::text]))),
    CONSTRAINT balance_questions_why_check CHECK ((why = ANY (ARRAY['daily'::text, 'payout'::text, 'person'::text])))
);

ALTER TABLE ONLY public.balance_questions FORCE ROW LEVEL SECURITY;

ALTER TABLE public.balance_questions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.balance_questions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.ballot_numbers (
    ballot_id bigint NOT NULL,
    member_id bigint NOT NULL,
    typed text NOT NULL,
    typed_at timestamp with time zone NOT NULL,
    CONSTRAINT ballot_numbers_typed_check CHECK ((typed ~ '^[0-9]{1,9}$'::text))
);

ALTER TABLE ONLY public.ballot_numbers FORCE ROW LEVEL SECURITY;

CREATE TABLE public.ballot_seeds (
    ballot_id bigint NOT NULL,
    seed bytea NOT NULL,
    CONSTRAINT ballot_seeds_seed_check CHECK ((octet_length(seed) = 32))
);

ALTER TABLE ONLY public.ballot_seeds FORCE ROW LEVEL SECURITY;

CREATE TABLE public.ballots (
    id bigint NOT NULL,
    chama_id bigint NOT NULL,
    rule_set_id bigint NOT NULL,
    called_by bigint NOT NULL,
    state text NOT NULL,
    roster integer[] NOT NULL,
    seal bytea,
    seed bytea,
    result integer[],
    reason text,
    called_at timestamp with time zone NOT NULL,
    closes_at timestamp with time zone,
    reveal_by timestamp with time zone,
    ended_at timestamp with time zone,
    due_at timestamp with time zone,
    CONSTRAINT ballots_check CHECK ((reveal_by > closes_at)),
    CONSTRAINT ballots_check1 CHECK (((state = 'drawn'::text) = ((seed IS NOT NULL) AND (result IS NOT NULL)))),
    CONSTRAINT ballots_check2 CHECK (((state <> ALL (ARRAY['collecting'::text, 'drawn'::text])) OR ((seal IS NOT NULL) AND (closes_at IS NOT NULL) AND (reveal_by IS NOT NULL)))),
    CONSTRAINT ballots_seal_check CHECK ((octet_length(seal) = 32)),
    CONSTRAINT ballots_seed_check CHECK ((octet_length(seed) = 32)),
    CONSTRAINT ballots_state_check CHECK ((state = ANY (ARRAY['called'::text, 'collecting'::text, 'drawn'::text, 'void'::text])))
);

ALTER TABLE ONLY public.ballots FORCE ROW LEVEL SECURITY;

ALTER TABLE public.ballots ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.ballots_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.batch_leaves (
    batch bigint NOT NULL,
    "position" integer NOT NULL,
    book_id bigint NOT NULL,
    season integer NOT NULL,
    seq bigint NOT NULL,
    salt bytea NOT NULL,
    leaf bytea NOT NULL,
    CONSTRAINT batch_leaves_leaf_check CHECK ((octet_length(leaf) = 32)),
    CONSTRAINT batch_leaves_salt_check CHECK ((octet_length(salt) = 16))
);

ALTER TABLE ONLY public.batch_leaves FORCE ROW LEVEL SECURITY;

CREATE TABLE public.batch_trees (
    batch bigint NOT NULL,
    nodes bytea NOT NULL,
    CONSTRAINT batch_trees_nodes_check CHECK (((octet_length(nodes) % 32) = 0))
);
ALTER TABLE ONLY public.batch_trees ALTER COLUMN nodes SET STORAGE EXTERNAL;

CREATE TABLE public.batches (
    number bigint NOT NULL,
    root bytea NOT NULL,
    previous_root bytea NOT NULL,
    leaf_count integer NOT NULL,
    sealed_at timestamp with time zone NOT NULL,
    witness text NOT NULL,
    state text NOT NULL,
    due_at timestamp with time zone,
    retry_count integer DEFAULT 0 NOT NULL,
    error_message text,
    chain_id bigint,
    contract text,
    tx_hash bytea,
    block_number bigint,
    block_hash bytea,
    completed_at timestamp with time zone,
    taken_over boolean DEFAULT false NOT NULL,
    CONSTRAINT batches_leaf_count_check CHECK ((leaf_count > 0)),
    CONSTRAINT batches_previous_root_check CHECK ((octet_length(previous_root) = 32)),
    CONSTRAINT batches_root_check CHECK ((octet_length(root) = 32)),
    CONSTRAINT batches_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'executing'::text, 'completed'::text, 'failed'::text]))),
    CONSTRAINT batches_witness_check CHECK ((witness = ANY (ARRAY['chain'::text, 'checkpoint'::text])))
);

CREATE TABLE public.books (
    id bigint NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    CONSTRAINT books_kind_check CHECK ((kind = ANY (ARRAY['chama'::text, 'shortcode'::text])))
);

ALTER TABLE ONLY public.books FORCE ROW LEVEL SECURITY;

ALTER TABLE public.books ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.books_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.cash_bankings (
    receipt text NOT NULL,
    chama_id bigint NOT NULL,
    user_id bigint,
    amount_cents bigint NOT NULL,
    banked_at timestamp with time zone NOT NULL,
    book_id bigint NOT NULL,
    seq bigint NOT NULL,
    CONSTRAINT cash_bankings_amount_cents_check CHECK ((amount_cents > 0))
);

ALTER TABLE ONLY public.cash_bankings FORCE ROW LEVEL SECURITY;

CREATE TABLE public.cash_claims (
    id bigint NOT NULL,
    chama_id bigint NOT NULL,
    member_id bigint NOT NULL,
    recorded_by bigint NOT NULL,
    amount_cents bigint NOT NULL,
    said_cents bigint,
    state text NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    answered_at timestamp with time zone,
    escalated_at timestamp with time zone,
    book_id bigint,
    seq bigint,
    meeting_id bigint,
    fine_cents bigint DEFAULT 0 NOT NULL,
    held_seq bigint,
    CONSTRAINT cash_claims_amount_cents_check CHECK ((amount_cents > 0)),
    CONSTRAINT cash_claims_check CHECK (((state = 'confirmed'::text) = ((seq IS NOT NULL) AND (book_id IS NOT NULL)))),
    CONSTRAINT cash_claims_check1 CHECK (((state <> 'confirmed'::text) OR (said_cents = amount_cents))),
    CONSTRAINT cash_claims_check2 CHECK (((state <> 'disputed'::text) OR (said_cents <> amount_cents))),
    CONSTRAINT cash_claims_check3 CHECK (((fine_cents >= 0) AND (fine_cents <= amount_cents))),
    CONSTRAINT cash_claims_said_cents_check CHECK ((said_cents >= 0)),
    CONSTRAINT cash_claims_state_check CHECK ((state = ANY (ARRAY['recorded'::text, 'confirmed'::text, 'disputed'::text, 'withdrawn'::text])))
);

ALTER TABLE ONLY public.cash_claims FORCE ROW LEVEL SECURITY;

ALTER TABLE public.cash_claims ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.cash_claims_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.chain_accounts (
    chain_id bigint NOT NULL,
    address text NOT NULL,
    next_nonce bigint NOT NULL
);

CREATE TABLE public.chain_attempts (
    tx_hash bytea NOT NULL,
    transaction_id bigint NOT NULL,
    raw bytea NOT NULL,
    gas bigint NOT NULL,
    max_fee_wei bigint NOT NULL,
    tip_wei bigint,
    signed_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone
);

CREATE TABLE public.chain_contracts (
    chain_id bigint NOT NULL,
    name text NOT NULL,
    address text NOT NULL,
    deployed_block bigint NOT NULL,
    tx_hash bytea NOT NULL,
    genesis_hash bytea NOT NULL
);

CREATE TABLE public.chain_cursors (
    chain_id bigint NOT NULL,
    contract text NOT NULL,
    block_number bigint NOT NULL,
    block_hash bytea NOT NULL,
    read_back boolean DEFAULT true NOT NULL
);

CREATE TABLE public.chain_logs (
    chain_id bigint NOT NULL,
    block_hash bytea NOT NULL,
    log_index integer NOT NULL,
    block_number bigint NOT NULL,
    tx_hash bytea NOT NULL,
    contract text NOT NULL,
    event text NOT NULL,
    batch bigint NOT NULL,
    root bytea NOT NULL,
    previous_root bytea NOT NULL,
    leaf_count bigint NOT NULL,
    canonical boolean DEFAULT true NOT NULL,
    seen_at timestamp with time zone NOT NULL
);

CREATE TABLE public.chain_transactions (
    id bigint NOT NULL,
    chain_id bigint NOT NULL,
    address text NOT NULL,
    nonce bigint NOT NULL,
    purpose text NOT NULL,
    batch bigint,
    state text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT chain_transactions_purpose_check CHECK ((purpose = ANY (ARRAY['deploy'::text, 'anchor'::text]))),
    CONSTRAINT chain_transactions_state_check CHECK ((state = ANY (ARRAY['signed'::text, 'sent'::text, 'mined'::text, 'reverted'::text, 'replaced'::text])))
);

ALTER TABLE public.chain_transactions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.chain_transactions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.chama_members (
    id bigint NOT NULL,
    chama_id bigint NOT NULL,
    user_id bigint NOT NULL,
    number integer NOT NULL,
    role text NOT NULL,
    status text NOT NULL,
    join_method text NOT NULL,
    "position" integer,
    terms_agreed_at timestamp with time zone,
    joined_at timestamp with time zone NOT NULL,
    role_since timestamp with time zone,
    CONSTRAINT chama_members_join_method_check CHECK ((join_method = ANY (ARRAY['creator'::text, 'invitation'::text, 'number'::text, 'import'::text]))),
    CONSTRAINT chama_members_number_check CHECK ((number > 0)),
    CONSTRAINT chama_members_role_check CHECK ((role = ANY (ARRAY['chairperson'::text, 'treasurer'::text, 'secretary'::text, 'member'::text]))),
    CONSTRAINT chama_members_status_check CHECK ((status = ANY (ARRAY['invited'::text, 'pending'::text, 'confirmed'::text, 'active'::text, 'defaulted'::text, 'completed'::text, 'withdrawn'::text])))
);

ALTER TABLE ONLY public.chama_members FORCE ROW LEVEL SECURITY;

ALTER TABLE public.chama_members ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.chama_members_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.chama_orders (
    id bigint NOT NULL,
    chama_id bigint NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    asked_by bigint NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    needs_second boolean NOT NULL,
    agreed_by bigint,
    agreed_at timestamp with time zone,
    opens_at timestamp with time zone,
    closes_at timestamp with time zone,
    done_at timestamp with time zone,
    why text,
    paybill text,
    account text,
    CONSTRAINT chama_orders_account_check CHECK ((account ~ '^[A-Z0-9]{1,13}$'::text)),
    CONSTRAINT chama_orders_bank_by_two CHECK (((kind <> 'bank'::text) OR needs_second)),
    CONSTRAINT chama_orders_check CHECK ((agreed_by <> asked_by)),
    CONSTRAINT chama_orders_check1 CHECK (((state <> 'agreed'::text) OR (agreed_by IS NOT NULL))),
    CONSTRAINT chama_orders_check2 CHECK (((state <> ALL (ARRAY['done'::text, 'agreed'::text])) OR (NOT needs_second) OR (agreed_by IS NOT NULL))),
    CONSTRAINT chama_orders_check3 CHECK (((state = 'refused'::text) = (why IS NOT NULL))),
    CONSTRAINT chama_orders_kind_check CHECK ((kind = ANY (ARRAY['start'::text, 'open_round'::text, 'close_round'::text, 'complete'::text, 'cancel'::text, 'resend'::text, 'bank'::text]))),
    CONSTRAINT chama_orders_names_a_bank CHECK ((((kind = 'bank'::text) = (paybill IS NOT NULL)) AND ((kind = 'bank'::text) = (account IS NOT NULL)))),
    CONSTRAINT chama_orders_paybill_check CHECK ((paybill ~ '^[0-9]{5,7}$'::text)),
    CONSTRAINT chama_orders_state_check CHECK ((state = ANY (ARRAY['asked'::text, 'agreed'::text, 'done'::text, 'refused'::text])))
);

ALTER TABLE ONLY public.chama_orders FORCE ROW LEVEL SECURITY;

ALTER TABLE public.chama_orders ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.chama_orders_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.chama_shortcodes (
    chama_id bigint NOT NULL,
    shortcode_id bigint NOT NULL,
    since timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.chama_shortcodes FORCE ROW LEVEL SECURITY;

CREATE TABLE public.chamas (
    id bigint NOT NULL,
    number text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    status text NOT NULL,
    frequency text NOT NULL,
    contribution_cents bigint NOT NULL,
    member_target integer NOT NULL,
    private boolean DEFAULT false NOT NULL,
    recruitment_deadline timestamp with time zone,
    book_id bigint NOT NULL,
    chain_address text,
    created_at timestamp with time zone NOT NULL,
    capacity integer,
    cycles integer,
    deposit_cents bigint DEFAULT 0 NOT NULL,
    when_short text DEFAULT 'wait'::text NOT NULL,
    CONSTRAINT chamas_capacity_check CHECK (((capacity >= member_target) AND (capacity <= 100))),
    CONSTRAINT chamas_contribution_cents_check CHECK ((contribution_cents > 0)),
    CONSTRAINT chamas_cycles_check CHECK ((cycles > 0)),
    CONSTRAINT chamas_deposit_cents_check CHECK (((deposit_cents >= 0) AND ((deposit_cents % (100)::bigint) = 0))),
    CONSTRAINT chamas_frequency_check CHECK ((frequency = ANY (ARRAY['weekly'::text, 'fortnightly'::text, 'monthly'::text, 'custom'::text]))),
    CONSTRAINT chamas_kind_check CHECK ((kind = ANY (ARRAY['rosca'::text, 'investment'::text, 'asca'::text, 'welfare'::text, 'mixed'::text]))),
    CONSTRAINT chamas_member_target_check CHECK (((member_target >= 2) AND (member_target <= 100))),
    CONSTRAINT chamas_number_check CHECK ((number ~ '^[1-9][0-9]{4}$'::text)),
    CONSTRAINT chamas_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'recruiting'::text, 'waiting'::text, 'active'::text, 'completed'::text, 'cancelled'::text]))),
    CONSTRAINT chamas_when_short_check CHECK ((when_short = ANY (ARRAY['wait'::text, 'cancel'::text])))
);

ALTER TABLE ONLY public.chamas FORCE ROW LEVEL SECURITY;

ALTER TABLE public.chamas ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.chamas_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.confirmations (
    sample_id bigint NOT NULL,
    member_id bigint NOT NULL,
    balance_cents bigint NOT NULL,
    state text NOT NULL,
    answered_at timestamp with time zone,
    CONSTRAINT confirmations_check CHECK (((state = ANY (ARRAY['right'::text, 'wrong'::text])) = (answered_at IS NOT NULL))),
    CONSTRAINT confirmations_state_check CHECK ((state = ANY (ARRAY['asked'::text, 'right'::text, 'wrong'::text, 'silent'::text])))
);

ALTER TABLE ONLY public.confirmations FORCE ROW LEVEL SECURITY;

CREATE TABLE public.consents (
    user_id bigint NOT NULL,
    text_version text NOT NULL,
    language text NOT NULL,
    session_key bytea NOT NULL,
    given_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.consents FORCE ROW LEVEL SECURITY;

CREATE TABLE public.contributions (
    id bigint NOT NULL,
    round_id bigint NOT NULL,
    member_id bigint NOT NULL,
    due_cents bigint NOT NULL,
    paid_cents bigint DEFAULT 0 NOT NULL,
    state text NOT NULL,
    CONSTRAINT contributions_check CHECK (((paid_cents >= 0) AND (paid_cents <= due_cents))),
    CONSTRAINT contributions_due_cents_check CHECK ((due_cents > 0)),
    CONSTRAINT contributions_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'paid'::text, 'confirmed'::text, 'failed'::text, 'refunded'::text])))
);

ALTER TABLE ONLY public.contributions FORCE ROW LEVEL SECURITY;

ALTER TABLE public.contributions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.contributions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.daraja_tokens (
    app bytea NOT NULL,
    shortcode_id bigint NOT NULL,
    token text,
    expires_at timestamp with time zone,
    lease_until timestamp with time zone,
    version bigint DEFAULT 0 NOT NULL
);

ALTER TABLE ONLY public.daraja_tokens FORCE ROW LEVEL SECURITY;

CREATE TABLE public.day_certificates (
    shortcode_id bigint NOT NULL,
    day date NOT NULL,
    version integer NOT NULL,
    body jsonb NOT NULL,
    open_cents bigint NOT NULL
);

ALTER TABLE ONLY public.day_certificates FORCE ROW LEVEL SECURITY;

CREATE TABLE public.day_looks (
    shortcode_id bigint NOT NULL,
    day date NOT NULL,
    looked_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.day_looks FORCE ROW LEVEL SECURITY;

CREATE TABLE public.deposits (
    id bigint NOT NULL,
    chama_id bigint NOT NULL,
    member_id bigint NOT NULL,
    due_cents bigint NOT NULL,
    paid_cents bigint DEFAULT 0 NOT NULL,
    state text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT deposits_check CHECK (((paid_cents >= 0) AND (paid_cents <= due_cents))),
    CONSTRAINT deposits_due_cents_check CHECK ((due_cents > 0)),
    CONSTRAINT deposits_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'paid'::text, 'confirmed'::text, 'forfeited'::text, 'refunded'::text])))
);

ALTER TABLE ONLY public.deposits FORCE ROW LEVEL SECURITY;

ALTER TABLE public.deposits ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.deposits_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.devices (
    token text NOT NULL,
    user_id bigint NOT NULL,
    since timestamp with time zone NOT NULL,
    CONSTRAINT devices_token_check CHECK (((length(token) >= 1) AND (length(token) <= 4096)))
);

ALTER TABLE ONLY public.devices FORCE ROW LEVEL SECURITY;

CREATE TABLE public.disbursement_requests (
    id bigint NOT NULL,
    chama_id bigint NOT NULL,
    shortcode_id bigint NOT NULL,
    payee_member_id bigint NOT NULL,
    asked_by bigint NOT NULL,
    round_id bigint,
    amount_cents bigint NOT NULL,
    charge_cents bigint NOT NULL,
    phone text NOT NULL,
    digest bytea NOT NULL,
    needed integer NOT NULL,
    wait_seconds integer NOT NULL,
    state text NOT NULL,
    reason text,
    payout_id bigint,
    asked_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    not_before timestamp with time zone,
    closed_at timestamp with time zone,
    due_at timestamp with time zone,
    purpose text NOT NULL,
    freezers integer NOT NULL,
    revision integer DEFAULT 0 NOT NULL,
    rule_set_id bigint,
    failure text,
    aside_until timestamp with time zone,
    renews bigint,
    loan_months smallint,
    bank_order_id bigint,
    CONSTRAINT disbursement_requests_amount_cents_check CHECK ((amount_cents > 0)),
    CONSTRAINT disbursement_requests_charge_cents_check CHECK ((charge_cents >= 0)),
    CONSTRAINT disbursement_requests_check CHECK (((state <> ALL (ARRAY['approved'::text, 'sending'::text, 'completed'::text, 'unclear'::text])) OR (payout_id IS NOT NULL))),
    CONSTRAINT disbursement_requests_check1 CHECK (((purpose = 'round'::text) = (round_id IS NOT NULL))),
    CONSTRAINT disbursement_requests_digest_check CHECK ((octet_length(digest) = 32)),
    CONSTRAINT disbursement_requests_freezers_check CHECK ((freezers > 0)),
    CONSTRAINT disbursement_requests_loan_has_months CHECK (((purpose = 'loan'::text) = (loan_months IS NOT NULL))),
    CONSTRAINT disbursement_requests_loan_months_check CHECK (((loan_months >= 1) AND (loan_months <= 24))),
    CONSTRAINT disbursement_requests_names_a_bank CHECK (((purpose = 'bank'::text) = (bank_order_id IS NOT NULL))),
    CONSTRAINT disbursement_requests_needed_check CHECK ((needed > 0)),
    CONSTRAINT disbursement_requests_purpose_check CHECK ((purpose = ANY (ARRAY['round'::text, 'welfare'::text, 'expense'::text, 'loan'::text, 'bank'::text]))),
    CONSTRAINT disbursement_requests_revision_check CHECK ((revision >= 0)),
    CONSTRAINT disbursement_requests_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'approved'::text, 'rejected'::text, 'sending'::text, 'completed'::text, 'failed'::text, 'unclear'::text]))),
    CONSTRAINT disbursement_requests_wait_seconds_check CHECK ((wait_seconds >= 0))
);

ALTER TABLE ONLY public.disbursement_requests FORCE ROW LEVEL SECURITY;

ALTER TABLE public.disbursement_requests ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.disbursement_requests_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.early_reports (
    provider_id text NOT NULL,
    status text NOT NULL,
    failure text,
    received_at timestamp with time zone NOT NULL,
    CONSTRAINT early_reports_provider_id_check CHECK ((length(provider_id) <= 100))
);

ALTER TABLE ONLY public.early_reports FORCE ROW LEVEL SECURITY;

CREATE TABLE public.endings (
    book_id bigint NOT NULL,
    seq bigint NOT NULL,
    how text NOT NULL,
    by_season integer NOT NULL,
    by_seq bigint NOT NULL,
    CONSTRAINT endings_check CHECK ((by_seq > seq)),
    CONSTRAINT endings_how_check CHECK ((how = ANY (ARRAY['posted'::text, 'voided'::text, 'expired'::text, 'reversed'::text])))
);

ALTER TABLE ONLY public.endings FORCE ROW LEVEL SECURITY;

CREATE TABLE public.entries (
    book_id bigint NOT NULL,
    season integer NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    about_season integer,
    actor_id bigint,
    reverses_seq bigint,
    commitment bytea NOT NULL,
    version smallint DEFAULT 2 NOT NULL,
    prev_hash bytea NOT NULL,
    hash bytea NOT NULL,
    expires_at timestamp with time zone,
    resolves_seq bigint,
    resolution text,
    CONSTRAINT entries_check CHECK (((resolves_seq IS NULL) = (resolution IS NULL))),
    CONSTRAINT entries_check1 CHECK ((num_nonnulls(expires_at, resolves_seq, reverses_seq) <= 1)),
    CONSTRAINT entries_check2 CHECK ((expires_at > recorded_at)),
    CONSTRAINT entries_check3 CHECK ((seq > resolves_seq)),
    CONSTRAINT entries_check4 CHECK ((seq > reverses_seq)),
    CONSTRAINT entries_commitment_check CHECK ((octet_length(commitment) = 32)),
    CONSTRAINT entries_hash_check CHECK ((octet_length(hash) = 32)),
    CONSTRAINT entries_prev_hash_check CHECK ((octet_length(prev_hash) = 32)),
    CONSTRAINT entries_resolution_check CHECK ((resolution = ANY (ARRAY['posted'::text, 'voided'::text, 'expired'::text])))
)
PARTITION BY LIST (season);

ALTER TABLE ONLY public.entries FORCE ROW LEVEL SECURITY;

CREATE TABLE public.entry_codes (
    code text NOT NULL,
    book_id bigint NOT NULL,
    season integer NOT NULL,
    seq bigint NOT NULL,
    CONSTRAINT entry_codes_code_check CHECK ((code ~ '^[2-9A-HJKMNP-Z]{8}$'::text))
);

ALTER TABLE ONLY public.entry_codes FORCE ROW LEVEL SECURITY;

CREATE TABLE public.entry_notes (
    book_id bigint NOT NULL,
    season integer NOT NULL,
    seq bigint NOT NULL,
    salt bytea NOT NULL,
    note jsonb NOT NULL,
    CONSTRAINT entry_notes_salt_check CHECK ((octet_length(salt) = 16))
);

ALTER TABLE ONLY public.entry_notes FORCE ROW LEVEL SECURITY;

CREATE TABLE public.erasures (
    user_id bigint NOT NULL,
    reason text NOT NULL,
    asked_by bigint,
    erased_at timestamp with time zone NOT NULL,
    gone jsonb NOT NULL,
    CONSTRAINT erasures_reason_check CHECK (((length(reason) >= 1) AND (length(reason) <= 300)))
);

ALTER TABLE ONLY public.erasures FORCE ROW LEVEL SECURITY;

CREATE TABLE public.evidence (
    id bigint NOT NULL,
    source text NOT NULL,
    token_hash bytea NOT NULL,
    body_sha256 bytea NOT NULL,
    body bytea NOT NULL,
    truncated boolean DEFAULT false NOT NULL,
    headers jsonb NOT NULL,
    remote_ip inet,
    received_at timestamp with time zone NOT NULL,
    seen_count integer DEFAULT 1 NOT NULL,
    verdict text DEFAULT 'unread'::text NOT NULL,
    reason text,
    attempt_id bigint,
    receipt text,
    due_at timestamp with time zone,
    tries integer DEFAULT 0 NOT NULL,
    read_at timestamp with time zone,
    erased_at timestamp with time zone,
    payout_id bigint,
    pseudonym_sha256 bytea,
    CONSTRAINT evidence_body_check CHECK ((octet_length(body) <= 65536)),
    CONSTRAINT evidence_body_sha256_check CHECK ((octet_length(body_sha256) = 32)),
    CONSTRAINT evidence_pseudonym_sha256_check CHECK ((octet_length(pseudonym_sha256) = 32)),
    CONSTRAINT evidence_source_check CHECK ((source = ANY (ARRAY['stk_callback'::text, 'stk_query'::text, 'status_result'::text, 'status_timeout'::text, 'c2b_validation'::text, 'c2b_confirmation'::text, 'pull'::text, 'b2c_result'::text, 'b2c_timeout'::text, 'balance_result'::text, 'balance_timeout'::text, 'reversal_result'::text, 'reversal_timeout'::text]))),
    CONSTRAINT evidence_verdict_check CHECK ((verdict = ANY (ARRAY['unread'::text, 'applied'::text, 'repeated'::text, 'late'::text, 'unmatched'::text, 'refused'::text, 'conflict'::text, 'unreadable'::text])))
);

ALTER TABLE ONLY public.evidence FORCE ROW LEVEL SECURITY;

CREATE TABLE public.evidence_aged (
    one_row boolean DEFAULT true NOT NULL,
    up_to bigint NOT NULL,
    CONSTRAINT evidence_aged_one_row_check CHECK (one_row),
    CONSTRAINT evidence_aged_up_to_check CHECK ((up_to >= 0))
);

ALTER TABLE public.evidence ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.evidence_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.files (
    id bigint NOT NULL,
    kind text NOT NULL,
    user_id bigint,
    meeting_id bigint,
    content_type text NOT NULL,
    size_bytes integer NOT NULL,
    sha256 bytea NOT NULL,
    shelf_name text NOT NULL,
    uploaded_by bigint NOT NULL,
    uploaded_at timestamp with time zone NOT NULL,
    CONSTRAINT files_check CHECK (((kind = 'recording'::text) = (meeting_id IS NOT NULL))),
    CONSTRAINT files_check1 CHECK (((kind = 'recording'::text) = (user_id IS NULL))),
    CONSTRAINT files_kind_check CHECK ((kind = ANY (ARRAY['avatar'::text, 'document'::text, 'recording'::text]))),
    CONSTRAINT files_sha256_check CHECK ((octet_length(sha256) = 32)),
    CONSTRAINT files_shelf_name_check CHECK ((shelf_name ~ '^[0-9a-f]{32}$'::text)),
    CONSTRAINT files_size_bytes_check CHECK ((size_bytes > 0))
);

ALTER TABLE ONLY public.files FORCE ROW LEVEL SECURITY;

ALTER TABLE public.files ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.files_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.heads (
    book_id bigint NOT NULL,
    next_seq bigint DEFAULT 1 NOT NULL,
    season integer DEFAULT 0 NOT NULL,
    head_hash bytea NOT NULL,
    verified_seq bigint DEFAULT 0 NOT NULL,
    CONSTRAINT heads_head_hash_check CHECK ((octet_length(head_hash) = 32))
);

ALTER TABLE ONLY public.heads FORCE ROW LEVEL SECURITY;

CREATE TABLE public.idempotency_keys (
    scope text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    book_id bigint NOT NULL,
    season integer,
    seq bigint,
    refusal text,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT idempotency_keys_check CHECK (((seq IS NULL) = (refusal IS NOT NULL))),
    CONSTRAINT idempotency_keys_request_hash_check CHECK ((octet_length(request_hash) = 32))
);

ALTER TABLE ONLY public.idempotency_keys FORCE ROW LEVEL SECURITY;

CREATE TABLE public.identity_looks (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    seen_by bigint NOT NULL,
    what text NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    CONSTRAINT identity_looks_what_check CHECK ((what = ANY (ARRAY['national_id'::text, 'document'::text, 'steps'::text, 'data'::text])))
);

ALTER TABLE ONLY public.identity_looks FORCE ROW LEVEL SECURITY;

ALTER TABLE public.identity_looks ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.identity_looks_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.imports (
    id bigint NOT NULL,
    file_sha256 bytea NOT NULL,
    body bytea,
    state text NOT NULL,
    tell boolean NOT NULL,
    chama_id bigint,
    problem text,
    handed_by bigint,
    handed_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT imports_check CHECK (((state = 'handed_over'::text) = (body IS NOT NULL))),
    CONSTRAINT imports_check1 CHECK (((state = 'moved_in'::text) = (chama_id IS NOT NULL))),
    CONSTRAINT imports_file_sha256_check CHECK ((octet_length(file_sha256) = 32)),
    CONSTRAINT imports_state_check CHECK ((state = ANY (ARRAY['handed_over'::text, 'moved_in'::text, 'refused'::text])))
);

ALTER TABLE ONLY public.imports FORCE ROW LEVEL SECURITY;

ALTER TABLE public.imports ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.imports_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.incidents (
    reference text NOT NULL,
    place text NOT NULL,
    kind text NOT NULL,
    detail text NOT NULL,
    user_id bigint,
    happened_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.incidents FORCE ROW LEVEL SECURITY;

CREATE TABLE public.inquiries (
    id bigint NOT NULL,
    kind text NOT NULL,
    shortcode_id bigint NOT NULL,
    attempt_id bigint,
    receipt text,
    token_hash bytea,
    state text NOT NULL,
    asked integer DEFAULT 0 NOT NULL,
    due_at timestamp with time zone,
    outcome text,
    opened_at timestamp with time zone NOT NULL,
    hastened_at timestamp with time zone,
    CONSTRAINT inquiries_check CHECK (((attempt_id IS NOT NULL) OR (receipt IS NOT NULL))),
    CONSTRAINT inquiries_kind_check CHECK ((kind = ANY (ARRAY['stk_query'::text, 'status'::text]))),
    CONSTRAINT inquiries_state_check CHECK ((state = ANY (ARRAY['open'::text, 'asked'::text, 'closed'::text])))
);

ALTER TABLE ONLY public.inquiries FORCE ROW LEVEL SECURITY;

ALTER TABLE public.inquiries ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.inquiries_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.instalments (
    id bigint NOT NULL,
    loan_id bigint NOT NULL,
    chama_id bigint NOT NULL,
    member_id bigint NOT NULL,
    number smallint NOT NULL,
    principal_cents bigint NOT NULL,
    interest_cents bigint NOT NULL,
    begins_at timestamp with time zone NOT NULL,
    opens_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    lapsed_cents bigint DEFAULT 0 NOT NULL,
    lost_cents bigint DEFAULT 0 NOT NULL,
    paid_cents bigint DEFAULT 0 NOT NULL,
    booked_cents bigint DEFAULT 0 NOT NULL,
    state text NOT NULL,
    look_at timestamp with time zone,
    CONSTRAINT instalments_check CHECK (((lapsed_cents >= 0) AND (lapsed_cents <= interest_cents))),
    CONSTRAINT instalments_check1 CHECK (((booked_cents >= 0) AND (booked_cents <= paid_cents))),
    CONSTRAINT instalments_check2 CHECK (((paid_cents >= 0) AND (paid_cents <= (((principal_cents + interest_cents) - lapsed_cents) - lost_cents)))),
    CONSTRAINT instalments_interest_cents_check CHECK ((interest_cents >= 0)),
    CONSTRAINT instalments_lost_cents_check CHECK ((lost_cents >= 0)),
    CONSTRAINT instalments_number_check CHECK ((number > 0)),
    CONSTRAINT instalments_principal_cents_check CHECK ((principal_cents >= 0)),
    CONSTRAINT instalments_state_check CHECK ((state = ANY (ARRAY['planned'::text, 'begun'::text, 'due'::text, 'late'::text, 'paid'::text, 'lost'::text])))
);

ALTER TABLE ONLY public.instalments FORCE ROW LEVEL SECURITY;

ALTER TABLE public.instalments ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.instalments_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.invitations (
    id bigint NOT NULL,
    chama_id bigint NOT NULL,
    member_id bigint NOT NULL,
    invited_by bigint NOT NULL,
    code text NOT NULL,
    state text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    answered_at timestamp with time zone,
    CONSTRAINT invitations_check CHECK ((expires_at > created_at)),
    CONSTRAINT invitations_code_check CHECK ((code ~ '^[1-9][0-9]{5}$'::text)),
    CONSTRAINT invitations_state_check CHECK ((state = ANY (ARRAY['open'::text, 'accepted'::text, 'declined'::text, 'withdrawn'::text])))
);

ALTER TABLE ONLY public.invitations FORCE ROW LEVEL SECURITY;

ALTER TABLE public.invitations ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.invitations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.listed_payments (
    shortcode_id bigint NOT NULL,
    source text NOT NULL,
    receipt text NOT NULL,
    direction text NOT NULL,
    amount_cents bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    balance_cents bigint,
    listed_at timestamp with time zone NOT NULL,
    CONSTRAINT listed_payments_amount_cents_check CHECK ((amount_cents > 0)),
    CONSTRAINT listed_payments_direction_check CHECK ((direction = ANY (ARRAY['in'::text, 'out'::text]))),
    CONSTRAINT listed_payments_receipt_check CHECK ((receipt ~ '^[A-Z0-9]{8,12}$'::text)),
    CONSTRAINT listed_payments_source_check CHECK ((source = ANY (ARRAY['confirmation'::text, 'pull'::text, 'statement'::text])))
);

ALTER TABLE ONLY public.listed_payments FORCE ROW LEVEL SECURITY;

CREATE TABLE public.loans (
    id bigint NOT NULL,
    chama_id bigint NOT NULL,
    member_id bigint NOT NULL,
    request_id bigint NOT NULL,
    rule_set_id bigint NOT NULL,
    amount_cents bigint NOT NULL,
    months smallint NOT NULL,
    state text NOT NULL,
    lent_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT loans_amount_cents_check CHECK ((amount_cents > 0)),
    CONSTRAINT loans_months_check CHECK (((months >= 1) AND (months <= 24))),
    CONSTRAINT loans_state_check CHECK ((state = ANY (ARRAY['running'::text, 'repaid'::text, 'lost'::text])))
);

ALTER TABLE ONLY public.loans FORCE ROW LEVEL SECURITY;

ALTER TABLE public.loans ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.loans_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.meetings (
    id bigint NOT NULL,
    chama_id bigint NOT NULL,
    number integer NOT NULL,
    state text NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    anchor_at timestamp with time zone,
    called_by bigint NOT NULL,
    called_at timestamp with time zone NOT NULL,
    remind_at timestamp with time zone,
    begun_at timestamp with time zone,
    ended_at timestamp with time zone,
    assertion_id bigint,
    CONSTRAINT meetings_check CHECK (((state = ANY (ARRAY['completed'::text, 'cancelled'::text])) = (ended_at IS NOT NULL))),
    CONSTRAINT meetings_number_check CHECK ((number > 0)),
    CONSTRAINT meetings_state_check CHECK ((state = ANY (ARRAY['scheduled'::text, 'in_progress'::text, 'completed'::text, 'cancelled'::text])))
);

ALTER TABLE ONLY public.meetings FORCE ROW LEVEL SECURITY;

ALTER TABLE public.meetings ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.meetings_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.minutes (
    meeting_id bigint NOT NULL,
    version integer NOT NULL,
    text text NOT NULL,
    salt bytea NOT NULL,
    digest bytea NOT NULL,
    paper_id bigint NOT NULL,
    written_by bigint NOT NULL,
    written_at timestamp with time zone NOT NULL,
    blotted_at timestamp with time zone,
    CONSTRAINT minutes_digest_check CHECK ((octet_length(digest) = 32)),
    CONSTRAINT minutes_salt_check CHECK ((octet_length(salt) = 16)),
    CONSTRAINT minutes_version_check CHECK ((version > 0))
);

ALTER TABLE ONLY public.minutes FORCE ROW LEVEL SECURITY;

CREATE TABLE public.motions (
    id bigint NOT NULL,
    chama_id bigint NOT NULL,
    kind text NOT NULL,
    member_id bigint NOT NULL,
    asked_by bigint NOT NULL,
    other_id bigint,
    role text,
    how text,
    cycle integer,
    needed integer NOT NULL,
    state text NOT NULL,
    reason text,
    asked_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    agreed_at timestamp with time zone,
    ended_at timestamp with time zone,
    due_at timestamp with time zone,
    failure text,
    invitation_id bigint,
    paid_in_cents bigint,
    received_cents bigint,
    owed_cents bigint,
    taker_at timestamp with time zone,
    CONSTRAINT motions_check3 CHECK ((other_id <> member_id)),
    CONSTRAINT motions_check4 CHECK (((state = ANY (ARRAY['asked'::text, 'going'::text])) = (ended_at IS NULL))),
    CONSTRAINT motions_has_a_way CHECK (((kind = ANY (ARRAY['exit'::text, 'substitution'::text])) = ((how IS NOT NULL) AND (cycle IS NOT NULL)))),
    CONSTRAINT motions_has_an_office CHECK (((kind = ANY (ARRAY['recall'::text, 'naming'::text])) = (role IS NOT NULL))),
    CONSTRAINT motions_how_check CHECK ((how = ANY (ARRAY['at_once'::text, 'before_turn'::text, 'after_turn'::text]))),
    CONSTRAINT motions_kind_check CHECK ((kind = ANY (ARRAY['exit'::text, 'substitution'::text, 'recall'::text, 'naming'::text]))),
    CONSTRAINT motions_names_another CHECK (((kind <> 'exit'::text) OR (other_id IS NULL))),
    CONSTRAINT motions_needs_others CHECK (((needed > 0) OR ((kind = 'naming'::text) AND (needed = 0)))),
    CONSTRAINT motions_offers_a_place CHECK (
CASE
    WHEN (kind = 'substitution'::text) THEN (num_nonnulls(other_id, invitation_id, paid_in_cents, received_cents, owed_cents) = 5)
    ELSE (num_nonnulls(invitation_id, paid_in_cents, received_cents, owed_cents) = 0)
END),
    CONSTRAINT motions_owed_cents_check CHECK ((owed_cents >= 0)),
    CONSTRAINT motions_paid_in_cents_check CHECK ((paid_in_cents >= 0)),
    CONSTRAINT motions_received_cents_check CHECK ((received_cents >= 0)),
    CONSTRAINT motions_role_check CHECK ((role = ANY (ARRAY['chairperson'::text, 'treasurer'::text, 'secretary'::text]))),
    CONSTRAINT motions_state_check CHECK ((state = ANY (ARRAY['asked'::text, 'going'::text, 'done'::text, 'refused'::text, 'withdrawn'::text])))
);

ALTER TABLE ONLY public.motions FORCE ROW LEVEL SECURITY;

ALTER TABLE public.motions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.motions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.notice_caps (
    chama_id bigint NOT NULL,
    cap_cents bigint NOT NULL,
    set_at timestamp with time zone NOT NULL,
    CONSTRAINT notice_caps_cap_cents_check CHECK ((cap_cents >= 0))
);

ALTER TABLE ONLY public.notice_caps FORCE ROW LEVEL SECURITY;

CREATE TABLE public.notice_preferences (
    user_id bigint NOT NULL,
    sms boolean NOT NULL,
    email text,
    push boolean NOT NULL,
    reminders boolean NOT NULL,
    at_night boolean NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT notice_preferences_email_check CHECK (((length(email) <= 254) AND (email ~ '^[^@[:space:]]+@[^@[:space:]]+$'::text)))
);

ALTER TABLE ONLY public.notice_preferences FORCE ROW LEVEL SECURITY;

CREATE TABLE public.notifications (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    chama_id bigint,
    channel text NOT NULL,
    template text NOT NULL,
    arguments jsonb NOT NULL,
    language text NOT NULL,
    dedupe_key text NOT NULL,
    state text NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    due_at timestamp with time zone,
    provider_id text,
    cost_cents integer,
    failure text,
    parked_reason text,
    queued_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    reported_at timestamp with time zone,
    kind text DEFAULT 'news'::text NOT NULL,
    seen_at timestamp with time zone,
    CONSTRAINT notifications_channel_check CHECK ((channel = ANY (ARRAY['sms'::text, 'push'::text, 'email'::text, 'in_app'::text]))),
    CONSTRAINT notifications_kind_check CHECK ((kind = ANY (ARRAY['money'::text, 'answer'::text, 'news'::text, 'reminder'::text]))),
    CONSTRAINT notifications_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'unclear'::text, 'sent'::text, 'delivered'::text, 'failed'::text, 'dropped'::text])))
);

ALTER TABLE ONLY public.notifications FORCE ROW LEVEL SECURITY;

ALTER TABLE public.notifications ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.notifications_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.open_holds (
    book_id bigint NOT NULL,
    season integer NOT NULL,
    seq bigint NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.open_holds FORCE ROW LEVEL SECURITY;

CREATE TABLE public.papers (
    id bigint NOT NULL,
    book_id bigint NOT NULL,
    digest bytea NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT papers_digest_check CHECK ((octet_length(digest) = 32)),
    CONSTRAINT papers_hash_check CHECK ((octet_length(hash) = 32))
);

ALTER TABLE ONLY public.papers FORCE ROW LEVEL SECURITY;

ALTER TABLE public.papers ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.papers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payment_attempts (
    id bigint NOT NULL,
    intent_id bigint NOT NULL,
    state text NOT NULL,
    phone text NOT NULL,
    amount_cents bigint NOT NULL,
    account_reference text NOT NULL,
    token_hash bytea,
    merchant_request_id text,
    checkout_request_id text,
    send_outcome text,
    response_status integer,
    response jsonb,
    result_code text,
    tries integer DEFAULT 0 NOT NULL,
    due_at timestamp with time zone,
    parked_reason text,
    created_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    settled_at timestamp with time zone,
    CONSTRAINT payment_attempts_account_reference_check CHECK ((account_reference ~ '^[A-Z0-9]{6,12}$'::text)),
    CONSTRAINT payment_attempts_amount_cents_check CHECK ((amount_cents > 0)),
    CONSTRAINT payment_attempts_send_outcome_check CHECK ((send_outcome = ANY (ARRAY['rejected'::text, 'accepted'::text, 'unknown'::text]))),
    CONSTRAINT payment_attempts_state_check CHECK ((state = ANY (ARRAY['created'::text, 'unclear'::text, 'pending'::text, 'failed_soft'::text, 'failed_final'::text, 'proven'::text, 'paid_otherwise'::text, 'paid'::text])))
);

ALTER TABLE ONLY public.payment_attempts FORCE ROW LEVEL SECURITY;

ALTER TABLE public.payment_attempts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.payment_attempts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payment_intents (
    id bigint NOT NULL,
    shortcode_id bigint NOT NULL,
    chama_id bigint NOT NULL,
    member_id bigint NOT NULL,
    payer_id bigint NOT NULL,
    purpose text NOT NULL,
    amount_cents bigint NOT NULL,
    wish_key bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT payment_intents_amount_cents_check CHECK (((amount_cents > 0) AND ((amount_cents % (100)::bigint) = 0))),
    CONSTRAINT payment_intents_purpose_check CHECK ((purpose = ANY (ARRAY['contribution'::text, 'deposit'::text, 'penalty'::text, 'banking'::text, 'loan'::text])))
);

ALTER TABLE ONLY public.payment_intents FORCE ROW LEVEL SECURITY;

ALTER TABLE public.payment_intents ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.payment_intents_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payout_calls (
    id bigint NOT NULL,
    payout_id bigint NOT NULL,
    kind text NOT NULL,
    token_hash bytea NOT NULL,
    called_at timestamp with time zone NOT NULL,
    outcome text,
    status integer,
    response jsonb,
    CONSTRAINT payout_calls_kind_check CHECK ((kind = ANY (ARRAY['payment'::text, 'transfer'::text, 'question'::text]))),
    CONSTRAINT payout_calls_outcome_check CHECK ((outcome = ANY (ARRAY['rejected'::text, 'accepted'::text, 'unknown'::text])))
);

ALTER TABLE ONLY public.payout_calls FORCE ROW LEVEL SECURITY;

ALTER TABLE public.payout_calls ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.payout_calls_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payout_gates (
    shortcode_id bigint NOT NULL,
    stopped_at timestamp with time zone,
    stop_code text,
    lifted_at timestamp with time zone,
    lifted_by text,
    answered_at timestamp with time zone,
    utility_cents bigint,
    utility_at timestamp with time zone,
    CONSTRAINT payout_gates_check CHECK (((stopped_at IS NULL) = (stop_code IS NULL))),
    CONSTRAINT payout_gates_check1 CHECK (((utility_cents IS NULL) = (utility_at IS NULL)))
);

ALTER TABLE ONLY public.payout_gates FORCE ROW LEVEL SECURITY;

CREATE TABLE public.payouts (
    id bigint NOT NULL,
    shortcode_id bigint NOT NULL,
    chama_id bigint NOT NULL,
    member_id bigint,
    user_id bigint,
    book_id bigint NOT NULL,
    source_account_id bigint NOT NULL,
    order_key text NOT NULL,
    originator text NOT NULL,
    state text NOT NULL,
    phone text NOT NULL,
    amount_cents bigint NOT NULL,
    charge_cents bigint NOT NULL,
    hold_seq bigint NOT NULL,
    sent_seq bigint,
    end_seq bigint,
    conversation_id text,
    receipt text,
    paid_cents bigint,
    paid_at timestamp with time zone,
    receiver_name text,
    result_code text,
    reason text,
    tries integer DEFAULT 0 NOT NULL,
    asked integer DEFAULT 0 NOT NULL,
    not_found integer DEFAULT 0 NOT NULL,
    due_at timestamp with time zone,
    expires_at timestamp with time zone NOT NULL,
    ordered_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    settled_at timestamp with time zone,
    way text DEFAULT 'b2c'::text NOT NULL,
    account text,
    reply_id text,
    found_as text,
    CONSTRAINT payouts_account_check CHECK ((account ~ '^[A-Z0-9]{1,13}$'::text)),
    CONSTRAINT payouts_amount_cents_check CHECK (((amount_cents > 0) AND ((amount_cents % (100)::bigint) = 0))),
    CONSTRAINT payouts_charge_cents_check CHECK ((charge_cents >= 0)),
    CONSTRAINT payouts_check CHECK (((state = 'paid'::text) = (receipt IS NOT NULL))),
    CONSTRAINT payouts_check1 CHECK ((num_nonnulls(receipt, paid_cents, paid_at) = ANY (ARRAY[0, 3]))),
    CONSTRAINT payouts_check2 CHECK (((receipt IS NULL) OR (end_seq IS NOT NULL))),
    CONSTRAINT payouts_check3 CHECK (((state <> ALL (ARRAY['sending'::text, 'accepted'::text, 'unknown'::text])) OR (sent_seq IS NOT NULL))),
    CONSTRAINT payouts_found_as_check CHECK ((found_as ~ '^[A-Z0-9]{8,12}$'::text)),
    CONSTRAINT payouts_originator_check CHECK ((originator ~ '^[0-9]{5,7}-[0-9a-f]{24}$'::text)),
    CONSTRAINT payouts_paid_cents_check CHECK ((paid_cents > 0)),
    CONSTRAINT payouts_receipt_check CHECK ((receipt ~ '^[A-Z0-9]{8,12}$'::text)),
    CONSTRAINT payouts_state_check CHECK ((state = ANY (ARRAY['ordered'::text, 'sending'::text, 'accepted'::text, 'unknown'::text, 'failed_proven'::text, 'paid'::text]))),
    CONSTRAINT payouts_to_an_account CHECK (((way = 'b2b'::text) = (account IS NOT NULL))),
    CONSTRAINT payouts_way_check CHECK ((way = ANY (ARRAY['b2c'::text, 'b2b'::text])))
);

ALTER TABLE ONLY public.payouts FORCE ROW LEVEL SECURITY;

ALTER TABLE public.payouts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.payouts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.penalties (
    id bigint NOT NULL,
    chama_id bigint NOT NULL,
    member_id bigint NOT NULL,
    round_id bigint NOT NULL,
    contribution_id bigint,
    due_cents bigint NOT NULL,
    paid_cents bigint DEFAULT 0 NOT NULL,
    booked_cents bigint DEFAULT 0 NOT NULL,
    state text NOT NULL,
    late_at timestamp with time zone NOT NULL,
    assessed_at timestamp with time zone NOT NULL,
    look_at timestamp with time zone,
    disputed_at timestamp with time zone,
    waive_asked_by bigint,
    waive_reason smallint,
    ended_at timestamp with time zone,
    cash_claim_id bigint,
    instalment_id bigint,
    CONSTRAINT penalties_check CHECK (((paid_cents >= 0) AND (paid_cents <= due_cents))),
    CONSTRAINT penalties_check1 CHECK (((booked_cents >= 0) AND (booked_cents <= paid_cents))),
    CONSTRAINT penalties_check2 CHECK (((waive_asked_by IS NULL) = (waive_reason IS NULL))),
    CONSTRAINT penalties_due_cents_check CHECK (((due_cents >= 0) AND ((due_cents % (100)::bigint) = 0))),
    CONSTRAINT penalties_one_cause CHECK ((num_nonnulls(contribution_id, cash_claim_id, instalment_id) = 1)),
    CONSTRAINT penalties_state_check CHECK ((state = ANY (ARRAY['due'::text, 'disputed'::text, 'paid'::text, 'waived'::text]))),
    CONSTRAINT penalties_waive_reason_check CHECK (((waive_reason >= 1) AND (waive_reason <= 4)))
);

ALTER TABLE ONLY public.penalties FORCE ROW LEVEL SECURITY;

ALTER TABLE public.penalties ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.penalties_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.phones_seen (
    user_id bigint NOT NULL,
    seen_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.phones_seen FORCE ROW LEVEL SECURITY;

CREATE TABLE public.pin_resets (
    id bigint NOT NULL,
    chama_id bigint NOT NULL,
    user_id bigint NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    code_hash bytea,
    tries integer DEFAULT 0 NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    CONSTRAINT pin_resets_check CHECK (((kind = ANY (ARRAY['told'::text, 'code'::text])) = (code_hash IS NOT NULL))),
    CONSTRAINT pin_resets_kind_check CHECK ((kind = ANY (ARRAY['vouched'::text, 'silent'::text, 'told'::text, 'code'::text]))),
    CONSTRAINT pin_resets_state_check CHECK ((state = ANY (ARRAY['open'::text, 'granted'::text, 'used'::text, 'stopped'::text, 'lapsed'::text]))),
    CONSTRAINT pin_resets_tries_check CHECK ((tries >= 0))
);

ALTER TABLE ONLY public.pin_resets FORCE ROW LEVEL SECURITY;

ALTER TABLE public.pin_resets ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.pin_resets_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.pin_vouches (
    reset_id bigint NOT NULL,
    user_id bigint NOT NULL,
    yes boolean NOT NULL,
    said_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.pin_vouches FORCE ROW LEVEL SECURITY;

CREATE TABLE public.pins (
    user_id bigint NOT NULL,
    hash text NOT NULL,
    tries smallint DEFAULT 0 NOT NULL,
    locked_until timestamp with time zone,
    changed_at timestamp with time zone NOT NULL,
    decides_from timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.pins FORCE ROW LEVEL SECURITY;

CREATE TABLE public.positions (
    book_id bigint NOT NULL,
    account_id bigint NOT NULL,
    season integer NOT NULL,
    debits_cents bigint NOT NULL,
    credits_cents bigint NOT NULL,
    postings bigint NOT NULL,
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,
    CONSTRAINT positions_check CHECK ((last_seq >= first_seq)),
    CONSTRAINT positions_credits_cents_check CHECK ((credits_cents >= 0)),
    CONSTRAINT positions_debits_cents_check CHECK ((debits_cents >= 0)),
    CONSTRAINT positions_postings_check CHECK ((postings > 0))
)
WITH (fillfactor='70');

ALTER TABLE ONLY public.positions FORCE ROW LEVEL SECURITY;

CREATE TABLE public.postings (
    book_id bigint NOT NULL,
    season integer NOT NULL,
    seq bigint NOT NULL,
    line smallint NOT NULL,
    account_id bigint NOT NULL,
    amount_cents bigint NOT NULL,
    balance_after_cents bigint NOT NULL,
    account_version bigint NOT NULL,
    phase text DEFAULT 'posted'::text NOT NULL,
    CONSTRAINT postings_amount_cents_check CHECK ((amount_cents <> 0)),
    CONSTRAINT postings_line_check CHECK ((line > 0)),
    CONSTRAINT postings_phase_check CHECK ((phase = ANY (ARRAY['posted'::text, 'pending'::text, 'released'::text])))
)
PARTITION BY LIST (season);

ALTER TABLE ONLY public.postings FORCE ROW LEVEL SECURITY;

CREATE TABLE public.pulled_windows (
    id bigint NOT NULL,
    shortcode_id bigint NOT NULL,
    from_at timestamp with time zone NOT NULL,
    to_at timestamp with time zone NOT NULL,
    listed integer NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    CONSTRAINT pulled_windows_check CHECK ((to_at > from_at))
);

ALTER TABLE ONLY public.pulled_windows FORCE ROW LEVEL SECURITY;

ALTER TABLE public.pulled_windows ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.pulled_windows_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.pulls (
    shortcode_id bigint NOT NULL,
    registered_at timestamp with time zone NOT NULL,
    reached_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    outcome text
);

ALTER TABLE ONLY public.pulls FORCE ROW LEVEL SECURITY;

CREATE TABLE public.puzzles (
    loop text NOT NULL,
    row_id bigint NOT NULL,
    failure text NOT NULL,
    until timestamp with time zone NOT NULL,
    CONSTRAINT puzzles_loop_check CHECK ((loop ~ '^[a-z_]{1,30}$'::text))
);

CREATE TABLE public.qr_pictures (
    chama_id bigint NOT NULL,
    shortcode_id bigint NOT NULL,
    merchant text NOT NULL,
    reference text NOT NULL,
    amount_cents bigint NOT NULL,
    picture bytea,
    tries integer DEFAULT 0 NOT NULL,
    due_at timestamp with time zone,
    failure text,
    asked_at timestamp with time zone NOT NULL,
    drawn_at timestamp with time zone,
    CONSTRAINT qr_pictures_amount_cents_check CHECK (((amount_cents > 0) AND ((amount_cents % (100)::bigint) = 0))),
    CONSTRAINT qr_pictures_check CHECK (((picture IS NULL) = (drawn_at IS NULL))),
    CONSTRAINT qr_pictures_merchant_check CHECK ((merchant <> ''::text)),
    CONSTRAINT qr_pictures_picture_check CHECK (((octet_length(picture) >= 1) AND (octet_length(picture) <= 300000))),
    CONSTRAINT qr_pictures_reference_check CHECK ((reference <> ''::text))
);

ALTER TABLE ONLY public.qr_pictures FORCE ROW LEVEL SECURITY;

CREATE TABLE public.receipt_claims (
    user_id bigint NOT NULL,
    receipt text NOT NULL,
    claimed_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone,
    CONSTRAINT receipt_claims_receipt_check CHECK ((receipt ~ '^[A-Z0-9]{8,12}$'::text))
);

ALTER TABLE ONLY public.receipt_claims FORCE ROW LEVEL SECURITY;

CREATE TABLE public.receipts (
    receipt text NOT NULL,
    shortcode_id bigint NOT NULL,
    kind text NOT NULL,
    amount_cents bigint NOT NULL,
    paid_at timestamp with time zone NOT NULL,
    payer_key bytea,
    attempt_id bigint,
    evidence_id bigint NOT NULL,
    proved_at timestamp with time zone NOT NULL,
    book_id bigint,
    seq bigint,
    CONSTRAINT receipts_amount_cents_check CHECK ((amount_cents > 0)),
    CONSTRAINT receipts_check CHECK (((book_id IS NULL) = (seq IS NULL))),
    CONSTRAINT receipts_kind_check CHECK ((kind = ANY (ARRAY['stk'::text, 'c2b'::text]))),
    CONSTRAINT receipts_receipt_check CHECK ((receipt ~ '^[A-Z0-9]{8,12}$'::text))
);

ALTER TABLE ONLY public.receipts FORCE ROW LEVEL SECURITY;

CREATE TABLE public.reconciliation_days (
    shortcode_id bigint NOT NULL,
    day date NOT NULL,
    version integer NOT NULL,
    result text NOT NULL,
    reason text NOT NULL,
    made_at timestamp with time zone NOT NULL,
    CONSTRAINT reconciliation_days_result_check CHECK ((result = ANY (ARRAY['matched'::text, 'differs'::text, 'not_compared'::text]))),
    CONSTRAINT reconciliation_days_version_check CHECK ((version > 0))
);

CREATE TABLE public.refunds (
    id bigint NOT NULL,
    chama_id bigint NOT NULL,
    member_id bigint NOT NULL,
    deposit_cents bigint NOT NULL,
    contributed_cents bigint NOT NULL,
    amount_cents bigint NOT NULL,
    charge_cents bigint NOT NULL,
    state text NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    payout_id bigint,
    reason text,
    created_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    shared_cents bigint DEFAULT 0 NOT NULL,
    CONSTRAINT refunds_amount_cents_check CHECK ((amount_cents > 0)),
    CONSTRAINT refunds_charge_cents_check CHECK ((charge_cents >= 0)),
    CONSTRAINT refunds_check CHECK (((amount_cents + charge_cents) <= ((deposit_cents + contributed_cents) + shared_cents))),
    CONSTRAINT refunds_check1 CHECK (((state <> ALL (ARRAY['ordered'::text, 'paid'::text])) OR (payout_id IS NOT NULL))),
    CONSTRAINT refunds_contributed_cents_check CHECK ((contributed_cents >= 0)),
    CONSTRAINT refunds_deposit_cents_check CHECK ((deposit_cents >= 0)),
    CONSTRAINT refunds_shared_cents_check CHECK ((shared_cents >= 0)),
    CONSTRAINT refunds_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'ordered'::text, 'paid'::text, 'failed'::text])))
);

ALTER TABLE ONLY public.refunds FORCE ROW LEVEL SECURITY;

ALTER TABLE public.refunds ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.refunds_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.reversals (
    receipt text NOT NULL,
    shortcode_id bigint NOT NULL,
    amount_cents bigint NOT NULL,
    state text NOT NULL,
    token_hashes bytea[] DEFAULT '{}'::bytea[] NOT NULL,
    result_code text,
    return_receipt text,
    failure text,
    tries integer DEFAULT 0 NOT NULL,
    due_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    settled_at timestamp with time zone,
    book_id bigint,
    seq bigint,
    CONSTRAINT reversals_amount_cents_check CHECK (((amount_cents > 0) AND ((amount_cents % (100)::bigint) = 0))),
    CONSTRAINT reversals_check CHECK (((state = 'booked'::text) = (seq IS NOT NULL))),
    CONSTRAINT reversals_check1 CHECK (((book_id IS NULL) = (seq IS NULL))),
    CONSTRAINT reversals_state_check CHECK ((state = ANY (ARRAY['created'::text, 'unclear'::text, 'accepted'::text, 'refused'::text, 'reversed'::text, 'booked'::text])))
);

ALTER TABLE ONLY public.reversals FORCE ROW LEVEL SECURITY;

CREATE TABLE public.rounds (
    id bigint NOT NULL,
    chama_id bigint NOT NULL,
    number integer NOT NULL,
    rule_set_id bigint NOT NULL,
    state text NOT NULL,
    opens_at timestamp with time zone NOT NULL,
    closes_at timestamp with time zone NOT NULL,
    payee_member_id bigint,
    anchor_at timestamp with time zone NOT NULL,
    step integer DEFAULT 0 NOT NULL,
    cycle integer DEFAULT 1 NOT NULL,
    turn integer,
    opened_at timestamp with time zone,
    closed_at timestamp with time zone,
    opened_by bigint,
    closed_by bigint,
    pot_due_at timestamp with time zone,
    set_off_cents bigint DEFAULT 0 NOT NULL,
    failure text,
    aside_until timestamp with time zone,
    fines_due_at timestamp with time zone,
    CONSTRAINT rounds_check CHECK ((closes_at > opens_at)),
    CONSTRAINT rounds_cycle_check CHECK ((cycle > 0)),
    CONSTRAINT rounds_set_off_cents_check CHECK ((set_off_cents >= 0)),
    CONSTRAINT rounds_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'active'::text, 'completed'::text, 'expired'::text, 'cancelled'::text]))),
    CONSTRAINT rounds_step_check CHECK ((step >= 0)),
    CONSTRAINT rounds_turn_check CHECK ((turn > 0))
);

ALTER TABLE ONLY public.rounds FORCE ROW LEVEL SECURITY;

ALTER TABLE public.rounds ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.rounds_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.rule_proposals (
    id bigint NOT NULL,
    chama_id bigint NOT NULL,
    rule_set_id bigint NOT NULL,
    proposed_by bigint NOT NULL,
    rules jsonb NOT NULL,
    holds_from timestamp with time zone,
    needed integer NOT NULL,
    revision integer DEFAULT 0 NOT NULL,
    state text NOT NULL,
    reason text,
    adopted_as bigint,
    proposed_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    due_at timestamp with time zone,
    CONSTRAINT rule_proposals_check CHECK (((state = 'adopted'::text) = (adopted_as IS NOT NULL))),
    CONSTRAINT rule_proposals_check1 CHECK (((state = 'pending'::text) = (closed_at IS NULL))),
    CONSTRAINT rule_proposals_needed_check CHECK ((needed > 0)),
    CONSTRAINT rule_proposals_revision_check CHECK ((revision >= 0)),
    CONSTRAINT rule_proposals_rules_check CHECK ((jsonb_typeof(rules) = 'object'::text)),
    CONSTRAINT rule_proposals_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'adopted'::text, 'rejected'::text])))
);

ALTER TABLE ONLY public.rule_proposals FORCE ROW LEVEL SECURITY;

ALTER TABLE public.rule_proposals ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.rule_proposals_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.rule_sets (
    id bigint NOT NULL,
    chama_id bigint NOT NULL,
    version integer NOT NULL,
    contribution_cents bigint NOT NULL,
    frequency text NOT NULL,
    grace_seconds integer DEFAULT 0 NOT NULL,
    arrears_first boolean DEFAULT true NOT NULL,
    in_force_from timestamp with time zone NOT NULL,
    every_hours integer,
    more jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT rule_sets_check CHECK (((every_hours IS NULL) OR (frequency = 'custom'::text))),
    CONSTRAINT rule_sets_contribution_cents_check CHECK ((contribution_cents > 0)),
    CONSTRAINT rule_sets_every_hours_check CHECK (((every_hours >= 1) AND (every_hours <= 8784))),
    CONSTRAINT rule_sets_more_check CHECK ((jsonb_typeof(more) = 'object'::text))
);

ALTER TABLE ONLY public.rule_sets FORCE ROW LEVEL SECURITY;

ALTER TABLE public.rule_sets ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.rule_sets_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.samples (
    id bigint NOT NULL,
    chama_id bigint NOT NULL,
    seed bytea NOT NULL,
    roster bigint[] NOT NULL,
    seq bigint NOT NULL,
    drawn_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    CONSTRAINT samples_check CHECK ((ends_at > drawn_at)),
    CONSTRAINT samples_roster_check CHECK ((cardinality(roster) > 0)),
    CONSTRAINT samples_seed_check CHECK ((octet_length(seed) = 16)),
    CONSTRAINT samples_seq_check CHECK ((seq > 0))
);

ALTER TABLE ONLY public.samples FORCE ROW LEVEL SECURITY;

ALTER TABLE public.samples ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.samples_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.sealing_queue (
    book_id bigint NOT NULL,
    season integer NOT NULL,
    seq bigint NOT NULL
);

ALTER TABLE ONLY public.sealing_queue FORCE ROW LEVEL SECURITY;

CREATE TABLE public.seasons (
    source text NOT NULL,
    number integer NOT NULL,
    opens_at timestamp with time zone NOT NULL,
    closes_at timestamp with time zone NOT NULL,
    archived_at timestamp with time zone,
    CONSTRAINT seasons_check CHECK ((closes_at > opens_at))
);

CREATE TABLE public.second_witnesses (
    id bigint NOT NULL,
    shortcode_id bigint,
    chama_id bigint,
    witness text NOT NULL,
    set_at timestamp with time zone NOT NULL,
    CONSTRAINT second_witnesses_check CHECK ((num_nonnulls(shortcode_id, chama_id) = 1)),
    CONSTRAINT second_witnesses_witness_check CHECK ((witness = ANY (ARRAY['query'::text, 'notice'::text, 'status'::text])))
);

ALTER TABLE ONLY public.second_witnesses FORCE ROW LEVEL SECURITY;

ALTER TABLE public.second_witnesses ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.second_witnesses_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.settlements (
    id bigint NOT NULL,
    receipt text NOT NULL,
    kind text NOT NULL,
    chama_id bigint,
    member_id bigint,
    state text NOT NULL,
    asked_by bigint NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    decided_by bigint,
    decided_at timestamp with time zone,
    due_at timestamp with time zone,
    failure text,
    book_id bigint,
    seq bigint,
    amount_cents bigint NOT NULL,
    paid_at timestamp with time zone NOT NULL,
    CONSTRAINT settlements_amount_cents_check CHECK ((amount_cents > 0)),
    CONSTRAINT settlements_check CHECK ((decided_by <> asked_by)),
    CONSTRAINT settlements_check1 CHECK (((kind = 'credit'::text) = (member_id IS NOT NULL))),
    CONSTRAINT settlements_check2 CHECK (((member_id IS NULL) = (chama_id IS NULL))),
    CONSTRAINT settlements_check3 CHECK (((state <> ALL (ARRAY['approved'::text, 'done'::text])) OR (decided_by IS NOT NULL))),
    CONSTRAINT settlements_check4 CHECK (((book_id IS NULL) = (seq IS NULL))),
    CONSTRAINT settlements_kind_check CHECK ((kind = ANY (ARRAY['credit'::text, 'return'::text]))),
    CONSTRAINT settlements_state_check CHECK ((state = ANY (ARRAY['asked'::text, 'approved'::text, 'done'::text, 'refused'::text, 'void'::text])))
);

ALTER TABLE ONLY public.settlements FORCE ROW LEVEL SECURITY;

ALTER TABLE public.settlements ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.settlements_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.shortcode_credentials (
    shortcode_id bigint NOT NULL,
    box bytea NOT NULL,
    sealed_at timestamp with time zone NOT NULL,
    CONSTRAINT shortcode_credentials_box_check CHECK (((octet_length(box) >= 33) AND (octet_length(box) <= 65536)))
);

ALTER TABLE ONLY public.shortcode_credentials FORCE ROW LEVEL SECURITY;

CREATE TABLE public.shortcodes (
    id bigint NOT NULL,
    number text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    till_number text,
    book_id bigint NOT NULL,
    c2b_version text DEFAULT 'v1'::text NOT NULL,
    validates boolean DEFAULT false NOT NULL,
    registered_url_sha256 bytea,
    registered_at timestamp with time zone,
    password_since timestamp with time zone,
    CONSTRAINT shortcodes_c2b_version_check CHECK ((c2b_version = ANY (ARRAY['v1'::text, 'v2'::text]))),
    CONSTRAINT shortcodes_kind_check CHECK ((kind = ANY (ARRAY['paybill'::text, 'till'::text]))),
    CONSTRAINT shortcodes_number_check CHECK ((number ~ '^[0-9]{5,7}$'::text))
);

ALTER TABLE public.shortcodes ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.shortcodes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.sign_in_failures (
    login_key bytea NOT NULL,
    failures integer NOT NULL,
    locked_until timestamp with time zone
);

ALTER TABLE ONLY public.sign_in_failures FORCE ROW LEVEL SECURITY;

CREATE TABLE public.statements_imported (
    id bigint NOT NULL,
    shortcode_id bigint NOT NULL,
    state text NOT NULL,
    file_sha256 bytea NOT NULL,
    body bytea,
    covers_from timestamp with time zone,
    covers_to timestamp with time zone,
    listed integer,
    problems jsonb DEFAULT '[]'::jsonb NOT NULL,
    imported_by bigint,
    imported_at timestamp with time zone NOT NULL,
    read_at timestamp with time zone,
    due_at timestamp with time zone,
    CONSTRAINT statements_imported_body_check CHECK ((octet_length(body) <= 8388608)),
    CONSTRAINT statements_imported_check CHECK (((state = 'uploaded'::text) = (body IS NOT NULL))),
    CONSTRAINT statements_imported_file_sha256_check CHECK ((octet_length(file_sha256) = 32)),
    CONSTRAINT statements_imported_state_check CHECK ((state = ANY (ARRAY['uploaded'::text, 'read'::text, 'refused'::text])))
);

ALTER TABLE ONLY public.statements_imported FORCE ROW LEVEL SECURITY;

ALTER TABLE public.statements_imported ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.statements_imported_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.suspense (
    receipt text NOT NULL,
    reason text NOT NULL,
    state text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    resolved_at timestamp with time zone,
    due_at timestamp with time zone,
    failure text,
    told_by bigint,
    CONSTRAINT suspense_state_check CHECK ((state = ANY (ARRAY['open'::text, 'resolved'::text])))
);

ALTER TABLE ONLY public.suspense FORCE ROW LEVEL SECURITY;

CREATE TABLE public.suspense_offers (
    receipt text NOT NULL,
    member_id bigint NOT NULL,
    chama_id bigint NOT NULL,
    grade text NOT NULL,
    reasons text[] NOT NULL,
    amount_cents bigint NOT NULL,
    paid_at timestamp with time zone NOT NULL,
    offered_at timestamp with time zone NOT NULL,
    CONSTRAINT suspense_offers_amount_cents_check CHECK ((amount_cents > 0)),
    CONSTRAINT suspense_offers_grade_check CHECK ((grade = ANY (ARRAY['strong'::text, 'likely'::text, 'possible'::text]))),
    CONSTRAINT suspense_offers_reasons_check CHECK ((cardinality(reasons) > 0))
);

ALTER TABLE ONLY public.suspense_offers FORCE ROW LEVEL SECURITY;

CREATE TABLE public.swaps (
    id bigint NOT NULL,
    chama_id bigint NOT NULL,
    asked_by bigint NOT NULL,
    asked_of bigint NOT NULL,
    own_place integer NOT NULL,
    other_place integer NOT NULL,
    state text NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    answered_at timestamp with time zone,
    CONSTRAINT swaps_check CHECK ((other_place <> own_place)),
    CONSTRAINT swaps_state_check CHECK ((state = ANY (ARRAY['asked'::text, 'agreed'::text, 'declined'::text, 'withdrawn'::text])))
);

ALTER TABLE ONLY public.swaps FORCE ROW LEVEL SECURITY;

ALTER TABLE public.swaps ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.swaps_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.take_backs (
    id bigint NOT NULL,
    receipt text NOT NULL,
    why text NOT NULL,
    return_receipt text,
    chama_id bigint,
    member_id bigint,
    state text NOT NULL,
    asked_by bigint NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    decided_by bigint,
    decided_at timestamp with time zone,
    done_at timestamp with time zone,
    due_at timestamp with time zone,
    failure text,
    book_id bigint,
    seq bigint,
    CONSTRAINT take_backs_check CHECK ((decided_by <> asked_by)),
    CONSTRAINT take_backs_check1 CHECK (((why = 'returned'::text) OR (return_receipt IS NULL))),
    CONSTRAINT take_backs_check2 CHECK (((member_id IS NULL) = (chama_id IS NULL))),
    CONSTRAINT take_backs_check3 CHECK (((state <> ALL (ARRAY['approved'::text, 'done'::text])) OR (decided_by IS NOT NULL))),
    CONSTRAINT take_backs_check4 CHECK ((((state = 'done'::text) = (seq IS NOT NULL)) AND ((seq IS NULL) = (book_id IS NULL)) AND ((seq IS NULL) = (done_at IS NULL)))),
    CONSTRAINT take_backs_state_check CHECK ((state = ANY (ARRAY['asked'::text, 'approved'::text, 'done'::text, 'refused'::text, 'void'::text]))),
    CONSTRAINT take_backs_why_check CHECK ((why = ANY (ARRAY['unknown'::text, 'returned'::text])))
);

ALTER TABLE ONLY public.take_backs FORCE ROW LEVEL SECURITY;

ALTER TABLE public.take_backs ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.take_backs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.told_charges (
    shortcode_id bigint NOT NULL,
    source text NOT NULL,
    receipt text NOT NULL,
    charge_cents bigint,
    balance_cents bigint,
    at timestamp with time zone NOT NULL,
    told_at timestamp with time zone NOT NULL,
    CONSTRAINT told_charges_charge_cents_check CHECK ((charge_cents > 0)),
    CONSTRAINT told_charges_check CHECK (((source = 'statement'::text) = (charge_cents IS NOT NULL))),
    CONSTRAINT told_charges_check1 CHECK (((source = 'result'::text) = (balance_cents IS NOT NULL))),
    CONSTRAINT told_charges_receipt_check CHECK ((receipt ~ '^[A-Z0-9]{8,12}$'::text)),
    CONSTRAINT told_charges_source_check CHECK ((source = ANY (ARRAY['statement'::text, 'result'::text])))
);

ALTER TABLE ONLY public.told_charges FORCE ROW LEVEL SECURITY;

CREATE VIEW public.transactions WITH (security_invoker='true') AS
 SELECT ((((p.book_id || '-'::text) || p.seq) || '-'::text) || p.line) AS id,
    c.id AS chama_id,
    m.id AS member_id,
    m.user_id,
        CASE
            WHEN (e.kind = ANY (ARRAY['contribution'::text, 'deposit'::text])) THEN 'contribution'::text
            WHEN (e.kind = ANY (ARRAY['payout'::text, 'disbursement'::text])) THEN 'disbursement'::text
            WHEN (e.kind = ANY (ARRAY['fee'::text, 'charge'::text])) THEN 'fee'::text
            WHEN (e.kind = ANY (ARRAY['penalty'::text, 'fine'::text])) THEN 'penalty'::text
            WHEN ((e.kind = ANY (ARRAY['refund'::text, 'reversal'::text])) OR (e.reverses_seq IS NOT NULL)) THEN 'refund'::text
            WHEN (p.amount_cents < 0) THEN 'contribution'::text
            ELSE 'disbursement'::text
        END AS type,
    (((abs(p.amount_cents))::numeric / 100.0))::numeric(19,2) AS amount,
    abs(p.amount_cents) AS amount_cents,
    'completed'::text AS status,
        CASE
            WHEN (r.receipt IS NOT NULL) THEN 'mpesa'::text
            WHEN ((e.kind ~~ 'cash%'::text) OR (n.note ? 'cash'::text)) THEN 'cash'::text
            ELSE 'internal'::text
        END AS payment_method,
    k.code AS reference,
    r.receipt AS mpesa_transaction_id,
    (jsonb_build_object('book', p.book_id, 'season', p.season, 'entry', p.seq, 'account', a.code, 'balance_after_cents',
        CASE a.normal_side
            WHEN 'debit'::text THEN p.balance_after_cents
            ELSE (- p.balance_after_cents)
        END) || COALESCE(n.note, '{}'::jsonb)) AS metadata,
    e.occurred_at AS created_at,
    e.recorded_at AS updated_at,
    ( SELECT max(seasons.closes_at) AS max
           FROM public.seasons
          WHERE ((seasons.source = 'books'::text) AND (seasons.archived_at IS NOT NULL))) AS archived_before
   FROM (((((((public.accounts a
     JOIN public.chama_members m ON ((m.id = a.owner_member_id)))
     JOIN public.chamas c ON ((c.id = m.chama_id)))
     JOIN public.postings p ON (((p.account_id = a.id) AND (p.phase = 'posted'::text))))
     CROSS JOIN LATERAL ( SELECT e_1.book_id,
            e_1.season,
            e_1.seq,
            e_1.kind,
            e_1.occurred_at,
            e_1.recorded_at,
            e_1.about_season,
            e_1.actor_id,
            e_1.reverses_seq,
            e_1.commitment,
            e_1.version,
            e_1.prev_hash,
            e_1.hash,
            e_1.expires_at,
            e_1.resolves_seq,
            e_1.resolution
           FROM public.entries e_1
          WHERE ((e_1.book_id = p.book_id) AND (e_1.season = p.season) AND (e_1.seq = p.seq))
         LIMIT 1) e)
     LEFT JOIN public.entry_codes k ON (((k.book_id = p.book_id) AND (k.seq = p.seq))))
     LEFT JOIN public.entry_notes n ON (((n.book_id = p.book_id) AND (n.season = p.season) AND (n.seq = p.seq))))
     LEFT JOIN public.receipts r ON (((r.book_id = p.book_id) AND (r.seq = p.seq))));

CREATE TABLE public.users (
    id bigint NOT NULL,
    phone text,
    contact_phone text,
    email text,
    first_name text NOT NULL,
    last_name text,
    national_id bytea,
    kyc text DEFAULT 'none'::text NOT NULL,
    language text DEFAULT 'sw'::text NOT NULL,
    time_zone text DEFAULT 'Africa/Nairobi'::text NOT NULL,
    private_phone boolean DEFAULT false NOT NULL,
    platform_role text,
    password_hash text,
    status text DEFAULT 'active'::text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    national_id_key bytea,
    kyc_reason smallint,
    CONSTRAINT users_contact_phone_check CHECK ((contact_phone ~ '^\+[1-9][0-9]{7,14}$'::text)),
    CONSTRAINT users_kyc_check CHECK ((kyc = ANY (ARRAY['none'::text, 'submitted'::text, 'verified'::text, 'rejected'::text]))),
    CONSTRAINT users_kyc_reason_check CHECK (((kyc_reason >= 1) AND (kyc_reason <= 5))),
    CONSTRAINT users_national_id_key_check CHECK ((octet_length(national_id_key) = 32)),
    CONSTRAINT users_phone_check CHECK ((phone ~ '^\+[1-9][0-9]{7,14}$'::text)),
    CONSTRAINT users_platform_role_check CHECK ((platform_role = ANY (ARRAY['admin'::text, 'support'::text, 'auditor'::text, 'programme'::text]))),
    CONSTRAINT users_status_check CHECK ((status = ANY (ARRAY['active'::text, 'suspended'::text, 'erased'::text])))
);

ALTER TABLE ONLY public.users FORCE ROW LEVEL SECURITY;

ALTER TABLE public.users ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.users_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.ussd_actions (
    key bytea NOT NULL,
    user_id bigint,
    action text NOT NULL,
    outcome jsonb NOT NULL,
    done_at timestamp with time zone NOT NULL,
    CONSTRAINT ussd_actions_key_check CHECK ((octet_length(key) = 32))
);

ALTER TABLE ONLY public.ussd_actions FORCE ROW LEVEL SECURITY;

CREATE TABLE public.ussd_sessions (
    session_key bytea NOT NULL,
    user_id bigint,
    status text NOT NULL,
    hops integer,
    duration_ms integer,
    cost_cents integer,
    ended_at timestamp with time zone NOT NULL,
    screens text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT ussd_sessions_session_key_check CHECK ((octet_length(session_key) = 32))
);

ALTER TABLE ONLY public.ussd_sessions FORCE ROW LEVEL SECURITY;

CREATE TABLE public.ussd_turns (
    session_key bytea NOT NULL,
    hop integer NOT NULL,
    user_id bigint,
    screen text NOT NULL,
    answered text NOT NULL,
    ended boolean NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT ussd_turns_session_key_check CHECK ((octet_length(session_key) = 32))
);

ALTER TABLE ONLY public.ussd_turns FORCE ROW LEVEL SECURITY;

CREATE TABLE public.web_sessions (
    token_hash bytea NOT NULL,
    user_id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.web_sessions FORCE ROW LEVEL SECURITY;

CREATE TABLE public.windings (
    chama_id bigint NOT NULL,
    begun_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.windings FORCE ROW LEVEL SECURITY;

CREATE TABLE public.wrong_codes (
    phone text NOT NULL,
    wrong smallint NOT NULL,
    last_at timestamp with time zone NOT NULL,
    CONSTRAINT wrong_codes_phone_check CHECK ((phone ~ '^\+[1-9][0-9]{7,14}$'::text))
);

ALTER TABLE ONLY public.wrong_codes FORCE ROW LEVEL SECURITY;

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_book_id_code_key UNIQUE (book_id, code);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.allocations
    ADD CONSTRAINT allocations_pkey PRIMARY KEY (book_id, seq, line);

ALTER TABLE ONLY public.announcements_heard
    ADD CONSTRAINT announcements_heard_pkey PRIMARY KEY (request_id, member_id);

ALTER TABLE ONLY public.api_repeats
    ADD CONSTRAINT api_repeats_pkey PRIMARY KEY (user_id, key);

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_id_key UNIQUE (id);

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY public.approvals
    ADD CONSTRAINT approvals_pkey PRIMARY KEY (subject, subject_id, user_id, vote, digest);

ALTER TABLE ONLY public.attendance
    ADD CONSTRAINT attendance_pkey PRIMARY KEY (meeting_id, member_id);

ALTER TABLE ONLY public.audit_chain
    ADD CONSTRAINT audit_chain_audit_id_key UNIQUE (audit_id);

ALTER TABLE ONLY public.audit_chain
    ADD CONSTRAINT audit_chain_pkey PRIMARY KEY ("position");

ALTER TABLE ONLY public.audit_logs
    ADD CONSTRAINT audit_logs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.audit_queue
    ADD CONSTRAINT audit_queue_pkey PRIMARY KEY (audit_id);

ALTER TABLE ONLY public.audit_values
    ADD CONSTRAINT audit_values_pkey PRIMARY KEY (audit_id, part);

ALTER TABLE ONLY public.audit_verified
    ADD CONSTRAINT audit_verified_pkey PRIMARY KEY (one_row);

ALTER TABLE ONLY public.balance_assertions
    ADD CONSTRAINT balance_assertions_corrects_id_key UNIQUE (corrects_id);

ALTER TABLE ONLY public.balance_assertions
    ADD CONSTRAINT balance_assertions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.balance_questions
    ADD CONSTRAINT balance_questions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.balance_questions
    ADD CONSTRAINT balance_questions_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY public.ballot_numbers
    ADD CONSTRAINT ballot_numbers_pkey PRIMARY KEY (ballot_id, member_id);

ALTER TABLE ONLY public.ballot_seeds
    ADD CONSTRAINT ballot_seeds_pkey PRIMARY KEY (ballot_id);

ALTER TABLE ONLY public.ballots
    ADD CONSTRAINT ballots_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.batch_leaves
    ADD CONSTRAINT batch_leaves_book_id_seq_key UNIQUE (book_id, seq);

ALTER TABLE ONLY public.batch_leaves
    ADD CONSTRAINT batch_leaves_pkey PRIMARY KEY (batch, "position");

ALTER TABLE ONLY public.batch_trees
    ADD CONSTRAINT batch_trees_pkey PRIMARY KEY (batch);

ALTER TABLE ONLY public.batches
    ADD CONSTRAINT batches_pkey PRIMARY KEY (number);

ALTER TABLE ONLY public.books
    ADD CONSTRAINT books_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.cash_bankings
    ADD CONSTRAINT cash_bankings_book_id_seq_key UNIQUE (book_id, seq);

ALTER TABLE ONLY public.cash_bankings
    ADD CONSTRAINT cash_bankings_pkey PRIMARY KEY (receipt);

ALTER TABLE ONLY public.cash_claims
    ADD CONSTRAINT cash_claims_book_id_seq_key UNIQUE (book_id, seq);

ALTER TABLE ONLY public.cash_claims
    ADD CONSTRAINT cash_claims_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.chain_accounts
    ADD CONSTRAINT chain_accounts_pkey PRIMARY KEY (chain_id, address);

ALTER TABLE ONLY public.chain_attempts
    ADD CONSTRAINT chain_attempts_pkey PRIMARY KEY (tx_hash);

ALTER TABLE ONLY public.chain_contracts
    ADD CONSTRAINT chain_contracts_pkey PRIMARY KEY (chain_id, name);

ALTER TABLE ONLY public.chain_cursors
    ADD CONSTRAINT chain_cursors_pkey PRIMARY KEY (chain_id, contract);

ALTER TABLE ONLY public.chain_logs
    ADD CONSTRAINT chain_logs_pkey PRIMARY KEY (chain_id, block_hash, log_index);

ALTER TABLE ONLY public.chain_transactions
    ADD CONSTRAINT chain_transactions_chain_id_address_nonce_key UNIQUE (chain_id, address, nonce);

ALTER TABLE ONLY public.chain_transactions
    ADD CONSTRAINT chain_transactions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.chama_members
    ADD CONSTRAINT chama_members_chama_id_number_key UNIQUE (chama_id, number);

ALTER TABLE ONLY public.chama_members
    ADD CONSTRAINT chama_members_chama_id_user_id_key UNIQUE (chama_id, user_id);

ALTER TABLE ONLY public.chama_members
    ADD CONSTRAINT chama_members_one_place UNIQUE (chama_id, "position") DEFERRABLE;

ALTER TABLE ONLY public.chama_members
    ADD CONSTRAINT chama_members_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.chama_orders
    ADD CONSTRAINT chama_orders_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.chama_shortcodes
    ADD CONSTRAINT chama_shortcodes_pkey PRIMARY KEY (chama_id);

ALTER TABLE ONLY public.chamas
    ADD CONSTRAINT chamas_book_id_key UNIQUE (book_id);

ALTER TABLE ONLY public.chamas
    ADD CONSTRAINT chamas_number_key UNIQUE (number);

ALTER TABLE ONLY public.chamas
    ADD CONSTRAINT chamas_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.confirmations
    ADD CONSTRAINT confirmations_pkey PRIMARY KEY (sample_id, member_id);

ALTER TABLE ONLY public.consents
    ADD CONSTRAINT consents_pkey PRIMARY KEY (user_id, text_version);

ALTER TABLE ONLY public.contributions
    ADD CONSTRAINT contributions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.contributions
    ADD CONSTRAINT contributions_round_id_member_id_key UNIQUE (round_id, member_id);

ALTER TABLE ONLY public.daraja_tokens
    ADD CONSTRAINT daraja_tokens_pkey PRIMARY KEY (app);

ALTER TABLE ONLY public.day_certificates
    ADD CONSTRAINT day_certificates_pkey PRIMARY KEY (shortcode_id, day, version);

ALTER TABLE ONLY public.day_looks
    ADD CONSTRAINT day_looks_pkey PRIMARY KEY (shortcode_id, day);

ALTER TABLE ONLY public.deposits
    ADD CONSTRAINT deposits_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT devices_pkey PRIMARY KEY (token);

ALTER TABLE ONLY public.disbursement_requests
    ADD CONSTRAINT disbursement_requests_payout_id_key UNIQUE (payout_id);

ALTER TABLE ONLY public.disbursement_requests
    ADD CONSTRAINT disbursement_requests_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.disbursement_requests
    ADD CONSTRAINT disbursement_requests_renews_key UNIQUE (renews);

ALTER TABLE ONLY public.early_reports
    ADD CONSTRAINT early_reports_pkey PRIMARY KEY (provider_id);

ALTER TABLE ONLY public.endings
    ADD CONSTRAINT endings_book_id_by_seq_key UNIQUE (book_id, by_seq);

ALTER TABLE ONLY public.endings
    ADD CONSTRAINT endings_pkey PRIMARY KEY (book_id, seq);

ALTER TABLE ONLY public.entries
    ADD CONSTRAINT entries_pkey PRIMARY KEY (book_id, season, seq);

ALTER TABLE ONLY public.entry_codes
    ADD CONSTRAINT entry_codes_book_id_seq_key UNIQUE (book_id, seq);

ALTER TABLE ONLY public.entry_codes
    ADD CONSTRAINT entry_codes_pkey PRIMARY KEY (code);

ALTER TABLE ONLY public.entry_notes
    ADD CONSTRAINT entry_notes_pkey PRIMARY KEY (book_id, season, seq);

ALTER TABLE ONLY public.erasures
    ADD CONSTRAINT erasures_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.evidence_aged
    ADD CONSTRAINT evidence_aged_pkey PRIMARY KEY (one_row);

ALTER TABLE ONLY public.evidence
    ADD CONSTRAINT evidence_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.evidence
    ADD CONSTRAINT evidence_source_token_hash_body_sha256_key UNIQUE (source, token_hash, body_sha256);

ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_shelf_name_key UNIQUE (shelf_name);

ALTER TABLE ONLY public.heads
    ADD CONSTRAINT heads_pkey PRIMARY KEY (book_id);

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (scope, key);

ALTER TABLE ONLY public.identity_looks
    ADD CONSTRAINT identity_looks_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.imports
    ADD CONSTRAINT imports_chama_id_key UNIQUE (chama_id);

ALTER TABLE ONLY public.imports
    ADD CONSTRAINT imports_file_sha256_key UNIQUE (file_sha256);

ALTER TABLE ONLY public.imports
    ADD CONSTRAINT imports_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.incidents
    ADD CONSTRAINT incidents_pkey PRIMARY KEY (reference);

ALTER TABLE ONLY public.inquiries
    ADD CONSTRAINT inquiries_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.inquiries
    ADD CONSTRAINT inquiries_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY public.instalments
    ADD CONSTRAINT instalments_loan_id_number_key UNIQUE (loan_id, number);

ALTER TABLE ONLY public.instalments
    ADD CONSTRAINT instalments_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT invitations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.listed_payments
    ADD CONSTRAINT listed_payments_pkey PRIMARY KEY (shortcode_id, source, receipt, direction);

ALTER TABLE ONLY public.loans
    ADD CONSTRAINT loans_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.loans
    ADD CONSTRAINT loans_request_id_key UNIQUE (request_id);

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_chama_id_number_key UNIQUE (chama_id, number);

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.minutes
    ADD CONSTRAINT minutes_paper_id_key UNIQUE (paper_id);

ALTER TABLE ONLY public.minutes
    ADD CONSTRAINT minutes_pkey PRIMARY KEY (meeting_id, version);

ALTER TABLE ONLY public.motions
    ADD CONSTRAINT motions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.notice_caps
    ADD CONSTRAINT notice_caps_pkey PRIMARY KEY (chama_id);

ALTER TABLE ONLY public.notice_preferences
    ADD CONSTRAINT notice_preferences_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.notifications
    ADD CONSTRAINT notifications_once UNIQUE (dedupe_key, channel);

ALTER TABLE ONLY public.notifications
    ADD CONSTRAINT notifications_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.notifications
    ADD CONSTRAINT notifications_provider_id_key UNIQUE (provider_id);

ALTER TABLE ONLY public.open_holds
    ADD CONSTRAINT open_holds_pkey PRIMARY KEY (book_id, seq);

ALTER TABLE ONLY public.papers
    ADD CONSTRAINT papers_book_id_digest_key UNIQUE (book_id, digest);

ALTER TABLE ONLY public.papers
    ADD CONSTRAINT papers_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payment_attempts
    ADD CONSTRAINT payment_attempts_account_reference_key UNIQUE (account_reference);

ALTER TABLE ONLY public.payment_attempts
    ADD CONSTRAINT payment_attempts_checkout_request_id_key UNIQUE (checkout_request_id);

ALTER TABLE ONLY public.payment_attempts
    ADD CONSTRAINT payment_attempts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payment_attempts
    ADD CONSTRAINT payment_attempts_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY public.payment_intents
    ADD CONSTRAINT payment_intents_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payment_intents
    ADD CONSTRAINT payment_intents_wish_key_key UNIQUE (wish_key);

ALTER TABLE ONLY public.payout_calls
    ADD CONSTRAINT payout_calls_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payout_calls
    ADD CONSTRAINT payout_calls_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY public.payout_gates
    ADD CONSTRAINT payout_gates_pkey PRIMARY KEY (shortcode_id);

ALTER TABLE ONLY public.payouts
    ADD CONSTRAINT payouts_book_id_end_seq_key UNIQUE (book_id, end_seq);

ALTER TABLE ONLY public.payouts
    ADD CONSTRAINT payouts_book_id_hold_seq_key UNIQUE (book_id, hold_seq);

ALTER TABLE ONLY public.payouts
    ADD CONSTRAINT payouts_book_id_sent_seq_key UNIQUE (book_id, sent_seq);

ALTER TABLE ONLY public.payouts
    ADD CONSTRAINT payouts_order_key_key UNIQUE (order_key);

ALTER TABLE ONLY public.payouts
    ADD CONSTRAINT payouts_originator_key UNIQUE (originator);

ALTER TABLE ONLY public.payouts
    ADD CONSTRAINT payouts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payouts
    ADD CONSTRAINT payouts_receipt_key UNIQUE (receipt);

ALTER TABLE ONLY public.penalties
    ADD CONSTRAINT penalties_cash_claim_id_key UNIQUE (cash_claim_id);

ALTER TABLE ONLY public.penalties
    ADD CONSTRAINT penalties_contribution_id_key UNIQUE (contribution_id);

ALTER TABLE ONLY public.penalties
    ADD CONSTRAINT penalties_instalment_id_key UNIQUE (instalment_id);

ALTER TABLE ONLY public.penalties
    ADD CONSTRAINT penalties_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.phones_seen
    ADD CONSTRAINT phones_seen_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.pin_resets
    ADD CONSTRAINT pin_resets_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pin_vouches
    ADD CONSTRAINT pin_vouches_pkey PRIMARY KEY (reset_id, user_id);

ALTER TABLE ONLY public.pins
    ADD CONSTRAINT pins_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.positions
    ADD CONSTRAINT positions_pkey PRIMARY KEY (book_id, account_id, season);

ALTER TABLE ONLY public.postings
    ADD CONSTRAINT postings_pkey PRIMARY KEY (book_id, season, seq, line);

ALTER TABLE ONLY public.pulled_windows
    ADD CONSTRAINT pulled_windows_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pulls
    ADD CONSTRAINT pulls_pkey PRIMARY KEY (shortcode_id);

ALTER TABLE ONLY public.puzzles
    ADD CONSTRAINT puzzles_pkey PRIMARY KEY (loop, row_id);

ALTER TABLE ONLY public.qr_pictures
    ADD CONSTRAINT qr_pictures_pkey PRIMARY KEY (chama_id);

ALTER TABLE ONLY public.receipt_claims
    ADD CONSTRAINT receipt_claims_pkey PRIMARY KEY (user_id, receipt);

ALTER TABLE ONLY public.receipts
    ADD CONSTRAINT receipts_book_id_seq_key UNIQUE (book_id, seq);

ALTER TABLE public.receipts
    ADD CONSTRAINT receipts_payer_key_check CHECK ((octet_length(payer_key) = 16)) NOT VALID;

ALTER TABLE ONLY public.receipts
    ADD CONSTRAINT receipts_pkey PRIMARY KEY (receipt);

ALTER TABLE ONLY public.reconciliation_days
    ADD CONSTRAINT reconciliation_days_pkey PRIMARY KEY (shortcode_id, day, version);

ALTER TABLE ONLY public.refunds
    ADD CONSTRAINT refunds_payout_id_key UNIQUE (payout_id);

ALTER TABLE ONLY public.refunds
    ADD CONSTRAINT refunds_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reversals
    ADD CONSTRAINT reversals_pkey PRIMARY KEY (receipt);

ALTER TABLE ONLY public.rounds
    ADD CONSTRAINT rounds_chama_id_number_key UNIQUE (chama_id, number);

ALTER TABLE ONLY public.rounds
    ADD CONSTRAINT rounds_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.rule_proposals
    ADD CONSTRAINT rule_proposals_adopted_as_key UNIQUE (adopted_as);

ALTER TABLE ONLY public.rule_proposals
    ADD CONSTRAINT rule_proposals_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.rule_sets
    ADD CONSTRAINT rule_sets_chama_id_version_key UNIQUE (chama_id, version);

ALTER TABLE ONLY public.rule_sets
    ADD CONSTRAINT rule_sets_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.samples
    ADD CONSTRAINT samples_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sealing_queue
    ADD CONSTRAINT sealing_queue_pkey PRIMARY KEY (book_id, seq);

ALTER TABLE ONLY public.seasons
    ADD CONSTRAINT seasons_pkey PRIMARY KEY (source, number);

ALTER TABLE ONLY public.second_witnesses
    ADD CONSTRAINT second_witnesses_chama_id_key UNIQUE (chama_id);

ALTER TABLE ONLY public.second_witnesses
    ADD CONSTRAINT second_witnesses_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.second_witnesses
    ADD CONSTRAINT second_witnesses_shortcode_id_key UNIQUE (shortcode_id);

ALTER TABLE ONLY public.settlements
    ADD CONSTRAINT settlements_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.shortcode_credentials
    ADD CONSTRAINT shortcode_credentials_pkey PRIMARY KEY (shortcode_id);

ALTER TABLE ONLY public.shortcodes
    ADD CONSTRAINT shortcodes_book_id_key UNIQUE (book_id);

ALTER TABLE ONLY public.shortcodes
    ADD CONSTRAINT shortcodes_number_key UNIQUE (number);

ALTER TABLE ONLY public.shortcodes
    ADD CONSTRAINT shortcodes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sign_in_failures
    ADD CONSTRAINT sign_in_failures_pkey PRIMARY KEY (login_key);

ALTER TABLE ONLY public.statements_imported
    ADD CONSTRAINT statements_imported_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.statements_imported
    ADD CONSTRAINT statements_imported_shortcode_id_file_sha256_key UNIQUE (shortcode_id, file_sha256);

ALTER TABLE ONLY public.suspense_offers
    ADD CONSTRAINT suspense_offers_pkey PRIMARY KEY (receipt, member_id);

ALTER TABLE ONLY public.suspense
    ADD CONSTRAINT suspense_pkey PRIMARY KEY (receipt);

ALTER TABLE ONLY public.swaps
    ADD CONSTRAINT swaps_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.take_backs
    ADD CONSTRAINT take_backs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.told_charges
    ADD CONSTRAINT told_charges_pkey PRIMARY KEY (shortcode_id, source, receipt);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_email_key UNIQUE (email);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_national_id_key_key UNIQUE (national_id_key);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_phone_key UNIQUE (phone);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ussd_actions
    ADD CONSTRAINT ussd_actions_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.ussd_sessions
    ADD CONSTRAINT ussd_sessions_pkey PRIMARY KEY (session_key);

ALTER TABLE ONLY public.ussd_turns
    ADD CONSTRAINT ussd_turns_pkey PRIMARY KEY (session_key, hop);

ALTER TABLE ONLY public.web_sessions
    ADD CONSTRAINT web_sessions_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY public.windings
    ADD CONSTRAINT windings_pkey PRIMARY KEY (chama_id);

ALTER TABLE ONLY public.wrong_codes
    ADD CONSTRAINT wrong_codes_pkey PRIMARY KEY (phone);

CREATE INDEX accounts_by_owner ON public.accounts USING btree (owner_member_id) WHERE (owner_member_id IS NOT NULL);

CREATE INDEX allocations_by_contribution ON public.allocations USING btree (contribution_id) WHERE (contribution_id IS NOT NULL);

CREATE INDEX allocations_by_deposit ON public.allocations USING btree (deposit_id) WHERE (deposit_id IS NOT NULL);

CREATE INDEX allocations_by_instalment ON public.allocations USING btree (instalment_id) WHERE (instalment_id IS NOT NULL);

CREATE INDEX allocations_by_penalty ON public.allocations USING btree (penalty_id) WHERE (penalty_id IS NOT NULL);

CREATE INDEX allocations_of_credit ON public.allocations USING btree (member_id) WHERE ((contribution_id IS NULL) AND (deposit_id IS NULL) AND (penalty_id IS NULL) AND (instalment_id IS NULL));

CREATE INDEX api_repeats_by_day ON public.api_repeats USING brin (answered_at);

CREATE INDEX approvals_unseen ON public.approvals USING btree (subject, subject_id) WHERE (seen_at IS NULL);

CREATE INDEX audit_logs_by_row ON public.audit_logs USING btree (table_name, row_key);

CREATE INDEX audit_values_by_subject ON public.audit_values USING btree (subject_id) WHERE (value IS NOT NULL);

CREATE INDEX balance_assertions_by_account ON public.balance_assertions USING btree (account_id, as_of_seq);

CREATE INDEX balance_assertions_failed ON public.balance_assertions USING btree (id) WHERE (asserted_cents <> found_cents);

CREATE INDEX balance_questions_by_shortcode ON public.balance_questions USING btree (shortcode_id, opened_at);

CREATE INDEX balance_questions_due ON public.balance_questions USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX ballots_by_chama ON public.ballots USING btree (chama_id, id);

CREATE UNIQUE INDEX ballots_one_open ON public.ballots USING btree (chama_id) WHERE (state = ANY (ARRAY['called'::text, 'collecting'::text]));

CREATE INDEX batches_due ON public.batches USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX cash_bankings_by_chama ON public.cash_bankings USING btree (chama_id, banked_at);

CREATE INDEX cash_claims_by_chama ON public.cash_claims USING btree (chama_id, id);

CREATE INDEX cash_claims_by_meeting ON public.cash_claims USING btree (meeting_id) WHERE (meeting_id IS NOT NULL);

CREATE INDEX cash_claims_unconfirmed ON public.cash_claims USING btree (member_id) WHERE (state = 'recorded'::text);

CREATE INDEX chain_logs_by_batch ON public.chain_logs USING btree (batch);

CREATE INDEX chain_transactions_by_batch ON public.chain_transactions USING btree (batch);

CREATE INDEX chama_members_by_user ON public.chama_members USING btree (user_id);

CREATE INDEX chama_members_in_default ON public.chama_members USING btree (id) WHERE (status = 'defaulted'::text);

CREATE INDEX chama_orders_banks ON public.chama_orders USING btree (chama_id, id) WHERE ((kind = 'bank'::text) AND (state = 'done'::text));

CREATE INDEX chama_orders_by_chama ON public.chama_orders USING btree (chama_id, id);

CREATE UNIQUE INDEX chama_orders_one_open ON public.chama_orders USING btree (chama_id, kind) WHERE (state = ANY (ARRAY['asked'::text, 'agreed'::text]));

CREATE INDEX chama_orders_open ON public.chama_orders USING btree (id) WHERE (state = ANY (ARRAY['asked'::text, 'agreed'::text]));

CREATE INDEX chamas_recruiting_until ON public.chamas USING btree (recruitment_deadline) WHERE (status = 'recruiting'::text);

CREATE INDEX confirmations_asked ON public.confirmations USING btree (member_id) WHERE (state = 'asked'::text);

CREATE INDEX contributions_by_member ON public.contributions USING btree (member_id, round_id);

CREATE INDEX contributions_to_confirm ON public.contributions USING btree (id) WHERE (state = 'paid'::text);

CREATE INDEX deposits_by_chama ON public.deposits USING btree (chama_id, id);

CREATE UNIQUE INDEX deposits_one_open ON public.deposits USING btree (member_id) WHERE (state = ANY (ARRAY['pending'::text, 'paid'::text, 'confirmed'::text]));

CREATE INDEX deposits_to_confirm ON public.deposits USING btree (id) WHERE (state = 'paid'::text);

CREATE INDEX devices_by_user ON public.devices USING btree (user_id);

CREATE INDEX disbursement_requests_announced ON public.disbursement_requests USING btree (chama_id) WHERE (state = 'approved'::text);

CREATE INDEX disbursement_requests_by_chama ON public.disbursement_requests USING btree (chama_id, id);

CREATE INDEX disbursement_requests_by_round ON public.disbursement_requests USING btree (round_id, id) WHERE (round_id IS NOT NULL);

CREATE UNIQUE INDEX disbursement_requests_one_loan ON public.disbursement_requests USING btree (payee_member_id) WHERE ((purpose = 'loan'::text) AND (state = ANY (ARRAY['pending'::text, 'approved'::text, 'sending'::text, 'unclear'::text])));

CREATE UNIQUE INDEX disbursement_requests_one_open_a_round ON public.disbursement_requests USING btree (round_id) WHERE ((round_id IS NOT NULL) AND (state = ANY (ARRAY['pending'::text, 'approved'::text, 'sending'::text, 'unclear'::text])));

CREATE INDEX disbursement_requests_open ON public.disbursement_requests USING btree (id) WHERE (state = ANY (ARRAY['pending'::text, 'approved'::text, 'sending'::text, 'unclear'::text, 'failed'::text]));

CREATE INDEX entries_by_kind ON ONLY public.entries USING btree (book_id, kind, season, seq);

CREATE INDEX evidence_by_attempt ON public.evidence USING btree (attempt_id) WHERE (attempt_id IS NOT NULL);

CREATE INDEX evidence_by_payout ON public.evidence USING btree (payout_id) WHERE (payout_id IS NOT NULL);

CREATE INDEX evidence_by_strangers ON public.evidence USING btree (received_at) WHERE ((attempt_id IS NULL) AND (verdict = ANY (ARRAY['unmatched'::text, 'refused'::text, 'unreadable'::text])));

CREATE INDEX evidence_by_time ON public.evidence USING brin (received_at);

CREATE INDEX evidence_due ON public.evidence USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX evidence_worth_a_look ON public.evidence USING btree (id) WHERE (verdict = ANY (ARRAY['unmatched'::text, 'refused'::text, 'conflict'::text, 'unreadable'::text]));

CREATE INDEX files_by_meeting ON public.files USING btree (meeting_id) WHERE (meeting_id IS NOT NULL);

CREATE INDEX files_by_user ON public.files USING btree (user_id) WHERE (user_id IS NOT NULL);

CREATE UNIQUE INDEX files_one_avatar ON public.files USING btree (user_id) WHERE (kind = 'avatar'::text);

CREATE INDEX identity_looks_by_user ON public.identity_looks USING btree (user_id, id);

CREATE INDEX imports_waiting ON public.imports USING btree (id) WHERE (state = 'handed_over'::text);

CREATE UNIQUE INDEX inquiries_by_attempt ON public.inquiries USING btree (kind, attempt_id) WHERE ((attempt_id IS NOT NULL) AND (receipt IS NULL));

CREATE UNIQUE INDEX inquiries_by_receipt ON public.inquiries USING btree (kind, receipt) WHERE (receipt IS NOT NULL);

CREATE INDEX inquiries_due ON public.inquiries USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX inquiries_refused ON public.inquiries USING btree (shortcode_id) WHERE (outcome = 'initiator refused'::text);

CREATE INDEX instalments_owed ON public.instalments USING btree (member_id) WHERE (state = ANY (ARRAY['planned'::text, 'begun'::text, 'due'::text, 'late'::text]));

CREATE INDEX instalments_to_book ON public.instalments USING btree (id) WHERE (paid_cents > booked_cents);

CREATE INDEX instalments_to_look_at ON public.instalments USING btree (look_at) WHERE (look_at IS NOT NULL);

CREATE INDEX invitations_by_chama ON public.invitations USING btree (chama_id);

CREATE UNIQUE INDEX invitations_by_code ON public.invitations USING btree (code) WHERE (state = 'open'::text);

CREATE UNIQUE INDEX invitations_one_open ON public.invitations USING btree (member_id) WHERE (state = 'open'::text);

CREATE INDEX listed_payments_by_listing ON public.listed_payments USING btree (listed_at);

CREATE INDEX listed_payments_by_time ON public.listed_payments USING btree (shortcode_id, at);

CREATE INDEX loans_by_chama ON public.loans USING btree (chama_id, id);

CREATE INDEX loans_by_member ON public.loans USING btree (member_id);

CREATE INDEX loans_running ON public.loans USING btree (id) WHERE (state = 'running'::text);

CREATE UNIQUE INDEX meetings_one_ahead ON public.meetings USING btree (chama_id) WHERE (state = ANY (ARRAY['scheduled'::text, 'in_progress'::text]));

CREATE INDEX meetings_to_remind ON public.meetings USING btree (remind_at) WHERE (remind_at IS NOT NULL);

CREATE INDEX motions_by_chama ON public.motions USING btree (chama_id, id);

CREATE UNIQUE INDEX motions_by_invitation ON public.motions USING btree (invitation_id) WHERE (invitation_id IS NOT NULL);

CREATE INDEX motions_due ON public.motions USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE UNIQUE INDEX motions_one_open ON public.motions USING btree (member_id, kind) WHERE (state = ANY (ARRAY['asked'::text, 'going'::text]));

CREATE UNIQUE INDEX motions_one_taker ON public.motions USING btree (other_id) WHERE ((kind = 'substitution'::text) AND (state = ANY (ARRAY['asked'::text, 'going'::text, 'done'::text])));

CREATE INDEX notifications_by_chama ON public.notifications USING btree (chama_id, queued_at);

CREATE INDEX notifications_by_day ON public.notifications USING brin (queued_at);

CREATE INDEX notifications_due ON public.notifications USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX notifications_parked ON public.notifications USING btree (id) WHERE (parked_reason IS NOT NULL);

CREATE INDEX notifications_to_say ON public.notifications USING btree (user_id, id) WHERE ((seen_at IS NULL) AND ((channel = 'in_app'::text) OR (state = 'failed'::text)));

CREATE INDEX open_holds_due ON public.open_holds USING btree (expires_at);

CREATE INDEX payment_attempts_by_intent ON public.payment_attempts USING btree (intent_id);

CREATE INDEX payment_attempts_by_merchant_request ON public.payment_attempts USING btree (merchant_request_id) WHERE (merchant_request_id IS NOT NULL);

CREATE INDEX payment_attempts_by_phone ON public.payment_attempts USING btree (phone, created_at);

CREATE INDEX payment_attempts_by_time ON public.payment_attempts USING brin (created_at);

CREATE INDEX payment_attempts_due ON public.payment_attempts USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX payment_attempts_open ON public.payment_attempts USING btree (created_at) WHERE (state = ANY (ARRAY['unclear'::text, 'pending'::text, 'proven'::text]));

CREATE INDEX payment_attempts_parked ON public.payment_attempts USING btree (id) WHERE (parked_reason IS NOT NULL);

CREATE INDEX payment_intents_by_member ON public.payment_intents USING btree (member_id, id);

CREATE INDEX payment_intents_by_payer ON public.payment_intents USING btree (payer_id, id);

CREATE INDEX payout_calls_by_payout ON public.payout_calls USING btree (payout_id, id);

CREATE UNIQUE INDEX payout_calls_transferred_once ON public.payout_calls USING btree (payout_id) WHERE (kind = 'transfer'::text);

CREATE INDEX payouts_by_chama ON public.payouts USING btree (chama_id, id);

CREATE INDEX payouts_by_phone ON public.payouts USING btree (phone);

CREATE INDEX payouts_by_user ON public.payouts USING btree (user_id);

CREATE INDEX payouts_due ON public.payouts USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX payouts_out ON public.payouts USING btree (shortcode_id, sent_at) WHERE (state = ANY (ARRAY['sending'::text, 'accepted'::text, 'unknown'::text]));

CREATE INDEX payouts_paid ON public.payouts USING btree (shortcode_id, paid_at) WHERE (state = 'paid'::text);

CREATE INDEX penalties_by_chama ON public.penalties USING btree (chama_id, id);

CREATE INDEX penalties_due ON public.penalties USING btree (member_id) WHERE (state = 'due'::text);

CREATE INDEX penalties_to_book ON public.penalties USING btree (id) WHERE ((paid_cents > booked_cents) OR ((state = 'waived'::text) AND (paid_cents > 0)));

CREATE INDEX penalties_to_look_at ON public.penalties USING btree (look_at) WHERE (look_at IS NOT NULL);

CREATE INDEX pin_resets_by_chama ON public.pin_resets USING btree (chama_id) WHERE (state = 'open'::text);

CREATE UNIQUE INDEX pin_resets_one_at_a_time ON public.pin_resets USING btree (user_id, kind) WHERE (state = ANY (ARRAY['open'::text, 'granted'::text]));

CREATE INDEX postings_by_account ON ONLY public.postings USING btree (account_id, season, seq);

CREATE INDEX pulled_windows_by_end ON public.pulled_windows USING btree (shortcode_id, to_at);

CREATE INDEX pulls_due ON public.pulls USING btree (due_at);

CREATE INDEX qr_pictures_due ON public.qr_pictures USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX receipt_claims_due ON public.receipt_claims USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE UNIQUE INDEX receipts_by_attempt ON public.receipts USING btree (attempt_id) WHERE (attempt_id IS NOT NULL);

CREATE INDEX receipts_by_day ON public.receipts USING brin (proved_at);

CREATE INDEX receipts_by_payer ON public.receipts USING btree (payer_key) WHERE (payer_key IS NOT NULL);

CREATE INDEX receipts_by_payment ON public.receipts USING btree (shortcode_id, paid_at);

CREATE INDEX receipts_not_asked_for ON public.receipts USING btree (proved_at) WHERE (attempt_id IS NULL);

CREATE INDEX refunds_by_chama ON public.refunds USING btree (chama_id, id);

CREATE INDEX refunds_open ON public.refunds USING btree (id) WHERE (state = ANY (ARRAY['pending'::text, 'ordered'::text, 'failed'::text]));

CREATE INDEX reversals_by_token ON public.reversals USING gin (token_hashes);

CREATE INDEX reversals_due ON public.reversals USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX rounds_behind ON public.rounds USING btree (id) WHERE (state = 'expired'::text);

CREATE INDEX rounds_fines_due ON public.rounds USING btree (fines_due_at) WHERE (fines_due_at IS NOT NULL);

CREATE UNIQUE INDEX rounds_one_active ON public.rounds USING btree (chama_id) WHERE (state = 'active'::text);

CREATE UNIQUE INDEX rounds_one_pending ON public.rounds USING btree (chama_id) WHERE (state = 'pending'::text);

CREATE INDEX rounds_pots_due ON public.rounds USING btree (pot_due_at) WHERE (pot_due_at IS NOT NULL);

CREATE INDEX rounds_to_close ON public.rounds USING btree (closes_at) WHERE (state = 'active'::text);

CREATE INDEX rounds_to_open ON public.rounds USING btree (opens_at) WHERE (state = 'pending'::text);

CREATE INDEX rule_proposals_by_chama ON public.rule_proposals USING btree (chama_id, id);

CREATE INDEX rule_proposals_due ON public.rule_proposals USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE UNIQUE INDEX rule_proposals_one_open ON public.rule_proposals USING btree (chama_id) WHERE (state = 'pending'::text);

CREATE INDEX samples_by_chama ON public.samples USING btree (chama_id, drawn_at);

CREATE INDEX settlements_by_chama ON public.settlements USING btree (chama_id, id) WHERE (chama_id IS NOT NULL);

CREATE INDEX settlements_due ON public.settlements USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE UNIQUE INDEX settlements_one_open ON public.settlements USING btree (receipt) WHERE (state = ANY (ARRAY['asked'::text, 'approved'::text, 'done'::text]));

CREATE INDEX statements_imported_by_end ON public.statements_imported USING btree (shortcode_id, covers_to) WHERE (state = 'read'::text);

CREATE INDEX statements_imported_due ON public.statements_imported USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX suspense_due ON public.suspense USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX suspense_offers_by_chama ON public.suspense_offers USING btree (chama_id);

CREATE INDEX suspense_offers_by_member ON public.suspense_offers USING btree (member_id);

CREATE INDEX swaps_by_chama ON public.swaps USING btree (chama_id, id);

CREATE UNIQUE INDEX swaps_one_open ON public.swaps USING btree (asked_by) WHERE (state = 'asked'::text);

CREATE INDEX take_backs_by_chama ON public.take_backs USING btree (chama_id, id) WHERE (chama_id IS NOT NULL);

CREATE INDEX take_backs_by_receipt ON public.take_backs USING btree (receipt, id);

CREATE INDEX take_backs_due ON public.take_backs USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE UNIQUE INDEX take_backs_one_open ON public.take_backs USING btree (receipt) WHERE (state = ANY (ARRAY['asked'::text, 'approved'::text, 'done'::text]));

CREATE INDEX told_charges_by_time ON public.told_charges USING btree (shortcode_id, at);

CREATE INDEX users_by_contact_phone ON public.users USING btree (contact_phone) WHERE ((phone IS NULL) AND (contact_phone IS NOT NULL));

CREATE INDEX ussd_sessions_ended ON public.ussd_sessions USING btree (ended_at);

CREATE INDEX ussd_turns_at ON public.ussd_turns USING btree (at);

CREATE INDEX ussd_turns_of ON public.ussd_turns USING btree (user_id, at) WHERE (user_id IS NOT NULL);

CREATE INDEX windings_due ON public.windings USING btree (due_at);

CREATE TRIGGER audited_columns AFTER DELETE OR UPDATE OF book_id, code, kind, normal_side, owner_member_id, floor_cents, ceiling_cents, closed_at ON public.accounts FOR EACH ROW EXECUTE FUNCTION public.audit_row('{id}', '{}', '{}', '{debits_posted_cents,credits_posted_cents,debits_pending_cents,credits_pending_cents,balance_cents,version}', '{}');

CREATE TRIGGER audited_columns AFTER DELETE OR UPDATE OF round_id, member_id, due_cents ON public.contributions FOR EACH ROW EXECUTE FUNCTION public.audit_row('{id}', '{}', '{}', '{paid_cents,state}', '{}');

CREATE TRIGGER audited_columns AFTER DELETE OR UPDATE OF chama_id, member_id, due_cents, created_at ON public.deposits FOR EACH ROW EXECUTE FUNCTION public.audit_row('{id}', '{}', '{}', '{paid_cents,state}', '{}');

CREATE TRIGGER audited_columns AFTER DELETE OR UPDATE OF source, token_hash, body_sha256, body, truncated, headers, remote_ip, received_at, erased_at ON public.evidence FOR EACH ROW EXECUTE FUNCTION public.audit_row('{id}', '{token_hash,body,headers,remote_ip}', '{}', '{seen_count,verdict,reason,attempt_id,receipt,due_at,tries,read_at}', '{}');

CREATE TRIGGER audited_columns AFTER DELETE OR UPDATE OF intent_id, phone, amount_cents, account_reference, parked_reason ON public.payment_attempts FOR EACH ROW EXECUTE FUNCTION public.audit_row('{id}', '{phone}', '{}', '{state,token_hash,merchant_request_id,checkout_request_id,send_outcome,response_status,response,result_code,tries,due_at,created_at,sent_at,settled_at}', '{}');

CREATE TRIGGER audited_columns AFTER DELETE OR UPDATE OF shortcode_id, chama_id, member_id, payer_id, purpose, amount_cents, wish_key, created_at ON public.payment_intents FOR EACH ROW EXECUTE FUNCTION public.audit_row('{id}', '{wish_key}', '{}', '{}', '{}');

CREATE TRIGGER audited_columns AFTER DELETE OR UPDATE OF stopped_at, stop_code, lifted_at, lifted_by ON public.payout_gates FOR EACH ROW EXECUTE FUNCTION public.audit_row('{shortcode_id}', '{}', '{}', '{answered_at,utility_cents,utility_at}', '{}');

CREATE TRIGGER audited_columns AFTER DELETE OR UPDATE OF shortcode_id, chama_id, member_id, user_id, book_id, source_account_id, order_key, originator, phone, amount_cents, charge_cents, hold_seq, ordered_at ON public.payouts FOR EACH ROW EXECUTE FUNCTION public.audit_row('{id}', '{phone}', '{}', '{state,sent_seq,end_seq,conversation_id,receipt,paid_cents,paid_at,receiver_name,result_code,reason,tries,asked,not_found,due_at,expires_at,sent_at,settled_at}', '{}');

CREATE TRIGGER audited_columns AFTER DELETE OR UPDATE OF shortcode_id, kind, amount_cents, paid_at, payer_key, attempt_id, evidence_id, proved_at ON public.receipts FOR EACH ROW EXECUTE FUNCTION public.audit_row('{receipt}', '{payer_key}', '{}', '{book_id,seq}', '{}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.announcements_heard REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{request_id,member_id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.api_tokens REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{token_hash}', '{name}', '{}', '{user_id}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.approvals REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{subject,subject_id,user_id,vote,digest}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.attendance REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{meeting_id,member_id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.ballot_numbers REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{ballot_id,member_id}', '{typed}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.ballots REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.books REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.cash_bankings REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{receipt}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.cash_claims REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.chama_members REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{user_id}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.chama_orders REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.chama_shortcodes REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{chama_id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.chamas REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.confirmations REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{sample_id,member_id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.consents REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{user_id,text_version}', '{session_key}', '{}', '{}', '{user_id}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.disbursement_requests REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{phone}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.files REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{shelf_name,sha256}', '{}', '{}', '{user_id}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.imports REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{body}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.instalments REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.invitations REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{code}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.loans REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.meetings REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.motions REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.notice_caps REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{chama_id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.penalties REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.pin_resets REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{code_hash}', '{}', '{}', '{user_id}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.pin_vouches REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{reset_id,user_id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.pins REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{user_id}', '{hash}', '{}', '{}', '{user_id}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.refunds REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.reversals REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{receipt}', '{token_hashes}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.rounds REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.rule_proposals REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.rule_sets REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.samples REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.seasons REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{source,number}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.second_witnesses REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.settlements REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.shortcode_credentials REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{shortcode_id}', '{box}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.shortcodes REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{registered_url_sha256}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.suspense REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{receipt}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.swaps REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.take_backs REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.users REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{password_hash,national_id,national_id_key}', '{phone,contact_phone,email,first_name,last_name}', '{}', '{id}');

CREATE TRIGGER audited_delete AFTER DELETE ON public.windings REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{chama_id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.announcements_heard REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{request_id,member_id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.api_tokens REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{token_hash}', '{name}', '{}', '{user_id}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.approvals REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{subject,subject_id,user_id,vote,digest}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.attendance REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{meeting_id,member_id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.ballot_numbers REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{ballot_id,member_id}', '{typed}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.ballots REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.books REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.cash_bankings REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{receipt}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.cash_claims REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.chama_members REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{user_id}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.chama_orders REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.chama_shortcodes REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{chama_id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.chamas REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.confirmations REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{sample_id,member_id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.consents REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{user_id,text_version}', '{session_key}', '{}', '{}', '{user_id}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.disbursement_requests REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{phone}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.files REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{shelf_name,sha256}', '{}', '{}', '{user_id}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.imports REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{body}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.instalments REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.invitations REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{code}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.loans REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.meetings REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.motions REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.notice_caps REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{chama_id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.penalties REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.pin_resets REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{code_hash}', '{}', '{}', '{user_id}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.pin_vouches REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{reset_id,user_id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.pins REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{user_id}', '{hash}', '{}', '{}', '{user_id}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.refunds REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.reversals REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{receipt}', '{token_hashes}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.rounds REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.rule_proposals REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.rule_sets REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.samples REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.seasons REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{source,number}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.second_witnesses REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.settlements REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.shortcode_credentials REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{shortcode_id}', '{box}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.shortcodes REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{registered_url_sha256}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.suspense REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{receipt}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.swaps REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.take_backs REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.users REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{password_hash,national_id,national_id_key}', '{phone,contact_phone,email,first_name,last_name}', '{}', '{id}');

CREATE TRIGGER audited_insert AFTER INSERT ON public.windings REFERENCING NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{chama_id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_states AFTER UPDATE ON public.deposits REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_states();

CREATE TRIGGER audited_states AFTER UPDATE ON public.payment_attempts REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_states();

CREATE TRIGGER audited_states AFTER UPDATE ON public.payouts REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_states();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.accounts FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.announcements_heard FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.api_tokens FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.approvals FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.attendance FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.ballot_numbers FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.ballots FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.books FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.cash_bankings FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.cash_claims FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.chama_members FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.chama_orders FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.chama_shortcodes FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.chamas FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.confirmations FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.consents FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.contributions FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.deposits FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.disbursement_requests FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.evidence FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.files FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.imports FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.instalments FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.invitations FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.loans FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.meetings FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.motions FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.notice_caps FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.payment_attempts FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.payment_intents FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.payout_gates FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.payouts FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.penalties FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.pin_resets FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.pin_vouches FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.pins FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.receipts FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.refunds FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.reversals FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.rounds FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.rule_proposals FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.rule_sets FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.samples FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.seasons FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.second_witnesses FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.settlements FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.shortcode_credentials FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.shortcodes FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.suspense FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.swaps FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.take_backs FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.users FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_truncate BEFORE TRUNCATE ON public.windings FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER audited_update AFTER UPDATE ON public.announcements_heard REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{request_id,member_id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.api_tokens REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{token_hash}', '{name}', '{}', '{user_id}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.approvals REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{subject,subject_id,user_id,vote,digest}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.attendance REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{meeting_id,member_id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.ballot_numbers REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{ballot_id,member_id}', '{typed}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.ballots REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.books REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.cash_bankings REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{receipt}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.cash_claims REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.chama_members REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{user_id}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.chama_orders REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.chama_shortcodes REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{chama_id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.chamas REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.confirmations REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{sample_id,member_id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.consents REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{user_id,text_version}', '{session_key}', '{}', '{}', '{user_id}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.disbursement_requests REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{phone}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.files REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{shelf_name,sha256}', '{}', '{}', '{user_id}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.imports REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{body}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.instalments REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.invitations REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{code}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.loans REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.meetings REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.motions REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.notice_caps REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{chama_id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.penalties REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.pin_resets REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{code_hash}', '{}', '{}', '{user_id}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.pin_vouches REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{reset_id,user_id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.pins REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{user_id}', '{hash}', '{}', '{}', '{user_id}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.refunds REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.reversals REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{receipt}', '{token_hashes}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.rounds REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.rule_proposals REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.rule_sets REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.samples REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.seasons REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{source,number}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.second_witnesses REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.settlements REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.shortcode_credentials REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{shortcode_id}', '{box}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.shortcodes REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{registered_url_sha256}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.suspense REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{receipt}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.swaps REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.take_backs REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.users REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{id}', '{password_hash,national_id,national_id_key}', '{phone,contact_phone,email,first_name,last_name}', '{}', '{id}');

CREATE TRIGGER audited_update AFTER UPDATE ON public.windings REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now FOR EACH STATEMENT EXECUTE FUNCTION public.audit_statement('{chama_id}', '{}', '{}', '{}', '{NULL}');

CREATE TRIGGER positions AFTER INSERT ON public.postings REFERENCING NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION public.apply_positions();

CREATE TRIGGER unchangeable BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_chain FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER unchangeable BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_logs FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER unchangeable BEFORE DELETE OR UPDATE OR TRUNCATE ON public.balance_assertions FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER unchangeable BEFORE DELETE OR UPDATE OR TRUNCATE ON public.day_certificates FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER unchangeable BEFORE DELETE OR UPDATE OR TRUNCATE ON public.endings FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER unchangeable BEFORE DELETE OR UPDATE OR TRUNCATE ON public.entries FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER unchangeable BEFORE DELETE OR UPDATE OR TRUNCATE ON public.entry_codes FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER unchangeable BEFORE DELETE OR UPDATE OR TRUNCATE ON public.erasures FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER unchangeable BEFORE DELETE OR UPDATE OR TRUNCATE ON public.idempotency_keys FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER unchangeable BEFORE DELETE OR UPDATE OR TRUNCATE ON public.listed_payments FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER unchangeable BEFORE UPDATE OR TRUNCATE ON public.open_holds FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER unchangeable BEFORE DELETE OR UPDATE OR TRUNCATE ON public.papers FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER unchangeable BEFORE DELETE OR UPDATE OR TRUNCATE ON public.postings FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER unchangeable BEFORE DELETE OR UPDATE OR TRUNCATE ON public.pulled_windows FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER unchangeable BEFORE DELETE OR UPDATE OR TRUNCATE ON public.reconciliation_days FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE TRIGGER unchangeable BEFORE DELETE OR UPDATE OR TRUNCATE ON public.told_charges FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting();

CREATE CONSTRAINT TRIGGER whole AFTER INSERT ON public.endings DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.demand_ending_entry();

CREATE TRIGGER whole AFTER INSERT ON public.entries REFERENCING NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION public.demand_postings();

CREATE TRIGGER whole AFTER DELETE ON public.open_holds REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION public.demand_ending();

CREATE TRIGGER whole AFTER INSERT ON public.postings REFERENCING NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION public.demand_balance();

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_book_id_fkey FOREIGN KEY (book_id) REFERENCES public.books(id);

ALTER TABLE ONLY public.allocations
    ADD CONSTRAINT allocations_contribution_id_fkey FOREIGN KEY (contribution_id) REFERENCES public.contributions(id);

ALTER TABLE ONLY public.allocations
    ADD CONSTRAINT allocations_deposit_id_fkey FOREIGN KEY (deposit_id) REFERENCES public.deposits(id);

ALTER TABLE ONLY public.allocations
    ADD CONSTRAINT allocations_instalment_id_fkey FOREIGN KEY (instalment_id) REFERENCES public.instalments(id);

ALTER TABLE ONLY public.allocations
    ADD CONSTRAINT allocations_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.chama_members(id);

ALTER TABLE ONLY public.allocations
    ADD CONSTRAINT allocations_penalty_id_fkey FOREIGN KEY (penalty_id) REFERENCES public.penalties(id);

ALTER TABLE ONLY public.announcements_heard
    ADD CONSTRAINT announcements_heard_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.chama_members(id);

ALTER TABLE ONLY public.announcements_heard
    ADD CONSTRAINT announcements_heard_request_id_fkey FOREIGN KEY (request_id) REFERENCES public.disbursement_requests(id);

ALTER TABLE ONLY public.api_repeats
    ADD CONSTRAINT api_repeats_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.approvals
    ADD CONSTRAINT approvals_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.chama_members(id);

ALTER TABLE ONLY public.approvals
    ADD CONSTRAINT approvals_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.attendance
    ADD CONSTRAINT attendance_marked_by_fkey FOREIGN KEY (marked_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.attendance
    ADD CONSTRAINT attendance_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES public.meetings(id);

ALTER TABLE ONLY public.attendance
    ADD CONSTRAINT attendance_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.chama_members(id);

ALTER TABLE ONLY public.balance_assertions
    ADD CONSTRAINT balance_assertions_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.balance_assertions
    ADD CONSTRAINT balance_assertions_book_id_fkey FOREIGN KEY (book_id) REFERENCES public.books(id);

ALTER TABLE ONLY public.balance_assertions
    ADD CONSTRAINT balance_assertions_corrects_id_fkey FOREIGN KEY (corrects_id) REFERENCES public.balance_assertions(id);

ALTER TABLE ONLY public.balance_questions
    ADD CONSTRAINT balance_questions_assertion_id_fkey FOREIGN KEY (assertion_id) REFERENCES public.balance_assertions(id);

ALTER TABLE ONLY public.balance_questions
    ADD CONSTRAINT balance_questions_evidence_id_fkey FOREIGN KEY (evidence_id) REFERENCES public.evidence(id);

ALTER TABLE ONLY public.balance_questions
    ADD CONSTRAINT balance_questions_shortcode_id_fkey FOREIGN KEY (shortcode_id) REFERENCES public.shortcodes(id);

ALTER TABLE ONLY public.ballot_numbers
    ADD CONSTRAINT ballot_numbers_ballot_id_fkey FOREIGN KEY (ballot_id) REFERENCES public.ballots(id);

ALTER TABLE ONLY public.ballot_numbers
    ADD CONSTRAINT ballot_numbers_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.chama_members(id);

ALTER TABLE ONLY public.ballot_seeds
    ADD CONSTRAINT ballot_seeds_ballot_id_fkey FOREIGN KEY (ballot_id) REFERENCES public.ballots(id);

ALTER TABLE ONLY public.ballots
    ADD CONSTRAINT ballots_called_by_fkey FOREIGN KEY (called_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.ballots
    ADD CONSTRAINT ballots_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.ballots
    ADD CONSTRAINT ballots_rule_set_id_fkey FOREIGN KEY (rule_set_id) REFERENCES public.rule_sets(id);

ALTER TABLE ONLY public.batch_leaves
    ADD CONSTRAINT batch_leaves_batch_fkey FOREIGN KEY (batch) REFERENCES public.batches(number);

ALTER TABLE ONLY public.batch_trees
    ADD CONSTRAINT batch_trees_batch_fkey FOREIGN KEY (batch) REFERENCES public.batches(number);

ALTER TABLE ONLY public.cash_bankings
    ADD CONSTRAINT cash_bankings_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.cash_bankings
    ADD CONSTRAINT cash_bankings_receipt_fkey FOREIGN KEY (receipt) REFERENCES public.receipts(receipt);

ALTER TABLE ONLY public.cash_bankings
    ADD CONSTRAINT cash_bankings_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.cash_claims
    ADD CONSTRAINT cash_claims_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.cash_claims
    ADD CONSTRAINT cash_claims_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES public.meetings(id);

ALTER TABLE ONLY public.cash_claims
    ADD CONSTRAINT cash_claims_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.chama_members(id);

ALTER TABLE ONLY public.cash_claims
    ADD CONSTRAINT cash_claims_recorded_by_fkey FOREIGN KEY (recorded_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.chain_attempts
    ADD CONSTRAINT chain_attempts_transaction_id_fkey FOREIGN KEY (transaction_id) REFERENCES public.chain_transactions(id);

ALTER TABLE ONLY public.chain_transactions
    ADD CONSTRAINT chain_transactions_batch_fkey FOREIGN KEY (batch) REFERENCES public.batches(number);

ALTER TABLE ONLY public.chama_members
    ADD CONSTRAINT chama_members_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.chama_members
    ADD CONSTRAINT chama_members_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.chama_orders
    ADD CONSTRAINT chama_orders_agreed_by_fkey FOREIGN KEY (agreed_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.chama_orders
    ADD CONSTRAINT chama_orders_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.chama_orders
    ADD CONSTRAINT chama_orders_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.chama_shortcodes
    ADD CONSTRAINT chama_shortcodes_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.chama_shortcodes
    ADD CONSTRAINT chama_shortcodes_shortcode_id_fkey FOREIGN KEY (shortcode_id) REFERENCES public.shortcodes(id);

ALTER TABLE ONLY public.chamas
    ADD CONSTRAINT chamas_book_id_fkey FOREIGN KEY (book_id) REFERENCES public.books(id);

ALTER TABLE ONLY public.confirmations
    ADD CONSTRAINT confirmations_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.chama_members(id);

ALTER TABLE ONLY public.confirmations
    ADD CONSTRAINT confirmations_sample_id_fkey FOREIGN KEY (sample_id) REFERENCES public.samples(id);

ALTER TABLE ONLY public.consents
    ADD CONSTRAINT consents_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.contributions
    ADD CONSTRAINT contributions_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.chama_members(id);

ALTER TABLE ONLY public.contributions
    ADD CONSTRAINT contributions_round_id_fkey FOREIGN KEY (round_id) REFERENCES public.rounds(id);

ALTER TABLE ONLY public.daraja_tokens
    ADD CONSTRAINT daraja_tokens_shortcode_id_fkey FOREIGN KEY (shortcode_id) REFERENCES public.shortcodes(id);

ALTER TABLE ONLY public.day_certificates
    ADD CONSTRAINT day_certificates_shortcode_id_day_version_fkey FOREIGN KEY (shortcode_id, day, version) REFERENCES public.reconciliation_days(shortcode_id, day, version);

ALTER TABLE ONLY public.day_looks
    ADD CONSTRAINT day_looks_shortcode_id_fkey FOREIGN KEY (shortcode_id) REFERENCES public.shortcodes(id);

ALTER TABLE ONLY public.deposits
    ADD CONSTRAINT deposits_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.deposits
    ADD CONSTRAINT deposits_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.chama_members(id);

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT devices_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.disbursement_requests
    ADD CONSTRAINT disbursement_requests_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES public.chama_members(id);

ALTER TABLE ONLY public.disbursement_requests
    ADD CONSTRAINT disbursement_requests_bank_order_id_fkey FOREIGN KEY (bank_order_id) REFERENCES public.chama_orders(id);

ALTER TABLE ONLY public.disbursement_requests
    ADD CONSTRAINT disbursement_requests_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.disbursement_requests
    ADD CONSTRAINT disbursement_requests_payee_member_id_fkey FOREIGN KEY (payee_member_id) REFERENCES public.chama_members(id);

ALTER TABLE ONLY public.disbursement_requests
    ADD CONSTRAINT disbursement_requests_payout_id_fkey FOREIGN KEY (payout_id) REFERENCES public.payouts(id);

ALTER TABLE ONLY public.disbursement_requests
    ADD CONSTRAINT disbursement_requests_renews_fkey FOREIGN KEY (renews) REFERENCES public.disbursement_requests(id);

ALTER TABLE ONLY public.disbursement_requests
    ADD CONSTRAINT disbursement_requests_round_id_fkey FOREIGN KEY (round_id) REFERENCES public.rounds(id);

ALTER TABLE ONLY public.disbursement_requests
    ADD CONSTRAINT disbursement_requests_rule_set_id_fkey FOREIGN KEY (rule_set_id) REFERENCES public.rule_sets(id);

ALTER TABLE ONLY public.disbursement_requests
    ADD CONSTRAINT disbursement_requests_shortcode_id_fkey FOREIGN KEY (shortcode_id) REFERENCES public.shortcodes(id);

ALTER TABLE ONLY public.endings
    ADD CONSTRAINT endings_book_id_seq_fkey FOREIGN KEY (book_id, seq) REFERENCES public.entry_codes(book_id, seq);

ALTER TABLE ONLY public.erasures
    ADD CONSTRAINT erasures_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.evidence
    ADD CONSTRAINT evidence_attempt_id_fkey FOREIGN KEY (attempt_id) REFERENCES public.payment_attempts(id);

ALTER TABLE ONLY public.evidence
    ADD CONSTRAINT evidence_payout_id_fkey FOREIGN KEY (payout_id) REFERENCES public.payouts(id);

ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES public.meetings(id);

ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_uploaded_by_fkey FOREIGN KEY (uploaded_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.heads
    ADD CONSTRAINT heads_book_id_fkey FOREIGN KEY (book_id) REFERENCES public.books(id);

ALTER TABLE ONLY public.identity_looks
    ADD CONSTRAINT identity_looks_seen_by_fkey FOREIGN KEY (seen_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.identity_looks
    ADD CONSTRAINT identity_looks_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.imports
    ADD CONSTRAINT imports_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.imports
    ADD CONSTRAINT imports_handed_by_fkey FOREIGN KEY (handed_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.inquiries
    ADD CONSTRAINT inquiries_attempt_id_fkey FOREIGN KEY (attempt_id) REFERENCES public.payment_attempts(id);

ALTER TABLE ONLY public.inquiries
    ADD CONSTRAINT inquiries_shortcode_id_fkey FOREIGN KEY (shortcode_id) REFERENCES public.shortcodes(id);

ALTER TABLE ONLY public.instalments
    ADD CONSTRAINT instalments_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.instalments
    ADD CONSTRAINT instalments_loan_id_fkey FOREIGN KEY (loan_id) REFERENCES public.loans(id);

ALTER TABLE ONLY public.instalments
    ADD CONSTRAINT instalments_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.chama_members(id);

ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT invitations_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT invitations_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT invitations_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.chama_members(id);

ALTER TABLE ONLY public.listed_payments
    ADD CONSTRAINT listed_payments_shortcode_id_fkey FOREIGN KEY (shortcode_id) REFERENCES public.shortcodes(id);

ALTER TABLE ONLY public.loans
    ADD CONSTRAINT loans_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.loans
    ADD CONSTRAINT loans_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.chama_members(id);

ALTER TABLE ONLY public.loans
    ADD CONSTRAINT loans_request_id_fkey FOREIGN KEY (request_id) REFERENCES public.disbursement_requests(id);

ALTER TABLE ONLY public.loans
    ADD CONSTRAINT loans_rule_set_id_fkey FOREIGN KEY (rule_set_id) REFERENCES public.rule_sets(id);

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_assertion_id_fkey FOREIGN KEY (assertion_id) REFERENCES public.balance_assertions(id);

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_called_by_fkey FOREIGN KEY (called_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.minutes
    ADD CONSTRAINT minutes_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES public.meetings(id);

ALTER TABLE ONLY public.minutes
    ADD CONSTRAINT minutes_paper_id_fkey FOREIGN KEY (paper_id) REFERENCES public.papers(id);

ALTER TABLE ONLY public.minutes
    ADD CONSTRAINT minutes_written_by_fkey FOREIGN KEY (written_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.motions
    ADD CONSTRAINT motions_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES public.chama_members(id);

ALTER TABLE ONLY public.motions
    ADD CONSTRAINT motions_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.motions
    ADD CONSTRAINT motions_invitation_id_fkey FOREIGN KEY (invitation_id) REFERENCES public.invitations(id);

ALTER TABLE ONLY public.motions
    ADD CONSTRAINT motions_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.chama_members(id);

ALTER TABLE ONLY public.motions
    ADD CONSTRAINT motions_other_id_fkey FOREIGN KEY (other_id) REFERENCES public.chama_members(id);

ALTER TABLE ONLY public.notice_caps
    ADD CONSTRAINT notice_caps_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.notice_preferences
    ADD CONSTRAINT notice_preferences_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.notifications
    ADD CONSTRAINT notifications_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.notifications
    ADD CONSTRAINT notifications_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.open_holds
    ADD CONSTRAINT open_holds_book_id_seq_fkey FOREIGN KEY (book_id, seq) REFERENCES public.entry_codes(book_id, seq) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.papers
    ADD CONSTRAINT papers_book_id_fkey FOREIGN KEY (book_id) REFERENCES public.books(id);

ALTER TABLE ONLY public.payment_attempts
    ADD CONSTRAINT payment_attempts_intent_id_fkey FOREIGN KEY (intent_id) REFERENCES public.payment_intents(id);

ALTER TABLE ONLY public.payment_intents
    ADD CONSTRAINT payment_intents_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.payment_intents
    ADD CONSTRAINT payment_intents_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.chama_members(id);

ALTER TABLE ONLY public.payment_intents
    ADD CONSTRAINT payment_intents_payer_id_fkey FOREIGN KEY (payer_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.payment_intents
    ADD CONSTRAINT payment_intents_shortcode_id_fkey FOREIGN KEY (shortcode_id) REFERENCES public.shortcodes(id);

ALTER TABLE ONLY public.payout_calls
    ADD CONSTRAINT payout_calls_payout_id_fkey FOREIGN KEY (payout_id) REFERENCES public.payouts(id);

ALTER TABLE ONLY public.payout_gates
    ADD CONSTRAINT payout_gates_shortcode_id_fkey FOREIGN KEY (shortcode_id) REFERENCES public.shortcodes(id);

ALTER TABLE ONLY public.payouts
    ADD CONSTRAINT payouts_book_id_fkey FOREIGN KEY (book_id) REFERENCES public.books(id);

ALTER TABLE ONLY public.payouts
    ADD CONSTRAINT payouts_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.payouts
    ADD CONSTRAINT payouts_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.chama_members(id);

ALTER TABLE ONLY public.payouts
    ADD CONSTRAINT payouts_shortcode_id_fkey FOREIGN KEY (shortcode_id) REFERENCES public.shortcodes(id);

ALTER TABLE ONLY public.payouts
    ADD CONSTRAINT payouts_source_account_id_fkey FOREIGN KEY (source_account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.payouts
    ADD CONSTRAINT payouts_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.penalties
    ADD CONSTRAINT penalties_cash_claim_id_fkey FOREIGN KEY (cash_claim_id) REFERENCES public.cash_claims(id);

ALTER TABLE ONLY public.penalties
    ADD CONSTRAINT penalties_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.penalties
    ADD CONSTRAINT penalties_contribution_id_fkey FOREIGN KEY (contribution_id) REFERENCES public.contributions(id);

ALTER TABLE ONLY public.penalties
    ADD CONSTRAINT penalties_instalment_id_fkey FOREIGN KEY (instalment_id) REFERENCES public.instalments(id);

ALTER TABLE ONLY public.penalties
    ADD CONSTRAINT penalties_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.chama_members(id);

ALTER TABLE ONLY public.penalties
    ADD CONSTRAINT penalties_round_id_fkey FOREIGN KEY (round_id) REFERENCES public.rounds(id);

ALTER TABLE ONLY public.penalties
    ADD CONSTRAINT penalties_waive_asked_by_fkey FOREIGN KEY (waive_asked_by) REFERENCES public.chama_members(id);

ALTER TABLE ONLY public.phones_seen
    ADD CONSTRAINT phones_seen_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.pin_resets
    ADD CONSTRAINT pin_resets_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.pin_resets
    ADD CONSTRAINT pin_resets_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.pin_vouches
    ADD CONSTRAINT pin_vouches_reset_id_fkey FOREIGN KEY (reset_id) REFERENCES public.pin_resets(id);

ALTER TABLE ONLY public.pin_vouches
    ADD CONSTRAINT pin_vouches_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.pins
    ADD CONSTRAINT pins_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.pulled_windows
    ADD CONSTRAINT pulled_windows_shortcode_id_fkey FOREIGN KEY (shortcode_id) REFERENCES public.shortcodes(id);

ALTER TABLE ONLY public.pulls
    ADD CONSTRAINT pulls_shortcode_id_fkey FOREIGN KEY (shortcode_id) REFERENCES public.shortcodes(id);

ALTER TABLE ONLY public.qr_pictures
    ADD CONSTRAINT qr_pictures_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.qr_pictures
    ADD CONSTRAINT qr_pictures_shortcode_id_fkey FOREIGN KEY (shortcode_id) REFERENCES public.shortcodes(id);

ALTER TABLE ONLY public.receipt_claims
    ADD CONSTRAINT receipt_claims_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.receipts
    ADD CONSTRAINT receipts_attempt_id_fkey FOREIGN KEY (attempt_id) REFERENCES public.payment_attempts(id);

ALTER TABLE ONLY public.receipts
    ADD CONSTRAINT receipts_evidence_id_fkey FOREIGN KEY (evidence_id) REFERENCES public.evidence(id);

ALTER TABLE ONLY public.receipts
    ADD CONSTRAINT receipts_shortcode_id_fkey FOREIGN KEY (shortcode_id) REFERENCES public.shortcodes(id);

ALTER TABLE ONLY public.reconciliation_days
    ADD CONSTRAINT reconciliation_days_shortcode_id_fkey FOREIGN KEY (shortcode_id) REFERENCES public.shortcodes(id);

ALTER TABLE ONLY public.refunds
    ADD CONSTRAINT refunds_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.refunds
    ADD CONSTRAINT refunds_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.chama_members(id);

ALTER TABLE ONLY public.refunds
    ADD CONSTRAINT refunds_payout_id_fkey FOREIGN KEY (payout_id) REFERENCES public.payouts(id);

ALTER TABLE ONLY public.reversals
    ADD CONSTRAINT reversals_receipt_fkey FOREIGN KEY (receipt) REFERENCES public.receipts(receipt);

ALTER TABLE ONLY public.reversals
    ADD CONSTRAINT reversals_shortcode_id_fkey FOREIGN KEY (shortcode_id) REFERENCES public.shortcodes(id);

ALTER TABLE ONLY public.rounds
    ADD CONSTRAINT rounds_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.rounds
    ADD CONSTRAINT rounds_closed_by_fkey FOREIGN KEY (closed_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.rounds
    ADD CONSTRAINT rounds_opened_by_fkey FOREIGN KEY (opened_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.rounds
    ADD CONSTRAINT rounds_payee_member_id_fkey FOREIGN KEY (payee_member_id) REFERENCES public.chama_members(id);

ALTER TABLE ONLY public.rounds
    ADD CONSTRAINT rounds_rule_set_id_fkey FOREIGN KEY (rule_set_id) REFERENCES public.rule_sets(id);

ALTER TABLE ONLY public.rule_proposals
    ADD CONSTRAINT rule_proposals_adopted_as_fkey FOREIGN KEY (adopted_as) REFERENCES public.rule_sets(id);

ALTER TABLE ONLY public.rule_proposals
    ADD CONSTRAINT rule_proposals_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.rule_proposals
    ADD CONSTRAINT rule_proposals_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES public.chama_members(id);

ALTER TABLE ONLY public.rule_proposals
    ADD CONSTRAINT rule_proposals_rule_set_id_fkey FOREIGN KEY (rule_set_id) REFERENCES public.rule_sets(id);

ALTER TABLE ONLY public.rule_sets
    ADD CONSTRAINT rule_sets_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.samples
    ADD CONSTRAINT samples_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.second_witnesses
    ADD CONSTRAINT second_witnesses_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.second_witnesses
    ADD CONSTRAINT second_witnesses_shortcode_id_fkey FOREIGN KEY (shortcode_id) REFERENCES public.shortcodes(id);

ALTER TABLE ONLY public.settlements
    ADD CONSTRAINT settlements_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.settlements
    ADD CONSTRAINT settlements_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.settlements
    ADD CONSTRAINT settlements_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.settlements
    ADD CONSTRAINT settlements_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.chama_members(id);

ALTER TABLE ONLY public.settlements
    ADD CONSTRAINT settlements_receipt_fkey FOREIGN KEY (receipt) REFERENCES public.suspense(receipt);

ALTER TABLE ONLY public.shortcode_credentials
    ADD CONSTRAINT shortcode_credentials_shortcode_id_fkey FOREIGN KEY (shortcode_id) REFERENCES public.shortcodes(id);

ALTER TABLE ONLY public.shortcodes
    ADD CONSTRAINT shortcodes_book_id_fkey FOREIGN KEY (book_id) REFERENCES public.books(id);

ALTER TABLE ONLY public.statements_imported
    ADD CONSTRAINT statements_imported_shortcode_id_fkey FOREIGN KEY (shortcode_id) REFERENCES public.shortcodes(id);

ALTER TABLE ONLY public.suspense_offers
    ADD CONSTRAINT suspense_offers_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.suspense_offers
    ADD CONSTRAINT suspense_offers_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.chama_members(id);

ALTER TABLE ONLY public.suspense_offers
    ADD CONSTRAINT suspense_offers_receipt_fkey FOREIGN KEY (receipt) REFERENCES public.suspense(receipt);

ALTER TABLE ONLY public.suspense
    ADD CONSTRAINT suspense_receipt_fkey FOREIGN KEY (receipt) REFERENCES public.receipts(receipt);

ALTER TABLE ONLY public.suspense
    ADD CONSTRAINT suspense_told_by_fkey FOREIGN KEY (told_by) REFERENCES public.evidence(id);

ALTER TABLE ONLY public.swaps
    ADD CONSTRAINT swaps_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES public.chama_members(id);

ALTER TABLE ONLY public.swaps
    ADD CONSTRAINT swaps_asked_of_fkey FOREIGN KEY (asked_of) REFERENCES public.chama_members(id);

ALTER TABLE ONLY public.swaps
    ADD CONSTRAINT swaps_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.take_backs
    ADD CONSTRAINT take_backs_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.take_backs
    ADD CONSTRAINT take_backs_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE ONLY public.take_backs
    ADD CONSTRAINT take_backs_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.take_backs
    ADD CONSTRAINT take_backs_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.chama_members(id);

ALTER TABLE ONLY public.take_backs
    ADD CONSTRAINT take_backs_receipt_fkey FOREIGN KEY (receipt) REFERENCES public.receipts(receipt);

ALTER TABLE ONLY public.told_charges
    ADD CONSTRAINT told_charges_shortcode_id_fkey FOREIGN KEY (shortcode_id) REFERENCES public.shortcodes(id);

ALTER TABLE ONLY public.ussd_actions
    ADD CONSTRAINT ussd_actions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.ussd_sessions
    ADD CONSTRAINT ussd_sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.ussd_turns
    ADD CONSTRAINT ussd_turns_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.web_sessions
    ADD CONSTRAINT web_sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.windings
    ADD CONSTRAINT windings_chama_id_fkey FOREIGN KEY (chama_id) REFERENCES public.chamas(id);

ALTER TABLE public.accounts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.allocations ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.announcements_heard ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.api_repeats ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.api_tokens ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.approvals ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.attendance ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.audit_chain ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.audit_logs ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.audit_queue ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.audit_values ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.balance_assertions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.balance_questions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.ballot_numbers ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.ballot_seeds ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.ballots ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.batch_leaves ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.books ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.cash_bankings ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.cash_claims ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.chama_members ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.chama_orders ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.chama_shortcodes ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.chamas ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.confirmations ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.consents ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.contributions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.daraja_tokens ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.day_certificates ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.day_looks ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.deposits ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.devices ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.disbursement_requests ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.early_reports ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.endings ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.entries ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.entry_codes ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.entry_notes ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.erasures ENABLE ROW LEVEL SECURITY;

CREATE POLICY everything ON public.accounts TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.allocations TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.announcements_heard TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.api_repeats TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.api_tokens TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.approvals TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.attendance TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.audit_chain TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.audit_logs TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.audit_queue TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.audit_values TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.balance_assertions TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.balance_questions TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.ballot_numbers TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.ballot_seeds TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.ballots TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.batch_leaves TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.books TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.cash_bankings TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.cash_claims TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.chama_members TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.chama_orders TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.chama_shortcodes TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.chamas TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.confirmations TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.consents TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.contributions TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.daraja_tokens TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.day_certificates TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.day_looks TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.deposits TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.devices TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.disbursement_requests TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.early_reports TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.endings TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.entries TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.entry_codes TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.entry_notes TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.erasures TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.evidence TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.files TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.heads TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.idempotency_keys TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.identity_looks TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.imports TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.incidents TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.inquiries TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.instalments TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.invitations TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.listed_payments TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.loans TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.meetings TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.minutes TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.motions TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.notice_caps TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.notice_preferences TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.notifications TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.open_holds TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.papers TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.payment_attempts TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.payment_intents TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.payout_calls TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.payout_gates TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.payouts TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.penalties TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.phones_seen TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.pin_resets TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.pin_vouches TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.pins TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.positions TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.postings TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.pulled_windows TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.pulls TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.qr_pictures TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.receipt_claims TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.receipts TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.refunds TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.reversals TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.rounds TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.rule_proposals TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.rule_sets TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.samples TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.sealing_queue TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.second_witnesses TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.settlements TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.shortcode_credentials TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.sign_in_failures TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.statements_imported TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.suspense TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.suspense_offers TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.swaps TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.take_backs TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.told_charges TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.users TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.ussd_actions TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.ussd_sessions TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.ussd_turns TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.web_sessions TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.windings TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

CREATE POLICY everything ON public.wrong_codes TO pesachama_worker, pesachama_gatekeeper USING (true) WITH CHECK (true);

ALTER TABLE public.evidence ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.files ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.heads ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.idempotency_keys ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.identity_looks ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.imports ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.incidents ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.inquiries ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.instalments ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.invitations ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.listed_payments ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.loans ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.meetings ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.minutes ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.motions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.notice_caps ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.notice_preferences ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.notifications ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.open_holds ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.papers ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.payment_attempts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.payment_intents ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.payout_calls ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.payout_gates ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.payouts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.penalties ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.phones_seen ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.pin_resets ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.pin_vouches ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.pins ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.positions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.postings ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.pulled_windows ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.pulls ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.qr_pictures ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.receipt_claims ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.receipts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.refunds ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.reversals ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.rounds ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.rule_proposals ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.rule_sets ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.samples ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sealing_queue ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.second_witnesses ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.settlements ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.shortcode_credentials ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sign_in_failures ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.statements_imported ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.suspense ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.suspense_offers ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.swaps ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.take_backs ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.told_charges ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.ussd_actions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.ussd_sessions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.ussd_turns ENABLE ROW LEVEL SECURITY;

CREATE POLICY web_adds ON public.allocations FOR INSERT TO pesachama_web WITH CHECK ((book_id = ANY (( SELECT public.own_books() AS own_books)::bigint[])));

CREATE POLICY web_adds ON public.announcements_heard FOR INSERT TO pesachama_web WITH CHECK (( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = announcements_heard.member_id) AND (m.user_id = ( SELECT public.acting_user() AS acting_user)))));

CREATE POLICY web_adds ON public.api_repeats FOR INSERT TO pesachama_web WITH CHECK ((user_id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_adds ON public.api_tokens FOR INSERT TO pesachama_web WITH CHECK ((user_id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_adds ON public.approvals FOR INSERT TO pesachama_web WITH CHECK (((user_id = ( SELECT public.acting_user() AS acting_user)) AND ((member_id IS NULL) OR ( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = approvals.member_id) AND (m.user_id = ( SELECT public.acting_user() AS acting_user)))))));

CREATE POLICY web_adds ON public.attendance FOR INSERT TO pesachama_web WITH CHECK (((member_id = ANY (( SELECT public.fellow_members() AS fellow_members)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_adds ON public.ballot_numbers FOR INSERT TO pesachama_web WITH CHECK (( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = ballot_numbers.member_id) AND (m.user_id = ( SELECT public.acting_user() AS acting_user)))));

CREATE POLICY web_adds ON public.ballots FOR INSERT TO pesachama_web WITH CHECK (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) AND (called_by = ( SELECT public.acting_user() AS acting_user))));

CREATE POLICY web_adds ON public.cash_claims FOR INSERT TO pesachama_web WITH CHECK ((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])));

CREATE POLICY web_adds ON public.chama_orders FOR INSERT TO pesachama_web WITH CHECK (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_adds ON public.confirmations FOR INSERT TO pesachama_web WITH CHECK (( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = confirmations.member_id) AND (m.user_id = ( SELECT public.acting_user() AS acting_user)))));

CREATE POLICY web_adds ON public.consents FOR INSERT TO pesachama_web WITH CHECK ((user_id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_adds ON public.devices FOR INSERT TO pesachama_web WITH CHECK (((user_id = ( SELECT public.acting_user() AS acting_user)) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_adds ON public.disbursement_requests FOR INSERT TO pesachama_web WITH CHECK (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) AND ( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = disbursement_requests.asked_by) AND (m.user_id = ( SELECT public.acting_user() AS acting_user))))));

CREATE POLICY web_adds ON public.early_reports FOR INSERT TO pesachama_web WITH CHECK ((provider_id = ( SELECT public.shown('message'::text) AS shown)));

CREATE POLICY web_adds ON public.files FOR INSERT TO pesachama_web WITH CHECK (( SELECT public.is_operator() AS is_operator));

CREATE POLICY web_adds ON public.identity_looks FOR INSERT TO pesachama_web WITH CHECK (((seen_by = ( SELECT public.acting_user() AS acting_user)) AND ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_adds ON public.imports FOR INSERT TO pesachama_web WITH CHECK (( SELECT public.is_operator() AS is_operator));

CREATE POLICY web_adds ON public.incidents FOR INSERT TO pesachama_web WITH CHECK ((reference = ( SELECT public.shown('incident'::text) AS shown)));

CREATE POLICY web_adds ON public.inquiries FOR INSERT TO pesachama_web WITH CHECK (( SELECT true
   FROM public.payment_attempts a
  WHERE ((a.id = inquiries.attempt_id) AND (a.phone = public.own_phone()))));

CREATE POLICY web_adds ON public.meetings FOR INSERT TO pesachama_web WITH CHECK (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_adds ON public.minutes FOR INSERT TO pesachama_web WITH CHECK (( SELECT true
   FROM public.meetings g
  WHERE (g.id = minutes.meeting_id)));

CREATE POLICY web_adds ON public.motions FOR INSERT TO pesachama_web WITH CHECK (((state = ANY (ARRAY['asked'::text, 'withdrawn'::text])) AND (chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) AND ( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = motions.asked_by) AND (m.user_id = ( SELECT public.acting_user() AS acting_user))))));

CREATE POLICY web_adds ON public.notice_caps FOR INSERT TO pesachama_web WITH CHECK (( SELECT public.is_operator() AS is_operator));

CREATE POLICY web_adds ON public.notice_preferences FOR INSERT TO pesachama_web WITH CHECK (((user_id = ( SELECT public.acting_user() AS acting_user)) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_adds ON public.notifications FOR INSERT TO pesachama_web WITH CHECK (((user_id = ( SELECT public.acting_user() AS acting_user)) OR (provider_id = ( SELECT public.shown('message'::text) AS shown))));

CREATE POLICY web_adds ON public.payment_attempts FOR INSERT TO pesachama_web WITH CHECK ((phone = ( SELECT public.own_phone() AS own_phone)));

CREATE POLICY web_adds ON public.payment_intents FOR INSERT TO pesachama_web WITH CHECK (((payer_id = ( SELECT public.acting_user() AS acting_user)) AND (chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[]))));

CREATE POLICY web_adds ON public.penalties FOR INSERT TO pesachama_web WITH CHECK (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) AND (cash_claim_id IS NOT NULL)));

CREATE POLICY web_adds ON public.phones_seen FOR INSERT TO pesachama_web WITH CHECK ((user_id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_adds ON public.pin_resets FOR INSERT TO pesachama_web WITH CHECK (((user_id = ( SELECT public.acting_user() AS acting_user)) OR (chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[]))));

CREATE POLICY web_adds ON public.pin_vouches FOR INSERT TO pesachama_web WITH CHECK ((user_id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_adds ON public.pins FOR INSERT TO pesachama_web WITH CHECK ((user_id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_adds ON public.qr_pictures FOR INSERT TO pesachama_web WITH CHECK (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_adds ON public.receipt_claims FOR INSERT TO pesachama_web WITH CHECK ((user_id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_adds ON public.rule_proposals FOR INSERT TO pesachama_web WITH CHECK (((state = 'pending'::text) AND (chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) AND ( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = rule_proposals.proposed_by) AND (m.user_id = ( SELECT public.acting_user() AS acting_user))))));

CREATE POLICY web_adds ON public.settlements FOR INSERT TO pesachama_web WITH CHECK (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_adds ON public.sign_in_failures FOR INSERT TO pesachama_web WITH CHECK (( SELECT (public.acting('door'::text) OR public.acting('member'::text))));

CREATE POLICY web_adds ON public.statements_imported FOR INSERT TO pesachama_web WITH CHECK (( SELECT public.is_operator() AS is_operator));

CREATE POLICY web_adds ON public.swaps FOR INSERT TO pesachama_web WITH CHECK (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) AND ( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = ANY (ARRAY[swaps.asked_by, swaps.asked_of])) AND (m.user_id = ( SELECT public.acting_user() AS acting_user))))));

CREATE POLICY web_adds ON public.take_backs FOR INSERT TO pesachama_web WITH CHECK (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_adds ON public.ussd_actions FOR INSERT TO pesachama_web WITH CHECK (((user_id = ( SELECT public.acting_user() AS acting_user)) OR ((user_id IS NULL) AND (( SELECT public.acting_user() AS acting_user) = 0))));

CREATE POLICY web_adds ON public.ussd_sessions FOR INSERT TO pesachama_web WITH CHECK (((user_id = ( SELECT public.acting_user() AS acting_user)) OR ((user_id IS NULL) AND (( SELECT public.acting_user() AS acting_user) = 0))));

CREATE POLICY web_adds ON public.web_sessions FOR INSERT TO pesachama_web WITH CHECK ((user_id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_changes ON public.announcements_heard FOR UPDATE TO pesachama_web USING (( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = announcements_heard.member_id) AND (m.user_id = ( SELECT public.acting_user() AS acting_user))))) WITH CHECK (( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = announcements_heard.member_id) AND (m.user_id = ( SELECT public.acting_user() AS acting_user)))));

CREATE POLICY web_changes ON public.api_repeats FOR UPDATE TO pesachama_web USING ((user_id = ( SELECT public.acting_user() AS acting_user))) WITH CHECK ((user_id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_changes ON public.api_tokens FOR UPDATE TO pesachama_web USING ((user_id = ( SELECT public.acting_user() AS acting_user))) WITH CHECK ((user_id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_changes ON public.approvals FOR UPDATE TO pesachama_web USING (((user_id = ( SELECT public.acting_user() AS acting_user)) AND ((member_id IS NULL) OR ( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = approvals.member_id) AND (m.user_id = ( SELECT public.acting_user() AS acting_user))))))) WITH CHECK (((user_id = ( SELECT public.acting_user() AS acting_user)) AND ((member_id IS NULL) OR ( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = approvals.member_id) AND (m.user_id = ( SELECT public.acting_user() AS acting_user)))))));

CREATE POLICY web_changes ON public.attendance FOR UPDATE TO pesachama_web USING (((member_id = ANY (( SELECT public.fellow_members() AS fellow_members)::bigint[])) OR ( SELECT public.is_operator() AS is_operator))) WITH CHECK (((member_id = ANY (( SELECT public.fellow_members() AS fellow_members)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_changes ON public.ballot_numbers FOR UPDATE TO pesachama_web USING (( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = ballot_numbers.member_id) AND (m.user_id = ( SELECT public.acting_user() AS acting_user))))) WITH CHECK (( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = ballot_numbers.member_id) AND (m.user_id = ( SELECT public.acting_user() AS acting_user)))));

CREATE POLICY web_changes ON public.ballots FOR UPDATE TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) AND (called_by = ( SELECT public.acting_user() AS acting_user)))) WITH CHECK (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) AND (called_by = ( SELECT public.acting_user() AS acting_user))));

CREATE POLICY web_changes ON public.cash_claims FOR UPDATE TO pesachama_web USING ((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[]))) WITH CHECK ((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])));

CREATE POLICY web_changes ON public.chama_orders FOR UPDATE TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator))) WITH CHECK (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_changes ON public.confirmations FOR UPDATE TO pesachama_web USING (( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = confirmations.member_id) AND (m.user_id = ( SELECT public.acting_user() AS acting_user))))) WITH CHECK (( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = confirmations.member_id) AND (m.user_id = ( SELECT public.acting_user() AS acting_user)))));

CREATE POLICY web_changes ON public.consents FOR UPDATE TO pesachama_web USING ((user_id = ( SELECT public.acting_user() AS acting_user))) WITH CHECK ((user_id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_changes ON public.contributions FOR UPDATE TO pesachama_web USING ((member_id = ANY (( SELECT public.fellow_members() AS fellow_members)::bigint[]))) WITH CHECK ((member_id = ANY (( SELECT public.fellow_members() AS fellow_members)::bigint[])));

CREATE POLICY web_changes ON public.devices FOR UPDATE TO pesachama_web USING (((user_id = ( SELECT public.acting_user() AS acting_user)) OR ( SELECT public.is_operator() AS is_operator))) WITH CHECK (((user_id = ( SELECT public.acting_user() AS acting_user)) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_changes ON public.disbursement_requests FOR UPDATE TO pesachama_web USING (((state = ANY (ARRAY['pending'::text, 'rejected'::text])) AND (payout_id IS NULL) AND (chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) AND ( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = disbursement_requests.asked_by) AND (m.user_id = ( SELECT public.acting_user() AS acting_user)))))) WITH CHECK (((state = 'pending'::text) AND (payout_id IS NULL) AND (chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) AND ( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = disbursement_requests.asked_by) AND (m.user_id = ( SELECT public.acting_user() AS acting_user))))));

CREATE POLICY web_changes ON public.early_reports FOR UPDATE TO pesachama_web USING ((provider_id = ( SELECT public.shown('message'::text) AS shown))) WITH CHECK ((provider_id = ( SELECT public.shown('message'::text) AS shown)));

CREATE POLICY web_changes ON public.files FOR UPDATE TO pesachama_web USING (( SELECT public.is_operator() AS is_operator)) WITH CHECK (( SELECT public.is_operator() AS is_operator));

CREATE POLICY web_changes ON public.imports FOR UPDATE TO pesachama_web USING (( SELECT public.is_operator() AS is_operator)) WITH CHECK (( SELECT public.is_operator() AS is_operator));

CREATE POLICY web_changes ON public.incidents FOR UPDATE TO pesachama_web USING ((reference = ( SELECT public.shown('incident'::text) AS shown))) WITH CHECK ((reference = ( SELECT public.shown('incident'::text) AS shown)));

CREATE POLICY web_changes ON public.inquiries FOR UPDATE TO pesachama_web USING ((( SELECT public.is_operator() AS is_operator) OR ( SELECT true
   FROM public.payment_attempts a
  WHERE ((a.id = inquiries.attempt_id) AND (a.phone = public.own_phone()))))) WITH CHECK ((( SELECT public.is_operator() AS is_operator) OR ( SELECT true
   FROM public.payment_attempts a
  WHERE ((a.id = inquiries.attempt_id) AND (a.phone = public.own_phone())))));

CREATE POLICY web_changes ON public.instalments FOR UPDATE TO pesachama_web USING ((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[]))) WITH CHECK ((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])));

CREATE POLICY web_changes ON public.meetings FOR UPDATE TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator))) WITH CHECK (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_changes ON public.minutes FOR UPDATE TO pesachama_web USING (( SELECT true
   FROM public.meetings g
  WHERE (g.id = minutes.meeting_id))) WITH CHECK (( SELECT true
   FROM public.meetings g
  WHERE (g.id = minutes.meeting_id)));

CREATE POLICY web_changes ON public.motions FOR UPDATE TO pesachama_web USING (((state = ANY (ARRAY['asked'::text, 'withdrawn'::text])) AND (chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) AND ( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = motions.asked_by) AND (m.user_id = ( SELECT public.acting_user() AS acting_user)))))) WITH CHECK (((state = ANY (ARRAY['asked'::text, 'withdrawn'::text])) AND (chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) AND ( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = motions.asked_by) AND (m.user_id = ( SELECT public.acting_user() AS acting_user))))));

CREATE POLICY web_changes ON public.notice_caps FOR UPDATE TO pesachama_web USING (( SELECT public.is_operator() AS is_operator)) WITH CHECK (( SELECT public.is_operator() AS is_operator));

CREATE POLICY web_changes ON public.notice_preferences FOR UPDATE TO pesachama_web USING (((user_id = ( SELECT public.acting_user() AS acting_user)) OR ( SELECT public.is_operator() AS is_operator))) WITH CHECK (((user_id = ( SELECT public.acting_user() AS acting_user)) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_changes ON public.notifications FOR UPDATE TO pesachama_web USING (((user_id = ( SELECT public.acting_user() AS acting_user)) OR (provider_id = ( SELECT public.shown('message'::text) AS shown)))) WITH CHECK (((user_id = ( SELECT public.acting_user() AS acting_user)) OR (provider_id = ( SELECT public.shown('message'::text) AS shown))));

CREATE POLICY web_changes ON public.payment_attempts FOR UPDATE TO pesachama_web USING ((phone = ( SELECT public.own_phone() AS own_phone))) WITH CHECK ((phone = ( SELECT public.own_phone() AS own_phone)));

CREATE POLICY web_changes ON public.payment_intents FOR UPDATE TO pesachama_web USING (((payer_id = ( SELECT public.acting_user() AS acting_user)) AND (chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])))) WITH CHECK (((payer_id = ( SELECT public.acting_user() AS acting_user)) AND (chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[]))));

CREATE POLICY web_changes ON public.penalties FOR UPDATE TO pesachama_web USING ((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[]))) WITH CHECK ((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])));

CREATE POLICY web_changes ON public.phones_seen FOR UPDATE TO pesachama_web USING ((user_id = ( SELECT public.acting_user() AS acting_user))) WITH CHECK ((user_id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_changes ON public.pin_resets FOR UPDATE TO pesachama_web USING (((user_id = ( SELECT public.acting_user() AS acting_user)) OR (chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])))) WITH CHECK (((user_id = ( SELECT public.acting_user() AS acting_user)) OR (chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[]))));

CREATE POLICY web_changes ON public.pin_vouches FOR UPDATE TO pesachama_web USING ((user_id = ( SELECT public.acting_user() AS acting_user))) WITH CHECK ((user_id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_changes ON public.pins FOR UPDATE TO pesachama_web USING ((user_id = ( SELECT public.acting_user() AS acting_user))) WITH CHECK ((user_id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_changes ON public.qr_pictures FOR UPDATE TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator))) WITH CHECK (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_changes ON public.receipt_claims FOR UPDATE TO pesachama_web USING ((user_id = ( SELECT public.acting_user() AS acting_user))) WITH CHECK ((user_id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_changes ON public.rule_proposals FOR UPDATE TO pesachama_web USING (((state = 'pending'::text) AND (chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) AND ( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = rule_proposals.proposed_by) AND (m.user_id = ( SELECT public.acting_user() AS acting_user)))))) WITH CHECK (((state = 'pending'::text) AND (chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) AND ( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = rule_proposals.proposed_by) AND (m.user_id = ( SELECT public.acting_user() AS acting_user))))));

CREATE POLICY web_changes ON public.settlements FOR UPDATE TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator))) WITH CHECK (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_changes ON public.sign_in_failures FOR UPDATE TO pesachama_web USING (( SELECT (public.acting('door'::text) OR public.acting('member'::text)))) WITH CHECK (( SELECT (public.acting('door'::text) OR public.acting('member'::text))));

CREATE POLICY web_changes ON public.statements_imported FOR UPDATE TO pesachama_web USING (( SELECT public.is_operator() AS is_operator)) WITH CHECK (( SELECT public.is_operator() AS is_operator));

CREATE POLICY web_changes ON public.swaps FOR UPDATE TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) AND ( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = ANY (ARRAY[swaps.asked_by, swaps.asked_of])) AND (m.user_id = ( SELECT public.acting_user() AS acting_user)))))) WITH CHECK (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) AND ( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = ANY (ARRAY[swaps.asked_by, swaps.asked_of])) AND (m.user_id = ( SELECT public.acting_user() AS acting_user))))));

CREATE POLICY web_changes ON public.take_backs FOR UPDATE TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator))) WITH CHECK (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_changes ON public.users FOR UPDATE TO pesachama_web USING ((id = ( SELECT public.acting_user() AS acting_user))) WITH CHECK ((id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_changes ON public.ussd_actions FOR UPDATE TO pesachama_web USING ((user_id = ( SELECT public.acting_user() AS acting_user))) WITH CHECK ((user_id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_changes ON public.ussd_sessions FOR UPDATE TO pesachama_web USING (((user_id = ( SELECT public.acting_user() AS acting_user)) OR ((user_id IS NULL) AND (( SELECT public.acting_user() AS acting_user) = 0)))) WITH CHECK (((user_id = ( SELECT public.acting_user() AS acting_user)) OR ((user_id IS NULL) AND (( SELECT public.acting_user() AS acting_user) = 0))));

CREATE POLICY web_changes ON public.web_sessions FOR UPDATE TO pesachama_web USING ((user_id = ( SELECT public.acting_user() AS acting_user))) WITH CHECK ((user_id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_office ON public.chama_members TO pesachama_web USING (( SELECT public.acting('office'::text) AS acting)) WITH CHECK (( SELECT public.acting('office'::text) AS acting));

CREATE POLICY web_office ON public.chamas TO pesachama_web USING (( SELECT public.acting('office'::text) AS acting)) WITH CHECK (( SELECT public.acting('office'::text) AS acting));

CREATE POLICY web_office ON public.consents TO pesachama_web USING (( SELECT public.acting('office'::text) AS acting)) WITH CHECK (( SELECT public.acting('office'::text) AS acting));

CREATE POLICY web_office ON public.invitations TO pesachama_web USING (( SELECT public.acting('office'::text) AS acting)) WITH CHECK (( SELECT public.acting('office'::text) AS acting));

CREATE POLICY web_office ON public.rule_sets TO pesachama_web USING (( SELECT public.acting('office'::text) AS acting)) WITH CHECK (( SELECT public.acting('office'::text) AS acting));

CREATE POLICY web_office ON public.users TO pesachama_web USING (( SELECT public.acting('office'::text) AS acting)) WITH CHECK (( SELECT public.acting('office'::text) AS acting));

CREATE POLICY web_office ON public.wrong_codes TO pesachama_web USING (( SELECT public.acting('office'::text) AS acting)) WITH CHECK (( SELECT public.acting('office'::text) AS acting));

CREATE POLICY web_office_looks ON public.motions FOR SELECT TO pesachama_web USING (( SELECT public.acting('office'::text) AS acting));

CREATE POLICY web_office_looks ON public.notice_preferences FOR SELECT TO pesachama_web USING (( SELECT public.acting('office'::text) AS acting));

CREATE POLICY web_office_looks ON public.notifications FOR SELECT TO pesachama_web USING (( SELECT public.acting('office'::text) AS acting));

CREATE POLICY web_office_tells ON public.notifications FOR INSERT TO pesachama_web WITH CHECK (( SELECT public.acting('office'::text) AS acting));

CREATE POLICY web_operator_adds ON public.cash_claims FOR INSERT TO pesachama_web WITH CHECK (( SELECT public.is_operator() AS is_operator));

CREATE POLICY web_operator_changes ON public.cash_claims FOR UPDATE TO pesachama_web USING (( SELECT public.is_operator() AS is_operator)) WITH CHECK (( SELECT public.is_operator() AS is_operator));

CREATE POLICY web_posts_to_her_books ON public.heads AS RESTRICTIVE USING ((( SELECT (current_setting('role'::text) <> 'pesachama_web'::text)) OR (book_id = ANY (( SELECT public.own_books() AS own_books)::bigint[])) OR ( SELECT public.is_operator() AS is_operator) OR ((next_seq = 1) AND ( SELECT public.acting('office'::text) AS acting))));

CREATE POLICY web_reads ON public.accounts FOR SELECT TO pesachama_web USING (((book_id = ANY (( SELECT public.own_books() AS own_books)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.allocations FOR SELECT TO pesachama_web USING (((book_id = ANY (( SELECT public.own_books() AS own_books)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.announcements_heard FOR SELECT TO pesachama_web USING (((member_id = ANY (( SELECT public.fellow_members() AS fellow_members)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.api_repeats FOR SELECT TO pesachama_web USING ((user_id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_reads ON public.api_tokens FOR SELECT TO pesachama_web USING ((user_id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_reads ON public.approvals FOR SELECT TO pesachama_web USING (((user_id = ( SELECT public.acting_user() AS acting_user)) OR (member_id = ANY (( SELECT public.fellow_members() AS fellow_members)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.attendance FOR SELECT TO pesachama_web USING (((member_id = ANY (( SELECT public.fellow_members() AS fellow_members)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.audit_chain FOR SELECT TO pesachama_web USING (( SELECT public.is_operator() AS is_operator));

CREATE POLICY web_reads ON public.audit_logs FOR SELECT TO pesachama_web USING (( SELECT public.is_operator() AS is_operator));

CREATE POLICY web_reads ON public.audit_queue FOR SELECT TO pesachama_web USING ((( SELECT public.is_operator() AS is_operator) OR ( SELECT public.acting('house'::text) AS acting)));

CREATE POLICY web_reads ON public.balance_assertions FOR SELECT TO pesachama_web USING (((book_id = ANY (( SELECT public.own_books() AS own_books)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.balance_questions FOR SELECT TO pesachama_web USING ((( SELECT public.is_operator() AS is_operator) OR (encode(token_hash, 'hex'::text) = ( SELECT public.shown('token'::text) AS shown))));

CREATE POLICY web_reads ON public.ballot_numbers FOR SELECT TO pesachama_web USING (((member_id = ANY (( SELECT public.fellow_members() AS fellow_members)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.ballots FOR SELECT TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.batch_leaves FOR SELECT TO pesachama_web USING (((book_id = ANY (( SELECT public.own_books() AS own_books)::bigint[])) OR ( SELECT public.is_operator() AS is_operator) OR (batch = ( SELECT (public.shown_page())[3] AS shown_page))));

CREATE POLICY web_reads ON public.books FOR SELECT TO pesachama_web USING (((id = ANY (( SELECT public.own_books() AS own_books)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.cash_bankings FOR SELECT TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.cash_claims FOR SELECT TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.chama_members FOR SELECT TO pesachama_web USING (((user_id = ( SELECT public.acting_user() AS acting_user)) OR (chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.chama_orders FOR SELECT TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.chama_shortcodes FOR SELECT TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.chamas FOR SELECT TO pesachama_web USING (((id = ANY (( SELECT public.near_chamas() AS near_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.confirmations FOR SELECT TO pesachama_web USING (((member_id = ANY (( SELECT public.fellow_members() AS fellow_members)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.consents FOR SELECT TO pesachama_web USING (((user_id = ( SELECT public.acting_user() AS acting_user)) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.contributions FOR SELECT TO pesachama_web USING (((member_id = ANY (( SELECT public.fellow_members() AS fellow_members)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.day_certificates FOR SELECT TO pesachama_web USING (( SELECT public.is_operator() AS is_operator));

CREATE POLICY web_reads ON public.day_looks FOR SELECT TO pesachama_web USING (( SELECT public.is_operator() AS is_operator));

CREATE POLICY web_reads ON public.deposits FOR SELECT TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.devices FOR SELECT TO pesachama_web USING (((user_id = ( SELECT public.acting_user() AS acting_user)) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.disbursement_requests FOR SELECT TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator) OR ( SELECT public.acting('house'::text) AS acting)));

CREATE POLICY web_reads ON public.early_reports FOR SELECT TO pesachama_web USING ((provider_id = ( SELECT public.shown('message'::text) AS shown)));

CREATE POLICY web_reads ON public.endings FOR SELECT TO pesachama_web USING (((book_id = ANY (( SELECT public.own_books() AS own_books)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.entries FOR SELECT TO pesachama_web USING (((book_id = ANY (( SELECT public.own_books() AS own_books)::bigint[])) OR ( SELECT public.is_operator() AS is_operator) OR ((book_id = ( SELECT (public.shown_page())[1] AS shown_page)) AND (seq = ( SELECT (public.shown_page())[2] AS shown_page)))));

CREATE POLICY web_reads ON public.entry_codes FOR SELECT TO pesachama_web USING (((book_id = ANY (( SELECT public.own_books() AS own_books)::bigint[])) OR ( SELECT public.is_operator() AS is_operator) OR ((book_id = ( SELECT (public.shown_page())[1] AS shown_page)) AND (seq = ( SELECT (public.shown_page())[2] AS shown_page)))));

CREATE POLICY web_reads ON public.entry_notes FOR SELECT TO pesachama_web USING (((book_id = ANY (( SELECT public.own_books() AS own_books)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.erasures FOR SELECT TO pesachama_web USING (( SELECT public.is_operator() AS is_operator));

CREATE POLICY web_reads ON public.evidence FOR SELECT TO pesachama_web USING ((( SELECT public.is_operator() AS is_operator) OR ( SELECT public.acting('house'::text) AS acting) OR (encode(token_hash, 'hex'::text) = ( SELECT public.shown('token'::text) AS shown)) OR (( SELECT public.acting('door'::text) AS acting) AND (attempt_id IS NULL) AND (verdict = ANY (ARRAY['unmatched'::text, 'refused'::text, 'unreadable'::text])))));

CREATE POLICY web_reads ON public.files FOR SELECT TO pesachama_web USING (((user_id = ( SELECT public.acting_user() AS acting_user)) OR ( SELECT public.is_operator() AS is_operator) OR ( SELECT true
   FROM public.meetings g
  WHERE (g.id = files.meeting_id)) OR ((kind = 'avatar'::text) AND (shelf_name = ( SELECT public.shown('avatar'::text) AS shown)))));

CREATE POLICY web_reads ON public.heads FOR SELECT TO pesachama_web USING (((book_id = ANY (( SELECT public.own_books() AS own_books)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.idempotency_keys FOR SELECT TO pesachama_web USING (((book_id = ANY (( SELECT public.own_books() AS own_books)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.identity_looks FOR SELECT TO pesachama_web USING (((user_id = ( SELECT public.acting_user() AS acting_user)) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.imports FOR SELECT TO pesachama_web USING (( SELECT public.is_operator() AS is_operator));

CREATE POLICY web_reads ON public.incidents FOR SELECT TO pesachama_web USING ((( SELECT public.is_operator() AS is_operator) OR (reference = ( SELECT public.shown('incident'::text) AS shown))));

CREATE POLICY web_reads ON public.inquiries FOR SELECT TO pesachama_web USING ((( SELECT public.is_operator() AS is_operator) OR ( SELECT public.acting('house'::text) AS acting) OR (encode(token_hash, 'hex'::text) = ( SELECT public.shown('token'::text) AS shown)) OR ((( SELECT public.acting_user() AS acting_user) > 0) AND ( SELECT true
   FROM public.payment_attempts a
  WHERE (a.id = inquiries.attempt_id)))));

CREATE POLICY web_reads ON public.instalments FOR SELECT TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.invitations FOR SELECT TO pesachama_web USING ((( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = invitations.member_id) AND (m.user_id = public.acting_user()))) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.listed_payments FOR SELECT TO pesachama_web USING (( SELECT public.is_operator() AS is_operator));

CREATE POLICY web_reads ON public.loans FOR SELECT TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.meetings FOR SELECT TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.minutes FOR SELECT TO pesachama_web USING (( SELECT true
   FROM public.meetings g
  WHERE (g.id = minutes.meeting_id)));

CREATE POLICY web_reads ON public.motions FOR SELECT TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.notice_caps FOR SELECT TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.notice_preferences FOR SELECT TO pesachama_web USING (((user_id = ( SELECT public.acting_user() AS acting_user)) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.notifications FOR SELECT TO pesachama_web USING (((user_id = ( SELECT public.acting_user() AS acting_user)) OR ( SELECT public.is_operator() AS is_operator) OR ( SELECT public.acting('house'::text) AS acting) OR (provider_id = ( SELECT public.shown('message'::text) AS shown))));

CREATE POLICY web_reads ON public.open_holds FOR SELECT TO pesachama_web USING (((book_id = ANY (( SELECT public.own_books() AS own_books)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.papers FOR SELECT TO pesachama_web USING (((book_id = ANY (( SELECT public.own_books() AS own_books)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.payment_attempts FOR SELECT TO pesachama_web USING (((phone = ( SELECT public.own_phone() AS own_phone)) OR ( SELECT public.is_operator() AS is_operator) OR ( SELECT public.acting('house'::text) AS acting) OR (encode(token_hash, 'hex'::text) = ( SELECT public.shown('token'::text) AS shown)) OR ( SELECT true
   FROM public.payment_intents i
  WHERE (i.id = payment_attempts.intent_id))));

CREATE POLICY web_reads ON public.payment_intents FOR SELECT TO pesachama_web USING (((payer_id = ( SELECT public.acting_user() AS acting_user)) OR (chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.payout_calls FOR SELECT TO pesachama_web USING ((( SELECT public.is_operator() AS is_operator) OR ( SELECT public.acting('house'::text) AS acting) OR (encode(token_hash, 'hex'::text) = ( SELECT public.shown('token'::text) AS shown)) OR ((( SELECT public.acting_user() AS acting_user) > 0) AND ( SELECT true
   FROM public.payouts p
  WHERE (p.id = payout_calls.payout_id)))));

CREATE POLICY web_reads ON public.payout_gates FOR SELECT TO pesachama_web USING ((( SELECT public.is_operator() AS is_operator) OR ( SELECT public.acting('house'::text) AS acting)));

CREATE POLICY web_reads ON public.payouts FOR SELECT TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR (user_id = ( SELECT public.acting_user() AS acting_user)) OR ( SELECT public.is_operator() AS is_operator) OR ( SELECT public.acting('house'::text) AS acting)));

CREATE POLICY web_reads ON public.penalties FOR SELECT TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.phones_seen FOR SELECT TO pesachama_web USING (((user_id = ( SELECT public.acting_user() AS acting_user)) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.pin_resets FOR SELECT TO pesachama_web USING (((user_id = ( SELECT public.acting_user() AS acting_user)) OR (chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.pin_vouches FOR SELECT TO pesachama_web USING (((user_id = ANY (( SELECT public.fellow_users() AS fellow_users)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.pins FOR SELECT TO pesachama_web USING ((user_id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_reads ON public.positions FOR SELECT TO pesachama_web USING (((book_id = ANY (( SELECT public.own_books() AS own_books)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.postings FOR SELECT TO pesachama_web USING (((book_id = ANY (( SELECT public.own_books() AS own_books)::bigint[])) OR ( SELECT public.is_operator() AS is_operator) OR ((book_id = ( SELECT (public.shown_page())[1] AS shown_page)) AND (seq = ( SELECT (public.shown_page())[2] AS shown_page)))));

CREATE POLICY web_reads ON public.pulled_windows FOR SELECT TO pesachama_web USING (( SELECT public.is_operator() AS is_operator));

CREATE POLICY web_reads ON public.pulls FOR SELECT TO pesachama_web USING (( SELECT public.is_operator() AS is_operator));

CREATE POLICY web_reads ON public.qr_pictures FOR SELECT TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.receipt_claims FOR SELECT TO pesachama_web USING (((user_id = ( SELECT public.acting_user() AS acting_user)) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.receipts FOR SELECT TO pesachama_web USING (((book_id = ANY (( SELECT public.own_books() AS own_books)::bigint[])) OR ( SELECT public.is_operator() AS is_operator) OR ((( SELECT public.acting_user() AS acting_user) > 0) AND ( SELECT true
   FROM public.payment_attempts a
  WHERE (a.id = receipts.attempt_id)))));

CREATE POLICY web_reads ON public.refunds FOR SELECT TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.reversals FOR SELECT TO pesachama_web USING ((( SELECT public.is_operator() AS is_operator) OR (decode(( SELECT public.shown('token'::text) AS shown), 'hex'::text) = ANY (token_hashes))));

CREATE POLICY web_reads ON public.rounds FOR SELECT TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.rule_proposals FOR SELECT TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.rule_sets FOR SELECT TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.samples FOR SELECT TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.sealing_queue FOR SELECT TO pesachama_web USING (((book_id = ANY (( SELECT public.own_books() AS own_books)::bigint[])) OR ( SELECT public.is_operator() AS is_operator) OR ( SELECT public.acting('house'::text) AS acting)));

CREATE POLICY web_reads ON public.settlements FOR SELECT TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.sign_in_failures FOR SELECT TO pesachama_web USING (( SELECT (public.acting('door'::text) OR public.acting('member'::text))));

CREATE POLICY web_reads ON public.statements_imported FOR SELECT TO pesachama_web USING (( SELECT public.is_operator() AS is_operator));

CREATE POLICY web_reads ON public.suspense FOR SELECT TO pesachama_web USING ((( SELECT public.is_operator() AS is_operator) OR ( SELECT public.acting('house'::text) AS acting)));

CREATE POLICY web_reads ON public.suspense_offers FOR SELECT TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.swaps FOR SELECT TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.take_backs FOR SELECT TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.told_charges FOR SELECT TO pesachama_web USING (( SELECT public.is_operator() AS is_operator));

CREATE POLICY web_reads ON public.users FOR SELECT TO pesachama_web USING (((id = ( SELECT public.acting_user() AS acting_user)) OR (id = ANY (( SELECT public.fellow_users() AS fellow_users)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.ussd_actions FOR SELECT TO pesachama_web USING (((user_id = ( SELECT public.acting_user() AS acting_user)) OR ((user_id IS NULL) AND (( SELECT public.acting_user() AS acting_user) = 0)) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.ussd_sessions FOR SELECT TO pesachama_web USING (((user_id = ( SELECT public.acting_user() AS acting_user)) OR ( SELECT public.is_operator() AS is_operator) OR ((user_id IS NULL) AND (( SELECT public.acting_user() AS acting_user) = 0))));

CREATE POLICY web_reads ON public.ussd_turns FOR SELECT TO pesachama_web USING (((user_id = ( SELECT public.acting_user() AS acting_user)) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_reads ON public.web_sessions FOR SELECT TO pesachama_web USING ((user_id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_reads ON public.windings FOR SELECT TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_removes ON public.announcements_heard FOR DELETE TO pesachama_web USING (( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = announcements_heard.member_id) AND (m.user_id = ( SELECT public.acting_user() AS acting_user)))));

CREATE POLICY web_removes ON public.api_repeats FOR DELETE TO pesachama_web USING ((user_id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_removes ON public.api_tokens FOR DELETE TO pesachama_web USING ((user_id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_removes ON public.approvals FOR DELETE TO pesachama_web USING (((user_id = ( SELECT public.acting_user() AS acting_user)) AND ((member_id IS NULL) OR ( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = approvals.member_id) AND (m.user_id = ( SELECT public.acting_user() AS acting_user)))))));

CREATE POLICY web_removes ON public.attendance FOR DELETE TO pesachama_web USING (((member_id = ANY (( SELECT public.fellow_members() AS fellow_members)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_removes ON public.ballot_numbers FOR DELETE TO pesachama_web USING (( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = ballot_numbers.member_id) AND (m.user_id = ( SELECT public.acting_user() AS acting_user)))));

CREATE POLICY web_removes ON public.ballots FOR DELETE TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) AND (called_by = ( SELECT public.acting_user() AS acting_user))));

CREATE POLICY web_removes ON public.cash_claims FOR DELETE TO pesachama_web USING ((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])));

CREATE POLICY web_removes ON public.chama_orders FOR DELETE TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_removes ON public.confirmations FOR DELETE TO pesachama_web USING (( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = confirmations.member_id) AND (m.user_id = ( SELECT public.acting_user() AS acting_user)))));

CREATE POLICY web_removes ON public.consents FOR DELETE TO pesachama_web USING ((user_id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_removes ON public.devices FOR DELETE TO pesachama_web USING (((user_id = ( SELECT public.acting_user() AS acting_user)) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_removes ON public.disbursement_requests FOR DELETE TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) AND ( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = disbursement_requests.asked_by) AND (m.user_id = ( SELECT public.acting_user() AS acting_user))))));

CREATE POLICY web_removes ON public.early_reports FOR DELETE TO pesachama_web USING ((provider_id = ( SELECT public.shown('message'::text) AS shown)));

CREATE POLICY web_removes ON public.files FOR DELETE TO pesachama_web USING (( SELECT public.is_operator() AS is_operator));

CREATE POLICY web_removes ON public.imports FOR DELETE TO pesachama_web USING (( SELECT public.is_operator() AS is_operator));

CREATE POLICY web_removes ON public.incidents FOR DELETE TO pesachama_web USING ((reference = ( SELECT public.shown('incident'::text) AS shown)));

CREATE POLICY web_removes ON public.inquiries FOR DELETE TO pesachama_web USING (( SELECT true
   FROM public.payment_attempts a
  WHERE ((a.id = inquiries.attempt_id) AND (a.phone = public.own_phone()))));

CREATE POLICY web_removes ON public.meetings FOR DELETE TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_removes ON public.minutes FOR DELETE TO pesachama_web USING (( SELECT true
   FROM public.meetings g
  WHERE (g.id = minutes.meeting_id)));

CREATE POLICY web_removes ON public.motions FOR DELETE TO pesachama_web USING (((state = ANY (ARRAY['asked'::text, 'withdrawn'::text])) AND (chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) AND ( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = motions.asked_by) AND (m.user_id = ( SELECT public.acting_user() AS acting_user))))));

CREATE POLICY web_removes ON public.notice_caps FOR DELETE TO pesachama_web USING (( SELECT public.is_operator() AS is_operator));

CREATE POLICY web_removes ON public.notice_preferences FOR DELETE TO pesachama_web USING (((user_id = ( SELECT public.acting_user() AS acting_user)) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_removes ON public.notifications FOR DELETE TO pesachama_web USING (((user_id = ( SELECT public.acting_user() AS acting_user)) OR (provider_id = ( SELECT public.shown('message'::text) AS shown))));

CREATE POLICY web_removes ON public.payment_attempts FOR DELETE TO pesachama_web USING ((phone = ( SELECT public.own_phone() AS own_phone)));

CREATE POLICY web_removes ON public.payment_intents FOR DELETE TO pesachama_web USING (((payer_id = ( SELECT public.acting_user() AS acting_user)) AND (chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[]))));

CREATE POLICY web_removes ON public.phones_seen FOR DELETE TO pesachama_web USING ((user_id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_removes ON public.pin_resets FOR DELETE TO pesachama_web USING (((user_id = ( SELECT public.acting_user() AS acting_user)) OR (chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[]))));

CREATE POLICY web_removes ON public.pin_vouches FOR DELETE TO pesachama_web USING ((user_id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_removes ON public.pins FOR DELETE TO pesachama_web USING ((user_id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_removes ON public.qr_pictures FOR DELETE TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_removes ON public.receipt_claims FOR DELETE TO pesachama_web USING ((user_id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_removes ON public.rule_proposals FOR DELETE TO pesachama_web USING (((state = 'pending'::text) AND (chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) AND ( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = rule_proposals.proposed_by) AND (m.user_id = ( SELECT public.acting_user() AS acting_user))))));

CREATE POLICY web_removes ON public.settlements FOR DELETE TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_removes ON public.sign_in_failures FOR DELETE TO pesachama_web USING (( SELECT (public.acting('door'::text) OR public.acting('member'::text))));

CREATE POLICY web_removes ON public.statements_imported FOR DELETE TO pesachama_web USING (( SELECT public.is_operator() AS is_operator));

CREATE POLICY web_removes ON public.swaps FOR DELETE TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) AND ( SELECT true
   FROM public.chama_members m
  WHERE ((m.id = ANY (ARRAY[swaps.asked_by, swaps.asked_of])) AND (m.user_id = ( SELECT public.acting_user() AS acting_user))))));

CREATE POLICY web_removes ON public.take_backs FOR DELETE TO pesachama_web USING (((chama_id = ANY (( SELECT public.own_chamas() AS own_chamas)::bigint[])) OR ( SELECT public.is_operator() AS is_operator)));

CREATE POLICY web_removes ON public.users FOR DELETE TO pesachama_web USING ((id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_removes ON public.ussd_actions FOR DELETE TO pesachama_web USING ((user_id = ( SELECT public.acting_user() AS acting_user)));

CREATE POLICY web_removes ON public.ussd_sessions FOR DELETE TO pesachama_web USING (((user_id = ( SELECT public.acting_user() AS acting_user)) OR ((user_id IS NULL) AND (( SELECT public.acting_user() AS acting_user) = 0))));

CREATE POLICY web_removes ON public.web_sessions FOR DELETE TO pesachama_web USING ((user_id = ( SELECT public.acting_user() AS acting_user)));

ALTER TABLE public.web_sessions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.windings ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.wrong_codes ENABLE ROW LEVEL SECURITY;

GRANT USAGE ON SCHEMA public TO pesachama_web;
GRANT USAGE ON SCHEMA public TO pesachama_worker;
GRANT USAGE ON SCHEMA public TO pesachama_gatekeeper;

REVOKE ALL ON FUNCTION public.acting(p_context text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.acting(p_context text) TO pesachama_web;
GRANT ALL ON FUNCTION public.acting(p_context text) TO pesachama_worker;
GRANT ALL ON FUNCTION public.acting(p_context text) TO pesachama_gatekeeper;

REVOKE ALL ON FUNCTION public.acting_user() FROM PUBLIC;
GRANT ALL ON FUNCTION public.acting_user() TO pesachama_web;
GRANT ALL ON FUNCTION public.acting_user() TO pesachama_worker;
GRANT ALL ON FUNCTION public.acting_user() TO pesachama_gatekeeper;

REVOKE ALL ON FUNCTION public.apply_positions() FROM PUBLIC;

GRANT SELECT ON TABLE public.balance_assertions TO pesachama_web;
GRANT SELECT ON TABLE public.balance_assertions TO pesachama_worker;

REVOKE ALL ON FUNCTION public.assert_balance(p_account_id bigint, p_as_of_seq bigint, p_source text, p_asserted_cents bigint, p_asserted_by bigint, p_asserted_at timestamp with time zone, p_corrects_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.assert_balance(p_account_id bigint, p_as_of_seq bigint, p_source text, p_asserted_cents bigint, p_asserted_by bigint, p_asserted_at timestamp with time zone, p_corrects_id bigint) TO pesachama_worker;
GRANT ALL ON FUNCTION public.assert_balance(p_account_id bigint, p_as_of_seq bigint, p_source text, p_asserted_cents bigint, p_asserted_by bigint, p_asserted_at timestamp with time zone, p_corrects_id bigint) TO pesachama_web;

REVOKE ALL ON FUNCTION public.audit_all(p_table text, p_keys text[], p_subject text, p_personal text[], p_secret text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.audit_columns(p_table text, p_keys text[], p_columns text[], p_secret text[]) FROM PUBLIC;

GRANT SELECT ON TABLE public.audit_logs TO pesachama_web;
GRANT SELECT ON TABLE public.audit_logs TO pesachama_worker;

REVOKE ALL ON FUNCTION public.audit_hash(p_prev_hash bytea, p_position bigint, p_chained_at timestamp with time zone, p_log public.audit_logs, p_row bytea, p_address bytea) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.audit_row() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.audit_statement() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.audit_states() FROM PUBLIC;

GRANT SELECT ON TABLE public.accounts TO pesachama_web;
GRANT SELECT ON TABLE public.accounts TO pesachama_worker;

REVOKE ALL ON FUNCTION public.bears(account public.accounts, cents bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.chain_audit(p_at timestamp with time zone, p_salts bytea[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.chain_audit(p_at timestamp with time zone, p_salts bytea[]) TO pesachama_worker;

REVOKE ALL ON FUNCTION public.chained_hash(version integer, prev_hash bytea, book_id bigint, season integer, seq bigint, body bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION public.chained_hash(version integer, prev_hash bytea, book_id bigint, season integer, seq bigint, body bytea) TO pesachama_web;
GRANT ALL ON FUNCTION public.chained_hash(version integer, prev_hash bytea, book_id bigint, season integer, seq bigint, body bytea) TO pesachama_worker;

REVOKE ALL ON FUNCTION public.demand_balance() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.demand_ending() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.demand_ending_entry() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.demand_postings() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.derived_positions(p_book_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.derived_positions(p_book_id bigint) TO pesachama_worker;

REVOKE ALL ON FUNCTION public.entry_body(version integer, kind text, occurred_at timestamp with time zone, recorded_at timestamp with time zone, about_season integer, actor_id bigint, reverses_seq bigint, expires_at timestamp with time zone, resolves_seq bigint, resolution text, commitment bytea, account_ids bigint[], amounts_cents bigint[], phases text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.entry_body(version integer, kind text, occurred_at timestamp with time zone, recorded_at timestamp with time zone, about_season integer, actor_id bigint, reverses_seq bigint, expires_at timestamp with time zone, resolves_seq bigint, resolution text, commitment bytea, account_ids bigint[], amounts_cents bigint[], phases text[]) TO pesachama_web;
GRANT ALL ON FUNCTION public.entry_body(version integer, kind text, occurred_at timestamp with time zone, recorded_at timestamp with time zone, about_season integer, actor_id bigint, reverses_seq bigint, expires_at timestamp with time zone, resolves_seq bigint, resolution text, commitment bytea, account_ids bigint[], amounts_cents bigint[], phases text[]) TO pesachama_worker;

REVOKE ALL ON FUNCTION public.entry_hash(version integer, prev_hash bytea, book_id bigint, season integer, seq bigint, kind text, occurred_at timestamp with time zone, recorded_at timestamp with time zone, about_season integer, actor_id bigint, reverses_seq bigint, expires_at timestamp with time zone, resolves_seq bigint, resolution text, commitment bytea, account_ids bigint[], amounts_cents bigint[], phases text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.entry_hash(version integer, prev_hash bytea, book_id bigint, season integer, seq bigint, kind text, occurred_at timestamp with time zone, recorded_at timestamp with time zone, about_season integer, actor_id bigint, reverses_seq bigint, expires_at timestamp with time zone, resolves_seq bigint, resolution text, commitment bytea, account_ids bigint[], amounts_cents bigint[], phases text[]) TO pesachama_web;
GRANT ALL ON FUNCTION public.entry_hash(version integer, prev_hash bytea, book_id bigint, season integer, seq bigint, kind text, occurred_at timestamp with time zone, recorded_at timestamp with time zone, about_season integer, actor_id bigint, reverses_seq bigint, expires_at timestamp with time zone, resolves_seq bigint, resolution text, commitment bytea, account_ids bigint[], amounts_cents bigint[], phases text[]) TO pesachama_worker;

REVOKE ALL ON FUNCTION public.examine_entries(p_scopes text[], p_keys text[], p_request_hashes bytea[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.examine_targets(p_book_ids bigint[], p_targets bigint[], p_resolutions text[], p_recorded_at timestamp with time zone, p_line_entries integer[], p_account_ids bigint[], p_amounts_cents bigint[], p_phases text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.fellow_members() FROM PUBLIC;
GRANT ALL ON FUNCTION public.fellow_members() TO pesachama_web;
GRANT ALL ON FUNCTION public.fellow_members() TO pesachama_worker;

REVOKE ALL ON FUNCTION public.fellow_users() FROM PUBLIC;
GRANT ALL ON FUNCTION public.fellow_users() TO pesachama_web;
GRANT ALL ON FUNCTION public.fellow_users() TO pesachama_worker;

REVOKE ALL ON FUNCTION public.forget_audit(p_user_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.forget_audit(p_user_id bigint) TO pesachama_worker;

REVOKE ALL ON FUNCTION public.forget_notes(p_member_ids bigint[], p_book_ids bigint[], p_page_books bigint[], p_pages bigint[], p_texts text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.forget_notes(p_member_ids bigint[], p_book_ids bigint[], p_page_books bigint[], p_pages bigint[], p_texts text[]) TO pesachama_worker;

REVOKE ALL ON FUNCTION public.free_codes(p_codes text[], p_entries integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.guard(table_name text, demand text) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.held_at(p_account_id bigint, p_seq bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.held_at(p_account_id bigint, p_seq bigint) TO pesachama_worker;

REVOKE ALL ON FUNCTION public.holder_of(p_kind text, p_shown text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.holder_of(p_kind text, p_shown text) TO pesachama_web;
GRANT ALL ON FUNCTION public.holder_of(p_kind text, p_shown text) TO pesachama_worker;

REVOKE ALL ON FUNCTION public.is_operator() FROM PUBLIC;
GRANT ALL ON FUNCTION public.is_operator() TO pesachama_web;
GRANT ALL ON FUNCTION public.is_operator() TO pesachama_worker;

REVOKE ALL ON FUNCTION public.keep_answers(p_scopes text[], p_keys text[], p_request_hashes bytea[], p_book_ids bigint[], p_recorded_at timestamp with time zone, p_answers public.posted_entry[], p_kept_refusals text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.keep_evidence(p_source text, p_token_hash bytea, p_body_sha256 bytea, p_body bytea, p_truncated boolean, p_headers jsonb, p_remote_ip inet, p_received_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.keep_evidence(p_source text, p_token_hash bytea, p_body_sha256 bytea, p_body bytea, p_truncated boolean, p_headers jsonb, p_remote_ip inet, p_received_at timestamp with time zone) TO pesachama_web;
GRANT ALL ON FUNCTION public.keep_evidence(p_source text, p_token_hash bytea, p_body_sha256 bytea, p_body bytea, p_truncated boolean, p_headers jsonb, p_remote_ip inet, p_received_at timestamp with time zone) TO pesachama_worker;

REVOKE ALL ON FUNCTION public.keep_positions(table_name text) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.lay_paper(p_book_id bigint, p_digest bytea, p_recorded_at timestamp with time zone, p_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION public.lay_paper(p_book_id bigint, p_digest bytea, p_recorded_at timestamp with time zone, p_hash bytea) TO pesachama_web;
GRANT ALL ON FUNCTION public.lay_paper(p_book_id bigint, p_digest bytea, p_recorded_at timestamp with time zone, p_hash bytea) TO pesachama_worker;

REVOKE ALL ON FUNCTION public.link_entries(p_book_ids bigint[], p_expires_ats timestamp with time zone[], p_targets bigint[], p_resolutions text[], p_prev_hashes bytea[], p_answers public.posted_entry[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.masked_numbers(p_value jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.near_chamas() FROM PUBLIC;
GRANT ALL ON FUNCTION public.near_chamas() TO pesachama_web;
GRANT ALL ON FUNCTION public.near_chamas() TO pesachama_worker;

REVOKE ALL ON FUNCTION public.note_audit_verified(p_position bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.note_audit_verified(p_position bigint) TO pesachama_worker;

REVOKE ALL ON FUNCTION public.note_verified(p_book_ids bigint[], p_seqs bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.note_verified(p_book_ids bigint[], p_seqs bigint[]) TO pesachama_worker;

REVOKE ALL ON FUNCTION public.open_account(p_book_id bigint, p_code text, p_kind text, p_owner_member_id bigint, p_floor_cents bigint, p_ceiling_cents bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.open_account(p_book_id bigint, p_code text, p_kind text, p_owner_member_id bigint, p_floor_cents bigint, p_ceiling_cents bigint) TO pesachama_worker;
GRANT ALL ON FUNCTION public.open_account(p_book_id bigint, p_code text, p_kind text, p_owner_member_id bigint, p_floor_cents bigint, p_ceiling_cents bigint) TO pesachama_web;

REVOKE ALL ON FUNCTION public.open_book(p_kind text, p_name text, p_opened_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.open_book(p_kind text, p_name text, p_opened_at timestamp with time zone) TO pesachama_worker;
GRANT ALL ON FUNCTION public.open_book(p_kind text, p_name text, p_opened_at timestamp with time zone) TO pesachama_web;

REVOKE ALL ON FUNCTION public.open_office(p_table text) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.open_season(p_number integer, p_opens_at timestamp with time zone, p_closes_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.open_season(p_number integer, p_opens_at timestamp with time zone, p_closes_at timestamp with time zone) TO pesachama_worker;

REVOKE ALL ON FUNCTION public.own_books() FROM PUBLIC;
GRANT ALL ON FUNCTION public.own_books() TO pesachama_web;
GRANT ALL ON FUNCTION public.own_books() TO pesachama_worker;

REVOKE ALL ON FUNCTION public.own_chamas() FROM PUBLIC;
GRANT ALL ON FUNCTION public.own_chamas() TO pesachama_web;
GRANT ALL ON FUNCTION public.own_chamas() TO pesachama_worker;

REVOKE ALL ON FUNCTION public.own_phone() FROM PUBLIC;
GRANT ALL ON FUNCTION public.own_phone() TO pesachama_web;
GRANT ALL ON FUNCTION public.own_phone() TO pesachama_worker;

REVOKE ALL ON FUNCTION public.phase_lines(p_book_ids bigint[], p_expires_ats timestamp with time zone[], p_targets bigint[], p_resolutions text[], p_line_entries integer[], p_account_ids bigint[], p_amounts_cents bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.places_of(p_ids bigint[], p_list bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.post_entries(p_scopes text[], p_keys text[], p_request_hashes bytea[], p_book_ids bigint[], p_kinds text[], p_occurred_ats timestamp with time zone[], p_recorded_at timestamp with time zone, p_about_seasons integer[], p_actor_ids bigint[], p_reverses_seqs bigint[], p_expires_ats timestamp with time zone[], p_resolves_seqs bigint[], p_resolutions text[], p_bonds integer[], p_salts bytea[], p_notes jsonb[], p_commitments bytea[], p_codes text[], p_line_entries integer[], p_account_ids bigint[], p_amounts_cents bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.post_entries(p_scopes text[], p_keys text[], p_request_hashes bytea[], p_book_ids bigint[], p_kinds text[], p_occurred_ats timestamp with time zone[], p_recorded_at timestamp with time zone, p_about_seasons integer[], p_actor_ids bigint[], p_reverses_seqs bigint[], p_expires_ats timestamp with time zone[], p_resolves_seqs bigint[], p_resolutions text[], p_bonds integer[], p_salts bytea[], p_notes jsonb[], p_commitments bytea[], p_codes text[], p_line_entries integer[], p_account_ids bigint[], p_amounts_cents bigint[]) TO pesachama_web;
GRANT ALL ON FUNCTION public.post_entries(p_scopes text[], p_keys text[], p_request_hashes bytea[], p_book_ids bigint[], p_kinds text[], p_occurred_ats timestamp with time zone[], p_recorded_at timestamp with time zone, p_about_seasons integer[], p_actor_ids bigint[], p_reverses_seqs bigint[], p_expires_ats timestamp with time zone[], p_resolves_seqs bigint[], p_resolutions text[], p_bonds integer[], p_salts bytea[], p_notes jsonb[], p_commitments bytea[], p_codes text[], p_line_entries integer[], p_account_ids bigint[], p_amounts_cents bigint[]) TO pesachama_worker;

REVOKE ALL ON FUNCTION public.preimage_field(body bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION public.preimage_field(body bytea) TO pesachama_web;
GRANT ALL ON FUNCTION public.preimage_field(body bytea) TO pesachama_worker;

REVOKE ALL ON FUNCTION public.preimage_instant(instant timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.preimage_instant(instant timestamp with time zone) TO pesachama_web;
GRANT ALL ON FUNCTION public.preimage_instant(instant timestamp with time zone) TO pesachama_worker;

REVOKE ALL ON FUNCTION public.preimage_number(number bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.preimage_number(number bigint) TO pesachama_web;
GRANT ALL ON FUNCTION public.preimage_number(number bigint) TO pesachama_worker;

REVOKE ALL ON FUNCTION public.protect_partition(p_parent text, p_partition text) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.protect_rows(p_table text, p_reads text, p_changes text) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.rebuild_positions(p_book_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.rebuild_positions(p_book_id bigint) TO pesachama_worker;

REVOKE ALL ON FUNCTION public.refuse_change() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.refuse_rewriting() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.roles_at_hand() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.shown(p_kind text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.shown(p_kind text) TO pesachama_web;
GRANT ALL ON FUNCTION public.shown(p_kind text) TO pesachama_worker;
GRANT ALL ON FUNCTION public.shown(p_kind text) TO pesachama_gatekeeper;

REVOKE ALL ON FUNCTION public.shown_page() FROM PUBLIC;
GRANT ALL ON FUNCTION public.shown_page() TO pesachama_web;
GRANT ALL ON FUNCTION public.shown_page() TO pesachama_worker;

REVOKE ALL ON FUNCTION public.takes_account(p_shortcode text, p_chama text, p_member integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.takes_account(p_shortcode text, p_chama text, p_member integer) TO pesachama_web;
GRANT ALL ON FUNCTION public.takes_account(p_shortcode text, p_chama text, p_member integer) TO pesachama_worker;

REVOKE ALL ON FUNCTION public.who_dials(p_phone text, p_since timestamp with time zone, p_out text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.who_dials(p_phone text, p_since timestamp with time zone, p_out text[]) TO pesachama_web;
GRANT ALL ON FUNCTION public.who_dials(p_phone text, p_since timestamp with time zone, p_out text[]) TO pesachama_worker;

REVOKE ALL ON FUNCTION public.who_shares(p_phone text, p_since timestamp with time zone, p_out text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.who_shares(p_phone text, p_since timestamp with time zone, p_out text[]) TO pesachama_web;
GRANT ALL ON FUNCTION public.who_shares(p_phone text, p_since timestamp with time zone, p_out text[]) TO pesachama_worker;

REVOKE ALL ON FUNCTION public.write_audit(p_table text, p_rules text[], p_was jsonb[], p_now jsonb[]) FROM PUBLIC;

GRANT SELECT,INSERT ON TABLE public.allocations TO pesachama_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.allocations TO pesachama_worker;

GRANT SELECT,INSERT ON TABLE public.announcements_heard TO pesachama_web;
GRANT SELECT,INSERT ON TABLE public.announcements_heard TO pesachama_worker;

GRANT SELECT(request_id) ON TABLE public.announcements_heard TO pesachama_gatekeeper;

GRANT SELECT(member_id) ON TABLE public.announcements_heard TO pesachama_gatekeeper;

GRANT SELECT,INSERT ON TABLE public.api_repeats TO pesachama_web;
GRANT SELECT,INSERT,DELETE ON TABLE public.api_repeats TO pesachama_worker;

GRANT SELECT ON TABLE public.api_tokens TO pesachama_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.api_tokens TO pesachama_worker;
GRANT SELECT ON TABLE public.api_tokens TO pesachama_gatekeeper;

GRANT SELECT,INSERT ON TABLE public.approvals TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.approvals TO pesachama_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE public.attendance TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.attendance TO pesachama_worker;

GRANT SELECT ON TABLE public.audit_chain TO pesachama_web;
GRANT SELECT ON TABLE public.audit_chain TO pesachama_worker;

GRANT SELECT ON TABLE public.audit_queue TO pesachama_web;
GRANT SELECT ON TABLE public.audit_queue TO pesachama_worker;

GRANT SELECT ON TABLE public.audit_values TO pesachama_web;
GRANT SELECT ON TABLE public.audit_values TO pesachama_worker;

GRANT SELECT ON TABLE public.audit_verified TO pesachama_web;
GRANT SELECT ON TABLE public.audit_verified TO pesachama_worker;

GRANT SELECT ON TABLE public.balance_questions TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.balance_questions TO pesachama_worker;

GRANT SELECT,INSERT ON TABLE public.ballot_numbers TO pesachama_web;
GRANT SELECT,INSERT ON TABLE public.ballot_numbers TO pesachama_worker;

GRANT SELECT ON TABLE public.ballot_seeds TO pesachama_web;
GRANT SELECT,INSERT ON TABLE public.ballot_seeds TO pesachama_worker;

GRANT SELECT,INSERT ON TABLE public.ballots TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.ballots TO pesachama_worker;

GRANT SELECT ON TABLE public.batch_leaves TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.batch_leaves TO pesachama_worker;
GRANT SELECT ON TABLE public.batch_leaves TO pesachama_gatekeeper;

GRANT SELECT ON TABLE public.batch_trees TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.batch_trees TO pesachama_worker;

GRANT SELECT ON TABLE public.batches TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.batches TO pesachama_worker;

GRANT SELECT ON TABLE public.books TO pesachama_web;
GRANT SELECT ON TABLE public.books TO pesachama_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE public.cash_bankings TO pesachama_worker;
GRANT SELECT ON TABLE public.cash_bankings TO pesachama_web;

GRANT SELECT,INSERT,UPDATE ON TABLE public.cash_claims TO pesachama_worker;
GRANT SELECT,INSERT ON TABLE public.cash_claims TO pesachama_web;

GRANT UPDATE(said_cents) ON TABLE public.cash_claims TO pesachama_web;

GRANT UPDATE(state) ON TABLE public.cash_claims TO pesachama_web;

GRANT UPDATE(answered_at) ON TABLE public.cash_claims TO pesachama_web;

GRANT UPDATE(book_id) ON TABLE public.cash_claims TO pesachama_web;

GRANT UPDATE(seq) ON TABLE public.cash_claims TO pesachama_web;

GRANT UPDATE(held_seq) ON TABLE public.cash_claims TO pesachama_web;

GRANT SELECT ON TABLE public.chain_accounts TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.chain_accounts TO pesachama_worker;

GRANT SELECT ON TABLE public.chain_attempts TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.chain_attempts TO pesachama_worker;

GRANT SELECT ON TABLE public.chain_contracts TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.chain_contracts TO pesachama_worker;

GRANT SELECT ON TABLE public.chain_cursors TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.chain_cursors TO pesachama_worker;

GRANT SELECT ON TABLE public.chain_logs TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.chain_logs TO pesachama_worker;

GRANT SELECT ON TABLE public.chain_transactions TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.chain_transactions TO pesachama_worker;

GRANT SELECT,INSERT ON TABLE public.chama_members TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.chama_members TO pesachama_worker;
GRANT SELECT ON TABLE public.chama_members TO pesachama_gatekeeper;

GRANT UPDATE(role) ON TABLE public.chama_members TO pesachama_web;

GRANT UPDATE(status) ON TABLE public.chama_members TO pesachama_web;

GRANT UPDATE("position") ON TABLE public.chama_members TO pesachama_web;

GRANT UPDATE(terms_agreed_at) ON TABLE public.chama_members TO pesachama_web;

GRANT UPDATE(role_since) ON TABLE public.chama_members TO pesachama_web;

GRANT SELECT,INSERT ON TABLE public.chama_orders TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.chama_orders TO pesachama_worker;

GRANT UPDATE(state) ON TABLE public.chama_orders TO pesachama_web;

GRANT UPDATE(agreed_by) ON TABLE public.chama_orders TO pesachama_web;

GRANT UPDATE(agreed_at) ON TABLE public.chama_orders TO pesachama_web;

GRANT SELECT ON TABLE public.chama_shortcodes TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.chama_shortcodes TO pesachama_worker;

GRANT SELECT,INSERT ON TABLE public.chamas TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.chamas TO pesachama_worker;
GRANT SELECT ON TABLE public.chamas TO pesachama_gatekeeper;

GRANT UPDATE(status) ON TABLE public.chamas TO pesachama_web;

GRANT SELECT ON TABLE public.confirmations TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.confirmations TO pesachama_worker;

GRANT SELECT(member_id) ON TABLE public.confirmations TO pesachama_gatekeeper;

GRANT SELECT(state) ON TABLE public.confirmations TO pesachama_gatekeeper;
GRANT UPDATE(state) ON TABLE public.confirmations TO pesachama_web;

GRANT UPDATE(answered_at) ON TABLE public.confirmations TO pesachama_web;

GRANT SELECT,INSERT ON TABLE public.consents TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.consents TO pesachama_worker;

GRANT SELECT ON TABLE public.contributions TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.contributions TO pesachama_worker;

GRANT UPDATE(paid_cents) ON TABLE public.contributions TO pesachama_web;

GRANT UPDATE(state) ON TABLE public.contributions TO pesachama_web;

GRANT SELECT ON TABLE public.daraja_tokens TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.daraja_tokens TO pesachama_worker;

GRANT SELECT ON TABLE public.day_certificates TO pesachama_web;
GRANT SELECT,INSERT ON TABLE public.day_certificates TO pesachama_worker;

GRANT SELECT ON TABLE public.day_looks TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.day_looks TO pesachama_worker;

GRANT SELECT ON TABLE public.deposits TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.deposits TO pesachama_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE public.devices TO pesachama_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.devices TO pesachama_worker;

GRANT SELECT,INSERT ON TABLE public.disbursement_requests TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.disbursement_requests TO pesachama_worker;

GRANT SELECT(id) ON TABLE public.disbursement_requests TO pesachama_gatekeeper;

GRANT SELECT(chama_id) ON TABLE public.disbursement_requests TO pesachama_gatekeeper;

GRANT UPDATE(amount_cents) ON TABLE public.disbursement_requests TO pesachama_web;

GRANT UPDATE(charge_cents) ON TABLE public.disbursement_requests TO pesachama_web;

GRANT UPDATE(digest) ON TABLE public.disbursement_requests TO pesachama_web;

GRANT UPDATE(state) ON TABLE public.disbursement_requests TO pesachama_web;
GRANT SELECT(state) ON TABLE public.disbursement_requests TO pesachama_gatekeeper;

GRANT UPDATE(reason) ON TABLE public.disbursement_requests TO pesachama_web;

GRANT UPDATE(asked_at) ON TABLE public.disbursement_requests TO pesachama_web;

GRANT UPDATE(expires_at) ON TABLE public.disbursement_requests TO pesachama_web;

GRANT UPDATE(closed_at) ON TABLE public.disbursement_requests TO pesachama_web;

GRANT UPDATE(due_at) ON TABLE public.disbursement_requests TO pesachama_web;

GRANT UPDATE(revision) ON TABLE public.disbursement_requests TO pesachama_web;

GRANT SELECT,INSERT,DELETE ON TABLE public.early_reports TO pesachama_web;
GRANT SELECT,INSERT,DELETE ON TABLE public.early_reports TO pesachama_worker;

GRANT SELECT ON TABLE public.endings TO pesachama_web;
GRANT SELECT ON TABLE public.endings TO pesachama_worker;

GRANT SELECT ON TABLE public.entries TO pesachama_web;
GRANT SELECT ON TABLE public.entries TO pesachama_worker;

GRANT SELECT ON TABLE public.entry_codes TO pesachama_web;
GRANT SELECT ON TABLE public.entry_codes TO pesachama_worker;
GRANT SELECT ON TABLE public.entry_codes TO pesachama_gatekeeper;

GRANT SELECT ON TABLE public.entry_notes TO pesachama_web;
GRANT SELECT ON TABLE public.entry_notes TO pesachama_worker;

GRANT SELECT ON TABLE public.erasures TO pesachama_web;
GRANT SELECT,INSERT ON TABLE public.erasures TO pesachama_worker;

GRANT SELECT ON TABLE public.evidence TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.evidence TO pesachama_worker;
GRANT INSERT ON TABLE public.evidence TO pesachama_gatekeeper;

GRANT SELECT(source) ON TABLE public.evidence TO pesachama_gatekeeper;

GRANT SELECT(token_hash) ON TABLE public.evidence TO pesachama_gatekeeper;

GRANT SELECT(body_sha256) ON TABLE public.evidence TO pesachama_gatekeeper;

GRANT SELECT(seen_count),UPDATE(seen_count) ON TABLE public.evidence TO pesachama_gatekeeper;

GRANT SELECT ON TABLE public.evidence_aged TO pesachama_web;
GRANT SELECT,UPDATE ON TABLE public.evidence_aged TO pesachama_worker;

GRANT SELECT,INSERT,DELETE ON TABLE public.files TO pesachama_web;
GRANT SELECT,INSERT,DELETE ON TABLE public.files TO pesachama_worker;

GRANT SELECT ON TABLE public.heads TO pesachama_web;
GRANT SELECT ON TABLE public.heads TO pesachama_worker;

GRANT SELECT ON TABLE public.idempotency_keys TO pesachama_web;
GRANT SELECT ON TABLE public.idempotency_keys TO pesachama_worker;

GRANT SELECT,INSERT ON TABLE public.identity_looks TO pesachama_web;
GRANT SELECT,INSERT,DELETE ON TABLE public.identity_looks TO pesachama_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE public.imports TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.imports TO pesachama_worker;

GRANT SELECT,INSERT ON TABLE public.incidents TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.incidents TO pesachama_worker;

GRANT SELECT,INSERT ON TABLE public.inquiries TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.inquiries TO pesachama_worker;

GRANT UPDATE(due_at) ON TABLE public.inquiries TO pesachama_web;

GRANT UPDATE(hastened_at) ON TABLE public.inquiries TO pesachama_web;

GRANT SELECT,INSERT,UPDATE ON TABLE public.instalments TO pesachama_worker;
GRANT SELECT ON TABLE public.instalments TO pesachama_web;

GRANT UPDATE(paid_cents) ON TABLE public.instalments TO pesachama_web;

GRANT UPDATE(state) ON TABLE public.instalments TO pesachama_web;

GRANT SELECT,INSERT ON TABLE public.invitations TO pesachama_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.invitations TO pesachama_worker;

GRANT UPDATE(state) ON TABLE public.invitations TO pesachama_web;

GRANT UPDATE(answered_at) ON TABLE public.invitations TO pesachama_web;

GRANT SELECT ON TABLE public.listed_payments TO pesachama_web;
GRANT SELECT,INSERT ON TABLE public.listed_payments TO pesachama_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE public.loans TO pesachama_worker;
GRANT SELECT ON TABLE public.loans TO pesachama_web;

GRANT SELECT,INSERT,UPDATE ON TABLE public.meetings TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.meetings TO pesachama_worker;

GRANT SELECT,INSERT ON TABLE public.minutes TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.minutes TO pesachama_worker;

GRANT SELECT,INSERT ON TABLE public.motions TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.motions TO pesachama_worker;

GRANT UPDATE(state) ON TABLE public.motions TO pesachama_web;

GRANT UPDATE(ended_at) ON TABLE public.motions TO pesachama_web;

GRANT UPDATE(due_at) ON TABLE public.motions TO pesachama_web;

GRANT SELECT,INSERT,UPDATE ON TABLE public.notice_caps TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.notice_caps TO pesachama_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE public.notice_preferences TO pesachama_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notice_preferences TO pesachama_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE public.notifications TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.notifications TO pesachama_worker;

GRANT SELECT(user_id) ON TABLE public.notifications TO pesachama_gatekeeper;

GRANT SELECT(channel) ON TABLE public.notifications TO pesachama_gatekeeper;

GRANT SELECT(state) ON TABLE public.notifications TO pesachama_gatekeeper;

GRANT SELECT(seen_at) ON TABLE public.notifications TO pesachama_gatekeeper;

GRANT SELECT ON TABLE public.open_holds TO pesachama_web;
GRANT SELECT ON TABLE public.open_holds TO pesachama_worker;

GRANT SELECT ON TABLE public.papers TO pesachama_web;
GRANT SELECT ON TABLE public.papers TO pesachama_worker;

GRANT SELECT,INSERT ON TABLE public.payment_attempts TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.payment_attempts TO pesachama_worker;

GRANT SELECT(intent_id) ON TABLE public.payment_attempts TO pesachama_gatekeeper;

GRANT SELECT(state) ON TABLE public.payment_attempts TO pesachama_gatekeeper;

GRANT SELECT,INSERT ON TABLE public.payment_intents TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.payment_intents TO pesachama_worker;

GRANT SELECT(id) ON TABLE public.payment_intents TO pesachama_gatekeeper;

GRANT SELECT(payer_id) ON TABLE public.payment_intents TO pesachama_gatekeeper;

GRANT SELECT(created_at) ON TABLE public.payment_intents TO pesachama_gatekeeper;

GRANT SELECT ON TABLE public.payout_calls TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.payout_calls TO pesachama_worker;

GRANT SELECT ON TABLE public.payout_gates TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.payout_gates TO pesachama_worker;

GRANT SELECT ON TABLE public.payouts TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.payouts TO pesachama_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE public.penalties TO pesachama_worker;
GRANT SELECT,INSERT ON TABLE public.penalties TO pesachama_web;

GRANT UPDATE(paid_cents) ON TABLE public.penalties TO pesachama_web;

GRANT UPDATE(state) ON TABLE public.penalties TO pesachama_web;

GRANT UPDATE(disputed_at) ON TABLE public.penalties TO pesachama_web;

GRANT UPDATE(waive_asked_by) ON TABLE public.penalties TO pesachama_web;

GRANT UPDATE(waive_reason) ON TABLE public.penalties TO pesachama_web;

GRANT UPDATE(ended_at) ON TABLE public.penalties TO pesachama_web;

GRANT SELECT ON TABLE public.phones_seen TO pesachama_gatekeeper;
GRANT SELECT,INSERT,UPDATE ON TABLE public.phones_seen TO pesachama_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.phones_seen TO pesachama_worker;

GRANT SELECT,INSERT ON TABLE public.pin_resets TO pesachama_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.pin_resets TO pesachama_worker;

GRANT UPDATE(state) ON TABLE public.pin_resets TO pesachama_web;

GRANT UPDATE(tries) ON TABLE public.pin_resets TO pesachama_web;

GRANT UPDATE(closed_at) ON TABLE public.pin_resets TO pesachama_web;

GRANT SELECT,INSERT ON TABLE public.pin_vouches TO pesachama_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.pin_vouches TO pesachama_worker;

GRANT SELECT,INSERT ON TABLE public.pins TO pesachama_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.pins TO pesachama_worker;

GRANT SELECT(user_id) ON TABLE public.pins TO pesachama_gatekeeper;

GRANT UPDATE(hash) ON TABLE public.pins TO pesachama_web;

GRANT UPDATE(tries) ON TABLE public.pins TO pesachama_web;

GRANT UPDATE(locked_until) ON TABLE public.pins TO pesachama_web;

GRANT UPDATE(changed_at) ON TABLE public.pins TO pesachama_web;

GRANT UPDATE(decides_from) ON TABLE public.pins TO pesachama_web;

GRANT SELECT ON TABLE public.positions TO pesachama_web;
GRANT SELECT ON TABLE public.positions TO pesachama_worker;

GRANT SELECT ON TABLE public.postings TO pesachama_web;
GRANT SELECT ON TABLE public.postings TO pesachama_worker;

GRANT SELECT ON TABLE public.pulled_windows TO pesachama_web;
GRANT SELECT,INSERT ON TABLE public.pulled_windows TO pesachama_worker;

GRANT SELECT ON TABLE public.pulls TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.pulls TO pesachama_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.puzzles TO pesachama_worker;
GRANT SELECT ON TABLE public.puzzles TO pesachama_web;

GRANT SELECT,INSERT,UPDATE ON TABLE public.qr_pictures TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.qr_pictures TO pesachama_worker;

GRANT SELECT,INSERT ON TABLE public.receipt_claims TO pesachama_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.receipt_claims TO pesachama_worker;

GRANT SELECT ON TABLE public.receipts TO pesachama_web;
GRANT SELECT,INSERT ON TABLE public.receipts TO pesachama_worker;

GRANT UPDATE(payer_key) ON TABLE public.receipts TO pesachama_worker;

GRANT UPDATE(book_id) ON TABLE public.receipts TO pesachama_worker;

GRANT UPDATE(seq) ON TABLE public.receipts TO pesachama_worker;

GRANT SELECT ON TABLE public.reconciliation_days TO pesachama_web;
GRANT SELECT,INSERT ON TABLE public.reconciliation_days TO pesachama_worker;

GRANT SELECT ON TABLE public.refunds TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.refunds TO pesachama_worker;

GRANT SELECT ON TABLE public.reversals TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.reversals TO pesachama_worker;

GRANT SELECT ON TABLE public.rounds TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.rounds TO pesachama_worker;

GRANT SELECT,INSERT ON TABLE public.rule_proposals TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.rule_proposals TO pesachama_worker;

GRANT UPDATE(rule_set_id) ON TABLE public.rule_proposals TO pesachama_web;

GRANT UPDATE(rules) ON TABLE public.rule_proposals TO pesachama_web;

GRANT UPDATE(holds_from) ON TABLE public.rule_proposals TO pesachama_web;

GRANT UPDATE(needed) ON TABLE public.rule_proposals TO pesachama_web;

GRANT UPDATE(revision) ON TABLE public.rule_proposals TO pesachama_web;

GRANT UPDATE(proposed_at) ON TABLE public.rule_proposals TO pesachama_web;

GRANT UPDATE(expires_at) ON TABLE public.rule_proposals TO pesachama_web;

GRANT UPDATE(due_at) ON TABLE public.rule_proposals TO pesachama_web;

GRANT SELECT,INSERT ON TABLE public.rule_sets TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.rule_sets TO pesachama_worker;

GRANT SELECT ON TABLE public.samples TO pesachama_web;
GRANT SELECT,INSERT ON TABLE public.samples TO pesachama_worker;

GRANT SELECT ON TABLE public.sealing_queue TO pesachama_web;
GRANT SELECT,DELETE ON TABLE public.sealing_queue TO pesachama_worker;

GRANT SELECT ON TABLE public.seasons TO pesachama_web;
GRANT SELECT ON TABLE public.seasons TO pesachama_worker;

GRANT SELECT ON TABLE public.second_witnesses TO pesachama_web;
GRANT SELECT,INSERT,DELETE ON TABLE public.second_witnesses TO pesachama_worker;

GRANT SELECT,INSERT ON TABLE public.settlements TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.settlements TO pesachama_worker;

GRANT UPDATE(state) ON TABLE public.settlements TO pesachama_web;

GRANT UPDATE(decided_by) ON TABLE public.settlements TO pesachama_web;

GRANT UPDATE(decided_at) ON TABLE public.settlements TO pesachama_web;

GRANT UPDATE(due_at) ON TABLE public.settlements TO pesachama_web;

GRANT SELECT ON TABLE public.shortcode_credentials TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.shortcode_credentials TO pesachama_worker;

GRANT SELECT ON TABLE public.shortcodes TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.shortcodes TO pesachama_worker;

GRANT SELECT(number) ON TABLE public.shortcodes TO pesachama_gatekeeper;

GRANT SELECT(till_number) ON TABLE public.shortcodes TO pesachama_gatekeeper;

GRANT SELECT(validates) ON TABLE public.shortcodes TO pesachama_gatekeeper;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sign_in_failures TO pesachama_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sign_in_failures TO pesachama_worker;

GRANT SELECT,INSERT ON TABLE public.statements_imported TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.statements_imported TO pesachama_worker;

GRANT SELECT ON TABLE public.suspense TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.suspense TO pesachama_worker;

GRANT SELECT ON TABLE public.suspense_offers TO pesachama_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.suspense_offers TO pesachama_worker;

GRANT SELECT,INSERT ON TABLE public.swaps TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.swaps TO pesachama_worker;

GRANT UPDATE(state) ON TABLE public.swaps TO pesachama_web;

GRANT UPDATE(answered_at) ON TABLE public.swaps TO pesachama_web;

GRANT SELECT,INSERT ON TABLE public.take_backs TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.take_backs TO pesachama_worker;

GRANT UPDATE(state) ON TABLE public.take_backs TO pesachama_web;

GRANT UPDATE(decided_by) ON TABLE public.take_backs TO pesachama_web;

GRANT UPDATE(decided_at) ON TABLE public.take_backs TO pesachama_web;

GRANT UPDATE(due_at) ON TABLE public.take_backs TO pesachama_web;

GRANT SELECT ON TABLE public.told_charges TO pesachama_web;
GRANT SELECT,INSERT ON TABLE public.told_charges TO pesachama_worker;

GRANT SELECT ON TABLE public.transactions TO pesachama_web;
GRANT SELECT ON TABLE public.transactions TO pesachama_worker;

GRANT SELECT,INSERT ON TABLE public.users TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.users TO pesachama_worker;
GRANT SELECT ON TABLE public.users TO pesachama_gatekeeper;

GRANT UPDATE(contact_phone) ON TABLE public.users TO pesachama_web;

GRANT UPDATE(first_name) ON TABLE public.users TO pesachama_web;

GRANT UPDATE(last_name) ON TABLE public.users TO pesachama_web;

GRANT UPDATE(national_id) ON TABLE public.users TO pesachama_web;

GRANT UPDATE(kyc) ON TABLE public.users TO pesachama_web;

GRANT UPDATE(language) ON TABLE public.users TO pesachama_web;

GRANT UPDATE(private_phone) ON TABLE public.users TO pesachama_web;

GRANT UPDATE(national_id_key) ON TABLE public.users TO pesachama_web;

GRANT UPDATE(kyc_reason) ON TABLE public.users TO pesachama_web;

GRANT SELECT,INSERT ON TABLE public.ussd_actions TO pesachama_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ussd_actions TO pesachama_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE public.ussd_sessions TO pesachama_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ussd_sessions TO pesachama_worker;

GRANT SELECT ON TABLE public.ussd_turns TO pesachama_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ussd_turns TO pesachama_worker;

GRANT SELECT,INSERT,DELETE ON TABLE public.web_sessions TO pesachama_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.web_sessions TO pesachama_worker;
GRANT SELECT ON TABLE public.web_sessions TO pesachama_gatekeeper;

GRANT SELECT ON TABLE public.windings TO pesachama_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.windings TO pesachama_worker;

GRANT SELECT,INSERT,DELETE ON TABLE public.wrong_codes TO pesachama_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.wrong_codes TO pesachama_worker;

GRANT UPDATE(wrong) ON TABLE public.wrong_codes TO pesachama_web;

GRANT UPDATE(last_at) ON TABLE public.wrong_codes TO pesachama_web;
