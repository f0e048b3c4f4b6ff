"""Loans: asked for and agreed on like a payout, paid back in parts, and every shilling of it in the books."""

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from chamas.arriving import arrivals
from chamas.course import leaving, lifecycle, motions, sharing
from chamas.course.sharing import ShareOut
from chamas.dues import borrowing, loans, owed_again, owing, penalties
from chamas.dues.borrowing import NoLoans, OneLoanAtATime, TooMuchToBorrow
from chamas.dues.loans import InstalmentState, Loan
from chamas.dues.owing import Split
from chamas.lending import watching
from chamas.payouts import asking, disbursements, disbursing
from chamas.payouts.asking import MayNotAsk
from chamas.payouts.disbursements import Purpose, Request
from ledger import holds
from ledger.books import account_id, balance
from ledger.remainders import divide
from tests.chamas.a_cycle import Cycle
from tests.drills.fuse import dies_everywhere
from tests.words import word

HOUR, DAY = 3_600.0, 86_400.0
TERMS = {"loans": True, "loan_tenths": 100, "loan_months": 3, "loan_times": 3, "loan_fine_cents": 50_00}


@pytest.fixture
def savers(cycle: Cycle) -> Cycle:
    """The five save KES 500 a week and lend of it: 10% a month, three months, three times what each put in."""
    cycle.conn.execute("UPDATE chamas SET kind = 'asca'")
    cycle.rules(**TERMS)
    for name in cycle.members:
        cycle.pays(name, 2_000)
    return cycle


def asks(cycle: Cycle, cents: int = 5_000_00, months: int = 3, name: str = "Wanjiku") -> Request:
    hers = cycle.members[name]
    given: dict[str, Any] = {"asker_member_id": hers, "payee_member_id": hers, "amount_cents": cents}
    with cycle.conn.transaction():
        return asking.ask(cycle.conn, purpose=Purpose.LOAN, loan_months=months, at=cycle.wiring.now(), **given)


def borrows(cycle: Cycle, cents: int = 5_000_00, months: int = 3, name: str = "Wanjiku") -> Loan:
    one = asks(cycle, cents, months, name)
    cycle.agrees(one.id)
    cycle.arrives(one.id)
    return hers(cycle, name)


def hers(cycle: Cycle, name: str = "Wanjiku") -> Loan:
    return loans.of_member(cycle.conn, cycle.members[name])[0]


def pays_loan(cycle: Cycle, shillings: int, name: str = "Wanjiku") -> None:
    """Money that she was asked for as her loan's."""
    receipt = f"TKL{next(cycle.receipts):07}"
    proven = cycle.till.proven(receipt, shillings, cycle.members[name])
    with cycle.wiring.transaction() as conn:
        given = replace(proven, purpose="loan", paid_at=cycle.wiring.now())
        arrivals.book(conn, [given], at=cycle.wiring.now(), chance=cycle.till.chance)
    cycle.runs()


def of_group(cycle: Cycle, code: str) -> int:
    found = account_id(cycle.conn, cycle.village.book_id, code)
    return 0 if found is None else balance(cycle.conn, found)


def as_said(cycle: Cycle, said: ShareOut) -> None:
    """Each was refunded what the share-out said, to the cent."""
    given = cycle.conn.execute(
        "SELECT member_id, deposit_cents + contributed_cents, shared_cents, charge_cents, amount_cents FROM refunds"
    ).fetchall()
    assert sorted(given) == sorted(
        (one.member_id, one.own_cents, one.shared_cents, one.charge_cents, one.sent_cents)
        for one in said.lines
        if one.sent_cents
    )
    assert said.left_cents + sum(one.total_cents for one in said.lines) == said.available_cents


def states(loan: Loan) -> list[str]:
    return [str(part.state) for part in loan.parts]


