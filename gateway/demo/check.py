"""The whole loop without hands: dial, contribute, pay; then look in the books, on the phone and on the chain."""

import re
import time
from collections.abc import Callable
from typing import Any

from gateway import outbound

# From the last key to the SMS there are five hand-overs, each within a quarter of a second; a busy machine gets more.
PATIENCE_SECONDS = 30.0
MPESA_PIN = "1234"


class CheckFailed(Exception):
    """A step of the loop did not come true; says which."""


class Phone:
    """One simulated phone, worked through the simulator's controls."""

    def __init__(self, simulator_url: str, number: str) -> None:
        self.url = simulator_url
        self.number = number

    def dial(self, ussd: str) -> str:
        return str(outbound.post_json(f"{self.url}/control/dial", {"phone": self.number, "ussd": ussd})["screen"])

    def press(self, keys: str) -> str:
        answer = outbound.post_json(f"{self.url}/control/press", {"phone": self.number, "keys": keys})
        return str(answer.get("screen", ""))

    def prompt(self) -> bool:
        return bool(outbound.get_json(f"{self.url}/phone/state", phone=self.number)["prompt"])

    def receipts(self) -> list[str]:
        """The texts of our own SMS that carry a receipt code, oldest first."""
        inbox = outbound.get_json(f"{self.url}/control/sms", phone=self.number)
        return [sms["text"] for sms in inbox if re.search(r"Code [2-9A-Z]{8}", sms["text"])]


def until(question: Callable[[], Any], what: str) -> Any:
    """Asks until the answer is true and returns it; raises CheckFailed when patience ends."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        answer = question()
        if answer:
            return answer
        time.sleep(0.1)
    raise CheckFailed(f"waited {PATIENCE_SECONDS:.0f} s in vain for {what}")


def insist(true: bool, what: str) -> None:
    if not true:
        raise CheckFailed(what)


def paid_count(phone: Phone, ussd_code: str) -> int:
    """How many have paid, as Who has paid says on the phone."""
    screen = phone.dial(f"{ussd_code[:-1]}*3#")
    found = re.search(r"(?:Paid|Wamelipa) (\d+) (?:of|kati ya) (\d+)", screen)
    if not found:
        raise CheckFailed(f"Who has paid does not count: {screen}")
    return int(found[1])


def run(demo: dict[str, Any], told: Callable[[str, float], None]) -> None:
    """Plays one contribution through the demo that `demo` (the content of demo.json) describes."""
    person = next(one for one in demo["cast"] if one["name"] == "Wanjiku")
    phone = Phone(demo["simulator_url"], person["phone"])
    begun = time.monotonic()

    def done(step: str) -> None:
        told(step, time.monotonic() - begun)

    before, receipts = paid_count(phone, demo["ussd_code"]), len(phone.receipts())
    phone.dial(demo["ussd_code"])
    phone.press("1")
    phone.press("500")
    phone.press("1")
    done("dialled and asked to contribute 500")
    until(phone.prompt, "the M-PESA prompt")
    phone.press(MPESA_PIN)
    done("entered the M-PESA PIN")
    sms = until(lambda: phone.receipts()[receipts:], "the receipt SMS")[-1]
    done(f"SMS: {sms}")
    insist(paid_count(phone, demo["ussd_code"]) == before + 1, "Who has paid did not count one more")
    done("Who has paid counts one more")
    booked_as_moved(demo, person["phone"])
    done("Safaricom's book and ours agree")
    seal = until(lambda: sealed(demo, sms), "the seal of the batch")
    done(f"sealed in batch {seal['batch']}, block {seal['block']}, proof valid")


def booked_as_moved(demo: dict[str, Any], number: str) -> None:
    """Every receipt that Safaricom moved stands in our books with its amount, and nothing else does."""
    truth = outbound.get_json(f"{demo['simulator_url']}/control/truth")["receipts"]
    insist(any(row["phone"] == number for row in truth), "Safaricom's own book does not know the payment")
    token = demo["api_token"]
    for row in truth:
        answer = outbound.post_json(
            f"{demo['gateway_url']}/api/v1/payments/search", {"receipt": row["receipt"]}, token=token
        )
        amounts = [payment["amount_cents"] for payment in answer["items"]]
        insist(amounts == [row["amount_cents"]], f"receipt {row['receipt']} is not booked as it moved")


def sealed(demo: dict[str, Any], sms: str) -> dict[str, Any] | None:
    """What `/v/<code>` says once the entry of this SMS is sealed and its proof holds."""
    code = re.search(r"Code ([2-9A-Z]{8})", sms)
    if code is None:
        raise CheckFailed("the SMS carries no code")
    answer: dict[str, Any] = outbound.get_json(f"{demo['gateway_url']}/v/{code[1]}")
    witnessed = answer["block"] or not demo["chain_rpc_url"]
    return answer if answer["valid"] and witnessed else None
