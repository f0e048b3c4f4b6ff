-- The pots of rounds: when each is looked at, and what of it settled its payee's own debts; what chamas/ writes.

ALTER TABLE rounds
    -- when a closed round's pot is looked at next; NULL: not closed, nobody's, or paid out. What was closed before this
    -- was paid by hand.
    ADD COLUMN pot_due_at timestamptz,
    -- what of the pot paid what its payee owed herself
    ADD COLUMN set_off_cents bigint NOT NULL DEFAULT 0 CHECK (set_off_cents >= 0);
CREATE INDEX rounds_pots_due ON rounds (pot_due_at) WHERE pot_due_at IS NOT NULL;

-- One request of a round at a time: late money is a further one. How much in all, chamas/pots.py decides.
DROP INDEX disbursement_requests_one_a_round;
CREATE UNIQUE INDEX disbursement_requests_one_open_a_round ON disbursement_requests (round_id)
    WHERE round_id IS NOT NULL AND state IN ('pending', 'approved', 'sending', 'unclear');
CREATE INDEX disbursement_requests_by_round ON disbursement_requests (round_id, id) WHERE round_id IS NOT NULL;
