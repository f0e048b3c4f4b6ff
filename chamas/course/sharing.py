"""What everybody would get if the group shared out today, line by line, before officials end it. Reads only.

The same steps as when it has ended (giving_back.py), with the same functions and the books as they stand: a loan comes
out of her deposit and then out of what she saved; her deposit covers what she was paid beyond what she brought; what is
hers goes back; what is left beside it (fines, interest) is shared by what each put in, or alike where rounds pay one
after the other. Each step is divided by the largest remainder, to the cent. M-PESA carries whole shillings and takes
its charge: what it cannot carry stays under her name.
"""

from dataclasses import dataclass

from chamas.course import giving_back, winding
from chamas.course.winding import Back, Holding
from chamas.dues import contributions, loans, repaying
from chamas.dues.loans import InstalmentState, Loan
from ledger.wires import Connection
from payments import payouts
from payments.charges import Bands
from payments.payouts.orders import LEAST_CENTS, MOST_CENTS


@dataclass(frozen=True)
class Line:
    """One member; cents. She left `deposit_cents`, put in `saved_cents` and was paid `received_cents`. Of her loan
    `loan_cents` are called in and `set_off_cents` of them come out of her own; `own_cents` are hers again and
    `shared_cents` her share of what is left. M-PESA takes `charge_cents` and brings `sent_cents`; `kept_cents` stay
    under her name.
    """

    member_id: int
    number: int
    name: str
    deposit_cents: int
    saved_cents: int
    received_cents: int
    loan_cents: int
    set_off_cents: int
    own_cents: int
    shared_cents: int
    charge_cents: int
    sent_cents: int
    kept_cents: int

    @property
    def total_cents(self) -> int:
        return self.own_cents + self.shared_cents


@dataclass(frozen=True)
class ShareOut:
    """All lines, by number, beside what there is in M-PESA to be shared; cents. `claimed_cents` is what would be
    everybody's own: where it is more than there is, each gets her part of it.
    """

    available_cents: int
    claimed_cents: int
    lines: tuple[Line, ...]

    @property
    def left_cents(self) -> int:
        """What nobody gets: not to be divided yet, or not to be carried."""
        return self.available_cents - sum(line.total_cents for line in self.lines)


def look(conn: Connection, chama_id: int, *, bands: Bands) -> ShareOut:
    """As the books stand now; nothing is written."""
    [(book_id,)] = conn.execute("SELECT book_id FROM chamas WHERE id = %s", [chama_id]).fetchall()
    before = giving_back.holdings(conn, chama_id)
    debts = {loan.member_id: loan for loan in loans.of_chama(conn, chama_id) if loan.left_cents}
    after, off = dict(before), dict.fromkeys(before, 0)
    for member_id, loan in debts.items():
        after[member_id], off[member_id] = _set_off(conn, before[member_id], loan)
    covered = {one: _covered(holding) for one, holding in after.items()}
    available_cents = giving_back.available(conn, chama_id, book_id)
    backs = winding.give_back(covered, available_cents)
    shared = giving_back.with_the_rest(conn, chama_id, covered, backs, available_cents=available_cents, bands=bands)
    people = conn.execute(
        "SELECT m.id, m.number, u.first_name FROM chama_members m JOIN users u ON u.id = m.user_id "
        "WHERE m.chama_id = %s AND m.status NOT IN ('invited', 'pending') ORDER BY m.number",
        [chama_id],
    ).fetchall()
    claimed_cents = sum(winding.owed(holding).total_cents for holding in covered.values())
    lines = tuple(
        _line((one, number, name), before[one], (debts.get(one), off[one]), shared[one], bands)
        for one, number, name in people
        if any(vars(before[one]).values()) or shared[one].total_cents
    )
    return ShareOut(available_cents, claimed_cents, lines)


def _set_off(conn: Connection, held: Holding, loan: Loan) -> tuple[Holding, int]:
    """Her holding after all of her loan is called in and paid out of it, and how much that was (setting_off.a_loan)."""
    lent_cents = sum(max(0, part.principal_cents - part.paid_cents) for part in _open(loan))
    received_cents = held.paid_out_cents - lent_cents
    saved_cents = min(held.contributed_cents - received_cents, contributions.of_no_fine(conn, loan.member_id))
    from_deposit, from_savings, back_cents = 0, 0, 0
    for part in _open(loan):
        first = min(part.missing_cents, held.deposit_cents - from_deposit)
        then = min(part.missing_cents - first, max(0, saved_cents - from_savings))
        back_cents += repaying.moved(part.principal_cents, part.paid_cents, first + then)[0]
        from_deposit, from_savings = from_deposit + first, from_savings + then
    left = Holding(
        held.deposit_cents - from_deposit, held.contributed_cents - from_savings, held.paid_out_cents - back_cents
    )
    return left, from_deposit + from_savings


def _open(loan: Loan) -> list[loans.Instalment]:
    return [part for part in loan.parts if part.state not in (InstalmentState.PAID, InstalmentState.LOST)]


def _covered(held: Holding) -> Holding:
    """After her deposit has covered what she was paid beyond what she brought."""
    cents = held.covered_cents
    return Holding(held.deposit_cents - cents, held.contributed_cents + cents, held.paid_out_cents)


def _line(person: tuple[int, int, str], held: Holding, loan: tuple[Loan | None, int], back: Back, bands: Bands) -> Line:
    """`loan` is hers, if she has one, with what of it is set off."""
    (member_id, number, name), (lent, set_off_cents) = person, loan
    total_cents = min(back.total_cents, MOST_CENTS)
    sent_cents = giving_back.sent_of(total_cents, bands)
    if sent_cents < LEAST_CENTS:
        sent_cents = 0
    charge_cents = payouts.cost(sent_cents, bands).charge_cents if sent_cents else 0
    lent_cents = sum(max(0, part.principal_cents - part.paid_cents) for part in _open(lent)) if lent else 0
    return Line(
        member_id=member_id,
        number=number,
        name=name,
        deposit_cents=held.deposit_cents,
        saved_cents=held.contributed_cents,
        received_cents=held.paid_out_cents - lent_cents,
        loan_cents=lent.left_cents if lent else 0,
        set_off_cents=set_off_cents,
        own_cents=back.deposit_cents + back.contributed_cents,
        shared_cents=back.shared_cents,
        charge_cents=charge_cents,
        sent_cents=sent_cents,
        kept_cents=back.total_cents - sent_cents - charge_cents,
    )
