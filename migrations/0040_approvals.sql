-- Approvals in one place: what people answer to whatever needs other people's yes (chamas/approvals.py).

-- Since when she is what she is in her group; not known for who has been it from the beginning.
ALTER TABLE chama_members ADD COLUMN role_since timestamptz;

-- What one person said to exactly this; never changed. What the digest binds is in chamas/approvals.py.
CREATE TABLE approvals (
    subject     text NOT NULL CHECK (subject ~ '^[a-z_]{1,30}$'),
    subject_id  bigint NOT NULL,
    user_id     bigint NOT NULL REFERENCES users,
    -- as a member of the group whose affair it is; NULL for an operator
    member_id   bigint REFERENCES chama_members,
    vote        text NOT NULL CHECK (vote IN ('approve', 'reject', 'freeze')),
    digest      bytea NOT NULL CHECK (octet_length(digest) = 32),
    -- how it was made sure that it is she
    proof       text NOT NULL CHECK (proof IN ('pin', 'step_up', 'phone', 'program')),
    reason      smallint CHECK (reason BETWEEN 1 AND 4),
    voted_at    timestamptz NOT NULL,
    seen_at     timestamptz,
    PRIMARY KEY (subject, subject_id, user_id, vote, digest),
    -- Holding a phone, or a program's token, is enough to stop money, never to let it go.
    CHECK (vote <> 'approve' OR proof IN ('pin', 'step_up')),
    CHECK (vote = 'reject' OR reason IS NULL)
);
CREATE INDEX approvals_unseen ON approvals (subject, subject_id) WHERE seen_at IS NULL;

SELECT protect_rows('approvals', $$user_id = (SELECT acting_user()) OR member_id = ANY ((SELECT fellow_members())::bigint[])
    OR (SELECT is_operator())$$,
    $$user_id = (SELECT acting_user()) AND (member_id IS NULL
    OR (SELECT TRUE FROM chama_members m WHERE m.id = member_id AND m.user_id = (SELECT acting_user())))$$);
SELECT audit_all('approvals', '{subject,subject_id,user_id,vote,digest}');

INSERT INTO approvals (subject, subject_id, user_id, member_id, vote, digest, proof, reason, voted_at, seen_at)
SELECT 'disbursement', v.request_id, m.user_id, v.member_id, v.vote, v.digest, 'pin', v.reason, v.voted_at, v.seen_at
FROM disbursement_votes v JOIN chama_members m ON m.id = v.member_id;
DROP TABLE disbursement_votes;

-- What for, under which rules, and which wording of it: a change makes the next one.
ALTER TABLE disbursement_requests
    ADD COLUMN purpose text NOT NULL DEFAULT 'welfare' CHECK (purpose IN ('round', 'welfare', 'expense')),
    ADD COLUMN freezers integer NOT NULL DEFAULT 2 CHECK (freezers > 0),
    ADD COLUMN revision integer NOT NULL DEFAULT 0 CHECK (revision >= 0),
    ADD COLUMN rule_set_id bigint REFERENCES rule_sets;
UPDATE disbursement_requests SET purpose = 'round' WHERE round_id IS NOT NULL;
ALTER TABLE disbursement_requests ALTER COLUMN purpose DROP DEFAULT, ALTER COLUMN freezers DROP DEFAULT,
    ADD CHECK ((purpose = 'round') = (round_id IS NOT NULL));

-- Which member has heard of which payout that is announced.
CREATE TABLE announcements_heard (
    request_id  bigint NOT NULL REFERENCES disbursement_requests,
    member_id   bigint NOT NULL REFERENCES chama_members,
    heard_at    timestamptz NOT NULL,
    PRIMARY KEY (request_id, member_id)
);
SELECT protect_rows('announcements_heard', $$member_id = ANY ((SELECT fellow_members())::bigint[]) OR (SELECT is_operator())$$,
    $$(SELECT TRUE FROM chama_members m WHERE m.id = member_id AND m.user_id = (SELECT acting_user()))$$);
SELECT audit_all('announcements_heard', '{request_id,member_id}');

DO $$
BEGIN
    IF NOT roles_at_hand() THEN
        RETURN;
    END IF;
    GRANT SELECT, INSERT ON approvals, announcements_heard TO pesachama_web;
    GRANT SELECT, INSERT, UPDATE ON approvals TO pesachama_worker;
    GRANT SELECT, INSERT ON announcements_heard TO pesachama_worker;
    GRANT UPDATE (role_since) ON chama_members TO pesachama_web;
    -- Whoever asked may ask otherwise while nothing is agreed on: it is pending again, and every answer to it is void.
    GRANT UPDATE (amount_cents, charge_cents, digest, revision, state, reason, asked_at, expires_at, due_at, closed_at)
        ON disbursement_requests TO pesachama_web;
    ALTER POLICY web_changes ON disbursement_requests
        USING (state IN ('pending', 'rejected') AND payout_id IS NULL AND chama_id = ANY ((SELECT own_chamas())::bigint[])
            AND (SELECT TRUE FROM chama_members m WHERE m.id = asked_by AND m.user_id = (SELECT acting_user())))
        WITH CHECK (state = 'pending' AND payout_id IS NULL AND chama_id = ANY ((SELECT own_chamas())::bigint[])
            AND (SELECT TRUE FROM chama_members m WHERE m.id = asked_by AND m.user_id = (SELECT acting_user())));
END
$$;
