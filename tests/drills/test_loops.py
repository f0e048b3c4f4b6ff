"""Rule 11: every loop of the worker survives its death at every single statement, and a row that puzzles it.

The crash drill is one for all loops: everybody pays, every other loop runs, and the loop in question dies at its first
statement, is run again and dies at a later one, and so on until a run lives. Then everything must have happened once.
Loops that follow one another on a payment's way die in turn in one house; alone, and at every statement, with the long.

In the garbage drill each loop finds one row among good ones that it cannot make sense of: the others come to their end,
and the one is shown to people.
"""

from pathlib import Path

import pytest

from tests.drills import garbage
from tests.drills.happened import everything_happened, everything_is_paid_once
from tests.drills.one_loop import CHAIN_OFF, CHAIN_ON, IN_TURN, PAYING_OUT, bring_work, finish, members, scene
from tests.whole import Seeded

CRASH_DRILLS = (*CHAIN_OFF, *CHAIN_ON)
# A thirteenth of the statements is enough to see that a loop has a guard; whoever changes a loop has it die at each.
ALONE = [(name,) for name in CRASH_DRILLS if not any(name in names for names in IN_TURN)]
AT_SOME = [pytest.param((names, 13), id="-".join(names)) for names in (*IN_TURN, *ALONE)]
AT_EACH = [pytest.param(((name,), 1), id=f"{name}-each", marks=pytest.mark.long) for name in CRASH_DRILLS]
# Of these only the chama's own rows are needed, so that the drill is held there.
CRASH_DRILLED_ELSEWHERE = {
    "rules": "tests/chamas/test_proposals.py::test_a_worker_that_dies_at_any_statement_makes_one_version",
    "ballots": "tests/chamas/test_ballots.py::test_a_worker_that_dies_at_any_statement_draws_one_order",
    "pots": "tests/chamas/test_pots.py::test_a_worker_that_dies_at_any_statement_asks_once",
    "exits": "tests/chamas/test_leaving.py::"
    "test_a_worker_that_dies_at_any_statement_sends_her_money_once_and_one_bad_row_stops_no_other",
    "fines": "tests/chamas/test_fines.py::test_a_worker_that_dies_at_any_statement_fines_once",
    "defaults": "tests/chamas/test_defaults.py::test_who_is_in_default_is_set_off_in_order_and_comes_back",
    "loans": "tests/chamas/test_loans.py::"
    "test_a_worker_that_dies_at_any_statement_lends_once_and_one_bad_row_stops_no_other",
}
GARBAGE_DRILLS = tuple(garbage.DRILLS)
# What puzzles these comes from the chain, or from the state of another room's rows.
GARBAGE_DRILLED_ELSEWHERE = {
    "rules": "tests/chamas/test_proposals.py::"
    "test_a_no_another_wording_changed_rows_changed_rules_and_time_leave_everything_as_it_is",
    "ballots": "tests/chamas/test_ballots.py::test_a_ballot_that_cannot_be_trusted_is_void_and_changes_nothing",
    "pots": "tests/chamas/test_pots.py::test_a_payee_who_cannot_be_paid_is_told_of_in_words",
    "exits": "tests/chamas/test_leaving.py::"
    "test_a_worker_that_dies_at_any_statement_sends_her_money_once_and_one_bad_row_stops_no_other",
    "fines": "tests/chamas/test_fines.py::test_who_paid_in_time_is_not_fined_however_late_the_proof",
    "defaults": "tests/chamas/test_defaults.py::test_a_turn_of_hers_pays_what_she_owes_before_anything_of_it_is_hers",
    "loans": "tests/chamas/test_loans.py::"
    "test_a_worker_that_dies_at_any_statement_lends_once_and_one_bad_row_stops_no_other",
    "anchors": "tests/ledger/test_chain.py::test_what_the_contract_would_refuse_is_not_sent_and_is_tried_again",
    "sync": "tests/ledger/test_sync.py::test_another_root_on_the_chain_is_never_taken_for_ours",
    "pulls": "tests/loop/test_pull.py::test_a_row_that_is_no_payment_is_shown_and_holds_nothing_up",
    "aging": "tests/payments/test_aging.py::test_a_body_that_puzzles_is_erased_and_holds_nothing_up",
    "balances": "tests/loop/test_balances.py::test_an_answer_that_is_no_balance_is_shown_and_asked_for_again",
    "statements": "tests/loop/test_days.py::test_a_file_that_is_no_statement_or_anothers_is_refused_with_words",
    "payout questions": "tests/payments/test_payout_outcomes.py::test_a_question_that_cannot_be_put_holds_no_other_up",
    "letters": "tests/gateway/test_mail_and_push.py::test_a_letter_that_cannot_be_written_holds_no_other_up",
    "confirmations": "tests/chamas/test_verify.py::test_a_contribution_is_confirmed_when_its_last_entry_is_sealed",
}


@pytest.mark.parametrize("drill", [*AT_SOME, *AT_EACH])
def test_a_loop_that_dies_at_any_statement_does_its_work_once(
    drill: tuple[tuple[str, ...], int], village_url: str, redis_url: str, tmp_path: Path, seeded: Seeded
) -> None:
    (name, *later), step = drill
    with scene(name, village_url, redis_url, tmp_path, seeded, later=later) as at:
        bring_work(at)
        assert at.run_until_it_lives(step) > 1
        while at.later:
            at.next_in_turn()
            assert at.run_until_it_lives(step) > 1, at.loop.name
        finish(at)
        everything_happened(at)
        if name in ("rounds", "offers", "settlements", "returns"):
            return
        if name in PAYING_OUT:
            everything_is_paid_once(at)
        paid = [row["phone"] for row in at.whole.truth()]
        assert len(paid) == len(set(paid))
        # A prompt whose request died unsent is never repeated; everything else comes to its end.
        assert len(paid) > 2 if name == "pushes" else len(paid) == len(members(at.whole))
        told = [len(at.whole.codes(person)) for person in members(at.whole) if at.whole.phone(person) in paid]
        assert set(told) <= ({1, 2} if "texts" in (name, *later) else {1})


@pytest.mark.parametrize("name", GARBAGE_DRILLS)
def test_a_row_that_puzzles_a_loop_holds_nothing_up(
    name: str, village_url: str, redis_url: str, tmp_path: Path, seeded: Seeded
) -> None:
    drill = garbage.DRILLS[name]
    with scene(name, village_url, redis_url, tmp_path, seeded) as at:
        bring_work(at)
        drill.put(at)
        finish(at)
        assert drill.shown(at)
        if name == "rounds":
            assert at.whole.value("SELECT count(*) FROM rounds WHERE state IN ('completed', 'expired')") == 7
            return
        if name == "returns":
            assert len(at.whole.unsound()) == 1
            return
        if name in ("offers", "settlements"):
            assert at.whole.unsound() == []
            return
        assert sum(len(at.whole.codes(person)) for person in members(at.whole)) == drill.told
        if name == "expiries":
            assert at.whole.value("SELECT count(*) FROM open_holds") == 1
            assert len(at.whole.unsound()) == 1
            return
        assert at.whole.equals_truth()
        assert at.whole.rows("SELECT number FROM batches WHERE state <> 'completed'") == []
