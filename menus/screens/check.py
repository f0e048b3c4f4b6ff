"""Check a payment: her own recent ones first, before any typing."""

from datetime import datetime

from chamas.arriving import concierge, received
from chamas.dues import owing
from chamas.members.refusals import UnknownMember
from ledger import books
from ledger.refusals import SeasonArchived
from menus import printing
from menus.dialog import Ask, End, Menu, Option, action, go, guarded_screen, screen
from menus.locale import msgids
from menus.visit import Visit
from payments import reconcile, take_backs, timeline
from payments.states import AttemptState

# One line each; `proven` is money that Safaricom says has moved and whose receipt has not come yet.
WAITING, NOT_PAID, ARRIVED, BOOKED, GONE = msgids("waiting", "not paid", "arrived", "booked", "taken back")
(OTHERWISE,) = msgids("another amount")
UNMATCHED, NOT_HERE = msgids(
    "no name yet", "We have no such payment. If M-PESA took the money, wait an hour, then call {helpline}"
)
IN_A_WORD = {
    AttemptState.CREATED: WAITING,
    AttemptState.UNCLEAR: WAITING,
    AttemptState.PENDING: WAITING,
    AttemptState.FAILED_SOFT: NOT_PAID,
    AttemptState.FAILED_FINAL: NOT_PAID,
    AttemptState.PROVEN: ARRIVED,
    AttemptState.PAID_OTHERWISE: OTHERWISE,
    AttemptState.PAID: BOOKED,
}

STILL, NOTHING, SEEN = msgids(
    "Waiting for M-PESA: KES {amount} to {whom}, {time}. Do not pay again yet.",
    "Not paid: KES {amount} to {whom}, {time}. If M-PESA took the money, call {helpline}",
    "M-PESA says paid: KES {amount} to {whom}, {time}. We wait for the receipt; an SMS will come.",
)
(ANOTHER,) = msgids(
    "You were asked for KES {amount} to {whom}, {time}, but M-PESA moved another amount. It has its own receipt."
)
IN_A_SENTENCE = {WAITING: STILL, OTHERWISE: ANOTHER, NOT_PAID: NOTHING, ARRIVED: SEEN, BOOKED: SEEN}

ON_PAGE, PUT_AWAY = msgids(
    "Booked: KES {amount} to {whom}, {time}. M-PESA {receipt}. Page {page} {words}",
    "Booked: KES {amount} to {whom}, {time}. M-PESA {receipt}. Page {page} is put away: ask an official.",
)

# What two officials took back after M-PESA's own list denied it, and what M-PESA itself gave back to who paid it.
DENIED, RETURNED = msgids(
    "Taken back: KES {amount} to {chama}, {time}. M-PESA does not know {receipt}. Page {page} {words}. Ask officials.",
    "Given back by M-PESA: KES {amount} to {chama}, {time}, {receipt}. Page {page} {words}. Ask officials.",
)

# Of a notice that named nobody as of Safaricom's answer to a question, which names no account at all.
OF_HERS, OF_ONE_OF_HERS = msgids(
    "We have KES {amount}, {time}. It is not known yet whose it is: two officials of {chama} can give it to you. "
    "Ask them.",
    "We have KES {amount}, {time}. It is not known yet whose it is: two officials of one of your groups can give it to "
    "you. Ask them.",
)

# Two, so that the other ways to find one always have the same keys.
SHOWN = 2


@guarded_screen
def recent(visit: Visit) -> Menu:
    """Money of hers that is nobody's yet, then the last from this phone and what the paybill brought her, each with its
    state; and other ways.
    """
    options: list[Option] = []
    # Once, though it may be hers in two groups.
    for offer in {one.receipt: one for one in concierge.of_person(visit.conn, visit.her.user_id)}.values():
        label = _line(visit, offer.amount_cents, offer.paid_at, UNMATCHED)
        options.append(Option(str(len(options) + 1), label, go(unmatched, receipt=offer.receipt)))
    prompts = timeline.payments(visit.conn, payer_id=visit.her.user_id, limit=SHOWN)
    by_itself = timeline.came_for(visit.conn, [mine.member_id for mine in visit.her.memberships], limit=SHOWN)
    for each in sorted([*prompts, *by_itself], key=lambda one: one.created_at, reverse=True):
        gone = each.receipt is not None and take_backs.done(visit.conn, each.receipt)
        label = _line(visit, each.amount_cents, each.created_at, GONE if gone else IN_A_WORD[AttemptState(each.state)])
        if each.receipt is not None and each.id > timeline.BEYOND_ATTEMPTS:
            options.append(Option(str(len(options) + 1), label, go(came, receipt=each.receipt)))
        else:
            options.append(Option(str(len(options) + 1), label, go(payment, payment=each.id)))
    return Menu(
        visit.say("Which payment?") if options else visit.say("No payment of yours is here yet."),
        (
            *options[:SHOWN],
            Option("3", visit.say("Page number on our SMS"), go(by_page)),
            Option("4", visit.say("M-PESA code"), go(by_code)),
        ),
        quick="5",
    )


def _line(visit: Visit, cents: int, at: datetime, state: str) -> str:
    return f"KES {printing.money(cents)} {printing.moment(visit, at)}, {visit.say(state)}"


@guarded_screen
def unmatched(visit: Visit, receipt: str) -> Menu:
    """It is here and not lost; whose it is, two officials decide."""
    return _without_a_name(visit, receipt)


@guarded_screen
def came(visit: Visit, receipt: str) -> Menu:
    """What she, or somebody for her, sent to the paybill."""
    return _under(visit, receipt)


@screen
def by_page(visit: Visit) -> Ask:
    """The number stands in every SMS about money."""
    text = visit.say("Type the page number that an SMS shows.")
    return Ask(text, to=go(on_page), fill="page", kind="number")


