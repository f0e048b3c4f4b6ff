"""Payouts: an official says yes or no to what was asked for, and any member stops what was agreed on.

What was on her screen goes with her answer as its digest: a request that changed meanwhile has nobody's yes.
"""

from datetime import timedelta

from chamas.approving.approvals import Vote
from chamas.approving.voices import voices_in
from chamas.payouts import asking, requested
from chamas.payouts.disbursements import DisbursementState, Purpose, Request, by_id
from menus import endings, printing
from menus.dialog import Ask, Confirm, End, Go, List, Menu, Option, Row, action, go, guarded_screen, screen
from menus.locale import msgids
from menus.screens import pin
from menus.visit import Visit
from payments import payouts, phones, shortcodes
from payments.charges import as_of

PURPOSES = dict(zip(Purpose, msgids("round", "welfare", "expense", "loan", "to the bank"), strict=True))
# Numbered like the reasons of approvals.py, and never otherwise.
REASONS = msgids("Wrong amount", "Wrong person", "We did not agree on it", "Another reason")


def facts(request: Request) -> dict[str, str]:
    """How a request is named on every screen."""
    return {
        "amount": printing.money(request.amount_cents),
        "name": printing.person(request.payee_name),
        "phone": whither(request),
        "chama": printing.chama(request.chama_name),
    }


def whither(request: Request) -> str:
    """The receiver's number, masked; of the group's own bank the paybill and the account."""
    number = phones.mask(request.phone)
    return f"{number} {request.account}" if request.account else number


def line(visit: Visit, request: Request) -> str:
    """One request in a list."""
    what = visit.say(PURPOSES[request.purpose])
    named = facts(request)
    return visit.say("KES {amount} to {name}, {what}", amount=named["amount"], name=named["name"], what=what)


@guarded_screen
def waiting(visit: Visit, after: int = 0) -> List | Menu:
    """What waits for her voice, in all her chamas."""
    found = [one for mine in visit.her.memberships for one in requested.waiting_for(visit.conn, mine.member_id)]
    if not found:
        return Menu(visit.say("No request waits for your answer."))
    rows = tuple(Row(one.id, line(visit, one), go(request, request=one.id)) for one in sorted(found, key=_number))
    return List(visit.say("Payouts"), rows, go(waiting), after)


@guarded_screen
def request(visit: Visit, request: int) -> Menu:
    """Who, how much, what for, what it costs, who asked, and how many have said yes."""
    one = by_id(visit.conn, request)
    visit.her.member_of(one.chama_id)
    asked = requested.users_asked(voices_in(visit.conn, one.chama_id), one)
    words = "KES {amount} to {name} {phone}: {what}. Fee {fee}. Asked: {asker}. Yes: {yes} of {needed}."
    terms = {}
    if one.loan_months is not None:
        words = "Loan KES {amount} to {name} {phone}, {months} months, {total} back. Fee {fee}. Yes: {yes} of {needed}."
        total_cents = one.amount_cents + asking.interest_of(visit.conn, one)
        terms = {"months": one.loan_months, "total": printing.money(total_cents)}
    text = visit.say(
        words,
        **facts(one),
        **terms,
        what=visit.say(PURPOSES[one.purpose]),
        fee=printing.money(one.charge_cents),
        asker=printing.person(one.asker_name),
        yes=len(requested.said(visit.conn, one).yes & asked),
        needed=one.needed,
    )
    seen = one.digest.hex()
    if not visit.her.has_pin:
        yes = go(pin.choose)
    elif one.name_differs:
        yes = go(name, request=request, seen=seen)
    else:
        yes = go(prove, request=request, seen=seen)
    return Menu(
        text,
        (
            Option("1", visit.say("Approve"), yes),
            Option("2", visit.say("Refuse"), go(refuse, request=request, seen=seen)),
            Option("3", visit.say("More"), go(more, request=request)),
        ),
        shown="back",
    )


@guarded_screen
def more(visit: Visit, request: int) -> Menu:
    """What is left after it, of when the fee is, and what M-PESA calls the receiver."""
    one = by_id(visit.conn, request)
    book_id = visit.her.member_of(one.chama_id).book_id
    number = shortcodes.by_id(visit.conn, one.shortcode_id).number
    held = payouts.spendable(visit.conn, book_id, number)
    lines = [
        visit.say(
            "{chama}: KES {group} in M-PESA, {rest} after this.",
            chama=printing.chama(one.chama_name),
            group=printing.money(held),
            rest=printing.money(held - one.amount_cents - one.charge_cents),
        )
    ]
    if tariff := as_of(visit.bands):
        lines.append(visit.say("Fee as published {tariff}.", tariff=tariff))
    if one.told_name:
        lines.append(visit.say("M-PESA name: {told}", told=printing.told(one.told_name)))
    return Menu("\n".join(lines))


@guarded_screen
def name(visit: Visit, request: int, seen: str) -> Confirm:
    """M-PESA calls the receiver otherwise than the register: said before anybody says yes."""
    one = by_id(visit.conn, request)
    text = visit.say(
        "Careful: M-PESA calls this number {told}, your register says {name}. Approve all the same?",
        told=printing.told(one.told_name or ""),
        name=printing.person(one.payee_name),
    )
    return Confirm(text, yes=go(prove, request=request, seen=seen), no=go(refuse, request=request, seen=seen))


