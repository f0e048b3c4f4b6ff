-- A prompt that moved another sum than was asked for ends when that money stands under its own receipt. Until now its
-- refused callback left it open for good.

ALTER TABLE payment_attempts DROP CONSTRAINT payment_attempts_state_check,
    ADD CONSTRAINT payment_attempts_state_check CHECK (state IN
        ('created', 'unclear', 'pending', 'failed_soft', 'failed_final', 'proven', 'paid_otherwise', 'paid'));

UPDATE payment_attempts a SET state = 'paid_otherwise', settled_at = r.proved_at
FROM evidence e JOIN receipts r ON r.receipt = e.receipt AND r.attempt_id IS NULL
WHERE e.attempt_id = a.id AND e.source = 'stk_callback' AND e.verdict = 'refused' AND e.reason = 'wrong amount'
  AND a.state NOT IN ('paid', 'paid_otherwise');
