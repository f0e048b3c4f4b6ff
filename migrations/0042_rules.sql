-- Rules as whole versions, the ballot for the order of payout, and swaps by consent; what chamas/ writes.

-- Every rule that has no column of its own and is not as it would be anyway (chamas/rules.py).
ALTER TABLE rule_sets ADD COLUMN more jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(more) = 'object');

-- Two members of one chama never stand in one place; looked at when a statement ends, so that two can change places.
ALTER TABLE chama_members ADD CONSTRAINT chama_members_one_place UNIQUE (chama_id, position) DEFERRABLE;

CREATE TABLE ballots (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chama_id     bigint NOT NULL REFERENCES chamas,
    rule_set_id  bigint NOT NULL REFERENCES rule_sets,
    called_by    bigint NOT NULL REFERENCES users,
    state        text NOT NULL CHECK (state IN ('called', 'collecting', 'drawn', 'void')),
    -- member numbers, ascending
    roster       integer[] NOT NULL,
    -- published before anybody types; what it is the hash of stands in docs/ballot.md
    seal         bytea CHECK (octet_length(seal) = 32),
    seed         bytea CHECK (octet_length(seed) = 32),
    result       integer[],
    reason       text,
    called_at    timestamptz NOT NULL,
    closes_at    timestamptz,
    reveal_by    timestamptz CHECK (reveal_by > closes_at),
    ended_at     timestamptz,
    due_at       timestamptz,
    CHECK ((state = 'drawn') = (seed IS NOT NULL AND result IS NOT NULL)),
    CHECK (state NOT IN ('collecting', 'drawn') OR seal IS NOT NULL AND closes_at IS NOT NULL AND reveal_by IS NOT NULL)
);
CREATE INDEX ballots_by_chama ON ballots (chama_id, id);
CREATE UNIQUE INDEX ballots_one_open ON ballots (chama_id) WHERE state IN ('called', 'collecting');

-- Until the seed is published no web process sees a row of it, and no operator at the web either.
CREATE TABLE ballot_seeds (
    ballot_id  bigint PRIMARY KEY REFERENCES ballots,
    seed       bytea NOT NULL CHECK (octet_length(seed) = 32)
);

CREATE TABLE ballot_numbers (
    ballot_id  bigint NOT NULL REFERENCES ballots,
    member_id  bigint NOT NULL REFERENCES chama_members,
    typed      text NOT NULL CHECK (typed ~ '^[0-9]{1,9}$'),
    typed_at   timestamptz NOT NULL,
    PRIMARY KEY (ballot_id, member_id)
);

-- Two members who change places by consent.
CREATE TABLE swaps (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chama_id     bigint NOT NULL REFERENCES chamas,
    asked_by     bigint NOT NULL REFERENCES chama_members,
    asked_of     bigint NOT NULL REFERENCES chama_members,
    -- where both stood when she asked: what the other says yes to
    own_place    integer NOT NULL,
    other_place  integer NOT NULL CHECK (other_place <> own_place),
    state        text NOT NULL CHECK (state IN ('asked', 'agreed', 'declined', 'withdrawn')),
    asked_at     timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    answered_at  timestamptz
);
CREATE INDEX swaps_by_chama ON swaps (chama_id, id);
CREATE UNIQUE INDEX swaps_one_open ON swaps (asked_by) WHERE state = 'asked';

SELECT audit_all('ballots', '{id}');
SELECT audit_all('ballot_numbers', '{ballot_id,member_id}', NULL, '{}', '{typed}');
SELECT audit_all('swaps', '{id}');

SELECT protect_rows('ballots', $$chama_id = ANY ((SELECT own_chamas())::bigint[]) OR (SELECT is_operator())$$,
    $$chama_id = ANY ((SELECT own_chamas())::bigint[]) AND called_by = (SELECT acting_user())$$);
SELECT protect_rows('ballot_seeds', NULL, NULL);
SELECT protect_rows('ballot_numbers', $$member_id = ANY ((SELECT fellow_members())::bigint[]) OR (SELECT is_operator())$$,
    $$(SELECT TRUE FROM chama_members m WHERE m.id = member_id AND m.user_id = (SELECT acting_user()))$$);
SELECT protect_rows('swaps', $$chama_id = ANY ((SELECT own_chamas())::bigint[]) OR (SELECT is_operator())$$,
    $$chama_id = ANY ((SELECT own_chamas())::bigint[])
    AND (SELECT TRUE FROM chama_members m WHERE m.id IN (asked_by, asked_of) AND m.user_id = (SELECT acting_user()))$$);

DO $$
BEGIN
    IF NOT roles_at_hand() THEN
        RETURN;
    END IF;
    GRANT SELECT ON ballot_seeds TO pesachama_web;
    GRANT SELECT, INSERT ON ballots, ballot_numbers, swaps TO pesachama_web;
    GRANT UPDATE (state, answered_at) ON swaps TO pesachama_web;
    GRANT SELECT, INSERT, UPDATE ON ballots, swaps TO pesachama_worker;
    GRANT SELECT, INSERT ON ballot_numbers, ballot_seeds TO pesachama_worker;
    -- Who swaps by consent moves two rows of the register, in the office.
    GRANT UPDATE (position) ON chama_members TO pesachama_web;
END
$$;
