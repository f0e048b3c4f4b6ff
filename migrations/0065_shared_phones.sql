-- Members without a phone of their own, who share one: each is told apart by her member number and her chama PIN.

CREATE INDEX users_by_contact_phone ON users (contact_phone) WHERE phone IS NULL AND contact_phone IS NOT NULL;

-- Six digits that an official tells her face to face: whoever holds the phone gets its SMS, and must not get these.
ALTER TABLE pin_resets DROP CONSTRAINT pin_resets_kind_check, DROP CONSTRAINT pin_resets_check,
    ADD CONSTRAINT pin_resets_kind_check CHECK (kind IN ('vouched', 'silent', 'told', 'code')),
    ADD CONSTRAINT pin_resets_check CHECK ((kind IN ('told', 'code')) = (code_hash IS NOT NULL));

-- Who shares a phone, with what `who_dials` tells of its owner, one row for each place in a group. Nobody is known before
-- this is answered.
CREATE FUNCTION who_shares(p_phone text, p_since timestamptz, p_out text[]) RETURNS TABLE (
    user_id bigint, first_name text, language text, prompt_out boolean, private_phone boolean, has_pin boolean,
    seen_at timestamptz, news boolean, chama_id bigint, name text, book_id bigint, member_id bigint, contributes boolean,
    official boolean, number integer, chama_number text, inside boolean
) LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 3 SET search_path = public, pg_temp AS $$
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

-- As in 0010, and for who has none of her own the phone that she shares: its prompts are hers to ask for.
CREATE OR REPLACE FUNCTION own_phone() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (SELECT COALESCE(u.phone, u.contact_phone) FROM users u WHERE u.id = acting_user() AND u.status = 'active');
END
$$;

REVOKE EXECUTE ON FUNCTION who_shares FROM PUBLIC;
DO $$
BEGIN
    IF NOT roles_at_hand() THEN
        RETURN;
    END IF;
    -- As in 0010: allowed to own functions in the schema only while it is made their owner.
    GRANT CREATE ON SCHEMA public TO pesachama_gatekeeper;
    ALTER FUNCTION who_shares OWNER TO pesachama_gatekeeper;
    REVOKE CREATE ON SCHEMA public FROM pesachama_gatekeeper;
    GRANT EXECUTE ON FUNCTION who_shares TO pesachama_web, pesachama_worker;
    GRANT UPDATE (contact_phone) ON users TO pesachama_web;
    GRANT INSERT, SELECT ON consents TO pesachama_web;
END
$$;
