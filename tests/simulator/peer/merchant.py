"""A merchant who uses a public Daraja library as its manual says, and knows nothing of a simulator.

Run by the library's own Python. Reads what it shall do as JSON from standard input and prints what it got as JSON.
"""

import json
import sys
from typing import Any

from mpesakit import MpesaClient
from mpesakit.b2c import B2CCommandIDType
from mpesakit.errors import MpesaApiException

told: dict[str, Any] = json.load(sys.stdin)
client = MpesaClient(consumer_key=told["consumer_key"], consumer_secret=told["consumer_secret"], environment="sandbox")


def push() -> Any:
    return client.stk_push(
        business_short_code=int(told["shortcode"]),
        transaction_type="CustomerPayBillOnline",
        amount=500,
        party_a=told["phone"],
        party_b=told["shortcode"],
        phone_number=told["phone"],
        callback_url=told["callback_url"],
        account_reference="UMOJA4K7Q2M9",
        transaction_desc="Umoja",
        passkey=told["passkey"],
    )


def query() -> Any:
    return client.stk_query(
        business_short_code=int(told["shortcode"]),
        checkout_request_id=told["checkout_request_id"],
        passkey=told["passkey"],
    )


def pay_out() -> Any:
    return client.b2c.send_payment(
        originator_conversation_id=told["originator_conversation_id"],
        initiator_name="testapi",
        security_credential=told["security_credential"],
        command_id=B2CCommandIDType.BusinessPayment,
        amount=150,
        party_a=told["shortcode"],
        party_b=told["phone"],
        remarks="Umoja",
        queue_timeout_url=told["result_url"],
        result_url=told["result_url"],
    )


def read_callback() -> Any:
    return client.process_stk_callback(json.loads(told["body"]))


WORKS = {"push": push, "query": query, "pay_out": pay_out, "read_callback": read_callback}
try:
    print(WORKS[told["work"]]().model_dump_json())
except MpesaApiException as refused:
    print(json.dumps({"refused": refused.error.error_message, "status": refused.error.status_code}))
