"""What can be made to happen next, API by API, with what the wire shows: read by `/outcomes` and docs/simulator.md."""

from collections.abc import Mapping
from types import MappingProxyType

REFUSALS: Mapping[str, str] = MappingProxyType(
    {
        "html_200": "HTTP 200 with an HTML page from a firewall; the request never reached M-PESA.",
        "spike_arrest": "HTTP 500, errorCode 500.003.02; nothing is accepted.",
        "token_invalid": "The live token dies: HTTP 404, errorCode 404.001.03. The next token works.",
    }
)
ANYTHING = {"any": "One of the others of this API, by the seed: for long runs in which everything happens."}
STK = {
    "pays": "The member types the right PIN at once. A balance that is too small is topped up first.",
    "wrong_pin": "The member types a wrong PIN: result 2001, no money moves.",
    "cancels": "The member cancels: result 1032.",
    "insufficient": "The right PIN, too little money: result 1.",
    "locked": "Result 8006: the member's PIN is locked, no money moves.",
    "expires": "Result 1019: the transaction expired, no money moves.",
    "push_error": "Result 1025: the network could not show the prompt, no money moves.",
    "no_answer": "Nobody touches the phone: result 1037 after 60 simulated seconds.",
    "pays_late": "1037 after 60 simulated seconds, and 5 seconds later the money moves after all: result 0.",
    "pays_silently": "Money moves, and no callback or confirmation is ever sent. The query says 0.",
    "callback_twice": "Paid; the same callback arrives twice, both at the same moment.",
    "callback_early": "Paid; the callback arrives before the HTTP answer to the request that caused it.",
    "answer_lost": "Accepted and paid with a callback, but the connection closes without the HTTP answer.",
    "contradicts": "Paid, callback 0; one second later a callback 1032 for the same push. The money has moved.",
    "wrong_amount": "Money of another amount moves (one shilling less, or 2 for 1), and the callback says so.",
    "duplicate_id": "The answer repeats the ids of this phone's previous push, and it is paid.",
}
B2C = {
    "pays": "What happens without a wish too: paid while the utility account covers it, result 0.",
    "wrong_pin": "The operator's password counts as wrong: result 2001, and one step nearer to 8006.",
    "locked": "Result 8006: the operator is locked.",
    "no_role": "Result 21: the operator may not pay out.",
    "insufficient": "Result 1: the utility account is too small.",
    "unregistered": "Result 2040: the receiver is no registered customer.",
    "cancels": "The same as unregistered: nobody can cancel a payout.",
    "not_mpesa": "Result SFC_IC0003, no number at all: the receiver is not on M-PESA.",
    "debit_party": "Result 11: the paying shortcode is in no good state.",
    "no_answer": "Accepted, and the core never comes to it: no money, no result. Its status is Authorized, "
    "after an hour Expired.",
    "pays_late": "The request comes back on QueueTimeOutURL after 60 simulated seconds; 5 seconds later the money "
    "moves, result 0.",
    "pays_silently": "The money moves, and no result is ever sent. Its status is Completed.",
    "timeout_echo": "The money moves; instead of the result the request comes back flat on QueueTimeOutURL after 60 "
    "simulated seconds, SecurityCredential and all.",
    "timeout_unpaid": "The same echo, and no money has moved. Its status is Expired.",
    "callback_twice": "Paid; the same result arrives twice, both at the same moment.",
    "callback_early": "Paid; the result arrives before the HTTP answer to the request that caused it.",
    "answer_lost": "Accepted and paid with a result, but the connection closes without the HTTP answer.",
    "contradicts": "Paid, result 0; one second later a result 1 for the same request. The money has moved.",
    "wrong_amount": "Another amount is paid (one shilling less, or 11 for 10), and the result says so.",
    "foreign_id": "Paid; the result has an OriginatorConversationID that nobody sent. ConversationID is right.",
    "duplicate_id": "HTTP 500, 500.002.1001 Duplicate OriginatorConversationID, because something on the way has "
    "sent the request twice: it is paid once, and its result comes.",
    "system_error": "HTTP 500, the same 500.002.1001, System internal error; it is paid, its result comes.",
}
C2B = {
    "pays": "What happens without a wish too: paid, and confirmed at once.",
    "pays_silently": "Paid, and no confirmation is ever sent; the next one's OrgAccountBalance tells.",
    "pays_late": "Paid; the confirmation comes an hour later.",
    "callback_twice": "Paid; the same confirmation arrives twice, both at the same moment.",
}
COMMAND = {
    "pays_silently": "Acknowledged and carried out, and no answer ever comes on ResultURL.",
    "callback_twice": "The same answer arrives twice, both at the same moment.",
    "callback_early": "The answer arrives before the acknowledgement.",
    "answer_lost": "The answer comes, but the connection of the request closes without the acknowledgement.",
    "timeout_echo": "The request comes back flat on QueueTimeOutURL instead of an answer; nothing was done.",
}
B2B = {
    "pays": "What happens without a wish too: paid while the account covers it, result 0.",
    "insufficient": "Result 1: the account is too small.",
    "no_such_bank": "Result 12: the paybill is in no good state.",
    "wrong_pin": "Result 2001: the operator's password is wrong.",
    "no_role": "Result 21: the operator may not pay other businesses.",
    "vanishes": "Carried out; neither the acknowledgement nor a result ever comes. Nobody has a name to ask by.",
    **COMMAND,
}
SMS = {
    "fails": "SMS accepted, never delivered: report Failed, DeliveryFailure.",
    "timeout": "SMS accepted and delivered, but the HTTP answer never comes.",
    "blacklist": "SMS refused for this number: statusCode 406, UserInBlacklist.",
    "no_report": "SMS accepted and delivered, no delivery report.",
}
MAIL = {
    "refused": "The mail server refuses the address: 550.",
    "later": "The mail server refuses the address for now: 451.",
    "answer_lost": "Mail taken and kept, but the connection closes without the answer.",
}
PUSH = {
    "unregistered": "HTTP 404, UNREGISTERED: the app behind the device's token is gone.",
    "busy": "HTTP 503, UNAVAILABLE; nothing is taken.",
    "token_invalid": "The live token dies: HTTP 401, UNAUTHENTICATED. The next token works.",
    "answer_lost": "Taken and kept, but the connection closes without the HTTP answer.",
}
MEANINGS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "stk": {**STK, **REFUSALS, **ANYTHING},
        "c2b": {**C2B, **REFUSALS, **ANYTHING},
        "b2c": {**B2C, **REFUSALS, **ANYTHING},
        "status": {**COMMAND, **REFUSALS, **ANYTHING},
        "balance": {**COMMAND, **REFUSALS, **ANYTHING},
        "reversal": {**COMMAND, **REFUSALS, **ANYTHING},
        "b2b": {**B2B, **REFUSALS, **ANYTHING},
        "pull": {"fails": "HTTP 200, ResponseCode 500 Failed to retrieve, and no rows.", **REFUSALS},
        "qr": REFUSALS,
        "sms": SMS,
        "mail": MAIL,
        "push": PUSH,
    }
)


