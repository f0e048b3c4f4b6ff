"""The 47 pitfalls of Daraja, and which test would see each.

They were collected from Safaricom's pages and from what public integrations have suffered. Each is one test or more;
here it is only looked that they are there, by their names: who renames one is led to this list.
"""

from tests.chamas.test_public_bugs import missing

PITFALLS = {
    "1 one worker's token ends the others'": (
        "payments/test_daraja.py::test_eight_threads_share_one_live_token",
        "payments/test_outcomes.py::test_a_dead_token_is_replaced_within_the_same_call",
    ),
    "2 the timestamp computed twice, or in UTC": (
        "payments/test_daraja.py::test_the_password_holds_the_very_timestamp_of_the_body_in_nairobi_time",
    ),
    "3 ResponseCode 0 read as paid": (
        "payments/test_reading.py::test_query_answers",
        "payments/test_outcomes.py::test_a_prompt_that_is_still_out_stays_pending",
    ),
    "4 ResultCode as number, text, letters": (
        "payments/test_reading.py::test_a_code_may_be_a_number_or_text",
        "payments/test_reading.py::test_parameters_come_as_an_object_as_a_list_twice_and_with_blanks",
        "payments/test_accounts.py::test_a_refusal_says_whether_we_may_not_ask",
    ),
    "5 a missing ResultCode taken for 0": ("payments/test_reading.py::test_a_missing_or_odd_code_is_never_zero",),
    "6 one number, several meanings": (
        "payments/test_codes.py::test_the_same_number_means_another_thing_to_another_api",
    ),
    "7 500.001.1001 and 500.002.1001 overloaded": (
        "payments/test_daraja.py::test_one_code_has_five_meanings",
        "payments/test_payout_outcomes.py::test_an_answer_that_proves_nothing_is_never_followed_by_another_request",
    ),
    "8 a query names no receipt and no amount": (
        "payments/test_evidence.py::test_a_query_that_says_paid_books_nothing_and_asks_for_the_receipt",
    ),
    "9 metadata absent, without Value, Balance as text": (
        "payments/test_reading.py::test_a_failure_has_no_metadata",
        "payments/test_reading.py::test_a_success_without_metadata_is_unreadable",
        "payments/test_reading.py::test_a_balance_beside_the_money_is_not_read_whatever_it_is",
    ),
    "10 an object or a list, keys twice, blanks": (
        "payments/test_reading.py::test_parameters_come_as_an_object_as_a_list_twice_and_with_blanks",
        "payments/test_reading.py::test_an_item_that_contradicts_itself_is_unreadable",
        "payments/test_accounts.py::test_blanks_separators_and_decimals_are_taken_as_they_come",
    ),
    "11 a TransactionID that is no receipt": (
        "payments/test_reading.py::test_what_is_no_receipt_is_unreadable",
        "payments/test_payouts.py::test_a_proven_failure_gives_the_money_back",
    ),
    "12 four forms of a date": ("payments/test_reading.py::test_an_instant_is_the_same_in_each_of_its_four_forms",),
    "13 floats": (
        "payments/test_reading.py::test_amounts_are_exact",
        "payments/test_accounts.py::test_cents_are_exact",
        "house/test_purity.py::test_rule_7_no_float_touches_cents",
    ),
    "14 misspellings on the wire": (
        "payments/test_daraja.py::test_each_request_is_spelt_as_its_api_spells_it",
        "simulator/test_c2b.py::test_the_misspelt_key",
    ),
    "15 other values for success, HTML with 200": (
        "payments/test_qr_pictures.py::test_what_is_wished_for_is_drawn_once_and_anew_when_it_says_something_else",
        "loop/test_pull.py::test_an_answer_that_proves_nothing_covers_nothing_and_is_asked_again",
        "payments/test_outcomes.py::test_a_page_instead_of_an_answer_is_unclear_and_never_sent_again",
    ),
    "16 a second tap, another try, a library's retry": (
        "payments/test_pushes.py::test_two_wishes_of_one_phone_at_the_same_moment_are_one_prompt",
        "payments/test_pushes.py::test_a_crash_between_claim_and_call_never_sends_twice",
        "payments/test_daraja.py::test_whatever_may_have_been_executed_is_unknown_and_sent_once",
    ),
    "17 a lost answer": ("payments/test_outcomes.py::test_money_that_is_told_is_booked_once",),
    "18 1037 and 1019 taken for the end": (
        "payments/test_outcomes.py::test_no_answer_is_soft_and_a_late_payment_wins",
        "payments/test_states.py::test_a_late_success_beats_a_failure_and_a_late_failure_beats_nothing",
    ),
    "19 the callback before the answer": (
        "payments/test_evidence.py::test_a_callback_before_the_answer_is_not_overwritten_by_it",
    ),
    "20 callbacks twice at the same instant": (
        "loop/test_races.py::test_callbacks_each_delivered_three_times",
        "loop/test_two_readers.py::test_readers_that_cross_two_books_book_everything_once",
    ),
    "21 prompt and paybill both credit": (
        "payments/test_paybill.py::test_the_two_tellings_of_a_push_are_one_receipt",
        "loop/test_paybill.py::test_a_push_that_is_told_twice_over_is_booked_once",
    ),
    "22 a late or forged failure un-pays": (
        "payments/test_evidence.py::test_late_success_wins_and_late_failure_does_not",
        "payments/test_late_success.py::test_a_failure_after_a_success_is_too_late",
        "payments/test_unpaid.py::test_a_forged_failure_tells_nobody",
    ),
    "23 another amount is lost, or credited as asked": (
        "payments/test_outcomes.py::test_a_wrong_amount_ends_in_suspense_with_the_amount_that_moved",
        "loop/test_outcomes.py::test_a_wrong_amount_is_booked_as_it_moved_and_credits_nobody",
    ),
    "24 a mask made into a number": (
        "payments/test_paybill.py::test_a_payer_shows_as_a_hash_a_mask_a_number_or_not_at_all",
        "payments/test_reading.py::test_a_masked_payer_is_nobody_and_not_an_error",
    ),
    "25 somebody else pays for her": ("loop/test_paybill.py::test_money_with_her_account_is_hers_whoever_sends_it",),
    "26 what people type as the account": (
        "payments/test_paybill.py::test_what_people_type_is_read_with_forgiveness",
        "payments/test_paybill.py::test_what_may_mean_anything_means_nothing",
        "payments/test_paybill.py::test_what_a_member_is_told_to_type_is_read_as_hers",
    ),
    "27 a reference that is cut": (
        "payments/test_pushes.py::test_an_account_reference_fits_and_can_be_read_out",
        "payments/test_daraja.py::test_a_push_takes_whole_shillings_and_a_short_reference",
    ),
    "28 a prompt that is too long": (
        "payments/test_daraja.py::"
        "test_a_prompt_is_far_shorter_than_safaricom_can_show_and_a_longer_one_is_the_operators",
    ),
    "29 a time-out taken for failure": (
        "payments/test_payouts.py::test_a_time_out_proves_nothing_and_keeps_no_secret",
        "payments/test_payout_outcomes.py::test_a_queue_time_out_is_no_failure_and_is_asked_about",
        "payments/test_payout_outcomes.py::test_what_was_proved_not_to_be_executed_is_sent_again_under_the_same_name",
    ),
    "30 a payout written down after the call": (
        "drills/test_loops.py::test_a_loop_that_dies_at_any_statement_does_its_work_once",
        "payments/test_payout_run.py::test_a_run_of_payouts_is_paid_at_most_once_whatever_happens",
    ),
    "31 the echo with our credential": (
        "payments/test_keeping.py::test_secrets_never_reach_the_table",
        "payments/test_payouts.py::test_a_time_out_proves_nothing_and_keeps_no_secret",
    ),
    "32 2001 again and again locks the initiator": (
        "payments/test_payouts.py::test_a_refused_initiator_stops_the_shortcode_at_once",
        "payments/test_payout_outcomes.py::test_a_wrong_password_is_tried_once_however_many_payouts_wait",
    ),
    "33 utility and working account, an empty float": (
        "payments/test_utility.py::test_the_utility_account_is_asked_about_before_money_leaves",
        "payments/test_payouts.py::test_a_float_that_is_too_small_keeps_payouts_back",
    ),
    "34 a result told twice takes money twice": (
        "payments/test_payouts.py::test_a_paid_payout_is_booked_once_whatever_is_repeated",
    ),
    "35 forbidden words in addresses": (
        "gateway/test_app.py::test_no_address_that_safaricom_is_given_has_a_word_that_it_refuses",
        "gateway/test_settings.py::test_a_wrong_form_is_refused_everywhere",
    ),
    "36 registered once, and the host moves": ("gateway/test_papers.py::test_an_address_that_moved_is_told",),
    "37 a validation that is late": (
        "loop/test_paybill.py::test_a_validation_is_answered_without_postgresql",
        "drills/test_turns.py::test_what_safaricom_tells_while_postgres_is_silent_is_kept_and_answered",
        "payments/test_daraja.py::test_each_request_is_spelt_as_its_api_spells_it",
    ),
    "38 a fault of ours costs a confirmation": (
        "gateway/test_callbacks_away.py::test_a_fault_of_ours_costs_no_body_and_is_an_incident",
        "payments/test_poison.py::test_poison_is_set_aside_unread_and_the_others_of_its_batch_are_settled",
    ),
    "39 whose address counts": (
        "gateway/test_sources.py::test_the_hop_that_is_ours_decides_and_not_what_the_caller_wrote",
        "gateway/test_sources.py::test_an_address_is_read_as_what_it_is",
        "gateway/test_sources.py::test_others_are_taken_until_the_operator_says_refuse",
    ),
    "40 tokens in logs": (
        "loop/test_secrets_stay_out.py::test_a_whole_payment_leaves_no_secret_behind",
        "loop/test_secrets_stay_out.py::test_callback_tokens_stand_nowhere_but_hashed",
    ),
    "41 old certificates, 90 days, forbidden letters": (
        "payments/test_shortcodes.py::test_a_password_is_encrypted_alone_and_only_under_a_certificate",
        "gateway/test_papers.py::test_a_password_is_told_before_it_dies",
        "gateway/test_papers.py::test_of_what_the_first_credential_is_made",
    ),
    "42 ids and names of people": (
        "payments/test_aging.py::test_people_become_pseudonyms_and_what_was_proved_stays",
        "payments/test_pseudonyms.py::test_a_status_result_loses_its_parties_and_keeps_its_money",
        "loop/test_secrets_stay_out.py::test_whole_numbers_stand_in_three_tables_only",
    ),
    "43 Pull's window, codes and pages": (
        "loop/test_pull.py::test_an_answer_that_proves_nothing_covers_nothing_and_is_asked_again",
        "loop/test_pull.py::test_what_is_older_than_safaricom_keeps_is_a_hole",
        "loop/test_pull.py::test_more_than_a_page_is_asked_page_by_page",
        "loop/test_pull.py::test_a_confirmation_that_comes_after_pull_says_it_once_more_and_no_more",
    ),
    "44 the zone of Pull's times": ("loop/test_pull.py::test_times_that_prove_to_be_utc_are_read_as_utc",),
    "45 callbacks of strangers": (
        "payments/test_evidence.py::test_an_unknown_token_credits_nothing_and_is_asked_about",
        "loop/test_paybill.py::test_a_notice_without_our_secret_credits_nothing",
    ),
    "46 a transaction open around the call": (
        "payments/test_pushes.py::test_no_transaction_is_open_while_daraja_thinks",
        "payments/test_payout_outcomes.py::test_no_transaction_is_open_while_daraja_is_asked",
    ),
    "47 silence looks like a quiet day": (
        "payments/test_watch.py::test_accepted_prompts_without_a_callback_are_a_silence",
    ),
}


def test_every_pitfall_has_its_test() -> None:
    assert [int(name.split()[0]) for name in PITFALLS] == list(range(1, 48))
    assert missing(PITFALLS) == []
