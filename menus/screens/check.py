"""Check a payment: her own recent ones first, before any typing."""

from ledger import books
from menus import printing
from menus.dialog import Menu, Option, go, guarded_screen
from menus.locale import msgids
from menus.visit import Visit
from payments import timeline
from payments.states import AttemptState

# One line each; `proven` is money that Safaricom says has moved and whose receipt has not come yet.
WAITING, NOT_PAID, ARRIVED, BOOKED = msgids("waiting", "not paid", "arrived", "booked")
IN_A_WORD = {
    AttemptState.CREATED: WAITING,
    AttemptState.UNCLEAR: WAITING,
    AttemptState.PENDING: WAITING,
    AttemptState.FAILED_SOFT: NOT_PAID,
    AttemptState.FAILED_FINAL: NOT_PAID,
    AttemptState.PROVEN: ARRIVED,
    AttemptState.PAID: BOOKED,
}

STILL, NOTHING, SEEN = msgids(
    "Waiting for M-PESA: KES {amount} to {chama}, {time}. Do not pay again yet.",
    "Not paid: KES {amount} to {chama}, {time}. If M-PESA took the money, call {helpline}",
    "M-PESA says paid: KES {amount} to {chama}, {time}. We wait for the receipt; an SMS will come.",
)
IN_A_SENTENCE = {WAITING: STILL, NOT_PAID: NOTHING, ARRIVED: SEEN, BOOKED: SEEN}

# Four lines and the way back are what a screen holds with the largest amounts.
SHOWN = 4


@guarded_screen
def recent(visit: Visit) -> Menu:
    """Her last payments from this phone, each with its state."""
    found = timeline.payments(visit.conn, payer_id=visit.her.user_id, limit=SHOWN)
    if not found:
        return Menu(visit.say("You have made no payment by this menu yet."))
    options = []
    for number, each in enumerate(found, 1):
        state = visit.say(IN_A_WORD[AttemptState(each.state)])
        label = f"{printing.money(each.amount_cents)} {printing.moment(visit, each.created_at)}, {state}"
        options.append(Option(str(number), label, go(payment, payment=each.id)))
    return Menu(visit.say("Which payment?"), tuple(options))


@guarded_screen
def payment(visit: Visit, payment: int) -> Menu:
    """One payment: what is known of it, first in one sentence."""
    found = timeline.payments(visit.conn, payer_id=visit.her.user_id, payment_id=payment, limit=1)
    if not found:
        return Menu(visit.say("You have made no payment by this menu yet."))
    one = found[0]
    name = next((mine.name for mine in visit.her.memberships if mine.chama_id == one.chama_id), "")
    facts = {
        "amount": printing.money(one.amount_cents),
        "chama": printing.chama(name),
        "time": printing.moment(visit, one.created_at),
    }
    page = books.page(visit.conn, one.book_id, one.entry) if one.book_id is not None else None
    if page is None:
        sentence = IN_A_SENTENCE[IN_A_WORD[AttemptState(one.state)]]
        return Menu(visit.say(sentence, helpline=visit.place.helpline, **facts))
    return Menu(
        visit.say(
            "Booked: KES {amount} to {chama}, {time}. M-PESA {receipt}. Page {page} {words}",
            receipt=one.receipt,
            page=page.seq,
            words=page.words,
            **facts,
        )
    )