@guarded_screen
def prove(visit: Visit, request: int, seen: str, wrong: bool = False) -> Ask:
    """Her PIN, never taken from a dialled string: what follows is an action."""
    one = by_id(visit.conn, request)
    text = visit.say(
        "KES {amount} to {name} {phone}.\nType your CHAMA PIN (5 digits) to approve. Never your M-PESA PIN.",
        amount=printing.money(one.amount_cents),
        name=printing.person(one.payee_name),
        phone=whither(one),
    )
    text = pin.worded(visit, text, wrong)
    return Ask(text, shown="back", to=go(approve, request=request, seen=seen), fill="typed", kind="pin")


@action
def approve(visit: Visit, request: int, seen: str, typed: str) -> Go | End:
    """Her yes to what she saw; the worker counts it."""
    if no := pin.objection(visit, typed, again=go(prove, request=request, seen=seen), none=go(pin.choose)):
        return no
    one = _say(visit, request, Vote.APPROVE, seen)
    asked = requested.users_asked(voices_in(visit.conn, one.chama_id), one)
    count = len(requested.said(visit.conn, one).yes & asked)
    if count < one.needed:
        return End(visit.say("You said yes, {yes} of {needed}. It waits for the others.", yes=count, needed=one.needed))
    leaves = visit.at + timedelta(seconds=one.wait_seconds)
    return End(
        visit.say(
            "You said yes, {yes} of {needed}. All members are told now. It is sent after {time} unless {count} members "
            "stop it. Number {number}",
            yes=count,
            needed=one.needed,
            time=printing.moment(visit, leaves),
            count=one.freezers,
            number=one.id,
        )
    )


@screen
def refuse(visit: Visit, request: int, seen: str) -> Menu:
    """Reasons are numbered; one no is enough, and needs no PIN: it only keeps money where it is."""
    first, second, third, fourth = (visit.say(reason) for reason in REASONS)
    return Menu(
        visit.say("Why not? Nobody sees who refused."),
        (
            Option("1", first, go(reject, request=request, seen=seen, reason=1)),
            Option("2", second, go(reject, request=request, seen=seen, reason=2)),
            Option("3", third, go(reject, request=request, seen=seen, reason=3)),
            Option("4", fourth, go(reject, request=request, seen=seen, reason=4)),
        ),
        shown="back",
    )


@action
def reject(visit: Visit, request: int, seen: str, reason: int) -> End:
    """Her no."""
    one = _say(visit, request, Vote.REJECT, seen, reason)
    named = facts(one)
    return End(
        visit.say(
            "You said no: KES {amount} to {name} is not sent. Who asked may ask again.",
            amount=named["amount"],
            name=named["name"],
        )
    )


@guarded_screen
def coming(visit: Visit, after: int = 0) -> List | Menu:
    """What was agreed on and has not left, and what M-PESA has not paid yet."""
    found = on_its_way(visit)
    if not found:
        return Menu(visit.say("No payout is on its way."))
    rows = tuple(Row(one.id, line(visit, one), go(announced, request=one.id)) for one in sorted(found, key=_number))
    return List(visit.say("Payouts coming"), rows, go(coming), after)


def on_its_way(visit: Visit) -> list[Request]:
    """What leaves her chamas, or has left and is not known to be paid."""
    here = visit.her.memberships
    return [
        one for look in (requested.may_be_frozen, requested.with_mpesa) for mine in here
        for one in look(visit.conn, mine.chama_id)
    ]  # fmt: skip


@guarded_screen
def announced(visit: Visit, request: int) -> Menu:
    """What leaves when, and how it is stopped; or that it has left. Its receiver is no one to stop it."""
    one = by_id(visit.conn, request)
    visit.her.member_of(one.chama_id)
    if one.state is DisbursementState.PENDING:
        return Menu(visit.say("No payout is on its way."))
    if one.state is not DisbursementState.APPROVED:
        return Menu(endings.words(visit, one))
    stop = requested.said(visit.conn, one).stop - {one.payee_user_id}
    text = visit.say(
        "{chama} sends KES {amount} to {name} after {time}: {what}. {needed} members together stop it, {count} so far.",
        chama=printing.chama(one.chama_name),
        amount=printing.money(one.amount_cents),
        name=printing.person(one.payee_name),
        time=printing.moment(visit, one.not_before or visit.at),
        what=visit.say(PURPOSES[one.purpose]),
        needed=one.freezers,
        count=len(stop),
    )
    if visit.her.user_id in stop:
        return Menu(f"{text}\n{visit.say('You are one of them.')}")
    if visit.her.user_id == one.payee_user_id:
        return Menu(text)
    return Menu(text, (Option("1", visit.say("Stop it"), go(freeze, request=request, seen=one.digest.hex())),))


@action
def freeze(visit: Visit, request: int, seen: str) -> End:
    """One of those who stop it; the phone is proof enough to keep money where it is."""
    one = _say(visit, request, Vote.FREEZE, seen)
    count = len(requested.said(visit.conn, one).stop - {one.payee_user_id})
    named = {"amount": printing.money(one.amount_cents), "name": printing.person(one.payee_name)}
    if count < one.freezers:
        return End(
            visit.say(
                "Noted: {count} of {needed} members want to stop KES {amount} to {name}. "
                "With fewer than {needed} it is sent.",
                count=count,
                needed=one.freezers,
                **named,
            )
        )
    return End(visit.say("Stopped: KES {amount} to {name} is not sent. All members are told.", **named))


def _say(visit: Visit, request: int, vote: Vote, seen: str, reason: int | None = None) -> Request:
    visit.her.member_of(by_id(visit.conn, request).chama_id)
    return asking.vote(visit.conn, request, visit.word(vote, seen, reason))


def _number(one: Request) -> int:
    return one.id
