-- Whether members say that their balance is right: who was drawn to be asked, and what she said.

CREATE TABLE samples (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chama_id   bigint NOT NULL REFERENCES chamas,
    -- who is asked follows from it and from the ids of the members of that day
    seed       bytea NOT NULL CHECK (octet_length(seed) = 16),
    roster     bigint[] NOT NULL CHECK (cardinality(roster) > 0),
    -- the page of the group's book at which the balances are asked about
    seq        bigint NOT NULL CHECK (seq > 0),
    drawn_at   timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL CHECK (ends_at > drawn_at)
);
CREATE INDEX samples_by_chama ON samples (chama_id, drawn_at);

CREATE TABLE confirmations (
    sample_id      bigint NOT NULL REFERENCES samples,
    member_id      bigint NOT NULL REFERENCES chama_members,
    balance_cents  bigint NOT NULL,
    state          text NOT NULL CHECK (state IN ('asked', 'right', 'wrong', 'silent')),
    answered_at    timestamptz,
    PRIMARY KEY (sample_id, member_id),
    CHECK ((state IN ('right', 'wrong')) = (answered_at IS NOT NULL))
);
CREATE INDEX confirmations_asked ON confirmations (member_id) WHERE state = 'asked';

SELECT audit_all('samples', '{id}');
SELECT audit_all('confirmations', '{sample_id,member_id}');
SELECT protect_rows('samples', $$chama_id = ANY ((SELECT own_chamas())::bigint[]) OR (SELECT is_operator())$$, NULL);
SELECT protect_rows('confirmations', $$member_id = ANY ((SELECT fellow_members())::bigint[]) OR (SELECT is_operator())$$,
    $$(SELECT TRUE FROM chama_members m WHERE m.id = member_id AND m.user_id = (SELECT acting_user()))$$);

-- As in 0035; somebody who was drawn is asked before the menu, too.
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
                WHERE o.user_id = u.id AND k.state = 'asked'),
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
    GRANT SELECT (member_id, state) ON confirmations TO pesachama_gatekeeper;
    GRANT SELECT ON samples, confirmations TO pesachama_web;
    GRANT UPDATE (state, answered_at) ON confirmations TO pesachama_web;
    GRANT SELECT, INSERT ON samples TO pesachama_worker;
    GRANT SELECT, INSERT, UPDATE ON confirmations TO pesachama_worker;
END
$$;
