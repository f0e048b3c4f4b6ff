-- Cash that an official brought to M-PESA: a prompt of its own purpose, and who brought how much (chamas/banking.py).

ALTER TABLE payment_intents DROP CONSTRAINT payment_intents_purpose_check,
    ADD CONSTRAINT payment_intents_purpose_check CHECK (purpose IN ('contribution', 'deposit', 'penalty', 'banking'));

CREATE TABLE cash_bankings (
    receipt       text PRIMARY KEY REFERENCES receipts,
    chama_id      bigint NOT NULL REFERENCES chamas,
    -- who brought it, as far as M-PESA shows the payer
    user_id       bigint REFERENCES users,
    amount_cents  bigint NOT NULL CHECK (amount_cents > 0),
    banked_at     timestamptz NOT NULL,
    book_id       bigint NOT NULL,
    seq           bigint NOT NULL,
    UNIQUE (book_id, seq)
);
CREATE INDEX cash_bankings_by_chama ON cash_bankings (chama_id, banked_at);

SELECT audit_all('cash_bankings', '{receipt}');
SELECT protect_rows('cash_bankings', $$chama_id = ANY ((SELECT own_chamas())::bigint[]) OR (SELECT is_operator())$$,
    NULL);

DO $$
BEGIN
    IF roles_at_hand() THEN
        GRANT SELECT, INSERT, UPDATE ON cash_bankings TO pesachama_worker;
        GRANT SELECT ON cash_bankings TO pesachama_web;
    END IF;
END
$$;
