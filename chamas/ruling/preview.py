"""Had these rules held in the last cycle: what each member would have owed and paid in each round, beside what was.

The same money is shared out again from the first round on, as it came. Before the last cycle by the rules that each
round kept; within it once by those and once by the proposed ones. What differs is a line. `replay` is pure.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from chamas.cycle import places
from chamas.dues.allocation import Owed, allocate, still_owed
from chamas.rulebook import rule_sets
from chamas.rulebook.rules import OrderKind, Rules
from ledger.wires import Connection


@dataclass(frozen=True)
class Past:
    """A round that was: instants in UTC, `debtors` who owed for it and `payee` by member number."""

    number: int
    opens_at: datetime
    closes_at: datetime
    payee: int | None
    rules: Rules
    debtors: tuple[int, ...]


@dataclass(frozen=True)
class Money:
    """Cents of one member (by number) that were booked at an instant."""

    member: int
    at: datetime
    cents: int


@dataclass(frozen=True)
class Line:
    """One member in one round: what she owed and had paid of it at its close, and what it would have been. Cents."""

    round: int
    member: int
    due_cents: int
    paid_cents: int
    due_then_cents: int
    paid_then_cents: int


@dataclass(frozen=True)
class Pot:
    """One round: what was in its pot at its close and who was paid, and what it would have been.

    Cents and member numbers; `payee_then` is None where nobody knows, because a ballot would have decided.
    """

    round: int
    pot_cents: int
    pot_then_cents: int
    payee: int | None
    payee_then: int | None


@dataclass(frozen=True)
class Preview:
    """Every line that differs, oldest round first; `rounds` says how many were looked at."""

    rounds: int
    lines: tuple[Line, ...]
    pots: tuple[Pot, ...]


Paid = Mapping[tuple[int, int], int]


class _Debts:
    """What members owe and have paid while the money comes again, by member number and round."""

    def __init__(self) -> None:
        self.owed: dict[int, list[Owed]] = defaultdict(list)
        self.credit: dict[int, int] = defaultdict(int)
        self.paid: dict[tuple[int, int], int] = defaultdict(int)

    def ask(self, member: int, number: int, cents: int, first: int | None) -> None:
        """She owes for one round more; what she has left over is used at once."""
        self.owed[member].append(Owed(number, cents))
        left, self.credit[member] = self.credit[member], 0
        self.settle(member, left, first)

    def settle(self, member: int, cents: int, first: int | None) -> None:
        """Money fills what she owes: the round `first` before the others, which are oldest first. What is negative was
        given back to her, and had been credit.
        """
        if cents < 0:
            self.credit[member] = max(0, self.credit[member] + cents)
            return
        debts = sorted(self.owed[member], key=lambda debt: (debt.contribution_id != first, debt.contribution_id))
        shares = allocate(cents, debts)
        for share in shares:
            if share.contribution_id is None:
                self.credit[member] += share.amount_cents
            else:
                self.paid[share.contribution_id, member] += share.amount_cents
        self.owed[member] = still_owed(debts, shares)


def replay(rounds: Sequence[Past], money: Iterable[Money], ruled: Callable[[Past], Rules]) -> Paid:
    """Cents that each member had paid of each round at that round's close, by (round, member): `ruled` says by which
    rules a round is taken. `rounds` are in their order.
    """
    debts, closed = _Debts(), dict[tuple[int, int], int]()
    coming = deque(sorted(money, key=lambda one: one.at))
    for here in rounds:
        rules = ruled(here)
        first = None if rules.arrears_first else here.number
        while coming and coming[0].at < here.opens_at:
            between = coming.popleft()
            debts.settle(between.member, between.cents, None)
        for member in here.debtors:
            debts.ask(member, here.number, rules.contribution_cents, first)
        while coming and coming[0].at < here.closes_at:
            arrived = coming.popleft()
            debts.settle(arrived.member, arrived.cents, first)
        closed |= {(here.number, member): debts.paid[here.number, member] for member in here.debtors}
    return closed


def preview(conn: Connection, chama_id: int, new: Rules) -> Preview:
    """What these rules would have changed in the group's last cycle.

    A fixed or counted order is shown as a cycle that began with it.
    """
    past = _past(conn, chama_id)
    standing = places.everybody(conn, chama_id)
    last = past[-max(1, len(standing)) :]
    changed = {one.number for one in last}
    money = brought(conn, chama_id)
    was = replay(past, money, lambda one: one.rules)
    then = replay(past, money, lambda one: new if one.number in changed else one.rules)
    lines, pots = [], []
    turns = _turns(new, [one.payee for one in last], sorted(place.number for place in standing))
    for one, turn in zip(last, turns, strict=True):
        # Who changes nothing of the order changes no payee, however the order came about: a swap, a ballot, an import.
        payee = one.payee if (new.order, new.places) == (one.rules.order, one.rules.places) else turn
        for member in one.debtors:
            key = (one.number, member)
            due, due_then = one.rules.contribution_cents, new.contribution_cents
            if (due, was[key]) != (due_then, then[key]):
                lines.append(Line(one.number, member, due, was[key], due_then, then[key]))
        pot, pot_then = (sum(of[one.number, member] for member in one.debtors) for of in (was, then))
        if (pot, one.payee) != (pot_then, payee):
            pots.append(Pot(one.number, pot, pot_then, one.payee, payee))
    return Preview(len(last), tuple(lines), tuple(pots))


def _turns(new: Rules, payees: Sequence[int | None], numbers: Sequence[int]) -> list[int | None]:
    """Who would have been paid in each round: those who take turns, in the proposed order."""
    wanted: list[int | None] = list(new.places if new.order is OrderKind.FIXED else numbers)
    if new.order is OrderKind.BALLOT:
        wanted = []
    return [*wanted, *[None] * len(payees)][: len(payees)]


def _past(conn: Connection, chama_id: int) -> list[Past]:
    rows = conn.execute(
        """
        SELECT r.id, r.number, r.opens_at, r.closes_at, p.number,
               ARRAY(SELECT m.number FROM contributions k JOIN chama_members m ON m.id = k.member_id
                     WHERE k.round_id = r.id AND k.state <> 'refunded' ORDER BY m.number)
        FROM rounds r LEFT JOIN chama_members p ON p.id = r.payee_member_id
        WHERE r.chama_id = %s AND r.state IN ('completed', 'expired') ORDER BY r.number
        """,
        [chama_id],
    ).fetchall()
    return [
        Past(number, opens, closes, payee, rule_sets.rules_of(conn, round_id).rules, tuple(debtors))
        for round_id, number, opens, closes, payee, debtors in rows
    ]


def brought(conn: Connection, chama_id: int) -> list[Money]:
    """All money that was for rounds, oldest first, without what was taken back, for it was none: what went to a fine, a
    deposit or a loan is spent under other rules as well.
    """
    found = conn.cursor(row_factory=class_row(Money))
    found.execute(
        """
        SELECT m.number AS member, e.recorded_at AS at, sum(a.amount_cents)::bigint AS cents
        FROM allocations a JOIN chama_members m ON m.id = a.member_id
        JOIN entry_codes c ON (c.book_id, c.seq) = (a.book_id, a.seq)
        JOIN entries e ON (e.book_id, e.season, e.seq) = (c.book_id, c.season, c.seq)
        WHERE m.chama_id = %s AND e.reverses_seq IS NULL
          AND num_nonnulls(a.deposit_id, a.penalty_id, a.instalment_id) = 0 AND NOT EXISTS (
            SELECT FROM endings x WHERE (x.book_id, x.seq, x.how) = (a.book_id, a.seq, 'reversed'))
        GROUP BY m.number, e.book_id, e.seq, e.recorded_at ORDER BY e.recorded_at, e.seq
        """,
        [chama_id],
    )
    return found.fetchall()
