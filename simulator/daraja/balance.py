"""Account balance: `/mpesa/accountbalance/v1/query`, five accounts in one text, and codes that are text here only."""

from datetime import datetime

from simulator.clock import daraja_digits
from simulator.daraja import ids
from simulator.daraja.callbacks import shillings
from simulator.daraja.commands import opens
from simulator.daraja.initiator import NO_ROLE
from simulator.daraja.refusals import invalid, word
from simulator.daraja.results import QUEUE_URL, Answer
from simulator.world import World


def read(world: World, body: dict[str, object]) -> dict[str, str]:
    if word(body, "PartyA") not in {each.shortcode for each in world.merchants.all()}:
        invalid("PartyA")
    if word(body, "IdentifierType") != "4":
        invalid("IdentifierType")
    return {"party": word(body, "PartyA")}


def answer(world: World, facts: dict[str, str], at: datetime) -> Answer:
    """Name, currency, current, available, reserved and uncleared of each account of whoever asks."""
    own = facts["asking"] or world.merchants.first.shortcode
    if facts["party"] != own:
        return Answer(NO_ROLE, code_as_text=True)
    accounts = {
        "Working Account": 0,
        "Float Account": 0,
        "Utility Account": world.truth.utility_of(own),
        "Charges Paid Account": world.truth.charges_of(own),
        "Organization Settlement Account": 0,
    }
    listed = (f"{name}|KES|{shillings(cents)}|{shillings(cents)}|0.00|0.00" for name, cents in accounts.items())
    return Answer(
        "0",
        (("AccountBalance", "&".join(listed)), ("BOCompletedTime", daraja_digits(at))),
        transaction=ids.receipt_day(at) + "0000000",
        reference=(("QueueTimeoutURL", QUEUE_URL.format("ab")),),
        code_as_text=True,
    )


query = opens("balance", ("AccountBalance",), read)
