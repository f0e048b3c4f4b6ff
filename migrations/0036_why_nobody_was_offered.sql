-- Why the owner of unmatched money could not be looked for, for people: as settlements have it.
ALTER TABLE suspense ADD COLUMN failure text;
