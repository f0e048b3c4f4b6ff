-- Changes of a group's rules that its officials vote for (chamas/proposals.py).

CREATE TABLE rule_proposals (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chama_id     bigint NOT NULL REFERENCES chamas,
    -- the version that it changes: when there is a newer one by then, nobody has voted for this change of that
    rule_set_id  bigint NOT NULL REFERENCES rule_sets,
    proposed_by  bigint NOT NULL REFERENCES chama_members,
    rules        jsonb NOT NULL CHECK (jsonb_typeof(rules) = 'object'),
    -- NULL: as soon as enough have agreed
    holds_from   timestamptz,
    needed       integer NOT NULL CHECK (needed > 0),
    revision     integer NOT NULL DEFAULT 0 CHECK (revision >= 0),
    state        text NOT NULL CHECK (state IN ('pending', 'adopted', 'rejected')),
    reason       text,
    adopted_as   bigint UNIQUE REFERENCES rule_sets,
    proposed_at  timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    closed_at    timestamptz,
    due_at       timestamptz,
    CHECK ((state = 'adopted') = (adopted_as IS NOT NULL)),
    CHECK ((state = 'pending') = (closed_at IS NULL))
);
CREATE INDEX rule_proposals_by_chama ON rule_proposals (chama_id, id);
CREATE INDEX rule_proposals_due ON rule_proposals (due_at) WHERE due_at IS NOT NULL;
CREATE UNIQUE INDEX rule_proposals_one_open ON rule_proposals (chama_id) WHERE state = 'pending';

SELECT audit_all('rule_proposals', '{id}');
SELECT protect_rows('rule_proposals', $$chama_id = ANY ((SELECT own_chamas())::bigint[]) OR (SELECT is_operator())$$,
    $$state = 'pending' AND chama_id = ANY ((SELECT own_chamas())::bigint[])
    AND (SELECT TRUE FROM chama_members m WHERE m.id = proposed_by AND m.user_id = (SELECT acting_user()))$$);

DO $$
BEGIN
    IF roles_at_hand() THEN
        GRANT SELECT, INSERT ON rule_proposals TO pesachama_web;
        -- Whoever proposed may propose otherwise while nothing is decided: every answer to it is void.
        GRANT UPDATE (rule_set_id, rules, holds_from, needed, revision, proposed_at, expires_at, due_at)
            ON rule_proposals TO pesachama_web;
        GRANT SELECT, INSERT, UPDATE ON rule_proposals TO pesachama_worker;
    END IF;
END
$$;
