"""Fines: assessed once for each cause, settled in the order of the rules, disputed, waived, and in the books."""

from dataclasses import replace

import pytest

from chamas.approving.approvals import NOT_AGREED, Proof, Vote
from chamas.course import lifecycle
from chamas.dues import fining, owed_again, owing, penalties
from chamas.dues.owing import Split
from chamas.dues.penalties import Penalty
from chamas.members.refusals import FineSettled, NotYourFine
from chamas.rulebook.calendar import Frequency
from chamas.rulebook.rules import Penalty as Kind
from chamas.rulebook.rules import Rules
from gateway.api import agreed
from ledger import holds
from ledger.books import account_id, balance
from ledger.moves import ForbiddenMove
from tests.chamas.a_cycle import Cycle
from tests.drills.fuse import dies_everywhere
from tests.words import word

HOUR, DAY = 3_600.0, 86_400.0
PIN = Proof.PIN


def late_wanjiku(cycle: Cycle, **rules: object) -> None:
    """Round 2 asks for its KES 500 with a day's grace; only Wanjiku has not paid it when the next day is over."""
    cycle.rules(**{"grace_hours": 24, "penalty": Kind.FLAT, "penalty_cents": 100_00, **rules})
    for name in cycle.members:
        cycle.pays(name, 500)
    cycle.waits(7 * DAY)
    for name in cycle.members:
        if name != "Wanjiku":
            cycle.pays(name, 500)
    cycle.clock.advance(8 * DAY + HOUR)


def fines(cycle: Cycle) -> int:
    found = account_id(cycle.conn, cycle.village.book_id, "fines")
    return 0 if found is None else balance(cycle.conn, found)


def hers(cycle: Cycle) -> Penalty:
    [one] = penalties.of_member(cycle.conn, cycle.members["Wanjiku"])
    return one


def test_what_being_late_costs() -> None:
    flat = Rules(1_000_00, Frequency.WEEKLY, penalty=Kind.FLAT, penalty_cents=100_00)
    percent = replace(flat, penalty=Kind.PERCENT, penalty_percent=7)
    assert [fining.fine_for(flat, 1_000_00, owed) for owed in (0, 900_00)] == [100_00, 100_00]
    assert [fining.fine_for(percent, due, 0) for due in (1_000_00, 999_00, 10_00)] == [70_00, 69_00, 0]
    capped = replace(flat, penalty_cap_cents=250_00)
    assert [fining.fine_for(capped, 1_000_00, owed) for owed in (0, 200_00, 300_00)] == [100_00, 50_00, 0]
    assert fining.fine_for(replace(flat, penalty=Kind.NONE), 1_000_00, 0) == 0


def test_a_worker_that_dies_at_any_statement_fines_once(cycle: Cycle) -> None:
    late_wanjiku(cycle)
    while lifecycle.go_on(cycle.wiring):
        pass
    assert dies_everywhere(cycle.wiring, fining.go_on) > 8
    assert (hers(cycle).due_cents, hers(cycle).round_number, hers(cycle).state) == (100_00, 2, "due")
    assert cycle.told("fined") == ["Wanjiku"]
    # Two rounds and the fine, said as people say it, and before her yes what the money settles.
    wanjiku, at = cycle.members["Wanjiku"], cycle.wiring.now()
    owed = owing.dues(cycle.conn, wanjiku, at)
    assert owing.reckoned(cycle.conn, wanjiku).why.endswith("x 500 + fine 100")
    assert owed.owed_cents == owing.reckoned(cycle.conn, wanjiku).owed_cents
    assert owed.split(350_00) == Split(250_00, 0, 0, 100_00)
    cycle.pays("Wanjiku", 30)
    cycle.pays("Wanjiku", 320)
    assert (hers(cycle).state, fines(cycle)) == ("paid", 0) and cycle.sound()
    # The fine, what is left of it, and her total without what is the group's now.
    told = "SELECT arguments FROM notifications WHERE template = 'contribution_received_fined' ORDER BY id"
    said = [row[0] for row in cycle.conn.execute(told).fetchall()]
    assert [(one["fine_cents"], one["left_cents"]) for one in said] == [(30_00, 70_00), (70_00, 0)]
    assert said[1]["total_cents"] == cycle.held("member", "Wanjiku") - 100_00
    assert dies_everywhere(cycle.wiring, fining.go_on) > 3
    # Her money is the group's own, and nobody else's.
    assert fines(cycle) == 100_00 and cycle.held("member", "Wanjiku") == 750_00 and cycle.sound()
    assert fining.go_on(cycle.wiring) == 0


