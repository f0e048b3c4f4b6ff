"""Walks through every screen in every language with the longest names and the largest amounts, key by key."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from ledger import books
from ledger.refusals import Refusal
from menus import callers, locale, machine, steps
from menus.dialog import BACK, HOME, MORE, ROOMS, Go, go
from menus.phone import look_at
from menus.screens import home, resume
from menus.steps import Reply, Session
from menus.visit import Place, Visit
from tests.databases import a_database, as_owner, lent_database
from tests.instruments import START, SeededChance
from tests.menus import asked, largest, questions, village
from tests.menus.forgetful import Forgetful

PLACE = Place("*384*123#", "0800 000 000", village.PAYBILL)
NOBODY = "+254700000999"
# Of a hundred, these are shown as those before them, and with fewer digits than those after.
ROLLS, MIDDLE = ("sitting.walk", "paid.unpaid", "turn.whole"), range(2, 97)
# Of those who share a phone, and the digits that an official told those without a PIN.
NUMBERS = {"who.number": ("9999", "60", "62"), "who.first": ("9999", "216626")}
# Whoever is invited to a place in the largest chama types its number.
NUMBERS["join.code"] = ("6", "99999", "51907", "48213")
PIN, PEPPER = "73519", "a pepper for tests"


@pytest.fixture(scope="module")
def settled(postgres_url: str, template: str) -> Iterator[tuple[str, village.Village]]:
    """A database with the largest house in it, to be copied."""
    with a_database(postgres_url, template) as name:
        with psycopg.connect(as_owner(postgres_url, name), autocommit=True) as conn:
            house = largest.house(conn, PIN, PEPPER)
            questions.looked_at(conn, (house.users[-1], house.users[40]), START, by=village.LONG_NAME)
            asked.bank_asked(conn, house, START)
        yield name, house


@pytest.fixture
def database_url(postgres_url: str, settled: tuple[str, village.Village]) -> Iterator[str]:
    """Each walk has a house of its own."""
    with lent_database(postgres_url, settled[0]) as name:
        yield as_owner(postgres_url, name)


@pytest.fixture
def full_house(settled: tuple[str, village.Village]) -> village.Village:
    return settled[1]


@pytest.fixture
def acting(database_url: str) -> Iterator[Connection[Any]]:
    """For what is done and taken back."""
    with psycopg.connect(database_url, autocommit=True) as conn:
        yield conn


def visit_of(
    conn: Connection[Any],
    phone: str,
    language: str | None = None,
    *,
    mpesa: bool = True,
    apart: Connection[Any] | None = None,
) -> Visit:
    """A visit by the owner of a phone; what she does is done over the connection `apart`."""
    known = callers.recognise(conn, phone, START)
    deeds = Forgetful(conn, apart)
    return Visit(
        caller=known.caller,
        phone=phone,
        mpesa=mpesa,
        language=language or known.language,
        at=START,
        place=PLACE,
        chance=SeededChance(),
        pepper=PEPPER,
        reach=lambda: deeds.conn,
        prompt_out=known.prompt_out,
        news=known.news,
        lent=known.lent,
        deeds=deeds,
        banking=((250_000, 108_00),),
    )


def everything(visit: Visit) -> Iterator[tuple[Session, Reply]]:
    """Every screen that keys and typed answers lead to, each once."""
    waiting = [machine.begin(visit)]
    seen: set[str] = set()
    while waiting:
        session, reply = waiting.pop()
        # Somebody else may have said that it is she who goes on.
        visit = replace(visit, caller=session.caller)
        if session.path[-1].name in ROLLS and session.path[-1].args.get("after") in MIDDLE:
            last = session.path[-1].giving(after=MIDDLE.stop)
            session, reply = steps.shown(*steps.enter(session, last, visit))
        yield session, reply
        if not reply.more or repr(session.path[-1]) in seen:
            continue
        seen.add(repr(session.path[-1]))
        typed = {
            "amount": ["250000", "999999"],
            "code": NUMBERS["join.code"],
            "number": NUMBERS.get(session.path[-1].name, ("6", "9999", "51907")),
            "day": ["2812", "9999"],
            "phone": ["0712345678", "12"],
            "receipt": ["tkk7rt61sv", "TKK9RT61SV", "12"],
            "name": [village.LONG_NAME, "R2D2"],
            "paybill": ["4002001", "12"],
            "account": ["wwwwwwwwwwwww", "0-1"],
            "pin": [PIN, "60428", "1234"],
            "new_pin": [PIN, "12345"],
        }
        # Where nothing is typed, what is no choice is no choice.
        answers = [*session.choices, *([*typed[session.typed.kind], "7"] if session.typed else []), "*"]
        for answer in answers:
            try:
                waiting.append(machine.hear(session, answer, visit, f"{session.hop}{session.path}*{answer}"))
            except Refusal as no:
                words = locale.say(session.language, no.words, **no.named)
                waiting.append(machine.again(session, visit, words, must=True))


@pytest.mark.parametrize("language", locale.LANGUAGES)
def test_every_screen_fits_with_the_longest_names(
    conn: Connection[Any], acting: Connection[Any], full_house: village.Village, language: str
) -> None:
    visiting = partial(visit_of, conn, language=language, apart=acting)
    # Of several announcements each is news again when the next is read, as nothing stays done here: one member hears
    # them, and the others find the way to the menu.
    conn.execute(
        "INSERT INTO announcements_heard (request_id, member_id, heard_at) SELECT r.id, m.id, r.asked_at "
        "FROM disbursement_requests r JOIN chama_members m ON m.chama_id = r.chama_id "
        "WHERE r.state = 'approved' AND m.id <> %s ON CONFLICT DO NOTHING",
        [full_house.members[97]],
    )
    shown: set[str] = set()
    done: set[str] = set()
    callers_of_all_kinds = [
        visiting(village.phone_of(100)),
        visiting(village.phone_of(100), mpesa=False),
        *(visiting(village.phone_of(place)) for place in (41, 42, 43, 44)),
        visiting(NOBODY),
        *(visiting(village.phone_of(phone)) for phone in (2, 3, 98, 101, 910, 912, 899, 960)),
        # What is taken back stays unread: from her messages this walk finds no way to the menu.
        replace(visiting(village.phone_of(2)), news=False),
    ]
    for visit in callers_of_all_kinds:
        for _session, reply in everything(visit):
            look_at(reply.wire)
            assert ".." not in reply.text, f"cut short: {reply.text}"
            shown.add(reply.screen)
        assert isinstance(visit.deeds, Forgetful)
        done |= visit.deeds.done
    for _prompt in range(2):
        asked.given_up(conn, full_house, 99, 250_000_00, START - timedelta(minutes=3))
    visit = visiting(village.phone_of(99))
    alone = [reply for _session, reply in everything(visit)]
    assert isinstance(visit.deeds, Forgetful)
    done |= visit.deeds.done
    for reply in alone:
        look_at(reply.wire)
        assert ".." not in reply.text, f"cut short: {reply.text}"
    assert any(village.PAYBILL in reply.text for reply in alone)
    village.push_out(conn, full_house, place=100, cents=250_000_00, at=START - timedelta(minutes=1))
    for _session, reply in everything(visiting(village.phone_of(100))):
        look_at(reply.wire)
        shown.add(reply.screen)
    visit = visiting(village.phone_of(41))
    for left in resume.ERRANDS:
        cut = replace(visit, left=(go(home.start), Go(f"{left}.x", {})))
        _session, reply = machine.begin(cut)
        look_at(reply.wire)
        shown.add(reply.screen)
    assert shown | done >= set(ROOMS)


def test_every_errand_that_may_be_cut_off_has_a_name() -> None:
    named = {*resume.ERRANDS, "home", "pending", "announced", "pin", "forgotten", "vouch", "resume", "stranger", "who"}
    assert {name.partition(".")[0] for name in ROOMS} == named
    assert set(ROOMS) >= machine.READ


def test_back_goes_along_the_path_and_home_begins_again(
    conn: Connection[Any], acting: Connection[Any], full_house: village.Village
) -> None:
    visit = visit_of(conn, village.phone_of(41), "en", apart=acting)
    for session, reply in everything(visit):
        if not reply.more:
            continue
        home, first = machine.hear(session, HOME, visit, "x")
        assert first.screen == "home.start"
        assert len(home.path) == 1
        behind, before = machine.hear(session, BACK, visit, "x")
        assert behind.path == (session.path[:-1] or session.path)
        assert before.screen == behind.path[-1].name


def test_back_does_not_lead_to_what_she_said_no_to(conn: Connection[Any], full_house: village.Village) -> None:
    visit = visit_of(conn, village.phone_of(41), "en")
    session, reply = machine.begin(visit, "1*1000*2")
    assert reply.screen == "contribute.amount"
    _session, before = machine.hear(session, BACK, visit, "1*1000*2*0")
    assert before.screen == "home.start"


def test_more_shows_every_name_once(conn: Connection[Any], full_house: village.Village) -> None:
    visit = visit_of(conn, village.phone_of(41), "en")
    session, reply = machine.begin(visit, "3*1")
    names = []
    while True:
        lines = [line for line in reply.text.split("\n")[1:] if "owes" in line]
        assert 1 <= len(lines) <= 5
        names += [line.split(" ")[0] for line in lines]
        if MORE not in session.choices:
            break
        session, reply = machine.hear(session, MORE, visit, "x")
    assert names == [str(number) for number in range(41, 101)]


def test_a_wrong_answer_shows_the_same_screen_again(conn: Connection[Any], full_house: village.Village) -> None:
    visit = visit_of(conn, village.phone_of(41), "en")
    session, _reply = machine.begin(visit, "6")
    after, reply = machine.hear(session, "8", visit, "6*8")
    assert after.path == session.path
    assert reply.text.startswith("That is not one of the choices.\nMore")


def test_one_digit_is_never_money(conn: Connection[Any], full_house: village.Village) -> None:
    visit = visit_of(conn, village.phone_of(41), "en")
    session, _reply = machine.begin(visit, "1")
    for answer in ("3", "9", "07", "-50", "5.5", "500.5", "1e3"):
        after, _reply = machine.hear(session, answer, visit, f"1*{answer}")
        assert after.path == session.path, answer
    after, _reply = machine.hear(session, "10", visit, "1*10")
    assert after.path[-1].name == "contribute.confirm"
    assert after.path[-1].args["cents"] == 10_00


@pytest.mark.parametrize("language", locale.LANGUAGES)
def test_a_wrong_amount_is_told_what_an_amount_is(
    conn: Connection[Any], full_house: village.Village, language: str
) -> None:
    for place in (41, 100, 40):
        visit = visit_of(conn, village.phone_of(place), language)
        session, shown = machine.begin(visit, "1")
        wrong = ("abc", "5,000.50", "9", "-5", "1000000", "250,001", "1,00", "0500", "\u0665\u0660\u0660", "9" * 60)
        for answer in wrong:
            _session, heard = machine.hear(session, answer, visit, f"1*{answer}")
            _session, walked = machine.begin(visit, f"1*{answer}*1")
            for reply in (heard, walked):
                look_at(reply.wire)
                assert "10" in reply.text.split("\n")[0], answer
                assert reply.text.split("\n")[0].endswith("250,000."), answer
                assert reply.text.endswith(shown.text.split("\n")[-1])


def test_a_thousand_may_have_its_comma(conn: Connection[Any], full_house: village.Village) -> None:
    visit = visit_of(conn, village.phone_of(41), "en")
    session, _reply = machine.begin(visit, "1")
    for answer, cents in (
        ("1,000", 1_000_00),
        ("250,000", 250_000_00),
        ("10", 10_00),
        (" 500 ", 500_00),
        ("500.00", 500_00),
    ):
        after, _reply = machine.hear(session, answer, visit, f"1*{answer}")
        assert after.path[-1].args["cents"] == cents, answer


def test_a_wrong_page_number_is_told_what_to_type(conn: Connection[Any], full_house: village.Village) -> None:
    visit = visit_of(conn, village.phone_of(100), "en")
    _session, reply = machine.begin(visit, "2*2*TEMBO")
    assert reply.text.startswith("Type a number, digits only.\nType the page number")


def test_the_books_stand_behind_the_balance(conn: Connection[Any], full_house: village.Village) -> None:
    _session, reply = machine.begin(visit_of(conn, village.phone_of(100), "en"), "2")
    page = books.page(conn, full_house.book_id)
    assert page is not None
    assert "KES 900,000\n" in reply.text
    assert f"page {page.seq} {page.words}" in reply.text
