-- Each day of a shortcode, held against what M-PESA itself lists: payments/days.py, docs/operations/reconciliation.md.

ALTER TABLE evidence DROP CONSTRAINT evidence_source_check;
ALTER TABLE evidence ADD CONSTRAINT evidence_source_check CHECK (source IN
    ('stk_callback', 'stk_query', 'status_result', 'status_timeout', 'c2b_validation', 'c2b_confirmation', 'pull',
     'b2c_result', 'b2c_timeout', 'balance_result', 'balance_timeout', 'reversal_result', 'reversal_timeout'));

-- A day's receipts, by when M-PESA says that they were paid.
CREATE INDEX receipts_by_payment ON receipts (shortcode_id, paid_at);

-- How far Pull has come for each shortcode that is registered for it.
CREATE TABLE pulls (
    shortcode_id   bigint PRIMARY KEY REFERENCES shortcodes,
    registered_at  timestamptz NOT NULL,
    reached_at     timestamptz NOT NULL,
    due_at         timestamptz NOT NULL,
    failures       integer NOT NULL DEFAULT 0,
    outcome        text
);
CREATE INDEX pulls_due ON pulls (due_at);

-- The spans that Pull answered for, whole: what a day's certificate rests on.
CREATE TABLE pulled_windows (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shortcode_id  bigint NOT NULL REFERENCES shortcodes,
    from_at       timestamptz NOT NULL,
    to_at         timestamptz NOT NULL CHECK (to_at > from_at),
    listed        integer NOT NULL,
    asked_at      timestamptz NOT NULL
);
CREATE INDEX pulled_windows_by_end ON pulled_windows (shortcode_id, to_at);

-- What M-PESA lists, a row for each source that lists it: confirmations, Pull, and the statement of its portal. No payer.
CREATE TABLE listed_payments (
    shortcode_id   bigint NOT NULL REFERENCES shortcodes,
    source         text NOT NULL CHECK (source IN ('confirmation', 'pull', 'statement')),
    receipt        text NOT NULL CHECK (receipt ~ '^[A-Z0-9]{8,12}$'),
    direction      text NOT NULL CHECK (direction IN ('in', 'out')),
    amount_cents   bigint NOT NULL CHECK (amount_cents > 0),
    at             timestamptz NOT NULL,
    -- the utility account after it, where the source says it
    balance_cents  bigint,
    listed_at      timestamptz NOT NULL,
    PRIMARY KEY (shortcode_id, source, receipt, direction)
);
CREATE INDEX listed_payments_by_time ON listed_payments (shortcode_id, at);
CREATE INDEX listed_payments_by_listing ON listed_payments (listed_at);

-- Files of the portal. The body, which names payers, goes when it is read.
CREATE TABLE statements_imported (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shortcode_id  bigint NOT NULL REFERENCES shortcodes,
    state         text NOT NULL CHECK (state IN ('uploaded', 'read', 'refused')),
    file_sha256   bytea NOT NULL CHECK (octet_length(file_sha256) = 32),
    body          bytea CHECK (octet_length(body) <= 8388608),
    covers_from   timestamptz,
    covers_to     timestamptz,
    listed        integer,
    problems      jsonb NOT NULL DEFAULT '[]',
    imported_by   bigint,
    imported_at   timestamptz NOT NULL,
    read_at       timestamptz,
    due_at        timestamptz,
    UNIQUE (shortcode_id, file_sha256),
    CHECK ((state = 'uploaded') = (body IS NOT NULL))
);
CREATE INDEX statements_imported_due ON statements_imported (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX statements_imported_by_end ON statements_imported (shortcode_id, covers_to) WHERE state = 'read';

-- What the utility account holds, by Account Balance; and what the books held then.
CREATE TABLE balance_questions (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shortcode_id   bigint NOT NULL REFERENCES shortcodes,
    why            text NOT NULL CHECK (why IN ('daily', 'payout', 'person')),
    state          text NOT NULL CHECK (state IN ('open', 'asked', 'answered', 'compared', 'closed')),
    token_hash     bytea UNIQUE,
    asked          integer NOT NULL DEFAULT 0,
    due_at         timestamptz,
    opened_at      timestamptz NOT NULL,
    taken_at       timestamptz,
    answered_at    timestamptz,
    utility_cents  bigint,
    working_cents  bigint,
    charges_cents  bigint,
    evidence_id    bigint REFERENCES evidence,
    assertion_id   bigint REFERENCES balance_assertions,
    outcome        text
);
CREATE INDEX balance_questions_due ON balance_questions (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX balance_questions_by_shortcode ON balance_questions (shortcode_id, opened_at);

-- What came of a day, of nobody in particular: whoever hears that her payments matched may ask this. A later look at the same
-- day is another version.
CREATE TABLE reconciliation_days (
    shortcode_id  bigint NOT NULL REFERENCES shortcodes,
    day           date NOT NULL,
    version       integer NOT NULL CHECK (version > 0),
    result        text NOT NULL CHECK (result IN ('matched', 'differs', 'not_compared')),
    reason        text NOT NULL,
    made_at       timestamptz NOT NULL,
    PRIMARY KEY (shortcode_id, day, version)
);
-- The certificate itself names receipts of all groups of the shortcode. `open_cents` is what its differences make M-PESA hold
-- more than the books.
CREATE TABLE day_certificates (
    shortcode_id  bigint NOT NULL,
    day           date NOT NULL,
    version       integer NOT NULL,
    body          jsonb NOT NULL,
    open_cents    bigint NOT NULL,
    PRIMARY KEY (shortcode_id, day, version),
    FOREIGN KEY (shortcode_id, day, version) REFERENCES reconciliation_days
);

-- When a day was last looked at, whether or not something new came of it.
CREATE TABLE day_looks (
    shortcode_id  bigint NOT NULL REFERENCES shortcodes,
    day           date NOT NULL,
    looked_at     timestamptz NOT NULL,
    PRIMARY KEY (shortcode_id, day)
);

CREATE TRIGGER unchangeable BEFORE UPDATE OR DELETE OR TRUNCATE ON pulled_windows
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER unchangeable BEFORE UPDATE OR DELETE OR TRUNCATE ON listed_payments
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER unchangeable BEFORE UPDATE OR DELETE OR TRUNCATE ON reconciliation_days
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER unchangeable BEFORE UPDATE OR DELETE OR TRUNCATE ON day_certificates
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();

SELECT protect_rows(name, $$(SELECT is_operator())$$, NULL)
FROM unnest(ARRAY['pulls', 'pulled_windows', 'listed_payments', 'day_certificates', 'day_looks']) AS name;
SELECT protect_rows('statements_imported', $$(SELECT is_operator())$$, $$(SELECT is_operator())$$);
SELECT protect_rows('balance_questions', $$(SELECT is_operator()) OR encode(token_hash, 'hex') = (SELECT shown('token'))$$, NULL);

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_web') THEN
        GRANT SELECT ON pulls, pulled_windows, listed_payments, statements_imported, balance_questions, reconciliation_days,
            day_certificates, day_looks TO pesachama_web;
        GRANT INSERT ON statements_imported TO pesachama_web;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_worker') THEN
        GRANT SELECT, INSERT ON pulls, pulled_windows, listed_payments, statements_imported, balance_questions,
            reconciliation_days, day_certificates, day_looks TO pesachama_worker;
        GRANT UPDATE ON pulls, statements_imported, balance_questions, day_looks TO pesachama_worker;
    END IF;
END
$$;
