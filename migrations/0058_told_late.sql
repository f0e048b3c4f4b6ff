-- The notice of the paybill that came after its money was booked to suspense: it may name the member.
ALTER TABLE suspense ADD COLUMN told_by bigint REFERENCES evidence;
