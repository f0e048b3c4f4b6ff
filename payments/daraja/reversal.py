"""Reversal: a customer's payment goes back whole. Of C2B and STK only; the answer comes as a callback."""

from dataclasses import dataclass, field

from payments.daraja.client import Daraja
from payments.daraja.keys import Keys
from payments.daraja.outcomes import Outcome

PATH = "/mpesa/reversal/v1/request"
SHORTCODE_RECEIVES = "11"


@dataclass(frozen=True)
class Wanted:
    """The receipt of the payment, and all of its money."""

    receipt: str
    amount_cents: int
    result_url: str = field(repr=False)
    timeout_url: str = field(repr=False)


def ask(daraja: Daraja, keys: Keys, token: str, wanted: Wanted) -> Outcome:
    """Accepted means that an answer may come to `result_url`. Raises ValueError for parts of a shilling."""
    shillings, rest = divmod(wanted.amount_cents, 100)
    if rest:
        raise ValueError("M-PESA moves whole shillings")
    body = {
        "Initiator": keys.initiator,
        "SecurityCredential": keys.security_credential,
        "CommandID": "TransactionReversal",
        "TransactionID": wanted.receipt,
        "Amount": str(shillings),
        "ReceiverParty": keys.shortcode,
        # Misspelt as Safaricom spells it.
        "RecieverIdentifierType": SHORTCODE_RECEIVES,
        "ResultURL": wanted.result_url,
        "QueueTimeOutURL": wanted.timeout_url,
        "Remarks": "Returned",
        "Occasion": "",
    }
    return daraja.post(PATH, token, body)
