"""What members owe, in the order in which money settles it. Reads only.

Fines first and then the oldest arrears, unless the rules of those rounds say otherwise; what is due of a loan before
contributions or after them, by the rules that the loan keeps. What is lent and not asked for yet stands last: only
money that she pays for her loan reaches it (allocation.py).
"""

from collections.abc import Sequence

from chamas.dues.allocation import Owed
from ledger.wires import Connection

_OWED = """
SELECT k.member_id, k.id, k.due_cents - k.paid_cents, NULL::bigint, NULL::bigint, FALSE,
       CASE WHEN r.state = 'active' AND NOT s.arrears_first THEN 2 ELSE 3 END AS rank, r.number AS round,
       NULL::timestamptz AS due_at
FROM contributions k JOIN rounds r ON r.id = k.round_id JOIN rule_sets s ON s.id = r.rule_set_id
WHERE k.member_id = ANY(%(members)s) AND k.paid_cents < k.due_cents AND k.state IN ('pending', 'failed')
  AND r.state IN ('active', 'completed', 'expired')
UNION ALL
SELECT p.member_id, NULL, p.due_cents - p.paid_cents, p.id, NULL, FALSE,
       CASE WHEN coalesce((s.more ->> 'fines_first')::boolean, TRUE) THEN 0 ELSE 4 END, r.number, NULL
FROM penalties p JOIN rounds r ON r.id = p.round_id JOIN rule_sets s ON s.id = r.rule_set_id
WHERE p.member_id = ANY(%(members)s) AND p.state = 'due' AND p.paid_cents < p.due_cents
UNION ALL
SELECT i.member_id, NULL, w.cents, NULL, i.id, i.state IN ('planned', 'begun'),
       CASE WHEN i.state IN ('planned', 'begun') THEN 6
            WHEN coalesce((s.more ->> 'loans_first')::boolean, TRUE) THEN 1 ELSE 5 END, 0, i.due_at
FROM instalments i JOIN loans l ON l.id = i.loan_id JOIN rule_sets s ON s.id = l.rule_set_id
-- The interest of a month that has not begun is not owed.
CROSS JOIN LATERAL (SELECT i.principal_cents - i.paid_cents
                           + CASE WHEN i.state = 'planned' THEN 0
                                  ELSE i.interest_cents - i.lapsed_cents - i.lost_cents END AS cents) w
WHERE i.member_id = ANY(%(members)s) AND i.state IN ('planned', 'begun', 'due', 'late') AND w.cents > 0
ORDER BY rank, round, due_at
"""


def owed(conn: Connection, member_ids: Sequence[int]) -> dict[int, list[Owed]]:
    """By member id, in the order to be filled; cents."""
    found: dict[int, list[Owed]] = {}
    for member_id, contribution_id, cents, penalty_id, instalment_id, ahead, *_ in conn.execute(
        _OWED, {"members": list(member_ids)}
    ).fetchall():
        found.setdefault(member_id, []).append(Owed(contribution_id, cents, penalty_id, instalment_id, ahead))
    return found
