-- The chama PIN is chosen and asked for on the phone, and names and balances may stand behind it: because she wants it so, or
-- because her number was silent for so long that somebody else may hold it now.

CREATE TABLE phones_seen (
    user_id  bigint PRIMARY KEY REFERENCES users,
    seen_at  timestamptz NOT NULL
);
SELECT protect_rows('phones_seen', $$user_id = (SELECT acting_user()) OR (SELECT is_operator())$$,
    $$user_id = (SELECT acting_user())$$);

-- As in 0016, with what stands between a phone and what it shows. Somebody who never dialled was last seen when she was
-- written down.
DROP FUNCTION who_dials;
CREATE FUNCTION who_dials(p_phone text, p_since timestamptz, p_out text[]) RETURNS TABLE (
    user_id bigint, first_name text, language text, prompt_out boolean, private_phone boolean, has_pin boolean,
    seen_at timestamptz, chama_id bigint, name text, book_id bigint, member_id bigint, contributes boolean, official boolean
) LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 2 SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
        SELECT u.id, u.first_name, u.language,
            EXISTS (SELECT FROM payment_intents i JOIN payment_attempts t ON t.intent_id = i.id
                WHERE i.payer_id = u.id AND i.created_at > p_since AND t.state = ANY (p_out)),
            u.private_phone, EXISTS (SELECT FROM pins p WHERE p.user_id = u.id),
            COALESCE((SELECT s.seen_at FROM phones_seen s WHERE s.user_id = u.id), u.created_at),
            c.id, c.name, c.book_id, m.id, c.status = 'active' AND m.status IN ('active', 'defaulted'), m.role <> 'member'
        FROM users u
        LEFT JOIN (chama_members m JOIN chamas c ON c.id = m.chama_id)
            ON m.user_id = u.id AND m.status IN ('confirmed', 'active', 'defaulted', 'completed')
        WHERE u.phone = p_phone AND u.status = 'active'
        ORDER BY (m.status = 'active' AND c.status = 'active') DESC, m.joined_at, m.id;
END
$$;

REVOKE EXECUTE ON FUNCTION who_dials FROM PUBLIC;
DO $$
BEGIN
    IF NOT roles_at_hand() THEN
        RETURN;
    END IF;
    GRANT SELECT (user_id) ON pins TO pesachama_gatekeeper;
    GRANT SELECT ON phones_seen TO pesachama_gatekeeper;
    -- As in 0010: allowed to own functions in the schema only while it is made their owner.
    GRANT CREATE ON SCHEMA public TO pesachama_gatekeeper;
    ALTER FUNCTION who_dials OWNER TO pesachama_gatekeeper;
    REVOKE CREATE ON SCHEMA public FROM pesachama_gatekeeper;
    GRANT EXECUTE ON FUNCTION who_dials TO pesachama_web, pesachama_worker;
    GRANT SELECT, INSERT, UPDATE ON phones_seen TO pesachama_web;
    GRANT SELECT, INSERT, UPDATE, DELETE ON phones_seen TO pesachama_worker;
    GRANT INSERT, UPDATE (hash, changed_at) ON pins TO pesachama_web;
    GRANT UPDATE (private_phone) ON users TO pesachama_web;
END
$$;