def test_who_paid_in_time_is_not_fined_however_late_the_proof(cycle: Cycle) -> None:
    late_wanjiku(cycle, fines_first=False, penalty=Kind.PERCENT, penalty_percent=10)
    paid_at = cycle.wiring.now()
    cycle.runs()
    assert (hers(cycle).due_cents, hers(cycle).state) == (50_00, "due")
    # After everything else, by their rules: the open round comes first.
    owed = owing.dues(cycle.conn, cycle.members["Wanjiku"], cycle.wiring.now())
    assert owed.split(1_020_00) == Split(500_00, 500_00, 0, 20_00)
    cycle.pays("Wanjiku", 1_050)
    cycle.runs()
    assert fines(cycle) == 50_00
    # As if M-PESA said of another payment, which has settled round 2 by now, that it came before that instant.
    cycle.conn.execute("UPDATE penalties SET late_at = %s", [paid_at])
    cycle.waits(DAY)
    assert (hers(cycle).state, hers(cycle).paid_cents, fines(cycle)) == ("waived", 0, 0)
    assert cycle.told("fine_waived") == cycle.told("fine_back") == ["Wanjiku"] and cycle.sound()
    assert cycle.held("member", "Wanjiku") == 1_550_00


def test_she_disputes_and_two_others_waive(cycle: Cycle) -> None:
    late_wanjiku(cycle)
    cycle.runs()
    fine, at, who = hers(cycle).id, cycle.wiring.now(), cycle.members
    with cycle.conn.transaction():
        with pytest.raises(NotYourFine):
            penalties.dispute(cycle.conn, fine, member_id=who["Juma"], at=at)
        penalties.dispute(cycle.conn, fine, member_id=who["Wanjiku"], at=at)
    with pytest.raises(FineSettled):
        penalties.dispute(cycle.conn, fine, member_id=who["Wanjiku"], at=at)
    assert cycle.told("fine_disputed") == ["Amina", "Chebet", "Juma"]
    # While it is disputed no money settles it.
    cycle.pays("Wanjiku", 1_600)
    cycle.runs()
    assert (hers(cycle).paid_cents, fines(cycle)) == (0, 0)
    seen = hers(cycle).digest
    with pytest.raises(FineSettled):  # nobody asked to waive it
        penalties.answer(cycle.conn, fine, word(cycle.conn, who["Juma"], seen, at=at))
    with cycle.conn.transaction():
        penalties.answer(cycle.conn, fine, word(cycle.conn, who["Juma"], seen, Vote.REJECT, at=at, reason=NOT_AGREED))
    assert (hers(cycle).state, cycle.told("fine_stands")) == ("due", ["Wanjiku"])
    cycle.pays("Wanjiku", 100)
    cycle.runs()
    assert (hers(cycle).state, fines(cycle)) == ("paid", 100_00)
    for nobody, reason in (("Wanjiku", 1), ("Baraka", 1), ("Amina", 9)):
        with pytest.raises((NotYourFine, FineSettled)):
            penalties.ask_waiver(cycle.conn, fine, by_member_id=who[nobody], reason=reason, at=at)
    with cycle.conn.transaction():
        asked = penalties.ask_waiver(cycle.conn, fine, by_member_id=who["Amina"], reason=2, at=at)
    for nobody in ("Amina", "Wanjiku", "Baraka"):
        with pytest.raises(NotYourFine):
            penalties.answer(cycle.conn, fine, word(cycle.conn, who[nobody], asked.digest, at=at))
    with cycle.conn.transaction():
        yes = word(cycle.conn, who["Chebet"], asked.digest, at=at)
        with pytest.raises(FineSettled):  # not what she was shown
            penalties.answer(cycle.conn, fine, replace(yes, digest=seen))
        penalties.answer(cycle.conn, fine, yes)
    before = cycle.held("member", "Wanjiku")
    cycle.runs()
    assert (hers(cycle).state, fines(cycle), cycle.held("member", "Wanjiku")) == ("waived", 0, before + 100_00)
    with pytest.raises(ForbiddenMove):
        penalties.waive(cycle.conn, hers(cycle), at=at)
    assert cycle.sound()


