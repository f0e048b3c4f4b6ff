"""The truth book over long seeded runs: balances always add up, and the same seed gives the same run."""

import random
from typing import Any

import pytest
import requests

from simulator.meanings import MEANINGS
from tests.simulator.client import SHORTCODE, WANJIKU, Simulator
from tests.simulator.gateway_double import GatewayDouble

STEPS = 80  # some seconds; every kind of step comes several times
PHONES = ("+254700000001", "+254700000002", WANJIKU)
OPENING_CENTS = 100_000_00
SPENT = ("payouts", "reversals", "transfers")


def sum_of(rows: list[dict[str, Any]]) -> int:
    return sum(int(row["amount_cents"]) for row in rows)


def adds_up(truth: dict[str, Any]) -> bool:
    """Utility is what came in less what went out; each phone has what it had, less what it paid, plus what it got."""
    spent = sum(sum_of(truth[kind]) for kind in SPENT)
    paybill, phones = truth["balances"]["paybill"], truth["balances"]["phones"]
    held = {phone: OPENING_CENTS - sum_of(_of(truth["receipts"], phone)) for phone in phones}
    for kind in ("payouts", "reversals"):
        held = {phone: cents + sum_of(_of(truth[kind], phone)) for phone, cents in held.items()}
    # The first bands of the published tariff: up to 100 nothing, up to 1,500 five shillings.
    charges = -5_00 * sum(each["amount_cents"] > 100_00 for each in truth["payouts"])
    return (
        paybill["utility_cents"] == sum_of(truth["receipts"]) - spent >= 0
        and paybill["charges_cents"] == charges
        and phones == held
    )


def _of(rows: list[dict[str, Any]], phone: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["phone"] == phone]


def step(simulator: Simulator, chance: random.Random, number: int) -> None:
    """One request with a wish that fits it; what it sets off has happened at the end."""
    api = chance.choice(["paybill", "stk", "b2c", "b2c", "reversal", "b2b"])
    phone, amount = chance.choice(PHONES), chance.randint(10, 900)
    if api in MEANINGS:
        simulator.wish(chance.choice(sorted(MEANINGS[api])), api=api, phone="*")
    token = simulator.token().json()["access_token"]
    try:
        if api == "paybill":
            simulator.post("/control/paybill", phone=phone, amount=amount, account=str(number))
        elif api == "stk":
            simulator.push(token, Amount=str(amount), PhoneNumber=phone[1:], PartyA=phone[1:])
        elif api == "b2c":
            simulator.payout(f"run-{number}", token, Amount=str(amount), PartyB=phone[1:])
        elif api == "reversal":
            reverse_any(simulator, chance)
        else:
            about = {"SenderIdentifierType": "4", "RecieverIdentifierType": "4", "PartyA": SHORTCODE}
            about |= {"PartyB": "400200", "AccountReference": "BANK", "Amount": str(amount)}
            simulator.command("/mpesa/b2b/v1/paymentrequest", "BusinessPayBill", **about)
    except requests.ConnectionError:
        pass
    simulator.advance(130)


def reverse_any(simulator: Simulator, chance: random.Random) -> None:
    """Some receipt, reversed already or not."""
    paid = chance.choice(simulator.receipts() or [{"receipt": "UKK0000000", "amount_cents": 100}])
    about = {"ReceiverParty": SHORTCODE, "RecieverIdentifierType": "11"}
    about |= {"TransactionID": paid["receipt"], "Amount": str(paid["amount_cents"] // 100)}
    simulator.command("/mpesa/reversal/v1/request", "TransactionReversal", **about)


def a_run(simulator: Simulator, seed: int) -> dict[str, Any]:
    simulator.post("/control/reset", seed=seed)
    chance = random.Random(seed)
    for number in range(STEPS):
        step(simulator, chance, number)
        truth = simulator.get("/control/truth")
        assert adds_up(truth), (seed, number, truth)
    return truth


def without_moments(truth: dict[str, Any]) -> dict[str, Any]:
    """The clock is real, and the first three letters of a receipt are its day."""
    kinds = ("receipts", *SPENT)
    return truth | {kind: [_timeless(row) for row in truth[kind]] for kind in kinds}


def _timeless(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value[3:] if key in ("receipt", "original") else value for key, value in row.items() if key != "at"}


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.full)])
def test_the_book_adds_up_and_the_run_repeats(simulator: Simulator, gateway: GatewayDouble, seed: int) -> None:
    first = a_run(simulator, seed)
    assert all(first[kind] for kind in ("receipts", *SPENT))
    assert without_moments(a_run(simulator, seed)) == without_moments(first)
