"""What this room says no to before any money is asked for."""

from ledger.refusals import Refusal
from payments.attempts import Attempt

# M-PESA's own limits for one transaction.
MINIMUM_CENTS = 100
MAXIMUM_CENTS = 250_000_00


class AmountOutOfRange(Refusal):
    """Not whole shillings, or outside what one M-PESA payment can carry."""

    code = "amount_out_of_range"
    status = 422
    words = "M-PESA takes whole shillings, from 1 to 250,000 at a time."


class StillWaiting(Refusal):
    """An earlier prompt of this payer, or on this phone, may still be answered. `attempt` is that one."""

    code = "still_waiting"
    status = 409
    words = "You have an M-PESA request open. Answer it first, or wait a few minutes."

    def __init__(self, attempt: Attempt) -> None:
        super().__init__()
        self.attempt = attempt


class SubscriberBusy(Refusal):
    """M-PESA said a moment ago that it is busy with another request on this phone (code 1001)."""

    code = "subscriber_busy"
    status = 409
    words = "M-PESA is busy with another request on your phone. Wait a minute."


class SameAmountTooSoon(Refusal):
    """The same amount from the same phone within two minutes of a payment: M-PESA would refuse it (code 17)."""

    code = "same_amount_too_soon"
    status = 409
    words = "You have just paid this amount. To pay the same again, wait 2 minutes."

    def __init__(self, attempt: Attempt) -> None:
        super().__init__()
        self.attempt = attempt


class NothingUnclear(Refusal):
    """What became of this payment is known, or it was not sent yet."""

    code = "nothing_unclear"
    status = 409
    words = "M-PESA has answered about this payment. There is nothing to ask."


class AskedJustNow(Refusal):
    """The question was put a moment ago, or cannot be put while Safaricom refuses our initiator."""

    code = "asked_just_now"
    status = 429
    words = "M-PESA was asked a moment ago, or cannot be asked now. Wait a minute."
