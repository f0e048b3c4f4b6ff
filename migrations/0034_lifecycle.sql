-- How a chama starts, ends and gives back what it holds; what chamas/ writes.

ALTER TABLE chamas
    -- what happens when its recruitment deadline passes with fewer people than its target
    ADD COLUMN when_short text NOT NULL DEFAULT 'wait' CHECK (when_short IN ('wait', 'cancel'));
CREATE INDEX chamas_recruiting_until ON chamas (recruitment_deadline) WHERE status = 'recruiting';

-- What officials tell their chama to do: the worker does it, once, and says what became of it.
CREATE TABLE chama_orders (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chama_id     bigint NOT NULL REFERENCES chamas,
    kind         text NOT NULL CHECK (kind IN ('start', 'open_round', 'close_round', 'complete', 'cancel', 'resend')),
    state        text NOT NULL CHECK (state IN ('asked', 'agreed', 'done', 'refused')),
    asked_by     bigint NOT NULL REFERENCES users,
    asked_at     timestamptz NOT NULL,
    -- whether a second official has to say the same
    needs_second boolean NOT NULL,
    agreed_by    bigint REFERENCES users CHECK (agreed_by <> asked_by),
    agreed_at    timestamptz,
    opens_at     timestamptz,
    closes_at    timestamptz,
    done_at      timestamptz,
    -- the code of the refusal
    why          text,
    CHECK (state <> 'agreed' OR agreed_by IS NOT NULL),
    CHECK (state NOT IN ('done', 'agreed') OR NOT needs_second OR agreed_by IS NOT NULL),
    CHECK ((state = 'refused') = (why IS NOT NULL))
);
CREATE UNIQUE INDEX chama_orders_one_open ON chama_orders (chama_id, kind) WHERE state IN ('asked', 'agreed');
CREATE INDEX chama_orders_open ON chama_orders (id) WHERE state IN ('asked', 'agreed');
CREATE INDEX chama_orders_by_chama ON chama_orders (chama_id, id);

-- A chama that has ended is looked at until it holds nothing of anybody.
CREATE TABLE windings (
    chama_id     bigint PRIMARY KEY REFERENCES chamas,
    begun_at     timestamptz NOT NULL,
    due_at       timestamptz NOT NULL
);
CREATE INDEX windings_due ON windings (due_at);

-- What goes back to a member: moved into an account of hers for it when the row is written, and paid out from there.
CREATE TABLE refunds (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chama_id          bigint NOT NULL REFERENCES chamas,
    member_id         bigint NOT NULL REFERENCES chama_members,
    deposit_cents     bigint NOT NULL CHECK (deposit_cents >= 0),
    contributed_cents bigint NOT NULL CHECK (contributed_cents >= 0),
    -- what is sent, and what M-PESA takes for it; both out of the two above
    amount_cents      bigint NOT NULL CHECK (amount_cents > 0),
    charge_cents      bigint NOT NULL CHECK (charge_cents >= 0),
    state             text NOT NULL CHECK (state IN ('pending', 'ordered', 'paid', 'failed')),
    tries             integer NOT NULL DEFAULT 0,
    payout_id         bigint UNIQUE REFERENCES payouts,
    reason            text,
    created_at        timestamptz NOT NULL,
    ended_at          timestamptz,
    CHECK (amount_cents + charge_cents <= deposit_cents + contributed_cents),
    CHECK (state NOT IN ('ordered', 'paid') OR payout_id IS NOT NULL)
);
CREATE INDEX refunds_open ON refunds (id) WHERE state IN ('pending', 'ordered', 'failed');
CREATE INDEX refunds_by_chama ON refunds (chama_id, id);

SELECT audit_all('chama_orders', '{id}');
SELECT audit_all('windings', '{chama_id}');
SELECT audit_all('refunds', '{id}');
SELECT protect_rows('chama_orders', $$chama_id = ANY ((SELECT own_chamas())::bigint[]) OR (SELECT is_operator())$$,
    $$chama_id = ANY ((SELECT own_chamas())::bigint[]) OR (SELECT is_operator())$$);
SELECT protect_rows(name, $$chama_id = ANY ((SELECT own_chamas())::bigint[]) OR (SELECT is_operator())$$, NULL)
FROM unnest(ARRAY['windings', 'refunds']) AS name;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_web') THEN
        GRANT SELECT ON chama_orders, windings, refunds TO pesachama_web;
        GRANT INSERT ON chama_orders TO pesachama_web;
        GRANT UPDATE (state, agreed_by, agreed_at) ON chama_orders TO pesachama_web;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_worker') THEN
        GRANT SELECT, INSERT, UPDATE ON chama_orders, windings, refunds TO pesachama_worker;
    END IF;
END
$$;
