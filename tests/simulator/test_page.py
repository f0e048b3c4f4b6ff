"""The phone page in a real browser, against the real simulator: by mouse, by keyboard alone, and by ear."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from menus import talks
from tests.simulator.client import WANJIKU, Simulator
from tests.simulator.gateway_double import Answer, GatewayDouble, Heard

BARAKA = "+254700000002"
PIN = "1234"
HOME = "Umoja: paid 0 of 500\n1 Contribute\n2 Balance"
LONG = "A screen that says far more than a phone can show. " * 4
CAST = [
    {"id": "1", "name": "Amina", "phone": "+254700000001", "role": "chairperson", "chama": "Umoja", "language": "en"},
    {"id": "2", "name": "Baraka", "phone": BARAKA, "role": "treasurer", "chama": "Umoja", "language": "sw"},
    {"id": "5", "name": "Wanjiku", "phone": WANJIKU, "role": "member", "chama": "Umoja", "language": "en"},
    {"id": "9", "name": "Daudi", "phone": "+254700000099", "role": "stranger", "chama": "", "language": "sw"},
]
# A browser without server-sent events; the page must find the news by itself.
NO_EVENTS = """window.EventSource = class {
    static CLOSED = 2;
    readyState = 2;
    constructor() { setTimeout(() => this.onerror()); }
}"""

pytestmark = pytest.mark.full


def menu(heard: Heard) -> Answer:
    """Two screens and a farewell; 8 is too long, 9 cannot be written in the phone's alphabet."""
    screens = {"": "CON " + HOME, "1": "CON Pay KES 500?\n1 Yes", "8": "CON " + LONG, "9": "CON Karibu 🎉"}
    answer = screens.get(heard.form.get("text", ""), "END Now M-PESA asks. Wait for our SMS.")
    return (200, answer, {}) if heard.path == "/ussd" else (200, "", {})


