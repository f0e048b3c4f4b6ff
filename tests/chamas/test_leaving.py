"""Leaving: what comes back to her who leaves, what she still owes, and that nobody else's turn moves."""

import pytest

from chamas.approving.approvals import NotAsShown, NotYourVoice, Proof, Vote, Word
from chamas.approving.approvers import approvers
from chamas.approving.voices import voices_in
from chamas.course import departing, leaving, motions
from chamas.course import orders as chama_orders
from chamas.course.leaving import OfficeNeeded
from chamas.course.motions import How, Motion
from chamas.course.orders import OrderKind
from chamas.cycle import places
from chamas.dues import owing
from chamas.members import register
from chamas.members.refusals import NotNow
from payments import payouts
from tests.chamas.a_cycle import Cycle
from tests.chamas.test_defaults import EVERYBODY, HOUR, WEEK, left_a_deposit, status
from tests.drills.fuse import Death, Fuse, MortalWiring
from tests.instruments import SeededChance


def user_of(cycle: Cycle, name: str) -> int:
    return int(cycle.value("SELECT user_id FROM chama_members WHERE id = %s", cycle.members[name]))


def asks_to_leave(cycle: Cycle, name: str) -> Motion:
    with cycle.wiring.transaction() as conn:
        return leaving.ask(conn, cycle.chama_id, by_user_id=user_of(cycle, name), at=cycle.wiring.now())


def say(cycle: Cycle, motion: Motion, *names: str, vote: Vote = Vote.APPROVE, reason: int | None = None) -> None:
    for name in names:
        said = Word(vote, motion.digest, Proof.PIN, user_of(cycle, name), cycle.wiring.now(), reason)
        with cycle.wiring.transaction() as conn:
            motions.vote(conn, motion.id, said)


def leaves(cycle: Cycle, name: str, *others: str) -> Motion:
    motion = asks_to_leave(cycle, name)
    cycle.runs()
    say(cycle, motion, *others)
    cycle.runs()
    return motions.by_id(cycle.conn, motion.id)


def asked_for(cycle: Cycle) -> dict[str, int]:
    """Who owes how much of the open round, in shillings."""
    rows = cycle.conn.execute(
        "SELECT u.first_name, k.due_cents / 100 FROM contributions k JOIN rounds r ON r.id = k.round_id "
        "JOIN chama_members m ON m.id = k.member_id JOIN users u ON u.id = m.user_id "
        "WHERE r.state = 'active' ORDER BY m.number"
    ).fetchall()
    return dict(rows)


def pay_all(cycle: Cycle, *but: str) -> None:
    """Whoever is asked for it pays the open round, it closes, and its pot is paid out."""
    for name, shillings in asked_for(cycle).items():
        if name not in but:
            cycle.pays(name, shillings)
    cycle.waits(WEEK + HOUR)
    cycle.pays_out()


def resend(cycle: Cycle) -> None:
    """An official has sent again what M-PESA could not send."""
    with cycle.wiring.transaction() as conn:
        chama_orders.ask(
            conn, cycle.chama_id, OrderKind.RESEND, by_user_id=user_of(cycle, "Amina"), at=cycle.wiring.now()
        )
    cycle.runs()


def sent_back(cycle: Cycle) -> list[tuple[str, int, str]]:
    return cycle.conn.execute(
        "SELECT u.first_name, r.deposit_cents + r.contributed_cents, r.state FROM refunds r "
        "JOIN chama_members m ON m.id = r.member_id JOIN users u ON u.id = m.user_id ORDER BY r.id"
    ).fetchall()


