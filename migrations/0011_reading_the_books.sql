-- What reading the books stands on: positions, indexes that give pages in order season by season, seasons that are put
-- away, and the views that older tools of PesaChama expect.

-- What each account did in each season: the sums of its posted amounts, how many there are, and the first and last page.
-- Kept by delta in the statement that writes the postings, so it is never behind; `pesachama verify` and a nightly job
-- take it from the postings again. Rows change often and never in an indexed column: room on the page keeps that cheap.
CREATE TABLE positions (
    book_id        bigint NOT NULL,
    account_id     bigint NOT NULL REFERENCES accounts,
    season         integer NOT NULL,
    debits_cents   bigint NOT NULL CHECK (debits_cents >= 0),
    credits_cents  bigint NOT NULL CHECK (credits_cents >= 0),
    postings       bigint NOT NULL CHECK (postings > 0),
    first_seq      bigint NOT NULL,
    last_seq       bigint NOT NULL CHECK (last_seq >= first_seq),
    PRIMARY KEY (book_id, account_id, season)
) WITH (fillfactor = 70);

CREATE FUNCTION apply_positions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.positions AS p (book_id, account_id, season, debits_cents, credits_cents, postings, first_seq,
            last_seq)
        SELECT a.book_id, a.account_id, a.season, sum(greatest(a.amount_cents, 0)), sum(greatest(-a.amount_cents, 0)),
            count(*), min(a.seq), max(a.seq)
        FROM arrived a
        WHERE a.phase = 'posted'
        GROUP BY a.book_id, a.account_id, a.season
        ORDER BY a.book_id, a.account_id, a.season
        ON CONFLICT (book_id, account_id, season) DO UPDATE
            SET debits_cents = p.debits_cents + excluded.debits_cents,
                credits_cents = p.credits_cents + excluded.credits_cents,
                postings = p.postings + excluded.postings,
                first_seq = least(p.first_seq, excluded.first_seq),
                last_seq = greatest(p.last_seq, excluded.last_seq);
    RETURN NULL;
END
$$;

-- Statement triggers of a parent do not fire for a statement on a partition: each has its own, as the other guards.
CREATE FUNCTION keep_positions(table_name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER positions AFTER INSERT ON public.%I REFERENCING NEW TABLE AS arrived '
        'FOR EACH STATEMENT EXECUTE FUNCTION public.apply_positions()', table_name);
END
$$;

SELECT keep_positions('postings');
SELECT keep_positions(inhrelid::regclass::text) FROM pg_inherits WHERE inhparent = 'postings'::regclass;

-- The same rows out of the postings, for a book or for all: what the shadow is made of.
CREATE FUNCTION derived_positions(p_book_id bigint) RETURNS SETOF positions
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT book_id, account_id, season, sum(greatest(amount_cents, 0))::bigint, sum(greatest(-amount_cents, 0))::bigint,
        count(*), min(seq), max(seq)
    FROM postings
    WHERE phase = 'posted' AND (p_book_id IS NULL OR book_id = p_book_id)
    GROUP BY book_id, account_id, season
$$;

INSERT INTO positions SELECT * FROM derived_positions(NULL);

-- With the season inside, the pages of an account or of a kind come out of the partitions one after the other, and a
-- page that is full never opens the next.
DROP INDEX postings_by_account;
CREATE INDEX postings_by_account ON postings (account_id, season, seq);
CREATE INDEX entries_by_kind ON entries (book_id, kind, season, seq);

ALTER TABLE seasons ADD COLUMN archived_at timestamptz;

-- open_season guards every partition that it makes, and with its guards each of postings gets this trigger.
CREATE OR REPLACE FUNCTION guard(table_name text, demand text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER unchangeable BEFORE UPDATE OR DELETE OR TRUNCATE ON public.%I '
        'FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change()', table_name);
    EXECUTE format('CREATE TRIGGER whole AFTER INSERT ON public.%I REFERENCING NEW TABLE AS arrived '
        'FOR EACH STATEMENT EXECUTE FUNCTION public.%I()', table_name, demand);
    IF demand = 'demand_balance' THEN
        PERFORM public.keep_positions(table_name);
    END IF;
END
$$;

