"""A round's money reaches its payee: asked for by the calendar, never more than is in, never twice."""

import random
from datetime import timedelta

import pytest
from psycopg import errors

from chamas.approving.approvals import Vote
from chamas.course import lifecycle, orders
from chamas.course.orders import OrderKind
from chamas.dues import owing, pots, setting_off
from chamas.dues.pots import MoreThanThePot, Pot, next_payment
from chamas.members import register
from chamas.members.register import MemberStatus
from chamas.payouts import disbursements, disbursing, round_payouts
from chamas.payouts.round_payouts import PayeeGone, PayeeInDefault
from chamas.rulebook.rules import ShortPot
from ledger.refusals import Refusal
from payments import payouts
from payments.charges import TARIFF, cost
from payments.payouts.orders import LEAST_CENTS, MOST_CENTS
from tests.chamas.a_cycle import Cycle
from tests.drills.fuse import dies_everywhere
from tests.instruments import SeededChance

WEEK = 7 * 86_400.0


def charge(cents: int) -> int:
    return cost(cents).charge_cents


def closed_early(cycle: Cycle) -> None:
    """The chairperson asks for it, and another official says the same."""
    chair, other = (
        cycle.value("SELECT user_id FROM chama_members WHERE id = %s", cycle.members[name])
        for name in ("Amina", "Juma")
    )
    with cycle.wiring.transaction() as conn:
        order = orders.ask(conn, cycle.chama_id, OrderKind.CLOSE_ROUND, by_user_id=chair, at=cycle.wiring.now())
        orders.agree(conn, order.id, by_user_id=other, at=cycle.wiring.now())
    cycle.runs()


