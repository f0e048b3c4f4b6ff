"""Ids in the shapes that Safaricom gives them."""

from datetime import datetime

from simulator.chance import Chance
from simulator.clock import EAT


def receipt_day(at: datetime) -> str:
    """How the receipts of a day begin: NLJ is 19 December 2019, UKK 20 November 2026."""
    day = at.astimezone(EAT)
    digit = str(day.day) if day.day < 10 else chr(ord("A") + day.day - 10)
    return chr(ord("A") + (day.year - 2006) % 26) + chr(ord("A") + day.month - 1) + digit


def merchant_request_id(chance: Chance) -> str:
    """`2654-4b64-97ff-b827b542881d3130`"""
    text = chance.text("merchant id", 28)
    return f"{text[:4]}-{text[4:8]}-{text[8:12]}-{text[12:]}"


def checkout_request_id(at: datetime, phone: str) -> str:
    """`ws_CO_` + ddMMyyyyHHmmss in EAT + milliseconds without leading zeros + the phone's last nine digits."""
    return f"ws_CO_{at.astimezone(EAT):%d%m%Y%H%M%S}{at.microsecond // 1000}{phone[-9:]}"


def conversation_id(chance: Chance, at: datetime) -> str:
    """`AG_20240706_20106e9209f64bebd05b`"""
    return f"AG_{at.astimezone(EAT):%Y%m%d}_{chance.text('conversation', 20)}"


def request_id(chance: Chance) -> str:
    """`19072-295731-1`, of error answers."""
    source = chance.of("request id")
    return f"{source.randint(1000, 99999)}-{source.randint(100000, 99999999)}-1"
