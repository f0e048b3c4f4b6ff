-- Receipts that members show us; the worker asks Safaricom about those that we do not know.
CREATE TABLE receipt_claims (
    user_id     bigint NOT NULL REFERENCES users,
    receipt     text NOT NULL CHECK (receipt ~ '^[A-Z0-9]{8,12}$'),
    claimed_at  timestamptz NOT NULL,
    due_at      timestamptz,
    PRIMARY KEY (user_id, receipt)
);
CREATE INDEX receipt_claims_due ON receipt_claims (due_at) WHERE due_at IS NOT NULL;
SELECT protect_rows('receipt_claims', $$user_id = (SELECT acting_user()) OR (SELECT is_operator())$$,
    $$user_id = (SELECT acting_user())$$);

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_web') THEN
        GRANT SELECT, INSERT ON receipt_claims TO pesachama_web;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_worker') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON receipt_claims TO pesachama_worker;
    END IF;
END
$$;
