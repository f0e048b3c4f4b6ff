"""What can happen in a round: each action is one function, and the table at the end is the only list of them."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from ledger.refusals import Refusal
from payments import pushes
from simulator.meanings import MEANINGS
from tests.storm.forgeries import FORGERIES
from tests.storm.group import Round
from tests.storm.outgoing import payout
from tests.storm.post import post

SHILLINGS = (100, 200, 500)
PAYBILL_OUTCOMES = ("pays", "pays", "callback_twice", "pays_late", "pays_silently")
# The APIs that are asked, whoever it is about.
ASKED = ("status", "status", "balance", "pull")
# What of a payment is never told; a failure names no money, so its callback always comes.
LOST: tuple[tuple[str, ...], ...] = ((), (), (), ("callback",), ("notice",), ("callback", "notice"))
FORM = "application/x-www-form-urlencoded"


def push(at: Round) -> None:
    """A member wishes to pay; how her prompt will end is drawn, and what of it will never be told."""
    member, house = at.member(), at.house
    at.wishes += 1
    wish = pushes.Wish(
        shortcode_id=house.shortcode_id,
        chama_id=at.group.chama_id,
        member_id=member.member_id,
        payer_id=member.user_id,
        phone=member.phone,
        amount_cents=at.draw.choice(SHILLINGS) * 100,
        chama_name=at.group.name,
        purpose="contribution",
        wish_key=hashlib.sha256(f"{at.number}/{at.wishes}".encode()).digest(),
    )
    outcome = at.draw.choice(house.weather.outcomes)
    lost = at.draw.choice(LOST)
    try:
        with house.worker.transaction() as conn:
            made = pushes.wish(conn, wish, at=house.worker.now(), chance=house.worker.chance)
    except Refusal:
        at.done["a wish refused"] += 1
        return
    house.wish(outcome, phone=member.phone)
    if house.weather.eager:
        house.wish("pays", phone=member.phone, times=2)
    if "callback" in lost:
        house.post.lost.add(("stk", f'"PhoneNumber","Value":{member.phone[1:]}'.encode()))
    if "notice" in lost:
        house.post.lost.add(("c2b", f'"BillRefNumber": "{made.account_reference}"'.encode()))
    at.done[f"push {outcome}"] += 1


def dialled(at: Round) -> None:
    """The same by USSD: a session of turns, some of them delivered twice, and Redis perhaps emptied in the middle."""
    member, house = at.member(), at.house
    at.wishes += 1
    text = ""
    for key in ("", "1", str(at.draw.choice(SHILLINGS)), "1"):
        text = "*".join(part for part in (text, key) if part)
        body = urlencode(
            {
                "phoneNumber": member.phone,
                "serviceCode": "*384*123#",
                "text": text,
                "sessionId": f"ATUid_{at.number}_{at.wishes}",
                "networkCode": "63902",
            }
        ).encode()
        for _ in range(at.draw.choice((1, 1, 2))):
            status, said = post(house.post.app, "/ussd", body, FORM, "127.0.0.1")
            assert status == 200 and said[:4] in (b"CON ", b"END "), (status, said[:40])
        if at.draw.random() < 0.1:
            house.web.redis.flushdb()
    if b"END " in said[:4]:
        house.wish(at.draw.choice(house.weather.outcomes), phone=member.phone)
    at.done["dialled"] += 1


def paybill(at: Round) -> None:
    """Money sent straight to the paybill, under an account that is right, badly typed, or nobody's."""
    member, house = at.member(), at.house
    typed, certain = at.draw.choice(
        (
            (member.account, True),
            (f"{member.account[:5]} - {member.account[5:]}", True),
            (f"acc {member.account}".replace("0", "O"), True),
            ("UMOJA", False),
            ("", False),
        )
    )
    payer = at.draw.choice((member.phone, member.phone, at.stranger))
    outcome = at.draw.choice(PAYBILL_OUTCOMES)
    if outcome != "pays":
        house.simulator.wish(outcome, api="c2b", phone=payer)
    asks = at.draw.random() < 0.3
    shillings = at.draw.choice(SHILLINGS)
    paid = house.simulator.post("/control/paybill", phone=payer, amount=shillings, account=typed, validate=asks)
    # Without a number in the account her own phone may tell who she is, but a mask needs the right name beside it.
    own: set[int | None] = {member.member_id} if certain else {member.member_id, None}
    at.whose[paid["receipt"]] = own if certain or payer == member.phone else {None}
    at.done[f"paybill {outcome}"] += 1


def forged(at: Round) -> None:
    """Somebody tells us what did not happen, or tells again what happened to somebody else."""
    kind = at.draw.choice(at.house.weather.forgeries or tuple(FORGERIES))
    letter = FORGERIES[kind](at)
    if letter is None:
        return
    for _ in range(at.draw.choice((1, 1, 2))):
        # From an address of its own each: who tells a hundred of them is turned away, which is another test.
        address = f"41.90.{at.number % 250}.{at.draw.randrange(250)}"
        status = at.house.post.hand_over(letter, address)
        assert status in (200, 429), (kind, status)
    at.done[f"forged: {kind}"] += 1


def trouble_with_questions(at: Round) -> None:
    """The next question to Safaricom, whoever it is about, comes to something."""
    api = at.draw.choice(ASKED)
    outcome = at.draw.choice([each for each in MEANINGS[api] if each != "any"])
    at.house.wish(outcome, api=api)
    at.done[f"{api} {outcome}"] += 1


def redis_is_lost(at: Round) -> None:
    with suppress(ConnectionError):
        at.house.web.redis.flushdb()
    at.done["Redis emptied"] += 1


def told_again(at: Round) -> None:
    """Some old letter comes once more, much later."""
    told: list[Any] = at.house.post.told
    if told:
        at.house.post.keep(at.draw.choice(told))
        at.done["told again"] += 1


# How often each is drawn, of a hundred or so.
ACTIONS: tuple[tuple[int, Callable[[Round], None]], ...] = (
    (44, push),
    (5, dialled),
    (18, paybill),
    (16, payout),
    (18, forged),
    (6, trouble_with_questions),
    (2, redis_is_lost),
    (7, told_again),
)
