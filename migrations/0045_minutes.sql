-- Minutes of meetings (chamas/minutes.py). Only a forgotten name is ever taken out of a text.

CREATE TABLE minutes (
    meeting_id  bigint NOT NULL REFERENCES meetings,
    version     integer NOT NULL CHECK (version > 0),
    text        text NOT NULL,
    salt        bytea NOT NULL CHECK (octet_length(salt) = 16),
    digest      bytea NOT NULL CHECK (octet_length(digest) = 32),
    paper_id    bigint NOT NULL UNIQUE REFERENCES papers,
    written_by  bigint NOT NULL REFERENCES users,
    written_at  timestamptz NOT NULL,
    blotted_at  timestamptz,
    PRIMARY KEY (meeting_id, version)
);

SELECT protect_rows('minutes', $$(SELECT TRUE FROM meetings g WHERE g.id = meeting_id)$$,
    $$(SELECT TRUE FROM meetings g WHERE g.id = meeting_id)$$);

DO $$
BEGIN
    IF NOT roles_at_hand() THEN
        RETURN;
    END IF;
    GRANT SELECT, INSERT ON minutes TO pesachama_web;
    GRANT SELECT, INSERT, UPDATE ON minutes TO pesachama_worker;
END
$$;