@guarded_screen
def on_page(visit: Visit, page: int) -> Menu:
    """What her home chama's book says on that page, should it be a payment."""
    found = timeline.booked(visit.conn, book_id=visit.her.memberships[0].book_id, entry=page)
    return _booked(visit, found) if found else Menu(visit.say("No payment stands on page {page}.", page=page))


@screen
def by_code(visit: Visit) -> Ask:
    """Typing comes last: ten letters on a keypad take long."""
    text = visit.say("Type the 10 letters and numbers of the M-PESA code, capital or small, like TKK7RT61SV")
    return Ask(text, to=go(under_code), fill="receipt", kind="receipt")


@guarded_screen
def under_code(visit: Visit, receipt: str) -> Menu:
    """Booked, or here without a name, or not here."""
    return _under(visit, receipt)


def _under(visit: Visit, receipt: str) -> Menu:
    found = timeline.booked(visit.conn, receipt=receipt)
    if found and any(mine.book_id == found.book_id for mine in visit.her.memberships):
        return _booked(visit, found)
    return _without_a_name(visit, receipt)


def _without_a_name(visit: Visit, receipt: str) -> Menu:
    offers = [one for one in concierge.of_person(visit.conn, visit.her.user_id) if one.receipt == receipt]
    if offers:
        facts = {"amount": printing.money(offers[0].amount_cents), "time": printing.moment(visit, offers[0].paid_at)}
        if len(offers) > 1:
            return Menu(visit.say(OF_ONE_OF_HERS, **facts))
        name = printing.chama(visit.her.member_of(offers[0].chama_id).name)
        return Menu(visit.say(OF_HERS, chama=name, **facts))
    kept = received.told_as_kept(visit.conn, visit.her.user_id, receipt)
    if kept is None:
        return Menu(visit.say(NOT_HERE, helpline=visit.place.helpline))
    chama, cents, paid_at = kept
    return Menu(
        visit.say(
            "KES {amount}, {time}: kept, {chama} could not take it. It can go back to who paid. Not back yet? Call "
            "{helpline}",
            amount=printing.money(cents),
            time=printing.moment(visit, paid_at),
            chama=printing.chama(chama),
            helpline=visit.place.helpline,
        )
    )


def _booked(visit: Visit, found: timeline.Booked) -> Menu:
    mine = next(mine for mine in visit.her.memberships if mine.book_id == found.book_id)
    prompts = timeline.payments(visit.conn, receipt=found.receipt, limit=1)
    one = prompts[0] if prompts else timeline.from_paybill(visit.conn, receipt=found.receipt)
    facts = {"amount": printing.money(found.amount_cents), "time": printing.moment(visit, found.paid_at)}
    facts |= whom(visit, mine.chama_id, one.member_id if one else None)
    return _on_its_page(visit, found.book_id, found.entry, receipt=found.receipt, **facts)


def whom(visit: Visit, chama: int | None, member: int | None) -> dict[str, str]:
    """For whom a payment was, where it was for somebody else in a chama of hers, and for which chama."""
    mine = next((mine for mine in visit.her.memberships if mine.chama_id == chama), None)
    if mine is None:
        return {"chama": "", "whom": ""}
    name = printing.chama(mine.name)
    if member in (None, mine.member_id):
        return {"chama": name, "whom": name}
    try:
        other = owing.fellow(visit.conn, mine.chama_id, member_id=member)
    except UnknownMember:
        # She has left meanwhile.
        return {"chama": name, "whom": name}
    return {"chama": name, "whom": visit.say("{chama} for {name}", name=printing.person(other.first_name), chama=name)}


def _on_its_page(visit: Visit, book_id: int, entry: int, **facts: str) -> Menu:
    """Booked, with the check words of its page, or that the page is put away with its season; or taken back, with those
    of the page that says so.
    """
    sentence, gone = ON_PAGE, take_backs.done(visit.conn, facts["receipt"])
    if gone is not None and gone.seq is not None:
        sentence, entry = DENIED if gone.why == "unknown" else RETURNED, gone.seq
    try:
        page = books.page(visit.conn, book_id, entry)
    except SeasonArchived:
        return Menu(visit.say(PUT_AWAY, page=entry, **facts))
    return Menu(visit.say(sentence, page=entry, words=page.words if page else "", **facts))


@guarded_screen
def payment(visit: Visit, payment: int) -> Menu:
    """One payment: what is known of it, first in one sentence."""
    found = timeline.payments(visit.conn, payer_id=visit.her.user_id, payment_id=payment, limit=1)
    if not found:
        return Menu(visit.say("No payment of yours is here yet."))
    one = found[0]
    facts = {
        "amount": printing.money(one.amount_cents),
        "time": printing.moment(visit, one.created_at),
        **whom(visit, one.chama_id, one.member_id),
    }
    if one.book_id is None or one.entry is None:
        sentence = IN_A_SENTENCE[IN_A_WORD[AttemptState(one.state)]]
        again = (Option("1", visit.say("Ask M-PESA again"), go(ask_again, payment=payment)),)
        asked = () if AttemptState(one.state) in reconcile.NOTHING_TO_ASK else again
        return Menu(visit.say(sentence, helpline=visit.place.helpline, **facts), asked)
    return _on_its_page(visit, one.book_id, one.entry, receipt=one.receipt or "", **facts)


@action
def ask_again(visit: Visit, payment: int) -> End:
    """M-PESA is asked now, though it was asked often enough by the timetable: once a minute."""
    reconcile.ask_anew(visit.conn, payment, at=visit.at)
    return End(visit.say("We are asking M-PESA about this payment now. If it was paid, an SMS will come."))