def test_a_pot_is_paid_out_once_however_its_money_comes() -> None:
    chance = random.Random(20261121)
    for _ in range(1_000):
        policy = chance.choice(list(ShortPot))
        due = chance.randint(1, 40) * chance.choice((50_00, 500_00, 20_000_00))
        fines = chance.choice((0, due // 7, due)) if policy is ShortPot.RESERVE else 0
        collected = promised = 0

        def now() -> Pot:
            return Pot(due, collected, promised, max(0, fines - max(0, promised - collected)))  # noqa: B023

        while collected < due or next_payment(now(), policy, 10**12, charge):
            collected = min(due, collected + chance.choice((0, 1, due // 3 + 1, due)))
            spendable = chance.choice((0, chance.randint(0, due), 10**12))
            amount = next_payment(now(), policy, spendable, charge)
            if amount == 0:
                continue
            assert amount % 100 == 0 and LEAST_CENTS <= amount <= MOST_CENTS
            assert amount + charge(amount) <= min(spendable, due - promised)
            assert promised + amount + charge(amount) <= collected + fines
            assert policy is not ShortPot.WAIT or collected == due
            if chance.random() < 0.7:  # otherwise somebody said no, and it is asked anew
                promised += amount + charge(amount)
        assert promised <= collected == due
        # What stays is less than M-PESA pays out, with what it takes for that.
        assert due - promised < LEAST_CENTS + charge(MOST_CENTS)


def test_a_pot_that_waits_is_not_paid_in_parts_for_want_of_a_float() -> None:
    whole = Pot(4_500_00, 4_500_00, 0)
    assert next_payment(whole, ShortPot.WAIT, 4_000_00, charge) == 0
    assert next_payment(whole, ShortPot.TOP_UP, 4_000_00, charge) == 3_991_00
    assert next_payment(whole, ShortPot.WAIT, 4_500_00, charge) == 4_491_00
    assert next_payment(Pot(4_500_00, 3_000_00, 0), ShortPot.WAIT, 9_000_00, charge) == 0


def test_a_rounds_money_is_asked_for_agreed_on_and_sent_once(cycle: Cycle) -> None:
    for name in cycle.members:
        cycle.pays(name, 500)
    cycle.runs()
    assert cycle.requests() == []  # not before the round is over
    cycle.waits(WEEK)
    [(request, payee, amount, state)] = cycle.requests()
    assert (payee, amount, state) == ("Amina", 2_491_00, "pending")
    assert cycle.told("payout_asked") == ["Chebet", "Juma"]  # the officials, without the payee
    with pytest.raises(MoreThanThePot):
        cycle.ask(LEAST_CENTS)
    cycle.agrees(request)
    assert sorted(cycle.told("payout_coming")) == sorted(cycle.members)
    assert cycle.arrives(request) == 2_491_00
    cycle.waits(WEEK)
    # Nothing is left of it, and nobody can ask for more of it while the group has other money.
    cycle.pays("Baraka", 500)
    assert cycle.due_pots() == [2] and cycle.held("paid_out", "Amina") == 2_491_00
    with pytest.raises(MoreThanThePot):
        cycle.ask(LEAST_CENTS)
    with pytest.raises(MoreThanThePot):
        cycle.ask(LEAST_CENTS, payee="Baraka")
    assert cycle.sound()


def test_a_worker_that_dies_at_any_statement_asks_once(cycle: Cycle) -> None:
    for name in ("Baraka", "Wanjiku", "Chebet", "Juma"):
        cycle.pays(name, 500)
    cycle.closes()
    died = dies_everywhere(cycle.wiring, round_payouts.follow_due)
    # Amina owes her own 500: out of her pot, and in it again.
    assert died > 15 and cycle.owes("Amina") == 0 and cycle.value("SELECT sum(set_off_cents) FROM rounds") == 500_00
    assert [line[1:] for line in cycle.requests()] == [("Amina", 1_991_00, "pending")]
    assert cycle.told("set_off_from_pot") == ["Amina"] and cycle.sound()


def test_a_refused_payout_leaves_room_for_another_set_off(cycle: Cycle) -> None:
    """What is promised of the pot comes to the very sum that it was when she was set off before: another request."""
    for name in ("Baraka", "Wanjiku", "Chebet", "Juma"):
        cycle.pays(name, 500)
    cycle.closes()
    request = cycle.ask(next(cents for cents in range(400_00, 500_00, 100) if cents + charge(cents) == 500_00))
    at, hers = cycle.wiring.now(), cycle.members["Amina"]
    round_id = cycle.value("SELECT id FROM rounds WHERE number = 1")

    def set_off() -> int:
        with cycle.conn.transaction():
            return setting_off.from_pot(cycle.conn, round_id, hers, at=at, chance=cycle.till.chance)

    assert set_off() == 500_00
    cycle.conn.execute("UPDATE disbursement_requests SET state = 'rejected' WHERE id = %s", [request.id])
    cycle.conn.execute("UPDATE rounds SET state = 'expired', closed_at = %s WHERE number = 2", [at])
    assert set_off() == 0  # officials closed it early: what is missing of it is not due yet
    begun = at - timedelta(hours=1)
    cycle.conn.execute("UPDATE rounds SET opens_at = %s, closes_at = %s WHERE number = 2", [begun, at])
    assert pots.promised(cycle.conn, round_id) == 500_00  # as before the first
    assert set_off() == 500_00 and cycle.value("SELECT set_off_cents FROM rounds WHERE id = %s", round_id) == 1_000_00
    assert cycle.held("paid_out", "Amina") == 1_000_00  # an entry of its own, not the first one's again


def test_what_the_payee_owes_comes_out_of_her_pot_once_she_is_late(cycle: Cycle) -> None:
    cycle.rules(grace_hours=24)
    cycle.waits(WEEK)  # round 2 opens under them; nobody paid round 1
    for name in ("Amina", "Wanjiku", "Chebet", "Juma"):
        cycle.pays(name, 1_000)
    cycle.waits(WEEK)
    # Round 1 is whole but for Baraka's part, and so is round 2, which is hers: until she is late it waits for her.
    assert [(payee, amount) for _, payee, amount, _ in cycle.requests()] == [("Amina", 1_991_00)]
    cycle.waits(25 * 3_600.0)
    assert cycle.owes("Baraka") == 0 and cycle.held("paid_out", "Baraka") == 1_000_00
    # Her 500 of round 1 went to Amina's pot; of her own round 2,500 are in and 1,000 of them were set off.
    assert [(payee, amount) for _, payee, amount, _ in cycle.requests()][1:] == [("Baraka", 1_495_00)]
    assert cycle.sound()


def test_a_round_is_asked_for_once_at_a_time(cycle: Cycle) -> None:
    for name in cycle.members:
        cycle.pays(name, 500)
    with pytest.raises(MoreThanThePot):  # it is not over
        cycle.ask(100_00)
    cycle.closes()
    first = cycle.ask(100_00)
    with pytest.raises(errors.UniqueViolation):
        cycle.ask(100_00)
    cycle.says("Juma", first.id, Vote.REJECT, reason=3)
    disbursing.follow_due(cycle.wiring)
    assert cycle.ask(100_00).state == "pending"


@pytest.mark.parametrize(
    ("status", "why"), [(MemberStatus.WITHDRAWN, PayeeGone), (MemberStatus.DEFAULTED, PayeeInDefault)]
)
def test_a_payee_who_cannot_be_paid_is_told_of_in_words(cycle: Cycle, status: MemberStatus, why: type[Refusal]) -> None:
    for name in cycle.members:
        cycle.pays(name, 500)
    cycle.closes()
    register.move_member(cycle.conn, cycle.members["Amina"], status)
    for _ in range(3):
        cycle.clock.advance(86_400.0)
        while round_payouts.follow_due(cycle.wiring):
            pass
    assert cycle.requests() == [] and cycle.told("pot_stuck") == ["Chebet", "Juma"]
    assert (
        cycle.value("SELECT DISTINCT arguments ->> 'why' FROM notifications WHERE template = 'pot_stuck'") == why.words
    )
    # A round of a group that moved in has no payee: nobody ever looks.
    cycle.conn.execute("UPDATE rounds SET payee_member_id = NULL, turn = NULL, pot_due_at = NULL")
    cycle.waits(WEEK)
    assert cycle.value("SELECT count(*) FROM rounds WHERE pot_due_at IS NOT NULL AND payee_member_id IS NULL") == 0


def test_after_a_no_somebody_asks_anew_and_after_silence_the_calendar(cycle: Cycle) -> None:
    for name in cycle.members:
        cycle.pays(name, 500)
    cycle.waits(WEEK)
    [(first, *_)] = cycle.requests()
    cycle.waits(4 * 86_400.0)
    cycle.waits(600)
    (_, _, _, expired), (second, _, amount, asked) = cycle.requests()
    assert (expired, asked, amount) == ("rejected", "pending", 2_491_00) and first != second
    assert round_payouts.stopped(cycle.conn, cycle.chama_id) == []
    cycle.says("Juma", second, Vote.REJECT, reason=3)
    cycle.waits(2 * 86_400.0)
    assert [state for *_, state in cycle.requests()] == ["rejected", "rejected"]
    [(round_id, number, name)] = round_payouts.stopped(cycle.conn, cycle.chama_id)
    assert (number, name) == (1, "Amina")
    with cycle.conn.transaction():
        again = {"by_member_id": cycle.members["Juma"], "at": cycle.wiring.now(), "bands": TARIFF}
        third = round_payouts.ask_anew(cycle.conn, round_id, **again)
    assert third.amount_cents == 2_491_00 and third.asker_name == "Juma"
    # Money that is taken back before all have agreed takes the payout with it.
    cycle.conn.execute("UPDATE allocations SET amount_cents = 1 WHERE member_id = %s", [cycle.members["Wanjiku"]])
    cycle.agrees(third.id, others=("Chebet", "Baraka"))
    assert cycle.value("SELECT reason FROM disbursement_requests ORDER BY id DESC LIMIT 1") == "more_than_the_pot"


def test_a_group_that_is_called_off_traps_nothing_that_the_calendar_asked_for(cycle: Cycle) -> None:
    """The public bug: a cancelled group keeps the money. Here each gets back what she paid, and the pot is nobody's."""
    for name in cycle.members:
        cycle.pays(name, 500)
    cycle.waits(WEEK)
    assert [state for *_, state in cycle.requests()] == ["pending"]
    with cycle.conn.transaction():
        register.lock_chama(cycle.conn, cycle.chama_id)
        lifecycle.cancel(cycle.conn, cycle.chama_id, at=cycle.wiring.now())
    cycle.waits(600)
    assert [state for *_, state in cycle.requests()] == ["rejected"] and cycle.due_pots() == []
    given = cycle.conn.execute("SELECT amount_cents + charge_cents, state FROM refunds").fetchall()
    assert given == [(500_00, "ordered")] * 5 and cycle.sound()


def test_a_debt_is_counted_once_wherever_it_is_said(cycle: Cycle) -> None:
    """The public bug: what is missing of a round is asked for again with the next one."""
    others = [name for name in cycle.members if name != "Baraka"]
    for _ in range(2):
        for name in others:
            cycle.pays(name, 500)
        cycle.clock.advance(WEEK)
        while lifecycle.go_on(cycle.wiring):
            pass
    baraka = cycle.members["Baraka"]
    dues = owing.dues(cycle.conn, baraka, cycle.wiring.now())
    assert (dues.owed_cents, dues.arrears_cents, setting_off.owed(cycle.conn, baraka)) == (1_500_00, 1_000_00, 1_000_00)
    assert owing.reckoned(cycle.conn, baraka).why == "3 x 500"
    missing = cycle.conn.execute("SELECT id FROM rounds ORDER BY number").fetchall()
    assert [pots.pot(cycle.conn, one).due_cents for (one,) in missing] == [2_500_00] * 3
    cycle.pays("Baraka", 1_500)
    dues = owing.dues(cycle.conn, baraka, cycle.wiring.now())
    assert (dues.owed_cents, dues.credit_cents, cycle.held("member", "Baraka")) == (0, 0, 1_500_00)


def test_what_was_agreed_on_does_not_leave_when_mpesa_says_meanwhile_that_the_first_was_paid(cycle: Cycle) -> None:
    for name in cycle.members:
        cycle.pays(name, 500)
    cycle.waits(WEEK)
    [(first, _, cents, _)] = cycle.requests()
    cycle.agrees(first)
    with cycle.wiring.transaction() as conn:
        payout_id = disbursements.by_id(conn, first).payout_id
        assert payout_id is not None
        payouts.withdraw(conn, payout_id, reason="2040", at=cycle.wiring.now(), chance=SeededChance(9))
    cycle.runs()
    cycle.ask(cents)
    (_, *_, before), (again, *_) = cycle.requests()
    assert before == "failed"
    cycle.agrees(again, ("Juma", "Baraka"))
    assert cycle.requests()[1][3] == "approved"
    cycle.conn.execute("UPDATE disbursement_requests SET state = 'completed' WHERE id = %s", [first])
    cycle.waits(3_601)
    ended = disbursements.by_id(cycle.conn, again)
    assert (ended.state, ended.reason) == ("rejected", MoreThanThePot.code)


def test_a_payee_who_owes_a_shilling_hears_of_it_and_is_asked_for_as_soon_as_she_has_paid(cycle: Cycle) -> None:
    """An official closes the round before its time; what the payee owes lands, and nobody waits for the calendar."""
    for name in ("Baraka", "Wanjiku", "Chebet", "Juma"):
        cycle.pays(name, 500)
    cycle.pays("Amina", 499)
    cycle.conn.execute("UPDATE rule_sets SET grace_seconds = 86400")
    closed_early(cycle)
    for _ in range(2):
        cycle.waits(3_600)
    assert cycle.requests() == [] and cycle.told("pot_waits") == ["Amina", "Chebet", "Juma"]
    cycle.pays("Amina", 1)
    cycle.runs()
    assert [line[1:] for line in cycle.requests()] == [("Amina", 2_491_00, "pending")]


def test_what_the_payee_owes_is_taken_out_once_it_is_late_by_the_calendar_however_early_the_end(cycle: Cycle) -> None:
    for name in ("Baraka", "Wanjiku", "Chebet", "Juma"):
        cycle.pays(name, 500)
    cycle.conn.execute("UPDATE rounds SET closes_at = closes_at + interval '30 days'")
    cycle.conn.execute("UPDATE rule_sets SET grace_seconds = 86400")
    closed_early(cycle)
    cycle.waits(31 * 86_400)
    assert cycle.requests() == [] and cycle.told("set_off_from_pot") == []
    cycle.waits(7 * 86_400)
    assert cycle.told("set_off_from_pot") == ["Amina"]
