-- Who people are by their papers (chamas/identity.py), and files about them and of meetings (chamas/files.py).

ALTER TABLE users
    -- keyed, so that nobody finds a number by trying all of them: one national id has one person
    ADD COLUMN national_id_key bytea UNIQUE CHECK (octet_length(national_id_key) = 32),
    ADD COLUMN kyc_reason smallint CHECK (kyc_reason BETWEEN 1 AND 5);

-- The fingerprint stands in the log of changes as little as what it is of.
DROP TRIGGER audited_insert ON users;
DROP TRIGGER audited_update ON users;
DROP TRIGGER audited_delete ON users;
DROP TRIGGER audited_truncate ON users;
SELECT audit_all('users', '{id}', 'id', '{phone,contact_phone,email,first_name,last_name}',
    '{password_hash,national_id,national_id_key}');

CREATE TABLE files (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind          text NOT NULL CHECK (kind IN ('avatar', 'document', 'recording')),
    -- whose it is: a person's, or a meeting's
    user_id       bigint REFERENCES users,
    meeting_id    bigint REFERENCES meetings,
    content_type  text NOT NULL,
    size_bytes    integer NOT NULL CHECK (size_bytes > 0),
    sha256        bytea NOT NULL CHECK (octet_length(sha256) = 32),
    -- its name where it lies, drawn by chance: whoever has it may read an avatar
    shelf_name    text NOT NULL UNIQUE CHECK (shelf_name ~ '^[0-9a-f]{32}$'),
    uploaded_by   bigint NOT NULL REFERENCES users,
    uploaded_at   timestamptz NOT NULL,
    CHECK ((kind = 'recording') = (meeting_id IS NOT NULL)),
    CHECK ((kind = 'recording') = (user_id IS NULL))
);
CREATE UNIQUE INDEX files_one_avatar ON files (user_id) WHERE kind = 'avatar';
CREATE INDEX files_by_user ON files (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX files_by_meeting ON files (meeting_id) WHERE meeting_id IS NOT NULL;

SELECT audit_all('files', '{id}', 'user_id', '{}', '{shelf_name,sha256}');
SELECT protect_rows('files', $$user_id = (SELECT acting_user()) OR (SELECT is_operator())
    OR (SELECT TRUE FROM meetings g WHERE g.id = meeting_id)
    OR kind = 'avatar' AND shelf_name = (SELECT shown('avatar'))$$,
    $$(SELECT is_operator())$$);

DO $$
BEGIN
    IF NOT roles_at_hand() THEN
        RETURN;
    END IF;
    GRANT UPDATE (first_name, last_name, national_id, national_id_key, kyc, kyc_reason) ON users TO pesachama_web;
    GRANT SELECT, INSERT, DELETE ON files TO pesachama_web, pesachama_worker;
END
$$;
