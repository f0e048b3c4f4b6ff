"""Days with every outcome mixed, and gaps planted among them: each certificate is right, and nothing is unexplained.

The real simulator over HTTP with its clock, the app over HTTP, the worker's loops by hand. Five days in
`make test-full`, a month in `make test-long`. Once a week somebody fetches the portal's statement and hands it over.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

import pytest

from gateway.commands.import_statement import read
from gateway.commands.register_urls import register
from ledger.nairobi import day_begins, local
from payments.reconciliation import days, pull
from payments.reconciliation.statements import Handed
from tests.loop.test_days import debit, named, newest, statement_of
from tests.loop.test_paybill import account_of, confirmation, tell
from tests.whole import SHORTCODE, Whole

STK = (
    "pays", "pays_late", "pays_silently", "callback_twice", "callback_early", "answer_lost", "contradicts", "wrong_pin",
    "cancels", "insufficient", "no_answer", "wrong_amount",
)  # fmt: skip
C2B = ("pays", "pays", "pays_silently", "pays_late", "callback_twice")
# Pull, which is due each hour, is asked at least so often; the rest of a day is quiet.
STEP = timedelta(hours=6)

# What is found of a day: code, receipt (None: not named), and by how much M-PESA holds more than the books.
Expected = list[tuple[str, str | None, int]]


@dataclass
class Month:
    """The house, the seed's choices, and what the certificates of days must name once the statement is here."""

    whole: Whole
    chance: Random
    members: list[str]
    expected: dict[date, Expected] = field(default_factory=dict)
    forged: dict[str, int] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return local(self.whole.worker.now()).date()

    def until(self, hour: float, after: date) -> None:
        """Goes on, in steps, to an hour of the day after `after`; `hour` may be of the next one."""
        aim = days.begins(after) + timedelta(hours=hour)
        while self.whole.worker.now() < aim:
            self.whole.advance(min(STEP, aim - self.whole.worker.now()).total_seconds())

    def expect(self, code: str, receipt: str, effect: int) -> None:
        self.expected.setdefault(self.today, []).append((code, receipt, effect))

    def ordinary(self) -> None:
        """A prompt and a payment at the paybill, each with an outcome of its own."""
        name, other = self.chance.sample(self.members, 2)
        self.whole.simulator.wish(self.chance.choice(STK), phone=self.whole.phone(name))
        self.whole.ask_to_contribute(name, self.chance.randrange(100, 900, 10))
        self.whole.settle()
        self.whole.simulator.wish(self.chance.choice(C2B), api="c2b", phone=self.whole.phone(other))
        self.at_the_paybill(other, self.chance.randrange(100, 900, 10))
        for seconds in (25, 50, 100, 450, 3_600):
            self.whole.advance(seconds)

    def at_the_paybill(self, name: str, shillings: int) -> str:
        paid = self.whole.simulator.post(
            "/control/paybill", phone=self.whole.phone(name), amount=shillings, account=account_of(self.whole, name)
        )
        return str(paid["receipt"])


def nothing(month: Month) -> None:
    """A day without a planted gap."""


def only_in_pull(month: Month) -> None:
    """No confirmation ever comes: Pull lists it, it is credited, and nothing differs."""
    month.whole.simulator.wish("pays_silently", api="c2b", phone=month.whole.phone("Njeri"))
    month.at_the_paybill("Njeri", 170)


def only_in_the_statement(month: Month) -> None:
    """Neither a confirmation nor Pull tells of it; the statement names it, and it is booked on Safaricom's word."""
    only_in_pull(month)
    with month.whole.worker.transaction() as conn:
        conn.execute("UPDATE pulls SET due_at = due_at + interval '3 days'")


def a_debit(month: Month) -> None:
    """Somebody pays out at the portal."""
    month.at_the_paybill("Njeri", 900)
    month.whole.settle()
    shillings = 100 + len(month.whole.simulator.get("/control/truth")["payouts"])
    month.expect("out_not_booked", debit(month.whole, shillings), -100 * shillings)


