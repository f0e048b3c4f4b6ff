-- A request that failed or was stopped is asked for anew once, however many officials think of it at the same moment.
ALTER TABLE disbursement_requests ADD COLUMN renews bigint UNIQUE REFERENCES disbursement_requests (id);