-- Puts the positions of a book right after an operator has looked at the difference: taken from its postings again, under
-- the lock that every posting takes. Seasons that are put away keep what they had. Returns how many rows were not so.
CREATE FUNCTION rebuild_positions(p_book_id bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    changed bigint;
BEGIN
    PERFORM FROM heads WHERE book_id = p_book_id FOR UPDATE;
    WITH shadow AS MATERIALIZED (
        SELECT * FROM derived_positions(p_book_id)
    ), gone AS (
        DELETE FROM positions p USING seasons s
        WHERE p.book_id = p_book_id AND s.source = 'books' AND s.number = p.season AND s.archived_at IS NULL
            AND NOT EXISTS (SELECT FROM shadow d WHERE (d.account_id, d.season) = (p.account_id, p.season))
        RETURNING p.account_id
    ), mended AS (
        INSERT INTO positions AS p SELECT d.* FROM shadow d
            LEFT JOIN positions old USING (book_id, account_id, season)
        WHERE d IS DISTINCT FROM old
        ON CONFLICT (book_id, account_id, season) DO UPDATE
            SET debits_cents = excluded.debits_cents, credits_cents = excluded.credits_cents,
                postings = excluded.postings, first_seq = excluded.first_seq, last_seq = excluded.last_seq
        RETURNING p.account_id
    )
    SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM mended) INTO changed;
    RETURN changed;
END
$$;

-- The movements of members as older tools of PesaChama ask for them. Amounts are shillings there; `amount` is positive
-- and `type` says which way it went. What is no member's money is not in it. The reader's own row policies hold.
CREATE VIEW transactions WITH (security_invoker = true) AS
SELECT p.book_id || '-' || p.seq || '-' || p.line AS id,
    c.id AS chama_id,
    m.id AS member_id,
    m.user_id,
    CASE WHEN e.kind IN ('contribution', 'deposit') THEN 'contribution'
         WHEN e.kind IN ('payout', 'disbursement') THEN 'disbursement'
         WHEN e.kind IN ('fee', 'charge') THEN 'fee'
         WHEN e.kind IN ('penalty', 'fine') THEN 'penalty'
         WHEN e.kind IN ('refund', 'reversal') OR e.reverses_seq IS NOT NULL THEN 'refund'
         ELSE e.kind END AS type,
    abs(p.amount_cents) / 100.0 AS amount,
    abs(p.amount_cents) AS amount_cents,
    'completed' AS status,
    CASE WHEN r.receipt IS NOT NULL THEN 'mpesa'
         WHEN e.kind LIKE 'cash%' OR n.note ? 'cash' THEN 'cash'
         ELSE 'internal' END AS payment_method,
    k.code AS reference,
    r.receipt AS mpesa_transaction_id,
    jsonb_build_object('book', p.book_id, 'season', p.season, 'entry', p.seq, 'account', a.code,
        'balance_after_cents', CASE a.normal_side WHEN 'debit' THEN p.balance_after_cents ELSE -p.balance_after_cents END)
        || COALESCE(n.note, '{}') AS metadata,
    e.occurred_at AS created_at,
    e.recorded_at AS updated_at
FROM accounts a
    JOIN chama_members m ON m.id = a.owner_member_id
    JOIN chamas c ON c.id = m.chama_id
    JOIN postings p ON p.account_id = a.id AND p.phase = 'posted'
    -- LIMIT 1 says that there is one, so that nobody thinks of reading all entries to find a member's.
    CROSS JOIN LATERAL (
        SELECT * FROM entries e WHERE (e.book_id, e.season, e.seq) = (p.book_id, p.season, p.seq) LIMIT 1) AS e
    LEFT JOIN entry_codes k ON (k.book_id, k.seq) = (p.book_id, p.seq)
    LEFT JOIN entry_notes n ON (n.book_id, n.season, n.seq) = (p.book_id, p.season, p.seq)
    LEFT JOIN receipts r ON (r.book_id, r.seq) = (p.book_id, p.seq);

DO $$
BEGIN
    IF to_regproc('public.protect_rows') IS NOT NULL THEN
        PERFORM protect_rows('positions',
            'book_id = ANY ((SELECT own_books())::bigint[]) OR (SELECT is_operator())', NULL);
    END IF;
END
$$;

REVOKE EXECUTE ON FUNCTION apply_positions, keep_positions, derived_positions, rebuild_positions FROM PUBLIC;
DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['pesachama_web', 'pesachama_worker'] LOOP
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('GRANT SELECT ON positions, transactions TO %I', role_name);
        END IF;
    END LOOP;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_worker') THEN
        GRANT EXECUTE ON FUNCTION derived_positions, rebuild_positions TO pesachama_worker;
    END IF;
END
$$;
