"""Running the chama: what officials tell it to do. The worker does it, within seconds, and says what stood against it.

What ends a running chama is told under the chama PIN, and by two officials.
"""

from datetime import timedelta
from typing import Any

from chamas.approving.voices import voices_in
from chamas.course import offices, orders, refunds
from chamas.course.orders import OrderKind
from chamas.cycle import rounds
from chamas.dues import contributions
from chamas.entrance import founding
from chamas.members import deposits, standing
from chamas.members.access import Action
from chamas.members.refusals import OfficialsOnly
from chamas.members.register import OFFICIALS, ChamaStatus
from menus import printing
from menus.dialog import Ask, Confirm, End, Go, Menu, Option, action, go, screen
from menus.locale import msgids
from menus.screens import pin
from menus.visit import Visit

START, CLOSE, OPEN, DOORS, TAKE, RESEND = msgids(
    "Start {chama} now? Round 1 opens, and nobody can join any more.",
    "Close round {round} of {chama} now? What is missing stays owed.",
    "Open the next round of {chama} now?",
    "Shall {chama} take no more people?",
    "Shall {chama} take people? They join by its number {number}, or you invite them.",
    "Send again what M-PESA could not send back to members of {chama}?",
)
ASKS = {
    "start": START,
    "close_round": CLOSE,
    "open_round": OPEN,
    "close_doors": DOORS,
    "open_doors": TAKE,
    "resend": RESEND,
}
COMPLETE, CANCEL, AGREE, EARLY = msgids(
    "End {chama}? All get back what M-PESA holds of them.",
    "Call {chama} off? All get back what M-PESA holds of them.",
    "Agree that {chama} ends? All get back what M-PESA holds of them.",
    "Close round {round} of {chama} {days} days early? {count} have not paid.",
)
(BANK,) = msgids("Agree that the bank account of {chama} is paybill {paybill}, account {account}?")
ENDS = {"complete": COMPLETE, "cancel": CANCEL, "agree": AGREE, "close_round": EARLY}


@screen
def menu(visit: Visit, chama: int) -> Menu:
    """Where the chama stands, and what an official may tell it today. Keys keep their meaning."""
    here = standing.group(visit.conn, chama_id=chama, user_id=visit.her.user_id)
    if here.role not in OFFICIALS:
        raise OfficialsOnly
    may = here.access(visit.at).actions
    now_open = rounds.active_round(visit.conn, chama)
    planned = rounds.pending_round(visit.conn, chama)
    waiting = orders.waiting_for(visit.conn, chama, visit.her.user_id)
    options: list[Option] = []
    if Action.START in may:
        options.append(Option("1", visit.say("Start"), go(sure, chama=chama, what="start")))
    if Action.TURN_ROUND in may and now_open:
        late = visit.at >= now_open.closes_at
        close = go(sure, chama=chama, what="close_round") if late else go(proof, chama=chama, what="close_round")
        options.append(Option("2", visit.say("Close round"), close))
    if Action.TURN_ROUND in may and planned and not now_open:
        options.append(Option("3", visit.say("Open round"), go(sure, chama=chama, what="open_round")))
    if Action.CLOSE_RECRUITING in may:
        options.append(Option("4", visit.say("Stop joining"), go(sure, chama=chama, what="close_doors")))
    if Action.COMPLETE in may:
        options.append(Option("5", visit.say("End it"), go(proof, chama=chama, what="complete")))
    if Action.CANCEL in may:
        options.append(Option("6", visit.say("Call it off"), go(proof, chama=chama, what="cancel")))
    if Action.RESEND in may and refunds.unsent(visit.conn, chama):
        options.append(Option("8", visit.say("Send back again"), go(sure, chama=chama, what="resend")))
    if Action.RECRUIT in may:
        options.append(Option("9", visit.say("Take people"), go(sure, chama=chama, what="open_doors")))
    if waiting:
        options.append(Option("7", visit.say("Agree"), go(proof, chama=chama, what="agree", order=waiting[0].id)))
    return Menu(_standing(visit, here, now_open, planned), tuple(options))


def _standing(visit: Visit, here: standing.Group, now_open: rounds.Round | None, planned: rounds.Round | None) -> str:
    name = printing.chama(here.name)
    if now_open is not None:
        until = printing.deadline(visit, now_open.closes_at)
        return visit.say("{chama} round {round}, due {until}", chama=name, round=now_open.number, until=until)
    if planned is not None:
        day = printing.last_day(visit, planned.opens_at)
        return visit.say("{chama}: round {round} opens {day}", chama=name, round=planned.number, day=day)
    if here.status in (ChamaStatus.RECRUITING, ChamaStatus.WAITING) and here.deposit_cents:
        hers = deposits.of_chama(visit.conn, here.chama_id)
        paid = sum(one.state in deposits.WHOLE for one in hers)
        return visit.say("{chama}: deposits paid by {count} of {all}", chama=name, count=paid, all=len(hers))
    return visit.say("{chama}: no round is open", chama=name)