def a_forged_confirmation(month: Month) -> None:
    """Under our own secret, so it is booked: only M-PESA's lists know better."""
    receipt = f"TKZFORG{len(month.forged):03}"
    month.forged[receipt] = 45_000
    facts = {"receipt": receipt, "phone": month.whole.phone("Njeri"), "amount_cents": 45_000}
    body = confirmation(facts | {"reference": account_of(month.whole, "Njeri")}, "v1")
    tell(month.whole, body | {"TransTime": f"{local(month.whole.worker.now()):%Y%m%d%H%M%S}"})
    month.expect("booked_not_listed", receipt, -45_000)


def a_reversal(month: Month) -> None:
    """Safaricom gives a payment back, and nobody tells us."""
    receipt = month.at_the_paybill("Njeri", 260)
    month.whole.settle()
    token = month.whole.simulator.http.get(
        f"{month.whole.simulator.url}/oauth/v1/generate",
        params={"grant_type": "client_credentials"},
        auth=(month.whole.settings.mpesa_consumer_key, month.whole.settings.mpesa_consumer_secret),
        timeout=10,
    ).json()["access_token"]
    nowhere = f"{month.whole.url}/pay/reversal/{'ab' * 32}"
    month.whole.simulator.command(
        "/mpesa/reversal/v1/request", "TransactionReversal", token, TransactionID=receipt, Amount="260",
        ReceiverParty=SHORTCODE, RecieverIdentifierType="11", ResultURL=f"{nowhere}/result",
        QueueTimeOutURL=f"{nowhere}/timeout",
    )  # fmt: skip
    month.whole.settle()
    (made,) = [one for one in month.whole.simulator.get("/control/truth")["reversals"] if one["original"] == receipt]
    month.expect("out_not_booked", made["receipt"], -26_000)


def no_balance(month: Month) -> None:
    """No answer about the balance comes: the certificate says so, and nothing differs."""
    month.whole.simulator.wish("pays_silently", api="balance", phone="*", times=3)


PLANTED: tuple[Callable[[Month], None], ...] = (
    nothing, only_in_pull, a_debit, a_forged_confirmation, a_reversal, no_balance, only_in_the_statement, nothing,
)  # fmt: skip


@pytest.mark.parametrize(
    "length",
    [pytest.param(5, id="days", marks=pytest.mark.full), pytest.param(30, id="month", marks=pytest.mark.long)],
)
def test_every_planted_gap_is_found_and_nothing_is_unexplained(whole: Whole, length: int) -> None:
    members = [person["name"] for person in whole.people if person["chama"] == "Umoja"]
    month = Month(whole, Random(20261120), members)
    register(whole.worker, "v1", SHORTCODE)
    pull.register(whole.worker, SHORTCODE, whole.phone(members[0]))
    first = local(day_begins(whole.worker.now())).date() + timedelta(days=1)
    month.until(8, first)
    handed = first
    for number in range(length):
        day = first + timedelta(days=number)
        month.ordinary()
        PLANTED[number % len(PLANTED)](month)
        month.until(15, day)
        month.ordinary()
        month.until(27, day)
        for one in days.certify_due(whole.worker):
            # Before the statement is here a gap may be seen without its name; what has a name is a planted one.
            by_name = {found for found in named(one) if found[1] is not None}
            assert by_name <= {*month.expected.get(date.fromisoformat(one.day), [])}, one
        if number % 7 == 6 or number == length - 1:
            imported = read(whole.worker, SHORTCODE, Handed(statement_of(whole, handed, day)))
            assert imported.problems == []
            handed = day + timedelta(days=1)
            whole.settle()
            whole.advance(120)
            days.certify_due(whole.worker)
        month.until(32, day)
    days.certify_due(whole.worker)
    for number in range(length):
        day = first + timedelta(days=number)
        found = newest(whole, day)
        assert sorted(named(found)) == sorted(month.expected.get(day, [])), (day, found)
        assert found.result == ("differs" if month.expected.get(day) else "matched"), (day, found)
    moved = {row["receipt"]: row["amount_cents"] for row in whole.truth()}
    assert whole.receipts() == moved | month.forged
    assert len(month.forged) == sum(number % len(PLANTED) == 3 for number in range(length))
