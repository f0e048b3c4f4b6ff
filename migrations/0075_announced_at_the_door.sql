-- A payout that a member has not heard of is news of hers too, so that a first dial asks one question less: before, every dial
-- looked for one in a statement of its own.

CREATE INDEX disbursement_requests_announced ON disbursement_requests (chama_id) WHERE state = 'approved';

-- As in 0048, and what her groups have announced.
CREATE OR REPLACE FUNCTION who_dials(p_phone text, p_since timestamptz, p_out text[]) RETURNS TABLE (
    user_id bigint, first_name text, language text, prompt_out boolean, private_phone boolean, has_pin boolean,
    seen_at timestamptz, news boolean, chama_id bigint, name text, book_id bigint, member_id bigint, contributes boolean,
    official boolean
) LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 2 SET search_path = public, pg_temp AS $$
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

DO $$
BEGIN
    IF NOT roles_at_hand() THEN
        RETURN;
    END IF;
    GRANT SELECT (id, chama_id, state) ON disbursement_requests TO pesachama_gatekeeper;
    GRANT SELECT (request_id, member_id) ON announcements_heard TO pesachama_gatekeeper;
END
$$;
