"""Every sample of Daraja's, read by the reader of its own kind: what comes of it, or why it is set aside."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from payments.daraja import client, pull
from payments.daraja.client import Daraja
from payments.daraja.keys import Keys
from payments.daraja.outcomes import Accepted, Outcome
from payments.paybill import read_confirmation
from payments.payouts import reading as payouts
from payments.reading import Unreadable, read_balance_result, read_status_result, read_stk_callback, read_stk_query

SAMPLES = Path(__file__).parents[1] / "samples" / "daraja"
KEYS = Keys("600000", "key", "secret", "passkey", "api", "sealed")


class Answers(Daraja):
    """Says one body to whatever is asked."""

    def __init__(self, body: bytes) -> None:
        super().__init__("", KEYS)
        self.body = body

    def post(self, path: str, token: str, body: dict[str, Any], *, method: str = "POST") -> Outcome:
        return client.read_answer(200, self.body)


def answered(status: int) -> Callable[[bytes], str]:
    """Accepted, or what is said instead."""

    def read(body: bytes) -> str:
        outcome = client.read_answer(status, body)
        return "accepted" if isinstance(outcome, Accepted) else f"{type(outcome).__name__} {outcome.code}"

    return read


def registered(body: bytes) -> str:
    outcome = pull.register(Answers(body), KEYS, "t", nominated="254700000001", callback_url="u")
    return "accepted" if isinstance(outcome, Accepted) else "refused"


def confirmed(body: bytes) -> str:
    sent = read_confirmation(body)
    return f"{sent.money.receipt} {sent.money.amount_cents}"


def stk(read: Callable[[bytes], Any]) -> Callable[[bytes], str]:
    """The state that it proposes, with the money that it names."""

    def words(body: bytes) -> str:
        fact = read(body)
        return f"{fact.proposes} {fact.money.receipt} {fact.money.amount_cents}" if fact.money else f"{fact.proposes}"

    return words


def paid_out(read: Callable[[bytes], payouts.Fact]) -> Callable[[bytes], str]:
    def words(body: bytes) -> str:
        fact = read(body)
        return f"{fact.proposes} {fact.paid.receipt} {fact.paid.amount_cents}" if fact.paid else f"{fact.proposes}"

    return words


READ: dict[str, tuple[Callable[[bytes], str], str]] = {
    "S1": (answered(200), "accepted"),
    "S2": (stk(read_stk_callback), "paid NLJ7RT61SV 100"),
    "S3": (stk(read_stk_callback), "paid MAO0DO9BYO 100"),
    "S5": (stk(read_stk_callback), "failed_final"),
    "S6": (stk(read_stk_callback), "failed_soft"),
    "S8": (stk(read_stk_query), "proven"),
    "S9": (stk(read_stk_query), "pending"),
    "S10": (stk(read_stk_query), "unclear"),
    "S11": (answered(400), "Rejected 400.002.02"),
    "S12": (answered(404), "Rejected 404.001.03"),
    "S13": (answered(200), "accepted"),
    # As Safaricom's page prints it: no JSON, so it is set aside with its reason.
    "S14": (confirmed, "not JSON (JSONDecodeError)"),
    "S15": (confirmed, "TK60708BHZ 100"),
    "S16": (confirmed, "RAJ7PFM0SH 100"),
    "S18": (confirmed, "SB65A1TU7X 400"),
    "S20": (answered(200), "accepted"),
    "S21": (paid_out(payouts.read_result), "paid SG632NMUAB 1000"),
    "S22": (paid_out(payouts.read_result), "failed_proven"),
    "S23": (answered(500), "Unknown 500.002.1001"),
    "S24": (paid_out(payouts.read_timeout), "unknown"),
    # Of a payout: to who asks about money that came in, it is none.
    "S25": (paid_out(payouts.read_status), "paid MBN31H462N 30000"),
    "S27": (lambda body: str(getattr(read_balance_result(body), "utility_cents", None)), "22803700"),
    "S31": (registered, "accepted"),
}


@pytest.mark.parametrize("sample", sorted(SAMPLES.iterdir()), ids=lambda path: path.name.partition("-")[0])
def test_a_sample_is_read_or_set_aside_with_its_reason(sample: Path) -> None:
    read, expected = READ[sample.name.partition("-")[0]]
    try:
        came = read(sample.read_bytes())
    except Unreadable as why:
        came = str(why)
    assert came == expected
    if sample.name.startswith("S25"):
        assert read_status_result(sample.read_bytes(), "600310").money is None
