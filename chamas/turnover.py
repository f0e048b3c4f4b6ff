"""One round closes and the next one opens. One chama at a time, each in a transaction of its own."""

from datetime import datetime

from chamas import contributions, register, rounds
from chamas.rounds import Round, RoundState
from ledger.wires import Connection, Wires


class NoRules(LookupError):
    """The chama has adopted no rules that are in force yet, so nobody knows what a round asks for."""


def open_round(conn: Connection, chama_id: int, *, at: datetime, closes_at: datetime | None = None) -> Round:
    """Opens the chama's next round under the rules in force at `at`, and every active member owes for it.

    `closes_at` is for a custom calendar only. Raises NoRules; a second open round is a UniqueViolation.
    """
    register.lock_chama(conn, chama_id)
    rules = rounds.rules_at(conn, chama_id, at)
    if rules is None:
        raise NoRules(f"chama {chama_id}")
    opened = rounds.begin(conn, rules, opens_at=at, closes_at=closes_at)
    contributions.charge(conn, opened, rules.contribution_cents)
    return opened


def turn_over_due(wiring: Wires) -> int:
    """Closes the longest overdue round of a running chama and opens the next; returns how many rounds closed (0 or 1).

    What is missing of the closed round stays owed as arrears. A custom calendar waits for an official, and a chama
    without rules for whoever reads its line in `pesachama verify`.
    """
    with wiring.transaction() as conn:
        overdue = conn.execute(
            """
            SELECT r.id, r.chama_id, r.closes_at FROM rounds r
            JOIN chamas c ON c.id = r.chama_id AND c.status = 'active' AND c.frequency <> 'custom'
            WHERE r.state = 'active' AND r.closes_at <= %s
              AND EXISTS (SELECT FROM rule_sets s WHERE s.chama_id = c.id AND s.in_force_from <= r.closes_at)
            ORDER BY r.closes_at, r.id LIMIT 1 FOR NO KEY UPDATE OF r SKIP LOCKED
            """,
            [wiring.now()],
        ).fetchone()
        if overdue is None:
            return 0
        round_id, chama_id, closed_at = overdue
        rounds.move(conn, round_id, RoundState.COMPLETED)
        open_round(conn, chama_id, at=closed_at)
        return 1
