"""B2C v3: money from a shortcode's utility account to a customer. What became of it comes as a callback."""

from dataclasses import dataclass, field

from payments.daraja.client import Daraja
from payments.daraja.keys import Keys
from payments.daraja.outcomes import Outcome
from payments.phones import to_daraja

PATH = "/mpesa/b2c/v3/paymentrequest"

# The general kind; SalaryPayment and PromotionPayment differ in what the receiver's SMS calls it.
COMMAND = "BusinessPayment"
REMARKS = "Payout"  # 2 to 100 letters, and nothing about the group or the person


@dataclass(frozen=True)
class Payment:
    """One payment. `originator` is our id of it, the same at every try; `phone` is E.164; the URLs hold a token."""

    originator: str
    phone: str
    amount_cents: int
    result_url: str = field(repr=False)
    timeout_url: str = field(repr=False)


def pay(daraja: Daraja, keys: Keys, token: str, wanted: Payment) -> Outcome:
    """Asks for the payment; whole shillings (raises ValueError). Accepted means that a result may come.

    `InitiatorName` and `Occassion` are spelt as this API spells them.
    """
    shillings, rest = divmod(wanted.amount_cents, 100)
    if rest:
        raise ValueError("a payout takes whole shillings")
    body = {
        "OriginatorConversationID": wanted.originator,
        "InitiatorName": keys.initiator,
        "SecurityCredential": keys.security_credential,
        "CommandID": COMMAND,
        "Amount": str(shillings),
        "PartyA": keys.shortcode,
        "PartyB": to_daraja(wanted.phone),
        "Remarks": REMARKS,
        "QueueTimeOutURL": wanted.timeout_url,
        "ResultURL": wanted.result_url,
        "Occassion": "",
    }
    return daraja.post(PATH, token, body)