def test_who_may_borrow_and_how_much(savers: Cycle) -> None:
    wanjiku, at = savers.members["Wanjiku"], savers.wiring.now()
    assert borrowing.limit(savers.conn, wanjiku, at=at).most_cents == 6_000_00
    for cents, months in ((6_001_00, 1), (5_000_00, 4), (5_000_00, 0)):
        with pytest.raises(TooMuchToBorrow):
            asks(savers, cents, months)
    # An official asks for nobody else; a loan without months is none.
    both = {"payee_member_id": wanjiku, "amount_cents": 500_00, "purpose": Purpose.LOAN, "at": at}
    for asker, months in ((savers.members["Amina"], 3), (wanjiku, None)):
        with pytest.raises(MayNotAsk):
            asking.ask(savers.conn, asker_member_id=asker, loan_months=months, **both)
    # Where rounds pay one after the other, what members paid in waits for a payee and is not lent.
    savers.conn.execute("UPDATE chamas SET kind = 'rosca'")
    assert borrowing.limit(savers.conn, wanjiku, at=at).most_cents == 0
    savers.conn.execute("UPDATE chamas SET kind = 'asca'")
    first = asks(savers)
    with pytest.raises(OneLoanAtATime):
        asks(savers, 100_00, 1)
    # What is agreed on is this amount for so many months by these rules: neither changes behind a yes.
    assert replace(first, loan_months=2).digest != first.digest != replace(first, rule_set_id=1).digest
    savers.agrees(first.id, ("Chebet",))
    savers.rules(loans=False)
    savers.agrees(first.id, ("Juma",))
    assert disbursements.by_id(savers.conn, first.id).reason == "no_loans" and savers.told("payout_failed")
    with pytest.raises(NoLoans):
        borrowing.limit(savers.conn, wanjiku, at=savers.wiring.now())


