"""Who is on her way out and pays no more rounds: what she owes of the open one follows her, and nothing else does."""

from chamas.course.motions import How
from chamas.dues import reminders
from chamas.rulebook.rules import Penalty as Kind
from tests.chamas.a_cycle import Cycle
from tests.chamas.test_defaults import HOUR, status
from tests.chamas.test_leaving import leaves, pay_all


def test_what_she_does_not_pay_on_her_way_out_fines_her_not_nor_reminds_her_nor_puts_her_in_default(
    cycle: Cycle,
) -> None:
    cycle.rules(penalty=Kind.FLAT, penalty_cents=100_00, default_after=1)
    pay_all(cycle)
    assert leaves(cycle, "Wanjiku", "Amina", "Juma").how is How.BEFORE_TURN
    for name in ("Amina", "Baraka", "Juma"):
        cycle.pays(name, 500)
    closes = cycle.value("SELECT closes_at FROM rounds WHERE state = 'active'")
    cycle.clock.advance((closes - cycle.wiring.now()).total_seconds() - HOUR)
    reminders.remind_due(cycle.wiring)
    assert cycle.told("reminder") == ["Chebet"]
    for _hour in range(4):
        cycle.waits(HOUR)
    assert (cycle.told("fined"), cycle.told("fine_waived")) == (["Chebet"], [])
    assert [status(cycle, name) for name in ("Chebet", "Wanjiku")] == ["defaulted", "active"]
    # It is owed all the same, and comes out of what the round of her turn gives back.
    assert cycle.owes("Wanjiku") == 500_00 and cycle.sound()
