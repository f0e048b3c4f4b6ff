-- Groups that move in with a file (chamas/moving_in.py): the same file makes one group.

CREATE TABLE imports (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    file_sha256  bytea NOT NULL UNIQUE CHECK (octet_length(file_sha256) = 32),
    -- Names and phones of a whole group: gone as soon as it is read.
    body         bytea,
    state        text NOT NULL CHECK (state IN ('handed_over', 'moved_in', 'refused')),
    tell         boolean NOT NULL,
    chama_id     bigint UNIQUE REFERENCES chamas,
    problem      text,
    handed_by    bigint REFERENCES users,
    handed_at    timestamptz NOT NULL,
    ended_at     timestamptz,
    CHECK ((state = 'handed_over') = (body IS NOT NULL)),
    CHECK ((state = 'moved_in') = (chama_id IS NOT NULL))
);
CREATE INDEX imports_waiting ON imports (id) WHERE state = 'handed_over';
SELECT audit_all('imports', '{id}', NULL, '{}', '{body}');
SELECT protect_rows('imports', $$(SELECT is_operator())$$, $$(SELECT is_operator())$$);

DO $$
BEGIN
    IF roles_at_hand() THEN
        GRANT SELECT, INSERT, UPDATE ON imports TO pesachama_web, pesachama_worker;
    END IF;
END
$$;
