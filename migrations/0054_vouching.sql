-- A new chama PIN for who has lost hers, or for a number that was silent for long: other people say that it is she.
CREATE TABLE pin_resets (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chama_id   bigint NOT NULL REFERENCES chamas,
    user_id    bigint NOT NULL REFERENCES users,
    kind       text NOT NULL CHECK (kind IN ('vouched', 'silent', 'code')),
    state      text NOT NULL CHECK (state IN ('open', 'granted', 'used', 'stopped', 'lapsed')),
    -- keyed, and of a code that lives for minutes
    code_hash  bytea CHECK ((kind = 'code') = (code_hash IS NOT NULL)),
    tries      integer NOT NULL DEFAULT 0 CHECK (tries >= 0),
    asked_at   timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    closed_at  timestamptz
);
-- Whoever has asked once waits for the answer.
CREATE UNIQUE INDEX pin_resets_one_at_a_time ON pin_resets (user_id, kind) WHERE state IN ('open', 'granted');
CREATE INDEX pin_resets_by_chama ON pin_resets (chama_id) WHERE state = 'open';

CREATE TABLE pin_vouches (
    reset_id  bigint NOT NULL REFERENCES pin_resets,
    user_id   bigint NOT NULL REFERENCES users,
    yes       boolean NOT NULL,
    said_at   timestamptz NOT NULL,
    PRIMARY KEY (reset_id, user_id)
);

SELECT protect_rows('pin_resets', $$user_id = (SELECT acting_user()) OR chama_id = ANY ((SELECT own_chamas())::bigint[])
    OR (SELECT is_operator())$$,
    $$user_id = (SELECT acting_user()) OR chama_id = ANY ((SELECT own_chamas())::bigint[])$$);
SELECT protect_rows('pin_vouches', $$user_id = ANY ((SELECT fellow_users())::bigint[]) OR (SELECT is_operator())$$,
    $$user_id = (SELECT acting_user())$$);
SELECT audit_all('pin_resets', '{id}', 'user_id', '{}', '{code_hash}');
SELECT audit_all('pin_vouches', '{reset_id,user_id}');

-- A PIN that was chosen anew opens screens at once, and decides about money of others only later, or never.
ALTER TABLE pins ADD COLUMN decides_from timestamptz NOT NULL DEFAULT '-infinity';

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_web') THEN
        GRANT SELECT, INSERT ON pin_resets, pin_vouches TO pesachama_web;
        GRANT UPDATE (state, tries, closed_at) ON pin_resets TO pesachama_web;
        GRANT UPDATE (decides_from) ON pins TO pesachama_web;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_worker') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON pin_resets, pin_vouches TO pesachama_worker;
    END IF;
END
$$;
