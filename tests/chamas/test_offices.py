"""Offices: a member is named and accepts, an official is recalled by all; no group is left without those it needs."""

import pytest

from chamas.approving.approvals import NotAsShown, NotYourVoice, Vote
from chamas.approving.approvers import TooFewApprovers
from chamas.course import motions, offices, orders
from chamas.course.leaving import OfficeNeeded
from chamas.course.motions import Motion
from chamas.course.offices import CannotHoldOffice, NobodyInOffice, TooFewOfficials
from chamas.course.orders import NotYours, OrderKind
from chamas.members.refusals import OfficialsOnly, UnknownMember
from chamas.members.register import Role
from tests.chamas.a_cycle import Cycle
from tests.chamas.test_defaults import EVERYBODY, HOUR
from tests.chamas.test_leaving import asks_to_leave, say, user_of

NUMBERS = {"Amina": 1, "Baraka": 2, "Wanjiku": 3, "Chebet": 4, "Juma": 5}


def alone(cycle: Cycle) -> None:
    """Amina is the only official, as in a group that somebody has founded."""
    cycle.conn.execute("UPDATE chama_members SET role = 'member' WHERE role <> 'chairperson'")


def names(cycle: Cycle, by: str, name: str, role: Role) -> Motion:
    with cycle.wiring.transaction() as conn:
        number, at = NUMBERS[name], cycle.wiring.now()
        made = offices.name(conn, cycle.chama_id, by_user_id=user_of(cycle, by), number=number, role=role, at=at)
    cycle.runs()
    return made


def recalls(cycle: Cycle, by: str, role: Role, successor: str | None = None) -> Motion:
    with cycle.wiring.transaction() as conn:
        number = NUMBERS[successor] if successor else None
        given = {"by_user_id": user_of(cycle, by), "role": role, "successor": number, "at": cycle.wiring.now()}
        made = offices.recall(conn, cycle.chama_id, **given)
    cycle.runs()
    return made


def held(cycle: Cycle) -> dict[str, str]:
    return dict(
        cycle.conn.execute(
            "SELECT m.role, u.first_name FROM chama_members m JOIN users u ON u.id = m.user_id WHERE m.role <> 'member'"
        ).fetchall()
    )


def became(cycle: Cycle, motion: Motion) -> tuple[str, str | None]:
    cycle.runs()
    now = motions.by_id(cycle.conn, motion.id)
    return now.state, now.reason


def test_who_founded_a_group_alone_names_a_second_official_and_both_can_end_it(cycle: Cycle) -> None:
    alone(cycle)
    with pytest.raises(OfficeNeeded):
        asks_to_leave(cycle, "Amina")
    motion = names(cycle, "Amina", "Baraka", Role.TREASURER)
    assert names(cycle, "Amina", "Baraka", Role.TREASURER) == motion
    # She is alone, so that the members with the lowest numbers decide; whoever is named accepts beside.
    assert (cycle.told("naming_asked"), cycle.told("office_offered")) == (["Chebet", "Wanjiku"], ["Baraka"])
    for name in ("Amina", "Juma"):
        with pytest.raises(NotYourVoice):
            say(cycle, motion, name)
    say(cycle, motion, "Wanjiku", "Chebet")
    assert became(cycle, motion) == ("asked", None) and held(cycle) == {"chairperson": "Amina"}
    say(cycle, motion, "Baraka")
    assert became(cycle, motion) == ("done", None)
    assert held(cycle) == {"chairperson": "Amina", "treasurer": "Baraka"}
    assert cycle.told("office_given") == sorted(EVERYBODY)
    assert cycle.value("SELECT role_since FROM chama_members WHERE role = 'treasurer'") == cycle.wiring.now()
    log = (
        "SELECT process, after ->> 'role' FROM audit_logs WHERE table_name = 'chama_members' AND 'role' = ANY(changed) "
        "AND row_key ->> 'id' = '2' AND operation = 'UPDATE'"
    )
    assert cycle.conn.execute(log).fetchall() == [("pesachama_worker", "treasurer")]
    # Neither of the two may go before there is a third, by whatever way.
    with pytest.raises(OfficeNeeded):
        asks_to_leave(cycle, "Baraka")
    with pytest.raises(TooFewOfficials):
        recalls(cycle, "Wanjiku", Role.TREASURER)
    with pytest.raises(TooFewOfficials):
        names(cycle, "Amina", "Baraka", Role.CHAIRPERSON)
    with cycle.wiring.transaction() as conn:
        ended = orders.ask(
            conn, cycle.chama_id, OrderKind.COMPLETE, by_user_id=user_of(cycle, "Amina"), at=cycle.wiring.now()
        )
        with pytest.raises(NotYours):
            orders.agree(conn, ended.id, by_user_id=user_of(cycle, "Amina"), at=cycle.wiring.now())
    cycle.runs()
    assert cycle.told("end_asked") == ["Baraka"] and cycle.value("SELECT status FROM chamas") == "active"
    with cycle.wiring.transaction() as conn:
        orders.agree(conn, ended.id, by_user_id=user_of(cycle, "Baraka"), at=cycle.wiring.now())
    cycle.runs()
    assert cycle.value("SELECT status FROM chamas") == "completed" and cycle.sound()


