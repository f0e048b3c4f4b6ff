-- Money that goes out: payouts, every call about them, and what is known of paying out of each shortcode. What payments/ writes.

CREATE TABLE payouts (
    id                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shortcode_id       bigint NOT NULL REFERENCES shortcodes,
    chama_id           bigint NOT NULL REFERENCES chamas,
    member_id          bigint REFERENCES chama_members,
    user_id            bigint REFERENCES users,
    book_id            bigint NOT NULL REFERENCES books,
    source_account_id  bigint NOT NULL REFERENCES accounts,
    -- what makes a repeated order the same order
    order_key          text NOT NULL UNIQUE,
    -- our name of it towards Safaricom: one for ever
    originator         text NOT NULL UNIQUE CHECK (originator ~ '^[0-9]{5,7}-[0-9a-f]{24}$'),
    state              text NOT NULL CHECK (state IN
                           ('ordered', 'sending', 'accepted', 'unknown', 'failed_proven', 'paid')),
    phone              text NOT NULL,
    amount_cents       bigint NOT NULL CHECK (amount_cents > 0 AND amount_cents % 100 = 0),
    charge_cents       bigint NOT NULL CHECK (charge_cents >= 0),
    -- its pages in the book: held, in flight, ended
    hold_seq           bigint NOT NULL,
    sent_seq           bigint,
    end_seq            bigint,
    conversation_id    text,
    receipt            text UNIQUE CHECK (receipt ~ '^[A-Z0-9]{8,12}$'),
    paid_cents         bigint CHECK (paid_cents > 0),
    paid_at            timestamptz,
    -- whom M-PESA paid, in its own words
    receiver_name      text,
    result_code        text,
    reason             text,
    tries              integer NOT NULL DEFAULT 0,
    asked              integer NOT NULL DEFAULT 0,
    not_found          integer NOT NULL DEFAULT 0,
    due_at             timestamptz,
    expires_at         timestamptz NOT NULL,
    ordered_at         timestamptz NOT NULL,
    sent_at            timestamptz,
    settled_at         timestamptz,
    UNIQUE (book_id, hold_seq),
    UNIQUE (book_id, sent_seq),
    UNIQUE (book_id, end_seq),
    CHECK ((state = 'paid') = (receipt IS NOT NULL)),
    CHECK (num_nonnulls(receipt, paid_cents, paid_at) IN (0, 3)),
    CHECK (receipt IS NULL OR end_seq IS NOT NULL),
    CHECK (state NOT IN ('sending', 'accepted', 'unknown') OR sent_seq IS NOT NULL)
);
CREATE INDEX payouts_due ON payouts (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX payouts_out ON payouts (shortcode_id, sent_at) WHERE state IN ('sending', 'accepted', 'unknown');
CREATE INDEX payouts_paid ON payouts (shortcode_id, paid_at) WHERE state = 'paid';
CREATE INDEX payouts_by_chama ON payouts (chama_id, id);
CREATE INDEX payouts_by_user ON payouts (user_id);
CREATE INDEX payouts_by_phone ON payouts (phone);

-- One HTTP request about a payout, written before it leaves. What comes back names its token.
CREATE TABLE payout_calls (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    payout_id   bigint NOT NULL REFERENCES payouts,
    kind        text NOT NULL CHECK (kind IN ('payment', 'question')),
    token_hash  bytea NOT NULL UNIQUE,
    called_at   timestamptz NOT NULL,
    outcome     text CHECK (outcome IN ('rejected', 'accepted', 'unknown')),
    status      integer,
    response    jsonb
);
CREATE INDEX payout_calls_by_payout ON payout_calls (payout_id, id);

-- Whether money may leave a shortcode: stopped when Safaricom refuses its initiator, until a person lifts it.
CREATE TABLE payout_gates (
    shortcode_id   bigint PRIMARY KEY REFERENCES shortcodes,
    stopped_at     timestamptz,
    stop_code      text,
    lifted_at      timestamptz,
    lifted_by      text,
    -- when Safaricom last did what was asked in the name of the initiator
    answered_at    timestamptz,
    utility_cents  bigint,
    utility_at     timestamptz,
    CHECK ((stopped_at IS NULL) = (stop_code IS NULL)),
    CHECK ((utility_cents IS NULL) = (utility_at IS NULL))
);

ALTER TABLE evidence ADD COLUMN payout_id bigint REFERENCES payouts;
CREATE INDEX evidence_by_payout ON evidence (payout_id) WHERE payout_id IS NOT NULL;

SELECT audit_columns('payouts', '{id}',
    '{shortcode_id,chama_id,member_id,user_id,book_id,source_account_id,order_key,originator,phone,amount_cents,charge_cents,hold_seq,ordered_at}',
    '{phone}');
CREATE TRIGGER audited_states AFTER UPDATE ON payouts REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now
    FOR EACH STATEMENT EXECUTE FUNCTION audit_states();
SELECT audit_columns('payout_gates', '{shortcode_id}', '{stopped_at,stop_code,lifted_at,lifted_by}');

-- Payouts are made by the worker only: nobody at the web moves money.
SELECT protect_rows('payouts', $$chama_id = ANY ((SELECT own_chamas())::bigint[]) OR user_id = (SELECT acting_user())
    OR (SELECT is_operator()) OR (SELECT acting('house'))$$, NULL);
SELECT protect_rows('payout_calls', $$(SELECT is_operator()) OR (SELECT acting('house'))
    OR encode(token_hash, 'hex') = (SELECT shown('token'))
    OR ((SELECT acting_user()) > 0 AND (SELECT TRUE FROM payouts p WHERE p.id = payout_id))$$, NULL);
SELECT protect_rows('payout_gates', $$(SELECT is_operator()) OR (SELECT acting('house'))$$, NULL);

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_web') THEN
        GRANT SELECT ON payouts, payout_calls, payout_gates TO pesachama_web;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_worker') THEN
        GRANT SELECT, INSERT, UPDATE ON payouts, payout_calls, payout_gates TO pesachama_worker;
    END IF;
END
$$;
