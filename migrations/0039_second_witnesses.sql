-- Who else must say so before a prompt's money is credited: a rule of a shortcode, or of a group.
CREATE TABLE second_witnesses (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shortcode_id  bigint UNIQUE REFERENCES shortcodes,
    chama_id      bigint UNIQUE REFERENCES chamas,
    witness       text NOT NULL CHECK (witness IN ('query', 'notice', 'status')),
    set_at        timestamptz NOT NULL,
    CHECK (num_nonnulls(shortcode_id, chama_id) = 1)
);
SELECT protect_rows('second_witnesses', NULL, NULL);
SELECT audit_all('second_witnesses', '{id}');

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_web') THEN
        GRANT SELECT ON second_witnesses TO pesachama_web;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_worker') THEN
        GRANT SELECT, INSERT, DELETE ON second_witnesses TO pesachama_worker;
    END IF;
END
$$;