def test_a_loan_is_lent_asked_for_fined_and_repaid(savers: Cycle) -> None:
    one = asks(savers)
    savers.agrees(one.id)
    # In flight, paid and not begun: at each of these instants the books and the rows agree.
    savers.clock.advance(HOUR + 1)
    savers.runs()
    assert savers.sound() and loans.of_member(savers.conn, savers.members["Wanjiku"]) == []
    payout_id = disbursements.by_id(savers.conn, one.id).payout_id
    assert payout_id is not None and savers.carries(payout_id) == 5_000_00
    lent = hers(savers)
    assert [part.principal_cents + part.interest_cents for part in lent.parts] == [2_166_00, 2_167_00, 2_167_00]
    assert (states(lent), savers.held("loan", "Wanjiku")) == (["begun", "planned", "planned"], 5_000_00)
    # What pays it off today: what was lent and the month that has begun.
    assert lent.left_cents == 5_000_00 + 500_00 and savers.told("loan_begun") == ["Wanjiku"] and savers.sound()
    # Before it is asked for a contribution stays a contribution.
    savers.pays("Wanjiku", 100)
    savers.runs()
    assert hers(savers).parts[0].paid_cents == 0
    # A week before its last day it is asked for, and her credit settles it.
    opens = lent.parts[0].due_at - timedelta(days=7)
    savers.waits((opens - savers.wiring.now()).total_seconds())
    assert savers.told("loan_due") == ["Wanjiku"]
    owed = owing.dues(savers.conn, savers.members["Wanjiku"], savers.wiring.now())
    assert owed.loans_cents > 0 and owed.owed_cents == owing.reckoned(savers.conn, savers.members["Wanjiku"]).owed_cents
    assert owed.split(300_00) == Split(0, 0, 0, 0, 300_00)
    savers.pays("Wanjiku", 300)
    savers.waits((lent.parts[0].due_at - savers.wiring.now()).total_seconds() + 2 * HOUR)
    late = hers(savers)
    assert states(late)[:2] == ["late", "begun"] and savers.told("loan_late") == ["Wanjiku"]
    assert savers.told("loan_not_paid") == ["Amina", "Chebet", "Juma"]
    [fine] = penalties.of_member(savers.conn, savers.members["Wanjiku"])
    assert (fine.due_cents, fine.of_loan, fine.state) == (50_00, True, "due")
    # Fine, loan, contribution, in this order.
    owed = owing.dues(savers.conn, savers.members["Wanjiku"], savers.wiring.now())
    split = owed.split(50_00 + owed.loans_cents + 70_00)
    contributed = split.arrears_cents + split.this_round_cents
    assert (split.fines_cents, split.loans_cents, contributed) == (50_00, owed.loans_cents, 70_00)
    savers.pays("Wanjiku", (50_00 + owed.loans_cents) // 100)
    savers.runs()
    assert hers(savers).parts[0].state is InstalmentState.PAID
    # What was lent comes back first, and only then its money is income.
    assert of_group(savers, "fines") == 50_00
    assert savers.held("loan", "Wanjiku") == 5_000_00 - late.parts[0].principal_cents
    assert of_group(savers, "loan_interest") == late.parts[0].interest_cents and savers.sound()


def test_paid_off_early_with_something_left_over(savers: Cycle) -> None:
    borrows(savers)
    before = savers.held("member", "Wanjiku")
    pays_loan(savers, 1_000)
    # Ahead of time it pays parts in their order, and of a month that has not begun only what was lent.
    assert [part.paid_cents for part in hers(savers).parts] == [1_000_00, 0, 0]
    pays_loan(savers, 2_000)
    assert [part.paid_cents for part in hers(savers).parts] == [2_166_00, 834_00, 0]
    assert hers(savers).left_cents == 2_500_00
    pays_loan(savers, 2_600)
    done = hers(savers)
    assert (done.state, states(done), done.left_cents) == ("repaid", ["paid"] * 3, 0)
    # The interest of two months lapses; what was too much is hers.
    assert of_group(savers, "loan_interest") == 500_00 and savers.held("loan", "Wanjiku") == 0
    assert savers.held("member", "Wanjiku") == before + 100_00 and savers.told("loan_repaid") == ["Wanjiku"]
    assert savers.sound()
    assert borrowing.limit(savers.conn, savers.members["Wanjiku"], at=savers.wiring.now()).most_cents > 0


def test_a_worker_that_dies_at_any_statement_lends_once_and_one_bad_row_stops_no_other(savers: Cycle) -> None:
    # A request that says it is paid, and whose payout is not: a row that no code of ours writes.
    spoilt = asks(savers, 100_00, 1, "Baraka")
    savers.agrees(spoilt.id)
    savers.conn.execute("UPDATE disbursement_requests SET state = 'completed' WHERE id = %s", [spoilt.id])
    one = asks(savers)
    savers.agrees(one.id)
    savers.waits(HOUR + 1)
    savers.conn.execute("DELETE FROM puzzles")
    payout_id = disbursements.by_id(savers.conn, one.id).payout_id
    assert payout_id is not None
    with patch.object(Cycle, "runs"):
        savers.carries(payout_id)
    disbursing.follow_due(savers.wiring)
    assert dies_everywhere(savers.wiring, watching.go_on) > 3
    assert savers.value("SELECT failure FROM puzzles WHERE loop = 'loans'") == "LookupError"
    savers.conn.execute("UPDATE disbursement_requests SET state = 'approved' WHERE id = %s", [spoilt.id])
    savers.conn.execute("DELETE FROM puzzles")
    with patch.object(Cycle, "runs"):
        pays_loan(savers, 5_500)
    assert dies_everywhere(savers.wiring, watching.go_on) > 10
    assert (hers(savers).state, of_group(savers, "loan_interest")) == ("repaid", 500_00)
    assert savers.told("loan_begun") == savers.told("loan_repaid") == ["Wanjiku"] and savers.sound()


def test_money_that_was_none_is_owed_again(savers: Cycle) -> None:
    borrows(savers)
    pays_loan(savers, 5_500)
    assert hers(savers).state == "repaid"
    [(book_id, seq)] = savers.conn.execute(
        "SELECT book_id, seq FROM allocations WHERE instalment_id IS NOT NULL AND amount_cents > 0 LIMIT 1"
    ).fetchall()
    at, wanjiku = savers.wiring.now(), savers.members["Wanjiku"]
    with savers.wiring.transaction() as conn:
        owed_again.free(conn, wanjiku, (book_id, seq), at=at, chance=savers.till.chance)
        back = holds.reverse(conn, book_id, seq, holds.Request("take_back", "x", at), at=at, chance=savers.till.chance)
        owed_again.owe_again(conn, wanjiku, (book_id, seq), (back.book_id, back.seq))
    assert (hers(savers).state, hers(savers).left_cents) == ("running", 5_500_00)
    assert savers.held("loan", "Wanjiku") == 5_000_00 and of_group(savers, "loan_interest") == 0
    savers.runs()
    assert savers.sound()


def test_who_leaves_takes_no_loan_along(savers: Cycle) -> None:
    borrows(savers, 1_500_00)
    wanjiku, at = savers.members["Wanjiku"], savers.wiring.now()
    user_id = savers.value("SELECT user_id FROM chama_members WHERE id = %s", wanjiku)
    means = leaving.terms(savers.conn, wanjiku)
    assert (means.now_cents, means.owed_cents) == (2_000_00 - 1_650_00, 1_650_00)
    with savers.conn.transaction():
        motion = leaving.ask(savers.conn, savers.chama_id, by_user_id=user_id, at=at)
    for name in ("Chebet", "Juma"):
        with savers.conn.transaction():
            digest = motions.by_id(savers.conn, motion.id).digest
            motions.vote(savers.conn, motion.id, word(savers.conn, savers.members[name], digest, at=at))
    savers.runs()
    # Out of what she saved; the interest of months that had not begun is nobody's.
    assert savers.told("loan_set_off") == ["Wanjiku"] and hers(savers).state == "repaid"
    assert savers.held("loan", "Wanjiku") == 0 and of_group(savers, "loan_interest") == 150_00
    assert savers.held("refund", "Wanjiku") == 350_00 and savers.sound()


def test_a_group_that_ends_sets_its_loans_off(savers: Cycle) -> None:
    borrows(savers, 6_000_00)
    said = sharing.look(savers.conn, savers.chama_id, bands=savers.wiring.payout_bands)
    with savers.wiring.transaction() as conn:
        lifecycle.cancel(conn, savers.chama_id, at=savers.wiring.now())
    savers.runs()
    as_said(savers, said)
    # All she saved went towards it; the rest stays the group's claim on her, and she has no part in what is left.
    assert savers.held("member", "Wanjiku") == 0 and savers.held("loan", "Wanjiku") == 4_000_00
    assert savers.held("refund", "Wanjiku") == 0 and hers(savers).left_cents == 4_600_00
    given = {name: savers.held("refund", name) for name in savers.members if name != "Wanjiku"}
    # 10,000 came in, 6,000 and M-PESA's charge left, and four have a claim of 2,000 each.
    assert 3_900_00 < sum(given.values()) <= 4_000_00 and max(given.values()) - min(given.values()) <= 100
    assert savers.sound()
    # What she brings late is taken, up to what she owes.
    savers.pays("Wanjiku", 4_600)
    savers.waits(2 * HOUR)
    assert (hers(savers).state, savers.held("loan", "Wanjiku")) == ("repaid", 0)
    assert savers.sound()


@pytest.mark.parametrize("seed", range(3))
def test_a_share_out_is_what_was_said_to_the_cent(savers: Cycle, seed: int) -> None:
    chance = random.Random(seed)
    for name in savers.members:
        savers.pays(name, chance.randint(10, 900))
    borrows(savers, 100_00 * chance.randint(1, 30))
    # Interest and a fine are the group's own; of an odd sum somebody has a cent more.
    pays_loan(savers, chance.choice([20, 700, 4_000]))
    said = sharing.look(savers.conn, savers.chama_id, bands=savers.wiring.payout_bands)
    shares = {one.name: one.shared_cents for one in said.lines}
    with savers.wiring.transaction() as conn:
        lifecycle.cancel(conn, savers.chama_id, at=savers.wiring.now())
    savers.runs()
    as_said(savers, said)
    assert said.left_cents >= 0 and min(shares.values()) >= 0 and savers.sound()
    if sum(shares.values()):
        weights = {one.name: one.own_cents for one in said.lines}
        assert divide(sum(shares.values()), weights) == shares