def test_who_leaves_before_her_turn_gets_back_what_she_gave_and_nobodys_turn_moves(cycle: Cycle) -> None:
    pay_all(cycle)  # Amina's round
    left_a_deposit(cycle, "Wanjiku", 750_00)
    cycle.pays("Wanjiku", 600)
    order = [(one.first_name, one.position) for one in places.everybody(cycle.conn, cycle.chama_id)]
    motion = leaves(cycle, "Wanjiku", "Amina", "Juma")
    # What is still to come of it is said as it was agreed on.
    left = leaving.terms(cycle.conn, cycle.members["Wanjiku"])
    assert (left.how, left.now_cents, left.later_cents, left.rounds_left) == (How.BEFORE_TURN, 0, 1_000_00, 0)
    # Her deposit and what she paid too much leave at once; what she gave to rounds waits for her turn.
    assert (motion.state, motion.how) == ("going", How.BEFORE_TURN)
    assert sent_back(cycle) == [("Wanjiku", 850_00, "ordered")] and cycle.held("deposit", "Wanjiku") == 0
    assert cycle.told("exit_asked") == ["Amina", "Chebet", "Juma"] and cycle.told("exit_agreed") == sorted(EVERYBODY)
    assert [(one.first_name, one.position) for one in places.everybody(cycle.conn, cycle.chama_id)] == order
    cycle.carries(cycle.value("SELECT payout_id FROM refunds"))
    pay_all(cycle, "Wanjiku")  # Baraka's round
    assert asked_for(cycle) == {"Amina": 500, "Baraka": 500}
    pay_all(cycle)  # hers: who was paid with her money gives it back
    assert cycle.held("paid_out", "Wanjiku") == 1_000_00 - 5_00 == cycle.held("member", "Wanjiku") - 5_00
    for _hour in range(2):
        cycle.waits(HOUR)
    assert status(cycle, "Wanjiku") == "withdrawn" and cycle.told("exit_done") == ["Wanjiku"]
    for _turn in ("Chebet", "Juma", "Amina"):
        assert asked_for(cycle) == {"Amina": 500, "Baraka": 500, "Chebet": 500, "Juma": 500}
        pay_all(cycle)
    paid = cycle.conn.execute(
        "SELECT u.first_name, r.cycle FROM rounds r JOIN chama_members m ON m.id = r.payee_member_id "
        "JOIN users u ON u.id = m.user_id WHERE r.state = 'completed' ORDER BY r.number"
    ).fetchall()
    assert paid == [("Amina", 1), ("Baraka", 1), ("Wanjiku", 1), ("Chebet", 1), ("Juma", 1), ("Amina", 2)]
    # In the cycle each got what she gave: nobody lost by her leaving.
    assert [cycle.held("member", name) for name in ("Chebet", "Juma")] == [2_500_00, 2_500_00]
    assert cycle.sound()


def test_who_is_on_her_way_out_before_her_turn_has_no_voice_and_is_asked_for_nothing(cycle: Cycle) -> None:
    cycle.pays("Amina", 500)
    left_a_deposit(cycle, "Wanjiku", 750_00)

    def heard() -> list[int]:
        voices = voices_in(cycle.conn, cycle.chama_id)
        return approvers(voices, payee=0, asker=0, needed=9, asked_at=cycle.wiring.now())

    assert len(heard()) == 5
    assert leaves(cycle, "Wanjiku", "Amina", "Juma").how is How.BEFORE_TURN
    assert sent_back(cycle) == [("Wanjiku", 750_00, "ordered")]
    assert heard() == [cycle.members[name] for name in ("Amina", "Baraka", "Chebet", "Juma")]
    dues = owing.dues(cycle.conn, cycle.members["Wanjiku"], cycle.wiring.now())
    assert (dues.due_cents, dues.paid_cents, dues.owed_cents) == (0, 0, 0)
    listed = owing.who_has_paid(cycle.conn, cycle.chama_id, cycle.wiring.now())
    assert ([one.first_name for one in listed.lines], listed.due_cents) == (
        ["Amina", "Baraka", "Chebet", "Juma"],
        2_000_00,
    )


def test_who_leaves_after_her_turn_owes_the_rest_of_the_cycle_and_her_deposit_answers_for_it(cycle: Cycle) -> None:
    pay_all(cycle)
    pay_all(cycle)  # Baraka's round
    left_a_deposit(cycle, "Baraka", 750_00)
    assert leaving.terms(cycle.conn, cycle.members["Baraka"]).rounds_left == 3
    motion = leaves(cycle, "Baraka", "Amina", "Chebet")
    assert (motion.state, motion.how, sent_back(cycle)) == ("going", How.AFTER_TURN, [])
    left = leaving.terms(cycle.conn, cycle.members["Baraka"])
    assert (left.how, left.now_cents, left.later_cents, left.rounds_left) == (How.AFTER_TURN, 0, 750_00, 3)
    assert "Baraka" not in [one.first_name for one in places.everybody(cycle.conn, cycle.chama_id)]
    pay_all(cycle, "Baraka")  # Wanjiku's: the deposit pays for him
    assert (cycle.held("deposit", "Baraka"), cycle.owes("Baraka")) == (250_00, 0)
    assert cycle.held("paid_out", "Wanjiku") == 2_500_00 - 9_00
    pay_all(cycle, "Baraka")  # Chebet's: half of it is owed, and everybody sees it
    assert (cycle.held("deposit", "Baraka"), cycle.owes("Baraka")) == (0, 250_00)
    pay_all(cycle)
    assert cycle.value("SELECT count(*) FROM motions WHERE state = 'going'") == 1
    assert asked_for(cycle) == dict.fromkeys(("Amina", "Wanjiku", "Chebet", "Juma"), 500)
    cycle.pays("Baraka", 250)
    cycle.waits(HOUR)
    assert status(cycle, "Baraka") == "withdrawn" and cycle.told("exit_done") == ["Baraka"]
    # The next cycle passes his place over.
    pay_all(cycle)
    assert cycle.value("SELECT u.first_name FROM rounds r JOIN chama_members m ON m.id = r.payee_member_id "
                       "JOIN users u ON u.id = m.user_id WHERE r.state = 'active'") == "Wanjiku"  # fmt: skip
    assert cycle.sound()


