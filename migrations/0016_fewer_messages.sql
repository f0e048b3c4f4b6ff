-- What row-level security (0010_rows.sql) made dearer: storing what Safaricom tells is one statement again, a first dial is
-- one, and whose rows are whose is asked of functions that cost half as much.

-- Keeps one delivery, or counts it as seen again; returns how often it has come. Nobody needs to be known for it, and a
-- process that may call this may neither read, nor change, nor judge what was kept. What is read by its digest must have it:
-- under another's digest it would make that other one, when it comes, a repetition that nobody reads.
CREATE FUNCTION keep_evidence(
    p_source text, p_token_hash bytea, p_body_sha256 bytea, p_body bytea, p_truncated boolean, p_headers jsonb,
    p_remote_ip inet, p_received_at timestamptz
) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
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

-- Who dials from a phone (E.164): the active person and, a row each, the chamas that have let her in, her home chama first;
-- one row without a chama when there is none, no row for a stranger. `prompt_out`: an intent of hers, made after p_since, has
-- an attempt in one of the states p_out. It is what she would see of her own, so it needs no context: whoever could name a
-- phone to `holder_of` can name it here.
CREATE FUNCTION who_dials(p_phone text, p_since timestamptz, p_out text[]) RETURNS TABLE (
    user_id bigint, first_name text, language text, prompt_out boolean, chama_id bigint, name text, book_id bigint,
    member_id bigint, contributes boolean
) LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 2 SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
        SELECT u.id, u.first_name, u.language,
            EXISTS (SELECT FROM payment_intents i JOIN payment_attempts t ON t.intent_id = i.id
                WHERE i.payer_id = u.id AND i.created_at > p_since AND t.state = ANY (p_out)),
            c.id, c.name, c.book_id, m.id, c.status = 'active' AND m.status IN ('active', 'defaulted')
        FROM users u
        LEFT JOIN (chama_members m JOIN chamas c ON c.id = m.chama_id)
            ON m.user_id = u.id AND m.status IN ('confirmed', 'active', 'defaulted', 'completed')
        WHERE u.phone = p_phone AND u.status = 'active'
        ORDER BY (m.status = 'active' AND c.status = 'active') DESC, m.joined_at, m.id;
END
$$;

-- The same answers as before. What is kept for the transaction is looked up by simple expressions, which need no executor;
-- a function in SQL that sets something cannot be inlined and was planned at every call. One look for three questions, and
-- expressions that the planner puts in place of the calls, were both measured and were dearer.
CREATE OR REPLACE FUNCTION own_chamas() RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
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

CREATE OR REPLACE FUNCTION own_books() RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
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

CREATE OR REPLACE FUNCTION near_chamas() RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
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

CREATE OR REPLACE FUNCTION fellow_members() RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
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

CREATE OR REPLACE FUNCTION fellow_users() RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
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

-- One look-up instead of four that are made ready and one that runs.
CREATE OR REPLACE FUNCTION holder_of(p_kind text, p_shown text) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
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

-- The parts of the answers above, which nothing asks any more.
DROP FUNCTION keep, kept;

-- Both new functions belong to the gatekeeper, who passes every policy and has no verb that they do not need. The web keeps
-- evidence by the function only: it never wrote another column than these, and now it cannot.
REVOKE EXECUTE ON FUNCTION keep_evidence, who_dials FROM PUBLIC;
DO $$
BEGIN
    IF NOT roles_at_hand() THEN
        RETURN;
    END IF;
    GRANT INSERT, SELECT (source, token_hash, body_sha256, seen_count), UPDATE (seen_count) ON evidence
        TO pesachama_gatekeeper;
    GRANT SELECT (id, payer_id, created_at) ON payment_intents TO pesachama_gatekeeper;
    GRANT SELECT (intent_id, state) ON payment_attempts TO pesachama_gatekeeper;
    -- As in 0010: allowed to own functions in the schema only while it is made their owner.
    GRANT CREATE ON SCHEMA public TO pesachama_gatekeeper;
    ALTER FUNCTION keep_evidence OWNER TO pesachama_gatekeeper;
    ALTER FUNCTION who_dials OWNER TO pesachama_gatekeeper;
    REVOKE CREATE ON SCHEMA public FROM pesachama_gatekeeper;
    GRANT EXECUTE ON FUNCTION keep_evidence TO pesachama_web, pesachama_worker;
    GRANT EXECUTE ON FUNCTION who_dials TO pesachama_web, pesachama_worker;
    REVOKE INSERT, UPDATE, UPDATE (seen_count) ON evidence FROM pesachama_web;
    DROP POLICY web_adds ON evidence;
    DROP POLICY web_changes ON evidence;
    DROP POLICY web_removes ON evidence;
END
$$;
