"""Holds every talk with the real app. `make talk` writes down how they went instead of comparing."""

import logging
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from psycopg import Connection

from chamas.members import pins
from chamas.persons import vouching
from gateway.app import create_app
from gateway.wiring import Wiring
from menus import map, talks
from tests.databases import a_database, as_owner, lent_database
from tests.instruments import START, HandClock, SeededChance
from tests.menus import asked, denied, lent, questions, village
from tests.phones import phone_behind, phone_on

TALKS = sorted((Path(__file__).parents[1] / "talks").glob("*.talk"))
ACCEPTS = "ACCEPT_TALKS" in os.environ

# The screens and actions of each talk that was held in this run, for the question whether one was left out.
VISITED: dict[str, set[str]] = {}


@pytest.fixture(scope="module")
def umoja(postgres_url: str, template: str) -> Iterator[str]:
    """Umoja in its seventh round; Akinyi has paid, and so have two more; Amina has a second chama. To be copied."""
    with a_database(postgres_url, template) as name:
        with psycopg.connect(as_owner(postgres_url, name), autocommit=True) as conn:
            people(conn)
        yield name


@pytest.fixture
def database_url(postgres_url: str, umoja: str) -> Iterator[str]:
    """Each talk has a village of its own."""
    with lent_database(postgres_url, umoja) as name:
        yield as_owner(postgres_url, name)


def people(conn: Connection[Any]) -> None:
    settled = village.settle(conn, START, paid=(6, 8, 9))
    village.settle(conn, START, name="Tumaini", number="48214", people=("Amina", "Baraka"))
    for place, cents in ((4, 3_000_00), (5, 3_500_00), (6, 3_500_00), (5, 500_00)):
        village.pay(conn, settled, place=place, cents=cents, at=START)
    village.unmatched(conn, settled, place=6, code="TKK7RT61SV", cents=250_00)
    upendo = village.recruiting(conn, START)
    conn.execute("""UPDATE rule_sets SET more = '{"order": "ballot"}' WHERE chama_id = %s""", [upendo])
    questions.order_open(conn, settled, START, places=(5, 6))
    village.cash_given(conn, settled, START, places=(3, 7), cents=500_00)
    questions.asked(conn, settled, place=9, cents=500_00, at=START)
    village.held_back(conn, settled, place=8, name="Umoja", at=START)
    questions.meeting_set(conn, settled.chama_id, settled.users[0], START)


def also_there(path: Path, conn: Connection[Any], wiring: Wiring) -> None:
    """Talks about a group's money are held beside a third group, where some is asked for; those about a silent number
    after 61 days in which nobody used it.
    """
    errand = path.stem.partition(".")[0]
    of_money = ("announced", "ask", "payout", "renew", "fines", "leave", "stopped", "offices", "place", "bank")
    if errand in of_money or path.stem.startswith("rules.answer"):
        faraja = asked.faraja(conn, START, wiring.settings.pin_pepper)
        about_members(errand, conn, faraja)
        if errand == "fines":
            asked.fined(conn, faraja, (4, 5), cents=100_00, at=START)
        if path.stem in ("renew.en", "renew.sw"):
            asked.unsent(conn, faraja, asked.Asking(2, 5, 600_00), START)
        paid_out(path, conn, faraja)
        if errand == "stopped":
            asked.stopped(conn, faraja, payee=4, cents=3_500_00, at=START)
            asked.frozen(conn, faraja, (6, 7), at=START)
        if path.stem.startswith("renew.round"):
            asked.stopped(conn, faraja, payee=4, cents=3_500_00, at=START)
    in_cash(path, conn)
    about_her(path, conn)
    lending(path, conn, wiring.settings.pin_pepper)
    if path.stem.startswith("run.over"):
        an_hour_ago = START - timedelta(hours=1)
        conn.execute("UPDATE rounds SET closes_at = %s WHERE state = 'active'", [an_hour_ago])
    if path.stem.startswith("check.again"):
        for place in (4, 5):
            asked.given_up(conn, asked.umoja(conn), place, 500_00, START - timedelta(hours=2))
    if errand in ("who", "shared"):
        sharing(conn, wiring.settings.pin_pepper)
    if errand == "taken_back":
        denied.asked(conn, asked.umoja(conn), place=6, code="TKZ7RT61SV", cents=500_00)
    if path.stem.startswith("check.gone"):
        umoja = asked.umoja(conn)
        denied.gone(conn, umoja, denied.asked(conn, umoja, place=6, code="TKZ7RT61SV", cents=500_00))
    if "silent" in path.stem:
        wairimu = "+254700000009"
        conn.execute("UPDATE users SET created_at = %s WHERE phone = %s", [START - timedelta(days=61), wairimu])
        conn.execute("DELETE FROM confirmations")


