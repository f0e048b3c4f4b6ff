"""A change of rules, from an official's proposal to the round that opens under it."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from chamas.approving.approvals import NotAsShown, NotYourVoice, Proof, Vote, Word
from chamas.approving.approvers import TooFewApprovers
from chamas.cycle import rounds
from chamas.dues import turnover
from chamas.members.refusals import NotNow, OfficialsOnly
from chamas.members.register import ChamaStatus, MemberStatus, move_chama, move_member
from chamas.rulebook import rule_sets
from chamas.rulebook.rules import UnfitRules
from chamas.ruling import adopting, proposals, proposed
from chamas.ruling.proposals import ProposalOpen
from chamas.ruling.proposed import Proposal, ProposalState
from gateway.wiring import Wiring
from ledger.moves import ForbiddenMove
from tests.chamas.conftest import Village
from tests.chamas.test_ballots import DAY, told
from tests.drills.fuse import dies_everywhere
from tests.instruments import START, HandClock

CHANGE = {"contribution_cents": 700_00, "wait_minutes": 90}


def propose(wiring: Wiring, village: Village, **given: Any) -> Proposal:
    """Amina, the only official, proposes: Baraka and Wanjiku fill the gap."""
    with wiring.transaction() as conn:
        by, at, day = village.user_ids[0], wiring.now(), given.pop("holds_from", None)
        made = proposals.propose(conn, village.chama_id, given or CHANGE, by_user_id=by, at=at, holds_from=day)
    assert adopting.follow_due(wiring) == 1
    return made


def say(wiring: Wiring, made: Proposal, user_id: int, vote: Vote = Vote.APPROVE, **more: Any) -> None:
    said = {"digest": made.digest, "proof": Proof.PIN, "at": wiring.now(), **more}
    with wiring.transaction() as conn:
        proposals.vote(conn, made.id, Word(vote, user_id=user_id, **said))


def agree(wiring: Wiring, made: Proposal, *user_ids: int) -> None:
    for user_id in user_ids:
        say(wiring, made, user_id)
    while adopting.follow_due(wiring):
        pass


def state(conn: Connection[Any]) -> Any:
    return conn.execute("SELECT state, reason FROM rule_proposals ORDER BY id DESC LIMIT 1").fetchone()


def told_of_the_group(conn: Connection[Any]) -> Any:
    return conn.execute("SELECT contribution_cents, frequency FROM chamas").fetchone()


def test_what_others_agree_to_holds_from_the_next_round_on(
    conn: Connection[Any], wiring: Wiring, clock: HandClock, village: Village
) -> None:
    amina, baraka, wanjiku = village.user_ids
    with pytest.raises(OfficialsOnly):
        proposals.propose(conn, village.chama_id, CHANGE, by_user_id=baraka, at=START)
    made = propose(wiring, village)
    assert [name for name, _ in told(conn, "rules_asked")] == ["Baraka", "Wanjiku"]
    assert adopting.follow_due(wiring) == 0
    with pytest.raises(ProposalOpen):
        proposals.propose(conn, village.chama_id, {"wait_minutes": 45}, by_user_id=amina, at=START)
    for other, why in ((amina, NotYourVoice), (baraka, NotAsShown)):
        with pytest.raises(why):
            say(wiring, made, other, digest=bytes(32))
    for wrong in ({"vote": Vote.FREEZE}, {"vote": Vote.REJECT}, {"reason": 1}, {"at": made.expires_at}):
        with pytest.raises(NotAsShown):
            say(wiring, made, baraka, **wrong)
    assert proposed.waiting_for(conn, village.chama_id, baraka) == made
    agree(wiring, made, baraka)
    assert proposed.waiting_for(conn, village.chama_id, baraka) is None
    assert state(conn) == ("pending", None)
    agree(wiring, made, wanjiku)
    assert state(conn) == ("adopted", None)
    assert [name for name, _ in told(conn, "rules_changed")] == ["Amina", "Baraka", "Wanjiku"]
    # The open round keeps what it opened with; the group's own amount is the new one from now on.
    assert rounds.rules_of(conn, village.open_round.id).contribution_cents == 500_00
    assert told_of_the_group(conn) == (700_00, "weekly")
    clock.advance(7 * DAY)
    turnover.turn_over_due(wiring)
    opened = rounds.active_round(conn, village.chama_id)
    assert opened is not None and rounds.rules_of(conn, opened.id).rules == made.rules
    dues = conn.execute("SELECT DISTINCT due_cents FROM contributions WHERE round_id = %s", [opened.id]).fetchall()
    assert dues == [(700_00,)]
    with pytest.raises(ForbiddenMove):
        proposals.move(conn, proposed.by_id(conn, made.id), ProposalState.REJECTED, at=START)


def test_a_change_for_a_later_day_waits_for_it_and_is_what_the_next_change_is_made_of(
    conn: Connection[Any], wiring: Wiring, clock: HandClock, village: Village
) -> None:
    """Two versions are agreed on; neither is lost, and none holds before its day."""
    _, baraka, wanjiku = village.user_ids
    with pytest.raises(UnfitRules, match="Within a year"):
        propose(wiring, village, frequency="fortnightly", holds_from=START + timedelta(days=400))
    day = START + timedelta(days=10)
    agree(wiring, propose(wiring, village, frequency="fortnightly", holds_from=day), baraka, wanjiku)
    assert told_of_the_group(conn) == (500_00, "weekly")
    agree(wiring, propose(wiring, village), baraka, wanjiku)
    assert told_of_the_group(conn) == (500_00, "weekly")
    for _week in range(2):
        clock.advance(7 * DAY)
        while turnover.turn_over_due(wiring) or adopting.follow_due(wiring):
            pass
    found = conn.execute("SELECT s.version, r.number FROM rounds r JOIN rule_sets s ON s.id = r.rule_set_id ORDER BY 2")
    assert found.fetchall() == [(1, 1), (1, 2), (3, 3)]
    assert told_of_the_group(conn) == (700_00, "fortnightly")
    assert [one.in_force_from for one in rule_sets.versions(conn, village.chama_id)] == [day, day, START]


def test_a_no_another_wording_changed_rows_changed_rules_and_time_leave_everything_as_it_is(
    conn: Connection[Any], wiring: Wiring, clock: HandClock, village: Village
) -> None:
    amina, baraka, wanjiku = village.user_ids
    made = propose(wiring, village)
    say(wiring, made, baraka)
    say(wiring, made, wanjiku, Vote.REJECT, reason=3)
    assert adopting.follow_due(wiring) == 1
    assert state(conn) == ("rejected", "not agreed")
    with pytest.raises(NotAsShown):
        say(wiring, made, baraka)
    with pytest.raises(NotAsShown):
        proposals.propose_anew(conn, made.id, CHANGE, by_user_id=amina, at=START)
    # Who said yes said it to 700, and to nobody's 900: neither the proposer's nor that of whoever owns the database.
    made = propose(wiring, village)
    say(wiring, made, baraka)
    with pytest.raises(OfficialsOnly):
        proposals.propose_anew(conn, made.id, CHANGE, by_user_id=wanjiku, at=START)
    anew = proposals.propose_anew(conn, made.id, {"contribution_cents": 900_00}, by_user_id=amina, at=wiring.now())
    agree(wiring, anew, wanjiku)
    assert state(conn) == ("pending", None) and len(told(conn, "rules_asked")) == 5
    conn.execute(
        """UPDATE rule_proposals SET rules = rules || '{"contribution_cents": 90000}' WHERE id = %s""", [made.id]
    )
    agree(wiring, proposed.by_id(conn, made.id), baraka)
    assert state(conn) == ("adopted", None)
    clock.advance(DAY)
    made = propose(wiring, village)
    say(wiring, made, baraka)
    conn.execute(
        """UPDATE rule_proposals SET rules = rules || '{"contribution_cents": 10000}' WHERE id = %s""", [made.id]
    )
    agree(wiring, proposed.by_id(conn, made.id), wanjiku)
    assert state(conn) == ("pending", None)
    clock.advance(8 * DAY)
    assert adopting.follow_due(wiring) == 1
    assert state(conn) == ("rejected", "nobody answered in time")
    made = propose(wiring, village)
    rule_sets.adopt(conn, village.chama_id, made.rules, in_force_from=wiring.now())
    agree(wiring, made, baraka, wanjiku)
    assert state(conn) == ("rejected", "the rules have changed meanwhile")
    made = propose(wiring, village, wait_minutes=45)
    move_chama(conn, village.chama_id, ChamaStatus.CANCELLED)
    agree(wiring, made, baraka, wanjiku)
    assert state(conn) == ("rejected", "the group has ended")
    assert len(rule_sets.versions(conn, village.chama_id)) == 3


def test_a_group_cannot_vote_for_more_voices_than_it_has(conn: Connection[Any], village: Village) -> None:
    amina = village.user_ids[0]
    for name, number in (("approvals", 3), ("freezers", 3)):
        with pytest.raises(UnfitRules, match=f"{name}: The group has not so many others"):
            proposals.propose(conn, village.chama_id, {name: number}, by_user_id=amina, at=START)
    move_member(conn, village.member_ids[2], MemberStatus.WITHDRAWN)
    with pytest.raises(TooFewApprovers):
        proposals.propose(conn, village.chama_id, CHANGE, by_user_id=amina, at=START)
    with pytest.raises(NotNow):
        proposed.newest(conn, village.chama_id + 1)


def test_two_yes_at_the_same_instant_make_one_version(conn: Connection[Any], wiring: Wiring, village: Village) -> None:
    made = propose(wiring, village)
    start = threading.Barrier(4)

    def at_once(step: Any) -> None:
        start.wait()
        step()

    steps = [lambda user=user: say(wiring, made, user) for user in village.user_ids[1:]]
    hands = [
        threading.Thread(target=at_once, args=[step]) for step in (*steps, *[lambda: adopting.follow_due(wiring)] * 2)
    ]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    while adopting.follow_due(wiring):
        pass
    assert state(conn) == ("adopted", None)
    assert [one.version for one in rule_sets.versions(conn, village.chama_id)] == [2, 1]
    assert len(told(conn, "rules_changed")) == 3


def test_a_worker_that_dies_at_any_statement_makes_one_version(
    conn: Connection[Any], wiring: Wiring, clock: HandClock, village: Village
) -> None:
    made = propose(wiring, village)
    for user_id in village.user_ids[1:]:
        say(wiring, made, user_id)
    died = dies_everywhere(wiring, adopting.follow_due)
    assert died > 10 and state(conn) == ("adopted", None) and adopting.follow_due(wiring) == 0
    assert [one.version for one in rule_sets.versions(conn, village.chama_id)] == [2, 1]
    assert told_of_the_group(conn) == (700_00, "weekly") and len(told(conn, "rules_changed")) == 3
