"""B2B to a paybill: money of a shortcode to a bank's paybill. What became of it comes as a callback.

Unlike B2C it takes no name of ours: whoever sends it twice pays twice. Daraja's answer has the names by which it can be
asked about. AccountReference is the account at the bank, so our own reference travels in Remarks, where the statement
may show it. Really it leaves the working account.
"""

from dataclasses import dataclass, field

from payments.daraja.client import Daraja
from payments.daraja.keys import Keys
from payments.daraja.outcomes import Outcome

PATH = "/mpesa/b2b/v1/paymentrequest"
COMMAND = "BusinessPayBill"
SHORTCODE_IDENTIFIER = "4"


@dataclass(frozen=True)
class Transfer:
    """One transfer to `account` at `paybill`. `reference` is ours, for people; the URLs hold a token."""

    paybill: str
    account: str
    amount_cents: int
    reference: str
    result_url: str = field(repr=False)
    timeout_url: str = field(repr=False)


def transfer(daraja: Daraja, keys: Keys, token: str, wanted: Transfer) -> Outcome:
    """Asks for the transfer, once; whole shillings (raises ValueError). Accepted means that a result may come.

    `RecieverIdentifierType` is spelt as this API spells it.
    """
    shillings, rest = divmod(wanted.amount_cents, 100)
    if rest:
        raise ValueError("a transfer takes whole shillings")
    body = {
        "Initiator": keys.initiator,
        "SecurityCredential": keys.security_credential,
        "CommandID": COMMAND,
        "SenderIdentifierType": SHORTCODE_IDENTIFIER,
        "RecieverIdentifierType": SHORTCODE_IDENTIFIER,
        "Amount": str(shillings),
        "PartyA": keys.shortcode,
        "PartyB": wanted.paybill,
        "AccountReference": wanted.account,
        "Remarks": wanted.reference,
        "QueueTimeOutURL": wanted.timeout_url,
        "ResultURL": wanted.result_url,
    }
    return daraja.post(PATH, token, body)
