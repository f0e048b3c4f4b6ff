-- Up to which place the chain of changes was found sound; the next run over what is new begins there. One row, never
-- backwards: an older run may end after a newer one. What was not reached is not noted.
CREATE TABLE audit_verified (
    one_row   boolean PRIMARY KEY DEFAULT TRUE CHECK (one_row),
    position  bigint NOT NULL CHECK (position >= 0)
);
INSERT INTO audit_verified (position) VALUES (0);

CREATE FUNCTION note_audit_verified(p_position bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE audit_verified SET position = p_position
        WHERE position < p_position AND EXISTS (SELECT FROM audit_chain c WHERE c.position = p_position)
$$;
REVOKE EXECUTE ON FUNCTION note_audit_verified FROM PUBLIC;

DO $$
DECLARE
    role_name text;
BEGIN
    FOR role_name IN SELECT rolname FROM pg_roles WHERE rolname IN ('pesachama_web', 'pesachama_worker') LOOP
        EXECUTE format('GRANT SELECT ON audit_verified TO %I', role_name);
    END LOOP;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_worker') THEN
        GRANT EXECUTE ON FUNCTION note_audit_verified TO pesachama_worker;
        -- Of a receipt the worker says where it was booked, and forgets who paid; nothing else of it ever changes.
        REVOKE UPDATE ON receipts FROM pesachama_worker;
        GRANT UPDATE (book_id, seq, payer_key) ON receipts TO pesachama_worker;
    END IF;
END
$$;