@pytest.fixture(scope="module")
def peopled(gateway_server: GatewayDouble, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    cast = tmp_path_factory.mktemp("cast") / "cast.json"
    cast.write_text(json.dumps(CAST))
    started = Simulator(gateway_server.url, ("--cast-file", str(cast))).start()
    yield started
    started.kill()


@pytest.fixture
def table(peopled: Simulator, gateway: GatewayDouble, page: Page) -> Simulator:
    """Three phones on the page, nothing dialled yet."""
    peopled.post("/control/reset", seed=1)
    gateway.say = menu
    page.goto(peopled.url)
    expect(page.locator("main[aria-busy=false] .phone")).to_have_count(3)
    return peopled


def phone(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=f"Phone of {name}")


def touch(on: Locator, *keys: str) -> None:
    """As a person does: no key before the answer to the one before is there."""
    for key in keys:
        press(on, key)
        expect(on.locator(".busy")).to_have_count(0)


def press(on: Locator, key: str) -> None:
    on.get_by_role("button", name=key, exact=True).click()


def screen(on: Locator) -> Locator:
    return on.locator(".screen")


def dialled_to_the_prompt(page: Page, simulator: Simulator) -> Locator:
    """Wanjiku's phone with the M-PESA prompt on it."""
    hers = phone(page, "Wanjiku")
    touch(hers, "Call or send", "1", "Call or send", "1", "Call or send")
    expect(screen(hers)).to_have_text("Now M-PESA asks. Wait for our SMS.")
    simulator.push()
    expect(hers.get_by_role("dialog")).to_contain_text("account UMOJA4K7Q2M9")
    return hers


def test_three_people_hold_the_phones(table: Simulator, page: Page) -> None:
    names = [option.inner_text() for option in page.locator(".who option:checked").all()]
    assert names == ["Wanjiku · member · English", "Baraka · treasurer · Kiswahili", "Daudi · stranger · Kiswahili"]
    expect(page.get_by_text("The money is simulated.")).to_be_visible()
    phone(page, "Daudi").get_by_label("Held by").select_option(WANJIKU)
    expect(page.locator("#phone-3")).to_have_attribute("aria-label", "Phone of Wanjiku")
    expect(page.locator("#phone-1")).to_have_attribute("aria-label", "Phone of Daudi")


def test_by_mouse(table: Simulator, gateway: GatewayDouble, page: Page) -> None:
    hers = phone(page, "Wanjiku")
    expect(hers.get_by_label("Number")).to_have_value("*384*123#")
    touch(hers, "Dial *384*123#")
    expect(screen(hers)).to_have_text(HOME)
    expect(hers.locator(".chars")).to_have_text(f"{len(HOME) + 4}/160")
    expect(hers.locator(".seconds")).to_have_text("30 s")
    touch(hers, "1", "2", "Clear")
    expect(hers.get_by_label("Reply")).to_have_value("1")
    assert len(gateway.on("/ussd")) == 1, "nothing is sent before Send"
    touch(hers, "Send")
    expect(screen(hers)).to_have_text("Pay KES 500?\n1 Yes")
    expect(hers.locator(".hops li")).to_have_count(2)
    assert [turn.form["text"] for turn in gateway.on("/ussd")] == ["", "1"]
    touch(hers, "End or cancel")
    expect(hers.get_by_text("The session is over.")).to_be_visible()
    assert gateway.wait("/ussd/events")[0].form["status"] == "Incomplete"


def test_by_keyboard_alone(table: Simulator, gateway: GatewayDouble, page: Page) -> None:
    page.keyboard.press("Enter")
    expect(screen(phone(page, "Wanjiku"))).to_have_text(HOME)
    for key in ("1", "7", "Backspace", "Enter"):
        page.keyboard.press(key)
    expect(screen(phone(page, "Wanjiku"))).to_have_text("Pay KES 500?\n1 Yes")
    page.keyboard.press("Escape")
    gateway.wait("/ussd/events")
    for key in ("Tab", "Tab", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("#phone-2")).to_be_focused()
    page.keyboard.type("*384*123*1#")
    page.keyboard.press("Enter")
    expect(screen(phone(page, "Baraka"))).to_have_text("Pay KES 500?\n1 Yes")
    assert [(turn.form["phoneNumber"], turn.form["text"]) for turn in gateway.on("/ussd")] == [
        (WANJIKU, ""),
        (WANJIKU, "1"),
        (BARAKA, "1"),
    ]


def test_the_red_key_does_not_wait_for_a_slow_gateway(table: Simulator, gateway: GatewayDouble, page: Page) -> None:
    released = threading.Event()
    gateway.say = lambda heard: menu(heard) if heard.path != "/ussd" or released.wait(8) else (500, "", {})
    hers = phone(page, "Wanjiku")
    press(hers, "Call or send")
    expect(screen(hers)).to_have_text("USSD code running …")
    gateway.wait("/ussd")
    press(hers, "End or cancel")
    assert gateway.wait("/ussd/events")[0].form["status"] == "Incomplete"
    released.set()
    expect(hers.get_by_text("Hello, Wanjiku")).to_be_visible()


def test_the_keypad_is_one_stop_of_tab(table: Simulator, page: Page) -> None:
    hers = phone(page, "Wanjiku")
    hers.get_by_role("button", name="Dial *384*123#").focus()
    for key in ("Tab", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    expect(hers.get_by_role("button", name="2", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(hers.get_by_label("Number")).to_have_value("2")


def test_the_pin_pays(table: Simulator, page: Page) -> None:
    hers = dialled_to_the_prompt(page, table)
    expect(hers.get_by_role("dialog")).to_contain_text("The simulated M-PESA PIN is 1234.")
    touch(hers, *PIN)
    expect(hers.get_by_label("M-PESA PIN, 4 digits")).to_have_attribute("type", "password")
    assert table.receipts() == [], "nothing moves before the PIN is sent"
    touch(hers, "Pay")
    expect(hers.get_by_role("dialog")).to_be_hidden()
    (receipt,) = table.receipts()
    assert (receipt["phone"], receipt["amount_cents"], receipt["reference"]) == (WANJIKU, 50_000, "UMOJA4K7Q2M9")
    expect(hers.locator(".message.new")).to_contain_text(f"{receipt['receipt']} Confirmed. Ksh500.00 sent")
    expect(hers.locator(".cents")).to_have_text("99,500")
    expect(phone(page, "Baraka").locator(".message")).to_have_count(0)


@pytest.mark.parametrize(("keys", "word"), [(("Escape",), "Cancelled"), (("9", "9", "9", "9", "Enter"), "Wrong PIN")])
def test_no_money_without_the_pin(table: Simulator, page: Page, keys: tuple[str, ...], word: str) -> None:
    hers = dialled_to_the_prompt(page, table)
    for key in keys:
        page.keyboard.press(key)
    expect(hers.get_by_text(f"{word}. Nothing was paid.")).to_be_visible()
    assert table.receipts() == []


@pytest.mark.parametrize(("key", "words"), [("8", "too long by 48"), ("9", "not GSM-7 text")])
def test_the_counter_turns_red(table: Simulator, page: Page, key: str, words: str) -> None:
    hers = phone(page, "Wanjiku")
    touch(hers, "Call or send")
    expect(screen(hers)).to_have_text(HOME)
    calm = color(hers.locator(".chars"))
    touch(hers, key, "Send")
    expect(hers.locator(".count")).to_contain_text(words)
    assert color(hers.locator(".chars")) == "rgb(179, 38, 30)" != calm


def test_what_a_screen_reader_hears(table: Simulator, page: Page) -> None:
    heard = page.locator("[aria-live=polite]")
    dialled_to_the_prompt(page, table)
    expect(heard).to_contain_text("Wanjiku: Umoja: paid 0 of 500")
    expect(heard).to_contain_text("Wanjiku: Now M-PESA asks. Wait for our SMS. The session is over.")
    expect(heard).to_contain_text("Wanjiku: M-PESA asks: Pay Ksh500.00 to PESACHAMA, account UMOJA4K7Q2M9?")
    page.keyboard.type(PIN)
    page.keyboard.press("Enter")
    expect(heard).to_contain_text("Wanjiku: Message from MPESA:")


def test_a_message_is_new_until_it_is_read(table: Simulator, page: Page) -> None:
    theirs = phone(page, "Baraka")
    table.post("/control/paybill", phone=BARAKA, amount=20, account="UMOJA")
    expect(theirs.locator(".unread")).to_have_text("1 new")
    theirs.locator(".message").click()
    expect(theirs.locator(".message.new")).to_have_count(0)
    expect(theirs.locator(".unread")).to_be_hidden()


def test_without_server_sent_events(table: Simulator, page: Page) -> None:
    page.add_init_script(NO_EVENTS)
    page.reload()
    expect(page.locator(".phone")).to_have_count(3)
    table.post("/control/paybill", phone=BARAKA, amount=20, account="UMOJA")
    expect(phone(page, "Baraka").locator(".message")).to_contain_text("Ksh20.00")


def test_the_strip_of_controls(table: Simulator, gateway: GatewayDouble, page: Page) -> None:
    hers = phone(page, "Wanjiku")
    touch(hers, "Call or send")
    expect(screen(hers)).to_have_text(HOME)
    page.locator("summary").click()
    page.get_by_role("button", name="Repeat last turn").click()
    expect(page.get_by_text("Sent again, answered in")).to_be_visible()
    first, again = gateway.on("/ussd")
    assert first.body == again.body
    page.get_by_label("Next M-PESA payment of Wanjiku").select_option("cancels")
    page.get_by_role("button", name="Set").click()
    expect(page.get_by_text("Wanjiku: cancels.")).to_be_visible()
    (wish,) = table.get("/control/outcomes")
    assert (wish["phone"], wish["api"], wish["outcome"]) == (WANJIKU, "stk", "cancels")
    page.get_by_role("button", name="+60 s").click()
    expect(hers.get_by_text("The session is over.")).to_be_visible()
    expect(hers.locator(".seconds")).to_have_text("–")


def test_one_phone_at_a_time_on_a_small_screen(table: Simulator, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.get_by_role("navigation", name="Phones").get_by_role("link", name="Baraka").click()
    expect(phone(page, "Baraka").get_by_role("button", name="5", exact=True)).to_be_in_viewport()
    expect(phone(page, "Wanjiku").get_by_role("button", name="5", exact=True)).not_to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(screen(phone(page, "Baraka"))).to_have_text(HOME)


def color(of: Locator) -> str:
    return str(of.evaluate("element => getComputedStyle(element).color"))


def test_a_session_is_saved_as_a_talk_and_held_again(table: Simulator, page: Page, tmp_path: Path) -> None:
    page.locator("#controls summary").click()
    wanjiku = phone(page, "Wanjiku")
    wanjiku.get_by_role("button", name="Dial *384*123#").click()
    expect(wanjiku.locator(".screen")).to_contain_text("Umoja: paid 0 of 500")
    wanjiku.press("1")
    wanjiku.press("Enter")
    expect(wanjiku.locator(".screen")).to_contain_text("Pay KES 500?")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as a talk").click()
    kept = tmp_path / "saved.talk"
    saved.value.save_as(kept)
    talk = talks.parse(kept.read_text())
    assert (talk.phone, talk.network) == (WANJIKU, "63902")
    assert [step.does for step in talk.steps] == ["> *384*123#", "> 1"]
    assert talk.steps[0].screen == f"CON {HOME}"
    page.locator(".talk-file").set_input_files(kept)
    expect(page.locator(".talked")).to_have_text("saved.talk: every screen came as written.")
    kept.write_text(kept.read_text().replace("Pay KES 500?", "Pay KES 600?"))
    page.locator(".talk-file").set_input_files(kept)
    expect(page.locator(".talked")).to_contain_text("1 of 2 came otherwise. First: > 1: CON Pay KES 500?")
