"""What a member may borrow of her group today, and why not more. Reads only.

Only what is the group's own is lent: never a deposit, a refund, or the money of a round that somebody waits for. Where
rounds pay one after the other, that is what is left beside all that members have in them; where members save, their
savings are what the group was founded to lend.
"""

from dataclasses import dataclass
from datetime import datetime

from chamas.dues import holdings
from chamas.rulebook import rule_sets
from chamas.rulebook.rules import Rules
from ledger.refusals import Refusal
from ledger.wires import Connection
from payments import payouts, shortcodes
from payments.payouts.orders import LEAST_CENTS, MOST_CENTS

# Kinds of groups in which a round pays one member.
BY_TURNS = ("rosca", "mixed")


class NoLoans(Refusal):
    """The rules of the group know no loans, or she is not an active member of it."""

    code = "no_loans"
    status = 409
    words = "The rules of this chama allow no loans now."


class OneLoanAtATime(Refusal):
    """She has one that is not repaid, or asked for one already."""

    code = "one_loan_at_a_time"
    status = 409
    words = "You have a loan, or asked for one. Repay it first."


class TooMuchToBorrow(Refusal):
    """More than the rules allow her, or than the group can lend now; or for longer."""

    code = "too_much_to_borrow"
    status = 422
    words = "That is more, or for longer, than you can borrow now. The limits: More, My loan."


@dataclass(frozen=True)
class Limit:
    """What she may borrow: `most_cents` in whole shillings, of which `put_in_cents` and the group's money decide."""

    rule_set_id: int
    rules: Rules
    put_in_cents: int
    most_cents: int


def limit(conn: Connection, member_id: int, *, at: datetime, besides: int | None = None) -> Limit:
    """By the rules in force at `at`; `besides` is the request that asks for it already.

    Raises NoLoans, OneLoanAtATime.
    """
    row = conn.execute(
        "SELECT c.id, c.book_id, c.kind, EXISTS (SELECT FROM loans l WHERE l.member_id = m.id AND l.state = 'running') "
        "OR EXISTS (SELECT FROM disbursement_requests d WHERE d.payee_member_id = m.id AND d.purpose = 'loan' "
        "AND d.id IS DISTINCT FROM %(besides)s::bigint AND (d.state IN ('pending', 'approved', 'sending', 'unclear') "
        "OR d.state = 'completed' AND NOT EXISTS (SELECT FROM loans n WHERE n.request_id = d.id))), "
        "EXISTS (SELECT FROM motions x WHERE x.member_id = m.id AND x.kind IN ('exit', 'substitution') "
        "AND x.state IN ('asked', 'going')) "
        "FROM chama_members m JOIN chamas c ON c.id = m.chama_id AND c.status = 'active' "
        "WHERE m.id = %(member)s AND m.status = 'active'",
        {"member": member_id, "besides": besides},
    ).fetchone()
    agreed = rule_sets.rules_at(conn, row[0], at) if row else None
    if row is None or agreed is None or not agreed.rules.loans or row[4]:
        raise NoLoans
    chama_id, book_id, kind, has_one, _ = row
    if has_one:
        raise OneLoanAtATime
    hers = holdings.of_member(conn, member_id)
    put_in_cents = max(0, hers.paid_in_cents - hers.received_cents)
    free_cents = lendable(conn, chama_id, book_id, kind)
    most_cents = max(0, min(put_in_cents * agreed.rules.loan_times, free_cents, MOST_CENTS)) // 100 * 100
    return Limit(agreed.id, agreed.rules, put_in_cents, most_cents)


def require(
    conn: Connection, member_id: int, cents: int, months: int, *, at: datetime, besides: int | None = None
) -> int:
    """The version of the rules by which she may borrow so much. Raises NoLoans, OneLoanAtATime, TooMuchToBorrow."""
    hers = limit(conn, member_id, at=at, besides=besides)
    if not LEAST_CENTS <= cents <= hers.most_cents or not 1 <= months <= hers.rules.loan_months:
        raise TooMuchToBorrow
    return hers.rule_set_id


def lendable(conn: Connection, chama_id: int, book_id: int, kind: str) -> int:
    """What the group has in M-PESA and owes to nobody, in cents; where members save, their savings with it."""
    shortcode = shortcodes.of_chama(conn, chama_id)
    if shortcode is None:
        return 0
    [(kept_cents, in_rounds_cents)] = conn.execute(
        "SELECT coalesce(sum(balance_cents) FILTER (WHERE code LIKE 'deposit:%%' OR code LIKE 'refund:%%'), 0)::bigint"
        ", coalesce(sum(CASE WHEN code LIKE 'member:%%' THEN balance_cents WHEN code LIKE 'paid_out:%%' "
        "THEN -balance_cents END), 0)::bigint FROM accounts WHERE book_id = %s",
        [book_id],
    ).fetchall()
    in_rounds_cents = max(0, in_rounds_cents) if kind in BY_TURNS else 0
    return payouts.spendable(conn, book_id, shortcode.number) - int(kept_cents) - int(in_rounds_cents)
