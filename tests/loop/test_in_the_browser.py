"""The demo as a guest meets it in a real browser: three phones in one tab, and the desk in another that tells live."""

import re

import psycopg
import pytest
from playwright.sync_api import Locator, Page, expect

from embedded.ports import LOOPBACK
from gateway import checks, outbound
from gateway.clock import SystemClock
from gateway.demo.cast import ADMIN_EMAIL
from gateway.demo.check import until
from gateway.demo.stack import Stack
from gateway.settings import read
from gateway.wiring import Wiring
from ledger.nairobi import EAT
from tests.instruments import BEGINS
from tests.loop.test_forged import callback
from tests.simulator.test_page import PIN, phone, screen, touch

# Between a key and what follows from it lie five processes, and the machine may be busy.
SOON_MS = 20_000
CODE = re.compile(r"Code ([2-9A-Z]{8})")
TOLD = re.compile("(Answer to a prompt|Told as a payment to the paybill): believed")
FORGED = "TKK7RT61SV"
DEBITED = """
    SELECT r.receipt, p.amount_cents FROM receipts r JOIN postings p USING (book_id, seq) WHERE p.amount_cents > 0
"""

pytestmark = pytest.mark.full


@pytest.fixture
def desk(demo: Stack, tab: Page) -> Page:
    """The status page in the second tab, signed in through the form, and from here on never loaded again."""
    tab.goto(f"{demo.gateway_url}/desk/status")
    tab.get_by_label("E-mail address").fill(ADMIN_EMAIL)
    tab.get_by_label("Password").fill(demo.secrets.admin_password)
    tab.get_by_role("button", name="Sign in").click()
    expect(tab).to_have_url(f"{demo.gateway_url}/desk/status")
    expect(tab.locator("#pulse")).to_have_text("Live")
    tab.evaluate("window.neverReloaded = true")
    return tab


@pytest.fixture
def table(demo: Stack, page: Page) -> Page:
    """The phone page in the first tab."""
    page.goto(demo.simulator_url)
    expect(page.locator("main[aria-busy=false] .phone")).to_have_count(3)
    page.bring_to_front()
    return page


def newest(desk: Page) -> Locator:
    return desk.locator("#payments tbody tr").first


def never_reloaded(desk: Page) -> bool:
    return bool(desk.evaluate("window.neverReloaded"))


def our_message(on: Locator) -> Locator:
    return on.locator(".message").filter(has_text=CODE).first


def moved(demo: Stack) -> dict[str, int]:
    """Safaricom's own book: every receipt with its cents."""
    rows = outbound.get_json(f"{demo.simulator_url}/control/truth")["receipts"]
    return {row["receipt"]: row["amount_cents"] for row in rows}


def in_the_books(demo: Stack) -> dict[str, int]:
    """Every receipt with the cents that its entry in our books moves, once all invariants have been found to hold."""
    wiring = Wiring(read(demo.environment), "worker", SystemClock())
    try:
        assert [finding for finding in checks.all_findings(wiring) if not finding.ok] == []
    finally:
        wiring.close()
    with psycopg.connect(demo.environment["DATABASE_URL"]) as conn:
        return dict(conn.execute(DEBITED).fetchall())


def test_by_keyboard_from_the_first_key_to_the_message(demo: Stack, table: Page, desk: Page) -> None:
    before, hers = in_the_books(demo), phone(table, "Wanjiku")
    table.keyboard.press("Enter")
    for answer, asked in (("1", "1 Changa"), ("250", "1 Lipa 500"), ("1", "KES 250")):
        expect(screen(hers)).to_contain_text(asked)
        table.keyboard.type(answer)
        table.keyboard.press("Enter")
    expect(hers.get_by_role("dialog")).to_contain_text("Pay Ksh250.00", timeout=SOON_MS)
    expect(newest(desk)).to_contain_text("On the phone", timeout=SOON_MS)
    assert in_the_books(demo) == before, "nothing is booked before the PIN"
    table.keyboard.type(PIN)
    table.keyboard.press("Enter")
    expect(our_message(hers)).to_contain_text("KES 250", timeout=SOON_MS)
    (receipt,) = moved(demo).keys() - before.keys()
    for words in ("0700***005", "Umoja", "250", "Paid", receipt):
        expect(newest(desk)).to_contain_text(words, timeout=SOON_MS)
    assert never_reloaded(desk)
    assert in_the_books(demo) == moved(demo) == {**before, receipt: 25_000}


def test_by_mouse_and_then_all_that_can_be_known_of_it(demo: Stack, table: Page, desk: Page) -> None:
    before, hers = in_the_books(demo), phone(table, "Njeri")
    touch(hers, "Dial *384*123#")
    for asked in ("1 Contribute", "1 Pay 500", "1 Yes"):
        expect(screen(hers)).to_contain_text(asked)
        touch(hers, "1", "Send")
    expect(hers.get_by_role("dialog")).to_contain_text("Pay Ksh500.00", timeout=SOON_MS)
    touch(hers, *PIN, "Pay")
    message = our_message(hers)
    expect(message).to_contain_text("KES 500", timeout=SOON_MS)
    told = CODE.search(message.inner_text())
    assert told
    expect(newest(desk)).to_contain_text(told[1], timeout=SOON_MS)
    assert in_the_books(demo) == moved(demo)
    (receipt,) = moved(demo).keys() - before.keys()
    expect(desk.locator("#seals")).to_contain_text("0 entries wait", timeout=SOON_MS)
    expect(desk.locator("#seals tbody tr").first).to_contain_text("Sealed", timeout=SOON_MS)
    assert never_reloaded(desk)
    the_timeline_of(desk, receipt)
    the_page_of_the_code(desk, told[1])


