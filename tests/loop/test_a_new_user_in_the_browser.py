"""The nine errands of somebody who has never seen it, on the phone page, in both languages, by what they leave in rows.

Joins by number and consents, sets a PIN, pays for another, asks when her turn is, checks the payment, refuses a wrong
cash figure, approves a payout as the second official, freezes it as members. Who speaks which language: the cast.
"""

from typing import Any

import psycopg
import pytest
from playwright.sync_api import Locator, Page, expect

from gateway.demo.check import until
from gateway.demo.stack import Stack
from tests.simulator.test_page import PIN, screen, touch

# Between a key and what follows from it lie five processes, and the machine may be busy.
SOON_MS = 20_000
DAUDIS_PIN = "60428"

pytestmark = pytest.mark.full


def rows(demo: Stack, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(demo.environment["DATABASE_URL"]) as conn:
        return conn.execute(query.encode(), values).fetchall()


def held_by(page: Page, name: str) -> Locator:
    """The first phone in the hands of this person."""
    phone = page.locator("#phone-1")
    person = phone.locator(".who option").filter(has_text=f"{name} ·").get_attribute("value")
    phone.get_by_label("Held by").select_option(person)
    expect(phone).to_have_attribute("aria-label", f"Phone of {name}")
    return phone


def talk(page: Page, name: str, code: str, *steps: str) -> Locator:
    """She dials a code and answers: what she types and the words that she then sees, by turns, the first after the
    code. Returns her phone.
    """
    hers = held_by(page, name)
    hers.get_by_label("Number").fill(code)
    touch(hers, "Call or send")
    expect(screen(hers)).to_contain_text(steps[0], timeout=SOON_MS)
    for typed, words in zip(steps[1::2], steps[2::2], strict=True):
        hers.get_by_label("Reply").fill(typed)
        touch(hers, "Send")
        expect(screen(hers)).to_contain_text(words, timeout=SOON_MS)
    return hers


def pin_of(demo: Stack, name: str) -> str:
    return str(next(person["pin"] for person in demo.people if person["name"] == name))


def test_a_new_user_finds_her_way(demo: Stack, page: Page) -> None:
    page.goto(demo.simulator_url)
    expect(page.locator("main[aria-busy=false] .phone")).to_have_count(3)
    joins_and_sets_a_pin(demo, page)
    pays_for_another_and_checks(demo, page)
    refuses_a_wrong_figure(demo, page)
    approves_and_freezes(demo, page)


def joins_and_sets_a_pin(demo: Stack, page: Page) -> None:
    """Daudi, in Kiswahili; Zawadi lets him in."""
    [(number,)] = rows(demo, "SELECT number FROM chamas WHERE status = 'recruiting'")
    talk(page, "Daudi", "*384*123#", "Welcome", "3", "Karibu", "1", "namba ya chama", str(number), "Ndicho chama chako",
         "1", "1 Nakubali", "1", "jina lako", "Daudi", "Ombi lako limefika")  # fmt: skip
    hers = "FROM users u LEFT JOIN consents c ON c.user_id = u.id WHERE u.phone = '+254700000099'"
    assert rows(demo, f"SELECT u.language, c.language {hers}") == [("sw", "sw")]
    talk(page, "Zawadi", "*384*123*4*3#", "Daudi", "1", "1 Kubali", "1", "Imekubaliwa")
    talk(page, "Daudi", "*384*123*6*4#", "Chagua PIN ya CHAMA", DAUDIS_PIN, "Andika tena", DAUDIS_PIN, "imewekwa")
    assert rows(demo, "SELECT count(*) FROM pins p JOIN users u ON u.id = p.user_id WHERE u.first_name = 'Daudi'") == [
        (1,)
    ]


def pays_for_another_and_checks(demo: Stack, page: Page) -> None:
    """Njeri for Wanjiku, in English, and when her own turn is."""
    hers = talk(page, "Njeri", "*384*123#", "1 Contribute", "1", "2 Pay for somebody else", "2", "member number", "5",
                "Wanjiku", "1", "for Wanjiku from this phone", "1", "Now M-PESA asks: 500")  # fmt: skip
    expect(hers.get_by_role("dialog")).to_contain_text("Pay Ksh500.00", timeout=SOON_MS)
    touch(hers, *PIN, "Pay")
    paid = (
        "SELECT k.paid_cents FROM contributions k JOIN rounds r ON r.id = k.round_id AND r.state = 'active' "
        "JOIN chama_members m ON m.id = k.member_id JOIN users u ON u.id = m.user_id WHERE u.first_name = 'Wanjiku'"
    )
    until(lambda: rows(demo, paid) == [(500_00,)], "Wanjiku's contribution")
    talk(page, "Njeri", "*384*123#", "Umoja", "6", "6 Order of payout", "6", "you are number", "00", "5 Check",
         "5", "Which payment?", "1", "Booked: KES 500")  # fmt: skip


def refuses_a_wrong_figure(demo: Stack, page: Page) -> None:
    """Baraka writes 600, Wanjiku gave 500: nothing is booked."""
    talk(page, "Baraka", "*384*123*6*9#", "taslimu", "5", "Wanjiku", "600", "Wanjiku")
    talk(page, "Wanjiku", "*384*123*4*2#", "Taslimu", "1", "Ulitoa ngapi", "500", "Hakuna kilichoandikwa")
    assert rows(demo, "SELECT state, said_cents FROM cash_claims") == [("disputed", 500_00)]


def approves_and_freezes(demo: Stack, page: Page) -> None:
    """Baraka asks, Amina and then Chebet say yes, Mutiso in English and Nekesa in Kiswahili stop it."""
    talk(page, "Baraka", "*384*123*4*5*1#", "Nani apewe", "6", "kiasi", "300", "KES 300", "1", "KES 300")
    for name, said in (("Amina", "1 of 2"), ("Chebet", "2 of 2")):
        talk(page, name, "*384*123*4*1#", "300 to Kiprop", "1", "1 Approve", "1", "CHAMA PIN", pin_of(demo, name), said)
    requests = "SELECT state FROM disbursement_requests"
    # The worker counts what they said, and announces it: on a busy machine later than a member can dial.
    until(lambda: rows(demo, requests) == [("approved",)], "the request that two officials agreed to")
    talk(page, "Mutiso", "*384*123#", "2 I object", "2", "1 Stop it", "1", "1 of 2")
    talk(page, "Nekesa", "*384*123#", "2 Napinga", "2", "1 ", "1", "300")
    # What members stop is as if others had said no: M-PESA is asked for nothing.
    until(lambda: rows(demo, requests) == [("rejected",)], "the request that two members stopped")
    assert rows(demo, "SELECT count(*) FROM payouts WHERE state NOT IN ('ordered', 'failed_proven')") == [(0,)]
