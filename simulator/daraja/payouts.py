"""All payouts of the shortcode: accepts, decides, pays once, and tells. The states are explained in `payout`."""

from dataclasses import replace
from datetime import datetime

from simulator.clock import EAT, sms_moment
from simulator.daraja import ids
from simulator.daraja.callbacks import shillings
from simulator.daraja.initiator import Initiator
from simulator.daraja.payout import MOVES, Payout, State, Wanted
from simulator.daraja.results import QUEUE_URL, Answer, Results, number
from simulator.ground import Ground
from simulator.inbox import MPESA, Inbox
from simulator.phones import Phones
from simulator.store import Shelf
from simulator.timetable import Event
from simulator.truth import Spent, Truth

# The first as with prompts: after the HTTP answer, and short enough for a test. A late success follows its time-out; an
# hour without the core is longer than anybody's second look.
CORE_SECONDS = 0.2
TIMEOUT_SECONDS = 60
LATE_SECONDS = 65
CONTRADICTION_SECONDS = 1
EXPIRY_SECONDS = 3600
# The portal's limits for one payout; the last is what a customer may hold.
LEAST_CENTS, MOST_CENTS, WALLET_CENTS = 10_00, 250_000_00, 500_000_00
WISHED = {
    "insufficient": "1",
    "cancels": "2040",
    "unregistered": "2040",
    "locked": "8006",
    "no_role": "21",
    "debit_party": "11",
    "not_mpesa": "SFC_IC0003",
}
SILENT = ("pays_silently", "timeout_echo")


