"""What must hold about payments, derived again from the rows. Each check is one query that finds the exceptions."""

from ledger.findings import Finding
from ledger.wires import Connection
from payments.movements import TAKEN_BACK

# Every cent that M-PESA proved to have moved into a shortcode and that is booked; below zero, out of it. Whoever writes
# down another kind of money that moves adds it here. It stands for {moved} below.
MOVED = (
    "SELECT shortcode_id, amount_cents AS cents FROM receipts WHERE seq IS NOT NULL "
    # An entry that people took back, because M-PESA has no such payment: no money of it was ever there.
    "UNION ALL SELECT shortcode_id, -amount_cents FROM receipts r WHERE {taken_back} "
    "UNION ALL SELECT shortcode_id, -amount_cents FROM reversals WHERE state = 'booked' "
    "UNION ALL SELECT shortcode_id, -paid_cents FROM payouts WHERE state = 'paid'"
).replace("{taken_back}", TAKEN_BACK)

# Name, how many rows were looked at, and the exceptions as short text without personal data.
CHECKS = (
    (
        # Once it has left suspense it stands on the page that names it, and the page on which it lay is taken back.
        "every receipt is booked exactly once",
        "SELECT count(*) FROM receipts",
        "SELECT r.receipt FROM receipts r "
        "LEFT JOIN idempotency_keys k ON (k.scope, k.key) = ('receipt', r.receipt) AND k.seq IS NOT NULL "
        "LEFT JOIN idempotency_keys s ON (s.scope, s.key) = ('suspense', r.receipt) AND s.seq IS NOT NULL "
        "WHERE r.seq IS NULL OR k.seq IS NULL OR NOT EXISTS (SELECT FROM entry_codes e "
        "WHERE (e.book_id, e.seq) = (r.book_id, r.seq)) "
        "OR (r.book_id, r.seq) <> (coalesce(s.book_id, k.book_id), coalesce(s.seq, k.seq)) "
        "OR s.seq IS NOT NULL AND NOT EXISTS (SELECT FROM entries e "
        "WHERE (e.book_id, e.reverses_seq) = (k.book_id, k.seq))",
    ),
    (
        "every entry of a receipt has its receipt",
        "SELECT count(*) FROM idempotency_keys WHERE scope = 'receipt'",
        "SELECT key FROM idempotency_keys k WHERE scope = 'receipt' AND seq IS NOT NULL "
        "AND NOT EXISTS (SELECT FROM receipts r WHERE r.receipt = k.key)",
    ),
    (
        "an entry has the float, the instant and the amount of its receipt",
        "SELECT count(*) FROM receipts WHERE seq IS NOT NULL",
        "SELECT r.receipt FROM receipts r JOIN shortcodes s ON s.id = r.shortcode_id "
        "JOIN entries e ON (e.book_id, e.seq) = (r.book_id, r.seq) "
        "JOIN postings p ON (p.book_id, p.season, p.seq) = (e.book_id, e.season, e.seq) AND p.amount_cents > 0 "
        "JOIN accounts a ON a.id = p.account_id GROUP BY r.receipt, r.amount_cents, r.paid_at "
        "HAVING sum(p.amount_cents) <> r.amount_cents OR min(e.occurred_at) <> r.paid_at "
        "OR NOT bool_and(a.code = 'mpesa:' || s.number OR a.code = 'mpesa' AND a.book_id = s.book_id)",
    ),
    (
        # Each group's part of the paybill's money stands in its own book; together they are what M-PESA holds for us.
        "the floats of a shortcode are what M-PESA moved",
        "SELECT count(*) FROM shortcodes",
        "SELECT s.number FROM shortcodes s WHERE "
        "(SELECT coalesce(sum(a.debits_posted_cents - a.credits_posted_cents), 0) FROM accounts a "
        "WHERE a.code = 'mpesa:' || s.number OR a.code = 'mpesa' AND a.book_id = s.book_id) "
        "<> (SELECT coalesce(sum(m.cents), 0) FROM ({moved}) AS m WHERE m.shortcode_id = s.id)",
    ),
    (
        "a paid attempt has a receipt of its amount, and no other has one",
        "SELECT count(*) FROM payment_attempts WHERE state = 'paid'",
        "SELECT a.id::text FROM payment_attempts a LEFT JOIN receipts r ON r.attempt_id = a.id "
        "WHERE (a.state = 'paid') <> (r.receipt IS NOT NULL) OR r.amount_cents <> a.amount_cents",
    ),
    (
        "a receipt of nobody lies in suspense with a reason",
        "SELECT count(*) FROM receipts WHERE attempt_id IS NULL",
        # A prompt's money is the member's who was asked; what stands in the shortcode's own book has found no member,
        # and what has left it found one late.
        "SELECT r.receipt FROM receipts r JOIN shortcodes c ON c.id = r.shortcode_id "
        "LEFT JOIN suspense s ON s.receipt = r.receipt "
        "WHERE (r.attempt_id IS NULL AND (r.kind = 'stk' OR r.book_id = c.book_id)) <> (s.receipt IS NOT NULL) "
        "AND NOT (r.attempt_id IS NULL AND r.book_id <> c.book_id AND coalesce(s.state = 'resolved', FALSE)) "
        "OR s.reason = '' OR s.state = 'open' AND r.book_id <> c.book_id",
    ),
    (
        "every receipt rests on evidence that names it",
        "SELECT count(*) FROM receipts",
        "SELECT r.receipt FROM receipts r JOIN evidence e ON e.id = r.evidence_id "
        "WHERE e.verdict <> 'applied' OR e.receipt IS DISTINCT FROM r.receipt",
    ),
    (
        "no receipt tells its payer by a hash that can be tried",
        "SELECT count(*) FROM receipts WHERE payer_key IS NOT NULL",
        "SELECT receipt FROM receipts WHERE octet_length(payer_key) <> 16",
    ),
    (
        "money that went back lies nowhere else",
        "SELECT count(*) FROM reversals WHERE state IN ('reversed', 'booked')",
        "SELECT b.receipt FROM reversals b JOIN receipts r ON r.receipt = b.receipt "
        "LEFT JOIN suspense s ON s.receipt = b.receipt WHERE (b.state = 'booked' AND (s.state <> 'resolved' "
        # What a member had of it was taken back from her, out of her group's book.
        "OR b.amount_cents <> r.amount_cents OR b.book_id <> r.book_id AND NOT EXISTS (SELECT FROM take_backs t "
        "WHERE t.receipt = b.receipt AND (t.book_id, t.seq) = (b.book_id, b.seq)))) OR b.failure = 'GoneTwice'",
    ),
    (
        "what evidence was kept has its hash",
        "SELECT count(*) FROM evidence WHERE NOT truncated AND erased_at IS NULL",
        "SELECT id::text FROM evidence WHERE NOT (truncated AND pseudonym_sha256 IS NULL) AND erased_at IS NULL "
        "AND sha256(body) <> coalesce(pseudonym_sha256, body_sha256)",
    ),
    (
        "an unclear payment is asked about or a day old",
        "SELECT count(*) FROM payment_attempts WHERE state IN ('unclear', 'pending')",
        "SELECT a.id::text FROM payment_attempts a WHERE a.state IN ('unclear', 'pending') "
        "AND NOT EXISTS (SELECT FROM inquiries q WHERE q.attempt_id = a.id AND q.receipt IS NULL "
        "AND (q.due_at IS NOT NULL OR q.kind = 'status'))",
    ),
    (
        "no evidence is stuck on its way into the books",
        "SELECT count(*) FROM evidence",
        "SELECT id::text FROM evidence WHERE verdict IN ('unread', 'unreadable') "
        "AND starts_with(reason, 'could not be settled')",
    ),
)

