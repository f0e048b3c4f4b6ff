"""How a payout ended, or that M-PESA has it and nobody can stop it any more: one sentence for every screen.

Who said no is not named: whoever must say why she refused before everybody says yes the next time.
"""

from chamas.approving.approvals import REASONS
from chamas.payouts import requested
from chamas.payouts.disbursements import DisbursementState, Request
from menus import printing
from menus.locale import msgids
from menus.visit import Visit
from payments import payouts

# By the reasons that the rooms write, which a program reads too.
WHYS = dict(
    zip(
        (*REASONS.values(), "nobody answered in time", "the chama has ended", "not sent in time"),
        msgids(
            "An official said no: wrong amount.",
            "An official said no: wrong person.",
            "An official said no: it was not agreed on.",
            "An official said no, for another reason.",
            "Too few officials answered in time.",
            "The chama has ended.",
            "It waited too long and was not sent to M-PESA.",
        ),
        strict=True,
    )
)
FROZEN = "frozen by members"
NOT_SENT, BEING_SENT, SENT, UNSENT = msgids(
    "M-PESA did not send it. Ask an official.",
    "{chama}: KES {amount} to {name} is with M-PESA now and cannot be stopped. An SMS comes when it is paid.",
    "{chama}: KES {amount} was sent to {name} on {day}.",
    "{chama}: KES {amount} to {name} was not sent. {why}",
)


def words(visit: Visit, one: Request) -> str:
    """Of a request that is neither asked for nor announced any more."""
    facts = {
        "chama": printing.chama(one.chama_name),
        "amount": printing.money(one.amount_cents),
        "name": printing.person(one.payee_name),
    }
    if one.state in (DisbursementState.SENDING, DisbursementState.UNCLEAR):
        return visit.say(BEING_SENT, **facts)
    if one.state is DisbursementState.COMPLETED:
        return visit.say(SENT, day=printing.day(visit, one.closed_at or visit.at), **facts)
    return visit.say(UNSENT, why=_why(visit, one), **facts)


def _why(visit: Visit, one: Request) -> str:
    if one.reason == FROZEN:
        return visit.say("Stopped by members: {count}.", count=len(requested.said(visit.conn, one).stop))
    if one.reason in WHYS:
        return visit.say(WHYS[one.reason])
    told = payouts.end_of(visit.conn, one.payout_id).words if one.payout_id is not None else NOT_SENT
    return visit.say(told)