def test_an_office_is_handed_over_and_what_was_agreed_on_must_still_be_so(cycle: Cycle) -> None:
    with pytest.raises(OfficialsOnly):
        names(cycle, "Wanjiku", "Baraka", Role.TREASURER)
    with pytest.raises(CannotHoldOffice):
        names(cycle, "Amina", "Juma", Role.TREASURER)
    NUMBERS["nobody"] = 99
    with pytest.raises(UnknownMember):
        names(cycle, "Amina", "nobody", Role.TREASURER)
    # Juma holds the office that Wanjiku and Baraka are both proposed for: he has no voice about it.
    motion, beside = names(cycle, "Amina", "Wanjiku", Role.TREASURER), names(cycle, "Amina", "Baraka", Role.TREASURER)
    assert cycle.told("handing_asked") == ["Baraka", "Chebet", "Chebet", "Wanjiku"]
    with pytest.raises(NotYourVoice):
        say(cycle, motion, "Juma", vote=Vote.REJECT, reason=3)
    for one, named in ((motion, "Wanjiku"), (beside, "Baraka")):
        say(cycle, one, "Chebet", named, "Baraka" if named == "Wanjiku" else "Wanjiku")
    assert became(cycle, motion) == ("done", None)
    assert held(cycle) == {"chairperson": "Amina", "secretary": "Chebet", "treasurer": "Wanjiku"}
    assert cycle.told("office_handed") == sorted(EVERYBODY)
    assert became(cycle, beside) == ("refused", "the office has changed hands since it was asked")
    # She does not want it; nobody answers in time; it is taken back.
    third = names(cycle, "Amina", "Juma", Role.SECRETARY)
    say(cycle, third, "Juma", vote=Vote.REJECT, reason=3)
    assert became(cycle, third) == ("refused", "she did not accept it")
    fourth = names(cycle, "Amina", "Juma", Role.SECRETARY)
    say(cycle, fourth, "Juma")
    cycle.waits(73 * HOUR)
    assert became(cycle, fourth) == ("refused", "nobody answered in time")
    fifth = names(cycle, "Amina", "Juma", Role.SECRETARY)
    with cycle.wiring.transaction() as conn:
        motions.take_back(conn, fifth.id, by_member_id=cycle.members["Amina"], at=cycle.wiring.now())
    assert cycle.told("naming_refused") == ["Amina"] * 3
    with pytest.raises(NotAsShown):
        say(cycle, fifth, "Juma")


def test_all_members_recall_an_official_and_no_few_can_stop_it(cycle: Cycle) -> None:
    motion = recalls(cycle, "Baraka", Role.TREASURER)
    # Four whom it is not about: Baraka, who asks, and two more are more than half. Juma himself has no voice.
    assert (motion.needed, cycle.told("recall_asked")) == (2, ["Amina", "Chebet", "Wanjiku"])
    with pytest.raises(NotYourVoice):
        say(cycle, motion, "Juma", vote=Vote.REJECT, reason=3)
    say(cycle, motion, "Amina", vote=Vote.REJECT, reason=3)
    say(cycle, motion, "Chebet")
    assert became(cycle, motion) == ("asked", None)
    say(cycle, motion, "Wanjiku")
    assert became(cycle, motion) == ("done", None)
    assert held(cycle) == {"chairperson": "Amina", "secretary": "Chebet"}
    assert cycle.told("office_left") == sorted(EVERYBODY)
    with pytest.raises(NobodyInOffice):
        recalls(cycle, "Baraka", Role.TREASURER)
    # Two are left: another recall needs somebody who follows, and takes the office.
    with pytest.raises(TooFewOfficials):
        recalls(cycle, "Baraka", Role.CHAIRPERSON)
    second = recalls(cycle, "Baraka", Role.CHAIRPERSON, "Juma")
    assert (second.needed, cycle.told("replacing_asked")) == (1, ["Chebet", "Wanjiku"])
    say(cycle, second, "Chebet", vote=Vote.REJECT, reason=3)
    say(cycle, second, "Wanjiku")
    assert became(cycle, second) == ("asked", None)
    say(cycle, second, "Juma")
    assert became(cycle, second) == ("done", None)
    assert held(cycle) == {"chairperson": "Juma", "secretary": "Chebet"}
    # So many say no that the others cannot be more than half.
    third = recalls(cycle, "Baraka", Role.SECRETARY, "Amina")
    say(cycle, third, "Wanjiku", "Juma", vote=Vote.REJECT, reason=1)
    assert became(cycle, third) == ("refused", "wrong amount") and cycle.told("recall_refused") == ["Baraka"]
    cycle.conn.execute("UPDATE chama_members SET status = 'withdrawn' WHERE number > 2")
    cycle.conn.execute("UPDATE chama_members SET role = 'chairperson' WHERE number = 1")
    with pytest.raises(TooFewApprovers):
        recalls(cycle, "Baraka", Role.CHAIRPERSON, "Baraka")


def test_two_are_a_whole_group_and_three_are_not(cycle: Cycle) -> None:
    alone(cycle)
    cycle.conn.execute("UPDATE chama_members SET status = 'withdrawn' WHERE number > 2")
    motion = names(cycle, "Amina", "Baraka", Role.SECRETARY)
    assert (motion.needed, cycle.told("naming_asked")) == (0, [])
    say(cycle, motion, "Baraka")
    assert became(cycle, motion) == ("done", None)
    # With a third one in office, two of them cannot hand hers over between them.
    cycle.conn.execute("UPDATE chama_members SET status = 'active', role = 'treasurer' WHERE number = 3")
    with pytest.raises(TooFewApprovers):
        names(cycle, "Amina", "Baraka", Role.TREASURER)