def _another(visit: Visit, chama: int) -> bool:
    """Whether somebody else holds an office, who can agree."""
    held = offices.holders(voices_in(visit.conn, chama)).values()
    return any(one.user_id != visit.her.user_id for one in held)


@screen
def sure(visit: Visit, chama: int, what: str) -> Confirm:
    """The last look before it is told."""
    now_open = rounds.active_round(visit.conn, chama)
    here = standing.group(visit.conn, chama_id=chama, user_id=visit.her.user_id)
    facts: dict[str, Any] = {"chama": printing.chama(visit.her.member_of(chama).name), "number": here.number}
    facts["round"] = now_open.number if now_open else 0
    return Confirm(visit.say(ASKS[what], **facts), yes=go(tell, chama=chama, what=what), no=go(menu, chama=chama))


@action
def tell(visit: Visit, chama: int, what: str) -> End:
    """Told; the worker does it."""
    if what == "close_doors":
        founding.close(visit.conn, chama, by_user_id=visit.her.user_id, at=visit.at)
    elif what == "open_doors":
        founding.recruit(visit.conn, chama, by_user_id=visit.her.user_id, at=visit.at)
        return End(visit.say("Now people can join. Invite them: More, Invite somebody."))
    else:
        orders.ask(visit.conn, chama, OrderKind(what), by_user_id=visit.her.user_id, at=visit.at)
    words = "It is being done. If something stands against it, an SMS tells you. Help: {helpline}"
    return End(visit.say(words, helpline=visit.place.helpline))


@screen
def proof(visit: Visit, chama: int, what: str, order: int = 0, wrong: bool = False) -> Ask | Menu:
    """Her PIN: this ends a chama, or a round before its own end."""
    if not visit.her.has_pin:
        return Menu(visit.say("Choose a CHAMA PIN first: More, CHAMA PIN."))
    text = f"{_asked(visit, chama, what, order)}\n{visit.say('Type your CHAMA PIN (5 digits). Never your M-PESA PIN.')}"
    text = pin.worded(visit, text, wrong)
    return Ask(text, shown="back", to=go(end, chama=chama, what=what, order=order), fill="typed", kind="pin")


def _asked(visit: Visit, chama: int, what: str, order: int) -> str:
    """What she is asked: of a round how early it is, and how many it leaves who have not paid."""
    facts: dict[str, Any] = {"chama": printing.chama(visit.her.member_of(chama).name)}
    asked = orders.by_id(visit.conn, order) if what == "agree" else None
    if asked is not None and asked.kind is OrderKind.BANK:
        return visit.say(BANK, **facts, paybill=asked.paybill, account=asked.account)
    closes = what == "close_round" or (asked is not None and asked.kind is OrderKind.CLOSE_ROUND)
    now_open = rounds.active_round(visit.conn, chama) if closes else None
    if now_open is None:
        return visit.say(ENDS[what], **facts)
    left = max(now_open.closes_at - visit.at, timedelta())
    days = -(-left // timedelta(days=1))
    count = contributions.unpaid(visit.conn, now_open.id)
    return visit.say(EARLY, **facts, round=now_open.number, days=days, count=count)


@action
def end(visit: Visit, chama: int, what: str, order: int, typed: str) -> Go | End:
    """Told under her PIN; what ends a running chama, or a round early, needs another official, too."""
    if no := pin.objection(visit, typed, again=go(proof, chama=chama, what=what, order=order), decides=True):
        return no
    if what == "agree":
        told = orders.agree(visit.conn, order, by_user_id=visit.her.user_id, at=visit.at)
    else:
        told = orders.ask(visit.conn, chama, OrderKind(what), by_user_id=visit.her.user_id, at=visit.at)
    if told.needs_second and told.agreed_by is None and not _another(visit, chama):
        return End(visit.say("No other official is there to agree. Name one within 7 days: More, Rules, Officials."))
    if told.needs_second and told.agreed_by is None and told.kind is OrderKind.CLOSE_ROUND:
        return End(visit.say("Another official must agree before the round ends: Office, Run the chama."))
    if told.needs_second and told.agreed_by is None:
        return End(visit.say("Another official must agree within 7 days: Office, Run the chama."))
    words = "It is being done. If something stands against it, an SMS tells you. Help: {helpline}"
    return End(visit.say(words, helpline=visit.place.helpline))
