"""All prompts of the network: accepts, shows, lets hands and outcomes decide, and tells the merchant.

The states and their moves are explained in `prompt`.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from simulator.clock import daraja_digits
from simulator.daraja import callbacks
from simulator.daraja.notices import Notices
from simulator.daraja.prompt import MOVES, OPEN, Prompt, Push, State
from simulator.ground import Ground
from simulator.merchants import Merchants
from simulator.objections import NotNow
from simulator.phones import Phones
from simulator.store import Shelf
from simulator.timetable import Event
from simulator.truth import Receipt, Truth

PIN = "1234"
# Safaricom's own wait for a PIN; the sandbox sends 1037 after it.
PATIENCE_SECONDS = 60
# Long enough for the HTTP answer to arrive first, as it nearly always does; short enough for a test.
HAND_SECONDS = 0.2
LATE_SECONDS = 5
CONTRADICTION_SECONDS = 1
RULE_SECONDS = 120
MAXIMUM_CENTS = 250_000_00
FAILURES = {
    "wrong_pin": 2001,
    "cancels": 1032,
    "insufficient": 1,
    "locked": 8006,
    "expires": 1019,
    "push_error": 1025,
}
PATIENT = ("no_answer", "pays_late")


class Prompts:
    """The two-minute rule remembers this process's payments only: two minutes are not worth a record."""

    def __init__(self, ground: Ground, truth: Truth, phones: Phones, notices: Notices, merchants: Merchants) -> None:
        self._shelf = Shelf(ground.store, "prompts", Prompt)
        self._open = {prompt.phone: prompt.key for prompt in self._shelf if prompt.state in OPEN}
        self._by_checkout = {prompt.checkout_id: prompt.key for prompt in self._shelf}
        self._paid_at: dict[tuple[str, int], datetime] = {}
        self._clock, self._chance, self._timetable = ground.clock, ground.chance, ground.timetable
        self._courier, self._changes, self._merchants = ground.courier, ground.changes, merchants
        self._truth, self._phones, self._notices = truth, phones, notices
        ground.timetable.on("prompt.hand", self._hand)
        ground.timetable.on("prompt.rule", self._rule)
        ground.timetable.on("prompt.expires", self._expire)
        ground.timetable.on("prompt.late", self._late)
        ground.timetable.on("prompt.contradicts", self._contradict)

    def on(self, phone: str) -> Prompt | None:
        """The prompt that this phone waits for or shows."""
        return self._shelf.get(self._open.get(phone, ""))

    def previous(self, phone: str) -> Prompt | None:
        return next((prompt for prompt in reversed(list(self._shelf)) if prompt.phone == phone), None)

    def find(self, checkout_id: str) -> Prompt | None:
        """The newest prompt with this id."""
        return self._shelf.get(self._by_checkout.get(checkout_id, ""))

    def accept(self, push: Push, merchant_id: str, checkout_id: str, outcome: str | None, busy: bool) -> Prompt:
        """The caller has made sure that the subscriber is free; `busy` says that a USSD session is open."""
        now = self._clock.now()
        key = self._chance.text("prompt", 16)
        prompt = Prompt(
            key=key,
            merchant_id=merchant_id,
            checkout_id=checkout_id,
            phone=push.phone,
            amount_cents=push.amount_cents,
            reference=push.reference,
            callback_url=push.callback_url,
            outcome=outcome,
            accepted_at=now,
            shortcode=push.shortcode,
        )
        self._shelf.put(key, prompt)
        self._by_checkout[checkout_id] = key
        self._open[push.phone] = key
        broken = self._broken_rule(push, outcome, now)
        if broken:
            self._timetable.after(HAND_SECONDS, "prompt.rule", {"key": key, "code": str(broken)})
            return prompt
        self._timetable.after(PATIENCE_SECONDS, "prompt.expires", {"key": key})
        if not busy:
            self.release(push.phone)
        return self._shelf.get(key) or prompt

    def release(self, phone: str) -> None:
        """The phone's screen is free: a waiting prompt shows."""
        prompt = self.on(phone)
        if prompt is None or prompt.state is not State.WAITING:
            return
        self._move(prompt, State.SHOWING)
        if prompt.outcome and prompt.outcome not in PATIENT:
            self._timetable.after(HAND_SECONDS, "prompt.hand", {"key": prompt.key})

    def answer(self, phone: str, keys: str) -> Prompt:
        """What a hand types. Raises NotNow when no prompt shows, ValueError when the keys are no answer to it."""
        prompt = self.on(phone)
        if prompt is None or prompt.state is not State.SHOWING:
            raise NotNow("no M-PESA prompt shows on this phone")
        now = self._clock.now()
        if keys in ("0", "cancel"):
            return self._fail(prompt, 1032)
        if not (len(keys) == len(PIN) and keys.isdigit()):
            raise ValueError("type the 4 digits of the M-PESA PIN, or 0 to cancel")
        if keys != PIN:
            return self._fail(prompt, 2001)
        if self._phones.of(phone).balance_cents < prompt.amount_cents:
            return self._fail(prompt, 1)
        return self._pay(prompt, now)

    async def pay_early(self, prompt: Prompt) -> None:
        """Pays, and returns when the callback has been delivered."""
        self._pay(prompt, self._clock.now())
        await self._courier.settled()

    def clear(self) -> None:
        self._shelf.clear()
        self._open.clear()
        self._paid_at.clear()
        self._by_checkout.clear()

    def text(self, prompt: Prompt) -> str:
        """What the SIM shows. Over 182 characters a real one fails with 1025; the reference is too short for that."""
        amount = callbacks.shillings(prompt.amount_cents)
        name = self._merchants.named(prompt.shortcode).name
        return f"Pay Ksh{amount} to {name}, account {prompt.reference}?\nEnter M-PESA PIN:"

    def as_json(self, prompt: Prompt | None) -> dict[str, Any] | None:
        if prompt is None:
            return None
        left = prompt.accepted_at + timedelta(seconds=PATIENCE_SECONDS) - self._clock.now()
        return {
            "id": prompt.checkout_id,
            "state": prompt.state.value,
            "text": self.text(prompt),
            "amount_cents": prompt.amount_cents,
            "account": prompt.reference,
            "business": self._merchants.named(prompt.shortcode).name,
            "seconds_left": max(0, round(left.total_seconds())) if prompt.state in OPEN else 0,
            "code": prompt.code,
            "receipt": prompt.receipt,
        }

    def _broken_rule(self, push: Push, outcome: str | None, now: datetime) -> int | None:
        """The result code of the core's own rules. A wished outcome decides alone."""
        if not push.permitted:
            return 2028
        if push.amount_cents > MAXIMUM_CENTS:
            return 3
        before = self._paid_at.get((push.phone, push.amount_cents))
        if outcome is None and before and now - before < timedelta(seconds=RULE_SECONDS):
            return 17
        return None

    def _hand(self, event: Event) -> None:
        prompt = self._shelf.get(event.facts["key"])
        if prompt is None or prompt.state not in OPEN:
            return
        if prompt.outcome in FAILURES:
            self._fail(prompt, FAILURES[prompt.outcome])
        else:
            self._pay(prompt, event.due)

    def _rule(self, event: Event) -> None:
        prompt = self._shelf.get(event.facts["key"])
        if prompt and prompt.state in OPEN:
            self._fail(prompt, int(event.facts["code"]))

    def _expire(self, event: Event) -> None:
        prompt = self._shelf.get(event.facts["key"])
        if prompt is None or prompt.state not in OPEN:
            return
        self._fail(prompt, 1037)
        if prompt.outcome == "pays_late":
            self._timetable.after(LATE_SECONDS, "prompt.late", {"key": prompt.key}, start=event.due)

    def _late(self, event: Event) -> None:
        prompt = self._shelf.get(event.facts["key"])
        if prompt:
            self._pay(prompt, event.due)

    def _contradict(self, event: Event) -> None:
        prompt = self._shelf.get(event.facts["key"])
        if prompt:
            self._tell(prompt, callbacks.failure(prompt.merchant_id, prompt.checkout_id, 1032))

    def _fail(self, prompt: Prompt, code: int) -> Prompt:
        failed = self._move(replace(prompt, code=code), State.FAILED)
        self._tell(failed, callbacks.failure(prompt.merchant_id, prompt.checkout_id, code))
        return failed

    def _pay(self, prompt: Prompt, at: datetime) -> Prompt:
        cents = _another_amount(prompt.amount_cents) if prompt.outcome == "wrong_amount" else prompt.amount_cents
        if prompt.outcome:
            self._phones.move(prompt.phone, max(0, cents - self._phones.of(prompt.phone).balance_cents))
        receipt = self._truth.book(self._draft(prompt, cents, at))
        self._paid_at[prompt.phone, cents] = at
        paid = self._move(replace(prompt, code=0, receipt=receipt.receipt), State.PAID)
        self._notices.paid(receipt)
        if prompt.outcome != "pays_silently":
            self._announce(paid, receipt)
            self._notices.confirm(receipt)
        return paid

    def _draft(self, prompt: Prompt, cents: int, at: datetime) -> Receipt:
        return self._truth.draft(
            prompt.phone,
            cents,
            kind="stk",
            reference=prompt.reference,
            at=at,
            conversation=prompt.merchant_id,
            shortcode=prompt.shortcode,
        )

    def _announce(self, prompt: Prompt, receipt: Receipt) -> None:
        body = callbacks.success(
            prompt.merchant_id,
            prompt.checkout_id,
            receipt=receipt.receipt,
            amount_cents=receipt.amount_cents,
            date=daraja_digits(receipt.at),
            phone=receipt.phone,
            with_balance=self._chance.of("balance item").random() < 0.5,
        )
        twice = prompt.outcome == "callback_twice"
        for _ in range(2 if twice else 1):
            self._tell(prompt, body, in_order=not twice)
        if prompt.outcome == "contradicts":
            self._timetable.after(CONTRADICTION_SECONDS, "prompt.contradicts", {"key": prompt.key}, start=receipt.at)

    def _tell(self, prompt: Prompt, body: str, *, in_order: bool = True) -> None:
        headers = callbacks.stk_headers(self._merchants.named(prompt.shortcode).shortcode)
        self._courier.send("stk", prompt.callback_url, body, headers, lane=prompt.key if in_order else None)

    def _move(self, prompt: Prompt, to: State) -> Prompt:
        if to not in MOVES[prompt.state]:
            raise ValueError(f"a prompt that is {prompt.state} cannot become {to}")
        moved = self._shelf.put(prompt.key, replace(prompt, state=to))
        if to not in OPEN and self._open.get(prompt.phone) == prompt.key:
            del self._open[prompt.phone]
        self._changes.tell(prompt.phone)
        return moved


def _another_amount(cents: int) -> int:
    return cents - 100 if cents > 100 else cents + 100
