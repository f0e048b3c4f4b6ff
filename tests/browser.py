"""A real browser for tests marked `full`: one Chromium a run, a fresh page a test, and no complaint left unread."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Containers have no user namespaces, and a test browser has nothing to look up on the network.
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 5000


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Fails, never skips, when there is no Chromium."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=list(SWITCHES))
        yield launched
        launched.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor who has never been here, with a screen of 1280 by 900."""
    fresh = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB", timezone_id="America/New_York")
    fresh.set_default_timeout(PATIENCE_MS)
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab whose complaints fail the test."""
    with watched(context) as opened:
        yield opened


@pytest.fixture
def tab(context: BrowserContext, page: Page) -> Iterator[Page]:
    """A second tab of the same visitor, beside `page`."""
    with watched(context) as opened:
        yield opened


@contextmanager
def watched(context: BrowserContext) -> Iterator[Page]:
    """A new tab; errors and warnings of its console, and of its scripts, fail the test at its end."""
    complaints: list[str] = []
    opened = context.new_page()
    opened.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    assert complaints == []


def chromium() -> str:
    """Where the browser is."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.fail(f"none of {', '.join(NAMES)} is on PATH; browser tests need one")
    return found
