-- What a group is asked about one of its members: that she leaves, and what follows of it (chamas/motions.py).

CREATE TABLE motions (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chama_id     bigint NOT NULL REFERENCES chamas,
    kind         text NOT NULL CHECK (kind IN ('exit', 'substitution', 'recall')),
    -- whom it is about, and who asks
    member_id    bigint NOT NULL REFERENCES chama_members,
    asked_by     bigint NOT NULL REFERENCES chama_members,
    -- who gets her office or her place
    other_id     bigint REFERENCES chama_members,
    role         text CHECK (role IN ('chairperson', 'treasurer', 'secretary')),
    -- an exit: before her turn, after it, or where no turn is in between; and the cycle of the group that she leaves in
    how          text CHECK (how IN ('at_once', 'before_turn', 'after_turn')),
    cycle        integer,
    needed       integer NOT NULL CHECK (needed > 0),
    state        text NOT NULL CHECK (state IN ('asked', 'going', 'done', 'refused', 'withdrawn')),
    reason       text,
    asked_at     timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    agreed_at    timestamptz,
    ended_at     timestamptz,
    due_at       timestamptz,
    -- the kind of trouble that the worker met with it; NULL: none
    failure      text,
    CHECK ((kind = 'exit') = (how IS NOT NULL AND cycle IS NOT NULL)),
    CHECK ((kind = 'recall') = (role IS NOT NULL)),
    CHECK ((kind = 'exit') = (other_id IS NULL)),
    CHECK (other_id <> member_id),
    CHECK ((state IN ('asked', 'going')) = (ended_at IS NULL))
);
CREATE INDEX motions_by_chama ON motions (chama_id, id);
CREATE INDEX motions_due ON motions (due_at) WHERE due_at IS NOT NULL;
CREATE UNIQUE INDEX motions_one_open ON motions (member_id, kind) WHERE state IN ('asked', 'going');

SELECT audit_all('motions', '{id}');
SELECT protect_rows('motions', $$chama_id = ANY ((SELECT own_chamas())::bigint[]) OR (SELECT is_operator())$$,
    $$state IN ('asked', 'withdrawn') AND chama_id = ANY ((SELECT own_chamas())::bigint[])
    AND (SELECT TRUE FROM chama_members m WHERE m.id = asked_by AND m.user_id = (SELECT acting_user()))$$);

DO $$
BEGIN
    IF roles_at_hand() THEN
        GRANT SELECT, INSERT ON motions TO pesachama_web;
        -- Whoever asked may take it back while nothing is decided.
        GRANT UPDATE (state, ended_at, due_at) ON motions TO pesachama_web;
        GRANT SELECT, INSERT, UPDATE ON motions TO pesachama_worker;
    END IF;
END
$$;
