"""B2C payouts: from the accepted request to the money and its result.

Theory of operation
-------------------
A request whose OriginatorConversationID was never seen becomes a payout, whatever becomes of it later: the same id is
refused for ever. A moment later the core looks at it.

    accepted -> paid      the truth book has it before anybody is told
    accepted -> failed    a rule or a wish says no; no money moves
    accepted -> expired   the core never came to it: an hour without, or at once after a queue timeout without payment
    paid, failed, expired -> nothing, whatever results say afterwards

A queue timeout says nothing about the money: both `timeout_echo` (paid) and `timeout_unpaid` echo the same body.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    ACCEPTED = "accepted"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"


MOVES: dict[State, set[State]] = {
    State.ACCEPTED: {State.PAID, State.FAILED, State.EXPIRED},
    State.PAID: set(),
    State.FAILED: set(),
    State.EXPIRED: set(),
}


@dataclass(frozen=True)
class Wanted:
    """What the merchant asked for. `phone` is normal, `body` the request as it was sent."""

    originator: str
    phone: str
    amount_cents: int
    debit_party: str
    operator: str
    credential: str
    result_url: str
    timeout_url: str
    body: str


@dataclass(frozen=True)
class Payout:
    """`originator` is the merchant's id and the key, `conversation_id` Daraja's. `verdict` is the operator's,

    `code` None until it has ended.
    """

    originator: str
    conversation_id: str
    phone: str
    amount_cents: int
    debit_party: str
    verdict: str
    result_url: str
    outcome: str | None
    asked_at: datetime
    state: State = State.ACCEPTED
    code: str | None = None
    receipt: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", State(self.state))
