-- Whose rows are whose: row-level security with default deny (docs/decisions/0011-row-level-security.md).
-- Grants say which verbs a process has on a table; the policies here say on which rows. The worker has every row. The web
-- has those of the context that its transaction opened with (gateway/wiring.py), and none in a transaction without one:
--   app.user_id  the person who acts: her own rows, and those of the chamas that she is in
--   app.acting   'operator': who acts looks after all groups, if the database knows her as one. 'door': nobody is known yet,
--                and only rows that carry app.shown are seen. 'house': rows that wait, for counting. 'member': a person
--   app.shown    'kind:value', what somebody at the door shows: the hash of a token, a receipt code, a message's id

-- Settings of a transaction are empty text after it, not NULL.
CREATE FUNCTION acting_user() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT NULLIF(current_setting('app.user_id', true), '')::bigint
$$;

CREATE FUNCTION acting(p_context text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT COALESCE(current_setting('app.acting', true) = p_context, FALSE)
$$;

CREATE FUNCTION shown(p_kind text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN acting('door') AND starts_with(current_setting('app.shown', true), p_kind || ':')
        THEN substr(current_setting('app.shown', true), length(p_kind) + 2) END
$$;

-- What follows reads tables to decide about reading tables. It belongs to a role of its own, which passes every policy by
-- one that asks nothing: as a function of the tables' owner it would ask itself without end.

-- Every policy asks these, several times in one statement: the answer is kept for the transaction, under whose it is.
CREATE FUNCTION kept(p_name text) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN starts_with(current_setting(p_name, true), acting_user() || ':')
        THEN split_part(current_setting(p_name, true), ':', 2)::bigint[] END
$$;

CREATE FUNCTION keep(p_name text, p_ids bigint[]) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN set_config(p_name, acting_user() || ':' || p_ids::text, true) IS NOT NULL THEN p_ids ELSE p_ids END
$$;

-- The chamas that have let her in; invited and pending people see no names and no money.
CREATE FUNCTION own_chamas() RETURNS bigint[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN COALESCE(kept('app.own_chamas'), keep('app.own_chamas', ARRAY(
        SELECT m.chama_id FROM chama_members m JOIN users u ON u.id = m.user_id
        WHERE m.user_id = acting_user() AND u.status = 'active'
            AND m.status IN ('confirmed', 'active', 'defaulted', 'completed'))));
END
$$;

CREATE FUNCTION own_books() RETURNS bigint[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN COALESCE(kept('app.own_books'), keep('app.own_books', ARRAY(
        SELECT c.book_id FROM chamas c WHERE c.id = ANY (own_chamas()))));
END
$$;

-- The chamas that she may know of by name, those included that asked her or that she asked.
CREATE FUNCTION near_chamas() RETURNS bigint[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN COALESCE(kept('app.near_chamas'), keep('app.near_chamas', ARRAY(
        SELECT m.chama_id FROM chama_members m WHERE m.user_id = acting_user() AND m.status <> 'withdrawn')));
END
$$;

-- The memberships, and the people, of the chamas that have let her in.
CREATE FUNCTION fellow_members() RETURNS bigint[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN COALESCE(kept('app.fellow_members'), keep('app.fellow_members', ARRAY(
        SELECT m.id FROM chama_members m WHERE m.chama_id = ANY (own_chamas()))));
END
$$;

CREATE FUNCTION fellow_users() RETURNS bigint[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN COALESCE(kept('app.fellow_users'), keep('app.fellow_users', ARRAY(
        SELECT m.user_id FROM chama_members m WHERE m.chama_id = ANY (own_chamas()))));
END
$$;

CREATE FUNCTION own_phone() RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (SELECT u.phone FROM users u WHERE u.id = acting_user() AND u.status = 'active');
END
$$;

-- To say so is not enough: the person must hold the role.
CREATE FUNCTION is_operator() RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN acting('operator') AND EXISTS (
        SELECT FROM users u
        WHERE u.id = acting_user() AND u.status = 'active' AND u.platform_role IN ('admin', 'support'));
END
$$;

-- Book, page and batch of the entry whose receipt code is shown at the door.
CREATE FUNCTION shown_page() RETURNS bigint[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (
        SELECT ARRAY[c.book_id, c.seq, l.batch]
        FROM entry_codes c LEFT JOIN batch_leaves l ON (l.book_id, l.seq) = (c.book_id, c.seq)
        WHERE c.code = shown('code'));
END
$$;

-- Who holds a phone (E.164), an e-mail address, or the token of a session or of a program (its hash, hex); 0: nobody.
CREATE FUNCTION holder_of(p_kind text, p_shown text) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN COALESCE(CASE p_kind
        WHEN 'phone' THEN (SELECT u.id FROM users u WHERE u.phone = p_shown AND u.status = 'active')
        WHEN 'email' THEN (SELECT u.id FROM users u WHERE u.email = p_shown AND u.status = 'active')
        WHEN 'session' THEN (SELECT s.user_id FROM web_sessions s WHERE s.token_hash = decode(p_shown, 'hex'))
        WHEN 'bearer' THEN (SELECT t.user_id FROM api_tokens t WHERE t.token_hash = decode(p_shown, 'hex'))
    END, 0);
END
$$;

-- Whether the roles of a guarded database are here. A database that does not let us make roles runs as the owner of the
-- tables, and nothing below is done there: the triggers still guard the books, and `pesachama doctor` says what is missing.
CREATE FUNCTION roles_at_hand() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT count(*) = 3 AND COALESCE(bool_and(pg_has_role(CURRENT_USER, r.oid, 'MEMBER')), FALSE)
    FROM pg_roles r WHERE r.rolname IN ('pesachama_web', 'pesachama_worker', 'pesachama_gatekeeper')
$$;

-- Default deny on a table, for its owner too, and what passes: for the worker and the gatekeeper every row, for the web
-- what `p_reads` says, and of that, to add and to change, what `p_changes` says; NULL: nothing. Every table says this for
-- itself, in the migration that makes it.
CREATE FUNCTION protect_rows(p_table text, p_reads text, p_changes text) RETURNS void LANGUAGE plpgsql AS $$
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
$$;

-- The same for a partition: a statement on a partition asks the policies of the partition only.
CREATE FUNCTION protect_partition(p_parent text, p_partition text) RETURNS void LANGUAGE plpgsql AS $$
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

-- A function is everybody's until it is taken back.
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_gatekeeper') THEN
        -- Two databases of one server may come here at once: the second one finds it made.
        BEGIN
            CREATE ROLE pesachama_gatekeeper NOLOGIN;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN
        END;
    END IF;
    GRANT pesachama_gatekeeper TO CURRENT_USER;
    -- An owner of functions in a schema must be allowed to make them, but only while she is made their owner.
    GRANT USAGE, CREATE ON SCHEMA public TO pesachama_gatekeeper;
    GRANT SELECT ON users, chamas, chama_members, web_sessions, api_tokens, entry_codes, batch_leaves TO pesachama_gatekeeper;
    ALTER FUNCTION own_chamas OWNER TO pesachama_gatekeeper;
    ALTER FUNCTION own_books OWNER TO pesachama_gatekeeper;
    ALTER FUNCTION near_chamas OWNER TO pesachama_gatekeeper;
    ALTER FUNCTION fellow_members OWNER TO pesachama_gatekeeper;
    ALTER FUNCTION fellow_users OWNER TO pesachama_gatekeeper;
    ALTER FUNCTION own_phone OWNER TO pesachama_gatekeeper;
    ALTER FUNCTION is_operator OWNER TO pesachama_gatekeeper;
    ALTER FUNCTION shown_page OWNER TO pesachama_gatekeeper;
    ALTER FUNCTION holder_of OWNER TO pesachama_gatekeeper;
    REVOKE CREATE ON SCHEMA public FROM pesachama_gatekeeper;
EXCEPTION
    WHEN insufficient_privilege OR invalid_grant_operation THEN
        RAISE NOTICE 'no row-level security here: %', SQLERRM;
END
$$;

DO $$
DECLARE
    role_name text;
BEGIN
    FOR role_name IN SELECT rolname FROM pg_roles
        WHERE rolname IN ('pesachama_web', 'pesachama_worker', 'pesachama_gatekeeper') AND roles_at_hand()
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION acting_user, acting, shown, kept, keep, own_chamas, own_books, near_chamas, '
            'fellow_members, fellow_users, own_phone, is_operator, shown_page, holder_of TO %I', role_name);
    END LOOP;
    -- Nobody at the web opens books or accounts today.
    IF roles_at_hand() THEN
        REVOKE EXECUTE ON FUNCTION open_book, open_account FROM pesachama_web;
    END IF;
END
$$;

-- The books. Whoever shows a receipt code sees that page, and the leaves of its batch, which are its proof.
SELECT protect_rows('books', $$id = ANY ((SELECT own_books())::bigint[]) OR (SELECT is_operator())$$, NULL);
SELECT protect_rows(name, $$book_id = ANY ((SELECT own_books())::bigint[]) OR (SELECT is_operator())$$, NULL)
FROM unnest(ARRAY['accounts', 'heads', 'idempotency_keys', 'entry_notes', 'endings', 'open_holds', 'allocations']) AS name
WHERE to_regclass(name) IS NOT NULL;
SELECT protect_rows(name, $$book_id = ANY ((SELECT own_books())::bigint[]) OR (SELECT is_operator())
    OR (book_id = (SELECT (shown_page())[1]) AND seq = (SELECT (shown_page())[2]))$$, NULL)
FROM unnest(ARRAY['entries', 'postings', 'entry_codes']) AS name;
SELECT protect_rows('batch_leaves', $$book_id = ANY ((SELECT own_books())::bigint[]) OR (SELECT is_operator())
    OR batch = (SELECT (shown_page())[3])$$, NULL);
SELECT protect_rows('sealing_queue', $$book_id = ANY ((SELECT own_books())::bigint[]) OR (SELECT is_operator())
    OR (SELECT acting('house'))$$, NULL);

-- post_entries runs as the owner, who has every row: which books it finds for the web is said here, and it tells whom it may not
-- serve that there is no such book.
DO $$
BEGIN
    IF roles_at_hand() THEN
        CREATE POLICY web_posts_to_her_books ON heads AS RESTRICTIVE
            USING ((SELECT current_setting('role') <> 'pesachama_web')
                OR book_id = ANY ((SELECT own_books())::bigint[]) OR (SELECT is_operator()));
    END IF;
END
$$;

-- People and groups.
SELECT protect_rows('users', $$id = (SELECT acting_user()) OR id = ANY ((SELECT fellow_users())::bigint[])
    OR (SELECT is_operator())$$, $$id = (SELECT acting_user())$$);
SELECT protect_rows(name, $$user_id = (SELECT acting_user())$$, $$user_id = (SELECT acting_user())$$)
FROM unnest(ARRAY['pins', 'web_sessions', 'api_tokens']) AS name;
SELECT protect_rows(name, $$user_id = (SELECT acting_user()) OR (SELECT is_operator())$$, $$user_id = (SELECT acting_user())$$)
FROM unnest(ARRAY['consents', 'ussd_actions']) AS name;
-- Keyed hashes and counts: of nobody, and needed before anybody is known.
SELECT protect_rows('sign_in_failures', $$(SELECT acting('door') OR acting('member'))$$,
    $$(SELECT acting('door') OR acting('member'))$$);
SELECT protect_rows('chamas', $$id = ANY ((SELECT near_chamas())::bigint[]) OR (SELECT is_operator())$$, NULL);
SELECT protect_rows('chama_members', $$user_id = (SELECT acting_user()) OR chama_id = ANY ((SELECT own_chamas())::bigint[])
    OR (SELECT is_operator())$$, NULL);
SELECT protect_rows(name, $$chama_id = ANY ((SELECT own_chamas())::bigint[]) OR (SELECT is_operator())$$, NULL)
FROM unnest(ARRAY['rule_sets', 'rounds']) AS name;
SELECT protect_rows('contributions', $$member_id = ANY ((SELECT fellow_members())::bigint[]) OR (SELECT is_operator())$$, NULL);

-- Money on its way. Only her own phone is ever made to ask for money, and only by its owner.
SELECT protect_rows('daraja_tokens', NULL, NULL);
SELECT protect_rows('payment_intents', $$payer_id = (SELECT acting_user()) OR chama_id = ANY ((SELECT own_chamas())::bigint[])
    OR (SELECT is_operator())$$,
    $$payer_id = (SELECT acting_user()) AND chama_id = ANY ((SELECT own_chamas())::bigint[])$$);
SELECT protect_rows('payment_attempts', $$phone = (SELECT own_phone()) OR (SELECT is_operator()) OR (SELECT acting('house'))
    OR encode(token_hash, 'hex') = (SELECT shown('token'))
    OR (SELECT TRUE FROM payment_intents i WHERE i.id = intent_id)$$, $$phone = (SELECT own_phone())$$);
SELECT protect_rows('inquiries', $$(SELECT is_operator()) OR (SELECT acting('house'))
    OR encode(token_hash, 'hex') = (SELECT shown('token'))
    OR ((SELECT acting_user()) > 0 AND (SELECT TRUE FROM payment_attempts a WHERE a.id = attempt_id))$$,
    $$(SELECT TRUE FROM payment_attempts a WHERE a.id = attempt_id AND a.phone = own_phone())$$);
-- Somebody at the door adds what he tells, sees it again under his own token, and is counted among strangers.
SELECT protect_rows('evidence', $$(SELECT is_operator()) OR (SELECT acting('house'))
    OR encode(token_hash, 'hex') = (SELECT shown('token'))
    OR ((SELECT acting('door')) AND attempt_id IS NULL AND verdict IN ('unmatched', 'refused', 'unreadable'))$$,
    $$encode(token_hash, 'hex') = (SELECT shown('token'))$$);
SELECT protect_rows('receipts', $$book_id = ANY ((SELECT own_books())::bigint[]) OR (SELECT is_operator())
    OR ((SELECT acting_user()) > 0 AND (SELECT TRUE FROM payment_attempts a WHERE a.id = attempt_id))$$, NULL);
SELECT protect_rows('suspense', $$(SELECT is_operator()) OR (SELECT acting('house'))$$, NULL);

-- What was said. A session of somebody who is in nobody's register belongs to nobody, and its event comes once.
SELECT protect_rows('ussd_sessions', $$user_id = (SELECT acting_user()) OR (SELECT is_operator())
    OR (user_id IS NULL AND (SELECT acting_user()) = 0)$$,
    $$user_id = (SELECT acting_user()) OR (user_id IS NULL AND (SELECT acting_user()) = 0)$$);
SELECT protect_rows('notifications', $$user_id = (SELECT acting_user()) OR (SELECT is_operator()) OR (SELECT acting('house'))
    OR provider_id = (SELECT shown('message'))$$,
    $$user_id = (SELECT acting_user()) OR provider_id = (SELECT shown('message'))$$);
SELECT protect_rows('early_reports', $$provider_id = (SELECT shown('message'))$$, $$provider_id = (SELECT shown('message'))$$);
SELECT protect_rows('incidents', $$(SELECT is_operator()) OR reference = (SELECT shown('incident'))$$,
    $$reference = (SELECT shown('incident'))$$);

-- Seasons that are open already.
SELECT protect_partition(i.inhparent::regclass::text, i.inhrelid::regclass::text)
FROM pg_inherits i WHERE i.inhparent IN ('entries'::regclass, 'postings'::regclass);

-- As before, and every partition gets the policies of its parent.
CREATE OR REPLACE FUNCTION open_season(p_number integer, p_opens_at timestamptz, p_closes_at timestamptz) RETURNS boolean
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
    PERFORM protect_partition('entries', 'entries_' || p_number), protect_partition('postings', 'postings_' || p_number);
    PERFORM guard('entries_' || p_number, 'demand_postings'), guard('postings_' || p_number, 'demand_balance');
    RETURN TRUE;
END
$$;
