-- Whoever changes an amount behind the guards may make it as large as a bigint can be. The sums that positions are
-- held against are wider than that, so that `verify` names such an account and does not end in an overflow.

DROP FUNCTION derived_positions;

CREATE FUNCTION derived_positions(p_book_id bigint) RETURNS TABLE (
    book_id bigint, account_id bigint, season integer, debits_cents numeric, credits_cents numeric,
    postings bigint, first_seq bigint, last_seq bigint)
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT p.book_id, p.account_id, p.season, sum(greatest(p.amount_cents, 0)), -sum(least(p.amount_cents, 0)),
        count(*), min(p.seq), max(p.seq)
    FROM postings p
    WHERE p.phase = 'posted' AND (p_book_id IS NULL OR p.book_id = p_book_id)
    GROUP BY p.book_id, p.account_id, p.season
$$;

-- What does not fit into a position cannot be put right from the postings: this raises numeric_value_out_of_range then.
CREATE OR REPLACE FUNCTION rebuild_positions(p_book_id bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    changed bigint;
BEGIN
    PERFORM FROM heads WHERE book_id = p_book_id FOR UPDATE;
    WITH shadow AS MATERIALIZED (
        SELECT d.book_id, d.account_id, d.season, d.debits_cents::bigint, d.credits_cents::bigint, d.postings,
            d.first_seq, d.last_seq
        FROM derived_positions(p_book_id) d
    ), gone AS (
        DELETE FROM positions p USING seasons s
        WHERE p.book_id = p_book_id AND s.source = 'books' AND s.number = p.season AND s.archived_at IS NULL
            AND NOT EXISTS (SELECT FROM shadow d WHERE (d.account_id, d.season) = (p.account_id, p.season))
        RETURNING p.account_id
    ), mended AS (
        INSERT INTO positions AS p SELECT d.* FROM shadow d
            LEFT JOIN positions old USING (book_id, account_id, season)
        WHERE (d.debits_cents, d.credits_cents, d.postings, d.first_seq, d.last_seq)
            IS DISTINCT FROM (old.debits_cents, old.credits_cents, old.postings, old.first_seq, old.last_seq)
        ON CONFLICT (book_id, account_id, season) DO UPDATE
            SET debits_cents = excluded.debits_cents, credits_cents = excluded.credits_cents,
                postings = excluded.postings, first_seq = excluded.first_seq, last_seq = excluded.last_seq
        RETURNING p.account_id
    )
    SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM mended) INTO changed;
    RETURN changed;
END
$$;

REVOKE EXECUTE ON FUNCTION derived_positions FROM PUBLIC;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_worker') THEN
        GRANT EXECUTE ON FUNCTION derived_positions TO pesachama_worker;
    END IF;
END
$$;
