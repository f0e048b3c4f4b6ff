-- Money moving and the proof that it moved; what payments/ writes.

CREATE TABLE shortcodes (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    number       text NOT NULL UNIQUE CHECK (number ~ '^[0-9]{5,7}$'),
    kind         text NOT NULL CHECK (kind IN ('paybill', 'till')),
    name         text NOT NULL,
    till_number  text,
    book_id      bigint NOT NULL UNIQUE REFERENCES books,
    -- NULL: the credentials of the settings; otherwise a sealed box that only the gateway can open
    credentials  bytea
);

-- Safaricom keeps one live token per app: all processes share this row, and one at a time may fetch a new one.
CREATE TABLE daraja_tokens (
    shortcode_id  bigint PRIMARY KEY REFERENCES shortcodes,
    token         text,
    expires_at    timestamptz,
    lease_until   timestamptz,
    version       bigint NOT NULL DEFAULT 0
);

CREATE TABLE payment_intents (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shortcode_id  bigint NOT NULL REFERENCES shortcodes,
    chama_id      bigint NOT NULL REFERENCES chamas,
    member_id     bigint NOT NULL REFERENCES chama_members,
    payer_id      bigint NOT NULL REFERENCES users,
    purpose       text NOT NULL CHECK (purpose IN ('contribution', 'deposit', 'penalty')),
    amount_cents  bigint NOT NULL CHECK (amount_cents > 0 AND amount_cents % 100 = 0),
    -- what makes a repeated wish the same wish: an action of a USSD turn, or an API key
    wish_key      bytea NOT NULL UNIQUE,
    created_at    timestamptz NOT NULL
);
CREATE INDEX payment_intents_by_member ON payment_intents (member_id, id);
CREATE INDEX payment_intents_by_payer ON payment_intents (payer_id, id);

