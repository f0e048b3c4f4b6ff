-- What people are told: by which ways they want it, what waits for the next dial, and what a group spends on it at most.

-- What somebody has said about it; who has said nothing is told by SMS, with reminders, and not at night.
CREATE TABLE notice_preferences (
    user_id     bigint PRIMARY KEY REFERENCES users,
    sms         boolean NOT NULL,
    -- where mail goes; NULL: she wants none
    email       text CHECK (length(email) <= 254 AND email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
    push        boolean NOT NULL,
    reminders   boolean NOT NULL,
    at_night    boolean NOT NULL,
    changed_at  timestamptz NOT NULL
);

-- Where push messages go: each app of hers registers itself under a token of the push service.
CREATE TABLE devices (
    token    text PRIMARY KEY CHECK (length(token) BETWEEN 1 AND 4096),
    user_id  bigint NOT NULL REFERENCES users,
    since    timestamptz NOT NULL
);
CREATE INDEX devices_by_user ON devices (user_id);

-- What a group spends on SMS in a month of Nairobi's calendar, where it is not what follows from the number of its members.
CREATE TABLE notice_caps (
    chama_id   bigint PRIMARY KEY REFERENCES chamas,
    cap_cents  bigint NOT NULL CHECK (cap_cents >= 0),
    set_at     timestamptz NOT NULL
);

-- `kind` says what may hold a message back; `seen_at`: she has read on a screen what no message brought her. One thing is told
-- once by each way.
ALTER TABLE notifications
    ADD COLUMN kind text NOT NULL DEFAULT 'news' CHECK (kind IN ('money', 'answer', 'news', 'reminder')),
    ADD COLUMN seen_at timestamptz,
    DROP CONSTRAINT notifications_dedupe_key_key,
    ADD CONSTRAINT notifications_once UNIQUE (dedupe_key, channel),
    DROP CONSTRAINT notifications_state_check,
    ADD CONSTRAINT notifications_state_check
        CHECK (state IN ('queued', 'unclear', 'sent', 'delivered', 'failed', 'dropped'));
-- What failed before there was a way to say it on the screen is no news any more.
UPDATE notifications SET seen_at = queued_at WHERE state = 'failed';
CREATE INDEX notifications_by_chama ON notifications (chama_id, queued_at);
CREATE INDEX notifications_to_say ON notifications (user_id, id)
    WHERE seen_at IS NULL AND (channel = 'in_app' OR state = 'failed');

SELECT audit_all('notice_caps', '{chama_id}');
SELECT protect_rows('notice_preferences', $$user_id = (SELECT acting_user()) OR (SELECT is_operator())$$,
    $$user_id = (SELECT acting_user()) OR (SELECT is_operator())$$);
SELECT protect_rows('devices', $$user_id = (SELECT acting_user()) OR (SELECT is_operator())$$,
    $$user_id = (SELECT acting_user()) OR (SELECT is_operator())$$);
SELECT protect_rows('notice_caps', $$chama_id = ANY ((SELECT own_chamas())::bigint[]) OR (SELECT is_operator())$$,
    $$(SELECT is_operator())$$);

-- As in 0025, with whether something waits to be said to her on the screen.
DROP FUNCTION who_dials;
CREATE FUNCTION who_dials(p_phone text, p_since timestamptz, p_out text[]) RETURNS TABLE (
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
                WHERE n.user_id = u.id AND n.seen_at IS NULL AND (n.channel = 'in_app' OR n.state = 'failed')),
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
    GRANT SELECT (user_id, seen_at, channel, state) ON notifications TO pesachama_gatekeeper;
    -- As in 0010: allowed to own functions in the schema only while it is made their owner.
    GRANT CREATE ON SCHEMA public TO pesachama_gatekeeper;
    ALTER FUNCTION who_dials OWNER TO pesachama_gatekeeper;
    REVOKE CREATE ON SCHEMA public FROM pesachama_gatekeeper;
    GRANT EXECUTE ON FUNCTION who_dials TO pesachama_web, pesachama_worker;
    GRANT SELECT, INSERT, UPDATE ON notice_preferences, devices, notice_caps TO pesachama_web;
    GRANT SELECT, INSERT, UPDATE, DELETE ON notice_preferences, devices TO pesachama_worker;
    GRANT SELECT, INSERT, UPDATE ON notice_caps TO pesachama_worker;
    -- Whoever tells officials something acts in the office, and must know how each of them wants to hear it.
    CREATE POLICY web_office_looks ON notice_preferences FOR SELECT TO pesachama_web USING ((SELECT acting('office')));
END
$$;
