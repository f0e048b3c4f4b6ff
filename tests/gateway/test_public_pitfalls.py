"""Pitfalls of USSD and SMS behind Africa's Talking, as public programs fell into them; which test is for which.

The list first; behind it the tests that no other file has. Whatever is named is looked for by its name: who renames a
test is led here.
"""

import re
from dataclasses import replace
from importlib.metadata import distribution, distributions
from typing import Any

import pytest
from flask import Flask
from psycopg import Connection
from requests.adapters import HTTPAdapter

from gateway.app import create_app
from gateway.wiring import Wiring
from menus import locale
from menus.dialog import MORE, ROOMS
from menus.map import ways
from tests.gateway.turns import GOOD, NJERI
from tests.instruments import START
from tests.menus import village
from tests.named import missing
from tests.phones import phone_on

HERE = "gateway/test_public_pitfalls.py::"

PITFALLS = {
    "1 the answer taken as what stands behind the last star": (
        "menus/test_answers.py::test_the_difference_is_what_was_typed_even_a_star",
        "gateway/test_ussd.py::test_a_typed_star_is_an_answer_like_any_other",
        "gateway/test_ussd.py::test_a_repeated_turn_gets_its_answer_again",
    ),
    "2 the whole route replayed at each hop, with its effects": (
        "gateway/test_ussd.py::test_eight_copies_of_every_turn_make_one_wish",
        "gateway/test_ussd.py::test_a_lost_session_costs_nothing_and_never_pays_twice",
    ),
    "3 a Content-Type compared to the letter": ("gateway/test_ussd_input.py::test_every_way_of_writing_her_number",),
    "4 a 4xx, a 5xx or an exception's text": (
        "loop/test_samples.py::test_bad_turns_end_in_clear_words",
        "gateway/test_ussd_input.py::test_bad_input_is_answered_in_the_members_language",
        "gateway/test_ussd_input.py::test_a_reference_is_found_and_a_flood_of_bad_input_fills_nothing",
        "drills/test_turns.py::test_a_screen_of_ours_that_raises",
    ),
    "5 a PIN in logs, rows, Redis, Sentry or end events": (
        "gateway/test_ussd_pin.py::test_she_chooses_one_and_it_is_written_nowhere",
        "gateway/test_trails.py::test_what_is_kept_and_what_never",
        "gateway/test_sentry.py::test_an_error_is_found_and_nobody_in_it",
        "loop/test_secrets_stay_out.py::test_a_whole_payment_leaves_no_secret_behind",
    ),
    "6 a short PIN that falls to whoever has the database": (
        "chamas/test_pins.py::test_the_database_alone_does_not_know_it",
        "chamas/test_pins.py::test_three_wrong_tries_lock_it_for_longer_each_time",
        "gateway/test_ussd_pin.py::test_three_wrong_ones_lock_it_over_all_sessions_and_repeats_count_once",
    ),
    "7 somebody called inside the turn": (HERE + "test_nobody_is_called_inside_a_turn",),
    "8 a prompt behind a screen that is still open": (
        HERE + "test_a_prompt_is_asked_for_by_an_end_that_says_nothing_was_paid",
    ),
    "9 an END taken for a payment": (HERE + "test_a_prompt_is_asked_for_by_an_end_that_says_nothing_was_paid",),
    "10 going on without a limit of age, or past a PIN": (
        "gateway/test_ussd_resume.py::test_it_is_forgotten_after_a_few_minutes_and_holds_no_phone",
        "gateway/test_ussd_resume.py::test_nothing_is_paid_by_going_on",
        "gateway/test_ussd_pin.py::test_nobody_is_led_past_a_pin_by_going_on",
    ),
    "11 a cut that eats the way back, or leaves a letter no phone has": (
        "menus/test_gsm.py::test_the_way_back_is_never_cut_off",
        "menus/test_gsm.py::test_plain_text_can_always_be_counted",
    ),
    "12 letters counted where septets are meant": (
        "menus/test_gsm.py::test_extended_characters_take_two",
        "menus/test_walk.py::test_every_screen_fits_with_the_longest_names",
    ),
    "13 98 and 00 that mean something else to Airtel's pager": (
        HERE + "test_98_is_more_and_00_is_home_and_nothing_else",
        "menus/test_walk.py::test_back_goes_along_the_path_and_home_begins_again",
    ),
    "14 0 as the way back where it is an answer": (
        HERE + "test_a_zero_that_begins_an_answer_is_no_way_back",
        "menus/test_walk.py::test_one_digit_is_never_money",
    ),
    "15 state in the memory of one process": (HERE + "test_any_process_hears_the_next_turn",),
    "16 a limit by address, which is everybody's": (HERE + "test_a_guesser_at_the_same_address_stops_no_turn",),
    "17 whoever finds the address can be anybody": (
        "gateway/test_ussd_input.py::test_the_door_needs_the_secret_or_this_machine",
        "gateway/test_ussd_input.py::test_whoever_is_not_on_the_operators_list_finds_no_door",
        "gateway/test_ussd_input.py::test_bad_input_is_answered_in_the_members_language",
    ),
    "18 end events that are missing, late, doubled or wrong": (
        "gateway/test_ussd.py::test_an_end_event_is_kept_once",
        HERE + "test_an_end_that_is_told_too_early_ends_nothing",
    ),
    "19 one phone under many spellings": (
        "gateway/test_ussd_input.py::test_every_way_of_writing_her_number",
        "payments/test_phones.py::test_reads_one_number_in_many_hands",
        "payments/test_phones.py::test_reads_a_neighbour_whose_plus_became_a_blank",
    ),
    "20 other keys for the same way on other screens": (
        "menus/test_validator.py::test_screens_that_lead_wrong_are_told",
        HERE + "test_98_is_more_and_00_is_home_and_nothing_else",
    ),
    "21 an SMS lost with its batch, doubled, or never to arrive": (
        "gateway/test_texts_words.py::test_the_sample_reply_is_read_as_json_and_as_text",
        "gateway/test_texts.py::test_a_puzzling_notice_does_not_hold_up_the_next",
        "gateway/test_texts.py::test_what_is_unclear_is_sent_once_more_after_a_quarter_of_an_hour_and_never_again",
        "gateway/test_texts.py::test_a_member_who_blocked_the_sender_is_not_asked_again",
        "loop/test_telling.py::test_a_reminder_reaches_who_has_not_paid_by_sms_or_by_her_next_dial",
    ),
    "22 pickled sessions, templates that reach the environment": (
        "house/test_imports.py::test_nothing_is_unpickled_and_no_template_is_made_of_words",
        "gateway/test_sessions.py::test_what_is_stored_comes_back",
    ),
    "23 words or code under another's licence": (HERE + "test_no_licence_asks_for_ours",),
}


