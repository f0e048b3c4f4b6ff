-- Unmatched money is offered to its likely owners, and settled by two officials.

-- When the concierge looks for owners (again): members join, and numbers change.
ALTER TABLE suspense ADD COLUMN due_at timestamptz;
UPDATE suspense SET due_at = opened_at WHERE state = 'open';
CREATE INDEX suspense_due ON suspense (due_at) WHERE due_at IS NOT NULL;

-- Members to whom it may belong, and why. Written anew with each look.
CREATE TABLE suspense_offers (
    receipt       text NOT NULL REFERENCES suspense,
    member_id     bigint NOT NULL REFERENCES chama_members,
    chama_id      bigint NOT NULL REFERENCES chamas,
    grade         text NOT NULL CHECK (grade IN ('strong', 'likely', 'possible')),
    reasons       text[] NOT NULL CHECK (cardinality(reasons) > 0),
    amount_cents  bigint NOT NULL CHECK (amount_cents > 0),
    paid_at       timestamptz NOT NULL,
    offered_at    timestamptz NOT NULL,
    PRIMARY KEY (receipt, member_id)
);
CREATE INDEX suspense_offers_by_member ON suspense_offers (member_id);
CREATE INDEX suspense_offers_by_chama ON suspense_offers (chama_id);

-- What one official asks to be done with it, and what another says. Where it was booked: book_id and seq.
CREATE TABLE settlements (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    receipt      text NOT NULL REFERENCES suspense,
    kind         text NOT NULL CHECK (kind IN ('credit', 'return')),
    chama_id     bigint REFERENCES chamas,
    member_id    bigint REFERENCES chama_members,
    state        text NOT NULL CHECK (state IN ('asked', 'approved', 'done', 'refused', 'void')),
    asked_by     bigint NOT NULL REFERENCES users,
    asked_at     timestamptz NOT NULL,
    decided_by   bigint REFERENCES users CHECK (decided_by <> asked_by),
    decided_at   timestamptz,
    due_at       timestamptz,
    -- why it could not be booked yet, for people
    failure      text,
    book_id      bigint,
    seq          bigint,
    CHECK ((kind = 'credit') = (member_id IS NOT NULL)),
    CHECK ((member_id IS NULL) = (chama_id IS NULL)),
    CHECK (state NOT IN ('approved', 'done') OR decided_by IS NOT NULL),
    CHECK ((book_id IS NULL) = (seq IS NULL))
);
-- Money is settled once.
CREATE UNIQUE INDEX settlements_one_open ON settlements (receipt) WHERE state IN ('asked', 'approved', 'done');
CREATE INDEX settlements_due ON settlements (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX settlements_by_chama ON settlements (chama_id, id) WHERE chama_id IS NOT NULL;

SELECT protect_rows('suspense_offers', $$chama_id = ANY ((SELECT own_chamas())::bigint[]) OR (SELECT is_operator())$$, NULL);
SELECT protect_rows('settlements', $$chama_id = ANY ((SELECT own_chamas())::bigint[]) OR (SELECT is_operator())$$,
    $$chama_id = ANY ((SELECT own_chamas())::bigint[]) OR (SELECT is_operator())$$);
SELECT audit_all('settlements', '{id}');

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_web') THEN
        GRANT SELECT ON suspense_offers, settlements TO pesachama_web;
        GRANT INSERT ON settlements TO pesachama_web;
        GRANT UPDATE (state, decided_by, decided_at, due_at) ON settlements TO pesachama_web;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_worker') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON suspense_offers TO pesachama_worker;
        GRANT SELECT, INSERT, UPDATE ON settlements TO pesachama_worker;
    END IF;
END
$$;
