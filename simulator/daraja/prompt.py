"""STK prompts: from the accepted push to the callback.

Theory of operation
-------------------
An accepted push becomes a prompt. It waits while the phone has a USSD session open (a handset cannot show both), then
shows on the screen. A subscriber has at most one prompt that waits or shows; a second push is refused meanwhile.

    waiting  -> showing   the USSD session has ended, or there was none
    waiting, showing -> paid     the right PIN and enough money: the truth book has a receipt before anybody is told
    waiting, showing -> failed   wrong PIN, cancelled, too little money, a rule, or nobody answered for 60 s
    failed   -> paid      late success: the network had given up (1037) before M-PESA did
    paid     -> nothing   money that moved stays moved, whatever callbacks say afterwards

A hand on the phone or an outcome that was wished for decides, in `prompts`. Callbacks of one push share a
lane, so that they arrive in the order in which they were meant; `callback_twice` leaves the lane on purpose.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    WAITING = "waiting"
    SHOWING = "showing"
    PAID = "paid"
    FAILED = "failed"


MOVES: dict[State, set[State]] = {
    State.WAITING: {State.SHOWING, State.PAID, State.FAILED},
    State.SHOWING: {State.PAID, State.FAILED},
    State.FAILED: {State.PAID},
    State.PAID: set(),
}
OPEN = (State.WAITING, State.SHOWING)


@dataclass(frozen=True)
class Push:
    """What the merchant asked for. `phone` is normal; `permitted` is false for a paybill push to another paybill."""

    phone: str
    amount_cents: int
    reference: str
    permitted: bool
    callback_url: str
    shortcode: str


@dataclass(frozen=True)
class Prompt:
    """`key` is ours; the two ids are Daraja's. `code` is the result so far, None while it is open."""

    key: str
    merchant_id: str
    checkout_id: str
    phone: str
    amount_cents: int
    reference: str
    callback_url: str
    outcome: str | None
    accepted_at: datetime
    state: State = State.WAITING
    code: int | None = None
    receipt: str | None = None
    shortcode: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", State(self.state))
