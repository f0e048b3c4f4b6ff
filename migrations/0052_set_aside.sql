-- What puzzles is set aside, with its reason, and holds up nobody behind it: requests to pay out, and rounds to turn.
ALTER TABLE disbursement_requests ADD COLUMN failure text, ADD COLUMN aside_until timestamptz;
ALTER TABLE rounds ADD COLUMN failure text, ADD COLUMN aside_until timestamptz;
