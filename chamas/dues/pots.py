"""What a round has collected, what of it was paid out, and what its payee gets next. Reads only.

There is one source: the allocations, which say what of each entry went to which round, and equal the entries
(verify.py). What M-PESA takes for a payment comes out of the pot: a group that turns its money around has no other.
So does what the payee owes herself for rounds that are over.
"""

from collections.abc import Callable
from dataclasses import dataclass

from chamas.dues import contributions
from chamas.rulebook.rule_sets import rules_of
from chamas.rulebook.rules import ShortPot
from ledger.refusals import Refusal
from ledger.wires import Connection
from payments.payouts.orders import LEAST_CENTS, MOST_CENTS

# M-PESA pays out whole shillings.
SHILLING = 100


class MoreThanThePot(Refusal):
    """A payout of a round is for more than it has collected and not paid out yet."""

    code = "more_than_the_pot"
    status = 409
    words = "This is more than what the round has collected and not paid out yet."


@dataclass(frozen=True)
class Pot:
    """The money of one round, in cents. `due_cents`: what its members owe for it; `promised_cents`: what left, is asked
    for, or paid the payee's own debts, charges included; `reserve_cents`: what the group's own money can lend it.
    """

    due_cents: int
    collected_cents: int
    promised_cents: int
    reserve_cents: int = 0

    @property
    def left_cents(self) -> int:
        """What is in and not promised; never more than is due, and with what the reserve lends."""
        lent = min(self.reserve_cents, max(0, self.due_cents - max(self.collected_cents, self.promised_cents)))
        return max(0, self.collected_cents - self.promised_cents) + lent

    @property
    def whole(self) -> bool:
        return self.collected_cents >= self.due_cents


def pot(conn: Connection, round_id: int, policy: ShortPot = ShortPot.TOP_UP) -> Pot:
    """The pot of a round as the books have it now."""
    collected_cents = contributions.collected(conn, round_id)
    promised_cents = promised(conn, round_id)
    lent = reserve(conn, round_id) if policy is ShortPot.RESERVE else 0
    missing_cents = contributions.missing(conn, round_id)
    return Pot(collected_cents + missing_cents, collected_cents, promised_cents, lent)


def promised(conn: Connection, round_id: int) -> int:
    """What of a round's pot left, is asked for, or was set off; charges included. A proved failure promises nothing."""
    [(cents,)] = conn.execute(
        "SELECT (r.set_off_cents + coalesce(sum(d.amount_cents + d.charge_cents), 0))::bigint FROM rounds r "
        "LEFT JOIN disbursement_requests d ON d.round_id = r.id AND d.state NOT IN ('rejected', 'failed') "
        "WHERE r.id = %s GROUP BY r.id",
        [round_id],
    ).fetchall()
    return int(cents)


def reserve(conn: Connection, round_id: int) -> int:
    """What the group's own money (fines, less what was spent for the group) can lend this round now, in cents.

    What a round was lent is what was promised of it above what it has collected: debts that land pay it back.
    """
    [(cents,)] = conn.execute(
        """
        SELECT (SELECT coalesce(sum(CASE WHEN a.code = 'fines' THEN a.balance_cents ELSE -a.balance_cents END), 0)
                FROM accounts a JOIN chamas c ON c.book_id = a.book_id
                WHERE c.id = o.chama_id AND a.code IN ('fines', 'expenses', 'welfare_paid'))
             - (SELECT coalesce(sum(greatest(0, pots.promised - pots.collected)), 0) FROM (
                    SELECT r.set_off_cents
                               + (SELECT coalesce(sum(d.amount_cents + d.charge_cents), 0) FROM disbursement_requests d
                                  WHERE d.round_id = r.id AND d.state NOT IN ('rejected', 'failed')) AS promised,
                           (SELECT coalesce(sum(k.paid_cents), 0) FROM contributions k WHERE k.round_id = r.id)
                               AS collected
                    FROM rounds r WHERE r.chama_id = o.chama_id AND r.state IN ('completed', 'expired')) AS pots)
        FROM rounds o WHERE o.id = %s
        """,
        [round_id],
    ).fetchall()
    return max(0, int(cents))


def require(conn: Connection, round_id: int, total_cents: int, *, payee_member_id: int, besides_cents: int = 0) -> None:
    """Raises MoreThanThePot for a payment that the pot of a closed round does not hold for this member, its charge
    included; `besides_cents` of what is promised are this payment's own.
    """
    row = conn.execute(
        "SELECT TRUE FROM rounds WHERE id = %s AND payee_member_id = %s AND state IN ('completed', 'expired')",
        [round_id, payee_member_id],
    ).fetchone()
    if row is None:
        raise MoreThanThePot
    found = pot(conn, round_id, rules_of(conn, round_id).rules.short_pot)
    without = Pot(found.due_cents, found.collected_cents, found.promised_cents - besides_cents, found.reserve_cents)
    if total_cents > without.left_cents:
        raise MoreThanThePot


def next_payment(found: Pot, policy: ShortPot, spendable_cents: int, charge_of: Callable[[int], int]) -> int:
    """How much the payee gets next, in cents without the charge; 0 when nothing can or may be paid now. Pure.

    A pot that waits is paid when it is whole, and then not in parts because money lies elsewhere. `charge_of` never
    falls as the amount rises.
    """
    left = found.left_cents
    if policy is ShortPot.WAIT and (not found.whole or spendable_cents < left):
        return 0
    most = min(left, spendable_cents, MOST_CENTS + charge_of(MOST_CENTS))
    low, high = 0, max(0, min(most, MOST_CENTS)) // SHILLING
    while low < high:
        middle = (low + high + 1) // 2
        if middle * SHILLING + charge_of(middle * SHILLING) <= most:
            low = middle
        else:
            high = middle - 1
    return low * SHILLING if low * SHILLING >= LEAST_CENTS else 0
