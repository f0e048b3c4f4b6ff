-- Rows that puzzle a loop of the worker, which goes on with the others meanwhile (chamas/aside.py).

CREATE TABLE puzzles (
    loop     text NOT NULL CHECK (loop ~ '^[a-z_]{1,30}$'),
    row_id   bigint NOT NULL,
    -- the kind of trouble, never its words
    failure  text NOT NULL,
    until    timestamptz NOT NULL,
    PRIMARY KEY (loop, row_id)
);

DO $$
BEGIN
    IF roles_at_hand() THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON puzzles TO pesachama_worker;
        GRANT SELECT ON puzzles TO pesachama_web;
    END IF;
END
$$;