def test_a_fine_that_was_paid_is_spent_under_other_rules_too(cycle: Cycle) -> None:
    """Of KES 600 that came late 100 were for the fine: 500 are left for rounds, whatever these ask for."""
    late_wanjiku(cycle)
    cycle.runs()
    cycle.pays("Wanjiku", 600)
    cycle.runs()
    assert (hers(cycle).state, fines(cycle)) == ("paid", 100_00)
    cycle.pays("Wanjiku", 450)
    cycle.waits(8 * DAY)
    cycle.runs()
    shown = agreed.previewed(cycle.conn, cycle.chama_id, contribution_cents=700_00)
    number = cycle.value("SELECT number FROM chama_members WHERE id = %s", cycle.members["Wanjiku"])
    assert shown is not None
    [third] = [one for one in shown.lines if (one.round, one.member) == (3, number)]
    assert (third.paid_cents, third.due_then_cents, third.paid_then_cents) == (450_00, 700_00, 50_00)


def test_what_money_had_paid_of_a_fine_is_owed_again_when_it_is_taken_back(cycle: Cycle) -> None:
    """Whatever she paid before, and however far the fine had come: books and debts are as without the money."""
    late_wanjiku(cycle)
    cycle.runs()
    wanjiku, conn, book_id = cycle.members["Wanjiku"], cycle.conn, cycle.village.book_id

    def owes() -> tuple[int, int, int, str]:
        owed = owing.reckoned(conn, wanjiku).owed_cents
        return cycle.held("member", "Wanjiku"), fines(cycle), owed, str(hers(cycle).state)

    for shillings, beside, booked in (
        (600, 0, 1),
        (600, 0, 0),
        (60, 0, 1),
        (100, 30, 0),
        (1_500, 300, 1),
        (700, 90, 1),
    ):
        if beside:
            cycle.pays("Wanjiku", beside)
            cycle.runs()
        before = owes()
        cycle.pays("Wanjiku", shillings)
        page = conn.execute("SELECT book_id, next_seq - 1 FROM heads WHERE book_id = %s", [book_id]).fetchone()
        assert page is not None
        if booked:
            cycle.runs()
        at, chance = cycle.wiring.now(), cycle.wiring.chance
        with conn.transaction():
            owed_again.free(conn, wanjiku, page, at=at, chance=chance)
            mirror = holds.reverse(
                conn, *page, holds.Request("take_back", f"{page}", at, {}, None), at=at, chance=chance
            )
            owed_again.owe_again(conn, wanjiku, page, (mirror.book_id, mirror.seq))
        assert cycle.sound()
        cycle.runs()
        assert owes() == before, (shillings, beside, booked)


def test_a_fine_that_nobody_has_paid_lapses_when_the_group_ends(cycle: Cycle) -> None:
    late_wanjiku(cycle)
    cycle.runs()
    cycle.pays("Wanjiku", 60)
    cycle.runs()
    assert (hers(cycle).state, hers(cycle).paid_cents, fines(cycle)) == ("due", 60_00, 60_00)
    with cycle.wiring.transaction() as conn:
        lifecycle.cancel(conn, cycle.chama_id, at=cycle.wiring.now())
    cycle.runs()
    # It is owed no more, and what she had paid of it is hers again, not the group's that is no more.
    assert (hers(cycle).state, hers(cycle).paid_cents, fines(cycle)) == ("waived", 0, 0)
    assert cycle.told("fine_waived") == cycle.told("fine_back") == ["Wanjiku"] and cycle.sound()
