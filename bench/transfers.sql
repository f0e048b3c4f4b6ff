-- A ledger kept by SQL functions, as pgledger does it: its idea in our own words, to be measured beside. PostgreSQL 18.
--
-- One transfer is one call that locks both accounts in order, moves both balances, and writes one transfer and two entries
-- with the balances before and after; as many statements, keys and indexes as there, ids that are texts with a prefix and
-- sort by time, amounts that are numeric. It promises less than post_entries: no request keys, no numbers without gaps,
-- no hashes, no seasons, no positions, no receipt codes, no row policies, one kind of bound.

CREATE TABLE purses (
    id           text PRIMARY KEY DEFAULT 'purse_' || uuidv7(),
    name         text NOT NULL,
    currency     text NOT NULL,
    cents        numeric NOT NULL DEFAULT 0,
    version      bigint NOT NULL DEFAULT 0,
    may_owe      boolean NOT NULL,
    may_have     boolean NOT NULL,
    told         jsonb,
    opened_at    timestamptz NOT NULL,
    moved_at     timestamptz NOT NULL
);

CREATE TABLE transfers (
    id           text PRIMARY KEY DEFAULT 'transfer_' || uuidv7(),
    giver_id     text NOT NULL REFERENCES purses,
    taker_id     text NOT NULL REFERENCES purses,
    cents        numeric NOT NULL CHECK (cents > 0),
    recorded_at  timestamptz NOT NULL,
    occurred_at  timestamptz NOT NULL,
    told         jsonb,
    CHECK (giver_id <> taker_id)
);
CREATE INDEX ON transfers (giver_id);
CREATE INDEX ON transfers (taker_id);
CREATE INDEX ON transfers (occurred_at);

CREATE TABLE sides (
    id           text PRIMARY KEY DEFAULT 'side_' || uuidv7(),
    purse_id     text NOT NULL REFERENCES purses,
    transfer_id  text NOT NULL REFERENCES transfers,
    cents        numeric NOT NULL,
    before_cents numeric NOT NULL,
    after_cents  numeric NOT NULL,
    version      bigint NOT NULL,
    recorded_at  timestamptz NOT NULL
);
CREATE INDEX ON sides (purse_id);
CREATE INDEX ON sides (transfer_id);

CREATE FUNCTION demand_sign(purse purses) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF purse.cents < 0 AND NOT purse.may_owe OR purse.cents > 0 AND NOT purse.may_have THEN
        RAISE EXCEPTION 'purse % may not come to %', purse.id, purse.cents;
    END IF;
END
$$;

CREATE FUNCTION give(p_giver text, p_taker text, p_cents numeric, p_at timestamptz, p_told jsonb)
RETURNS SETOF transfers LANGUAGE plpgsql AS $$
DECLARE
    next_id text;
    made_id text;
    giver purses;
    taker purses;
BEGIN
    FOREACH next_id IN ARRAY ARRAY(SELECT DISTINCT named FROM unnest(ARRAY[p_giver, p_taker]) AS named ORDER BY named) LOOP
        PERFORM FROM purses WHERE id = next_id FOR UPDATE;
    END LOOP;
    UPDATE purses SET cents = cents - p_cents, version = version + 1, moved_at = p_at WHERE id = p_giver
        RETURNING * INTO giver;
    PERFORM demand_sign(giver);
    UPDATE purses SET cents = cents + p_cents, version = version + 1, moved_at = p_at WHERE id = p_taker
        RETURNING * INTO taker;
    PERFORM demand_sign(taker);
    IF giver.currency IS DISTINCT FROM taker.currency THEN
        RAISE EXCEPTION 'purses % and % are of one currency each', p_giver, p_taker;
    END IF;
    INSERT INTO transfers (giver_id, taker_id, cents, recorded_at, occurred_at, told)
        VALUES (p_giver, p_taker, p_cents, p_at, p_at, p_told) RETURNING id INTO made_id;
    INSERT INTO sides (purse_id, transfer_id, cents, before_cents, after_cents, version, recorded_at)
        VALUES (p_giver, made_id, -p_cents, giver.cents + p_cents, giver.cents, giver.version, p_at);
    INSERT INTO sides (purse_id, transfer_id, cents, before_cents, after_cents, version, recorded_at)
        VALUES (p_taker, made_id, p_cents, taker.cents - p_cents, taker.cents, taker.version, p_at);
    RETURN QUERY SELECT * FROM transfers WHERE id = made_id;
END
$$;
