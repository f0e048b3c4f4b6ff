-- What an ended group has left when nothing of anybody is owed any more, such as fines, is its members' (chamas/winding.py).

ALTER TABLE refunds ADD COLUMN shared_cents bigint NOT NULL DEFAULT 0 CHECK (shared_cents >= 0),
    DROP CONSTRAINT refunds_check,
    ADD CONSTRAINT refunds_check CHECK (amount_cents + charge_cents <= deposit_cents + contributed_cents + shared_cents);
