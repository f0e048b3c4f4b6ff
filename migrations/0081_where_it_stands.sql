-- Money that left suspense stands on its member's page, and what officials agree on says by itself of how much.

UPDATE receipts r SET book_id = k.book_id, seq = k.seq FROM idempotency_keys k
WHERE (k.scope, k.key) = ('suspense', r.receipt) AND k.seq IS NOT NULL;
DELETE FROM suspense_offers o USING suspense s WHERE s.receipt = o.receipt AND s.state = 'resolved';

ALTER TABLE settlements ADD COLUMN amount_cents bigint CHECK (amount_cents > 0), ADD COLUMN paid_at timestamptz;
UPDATE settlements s SET amount_cents = r.amount_cents, paid_at = r.paid_at FROM receipts r WHERE r.receipt = s.receipt;
ALTER TABLE settlements ALTER COLUMN amount_cents SET NOT NULL, ALTER COLUMN paid_at SET NOT NULL;
