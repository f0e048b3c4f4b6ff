"""What must hold between the books and what members owe; `pesachama verify` prints one line for each."""

from chamas.lending import repaid
from chamas.meeting import confirming, minutes
from ledger.findings import Finding
from ledger.wires import Connection


def verify(conn: Connection) -> list[Finding]:
    """The invariants of this room, each with how many rows were looked at and what is wrong, if anything."""
    looks = (_allocated, _paid, _held, _ruled, _aside, _cashed, _boxed, _drawn, _deposited)
    return [look(conn) for look in (*looks, minutes.verify, _potted, _fined, _bounded, _banked, _kept, *repaid.LOOKS)]


def _allocated(conn: Connection) -> Finding:
    """The allocations of an entry add up to what the entry credited to that member."""
    seen, wrong = conn.execute(
        """
        SELECT count(*), count(*) FILTER (WHERE shared.cents IS DISTINCT FROM credited.cents)
        FROM (SELECT book_id, seq, member_id, sum(amount_cents) AS cents FROM allocations GROUP BY 1, 2, 3) AS shared
        LEFT JOIN (SELECT p.book_id, p.seq, a.owner_member_id AS member_id, -sum(p.amount_cents) AS cents
                   FROM postings p JOIN accounts a ON a.id = p.account_id
                   WHERE a.owner_member_id IS NOT NULL AND a.code NOT LIKE 'refund:%' AND p.phase = 'posted'
                   GROUP BY 1, 2, 3) AS credited
               USING (book_id, seq, member_id)
        -- of seasons that are put away nothing is at hand to compare
        WHERE NOT EXISTS (SELECT FROM entry_codes e JOIN seasons s ON (s.source, s.number) = ('books', e.season)
                          WHERE (e.book_id, e.seq) = (shared.book_id, shared.seq) AND s.archived_at IS NOT NULL)
        """
    ).fetchall()[0]
    return _finding("allocations equal their entries", seen, wrong, "entries shared out to another amount")


def _bounded(conn: Connection) -> Finding:
    """What the group owes a member stands on a liability of hers that nobody can overdraw."""
    seen, wrong = conn.execute(
        """
        SELECT count(*), count(*) FILTER (WHERE (a.kind, a.normal_side, a.floor_cents, a.owner_member_id)
                                                IS DISTINCT FROM ('liability', 'credit', 0::bigint, m.id))
        FROM chama_members m JOIN chamas c ON c.id = m.chama_id
        JOIN accounts a ON (a.book_id, a.code) = (c.book_id, 'member:' || m.id)
        """
    ).fetchall()[0]
    return _finding("members' accounts cannot be overdrawn", seen, wrong, "accounts with another kind, floor or owner")


def _paid(conn: Connection) -> Finding:
    """What a contribution says is paid is what was allocated to it, and its state says the same."""
    seen, wrong = conn.execute(
        """
        SELECT count(*), count(*) FILTER (
            WHERE k.paid_cents <> coalesce(shared.cents, 0)
               OR (k.paid_cents = k.due_cents) <> (k.state IN ('paid', 'confirmed')) AND k.state <> 'refunded')
        FROM contributions k
        LEFT JOIN (SELECT contribution_id, sum(amount_cents) AS cents FROM allocations GROUP BY 1) AS shared
               ON shared.contribution_id = k.id
        """
    ).fetchall()[0]
    return _finding("contributions equal their allocations", seen, wrong, "contributions paid otherwise than they say")


def _deposited(conn: Connection) -> Finding:
    """What a deposit says is paid is what was allocated to it, and its state says the same."""
    seen, wrong = conn.execute(
        """
        SELECT count(*), count(*) FILTER (
            WHERE d.paid_cents <> coalesce(shared.cents, 0)
               OR d.state IN ('pending', 'paid', 'confirmed')
                  AND (d.paid_cents = d.due_cents) <> (d.state IN ('paid', 'confirmed')))
        FROM deposits d
        LEFT JOIN (SELECT deposit_id, sum(amount_cents) AS cents FROM allocations GROUP BY 1) AS shared
               ON shared.deposit_id = d.id
        """
    ).fetchall()[0]
    return _finding("deposits equal their allocations", seen, wrong, "deposits paid otherwise than they say")


