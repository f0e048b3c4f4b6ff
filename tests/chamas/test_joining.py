"""How people come into a chama: founded, invited, asked for; and every no in words, with what it leaves behind."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from chamas.entrance import founding, invitations, joining
from chamas.entrance.founding import NumberTaken, UnfitChama
from chamas.entrance.invitations import (
    LASTS,
    LOCKED_FOR,
    Found,
    InvitationAnswered,
    InvitationExpired,
    TooManyWrongCodes,
    Wrong,
)
from chamas.members import register, standing
from chamas.members.access import Action, Level
from chamas.members.refusals import (
    AlreadyAsked,
    AlreadyJoined,
    ByInvitationOnly,
    ChamaFull,
    NotNow,
    NotRecruiting,
    OfficialsOnly,
    RecruitmentOver,
)
from chamas.members.register import ChamaStatus, MemberStatus
from chamas.members.standing import UnknownChama
from chamas.rulebook.calendar import Frequency
from gateway.wiring import Wiring
from tests.chamas.door import AMINA, DAUDI, HALIMA, JUMA, Door, founded
from tests.instruments import START, SeededChance


@pytest.fixture
def door(conn: Connection[Any]) -> Iterator[Door]:
    with conn.transaction():
        made = founded(conn)
    yield made


def test_the_founder_is_the_first_member_of_a_draft_under_rules_of_version_one(conn: Connection[Any]) -> None:
    chance = SeededChance()
    user_id = joining.enter(conn, phone=AMINA, first_name="Amina", language="en", at=START)
    seat = founding.found(
        conn,
        founder_id=user_id,
        name="Tumaini",
        contribution_cents=500_00,
        frequency=Frequency.MONTHLY,
        member_target=3,
        at=START,
        chance=chance,
    )
    here = standing.group(conn, chama_id=seat.chama_id, user_id=user_id)
    assert (here.status, here.taken, here.capacity, here.chair) == (ChamaStatus.DRAFT, 1, 3, "Amina")
    assert here.access(START).level is Level.CREATOR
    assert here.access(START).may(Action.RECRUIT)
    assert conn.execute("SELECT version, contribution_cents, frequency FROM rule_sets").fetchall() == [
        (1, 500_00, "monthly")
    ]
    # Her account stands in the group's own book, empty.
    assert conn.execute(
        "SELECT a.balance_cents FROM accounts a WHERE owner_member_id = %s", [seat.member_id]
    ).fetchall() == [(0,)]


@pytest.mark.parametrize(
    "unfit", [{"name": " "}, {"name": "x" * 41}, {"member_target": 1}, {"member_target": 101},
              {"contribution_cents": 9_99}, {"capacity": 2}],
)  # fmt: skip
def test_what_no_chama_can_be_is_refused_before_anything_is_written(
    conn: Connection[Any], unfit: dict[str, Any]
) -> None:
    with pytest.raises(UnfitChama):
        founded(conn, **unfit)
    assert conn.execute("SELECT count(*) FROM chamas").fetchone() == (0,)


def test_a_number_has_one_chama(door: Door) -> None:
    with pytest.raises(NumberTaken):
        founded(door.conn)


def test_who_asks_waits_for_an_official_who_is_told(door: Door) -> None:
    daudi = door.person(DAUDI)
    seat = joining.ask(door.conn, door.chama_id, user_id=daudi, at=START)
    assert seat.status is MemberStatus.PENDING
    assert door.told() == [("join_request", door.founder_id)]
    with pytest.raises(AlreadyAsked):
        joining.ask(door.conn, door.chama_id, user_id=daudi, at=START)
    with pytest.raises(OfficialsOnly):
        joining.admit(door.conn, seat.member_id, by_user_id=daudi, yes=True, at=START)
    assert joining.requests(door.conn, door.chama_id) == [(seat.member_id, 2, "Daudi")]
    let_in = joining.admit(door.conn, seat.member_id, by_user_id=door.founder_id, yes=True, at=START)
    assert let_in.status is MemberStatus.CONFIRMED
    assert door.told()[1:] == [("admitted", daudi)]
    with pytest.raises(NotNow):
        joining.admit(door.conn, seat.member_id, by_user_id=door.founder_id, yes=False, at=START)
    with pytest.raises(AlreadyJoined):
        joining.ask(door.conn, door.chama_id, user_id=daudi, at=START)


def test_who_was_refused_may_ask_again_and_keeps_her_number(door: Door) -> None:
    daudi = door.person(DAUDI)
    first = joining.ask(door.conn, door.chama_id, user_id=daudi, at=START)
    joining.admit(door.conn, first.member_id, by_user_id=door.founder_id, yes=False, at=START)
    assert door.status_of(daudi) == "withdrawn"
    later = START + timedelta(hours=1)
    again = joining.ask(door.conn, door.chama_id, user_id=daudi, at=later)
    assert (again.member_id, again.number, again.status) == (first.member_id, first.number, MemberStatus.PENDING)
    assert [template for template, _ in door.told()] == ["join_request", "not_admitted", "join_request"]


def test_what_a_group_asks_for_before_it_starts_is_said_before_she_agrees(door: Door) -> None:
    door.conn.execute("UPDATE chamas SET deposit_cents = 20000")
    door.invite(DAUDI)
    seat = joining.ask(door.conn, door.chama_id, user_id=door.person(HALIMA, "Halima"), at=START)
    joining.admit(door.conn, seat.member_id, by_user_id=door.founder_id, yes=True, at=START)
    told = door.conn.execute("SELECT template, arguments -> 'missing_cents' FROM notifications ORDER BY id").fetchall()
    assert [one for one in told if one[1]] == [("invitation_deposit", 200_00), ("admitted_deposit", 200_00)]


def test_an_invitation_is_answered_from_the_phone_that_was_invited(door: Door) -> None:
    invitation = door.invite(DAUDI)
    assert door.status_of(invitation.user_id) == "invited"
    assert door.told() == [("invitation", invitation.user_id)]
    seat = joining.accept(door.conn, invitation.id, user_id=invitation.user_id, at=START)
    assert seat.status is MemberStatus.CONFIRMED
    assert door.told()[1:] == [("joined", door.founder_id)]
    with pytest.raises(InvitationAnswered):
        joining.accept(door.conn, invitation.id, user_id=invitation.user_id, at=START)


def test_a_code_from_another_phone_is_looked_at_by_the_officials(door: Door) -> None:
    invitation = door.invite(DAUDI)
    found = invitations.guess(door.conn, phone=JUMA, typed=invitation.code, at=START)
    assert found == Found(door.chama_id, invitation.id)
    juma = door.person(JUMA, "Juma")
    assert joining.accept(door.conn, invitation.id, user_id=juma, at=START).status is MemberStatus.PENDING
    # The one who was invited by mistake is no longer; a code is good once.
    assert door.status_of(invitation.user_id) == "withdrawn"
    assert invitations.guess(door.conn, phone=HALIMA, typed=invitation.code, at=START) == Wrong(left=4)


def test_an_invitation_is_over_after_a_week(door: Door) -> None:
    invitation = door.invite(DAUDI)
    with pytest.raises(InvitationExpired):
        joining.accept(door.conn, invitation.id, user_id=invitation.user_id, at=START + LASTS)
    second = door.invite(DAUDI, at=START + LASTS)
    assert second.code != invitation.code
    joining.accept(door.conn, second.id, user_id=second.user_id, at=START + LASTS)
    states = door.conn.execute("SELECT state FROM invitations ORDER BY id").fetchall()
    assert states == [("withdrawn",), ("accepted",)]


def test_a_no_to_an_invitation_leaves_her_out(door: Door) -> None:
    invitation = door.invite(DAUDI)
    with pytest.raises(NotNow):
        joining.decline(door.conn, invitation.id, user_id=door.founder_id, at=START)
    joining.decline(door.conn, invitation.id, user_id=invitation.user_id, at=START)
    assert door.status_of(invitation.user_id) == "withdrawn"


def test_only_officials_invite_and_nobody_twice_into_the_same_chama(door: Door) -> None:
    member = door.invite(DAUDI)
    joining.accept(door.conn, member.id, user_id=member.user_id, at=START)
    with pytest.raises(OfficialsOnly):
        door.invite(HALIMA, by=member.user_id)
    with pytest.raises(AlreadyJoined):
        door.invite(DAUDI)


def test_a_full_chama_takes_nobody_by_any_way(door: Door) -> None:
    asking = joining.ask(door.conn, door.chama_id, user_id=door.person(JUMA, "Juma"), at=START)
    waiting = door.invite("+254700000035")
    for phone in (DAUDI, HALIMA):
        invitation = door.invite(phone)
        joining.accept(door.conn, invitation.id, user_id=invitation.user_id, at=START)
    with pytest.raises(ChamaFull):
        joining.ask(door.conn, door.chama_id, user_id=door.person("+254700000036"), at=START)
    with pytest.raises(ChamaFull):
        joining.accept(door.conn, waiting.id, user_id=waiting.user_id, at=START)
    with pytest.raises(ChamaFull):
        joining.admit(door.conn, asking.member_id, by_user_id=door.founder_id, yes=True, at=START)
    with pytest.raises(ChamaFull):
        door.invite("+254700000036")


def test_of_two_who_want_the_last_place_one_gets_it(wiring: Wiring, door: Door) -> None:
    first = door.invite(DAUDI)
    joining.accept(door.conn, first.id, user_id=first.user_id, at=START)
    both = [door.invite(HALIMA), door.invite(JUMA)]

    def take(one: invitations.Invitation) -> str:
        try:
            with wiring.transaction() as conn:
                return str(joining.accept(conn, one.id, user_id=one.user_id, at=START).status)
        except ChamaFull as full:
            return full.code

    with ThreadPoolExecutor(2) as hands:
        assert sorted(hands.map(take, both)) == ["chama_full", "confirmed"]
    assert standing.group(door.conn, chama_id=door.chama_id).taken == 3


def test_a_private_chama_is_joined_by_invitation_only(conn: Connection[Any]) -> None:
    door = founded(conn, private=True)
    with pytest.raises(ByInvitationOnly):
        joining.ask(conn, door.chama_id, user_id=door.person(DAUDI), at=START)
    invitation = door.invite(DAUDI)
    assert joining.accept(conn, invitation.id, user_id=invitation.user_id, at=START).status is MemberStatus.CONFIRMED


def test_after_its_deadline_a_chama_takes_nobody(conn: Connection[Any]) -> None:
    door = founded(conn, recruitment_deadline=START + timedelta(days=1))
    with pytest.raises(RecruitmentOver):
        joining.ask(conn, door.chama_id, user_id=door.person(DAUDI), at=START + timedelta(days=1))
    joining.ask(conn, door.chama_id, user_id=door.person(DAUDI), at=START)


def test_a_chama_that_runs_takes_nobody(door: Door) -> None:
    register.move_chama(door.conn, door.chama_id, ChamaStatus.WAITING)
    with pytest.raises(NotRecruiting):
        joining.ask(door.conn, door.chama_id, user_id=door.person(DAUDI), at=START)


def test_an_unknown_chama_is_refused(conn: Connection[Any]) -> None:
    with pytest.raises(UnknownChama):
        standing.group(conn, number="99999")


def test_five_wrong_codes_close_the_door_for_an_hour(door: Door) -> None:
    left = [invitations.guess(door.conn, phone=DAUDI, typed=f"10000{n}", at=START) for n in range(5)]
    assert left == [Wrong(4), Wrong(3), Wrong(2), Wrong(1), Wrong(0)]
    # Not even the right one is looked up now, and being refused counts for nothing.
    for minutes in (0, 30, 59):
        with pytest.raises(TooManyWrongCodes):
            invitations.guess(door.conn, phone=DAUDI, typed="51907", at=START + timedelta(minutes=minutes))
    assert invitations.guess(door.conn, phone=HALIMA, typed="51907", at=START) == Found(door.chama_id, None)
    after = START + LOCKED_FOR
    assert invitations.guess(door.conn, phone=DAUDI, typed="999999", at=after) == Wrong(4)
    assert invitations.guess(door.conn, phone=DAUDI, typed="51907", at=after) == Found(door.chama_id, None)
    assert door.conn.execute("SELECT count(*) FROM wrong_codes").fetchone() == (0,)


def test_a_phone_that_typed_nothing_wrong_for_a_day_is_forgotten(door: Door) -> None:
    invitations.guess(door.conn, phone=DAUDI, typed="999999", at=START)
    invitations.guess(door.conn, phone=HALIMA, typed="999999", at=START + timedelta(days=1, seconds=1))
    assert door.conn.execute("SELECT phone FROM wrong_codes").fetchall() == [(HALIMA,)]


def test_many_guesses_at_once_are_no_more_than_one_after_another(wiring: Wiring, door: Door) -> None:
    def guess(number: int) -> str:
        try:
            with wiring.transaction() as conn:
                return type(invitations.guess(conn, phone=DAUDI, typed=f"9000{number}", at=START)).__name__
        except TooManyWrongCodes as enough:
            return type(enough).__name__

    with ThreadPoolExecutor(8) as hands:
        outcomes = list(hands.map(guess, range(10, 26)))
    assert outcomes.count("Wrong") == 5


def test_the_web_founds_and_joins_in_the_office_only(web_wiring: Wiring, door: Door) -> None:
    """A stranger's turn sees no group outside the office, and after it no more than before."""
    with web_wiring.acting_as(None) as conn:
        assert conn.execute("SELECT count(*) FROM chamas").fetchone() == (0,)
        daudi = joining.enter(conn, phone=DAUDI, first_name="Daudi", language="sw", at=START)
        joining.consent(conn, daudi, language="sw", session_key=b"k", at=START)
        joining.ask(conn, door.chama_id, user_id=daudi, at=START)
        for table in ("chamas", "users", "chama_members", "invitations", "notifications"):
            assert conn.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table  # noqa: S608
    with web_wiring.acting_as(daudi) as conn:
        seat = founding.found(
            conn,
            founder_id=daudi,
            name="Jipya",
            contribution_cents=100_00,
            frequency=Frequency.MONTHLY,
            member_target=5,
            at=START,
            chance=SeededChance(9),
        )
    with web_wiring.acting_as(door.founder_id) as conn:
        assert conn.execute("SELECT count(*) FROM chamas WHERE id = %s", [seat.chama_id]).fetchone() == (0,)
        [asked] = joining.requests(conn, door.chama_id)
        joining.admit(conn, asked[0], by_user_id=door.founder_id, yes=True, at=START)
    assert door.status_of(daudi) == "confirmed"
    assert door.conn.execute("SELECT text_version, language FROM consents").fetchall() == [("2026-11", "sw")]
