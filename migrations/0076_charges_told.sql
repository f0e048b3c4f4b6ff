-- What M-PESA says that it took for payouts: payments/charges_told.py, docs/operations/reconciliation.md.

-- The charge line of a statement names the charge; the result of a payout what the account of charges holds after it.
CREATE TABLE told_charges (
    shortcode_id   bigint NOT NULL REFERENCES shortcodes,
    source         text NOT NULL CHECK (source IN ('statement', 'result')),
    receipt        text NOT NULL CHECK (receipt ~ '^[A-Z0-9]{8,12}$'),
    charge_cents   bigint CHECK (charge_cents > 0),
    balance_cents  bigint,
    at             timestamptz NOT NULL,
    told_at        timestamptz NOT NULL,
    PRIMARY KEY (shortcode_id, source, receipt),
    CHECK ((source = 'statement') = (charge_cents IS NOT NULL)),
    CHECK ((source = 'result') = (balance_cents IS NOT NULL))
);
CREATE INDEX told_charges_by_time ON told_charges (shortcode_id, at);

CREATE TRIGGER unchangeable BEFORE UPDATE OR DELETE OR TRUNCATE ON told_charges
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();

SELECT protect_rows('told_charges', $$(SELECT is_operator())$$, NULL);

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_web') THEN
        GRANT SELECT ON told_charges TO pesachama_web;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_worker') THEN
        GRANT SELECT, INSERT ON told_charges TO pesachama_worker;
    END IF;
END
$$;
