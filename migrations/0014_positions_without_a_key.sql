-- A position comes out of a posting that post_entries has checked, and no account is ever deleted: looking each one up
-- again was half of what keeping a new position costs.
ALTER TABLE positions DROP CONSTRAINT positions_account_id_fkey;
