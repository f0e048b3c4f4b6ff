-- The view for older tools, as in 0011, but: `type` is one of the five that they know, whatever kind an entry has (what is
-- none of them is named by the way it went: more for the member, or less); `amount` has two decimals; and `archived_before`
-- says where the rows end, when seasons are put away, as they are not in it.
DROP VIEW transactions;
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
         WHEN p.amount_cents < 0 THEN 'contribution'
         ELSE 'disbursement' END AS type,
    (abs(p.amount_cents) / 100.0)::numeric(19, 2) AS amount,
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
    e.recorded_at AS updated_at,
    -- Asked once, not of each row; seasons leave oldest first.
    (SELECT max(closes_at) FROM seasons WHERE source = 'books' AND archived_at IS NOT NULL) AS archived_before
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
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['pesachama_web', 'pesachama_worker'] LOOP
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('GRANT SELECT ON transactions TO %I', role_name);
        END IF;
    END LOOP;
END
$$;
