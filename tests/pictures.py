"""Takes the pictures of the README from a fresh demo: `make pictures`.

What they show has happened: three members have paid, one has changed her mind, somebody has forged a callback, and
one more prompt is on its phone.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from gateway import outbound
from gateway.demo.cast import ADMIN_EMAIL
from gateway.demo.check import MPESA_PIN, Phone, until
from gateway.demo.stack import Stack, a_free_pair
from tests.browser import SWITCHES, chromium
from tests.loop.test_forged import callback
from tests.simulator.test_page import phone, screen, touch

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
CANCEL = "0"
SOON_MS = 20_000


def take() -> None:
    """Writes phones.jpg and status.png."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pesachama-") as folder, visitor() as context:
        demo = Stack(Path(folder), a_free_pair())
        try:
            demo.start(lambda part, seconds: None)
            for name, shillings in (("Amina", 500), ("Chebet", 250), ("Wanjiku", 500)):
                pays(demo, name, shillings)
            changes_her_mind(demo, "Akinyi")
            outbound.post_json(f"{demo.gateway_url}/pay/stk/{'ab' * 32}", callback("TKK7RT61SV", 900, "+254700000005"))
            phones(demo, context.new_page())
            status(demo, context.new_page())
        finally:
            demo.stop()


@contextmanager
def visitor() -> Iterator[BrowserContext]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(SWITCHES))
        context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light", locale="en-GB")
        context.set_default_timeout(SOON_MS)
        yield context
        browser.close()


def prompted(demo: Stack, name: str, shillings: int) -> Phone:
    """Somebody's phone with the M-PESA prompt on it."""
    hers = Phone(demo.simulator_url, next(person["phone"] for person in demo.people if person["name"] == name))
    hers.dial(f"*384*123*1*{shillings}#")
    hers.press("1")
    until(hers.prompt, f"the prompt of {name}")
    return hers


def pays(demo: Stack, name: str, shillings: int) -> None:
    hers = prompted(demo, name, shillings)
    hers.press(MPESA_PIN)
    until(hers.receipts, f"the receipt SMS of {name}")


def changes_her_mind(demo: Stack, name: str) -> None:
    prompted(demo, name, 500).press(CANCEL)


def phones(demo: Stack, page: Page) -> None:
    """Wanjiku has paid and looks, Njeri is about to pay, and Daudi is welcomed in two languages."""
    page.goto(demo.simulator_url)
    expect(page.locator("main[aria-busy=false] .phone")).to_have_count(3)
    njeri = phone(page, "Njeri")
    touch(njeri, "Dial *384*123#")
    for asked in ("1 Contribute", "1 Pay 500", "1 Yes"):
        expect(screen(njeri)).to_contain_text(asked)
        touch(njeri, "1", "Send")
    expect(njeri.get_by_role("dialog")).to_be_visible(timeout=SOON_MS)
    for name, first_line in (("Wanjiku", "Umoja"), ("Daudi", "Karibu")):
        touch(phone(page, name), "Dial *384*123#")
        expect(screen(phone(page, name))).to_contain_text(first_line)
    touch(njeri, "1", "2")
    page.set_viewport_size({"width": 1280, "height": 1080})
    page.screenshot(path=FOLDER / "phones.jpg", quality=82, animations="disabled")


def status(demo: Stack, page: Page) -> None:
    """The status page while Njeri's prompt is out."""
    page.goto(f"{demo.gateway_url}/desk/status")
    page.get_by_label("E-mail address").fill(ADMIN_EMAIL)
    page.get_by_label("Password").fill(demo.secrets.admin_password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#pulse")).to_have_text("Live")
    expect(page.locator("#payments")).to_contain_text("On the phone")
    expect(page.locator("#payments")).to_contain_text("Not paid", timeout=SOON_MS)
    expect(page.locator("#strangers")).to_contain_text("Fits no payment", timeout=SOON_MS)
    page.set_viewport_size({"width": 1280, "height": 1080})
    page.screenshot(path=FOLDER / "status.png", animations="disabled")


if __name__ == "__main__":
    take()
