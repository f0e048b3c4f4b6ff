"""STK push and its query (M-PESA Express)."""

from dataclasses import dataclass, field
from datetime import datetime

from payments.daraja.client import Daraja
from payments.daraja.keys import Keys
from payments.daraja.outcomes import Outcome
from payments.daraja.password import signed
from payments.phones import to_daraja

PUSH_PATH = "/mpesa/stkpush/v1/processrequest"
QUERY_PATH = "/mpesa/stkpushquery/v1/query"

REFERENCE_LETTERS = 12  # Daraja's limit for AccountReference
DESCRIPTION = "Contribution"  # at most 13 letters


@dataclass(frozen=True)
class Push:
    """One prompt. `phone` is E.164, `callback_url` holds the attempt's token; `till_number` is None for a paybill."""

    phone: str
    amount_cents: int
    account_reference: str
    callback_url: str = field(repr=False)
    till_number: str | None = None


def push(daraja: Daraja, keys: Keys, token: str, wanted: Push, *, at: datetime) -> Outcome:
    """Asks for a prompt. Amounts are whole shillings (raises ValueError); a till's money goes to the till number."""
    shillings, rest = divmod(wanted.amount_cents, 100)
    if rest or len(wanted.account_reference) > REFERENCE_LETTERS:
        raise ValueError("a push takes whole shillings and a reference of at most 12 letters")
    body = {
        "BusinessShortCode": int(keys.shortcode),
        **signed(keys.shortcode, keys.passkey, at),
        "TransactionType": "CustomerBuyGoodsOnline" if wanted.till_number else "CustomerPayBillOnline",
        "Amount": str(shillings),
        "PartyA": to_daraja(wanted.phone),
        "PartyB": wanted.till_number or keys.shortcode,
        "PhoneNumber": to_daraja(wanted.phone),
        "CallBackURL": wanted.callback_url,
        "AccountReference": wanted.account_reference,
        "TransactionDesc": DESCRIPTION,
    }
    return daraja.post(PUSH_PATH, token, body)


def query(daraja: Daraja, keys: Keys, token: str, checkout_request_id: str, *, at: datetime) -> Outcome:
    """Asks what became of a prompt. The answer has no receipt, no amount and no phone."""
    body = {
        "BusinessShortCode": int(keys.shortcode),
        **signed(keys.shortcode, keys.passkey, at),
        "CheckoutRequestID": checkout_request_id,
    }
    return daraja.post(QUERY_PATH, token, body)
