-- Transfers of a group's money to its bank (B2B): payments/payouts/sending.py, chamas/payouts/banks.py, docs/decisions/0046-banking-by-b2b.md.

-- What officials order may be another bank account; the last one that is done is the group's.
ALTER TABLE chama_orders
    DROP CONSTRAINT chama_orders_kind_check,
    ADD CONSTRAINT chama_orders_kind_check
        CHECK (kind IN ('start', 'open_round', 'close_round', 'complete', 'cancel', 'resend', 'bank')),
    ADD COLUMN paybill text CHECK (paybill ~ '^[0-9]{5,7}$'),
    ADD COLUMN account text CHECK (account ~ '^[A-Z0-9]{1,13}$'),
    ADD CONSTRAINT chama_orders_names_a_bank
        CHECK ((kind = 'bank') = (paybill IS NOT NULL) AND (kind = 'bank') = (account IS NOT NULL)),
    -- Nobody sends a group's money elsewhere alone.
    ADD CONSTRAINT chama_orders_bank_by_two CHECK (kind <> 'bank' OR needs_second);
CREATE INDEX chama_orders_banks ON chama_orders (chama_id, id) WHERE kind = 'bank' AND state = 'done';

ALTER TABLE disbursement_requests
    DROP CONSTRAINT disbursement_requests_purpose_check,
    ADD CONSTRAINT disbursement_requests_purpose_check CHECK (purpose IN ('round', 'welfare', 'expense', 'loan', 'bank')),
    ADD COLUMN bank_order_id bigint REFERENCES chama_orders,
    ADD CONSTRAINT disbursement_requests_names_a_bank CHECK ((purpose = 'bank') = (bank_order_id IS NOT NULL));

-- `phone` of a transfer is the bank's paybill, `account` the account there, `reply_id` Daraja's name of it, `found_as`
-- the receipt of a line of the statement that may be it, when that name was lost.
ALTER TABLE payouts
    ADD COLUMN way text NOT NULL DEFAULT 'b2c' CHECK (way IN ('b2c', 'b2b')),
    ADD COLUMN account text CHECK (account ~ '^[A-Z0-9]{1,13}$'),
    ADD COLUMN reply_id text,
    ADD COLUMN found_as text CHECK (found_as ~ '^[A-Z0-9]{8,12}$'),
    ADD CONSTRAINT payouts_to_an_account CHECK ((way = 'b2b') = (account IS NOT NULL));

-- A second request for the same transfer would be a second payment: the database takes one.
ALTER TABLE payout_calls
    DROP CONSTRAINT payout_calls_kind_check,
    ADD CONSTRAINT payout_calls_kind_check CHECK (kind IN ('payment', 'transfer', 'question'));
CREATE UNIQUE INDEX payout_calls_transferred_once ON payout_calls (payout_id) WHERE kind = 'transfer';