def test_where_no_rounds_are_paid_by_turns_all_cycles_count_and_who_has_no_phone_waits(cycle: Cycle) -> None:
    cycle.conn.execute("UPDATE chamas SET kind = 'investment'")
    pay_all(cycle)
    cycle.conn.execute("UPDATE rounds SET cycle = 2 WHERE state = 'active'")
    left_a_deposit(cycle, "Wanjiku", 750_00)
    cycle.pays("Wanjiku", 300)
    assert leaving.terms(cycle.conn, cycle.members["Wanjiku"]).now_cents == 750_00 + 500_00 + 300_00
    cycle.pays("Wanjiku", 200)
    cycle.conn.execute("UPDATE users SET phone = NULL WHERE first_name = 'Wanjiku'")
    motion = leaves(cycle, "Wanjiku", "Amina", "Juma")
    assert sent_back(cycle) == [("Wanjiku", 1_750_00, "failed")] and cycle.held("refund", "Wanjiku") == 1_750_00
    cycle.waits(HOUR)
    # She is on her way out until M-PESA has carried it; nothing has a turn for her meanwhile.
    assert (status(cycle, "Wanjiku"), motion.state, cycle.told("exit_done")) == ("active", "going", [])
    cycle.conn.execute("UPDATE users SET phone = '+254700000077' WHERE first_name = 'Wanjiku'")
    resend(cycle)
    cycle.carries(cycle.value("SELECT payout_id FROM refunds"))
    cycle.waits(HOUR)
    assert (status(cycle, "Wanjiku"), cycle.held("refund", "Wanjiku")) == ("withdrawn", 0)
    assert cycle.sound()


def test_an_exit_needs_others_and_what_was_agreed_on_must_still_be_so(cycle: Cycle) -> None:
    motion = asks_to_leave(cycle, "Wanjiku")
    assert asks_to_leave(cycle, "Wanjiku") == motion
    with pytest.raises(NotYourVoice):
        say(cycle, motion, "Wanjiku")
    with pytest.raises(NotYourVoice):
        say(cycle, motion, "Baraka")
    with pytest.raises(NotAsShown):
        say(cycle, motion, "Amina", reason=1)
    with pytest.raises(NotYourVoice):
        motions.take_back(cycle.conn, motion.id, by_member_id=cycle.members["Juma"], at=cycle.wiring.now())
    say(cycle, motion, "Amina")
    say(cycle, motion, "Juma", vote=Vote.REJECT, reason=3)
    cycle.runs()
    assert motions.by_id(cycle.conn, motion.id).reason == "not agreed" and cycle.told("exit_refused") == ["Wanjiku"]
    # Agreed on by one, and then nobody: it lapses. Another is taken back. Of a third the rows were changed.
    say(cycle, asks_to_leave(cycle, "Wanjiku"), "Amina")
    cycle.waits(72 * HOUR)
    with cycle.wiring.transaction() as conn:
        again = leaving.ask(conn, cycle.chama_id, by_user_id=user_of(cycle, "Wanjiku"), at=cycle.wiring.now())
        motions.take_back(conn, again.id, by_member_id=cycle.members["Wanjiku"], at=cycle.wiring.now())
    third = asks_to_leave(cycle, "Wanjiku")
    say(cycle, third, "Amina", "Juma")
    cycle.conn.execute("UPDATE motions SET how = 'at_once' WHERE id = %s", [third.id])
    cycle.runs()
    states = cycle.conn.execute("SELECT state, reason FROM motions ORDER BY id").fetchall()
    assert states == [
        ("refused", "not agreed"), ("refused", "nobody answered in time"), ("withdrawn", None), ("asked", None),
    ]  # fmt: skip
    # Her turn came between the question and the answers.
    cycle.conn.execute("UPDATE motions SET how = 'before_turn' WHERE id = %s", [third.id])
    cycle.conn.execute("UPDATE rounds SET turn = 3 WHERE state = 'active'")
    cycle.conn.execute("UPDATE approvals SET seen_at = NULL WHERE subject = 'motion'")
    cycle.runs()
    assert motions.by_id(cycle.conn, third.id).reason == "her turn has come meanwhile"
    assert status(cycle, "Wanjiku") == "active" and sent_back(cycle) == [] and cycle.sound()
    cycle.conn.execute("UPDATE chama_members SET role = 'member' WHERE role <> 'chairperson'")
    with pytest.raises(OfficeNeeded):
        asks_to_leave(cycle, "Amina")
    cycle.conn.execute("UPDATE chama_members SET status = 'withdrawn' WHERE id = %s", [cycle.members["Juma"]])
    with pytest.raises(NotNow):
        asks_to_leave(cycle, "Juma")


