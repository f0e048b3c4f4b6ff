"""Substitution: a place passes with its turn, its money and its debts, and the statements of both say so."""

import pytest

from chamas.approving.approvals import Vote
from chamas.arriving import cash
from chamas.course import departing, leaving, motions, substitution
from chamas.course.leaving import OfficeNeeded
from chamas.course.motions import Motion
from chamas.course.substitution import MoneyUnderWay, OnlyFromHerPhone, WasAMember
from chamas.cycle import places
from chamas.dues import holdings, setting_off
from chamas.entrance import invitations, joining
from chamas.entrance.invitations import InvitationAnswered
from chamas.members.refusals import AlreadyAsked, AlreadyJoined, NotNow, NotRecruiting, OfficialsOnly
from chamas.persons import erasure
from payments.payers import Payers
from tests.chamas.a_cycle import Cycle
from tests.chamas.test_defaults import DAY, EVERYBODY, HOUR, left_a_deposit, status
from tests.chamas.test_leaving import asked_for, pay_all, say, user_of
from tests.drills.fuse import Death, Fuse, MortalWiring
from tests.instruments import SeededChance

PHONE = "+254700000050"


def offers(
    cycle: Cycle, whose: str, *, by: str = "", phone: str = PHONE, name: str = "Zainabu", seed: int = 5
) -> Motion:
    number = cycle.value("SELECT number FROM chama_members WHERE id = %s", cycle.members[whose])
    with cycle.wiring.transaction() as conn:
        made = substitution.offer(
            conn,
            cycle.chama_id,
            by_user_id=user_of(cycle, by or whose),
            number=number if by else None,
            phone=phone,
            first_name=name,
            language="sw",
            at=cycle.wiring.now(),
            chance=SeededChance(seed),
        )
    assert made.other_id is not None
    cycle.members[name] = made.other_id
    return made


def takes(cycle: Cycle, motion: Motion, name: str = "Zainabu", *, yes: bool = True) -> None:
    answer = substitution.accept if yes else substitution.decline
    assert motion.invitation_id is not None
    with cycle.wiring.transaction() as conn:
        answer(conn, motion.invitation_id, user_id=user_of(cycle, name), at=cycle.wiring.now())
    cycle.runs()


def state_of(cycle: Cycle, motion: Motion) -> tuple[str, str | None]:
    found = motions.by_id(cycle.conn, motion.id)
    return str(found.state), found.reason


