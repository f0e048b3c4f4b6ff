-- Money that goes back to who paid it: one reversal per receipt.
CREATE TABLE reversals (
    receipt         text PRIMARY KEY REFERENCES receipts,
    shortcode_id    bigint NOT NULL REFERENCES shortcodes,
    amount_cents    bigint NOT NULL CHECK (amount_cents > 0 AND amount_cents % 100 = 0),
    state           text NOT NULL CHECK (state IN ('created', 'unclear', 'accepted', 'refused', 'reversed', 'booked')),
    -- of every request: the answer to an earlier one may come late
    token_hashes    bytea[] NOT NULL DEFAULT '{}',
    result_code     text,
    return_receipt  text,
    failure         text,
    tries           integer NOT NULL DEFAULT 0,
    due_at          timestamptz,
    created_at      timestamptz NOT NULL,
    sent_at         timestamptz,
    settled_at      timestamptz,
    book_id         bigint,
    seq             bigint,
    CHECK ((state = 'booked') = (seq IS NOT NULL)),
    CHECK ((book_id IS NULL) = (seq IS NULL))
);
CREATE INDEX reversals_due ON reversals (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX reversals_by_token ON reversals USING gin (token_hashes);
SELECT protect_rows('reversals', $$(SELECT is_operator()) OR decode((SELECT shown('token')), 'hex') = ANY (token_hashes)$$, NULL);
SELECT audit_all('reversals', '{receipt}', NULL, '{}', '{token_hashes}');

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_web') THEN
        GRANT SELECT ON reversals TO pesachama_web;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_worker') THEN
        GRANT SELECT, INSERT, UPDATE ON reversals TO pesachama_worker;
    END IF;
END
$$;
