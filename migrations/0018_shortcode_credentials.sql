-- Further shortcodes with credentials of their own, and groups that are paid at one of them.

-- A sealed box that only the settings' keys open (payments/strongbox.py). The web has no business here.
CREATE TABLE shortcode_credentials (
    shortcode_id  bigint PRIMARY KEY REFERENCES shortcodes,
    box           bytea NOT NULL CHECK (octet_length(box) BETWEEN 33 AND 65536),
    sealed_at     timestamptz NOT NULL
);
SELECT protect_rows('shortcode_credentials', NULL, NULL);
SELECT audit_all('shortcode_credentials', '{shortcode_id}', NULL, '{}', '{box}');

-- Nothing ever stood in the column that was meant for this.
DROP TRIGGER audited_insert ON shortcodes;
DROP TRIGGER audited_update ON shortcodes;
DROP TRIGGER audited_delete ON shortcodes;
DROP TRIGGER audited_truncate ON shortcodes;
ALTER TABLE shortcodes
    DROP COLUMN credentials,
    -- how Safaricom names payers to us, and whether it asks before it takes their money
    ADD COLUMN c2b_version text NOT NULL DEFAULT 'v1' CHECK (c2b_version IN ('v1', 'v2')),
    ADD COLUMN validates boolean NOT NULL DEFAULT FALSE,
    -- SHA-256 of the address at which Safaricom was told to confirm payments: it has a secret in it
    ADD COLUMN registered_url_sha256 bytea,
    ADD COLUMN registered_at timestamptz,
    -- since when the initiator has its password, which Safaricom lets live for 90 days
    ADD COLUMN password_since timestamptz;
SELECT audit_all('shortcodes', '{id}', NULL, '{}', '{registered_url_sha256}');

-- Groups with a paybill or till of their own; all others are paid at the shared one, which is the first.
CREATE TABLE chama_shortcodes (
    chama_id      bigint PRIMARY KEY REFERENCES chamas,
    shortcode_id  bigint NOT NULL REFERENCES shortcodes,
    since         timestamptz NOT NULL
);
SELECT protect_rows('chama_shortcodes', $$chama_id = ANY ((SELECT own_chamas())::bigint[]) OR (SELECT is_operator())$$, NULL);
SELECT audit_all('chama_shortcodes', '{chama_id}');

-- One token lives per app, and an app may serve several shortcodes.
DROP TABLE daraja_tokens;
CREATE TABLE daraja_tokens (
    app           bytea PRIMARY KEY,
    shortcode_id  bigint NOT NULL REFERENCES shortcodes,
    token         text,
    expires_at    timestamptz,
    lease_until   timestamptz,
    version       bigint NOT NULL DEFAULT 0
);
SELECT protect_rows('daraja_tokens', NULL, NULL);

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_web') THEN
        GRANT SELECT ON shortcode_credentials, chama_shortcodes, daraja_tokens TO pesachama_web;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_worker') THEN
        GRANT SELECT, INSERT, UPDATE ON shortcode_credentials, chama_shortcodes, daraja_tokens TO pesachama_worker;
    END IF;
END
$$;
