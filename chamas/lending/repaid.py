"""What must hold between the books and what was lent: two lines of `pesachama verify`."""

from ledger.findings import Finding
from ledger.wires import Connection


def allotted(conn: Connection) -> Finding:
    """What is set aside for a part of a loan is what was allocated to it and has not moved on, its state says the same,
    and the parts of a loan add up to what was lent.
    """
    seen, wrong = conn.execute(
        """
        SELECT count(*), count(*) FILTER (WHERE wrong) FROM (
            SELECT i.paid_cents - i.booked_cents <> coalesce(shared.cents, 0)
                   OR (i.state = 'paid') <> (i.paid_cents = i.principal_cents + i.interest_cents - i.lapsed_cents)
                      AND i.state <> 'lost'
                   OR l.amount_cents <> sum(i.principal_cents) OVER (PARTITION BY l.id) AS wrong
            FROM instalments i JOIN loans l ON l.id = i.loan_id
            LEFT JOIN (SELECT instalment_id, sum(amount_cents) AS cents FROM allocations GROUP BY 1) AS shared
                   ON shared.instalment_id = i.id) AS looked
        """
    ).fetchall()[0]
    return _finding(
        "parts of loans equal their allocations", seen, wrong, "parts of loans paid otherwise than they say"
    )


def claimed(conn: Connection) -> Finding:
    """What the books say a member has borrowed is what of her loans is not repaid, what is on its way to her with it;
    and the interest that a group has earned is what was paid of interest.
    """
    seen, wrong = conn.execute(
        """
        WITH parts AS (
            SELECT chama_id, member_id,
                   sum(CASE WHEN state = 'lost' THEN 0 ELSE principal_cents - least(booked_cents, principal_cents) END)
                       AS lent,
                   sum(greatest(0, booked_cents - principal_cents)) AS earned
            FROM instalments GROUP BY chama_id, member_id),
        leaving AS (
            -- in flight, or paid and without its rows yet
            SELECT r.payee_member_id AS member_id, sum(coalesce(o.paid_cents, o.amount_cents)) AS cents
            FROM disbursement_requests r JOIN payouts o ON o.id = r.payout_id
            WHERE r.purpose = 'loan' AND (o.state = 'paid' OR o.sent_seq IS NOT NULL AND o.state <> 'failed_proven')
              AND NOT EXISTS (SELECT FROM loans l WHERE l.request_id = r.id) GROUP BY 1),
        claims AS (
            SELECT a.balance_cents <> coalesce(p.lent, 0) + coalesce(g.cents, 0) AS wrong
            FROM accounts a JOIN chamas c ON c.book_id = a.book_id
            JOIN chama_members m ON m.chama_id = c.id AND a.code = 'loan:' || m.id
            LEFT JOIN parts p ON p.member_id = m.id LEFT JOIN leaving g ON g.member_id = m.id),
        incomes AS (
            SELECT coalesce(a.balance_cents, 0) <> earned.cents AS wrong
            FROM (SELECT chama_id, sum(earned) AS cents FROM parts GROUP BY 1) AS earned
            JOIN chamas c ON c.id = earned.chama_id
            LEFT JOIN accounts a ON (a.book_id, a.code) = (c.book_id, 'loan_interest'))
        SELECT count(*), count(*) FILTER (WHERE wrong)
        FROM (SELECT wrong FROM claims UNION ALL SELECT wrong FROM incomes) AS looked
        """
    ).fetchall()[0]
    return _finding("what was lent stands in the books", seen, wrong, "loans or interest booked otherwise")


def _finding(name: str, seen: int, wrong: int, what: str) -> Finding:
    return Finding(name=name, ok=wrong == 0, detail=f"{wrong} {what}" if wrong else "", count=seen)


LOOKS = (allotted, claimed)