def test_a_place_passes_with_its_turn_its_money_and_its_debts(cycle: Cycle) -> None:
    pay_all(cycle)  # Amina's round
    left_a_deposit(cycle, "Wanjiku", 750_00)
    cycle.pays("Wanjiku", 300)
    pay_all(cycle, "Wanjiku")  # Baraka's: she owes 200 of it
    cycle.pays("Juma", 500)
    order = [(one.position, one.first_name) for one in places.everybody(cycle.conn, cycle.chama_id)]
    motion = offers(cycle, "Wanjiku")
    assert (motion.paid_in_cents, motion.received_cents, motion.owed_cents) == (1_550_00, 0, 200_00)
    cycle.runs()
    assert cycle.told("place_offered") == ["Zainabu"]
    assert cycle.told("substitution_asked") == ["Amina", "Chebet", "Juma"]
    say(cycle, motion, "Amina", "Juma")
    cycle.runs()
    # Nobody is in by the yes of others alone, nor by the way that others come in.
    assert (state_of(cycle, motion)[0], status(cycle, "Zainabu"), cycle.held("member", "Zainabu")) == (
        "asked", "invited", 0,
    )  # fmt: skip
    with pytest.raises(NotRecruiting):
        joining.accept(cycle.conn, motion.invitation_id or 0, user_id=user_of(cycle, "Zainabu"), at=cycle.wiring.now())
    with pytest.raises(OnlyFromHerPhone):
        takes(cycle, motion, "Baraka")
    takes(cycle, motion)
    assert state_of(cycle, motion) == ("done", None)
    assert (status(cycle, "Wanjiku"), status(cycle, "Zainabu")) == ("withdrawn", "active")
    # All of it stands under her name now: in the accounts, in what is owed, and in the order.
    assert [cycle.held(kind, "Wanjiku") for kind in ("member", "deposit", "paid_out")] == [0, 0, 0]
    assert [cycle.held(kind, "Zainabu") for kind in ("member", "deposit")] == [800_00, 750_00]
    assert setting_off.owed(cycle.conn, cycle.members["Zainabu"]) == 200_00
    taken = [(place, "Zainabu" if name == "Wanjiku" else name) for place, name in order]
    assert [(one.position, one.first_name) for one in places.everybody(cycle.conn, cycle.chama_id)] == taken
    # Both statements are true: what she paid and gave on; what the other took over.
    [given, *before] = holdings.moves(cycle.conn, cycle.members["Wanjiku"], limit=10)
    assert (given.paid_in_cents, given.after.paid_in_cents) == (-1_550_00, 0)
    assert [one.paid_in_cents for one in before] == [300_00, 750_00, 500_00]
    [got] = holdings.moves(cycle.conn, cycle.members["Zainabu"], limit=10)
    assert (got.paid_in_cents, got.seq) == (1_550_00, given.seq)
    assert cycle.told("place_given") == ["Wanjiku"] and cycle.told("place_taken") == ["Zainabu"]
    assert cycle.told("place_taken_over") == sorted({*EVERYBODY} - {"Wanjiku"})
    assert cycle.sound()
    # Her turn is the next: her own debt comes out of it, and the cycle goes on as if nothing had been.
    assert asked_for(cycle) == dict.fromkeys(("Amina", "Baraka", "Chebet", "Juma", "Zainabu"), 500)
    cycle.pays("Zainabu", 700)
    pay_all(cycle, "Juma", "Zainabu")
    assert cycle.held("paid_out", "Zainabu") == 2_500_00 - 9_00 and cycle.owes("Zainabu") == 0
    assert [cycle.held("member", name) for name in ("Amina", "Zainabu")] == [1_500_00, 1_500_00]
    # Who gave it away is in no group any more: she can be forgotten, and the books stay as they are.
    cycle.conn.execute("UPDATE notifications SET state = 'delivered', due_at = NULL")
    wanjiku = user_of(cycle, "Wanjiku")
    with cycle.wiring.transaction() as conn:
        erasure.erase_person(
            conn, wanjiku, reason="asked", asked_by=None, at=cycle.wiring.now(), payers=Payers(b"k" * 32)
        )
    told = cycle.value("SELECT count(*) FROM notifications WHERE arguments::text LIKE %s", "%Wanjiku%")
    assert told == 0 and cycle.sound()


def test_a_place_that_was_paid_passes_with_what_it_got(cycle: Cycle) -> None:
    pay_all(cycle)
    pay_all(cycle)  # Baraka has been paid
    # Who asks is an official: Baraka must agree himself.
    motion = offers(cycle, "Baraka", by="Chebet")
    assert (motion.received_cents, cycle.held("paid_out", "Baraka")) == (2_491_00, 2_491_00)
    takes(cycle, motion)
    say(cycle, motion, "Amina", "Juma")
    cycle.runs()
    assert state_of(cycle, motion) == ("asked", None) and cycle.told("place_proposed") == ["Baraka"]
    say(cycle, motion, "Baraka")
    # The worker dies on the way, again and again: the place passes once, or not at all.
    mortal = MortalWiring(cycle.wiring.settings, "worker", cycle.clock, SeededChance(), fuse=Fuse())
    deaths = 0
    for statement in range(3, 120, 5):
        mortal.fuse.light(statement)
        cycle.conn.execute("UPDATE motions SET due_at = %s WHERE state = 'going'", [cycle.wiring.now()])
        try:
            departing.follow_due(mortal)
        except Death:
            deaths += 1
        finally:
            mortal.fuse.light(None)
        assert {cycle.held("paid_out", "Baraka"), cycle.held("paid_out", "Zainabu")} == {0, 2_491_00}
    mortal.close()
    assert deaths > 4
    cycle.runs()
    assert (state_of(cycle, motion)[0], cycle.held("paid_out", "Zainabu"), cycle.held("paid_out", "Baraka")) == (
        "done", 2_491_00, 0,
    )  # fmt: skip
    # She pays the cycle to its end, as agreed when it began, and is not paid in it a second time.
    hers = next(one for one in places.everybody(cycle.conn, cycle.chama_id) if one.first_name == "Zainabu")
    assert hers.served and leaving.terms(cycle.conn, hers.member_id).rounds_left == 3
    assert asked_for(cycle)["Zainabu"] == 500 and cycle.sound()


