-- Which screens a session showed and how each was answered, never with what: for funnels, and for people who help.
CREATE TABLE ussd_turns (
    session_key bytea NOT NULL CHECK (octet_length(session_key) = 32),
    hop         integer NOT NULL,
    user_id     bigint REFERENCES users,
    screen      text NOT NULL,
    answered    text NOT NULL,
    ended       boolean NOT NULL,
    at          timestamptz NOT NULL,
    PRIMARY KEY (session_key, hop)
);
CREATE INDEX ussd_turns_at ON ussd_turns (at);
CREATE INDEX ussd_turns_of ON ussd_turns (user_id, at) WHERE user_id IS NOT NULL;
SELECT protect_rows('ussd_turns', $$user_id = (SELECT acting_user()) OR (SELECT is_operator())$$, NULL);

-- The screens as the provider's end event tells them, for sessions of which our own record was lost.
ALTER TABLE ussd_sessions ADD COLUMN screens text[] NOT NULL DEFAULT '{}';
CREATE INDEX ussd_sessions_ended ON ussd_sessions (ended_at);

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_web') THEN
        GRANT SELECT ON ussd_turns TO pesachama_web;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_worker') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON ussd_turns TO pesachama_worker;
        GRANT DELETE ON ussd_sessions TO pesachama_worker;
    END IF;
END
$$;
