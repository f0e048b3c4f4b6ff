"""Account Balance: what the accounts of a shortcode hold. The answer comes as a callback, once or never."""

from payments.daraja.client import Daraja
from payments.daraja.keys import Keys
from payments.daraja.outcomes import Outcome

# v1 of the query; the documentation's v2 and v3 are versions of its page.
PATH = "/mpesa/accountbalance/v1/query"
SHORTCODE_IDENTIFIER = "4"


def ask(daraja: Daraja, keys: Keys, token: str, *, result_url: str, timeout_url: str) -> Outcome:
    """Accepted means that an answer may come to `result_url`. If it cannot be delivered, nobody tries again."""
    body = {
        "Initiator": keys.initiator,
        "SecurityCredential": keys.security_credential,
        "CommandID": "AccountBalance",
        "PartyA": keys.shortcode,
        "IdentifierType": SHORTCODE_IDENTIFIER,
        "ResultURL": result_url,
        "QueueTimeOutURL": timeout_url,
        "Remarks": "Balance",
    }
    return daraja.post(PATH, token, body)