def _held(conn: Connection) -> Finding:
    """What the group holds of a member is what was allocated to her: contributions and credit together, and her deposit
    by itself."""
    seen, wrong = conn.execute(
        """
        SELECT count(*), count(*) FILTER (WHERE a.balance_cents <> coalesce(hers.cents, 0))
        FROM accounts a
        LEFT JOIN (SELECT member_id, deposit_id IS NOT NULL AS deposit, sum(amount_cents) AS cents
                   FROM allocations GROUP BY 1, 2) AS hers
               ON (hers.member_id, hers.deposit) = (a.owner_member_id, a.code LIKE 'deposit:%')
        WHERE a.owner_member_id IS NOT NULL AND a.code NOT LIKE 'refund:%'
        """
    ).fetchall()[0]
    return _finding("members hold their allocations", seen, wrong, "members with another balance")


def _ruled(conn: Connection) -> Finding:
    """Every open round of a running chama has rules for the round after it; without them it would stay open."""
    seen, wrong = conn.execute(
        """
        SELECT count(*), count(*) FILTER (WHERE NOT EXISTS (
            SELECT FROM rule_sets s WHERE s.chama_id = r.chama_id AND s.in_force_from <= r.closes_at))
        FROM rounds r JOIN chamas c ON c.id = r.chama_id AND c.status = 'active' WHERE r.state = 'active'
        """
    ).fetchall()[0]
    return _finding("open rounds have rules for the next", seen, wrong, "rounds that nothing can follow")


def _aside(conn: Connection) -> Finding:
    """No request to pay out and no round puzzles the worker: what it sets aside waits for people."""
    seen, wrong, what = conn.execute(
        """
        SELECT count(*), count(failure), coalesce(string_agg(DISTINCT failure, ', '), '') FROM (
            SELECT failure FROM disbursement_requests UNION ALL SELECT failure FROM rounds
            UNION ALL SELECT failure FROM motions UNION ALL SELECT failure FROM puzzles) AS one
        """
    ).fetchall()[0]
    return _finding("nothing of a group is set aside", seen, wrong, f"rows that puzzle the worker ({what})")


def _cashed(conn: Connection) -> Finding:
    """Cash that both said the same of stands in the books, as much of it and for her."""
    seen, wrong = conn.execute(
        """
        SELECT count(*), count(*) FILTER (WHERE coalesce(hers.cents, 0) <> k.amount_cents
            -- before a fine in cash was a row of its own, it was never hers
            - CASE WHEN p.id IS NULL THEN k.fine_cents ELSE 0 END)
        FROM cash_claims k LEFT JOIN penalties p ON p.cash_claim_id = k.id
        LEFT JOIN (SELECT book_id, seq, member_id, sum(amount_cents) AS cents FROM allocations GROUP BY 1, 2, 3) AS hers
               ON (hers.book_id, hers.seq, hers.member_id) = (k.book_id, k.seq, k.member_id)
        WHERE k.state = 'confirmed'
        """
    ).fetchall()[0]
    return _finding("confirmed cash is booked", seen, wrong, "sums of cash booked otherwise than was said")


def _boxed(conn: Connection) -> Finding:
    """What lies in a counted box as nobody's is the cash that was written there and not confirmed."""
    seen, wrong = conn.execute(
        """
        SELECT count(*), count(*) FILTER (WHERE a.balance_cents <> coalesce(waiting.cents, 0))
        FROM accounts a JOIN chamas c ON c.book_id = a.book_id
        LEFT JOIN (SELECT chama_id, sum(amount_cents) AS cents FROM cash_claims
                   WHERE held_seq IS NOT NULL AND state IN ('recorded', 'disputed') GROUP BY 1) AS waiting
               ON waiting.chama_id = c.id
        WHERE a.code = 'cash_unconfirmed'
        """
    ).fetchall()[0]
    return _finding("unconfirmed cash is what waits for a word", seen, wrong, "boxes with another sum")


