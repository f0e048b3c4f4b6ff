"""The page for a new operator: what it gives to type does what it says."""

import re
import shlex
from pathlib import Path

import pytest
from psycopg import Connection

from chamas.dues import owing
from chamas.members import register, standing
from gateway.cli import main
from gateway.commands import environment
from gateway.settings import SETTINGS, Settings
from gateway.wiring import Wiring
from menus.dialog import LEAST_CENTS
from tests.instruments import START, HandClock, SeededChance

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations" / "going-live.md").read_text()


def test_the_first_group_is_founded_as_the_page_says(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, clock: HandClock, conn: Connection
) -> None:
    monkeypatch.setattr(environment, "wiring", lambda process: Wiring(settings, process, clock, SeededChance()))
    [line] = re.findall(r"^pesachama (found-group .*)$", PAGE, re.M)
    assert main(shlex.split(line)) == 0
    asha = register.find_by_phone(conn, "+254700000001")
    assert asha is not None
    [home] = standing.memberships(conn, asha.id)
    assert (home.chama_name, home.chama_status) == ("First", "active")
    assert owing.dues(conn, home.id, START).owed_cents == 10_00


def test_the_page_names_every_setting_that_must_be_given() -> None:
    missing = [each.name for each in SETTINGS if each.default is None and f"`{each.name}" not in PAGE]
    assert missing == []


def test_the_first_amount_is_one_that_is_taken() -> None:
    assert "contribute 10 shillings" in PAGE
    assert LEAST_CENTS == 10_00
