-- Groups that people found, are invited to, and join by themselves; and the office, in which the web does that.

-- How many a chama takes at most; NULL: as many as its target.
ALTER TABLE chamas ADD COLUMN capacity integer,
    ADD CONSTRAINT chamas_capacity_check CHECK (capacity BETWEEN member_target AND 100);

CREATE TABLE invitations (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chama_id     bigint NOT NULL REFERENCES chamas,
    member_id    bigint NOT NULL REFERENCES chama_members,
    invited_by   bigint NOT NULL REFERENCES users,
    code         text NOT NULL CHECK (code ~ '^[1-9][0-9]{5}$'),
    state        text NOT NULL CHECK (state IN ('open', 'accepted', 'declined', 'withdrawn')),
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL CHECK (expires_at > created_at),
    answered_at  timestamptz
);
CREATE UNIQUE INDEX invitations_by_code ON invitations (code) WHERE state = 'open';
CREATE UNIQUE INDEX invitations_one_open ON invitations (member_id) WHERE state = 'open';
CREATE INDEX invitations_by_chama ON invitations (chama_id);

-- How often a phone has typed a wrong number or code in a row; a row is gone after a day.
CREATE TABLE wrong_codes (
    phone        text PRIMARY KEY CHECK (phone ~ '^\+[1-9][0-9]{7,14}$'),
    wrong        smallint NOT NULL,
    last_at      timestamptz NOT NULL
);

SELECT audit_all('invitations', '{id}', NULL, '{}', '{code}');

-- A person sees the invitations that are to her; the code of another's is nobody's to see.
SELECT protect_rows('invitations', $$(SELECT TRUE FROM chama_members m WHERE m.id = member_id AND m.user_id = acting_user())
    OR (SELECT is_operator())$$, NULL);
SELECT protect_rows('wrong_codes', NULL, NULL);

-- The office (chamas/office.py): a context in which the web sees and writes every row of a register, for people who touch
-- rows that are not theirs yet. No table with money or secrets in it is ever opened to the office.
CREATE FUNCTION open_office(p_table text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF roles_at_hand() THEN
        EXECUTE format('CREATE POLICY web_office ON public.%I TO pesachama_web USING ((SELECT acting(''office''))) '
            'WITH CHECK ((SELECT acting(''office'')))', p_table);
    END IF;
END
$$;
REVOKE EXECUTE ON FUNCTION open_office FROM PUBLIC;

SELECT open_office(name)
FROM unnest(ARRAY['users', 'consents', 'chamas', 'chama_members', 'invitations', 'wrong_codes', 'rule_sets']) AS name;

DO $$
BEGIN
    IF NOT roles_at_hand() THEN
        RETURN;
    END IF;
    GRANT SELECT ON invitations, wrong_codes TO pesachama_web, pesachama_worker;
    GRANT INSERT, UPDATE, DELETE ON invitations, wrong_codes TO pesachama_worker;
    GRANT INSERT ON users, chamas, chama_members, rule_sets, invitations, wrong_codes TO pesachama_web;
    GRANT UPDATE (status) ON chamas TO pesachama_web;
    GRANT UPDATE (status, role, terms_agreed_at) ON chama_members TO pesachama_web;
    GRANT UPDATE (state, answered_at) ON invitations TO pesachama_web;
    GRANT UPDATE (wrong, last_at), DELETE ON wrong_codes TO pesachama_web;
    -- A group is born with its book, and a member with her account in it.
    GRANT EXECUTE ON FUNCTION open_book, open_account TO pesachama_web;
    ALTER POLICY web_posts_to_her_books ON heads USING ((SELECT current_setting('role') <> 'pesachama_web')
        OR book_id = ANY ((SELECT own_books())::bigint[]) OR (SELECT is_operator())
        OR (next_seq = 1 AND (SELECT acting('office'))));
    -- Whoever adds herself to the register does so in the office.
    DROP POLICY web_adds ON users;
    -- News for officials about somebody who asks to join. ON CONFLICT must be able to see what stands there.
    CREATE POLICY web_office_tells ON notifications FOR INSERT TO pesachama_web WITH CHECK ((SELECT acting('office')));
    CREATE POLICY web_office_looks ON notifications FOR SELECT TO pesachama_web USING ((SELECT acting('office')));
    -- Somebody in nobody's register acts too: she joins.
    DROP POLICY web_reads ON ussd_actions;
    DROP POLICY web_adds ON ussd_actions;
    CREATE POLICY web_reads ON ussd_actions FOR SELECT TO pesachama_web USING (user_id = (SELECT acting_user())
        OR (user_id IS NULL AND (SELECT acting_user()) = 0) OR (SELECT is_operator()));
    CREATE POLICY web_adds ON ussd_actions FOR INSERT TO pesachama_web WITH CHECK (user_id = (SELECT acting_user())
        OR (user_id IS NULL AND (SELECT acting_user()) = 0));
END
$$;
