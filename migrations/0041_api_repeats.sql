-- What a program was answered under its Idempotency-Key: the same request again has no second effect (gateway/api/repeats.py).
CREATE TABLE api_repeats (
    user_id      bigint NOT NULL REFERENCES users,
    key          text NOT NULL CHECK (length(key) BETWEEN 1 AND 100),
    -- of what was asked, under the secret key: a PIN is in it
    fingerprint  bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
    answer       jsonb NOT NULL,
    answered_at  timestamptz NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX api_repeats_by_day ON api_repeats USING brin (answered_at);

SELECT protect_rows('api_repeats', $$user_id = (SELECT acting_user())$$, $$user_id = (SELECT acting_user())$$);

DO $$
BEGIN
    IF roles_at_hand() THEN
        GRANT SELECT, INSERT ON api_repeats TO pesachama_web;
        GRANT SELECT, INSERT, DELETE ON api_repeats TO pesachama_worker;
    END IF;
END
$$;