def paid_out(path: Path, conn: Connection[Any], settled: village.Village) -> None:
    """M-PESA has money of the group, or has paid it out; of the rounds, two payouts."""
    if path.stem.startswith("payout.sent"):
        asked.sent(conn, settled, asked.Asking(1, 5, 300_00), START, known=False)
    if path.stem.startswith("stopped"):
        asked.sent(conn, settled, asked.Asking(1, 5, 300_00), START, known=True)
    if path.stem.startswith("turn"):
        for place, round in ((4, 7), (7, 1)):
            asked.sent(conn, settled, asked.Asking(1, place, 400_00), START, known=True, round=round)


def about_her(path: Path, conn: Connection[Any]) -> None:
    """Grace of the house has seen her papers, or she speaks English."""
    if path.stem.startswith("mine"):
        for name in ("Njeri", "Zawadi"):
            [(user_id,)] = conn.execute("SELECT id FROM users WHERE first_name = %s", [name]).fetchall()
            questions.looked_at(conn, [user_id], START, by="Grace")
    if path.stem == "confirm.en":
        conn.execute("UPDATE users SET language = 'en' WHERE first_name = 'Wairimu'")


def lending(path: Path, conn: Connection[Any], pepper: str) -> None:
    """Faraja saves and lends: Neema and Salim may borrow, or have a loan of which the first part is asked for."""
    if not path.stem.startswith(("loan.", "share.")):
        return
    faraja = asked.faraja(conn, START, pepper)
    lent.lends(conn, faraja, at=START, cents=2_000_00)
    for place in (4, 5):
        hers = {"pepper": pepper, "at": START, "chance": SeededChance()}
        pins.set_pin(conn, faraja.users[place - 1], asked.PIN, phone=None, **hers)
        if "pay" in path.stem or (place == 5 and path.stem.startswith("share.")):
            lent.running(conn, faraja, place=place, cents=5_000_00, months=3, lent_at=START - timedelta(days=25))


def about_members(errand: str, conn: Connection[Any], faraja: village.Village) -> None:
    """Some want to leave, somebody shall have an office, or takes over a place."""
    if errand == "leave":
        asked.leaving_asked(conn, faraja, (4, 6), at=START)
    if errand == "place":
        asked.place_offered(conn, faraja, place=6, by=1, phone=village.phone_of(77), name="Halima", at=START)
    if errand == "bank":
        asked.bank_named(conn, faraja, START)
    if errand == "offices":
        asked.offices_asked(conn, faraja, by=4, follows=5, named=6, at=START)


def in_cash(path: Path, conn: Connection[Any]) -> None:
    """Pots that were paid, a box with money, or a fine of 50 beside what waits for a word."""
    if path.stem.startswith("turn"):
        paid_out(path, conn, asked.umoja(conn))
    if path.stem.startswith("balance.got"):
        for place in (4, 5):
            questions.paid_out(conn, asked.umoja(conn), place=place, cents=2_491_00, at=START)
    if path.stem.startswith("box"):
        village.boxed(conn, asked.umoja(conn), START)
    if path.stem.startswith("confirm.fined"):
        asked.fined(conn, asked.umoja(conn), (9,), cents=100_00, at=START)
    if path.stem.startswith("cash.fined"):
        conn.execute("UPDATE cash_claims SET fine_cents = 5000")


def sharing(conn: Connection[Any], pepper: str) -> None:
    """Otieno, who has a PIN, uses Kiprop's phone; Akinyi, who has none yet, one that is nobody's, as
    Baraka of Umoja and Tumaini and Halima of Upendo do, who have the number 2."""
    [(chama_id, otieno, akinyi, amina)] = conn.execute(
        "SELECT c.id, o.id, a.id, b.id FROM chamas c, users o, users a, users b "
        "WHERE (c.number, o.first_name, a.first_name, b.first_name) = ('48213', 'Otieno', 'Akinyi', 'Amina')"
    ).fetchall()
    village.shares(conn, otieno, village.phone_of(6))
    village.shares(conn, akinyi, village.phone_of(98))
    for place in (2, 12):
        [(number_two,)] = conn.execute("SELECT id FROM users WHERE phone = %s", [village.phone_of(place)]).fetchall()
        village.shares(conn, number_two, village.phone_of(98))
    pins.set_pin(conn, otieno, asked.PIN, phone=None, pepper=pepper, at=START, chance=SeededChance())
    for told in (akinyi, otieno):
        whose = {"user_id": told, "chama_id": chama_id, "by_user_id": amina}
        vouching.tell(conn, **whose, pepper=pepper, at=START, chance=SeededChance())


