-- What the operator must see at a glance, and reports about SMS that are quicker than the answer to their sending.

-- A delivery report whose message we do not know yet by this id; it is applied when the answer of the sending comes.
CREATE TABLE early_reports (
    provider_id  text PRIMARY KEY CHECK (length(provider_id) <= 100),
    status       text NOT NULL,
    failure      text,
    received_at  timestamptz NOT NULL
);

-- Money on its way, by age; and the last hour of prompts and callbacks, for a silence to be noticed.
CREATE INDEX payment_attempts_open ON payment_attempts (created_at) WHERE state IN ('unclear', 'pending', 'proven');
CREATE INDEX payment_attempts_by_time ON payment_attempts USING brin (created_at);
CREATE INDEX evidence_by_time ON evidence USING brin (received_at);

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_web') THEN
        GRANT SELECT, INSERT, DELETE ON early_reports TO pesachama_web;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_worker') THEN
        GRANT SELECT, INSERT, DELETE ON early_reports TO pesachama_worker;
    END IF;
END
$$;
