"""What happens next without a hand on the phone: a queue of wishes per API, and the page that explains them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import Any

from simulator.ground import Ground
from simulator.store import Shelf

PAYMENT: Mapping[str, str] = MappingProxyType(
    {
        "pays": "The member types the right PIN at once. A balance that is too small is topped up first.",
        "wrong_pin": "The member types a wrong PIN: result 2001, no money moves.",
        "cancels": "The member cancels: result 1032.",
        "insufficient": "The right PIN, too little money: result 1.",
        "no_answer": "Nobody touches the phone: result 1037 after 60 simulated seconds.",
        "pays_late": "1037 after 60 simulated seconds, and 5 seconds later the money moves after all: result 0. "
        "c2b: the confirmation comes an hour late.",
        "pays_silently": "Money moves, and no callback or confirmation is ever sent. The query says 0.",
        "callback_twice": "Paid; the same callback arrives twice, both at the same moment.",
        "callback_early": "Paid; the callback arrives before the HTTP answer to the request that caused it.",
        "answer_lost": "Accepted and paid with a callback, but the connection closes without the HTTP answer.",
        "contradicts": "Paid, callback 0; one second later a callback 1032 for the same push. The money has moved.",
        "wrong_amount": "Money of another amount moves (one shilling less, or 2 for 1), and the callback says so.",
        "html_200": "HTTP 200 with an HTML page from a firewall; the request never reached M-PESA.",
        "spike_arrest": "HTTP 500, errorCode 500.003.02; nothing is accepted.",
        "token_invalid": "The live token dies: HTTP 404, errorCode 404.001.03. The next token works.",
        "timeout_echo": "The request comes back flat on QueueTimeOutURL instead of a result.",
        "duplicate_id": "stk: the answer repeats the ids of this phone's previous push, and it is paid. "
        "b2c: HTTP 500 Duplicate OriginatorConversationID.",
    }
)
SMS: Mapping[str, str] = MappingProxyType(
    {
        "fails": "SMS accepted, never delivered: report Failed, DeliveryFailure.",
        "timeout": "SMS accepted and delivered, but the HTTP answer never comes.",
        "blacklist": "SMS refused for this number: statusCode 406, UserInBlacklist.",
        "no_report": "SMS accepted and delivered, no delivery report.",
    }
)
REFUSALS = ("html_200", "spike_arrest", "token_invalid")
ALLOWED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "stk": tuple(name for name in PAYMENT if name != "timeout_echo"),
        "b2c": tuple(PAYMENT),
        "c2b": ("pays", "pays_silently", "pays_late", "callback_twice", *REFUSALS),
        "status": ("pays_silently", "callback_twice", "callback_early", "answer_lost", "timeout_echo", *REFUSALS),
        "sms": tuple(SMS),
    }
)
ANY = "*"


@dataclass(frozen=True)
class Wish:
    """`phone` is normal or `*`; it is used up when `times` reaches 0."""

    number: int
    phone: str
    api: str
    outcome: str
    times: int


class Outcomes:
    def __init__(self, ground: Ground) -> None:
        self._shelf = Shelf(ground.store, "outcomes", Wish)
        self._last = max((wish.number for wish in self._shelf), default=0)

    def wish(self, phone: str, api: str, outcome: str, times: int) -> Wish:
        """Raises ValueError, with the list of what is allowed, for an API or outcome that is not known."""
        if api not in ALLOWED:
            raise ValueError(f"api must be one of {', '.join(ALLOWED)}")
        if outcome not in ALLOWED[api]:
            raise ValueError(f"outcome for {api} must be one of {', '.join(ALLOWED[api])}")
        if times < 1:
            raise ValueError("times must be 1 or more")
        self._last += 1
        return self._shelf.put(str(self._last), Wish(self._last, phone, api, outcome, times))

    def take(self, api: str, phone: str | None = None, among: tuple[str, ...] | None = None) -> str | None:
        """The oldest wish for exactly this phone, else the oldest for any; None leaves it to a hand on the phone.

        `among` looks only at some outcomes, where one API has two doors.
        """
        candidates = ALLOWED[api] if among is None else among
        fitting = (wish for wish in self._shelf if wish.api == api and wish.outcome in candidates)
        open_wishes = [wish for wish in fitting if wish.phone in (phone, ANY)]
        if not open_wishes:
            return None
        wish = min(open_wishes, key=lambda each: (each.phone == ANY, each.number))
        if wish.times == 1:
            self._shelf.drop(str(wish.number))
        else:
            self._shelf.put(str(wish.number), replace(wish, times=wish.times - 1))
        return wish.outcome

    def pending(self) -> list[dict[str, Any]]:
        return [asdict(wish) for wish in self._shelf]

    def clear(self) -> None:
        self._shelf.clear()


def explained() -> str:
    """The table of `GET /outcomes`, as HTML."""
    rows = "".join(
        f"<tr><th><code>{name}</code></th><td>{', '.join(api for api in ALLOWED if name in ALLOWED[api])}</td>"
        f"<td>{meaning}</td></tr>"
        for name, meaning in {**PAYMENT, **SMS}.items()
    )
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Outcomes</title>"
        "<style>body{font:16px/1.5 system-ui;margin:2rem auto;max-width:60rem;padding:0 1rem}"
        "th,td{text-align:left;padding:.4rem .8rem;border-bottom:1px solid #ccc}</style>"
        "<h1>What can happen next</h1><p>POST /control/outcomes "
        '<code>{"phone":"+254700000005","api":"stk","outcome":"pays","times":1}</code>; phone <code>*</code> is any. '
        "An outcome is used up by the next request that is good in itself.</p>"
        f"<table><tr><th>outcome<th>api<th>meaning</tr>{rows}</table></html>"
    )
