-- Bodies whose period is over: their people become pseudonyms, and the hash of what is kept joins that of what came.
ALTER TABLE evidence ADD COLUMN pseudonym_sha256 bytea CHECK (octet_length(pseudonym_sha256) = 32);

-- How far the walk over the evidence has come. One row.
CREATE TABLE evidence_aged (
    one_row  boolean PRIMARY KEY DEFAULT TRUE CHECK (one_row),
    up_to    bigint NOT NULL CHECK (up_to >= 0)
);
INSERT INTO evidence_aged (up_to) VALUES (0);

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_web') THEN
        GRANT SELECT ON evidence_aged TO pesachama_web;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_worker') THEN
        GRANT SELECT, UPDATE ON evidence_aged TO pesachama_worker;
    END IF;
END
$$;
