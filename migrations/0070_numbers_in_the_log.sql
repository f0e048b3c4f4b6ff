-- Whole phone numbers stand where they are needed and nowhere else: the log of changes keeps them as other people may see them.
-- What it kept before is bound to its chain by a commitment and stays, until the person is forgotten.

CREATE FUNCTION masked_numbers(p_value jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
RETURN regexp_replace(p_value::text, '"\+(\d{6})\d+(\d{3})"', '"+\1***\2"', 'g')::jsonb;

-- As it was in 0015, but for the masked numbers.
CREATE OR REPLACE FUNCTION write_audit(p_table text, p_rules text[], p_was jsonb[], p_now jsonb[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
-- Planned once: planning takes longer than writing.
SET plan_cache_mode = force_generic_plan SET jit = off
SET search_path = public, pg_temp AS $$
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

REVOKE EXECUTE ON FUNCTION masked_numbers FROM PUBLIC;
