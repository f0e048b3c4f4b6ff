"""Phones for the terminal: one that lives in the simulator, and one that speaks to a gateway directly."""

import argparse
import json
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway import outbound
from menus.phone import Phone
from payments import phones

DEMO = Path(".demo") / "demo.json"


def running_demo() -> dict[str, Any]:
    """What `.demo/demo.json` says; empty when no demo has been started here, or by another user."""
    try:
        return dict(json.loads(DEMO.read_text()))
    except (OSError, ValueError):
        return {}


def a_number(text: str) -> str:
    """The number of a phone, as an argument; raises ArgumentTypeError."""
    try:
        return phones.normalise(text)
    except phones.UnreadablePhone:
        raise argparse.ArgumentTypeError(f"{text!r} is no phone number, like +254700000005") from None


def a_code(text: str) -> str:
    """What is dialled, as an argument; raises ArgumentTypeError."""
    if not re.fullmatch(r"\*[0-9]+(?:\*[^*#]+)*#", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no code to dial, like '*384*123#' (quoted, for the shell)")
    return text


def an_address(text: str) -> str:
    """The address of a server, as an argument, without a slash at its end; raises ArgumentTypeError."""
    if not re.fullmatch(r"https?://[^\s/]+(?:/\S*)?", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no address, like http://127.0.0.1:8000")
    return text.rstrip("/")


@dataclass
class SimulatedPhone:
    """A phone of the simulator, which also shows M-PESA's prompts: keys go to the prompt when no session is open."""

    url: str
    number: str
    screen: str = ""
    open: bool = False

    def dial(self, dialled: str) -> str:
        return self._show("dial", ussd=dialled)

    def press(self, keys: str) -> str:
        return self._show("press", keys=keys)

    def _show(self, control: str, **body: str) -> str:
        shown = outbound.post_json(f"{self.url}/control/{control}", {"phone": self.number, **body})
        self.screen, self.open = shown["screen"], not shown["over"]
        return self.screen


def phone_at(gateway_url: str, number: str, code: str) -> Phone:
    """A phone that posts its turns to a gateway on this machine, as Africa's Talking would."""
    return Phone(
        number,
        lambda fields: outbound.post_form(f"{gateway_url}/ussd", fields),
        lambda: f"ATUid_{secrets.token_hex(16)}",
        code=code,
    )
