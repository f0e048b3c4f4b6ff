"""The states of a collection attempt, and how two pieces of evidence about it are brought together.

Theory of operation
-------------------
Safaricom tells us about a push zero to many times, in any order, at any time, and possibly somebody else pretends to be
Safaricom. So a state is not a step of a dance but a height: what we know at most. Every piece of evidence proposes a
height, and the attempt stands at the highest one proposed so far.

    created         wished for and stored; nothing has left this house
    unclear         claimed for sending, or sent and no clear answer: never sent again, only asked about
    pending         Daraja accepted it; the prompt is on its way or on the screen
    failed_soft     nobody answered (1037, 1019 ...): it mostly failed, and late money is still possible
    failed_final    the member or a rule said no
    proven          a query says that it was paid, without receipt or amount: shown, not booked
    paid_otherwise  another sum moved than was asked for, and stands under its own receipt: nothing more is awaited
    paid            a receipt with our amount from our payer: booked

`merge` takes the higher of two. Taking a maximum is commutative, associative and idempotent, so order, repetition and
concurrency of evidence cannot change the end. A late success wins over a failure, and a late failure never un-pays.

There is one step down: unclear -> created, when the answer to the sending itself proves that nothing was executed (the
connection was refused, the token was refused). It belongs to the sender, not to evidence, and `merge` cannot make it.
"""

from enum import StrEnum

from ledger.moves import Moves


class AttemptState(StrEnum):
    CREATED = "created"
    UNCLEAR = "unclear"
    PENDING = "pending"
    FAILED_SOFT = "failed_soft"
    FAILED_FINAL = "failed_final"
    PROVEN = "proven"
    PAID_OTHERWISE = "paid_otherwise"
    PAID = "paid"


HEIGHT = {state: height for height, state in enumerate(AttemptState)}

ATTEMPT_MOVES = Moves(
    "payment_attempts.state",
    {state: frozenset(higher for higher in AttemptState if HEIGHT[higher] > HEIGHT[state]) for state in AttemptState}
    # Not executed, on proof: it may be sent again.
    | {AttemptState.UNCLEAR: frozenset(AttemptState) - {AttemptState.UNCLEAR}},
)

# What may still be booked by itself: the prompt may be on a screen right now, or the money has moved and its receipt is
# not here yet. Who pays again meanwhile may pay twice.
OUT = frozenset({AttemptState.CREATED, AttemptState.UNCLEAR, AttemptState.PENDING, AttemptState.PROVEN})
# Money without a name may be this attempt's: its prompt was out, and neither a receipt nor a final no has come.
EXPECTING = frozenset({AttemptState.UNCLEAR, AttemptState.PENDING, AttemptState.FAILED_SOFT, AttemptState.PROVEN})
FAILED = frozenset({AttemptState.FAILED_SOFT, AttemptState.FAILED_FINAL})


def merge(state: AttemptState, proposed: AttemptState) -> AttemptState:
    """What is known after a piece of evidence proposed a state: the higher of the two."""
    return max(state, proposed, key=HEIGHT.__getitem__)