def _banked(conn: Connection) -> Finding:
    """What officials brought to M-PESA left the cash box, to the cent, on the page that says so."""
    seen, wrong = conn.execute(
        """
        SELECT count(*), count(*) FILTER (WHERE coalesce(-left_box.cents, 0) <> k.amount_cents)
        FROM cash_bankings k
        LEFT JOIN (SELECT p.book_id, p.seq, sum(p.amount_cents) AS cents FROM postings p
                   JOIN accounts a ON a.id = p.account_id AND a.code = 'cash' WHERE p.phase = 'posted'
                   GROUP BY 1, 2) AS left_box ON (left_box.book_id, left_box.seq) = (k.book_id, k.seq)
        -- of seasons that are put away nothing is at hand to compare
        WHERE NOT EXISTS (SELECT FROM entry_codes e JOIN seasons s ON (s.source, s.number) = ('books', e.season)
                          WHERE (e.book_id, e.seq) = (k.book_id, k.seq) AND s.archived_at IS NOT NULL)
        """
    ).fetchall()[0]
    return _finding("banked cash has left its box", seen, wrong, "sums of cash that left no box")


def _kept(conn: Connection) -> Finding:
    """A cash box holds at least what is nobody's in it: whoever brought that to M-PESA brought what it did not own."""
    seen, wrong = conn.execute(
        """
        SELECT count(*), count(*) FILTER (WHERE a.balance_cents < coalesce(waiting.balance_cents, 0))
        FROM accounts a JOIN chamas c ON c.book_id = a.book_id
        LEFT JOIN accounts waiting ON (waiting.book_id, waiting.code) = (a.book_id, 'cash_unconfirmed')
        WHERE a.code = 'cash'
        """
    ).fetchall()[0]
    return _finding("cash boxes hold what is unconfirmed in them", seen, wrong, "boxes that hold less")


def _drawn(conn: Connection) -> Finding:
    """Who was asked about her balance is who the seed says."""
    rows = conn.execute(
        "SELECT s.seed, s.roster, array_agg(k.member_id ORDER BY k.member_id) "
        "FROM samples s JOIN confirmations k ON k.sample_id = s.id GROUP BY s.id"
    ).fetchall()
    wrong = sum(confirming.drawn(seed, roster) != asked for seed, roster, asked in rows)
    return _finding("samples were drawn by their seeds", len(rows), wrong, "samples of other members")


def _potted(conn: Connection) -> Finding:
    """No payee was paid, or is being paid, more than her round was to bring, charges and her own debts included."""
    seen, wrong = conn.execute(
        """
        SELECT count(*), count(*) FILTER (WHERE r.set_off_cents + coalesce(d.cents, 0) > coalesce(k.cents, 0))
        FROM rounds r
        LEFT JOIN (SELECT round_id, sum(due_cents) AS cents FROM contributions GROUP BY 1) AS k ON k.round_id = r.id
        LEFT JOIN (SELECT round_id, sum(amount_cents + charge_cents) AS cents FROM disbursement_requests
                   WHERE state NOT IN ('rejected', 'failed') GROUP BY 1) AS d ON d.round_id = r.id
        WHERE r.set_off_cents > 0 OR d.cents > 0
        """
    ).fetchall()[0]
    return _finding("rounds pay what they bring", seen, wrong, "rounds that pay more than they bring")


def _fined(conn: Connection) -> Finding:
    """What is set aside for a fine is what was allocated to it and has not moved on, and its state says the same."""
    seen, wrong = conn.execute(
        """
        SELECT count(*), count(*) FILTER (
            WHERE p.paid_cents - p.booked_cents <> coalesce(shared.cents, 0)
               OR p.state = 'paid' AND p.paid_cents <> p.due_cents OR p.state = 'due' AND p.paid_cents >= p.due_cents)
        FROM penalties p
        LEFT JOIN (SELECT penalty_id, sum(amount_cents) AS cents FROM allocations GROUP BY 1) AS shared
               ON shared.penalty_id = p.id
        """
    ).fetchall()[0]
    return _finding("fines equal their allocations", seen, wrong, "fines paid otherwise than they say")


def _finding(name: str, seen: int, wrong: int, what: str) -> Finding:
    return Finding(name=name, ok=wrong == 0, detail=f"{wrong} {what}" if wrong else "", count=seen)