@pytest.fixture
def umoja(conn: Connection[Any]) -> village.Village:
    return village.settle(conn, START, paid=(1, 2))


@pytest.fixture
def app(web_wiring: Wiring, umoja: village.Village) -> Flask:
    return create_app(web_wiring)


def test_every_pitfall_has_its_test() -> None:
    assert [int(name.split()[0]) for name in PITFALLS] == list(range(1, 24))
    assert missing(PITFALLS) == []
    assert missing({"lost": ("gateway/test_ussd.py::test_nothing",)}) == ["gateway/test_ussd.py::test_nothing"]


def test_nobody_is_called_inside_a_turn(app: Flask, conn: Connection[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Prompts and SMS wait as rows for the worker: neither Safaricom nor the SMS provider can make her wait."""

    def called(*_request: object, **_how: object) -> None:
        raise AssertionError("somebody was called inside a turn")

    monkeypatch.setattr(HTTPAdapter, "send", called)
    phone = phone_on(app, NJERI)
    phone.dial("*384*123*3#")
    assert phone.press("3").startswith("END Who has not paid comes by SMS")
    phone.dial("*384*123*1*500#")
    assert phone.press("1").startswith("END Now M-PESA asks: 500")
    waits = "SELECT (SELECT count(*) FROM payment_attempts WHERE state = 'created'), count(*) FROM notifications"
    assert conn.execute(waits).fetchone() == (1, 1)


def test_a_prompt_is_asked_for_by_an_end_that_says_nothing_was_paid(app: Flask, conn: Connection[Any]) -> None:
    """M-PESA's prompt cannot show while the dialog is open, and only its word is a payment."""
    phone = phone_on(app, NJERI)
    phone.dial("*384*123*1*500#")
    said = phone.press("1")
    assert said.startswith("END ") and "Paid when our SMS comes" in said
    hers = "SELECT paid_cents FROM contributions k JOIN chama_members m ON m.id = k.member_id WHERE m.user_id = 4"
    assert conn.execute(hers).fetchone() == (0,)
    assert "paid 0 of 500" in phone.dial("*384*123#") or "still waiting" in phone.screen
    for pair in locale.catalogue("sw").items():
        for text in pair:
            assert not re.search(r"payment (was )?successful|umefanikiwa kulipa|malipo yamefanikiwa", text.lower()), (
                text
            )


def test_98_is_more_and_00_is_home_and_nothing_else() -> None:
    """Airtel pages what is over its length by the same two keys."""
    found = {(room.name, way.key, way.label) for room in ROOMS.values() for way in ways(room)}
    assert {label for _name, key, label in found if key == MORE} <= {"More", ""}
    assert not [one for one in found if one[1] in ("0", "00", "22", "44", "77", "88", "99", "#", "*")]


def test_a_zero_that_begins_an_answer_is_no_way_back(app: Flask) -> None:
    """A phone number, a PIN and an amount are compared whole; only the bare 0 and 00 lead anywhere."""
    phone = phone_on(app, village.phone_of(1))
    phone.dial("*384*123*7*4*8#")
    assert phone.press("0700000098").startswith("CON This member has her own phone")
    phone.dial("*384*123*6*4#")
    assert phone.press("04829").startswith("CON Type the same CHAMA PIN once more")
    assert phone.press("0").startswith("CON Choose a CHAMA PIN")
    phone.dial("*384*123*1#")
    assert phone.press("0").startswith("CON Umoja: paid")


def test_any_process_hears_the_next_turn(app: Flask, web_wiring: Wiring, conn: Connection[Any]) -> None:
    """What one process knows of a session stands in Redis; another one goes on, and a third repeats."""
    wirings = [replace(web_wiring), replace(web_wiring)]
    phone = phone_on(app, NJERI)
    phone.dial("*384*123#")
    others = [phone_on(create_app(each), NJERI).post for each in wirings]
    for keys, phone.post in (("1", others[0]), ("500", others[1]), ("1", others[0])):
        said = phone.press(keys)
    assert said.startswith("END Now M-PESA asks: 500")
    phone.post = others[1]
    assert phone.repeat() == said
    assert conn.execute("SELECT count(*) FROM payment_attempts").fetchone() == (1,)
    for each in wirings:
        each.close()


def test_a_guesser_at_the_same_address_stops_no_turn(app: Flask) -> None:
    """The gateway's turns all come from one address: what is counted by address is never a member."""
    client = app.test_client()
    while client.get("/v/WRXNGXXX").status_code != 429:
        pass
    for _guess in range(40):
        client.post("/ussd/guess", data=GOOD)
        client.post("/ussd", data={**GOOD, "serviceCode": "*1#"})
    assert phone_on(app, NJERI).dial("*384*123#").startswith("CON Umoja: paid 0 of 500")


def test_an_end_that_is_told_too_early_ends_nothing(app: Flask, conn: Connection[Any]) -> None:
    phone = phone_on(app, NJERI)
    phone.dial("*384*123#")
    event = {"sessionId": phone.session, "phoneNumber": NJERI, "status": "Failed", "input": "1*500"}
    app.test_client().post("/ussd/events", data=event)
    phone.press("1")
    phone.press("500")
    assert phone.press("1").startswith("END Now M-PESA asks: 500")
    assert conn.execute("SELECT status FROM ussd_sessions").fetchall() == [("Failed",)]


def test_no_licence_asks_for_ours() -> None:
    """Nothing that we install is under the GPL or AGPL. What we say is our own: no catalogue names another project."""
    needed, waiting = set(), ["pesachama-gateway"]
    installed = {_plain(one.metadata["Name"]) for one in distributions()}
    while waiting:
        name = waiting.pop()
        if name in needed or name not in installed:
            continue
        needed.add(name)
        told = distribution(name).metadata
        licences = " ".join([told.get("License-Expression") or "", *told.get_all("Classifier", [])])
        licences += (told.get("License") or "")[:60]
        assert not re.search(r"(?<!L)(?<!Lesser )\bA?GPL|Affero|(?<!Lesser )General Public", licences), (name, licences)
        wanted = [line for line in distribution(name).requires or () if "extra ==" not in line]
        waiting += [_plain(re.split(r"[^\w.-]", line, maxsplit=1)[0]) for line in wanted]
    assert {"flask", "psycopg", "redis", "web3"} <= needed
    for path in locale.HERE.rglob("*.po"):
        head = path.read_text().partition('msgid "')[0].lower()
        assert "copyright" not in head and "licen" not in head, path


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