def test_a_worker_that_dies_at_any_statement_sends_her_money_once_and_one_bad_row_stops_no_other(cycle: Cycle) -> None:
    cycle.pays("Amina", 500)
    left_a_deposit(cycle, "Wanjiku", 750_00)
    motion = asks_to_leave(cycle, "Wanjiku")
    bad = asks_to_leave(cycle, "Baraka")
    # No instant that Python knows: a row that no code of ours writes.
    cycle.conn.execute("UPDATE motions SET expires_at = 'infinity' WHERE id = %s", [bad.id])
    say(cycle, motion, "Amina", "Juma")
    mortal = MortalWiring(cycle.wiring.settings, "worker", cycle.clock, SeededChance(), fuse=Fuse())
    died = 0
    for statement in range(1, 400, 3):
        mortal.fuse.light(statement)
        cycle.conn.execute("UPDATE motions SET due_at = %s, failure = NULL", [cycle.wiring.now()])
        try:
            departing.follow_due(mortal)
            if motions.by_id(cycle.conn, motion.id).state == "going" and sent_back(cycle):
                break
        except Death:
            died += 1
        finally:
            mortal.fuse.light(None)
    mortal.close()
    cycle.runs()
    assert died > 8 and sent_back(cycle) == [("Wanjiku", 750_00, "ordered")]
    assert cycle.value("SELECT failure FROM motions WHERE id = %s", bad.id) == "DataError"
    assert cycle.told("exit_agreed") == sorted(EVERYBODY)


def test_more_than_mpesa_carries_at_once_leaves_in_parts_and_what_failed_is_sent_again(cycle: Cycle) -> None:
    cycle.pays("Amina", 500)
    left_a_deposit(cycle, "Wanjiku", 260_000_00)
    assert leaves(cycle, "Wanjiku", "Amina", "Juma").state == "going"
    assert sent_back(cycle) == [("Wanjiku", 250_000_00, "ordered")]
    cycle.waits(HOUR)
    assert sent_back(cycle)[1:] == [("Wanjiku", 10_000_00, "ordered")]
    for _hour in range(2):
        cycle.waits(HOUR)
    assert len(sent_back(cycle)) == 2 and cycle.held("deposit", "Wanjiku") == 0
    # M-PESA did not send it: an official of a group that goes on has it sent again.
    with cycle.wiring.transaction() as conn:
        for (payout_id,) in conn.execute("SELECT payout_id FROM refunds ORDER BY id").fetchall():
            payouts.withdraw(conn, payout_id, reason="2040", at=cycle.wiring.now(), chance=SeededChance(9))
    cycle.runs()
    assert {state for *_, state in sent_back(cycle)} == {"failed"}
    resend(cycle)
    assert {state for *_, state in sent_back(cycle)} == {"ordered"} and cycle.sound()


def test_who_is_on_her_way_out_when_a_group_starts_gets_no_turn(cycle: Cycle) -> None:
    # Agreed on, and M-PESA has nothing to send her yet: her deposit was paid in cash.
    motion = asks_to_leave(cycle, "Wanjiku")
    cycle.conn.execute("UPDATE motions SET state = 'going', how = 'at_once' WHERE id = %s", [motion.id])
    cycle.conn.execute("UPDATE chama_members SET position = NULL")
    register.line_up(cycle.conn, cycle.chama_id)
    standing = cycle.conn.execute("SELECT number FROM chama_members WHERE position IS NOT NULL ORDER BY position")
    assert standing.fetchall() == [(1,), (2,), (4,), (5,)]
