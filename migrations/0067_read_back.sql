-- A database that was restored, and a contract that has gone on meanwhile: what the contract took is read back first.

-- Known from the contract's own event only: sealed after the backup, so that its leaves are not here.
ALTER TABLE batches ADD COLUMN taken_over boolean NOT NULL DEFAULT FALSE;

-- Whether everything that the contract holds was read since the rows came from a backup; nothing is sealed before.
ALTER TABLE chain_cursors ADD COLUMN read_back boolean NOT NULL DEFAULT TRUE;