def test_nobody_takes_over_worse_than_she_was_told_nor_money_on_its_way(cycle: Cycle) -> None:
    pay_all(cycle)
    cycle.waits(5 * DAY)
    owed = offers(cycle, "Wanjiku")
    say(cycle, owed, "Amina", "Juma")
    cycle.waits(3 * DAY)  # Baraka's round is over, and she has not paid it
    takes(cycle, owed)
    assert state_of(cycle, owed)[0] == "refused" and status(cycle, "Zainabu") == "withdrawn"
    assert cycle.told("place_stays") == ["Wanjiku", "Zainabu"]
    cycle.pays("Wanjiku", 500)
    # The place is offered anew, to the same woman, who never was in the group.
    again = offers(cycle, "Wanjiku", seed=6)
    cash.record(
        cycle.conn, by_user_id=user_of(cycle, "Juma"), chama_id=cycle.chama_id, number=3, amount_cents=100_00,
        at=cycle.wiring.now(),
    )  # fmt: skip
    say(cycle, again, "Amina", "Juma")
    takes(cycle, again)
    assert (state_of(cycle, again)[0], cycle.held("member", "Wanjiku")) == ("going", 1_000_00)
    with pytest.raises(MoneyUnderWay):
        substitution.require_free(cycle.conn, cycle.members["Wanjiku"], at=cycle.wiring.now())
    with cycle.conn.transaction():
        claim = cycle.value("SELECT id FROM cash_claims")
        cash.confirm(
            cycle.conn, claim, user_id=user_of(cycle, "Wanjiku"), said_cents=100_00, at=cycle.wiring.now(),
            chance=cycle.till.chance,
        )  # fmt: skip
    cycle.waits(HOUR)
    assert (state_of(cycle, again)[0], cycle.held("member", "Zainabu")) == ("done", 1_100_00)
    assert cycle.sound()


def test_who_may_offer_a_place_and_who_may_not_take_it(cycle: Cycle) -> None:
    with pytest.raises(AlreadyJoined):
        offers(cycle, "Wanjiku", phone="+254700000002")
    with pytest.raises(OfficialsOnly):
        offers(cycle, "Wanjiku", by="Baraka")
    first = offers(cycle, "Wanjiku")
    # Asked twice it is asked once, and nobody is invited to two places.
    assert offers(cycle, "Wanjiku", name="Zainabu").id == first.id
    with pytest.raises(AlreadyAsked):
        offers(cycle, "Baraka")
    takes(cycle, first, yes=False)
    assert state_of(cycle, first) == ("refused", "who was invited does not take the place")
    with pytest.raises(NotNow):
        takes(cycle, first)
    second = offers(cycle, "Wanjiku", seed=7)
    with cycle.wiring.transaction() as conn:
        substitution.take_back(conn, second.id, by_member_id=cycle.members["Wanjiku"], at=cycle.wiring.now())
    assert status(cycle, "Zainabu") == "withdrawn"
    assert invitations.find(cycle.conn, second.invitation_id or 0).state == "withdrawn"
    third = offers(cycle, "Wanjiku", seed=8)
    takes(cycle, third)
    with pytest.raises(InvitationAnswered):
        takes(cycle, third)
    say(cycle, third, "Amina", vote=Vote.REJECT, reason=3)
    cycle.runs()
    assert state_of(cycle, third)[0] == "refused"
    # Who is leaving gives no place away; who was in the group takes none; and officials hand over first.
    with cycle.wiring.transaction() as conn:
        leaving.ask(conn, cycle.chama_id, by_user_id=user_of(cycle, "Wanjiku"), at=cycle.wiring.now())
    with pytest.raises(NotNow):
        offers(cycle, "Wanjiku", seed=9)
    cycle.conn.execute("UPDATE chama_members SET status = 'withdrawn' WHERE id = %s", [cycle.members["Wanjiku"]])
    with pytest.raises(WasAMember):
        offers(cycle, "Baraka", phone="+254700000003", name="Wanjiku")
    cycle.conn.execute("UPDATE chama_members SET role = 'member' WHERE id = %s", [cycle.members["Juma"]])
    with pytest.raises(OfficeNeeded):
        offers(cycle, "Chebet", seed=10)
    assert cycle.sound()
