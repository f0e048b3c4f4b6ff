"""Bugs that public programs for savings groups have had, and what a group must hold by; which test is for which.

    who was removed moved the others' turns           test_lifecycle.py, test_leaving.py
    a refund was called one and moved nothing         test_giving_back.py
    a month that is short lost a round, or drifted    test_calendar.py
    a debt was counted twice                          test_pots.py
    a group that was cancelled kept the money         test_pots.py, test_giving_back.py
    somebody was paid twice, or money after a crash   test_pots.py, test_leaving.py
    a missed run of the clock left a round out        test_lifecycle.py
    the draw could be foreseen, or nobody could check test_drawing.py, test_ballots.py
    remainders went to whoever came first             tests/ledger/test_remainders.py
    a short pot was forgotten when debts landed       test_pots.py
    who was paid first stopped, and nobody had known  test_exposure.py, test_defaults.py
    fines were the operator's, or grew by the outage  test_fines.py
    rules changed under an open round                 test_rounds.py, test_proposals.py
    one bad row stopped every group                   test_set_aside.py
    a state was left by a way that no table has       test_forbidden_moves.py

Here it is only looked that each of these tests is there, by its name: who renames one is led to this list.
"""

from tests.named import missing

# Each public bug is one test or more.
BUGS = {
    "removal moves turns": (
        "chamas/test_lifecycle.py::test_a_member_who_leaves_moves_nobody_elses_turn",
        "chamas/test_leaving.py::test_who_leaves_before_her_turn_gets_back_what_she_gave_and_nobodys_turn_moves",
        "chamas/test_leaving.py::"
        "test_who_leaves_after_her_turn_owes_the_rest_of_the_cycle_and_her_deposit_answers_for_it",
    ),
    "refunds that move nothing": (
        "chamas/test_giving_back.py::test_a_refund_moves_money_when_it_is_called_one_and_leaves_by_a_payout",
    ),
    "short months": (
        "chamas/test_calendar.py::test_boundaries_of_a_chama_that_began_on_the_31st",
        "chamas/test_calendar.py::test_a_rhythm_never_drifts",
    ),
    "double count of debts": ("chamas/test_pots.py::test_a_debt_is_counted_once_wherever_it_is_said",),
    "cancelled groups trap money": (
        "chamas/test_pots.py::test_a_group_that_is_called_off_traps_nothing_that_the_calendar_asked_for",
        "chamas/test_giving_back.py::test_money_that_comes_after_the_end_is_nobody_elses_however_long_one_waits",
    ),
    "paid twice": (
        "chamas/test_pots.py::test_a_worker_that_dies_at_any_statement_asks_once",
        "chamas/test_disbursements.py::test_two_yes_at_the_same_instant_order_one_payout",
    ),
    "missed runs": (
        "chamas/test_lifecycle.py::"
        "test_rounds_that_were_missed_are_opened_and_closed_in_their_order_by_their_own_instants",
    ),
    "draws that cannot be checked": (
        "chamas/test_drawing.py::test_a_program_that_imports_nothing_of_ours_comes_to_the_same_order",
        "chamas/test_ballots.py::test_a_ballot_that_cannot_be_trusted_is_void_and_changes_nothing",
    ),
    "remainders to the first": (
        "ledger/test_remainders.py::test_ten_thousand_divisions_are_exact_fair_and_blind_to_order",
    ),
    "short pots forgotten": ("chamas/test_pots.py::test_a_rounds_money_is_asked_for_agreed_on_and_sent_once",),
    "exposure unseen": (
        "chamas/test_exposure.py::test_if_she_stops_today_the_group_loses_what_no_deposit_covers",
        "chamas/test_defaults.py::test_who_is_in_default_is_set_off_in_order_and_comes_back",
    ),
    "fines of an outage": ("chamas/test_fines.py::test_who_paid_in_time_is_not_fined_however_late_the_proof",),
    "rules changed under an open round": (
        "chamas/test_rounds.py::test_a_round_keeps_the_rules_it_opened_with",
        "chamas/test_proposals.py::test_what_others_agree_to_holds_from_the_next_round_on",
    ),
    "one bad row stops all": (
        "chamas/test_set_aside.py::test_a_round_that_puzzles_stops_neither_the_pots_nor_the_fines_of_others",
        "chamas/test_set_aside.py::test_a_member_a_proposal_and_an_order_that_puzzle_stop_no_others",
    ),
    "moves that no table has": (
        "chamas/test_forbidden_moves.py::test_no_other_move_is_made",
        "house/test_states.py::test_the_page_of_states_is_up_to_date",
    ),
}

# What a group promises at its door and with its money, on the phone, by a program and at the desk.
PROMISES = {
    "who may not come in is refused in words": (
        "chamas/test_joining.py::test_a_full_chama_takes_nobody_by_any_way",
        "chamas/test_joining.py::test_five_wrong_codes_close_the_door_for_an_hour",
        "chamas/test_joining.py::test_an_invitation_is_over_after_a_week",
        "gateway/test_joining.py::test_who_cannot_come_in_is_refused_in_words",
        "gateway/test_joining.py::test_a_form_that_says_nothing_readable_is_refused_in_words",
        "talks/join.full-en.talk",
        "talks/join.again-en.talk",
        "talks/join.wrong-sw.talk",
    ),
    "a stranger's script recomputes the ballot": (
        "chamas/test_drawing.py::test_a_program_that_imports_nothing_of_ours_comes_to_the_same_order",
    ),
    "neither asker nor payee, nor who saw something else": (
        "chamas/test_disbursements.py::test_whose_voice_does_not_count",
        "chamas/test_disbursements.py::test_a_yes_is_to_what_was_shown",
        "chamas/test_disbursements.py::test_two_members_freeze_what_was_approved",
    ),
    "invite, join, confirm cash and approve from the phone": (
        "talks/invite.en.talk",
        "talks/join.number-sw.talk",
        "talks/cash.confirm-en.talk",
        "talks/payout.approve-sw.talk",
    ),
}


def test_every_public_bug_and_every_promise_has_its_test() -> None:
    assert missing(BUGS) == missing(PROMISES) == []
    assert missing({"lost": ("chamas/test_pots.py::test_nothing", "talks/none.talk")}) == [
        "chamas/test_pots.py::test_nothing",
        "talks/none.talk",
    ]
