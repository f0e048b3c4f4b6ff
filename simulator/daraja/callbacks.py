"""The bodies of the STK callback, as real ones look: no signature, and no metadata on a failure."""

import json
from typing import Any

RESULTS = {
    0: "The service request is processed successfully.",
    1: "The balance is insufficient for the transaction.",
    3: "The transaction amount is more than the maximum.",
    17: "Rule limited.",
    1019: "Transaction has expired.",
    1025: "An error occurred while sending a push request.",
    1032: "Request cancelled by user",
    1037: "No response from user.",
    2001: "The initiator information is invalid.",
    8006: "The security credential is locked.",
    2028: "The request is not permitted according to product assignment.",
}
# json has no way to print 500.00, and real callbacks do: the mark is replaced after printing.
_AMOUNT = "\x00amount"


def stk_headers(shortcode: str) -> dict[str, str]:
    return {"Content-Type": "application/json;charset=UTF-8", "BusinessShortCode": shortcode}


def shillings(cents: int) -> str:
    """`500.00`, `-22.40`"""
    sign, cents = ("-", -cents) if cents < 0 else ("", cents)
    return f"{sign}{cents // 100}.{cents % 100:02d}"


def failure(merchant_id: str, checkout_id: str, code: int) -> str:
    return _envelope(merchant_id, checkout_id, code, {})


def success(
    merchant_id: str, checkout_id: str, *, receipt: str, amount_cents: int, date: str, phone: str, with_balance: bool
) -> str:
    """`date` is yyyyMMddHHmmss in EAT. `with_balance` adds the Balance item that has no Value."""
    items: list[dict[str, Any]] = [
        {"Name": "Amount", "Value": _AMOUNT},
        {"Name": "MpesaReceiptNumber", "Value": receipt},
        *([{"Name": "Balance"}] if with_balance else []),
        {"Name": "TransactionDate", "Value": int(date)},
        {"Name": "PhoneNumber", "Value": int(phone.lstrip("+"))},
    ]
    body = _envelope(merchant_id, checkout_id, 0, {"CallbackMetadata": {"Item": items}})
    return body.replace(json.dumps(_AMOUNT), shillings(amount_cents))


def _envelope(merchant_id: str, checkout_id: str, code: int, more: dict[str, Any]) -> str:
    result = {"MerchantRequestID": merchant_id, "CheckoutRequestID": checkout_id}
    callback = result | {"ResultCode": code, "ResultDesc": RESULTS[code]} | more
    return json.dumps({"Body": {"stkCallback": callback}}, separators=(",", ":"))
