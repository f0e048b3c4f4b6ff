-- What an account held after a page of its book, on its normal side: by the posting before, or, where that season is put away,
-- by the one after, or by the balance of today. As in 0015; but by season and page, as the index of postings runs, so that one
-- row is read and not all that the account ever had: each verification asks this of every count. The pair is compared alone:
-- beside a condition on the season only that one would place the look in the index.
CREATE OR REPLACE FUNCTION held_at(p_account_id bigint, p_seq bigint) RETURNS bigint
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN p_seq = 0 THEN 0 ELSE COALESCE(
        (SELECT CASE a.normal_side WHEN 'debit' THEN p.balance_after_cents ELSE -p.balance_after_cents END
            FROM postings p
            WHERE p.account_id = a.id AND (p.season, p.seq) <= (c.season, p_seq)
            ORDER BY p.season DESC, p.seq DESC, p.line DESC LIMIT 1),
        (SELECT CASE a.normal_side WHEN 'debit' THEN 1 ELSE -1 END
                * (p.balance_after_cents - CASE p.phase WHEN 'posted' THEN p.amount_cents ELSE 0 END)
            FROM postings p
            WHERE p.account_id = a.id AND (p.season, p.seq) > (c.season, p_seq)
            ORDER BY p.season, p.seq, p.line LIMIT 1),
        a.balance_cents) END
    FROM accounts a LEFT JOIN entry_codes c ON (c.book_id, c.seq) = (a.book_id, p_seq)
    WHERE a.id = p_account_id
$$;