CREATE TABLE payment_attempts (
    id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    intent_id            bigint NOT NULL REFERENCES payment_intents,
    state                text NOT NULL CHECK (state IN
                             ('created', 'unclear', 'pending', 'failed_soft', 'failed_final', 'proven', 'paid')),
    phone                text NOT NULL,
    amount_cents         bigint NOT NULL CHECK (amount_cents > 0),
    account_reference    text NOT NULL UNIQUE CHECK (account_reference ~ '^[A-Z0-9]{6,12}$'),
    token_hash           bytea UNIQUE,
    merchant_request_id  text,
    checkout_request_id  text UNIQUE,
    send_outcome         text CHECK (send_outcome IN ('rejected', 'accepted', 'unknown')),
    response_status      integer,
    response             jsonb,
    result_code          text,
    tries                integer NOT NULL DEFAULT 0,
    due_at               timestamptz,
    parked_reason        text,
    created_at           timestamptz NOT NULL,
    sent_at              timestamptz,
    settled_at           timestamptz
);
CREATE INDEX payment_attempts_due ON payment_attempts (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX payment_attempts_parked ON payment_attempts (id) WHERE parked_reason IS NOT NULL;
CREATE INDEX payment_attempts_by_intent ON payment_attempts (intent_id);
CREATE INDEX payment_attempts_by_phone ON payment_attempts (phone, created_at);
CREATE INDEX payment_attempts_by_merchant_request ON payment_attempts (merchant_request_id)
    WHERE merchant_request_id IS NOT NULL;

-- Everything Safaricom told us, byte for byte, before it is understood.
CREATE TABLE evidence (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source         text NOT NULL CHECK (source IN
                       ('stk_callback', 'stk_query', 'status_result', 'status_timeout', 'c2b_validation',
                        'c2b_confirmation', 'b2c_result', 'b2c_timeout', 'balance_result', 'balance_timeout',
                        'reversal_result', 'reversal_timeout')),
    token_hash     bytea NOT NULL,
    body_sha256    bytea NOT NULL CHECK (octet_length(body_sha256) = 32),
    body           bytea NOT NULL CHECK (octet_length(body) <= 65536),
    truncated      boolean NOT NULL DEFAULT false,
    headers        jsonb NOT NULL,
    remote_ip      inet,
    received_at    timestamptz NOT NULL,
    seen_count     integer NOT NULL DEFAULT 1,
    -- unread waits for the reader; the others say what the reader made of it
    verdict        text NOT NULL DEFAULT 'unread' CHECK (verdict IN
                       ('unread', 'applied', 'repeated', 'late', 'unmatched', 'refused', 'conflict', 'unreadable')),
    reason         text,
    attempt_id     bigint REFERENCES payment_attempts,
    receipt        text,
    due_at         timestamptz,
    tries          integer NOT NULL DEFAULT 0,
    read_at        timestamptz,
    UNIQUE (source, token_hash, body_sha256)
);
CREATE INDEX evidence_due ON evidence (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX evidence_by_attempt ON evidence (attempt_id) WHERE attempt_id IS NOT NULL;
CREATE INDEX evidence_by_strangers ON evidence (received_at)
    WHERE attempt_id IS NULL AND verdict IN ('unmatched', 'refused', 'unreadable');
CREATE INDEX evidence_worth_a_look ON evidence (id) WHERE verdict IN ('unmatched', 'refused', 'conflict', 'unreadable');

-- Money that Safaricom proved to have arrived. A receipt is written once and never again.
CREATE TABLE receipts (
    receipt       text PRIMARY KEY CHECK (receipt ~ '^[A-Z0-9]{8,12}$'),
    shortcode_id  bigint NOT NULL REFERENCES shortcodes,
    kind          text NOT NULL CHECK (kind IN ('stk', 'c2b')),
    amount_cents  bigint NOT NULL CHECK (amount_cents > 0),
    paid_at       timestamptz NOT NULL,
    payer_key     bytea,
    attempt_id    bigint REFERENCES payment_attempts,
    evidence_id   bigint NOT NULL REFERENCES evidence,
    proved_at     timestamptz NOT NULL,
    -- where it stands in the books; both are written in the transaction that writes the row
    book_id       bigint,
    seq           bigint,
    UNIQUE (book_id, seq),
    CHECK ((book_id IS NULL) = (seq IS NULL))
);
CREATE INDEX receipts_by_day ON receipts USING brin (proved_at);
CREATE INDEX receipts_not_asked_for ON receipts (proved_at) WHERE attempt_id IS NULL;
CREATE UNIQUE INDEX receipts_by_attempt ON receipts (attempt_id) WHERE attempt_id IS NOT NULL;

-- Money that is booked but belongs to nobody yet.
CREATE TABLE suspense (
    receipt      text PRIMARY KEY REFERENCES receipts,
    reason       text NOT NULL,
    state        text NOT NULL CHECK (state IN ('open', 'resolved')),
    opened_at    timestamptz NOT NULL,
    resolved_at  timestamptz
);

-- Questions to Safaricom about what is unclear: an STK query about an attempt, a Transaction Status about a receipt or a request id.
CREATE TABLE inquiries (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind         text NOT NULL CHECK (kind IN ('stk_query', 'status')),
    shortcode_id bigint NOT NULL REFERENCES shortcodes,
    attempt_id   bigint REFERENCES payment_attempts,
    receipt      text,
    token_hash   bytea UNIQUE,
    state        text NOT NULL CHECK (state IN ('open', 'asked', 'closed')),
    asked        integer NOT NULL DEFAULT 0,
    due_at       timestamptz,
    outcome      text,
    opened_at    timestamptz NOT NULL,
    CHECK (attempt_id IS NOT NULL OR receipt IS NOT NULL)
);
CREATE UNIQUE INDEX inquiries_by_attempt ON inquiries (kind, attempt_id) WHERE attempt_id IS NOT NULL AND receipt IS NULL;
CREATE UNIQUE INDEX inquiries_by_receipt ON inquiries (kind, receipt) WHERE receipt IS NOT NULL;
CREATE INDEX inquiries_due ON inquiries (due_at) WHERE due_at IS NOT NULL;
