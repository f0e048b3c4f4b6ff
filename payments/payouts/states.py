"""The states of a payout, and how two pieces of evidence about it are brought together.

Theory of operation
-------------------
A payout is authorised before it comes here, and it has one name for ever: its OriginatorConversationID, which Safaricom
takes once. So two things follow. A request may be sent again under the same name when it is doubtful that the first one
arrived; and only proof that it failed may lead to another payout, which is another document with another name.

    ordered        authorised, its money held; nothing has left this house, or what left was proved not to be executed
    sending        claimed: the request is about to leave, or has left, or the process died in between
    accepted       Daraja took it for processing
    unknown        no clear answer, a duplicate, a time-out: it may have been paid; asked about until it is known
    failed_proven  a final result code, or Transaction Status: no money moved. Its money is free again
    paid           a result or a status with our name, the receiver and a receipt: booked

Evidence proposes a height, and the payout stands at the highest one so far: taking a maximum does not care for order,
repetition and concurrency. A failure never un-pays. A success after a failure is Safaricom contradicting itself, but
its money has moved, so it is booked.

Two steps lead down, and neither is evidence's: `sending` to `ordered`, when the answer to the sending proves that
nothing was executed, and `unknown` to `ordered`, when Safaricom has said again and again that it knows no such
payment. A transfer to a bank takes neither: B2B has no name of ours that would make a second request a duplicate, so it
leaves once, whatever came of it, and a second call is refused by the database.
"""

from enum import StrEnum

from ledger.moves import Moves


class Way(StrEnum):
    """How money leaves: to a person's phone, under a name of ours (B2C); or to a bank's paybill, without one (B2B)."""

    B2C = "b2c"
    B2B = "b2b"


class PayoutState(StrEnum):
    ORDERED = "ordered"
    SENDING = "sending"
    ACCEPTED = "accepted"
    UNKNOWN = "unknown"
    FAILED_PROVEN = "failed_proven"
    PAID = "paid"


HEIGHT = {state: height for height, state in enumerate(PayoutState)}

PAYOUT_MOVES = Moves(
    "payouts.state",
    {
        PayoutState.ORDERED: frozenset({PayoutState.SENDING, PayoutState.FAILED_PROVEN, PayoutState.PAID}),
        PayoutState.SENDING: frozenset(PayoutState) - {PayoutState.SENDING},
        PayoutState.ACCEPTED: frozenset({PayoutState.UNKNOWN, PayoutState.FAILED_PROVEN, PayoutState.PAID}),
        PayoutState.UNKNOWN: frozenset({PayoutState.ORDERED, PayoutState.FAILED_PROVEN, PayoutState.PAID}),
        PayoutState.FAILED_PROVEN: frozenset({PayoutState.PAID}),
        PayoutState.PAID: frozenset(),
    },
)

# Its request may be with Safaricom, and what became of it is not known.
OUT = frozenset({PayoutState.SENDING, PayoutState.ACCEPTED, PayoutState.UNKNOWN})
# M-PESA was never asked: the reason of a payout that was kept back for longer than it may wait.
TOO_OLD = "waited too long to be sent"

ENDED = frozenset({PayoutState.FAILED_PROVEN, PayoutState.PAID})


def merge(state: PayoutState, proposed: PayoutState) -> PayoutState:
    """What is known after a piece of evidence proposed a state: the higher of the two."""
    return max(state, proposed, key=HEIGHT.__getitem__)