class Payouts:
    def __init__(
        self, ground: Ground, truth: Truth, phones: Phones, inbox: Inbox, *, results: Results, initiator: Initiator
    ) -> None:
        self._shelf = Shelf(ground.store, "payouts", Payout)
        self._by_conversation = {each.conversation_id: each.originator for each in self._shelf}
        self._by_receipt = {each.receipt: each.originator for each in self._shelf if each.receipt}
        self._clock, self._chance, self._timetable = ground.clock, ground.chance, ground.timetable
        self._courier, self._settings = ground.courier, ground.settings
        self._truth, self._phones, self._inbox = truth, phones, inbox
        self._results, self._initiator = results, initiator
        for kind, actor in {"core": self._core, "expires": self._expire, "contradicts": self._contradict}.items():
            ground.timetable.on("payout." + kind, actor)

    def find(self, known: str) -> Payout | None:
        """By the merchant's id, by Daraja's ConversationID, or by receipt."""
        key = self._by_conversation.get(known) or self._by_receipt.get(known) or known
        return self._shelf.get(key)

    def knows(self, originator: str) -> bool:
        return originator in self._shelf

    def accept(self, wanted: Wanted, outcome: str | None) -> Payout:
        """The caller has made sure that the id is new."""
        now = self._clock.now()
        payout = Payout(
            originator=wanted.originator,
            conversation_id=ids.conversation_id(self._chance, now),
            phone=wanted.phone,
            amount_cents=wanted.amount_cents,
            debit_party=wanted.debit_party,
            verdict=self._initiator.verdict(wanted.operator, wanted.credential, "b2c", wrong=outcome == "wrong_pin"),
            result_url=wanted.result_url,
            outcome=outcome,
            asked_at=now,
        )
        self._shelf.put(payout.originator, payout)
        self._by_conversation[payout.conversation_id] = payout.originator
        key = {"key": payout.originator}
        echo = {"api": "b2c", "url": wanted.timeout_url, "body": wanted.body}
        if outcome in ("timeout_echo", "timeout_unpaid", "pays_late"):
            self._timetable.after(TIMEOUT_SECONDS, "command.echo", echo)
        if outcome == "timeout_unpaid":
            self._timetable.after(TIMEOUT_SECONDS, "payout.expires", key)
        elif outcome == "no_answer":
            self._timetable.after(EXPIRY_SECONDS, "payout.expires", key)
        else:
            self._timetable.after(_wait(outcome), "payout.core", key)
        return payout

    async def settled(self) -> None:
        """Returns when everything that is due has happened and has been delivered."""
        self._timetable.fire_due()
        await self._courier.settled()

    def clear(self) -> None:
        self._shelf.clear()
        self._by_conversation.clear()
        self._by_receipt.clear()

    def _core(self, event: Event) -> None:
        payout = self._shelf.get(event.facts["key"])
        if payout is None or payout.state is not State.ACCEPTED:
            return
        cents = _another_amount(payout.amount_cents) if payout.outcome == "wrong_amount" else payout.amount_cents
        code = self._refusal(payout, cents)
        if code != "0":
            failed = self._move(replace(payout, code=code), State.FAILED)
            self._tell(failed, Answer(code, reference=_reference()), event.due)
            return
        spent = self._truth.spend("payout", payout.phone, cents, reference=payout.originator, at=event.due)
        self._by_receipt[spent.receipt] = payout.originator
        paid = self._move(replace(payout, code="0", receipt=spent.receipt), State.PAID)
        self._receive(spent)
        if payout.outcome not in SILENT:
            self._tell(paid, self._success(spent), event.due)
        if payout.outcome == "contradicts":
            self._timetable.after(CONTRADICTION_SECONDS, "payout.contradicts", event.facts, start=event.due)

    def _refusal(self, payout: Payout, cents: int) -> str:
        """The first rule that says no, "0" when none does. A wish for a refusal decides alone."""
        wished = WISHED.get(payout.outcome or "")
        phone = self._phones.of(payout.phone)
        rules = {
            payout.verdict: payout.verdict != "0",
            "11": payout.debit_party != self._settings.shortcode,
            "2": cents < LEAST_CENTS,
            "3": cents > MOST_CENTS,
            "2040": not phone.registered,
            "8": phone.balance_cents + cents > WALLET_CENTS,
            "1": cents > self._truth.utility_cents,
        }
        return wished or next((code for code, broken in rules.items() if broken), "0")

    def _success(self, spent: Spent) -> Answer:
        name = self._phones.of(spent.to).name.upper()
        whole = spent.amount_cents // 100
        return Answer(
            "0",
            (
                ("TransactionAmount", whole if spent.amount_cents % 100 == 0 else number(spent.amount_cents)),
                ("TransactionReceipt", spent.receipt),
                ("ReceiverPartyPublicName", f"{spent.to.lstrip('+')} - {name}"),
                ("TransactionCompletedDateTime", f"{spent.at.astimezone(EAT):%d.%m.%Y %H:%M:%S}"),
                ("B2CUtilityAccountAvailableFunds", number(spent.utility_after_cents)),
                ("B2CWorkingAccountAvailableFunds", number(0)),
                ("B2CRecipientIsRegisteredCustomer", "Y"),
                ("B2CChargesPaidAccountAvailableFunds", number(spent.charges_after_cents)),
            ),
            transaction=spent.receipt,
            reference=_reference(),
        )

    def _receive(self, spent: Spent) -> None:
        """M-PESA's own SMS to the receiver."""
        left = shillings(self._phones.of(spent.to).balance_cents)
        text = (
            f"{spent.receipt} Confirmed. You have received Ksh{shillings(spent.amount_cents)} from "
            f"{self._settings.business_name} on {sms_moment(spent.at)}. New M-PESA balance is Ksh{left}."
        )
        self._inbox.receive("MPESA_" + spent.receipt, MPESA, spent.to, text, spent.at)

    def _expire(self, event: Event) -> None:
        payout = self._shelf.get(event.facts["key"])
        if payout and payout.state is State.ACCEPTED:
            self._move(payout, State.EXPIRED)

    def _contradict(self, event: Event) -> None:
        payout = self._shelf.get(event.facts["key"])
        if payout:
            self._tell(payout, Answer("1", reference=_reference()), event.due)

    def _tell(self, payout: Payout, answer: Answer, at: datetime) -> None:
        foreign = payout.outcome == "foreign_id"
        facts = {
            "url": payout.result_url,
            "originator": ids.merchant_request_id(self._chance) if foreign else payout.originator,
            "conversation_id": payout.conversation_id,
            "outcome": payout.outcome or "",
        }
        self._results.post("b2c", facts, answer, at, lane=payout.originator)

    def _move(self, payout: Payout, to: State) -> Payout:
        if to not in MOVES[payout.state]:
            raise ValueError(f"a payout that is {payout.state} cannot become {to}")
        return self._shelf.put(payout.originator, replace(payout, state=to))


def _wait(outcome: str | None) -> float:
    if outcome == "pays_late":
        return LATE_SECONDS
    return 0 if outcome == "callback_early" else CORE_SECONDS


def _reference() -> tuple[tuple[str, str | None], ...]:
    return (("QueueTimeoutURL", QUEUE_URL.format("b2c")),)


def _another_amount(cents: int) -> int:
    return cents - 100 if cents > LEAST_CENTS else cents + 100
