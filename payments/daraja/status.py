"""Transaction Status: the one question whose answer names receipt, amount and payer. It comes as a callback."""

from dataclasses import dataclass, field

from payments.daraja.client import Daraja
from payments.daraja.keys import Keys
from payments.daraja.outcomes import Outcome

PATH = "/mpesa/transactionstatus/v1/query"
SHORTCODE_IDENTIFIER = "4"


@dataclass(frozen=True)
class Question:
    """About a receipt, a payout by its `conversation_id`, or the request of a MerchantRequestID (unverified for STK:
    silence proves nothing)."""

    result_url: str = field(repr=False)
    timeout_url: str = field(repr=False)
    receipt: str | None = None
    merchant_request_id: str | None = None
    conversation_id: str | None = None


def ask(daraja: Daraja, keys: Keys, token: str, question: Question) -> Outcome:
    """Accepted means that an answer may come to `result_url`.

    Daraja's sample prints some field names with a blank; these are the ones that its servers read.
    """
    about = (
        {"TransactionID": question.receipt}
        if question.receipt
        else {"OriginalConversationID": question.conversation_id or question.merchant_request_id}
    )
    body = {
        "Initiator": keys.initiator,
        "SecurityCredential": keys.security_credential,
        "CommandID": "TransactionStatusQuery",
        **about,
        "PartyA": keys.shortcode,
        "IdentifierType": SHORTCODE_IDENTIFIER,
        "ResultURL": question.result_url,
        "QueueTimeOutURL": question.timeout_url,
        "Remarks": "Status",
        "Occasion": "",
    }
    return daraja.post(PATH, token, body)