def as_html() -> str:
    """The page of `GET /outcomes`."""
    rows = "".join(
        f"<tr><th>{api}</th><th><code>{name}</code></th><td>{meaning}</td></tr>"
        for api, outcomes in MEANINGS.items()
        for name, meaning in outcomes.items()
    )
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        "<title>Outcomes</title>"
        "<style>body{font:16px/1.5 system-ui;margin:2rem auto;max-width:60rem;padding:0 1rem}"
        "th,td{text-align:left;padding:.4rem .8rem;border-bottom:1px solid #ccc}"
        "code{overflow-wrap:anywhere}"
        "@media(max-width:40rem){tr{display:grid}th,td{padding:.1rem 0}td{padding-bottom:.6rem}}</style>"
        "<h1>What can happen next</h1><p>POST /control/outcomes "
        '<code>{"phone":"+254700000005","api":"stk","outcome":"pays","times":1}</code>; phone <code>*</code> is any. '
        "An outcome is used up by the next request that is good in itself.</p>"
        f"<table><tr><th>api<th>outcome<th>meaning</tr>{rows}</table></html>"
    )


def as_markdown() -> str:
    """The same for docs/simulator.md, one table an API: `python -m simulator.meanings`."""
    tables = []
    for api, outcomes in MEANINGS.items():
        rows = "\n".join(f"| `{name}` | {meaning} |" for name, meaning in outcomes.items())
        tables.append(f"### {api}\n\n| outcome | what happens, and what the wire shows |\n|---|---|\n{rows}\n")
    return "\n".join(tables)


if __name__ == "__main__":
    print(as_markdown(), end="")  # noqa: T201 - what it is run for
