-- What was said to people, and what went wrong while saying it.

-- An action of a USSD turn: its key makes a repeated turn find the outcome instead of doing it again.
CREATE TABLE ussd_actions (
    key          bytea PRIMARY KEY CHECK (octet_length(key) = 32),
    user_id      bigint REFERENCES users,
    action       text NOT NULL,
    outcome      jsonb NOT NULL,
    done_at      timestamptz NOT NULL
);

-- History of sessions for people and funnels; the live turn is in Redis. Never the text that was typed.
CREATE TABLE ussd_sessions (
    session_key  bytea PRIMARY KEY CHECK (octet_length(session_key) = 32),
    user_id      bigint REFERENCES users,
    status       text NOT NULL,
    hops         integer,
    duration_ms  integer,
    cost_cents   integer,
    ended_at     timestamptz NOT NULL
);

CREATE TABLE notifications (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id        bigint NOT NULL REFERENCES users,
    chama_id       bigint REFERENCES chamas,
    channel        text NOT NULL CHECK (channel IN ('sms', 'push', 'email', 'in_app')),
    template       text NOT NULL,
    arguments      jsonb NOT NULL,
    language       text NOT NULL,
    -- one message per movement of money: the receipt, or what else caused it
    dedupe_key     text NOT NULL UNIQUE,
    state          text NOT NULL CHECK (state IN ('queued', 'unclear', 'sent', 'delivered', 'failed')),
    tries          integer NOT NULL DEFAULT 0,
    due_at         timestamptz,
    provider_id    text UNIQUE,
    cost_cents     integer,
    failure        text,
    parked_reason  text,
    queued_at      timestamptz NOT NULL,
    sent_at        timestamptz,
    reported_at    timestamptz
);
CREATE INDEX notifications_due ON notifications (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX notifications_parked ON notifications (id) WHERE parked_reason IS NOT NULL;
CREATE INDEX notifications_by_day ON notifications USING brin (queued_at);

-- The reference that a member was told when something broke, for the operator who looks for it.
CREATE TABLE incidents (
    reference    text PRIMARY KEY,
    place        text NOT NULL,
    kind         text NOT NULL,
    detail       text NOT NULL,
    user_id      bigint,
    happened_at  timestamptz NOT NULL
);