@pytest.mark.parametrize("path", TALKS, ids=lambda path: path.stem)
def test_talk(
    path: Path, web_wiring: Wiring, redis_url: str, conn: Connection[Any], caplog: pytest.LogCaptureFixture
) -> None:
    talk = talks.parse(path.read_text())
    also_there(path, conn, web_wiring)
    phone = phone_on(create_app(web_wiring), talk.phone, network=talk.network)
    with redis.Redis.from_url(redis_url) as store, caplog.at_level(logging.INFO, "pesachama"):
        went = talks.replay(talk, phone, forget=store.flushall)
    shown = {getattr(record, "fields", {}).get("screen") for record in caplog.records}
    VISITED[path.stem] = shown | {action for (action,) in conn.execute("SELECT action FROM ussd_actions").fetchall()}
    if ACCEPTS:
        path.write_text(talks.written(went))
    assert talks.written(went) == path.read_text()


# The check words of a page that is posted some seconds later.
WORDS = re.compile(r"(?:(?<=Page [0-9])|(?<=Ukurasa [0-9])) [A-Z]+ [A-Z]+")
# In which turns come twice, are dialled ahead, lost, or answered by a PIN: what another way of telling them may break.
TOLD_OTHERWISE = ("contribute.ahead", "contribute.lost", "cash.confirm-en", "paid.en", "resume.sw", "stranger.both")


@pytest.mark.parametrize(
    "path",
    [path if path.stem in TOLD_OTHERWISE else pytest.param(path, marks=pytest.mark.long) for path in TALKS],
    ids=lambda path: path.stem,
)
@pytest.mark.parametrize("gateway", ["get", "get-newest"])
def test_a_talk_is_the_same_behind_another_gateway(  # noqa: PLR0917 - fixtures
    gateway: str, path: Path, web_wiring: Wiring, redis_url: str, clock: HandClock, conn: Connection[Any]
) -> None:
    talk = talks.parse(path.read_text())
    also_there(path, conn, web_wiring)
    wiring = replace(web_wiring, settings=replace(web_wiring.settings, ussd_gateway=gateway))
    phone = phone_behind(create_app(wiring), talk.phone, gateway, clock, talk.network)
    with redis.Redis.from_url(redis_url) as store:
        went = talks.replay(talk, phone, forget=store.flushall)
    wiring.close()
    if gateway == "get" or talks.FORGET not in (step.does for step in talk.steps):
        assert WORDS.sub("", talks.written(went)) == WORDS.sub("", path.read_text())
    else:
        # Where only the newest answer is told, what a lost session had been told is lost too: she begins anew.
        after = [step.does for step in went.steps].index(talks.FORGET) + 1
        homes = {step.screen.partition("\n")[0] for step in went.steps if step.does == "> *384*123#"}
        assert went.steps[after].screen.partition("\n")[0] in homes


def test_every_errand_has_a_talk() -> None:
    said = {path.name.partition(".")[0] for path in TALKS}
    assert {name.partition(".")[0] for name in map.ROOMS} - {"home"} <= said


def test_every_errand_is_talked_through_in_both_languages() -> None:
    """The first screen of somebody unknown is in both at once."""
    spoken = {(path.name.partition(".")[0], path.stem[-2:]) for path in TALKS}
    missing = {
        f"{errand} in {language}"
        for errand, _ in spoken
        for language in ("en", "sw")
        if (errand, language) not in spoken and errand != "stranger"
    }
    assert missing == set()


def test_every_screen_and_every_action_appears_in_a_talk() -> None:
    if {*VISITED} != {path.stem for path in TALKS}:
        pytest.skip("asks what all talks of this run visited, and not all were held")
    assert {*map.ROOMS} - set().union(*VISITED.values()) == set()


def test_a_talk_reads_as_it_is_written() -> None:
    for path in TALKS:
        assert talks.written(talks.parse(path.read_text())) == path.read_text()


def test_a_talk_that_went_otherwise_is_told() -> None:
    assert talks.fits("END Now: 500, account UMOJA..., wait", "END Now: 500, account UMOJA4K7, wait")
    assert not talks.fits("END Now: 500, account UMOJA..., wait", "END Now: 600, account UMOJA4K7, wait")
    assert not talks.fits("CON One...", "CON One\nTwo")
    with pytest.raises(talks.BadTalk):
        talks.parse("phone: 0712\n\n> 1\nCON x\n")
    with pytest.raises(talks.BadTalk):
        talks.parse("phone: +254700000001\n\n! sleep\n")
