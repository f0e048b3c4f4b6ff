-- The calendar of each round is kept with it, and so is its place in the order of payout; what chamas/ writes.

ALTER TABLE rule_sets
    -- how long a round of a custom calendar lasts; NULL: an official says each time when it closes
    ADD COLUMN every_hours integer CHECK (every_hours BETWEEN 1 AND 8784),
    ADD CHECK (every_hours IS NULL OR frequency = 'custom');

ALTER TABLE chamas
    -- after so many turns of everybody the chama has done what it was for; NULL: it goes on
    ADD COLUMN cycles integer CHECK (cycles > 0);

ALTER TABLE rounds
    -- its instants are counted from here, in so many periods: never from those of the round before
    ADD COLUMN anchor_at timestamptz,
    ADD COLUMN step integer NOT NULL DEFAULT 0 CHECK (step >= 0),
    -- the turn is the position that is paid; a member who leaves moves nobody else's
    ADD COLUMN cycle integer NOT NULL DEFAULT 1 CHECK (cycle > 0),
    ADD COLUMN turn integer CHECK (turn > 0),
    -- when it was opened and closed, and by whom; NULL: by the clock
    ADD COLUMN opened_at timestamptz,
    ADD COLUMN closed_at timestamptz,
    ADD COLUMN opened_by bigint REFERENCES users,
    ADD COLUMN closed_by bigint REFERENCES users;

UPDATE rounds r SET anchor_at = first.opens_at, step = r.number - 1,
    turn = (SELECT m.position FROM chama_members m WHERE m.id = r.payee_member_id),
    cycle = 1 + (r.number - 1) / GREATEST(1, (SELECT count(*) FROM chama_members m
        WHERE m.chama_id = r.chama_id AND m.position IS NOT NULL)::integer)
    FROM rounds first WHERE first.chama_id = r.chama_id AND first.number = 1;
ALTER TABLE rounds ALTER COLUMN anchor_at SET NOT NULL;

CREATE UNIQUE INDEX rounds_one_pending ON rounds (chama_id) WHERE state = 'pending';
CREATE INDEX rounds_to_close ON rounds (closes_at) WHERE state = 'active';
CREATE INDEX rounds_to_open ON rounds (opens_at) WHERE state = 'pending';
CREATE INDEX rounds_behind ON rounds (id) WHERE state = 'expired';
