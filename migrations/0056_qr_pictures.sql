-- The picture that Safaricom draws of where a group is paid: wished for at the desk, asked for by the worker.
CREATE TABLE qr_pictures (
    chama_id       bigint PRIMARY KEY REFERENCES chamas,
    shortcode_id   bigint NOT NULL REFERENCES shortcodes,
    -- what it holds
    merchant       text NOT NULL CHECK (merchant <> ''),
    reference      text NOT NULL CHECK (reference <> ''),
    amount_cents   bigint NOT NULL CHECK (amount_cents > 0 AND amount_cents % 100 = 0),
    picture        bytea CHECK (octet_length(picture) BETWEEN 1 AND 300000),
    tries          integer NOT NULL DEFAULT 0,
    due_at         timestamptz,
    failure        text,
    asked_at       timestamptz NOT NULL,
    drawn_at       timestamptz,
    CHECK ((picture IS NULL) = (drawn_at IS NULL))
);
CREATE INDEX qr_pictures_due ON qr_pictures (due_at) WHERE due_at IS NOT NULL;
SELECT protect_rows('qr_pictures', $$chama_id = ANY ((SELECT own_chamas())::bigint[]) OR (SELECT is_operator())$$,
    $$chama_id = ANY ((SELECT own_chamas())::bigint[]) OR (SELECT is_operator())$$);

DO $$
BEGIN
    IF NOT roles_at_hand() THEN
        RETURN;
    END IF;
    GRANT SELECT, INSERT, UPDATE ON qr_pictures TO pesachama_web, pesachama_worker;
END
$$;
