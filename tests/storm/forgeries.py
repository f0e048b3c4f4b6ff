"""What a forger tells us: each kind is one function, which finds its words in what is going on, or has none."""

import hashlib
import json
from collections.abc import Callable

from payments import attempts
from payments.tokens import token_hash
from tests.storm.group import Round
from tests.storm.people import SHORTCODE
from tests.storm.post import Letter


def callback(receipt: str, cents: int, phone: str, checkout: str = "ws_CO_20112026140200123700000004") -> bytes:
    """A success as Safaricom would tell it."""
    items = [
        {"Name": "Amount", "Value": cents // 100},
        {"Name": "MpesaReceiptNumber", "Value": receipt},
        {"Name": "TransactionDate", "Value": 20261120140230},
        {"Name": "PhoneNumber", "Value": int(phone[1:])},
    ]
    ids = {"MerchantRequestID": "2654-4b64-97ff-b827b542881d3130", "CheckoutRequestID": checkout}
    told = {**ids, "ResultCode": 0, "ResultDesc": "-", "CallbackMetadata": {"Item": items}}
    return json.dumps({"Body": {"stkCallback": told}}).encode()


def invented(at: Round) -> str:
    """A receipt that Safaricom never issued."""
    return "ZZ9" + "".join(at.draw.choices("ABCDEFGHJKMNPQRSTUVWXYZ23456789", k=7))


def a_known(at: Round) -> tuple[str, attempts.Attempt] | None:
    """A token that stood in a callback URL, as if it had leaked, and its attempt: mostly one that is still out."""
    hashes = {token_hash(token): token for token in at.house.tokens}
    states = ["pending"] if at.draw.random() < 0.7 else ["pending", "failed_soft", "failed_final", "proven", "paid"]
    rows = at.house.rows(
        "SELECT id FROM payment_attempts WHERE checkout_request_id IS NOT NULL AND state = ANY(%s) ORDER BY id", states
    )
    ids = [row["id"] for row in rows]
    if not ids:
        return None
    attempt = attempts.by_ids(at.house.owner, [at.draw.choice(ids)]).popitem()[1]
    token = hashes.get(attempt.token_hash or b"")
    return (token, attempt) if token else None


def unknown_token(at: Round) -> Letter:
    return Letter(f"/pay/stk/{at.draw.randbytes(32).hex()}", callback(invented(at), 50_000, at.member().phone))


def _known(at: Round, cents: int = 0, phone: str = "", checkout: str = "") -> Letter | None:
    found = a_known(at)
    if found is None:
        return None
    token, attempt = found
    own = attempt.checkout_request_id or ""
    said = callback(invented(at), attempt.amount_cents + cents, phone or attempt.phone, checkout or own)
    return Letter(f"/pay/stk/{token}", said)


def wrong_amount(at: Round) -> Letter | None:
    return _known(at, cents=100)


def wrong_payer(at: Round) -> Letter | None:
    return _known(at, phone=at.stranger)


def wrong_ids(at: Round) -> Letter | None:
    return _known(at, checkout="ws_CO_20112026140200123700000009")


def no_result_code(at: Round) -> Letter | None:
    """All of it binds, and whether it was paid is not said."""
    letter = _known(at)
    return letter and Letter(letter.path, letter.body.replace(b'"ResultCode": 0, ', b""))


def foreign_receipt(at: Round) -> Letter | None:
    """Real money of somebody else, under a stranger's token: before or after Safaricom's own word of it."""
    moved = at.house.simulator.receipts()
    if not moved:
        return None
    one = at.draw.choice(moved)
    body = callback(one["receipt"], one["amount_cents"], at.draw.choice((one["phone"], at.stranger)))
    return Letter(f"/pay/stk/{at.draw.randbytes(32).hex()}", body)


def replayed(at: Round) -> Letter | None:
    """Another payment's whole body under the token of one of ours, or of nobody."""
    bodies = [letter.body for letter in at.house.post.told if letter.kind == "stk" and b'"ResultCode":0' in letter.body]
    found = a_known(at)
    if not bodies or found is None:
        return None
    body = at.draw.choice(bodies)
    # Under the very token that it came with it would be no forgery.
    if f'"{found[1].checkout_request_id}"'.encode() in body:
        return None
    return Letter(f"/pay/stk/{at.draw.choice((found[0], at.draw.randbytes(32).hex()))}", body)


def other_path(at: Round) -> Letter | None:
    """A body that came to one door, at another one, under a token that this door does not know."""
    told = at.house.post.told
    if not told:
        return None
    api = at.draw.choice(("b2c", "status", "balance", "reversal"))
    return Letter(f"/pay/{api}/{at.draw.randbytes(32).hex()}/result", at.draw.choice(told).body)


def unsecret_notice(at: Round) -> Letter:
    """A paybill's notice by somebody who does not know the secret of its path."""
    member = at.member()
    notice = {
        "TransactionType": "Pay Bill",
        "TransID": invented(at),
        "TransTime": "20261120140300",
        "TransAmount": "500.00",
        "BusinessShortCode": SHORTCODE,
        "BillRefNumber": member.account,
        "MSISDN": hashlib.sha256(member.phone[1:].encode()).hexdigest(),
        "FirstName": "SOMEBODY",
    }
    return Letter(f"/pay/c2b/{at.draw.randbytes(32).hex()}/confirmation", json.dumps(notice).encode())


FORGERIES: dict[str, Callable[[Round], Letter | None]] = {
    "unknown token": unknown_token,
    "wrong amount": wrong_amount,
    "wrong payer": wrong_payer,
    "wrong ids": wrong_ids,
    "no result code": no_result_code,
    "foreign receipt": foreign_receipt,
    "another payment's body": replayed,
    "another door": other_path,
    "a notice without the secret": unsecret_notice,
}