def the_timeline_of(desk: Page, receipt: str) -> None:
    """From the newest row of the status page to what Safaricom said about that payment."""
    newest(desk).get_by_role("link", name="Umoja").click()
    expect(desk.get_by_role("heading", name="KES 500 for Umoja")).to_be_visible()
    # Safaricom tells of one payment twice, in either order; the second telling says nothing new.
    steps = ["Asked for by a member", "Prompt sent to 0700***004", TOLD, "Paid"]
    expect(desk.locator(".timeline li")).to_contain_text(steps)
    expect(desk.locator(".timeline li").nth(2)).to_contain_text(receipt)
    expect(desk.locator("main")).not_to_contain_text("700000004")


def the_page_of_the_code(desk: Page, code: str) -> None:
    """From the payment to what anybody with its code may see."""
    desk.get_by_role("link", name=code).click()
    expect(desk.get_by_role("heading", name="KES 500")).to_be_visible()
    expect(desk.locator(".verdict.good")).to_contain_text("Sealed.")
    today = BEGINS.astimezone(EAT)
    expect(desk.locator(".facts").first).to_contain_text(f"{today.day} {today:%b %Y}")
    expect(desk.locator(".facts").first).to_contain_text(code)


def test_a_forgery_shows_by_itself_and_credits_nothing(demo: Stack, desk: Page) -> None:
    before, odd = in_the_books(demo), desk.locator("#strangers")
    expect(odd).not_to_contain_text(FORGED)
    outbound.post_json(f"{demo.gateway_url}/pay/stk/{'ab' * 32}", callback(FORGED, 500, "+254700000005"))
    expect(odd).to_contain_text("Fits no payment", timeout=SOON_MS)
    expect(odd).to_contain_text(FORGED)
    assert never_reloaded(desk)
    assert in_the_books(demo) == moved(demo) == before


def test_everybody_sees_that_all_parts_are_up(demo: Stack, page: Page) -> None:
    page.goto(f"http://{LOOPBACK}:{demo.port}/")
    expect(page.get_by_role("heading", name="Everything works.")).to_be_visible()
    expect(page.locator(".parts li")).to_contain_text(["Books", "Dialling", "Work", "Seals"])
    expect(page.locator(".parts li .state")).to_have_text(["Up"] * 4)


def test_nobody_who_has_just_paid_is_asked_again(demo: Stack, table: Page) -> None:
    before = in_the_books(demo)
    phone(table, "Daudi").get_by_label("Held by").select_option(label="Chebet · secretary · English")
    for name, words in (("Wanjiku", "zinasubiri M-PESA"), ("Njeri", "waiting"), ("Chebet", "waiting")):
        number = next(person["phone"] for person in demo.people if person["name"] == name)
        silent = {"phone": number, "api": "stk", "outcome": "pays_silently", "times": 2}
        outbound.post_json(f"{demo.simulator_url}/control/outcomes", silent)
        hers = phone(table, name)
        pays_120(hers, from_home="KES 120" if name == "Wanjiku" else "Pay KES 120")
        touch(hers, "Call or send")
        expect(screen(hers)).to_contain_text(words)
        touch(hers, "2", "Send")
        expect(screen(hers)).to_contain_text(f"KES 120 {'zinasubiri' if name == 'Wanjiku' else 'waiting in'} M-PESA")
        types_120(hers)
        expect(screen(hers)).to_contain_text("KES 120")
        touch(hers, "1", "Send")
        expect(screen(hers)).to_contain_text("Usilipe tena" if name == "Wanjiku" else "Do not pay again")
    until(lambda: asked_safaricom(demo), "the receipts that nobody called back about")
    assert in_the_books(demo) == moved(demo)
    assert sorted(moved(demo)[receipt] for receipt in moved(demo).keys() - before.keys()) == [120_00] * 3


def asked_safaricom(demo: Stack) -> bool:
    """Half a minute later: whether our questions have found all that moved."""
    outbound.post_json(f"{demo.simulator_url}/control/clock", {"advance_seconds": 30})
    return in_the_books(demo) == moved(demo)


def pays_120(hers: Locator, *, from_home: str) -> None:
    """From the dial to the farewell."""
    touch(hers, "Dial *384*123#")
    expect(screen(hers)).to_contain_text("Umoja")
    types_120(hers)
    expect(screen(hers)).to_contain_text(from_home)
    touch(hers, "1", "Send")
    expect(screen(hers)).to_contain_text("PIN")


def types_120(hers: Locator) -> None:
    """From the home screen, once the question for an amount is there: what comes earlier goes with the old screen."""
    touch(hers, "1", "Send")
    expect(screen(hers)).to_contain_text(re.compile("amount|kiasi"))
    touch(hers, "1", "2", "0", "Send")


def test_no_page_of_the_desk_is_wider_than_a_phone(demo: Stack, desk: Page) -> None:
    """Every kind of page that links lead to, by its path without numbers."""
    desk.set_viewport_size({"width": 360, "height": 740})
    waiting, seen, wide = [desk.url], set[str](), []
    while waiting:
        url = waiting.pop()
        kind = re.sub(r"\d+|\?.*|#.*", "", url)
        if kind in seen or not url.startswith(f"{demo.gateway_url}/"):
            continue
        seen.add(kind)
        answer = desk.request.get(url)
        assert answer.ok, url
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        desk.goto(url)
        if desk.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(desk.url)
        waiting += desk.evaluate("[...document.links].map(link => link.href)")
    assert wide == [] and len(seen) > 15
