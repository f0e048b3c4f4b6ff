-- Who has looked at somebody's identity (chamas/persons/looks.py): a row before anything is shown, for herself to read.

CREATE TABLE identity_looks (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id   bigint NOT NULL REFERENCES users,
    seen_by   bigint NOT NULL REFERENCES users,
    what      text NOT NULL CHECK (what IN ('national_id', 'document', 'steps', 'data')),
    seen_at   timestamptz NOT NULL
);
CREATE INDEX identity_looks_by_user ON identity_looks (user_id, id);

-- Written by whoever looks, as herself; nobody at the web changes or removes one.
SELECT protect_rows('identity_looks', $$user_id = (SELECT acting_user()) OR (SELECT is_operator())$$, NULL);

DO $$
BEGIN
    IF NOT roles_at_hand() THEN
        RETURN;
    END IF;
    CREATE POLICY web_adds ON identity_looks FOR INSERT TO pesachama_web
        WITH CHECK (seen_by = (SELECT acting_user()) AND (SELECT is_operator()));
    GRANT SELECT, INSERT ON identity_looks TO pesachama_web;
    GRANT SELECT, INSERT, DELETE ON identity_looks TO pesachama_worker;
END
$$;