# Of money that goes out.
PAYOUT_CHECKS = (
    (
        "what is in flight is what payouts took and nobody has ended",
        "SELECT count(*) FROM payouts WHERE sent_seq IS NOT NULL AND state NOT IN ('paid', 'failed_proven')",
        "SELECT a.book_id || ' ' || a.code FROM accounts a "
        "LEFT JOIN (SELECT p.book_id, 'in_flight:' || s.number AS code, sum(p.amount_cents) AS cents "
        "FROM payouts p JOIN shortcodes s ON s.id = p.shortcode_id "
        "WHERE p.sent_seq IS NOT NULL AND p.state NOT IN ('paid', 'failed_proven') GROUP BY 1, 2) AS flying "
        "USING (book_id, code) WHERE starts_with(a.code, 'in_flight:') "
        "AND a.balance_cents <> coalesce(flying.cents, 0)",
    ),
    (
        "a paid payout has one receipt and one entry, and no other has one",
        "SELECT count(*) FROM payouts WHERE state = 'paid'",
        "SELECT p.originator FROM payouts p LEFT JOIN idempotency_keys k "
        "ON k.scope = 'payout' AND k.key = p.order_key || '/paid' AND k.seq IS NOT NULL "
        "WHERE (p.state = 'paid') <> (k.seq IS NOT NULL) OR (k.book_id, k.seq) <> (p.book_id, p.end_seq) "
        "OR EXISTS (SELECT FROM receipts r WHERE r.receipt = p.receipt)",
    ),
    (
        "a payout's entry took from the float what Safaricom paid",
        "SELECT count(*) FROM payouts WHERE state = 'paid'",
        "SELECT p.originator FROM payouts p JOIN shortcodes s ON s.id = p.shortcode_id "
        "JOIN entries e ON (e.book_id, e.seq) = (p.book_id, p.end_seq) "
        "JOIN postings l ON (l.book_id, l.season, l.seq) = (e.book_id, e.season, e.seq) "
        "JOIN accounts a ON a.id = l.account_id AND a.code = 'mpesa:' || s.number WHERE p.state = 'paid' "
        "GROUP BY p.originator, p.paid_cents HAVING sum(l.amount_cents) <> -p.paid_cents",
    ),
    (
        "an ordered payout holds its money until it leaves",
        "SELECT count(*) FROM payouts WHERE state = 'ordered'",
        "SELECT p.originator FROM payouts p WHERE p.state = 'ordered' AND p.sent_seq IS NULL "
        "AND NOT EXISTS (SELECT FROM open_holds h WHERE (h.book_id, h.seq) = (p.book_id, p.hold_seq)) "
        "AND NOT EXISTS (SELECT FROM endings x WHERE (x.book_id, x.seq, x.how) = (p.book_id, p.hold_seq, 'expired'))",
    ),
    (
        "a payout whose end is not known is asked about, or was for two days",
        "SELECT count(*) FROM payouts WHERE state IN ('sending', 'accepted', 'unknown')",
        "SELECT originator FROM payouts WHERE state IN ('sending', 'accepted', 'unknown') AND due_at IS NULL "
        "AND reason IS DISTINCT FROM 'asked for two days: left to people' "
        # A transfer to a bank whose answer was lost has no name to ask by: its result or the statement must say.
        "AND NOT (way = 'b2b' AND reply_id IS NULL)",
    ),
)

# Enough to begin looking; the rest is a number.
NAMED = 5


def verify(conn: Connection) -> list[Finding]:
    """One finding per invariant of this room."""
    return [_check(conn, *check) for check in (*CHECKS, *PAYOUT_CHECKS)]


def _check(conn: Connection, name: str, counting: str, exceptions: str) -> Finding:
    counted = conn.execute(counting.encode()).fetchone()
    broken = [row[0] for row in conn.execute(exceptions.replace("{moved}", MOVED).encode()).fetchall()]
    more = f" and {len(broken) - NAMED} more" if len(broken) > NAMED else ""
    return Finding(name, not broken, ", ".join(broken[:NAMED]) + more, counted[0] if counted else 0)
