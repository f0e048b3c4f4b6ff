"""Ask for a payout: what for, for whom, how much; what it costs is said before others are asked to agree."""

from chamas.approving.voices import by_number, voices_in
from chamas.payouts import asking
from chamas.payouts.disbursements import Purpose
from menus import printing
from menus.dialog import Ask, Confirm, End, Menu, Option, action, go, guarded_screen, screen
from menus.screens import payout, renew
from menus.visit import Visit
from payments import shortcodes
from payments.charges import as_of, cost
from payments.payouts import spendable


@screen
def purpose(visit: Visit, chama: int) -> Menu:
    """What for. A round's payout is asked for by the calendar; here only when somebody stopped it, or it failed."""
    mine = visit.her.member_of(chama)
    text = visit.say("{chama}: ask for a payout. What for?", chama=printing.chama(mine.name))
    if mine.official:
        welfare = go(payee, chama=chama, what=Purpose.WELFARE.value)
        expense = go(payee, chama=chama, what=Purpose.EXPENSE.value)
    else:
        welfare = go(amount, chama=chama, what=Purpose.WELFARE.value)
        expense = go(amount, chama=chama, what=Purpose.EXPENSE.value)
    return Menu(
        text,
        (
            Option("1", visit.say("Welfare: somebody needs help"), welfare),
            Option("2", visit.say("Expense: paid for the group"), expense),
            *renew.option(visit, chama),
        ),
    )


@screen
def payee(visit: Visit, chama: int, what: str) -> Ask:
    """Officials ask for anybody, a member for herself."""
    visit.her.member_of(chama)
    text = visit.say("Who gets the money? Type the member number.")
    return Ask(text, to=go(amount, chama=chama, what=what), fill="number", kind="number")


@screen
def amount(visit: Visit, chama: int, what: str, number: int | None = None) -> Ask:
    """How much; for herself without a number."""
    hers = visit.her.member_of(chama).member_id
    if number is None:
        voices = voices_in(visit.conn, chama)
        number = next((one.number for one in voices if one.member_id == hers), 0)
    who = by_number(visit.conn, chama, number)
    text = visit.say(
        "How much to {name}, member {number}? Type the amount.", name=printing.person(who.name), number=number
    )
    return Ask(text, to=go(confirm, chama=chama, what=what, number=number), fill="cents", kind="amount")


@guarded_screen
def confirm(visit: Visit, chama: int, what: str, number: int, cents: int) -> Confirm | Menu:
    """The last look, with M-PESA's charge and of when it is; or how much there is, when that is not enough."""
    who = by_number(visit.conn, chama, number)
    mine = visit.her.member_of(chama)
    shortcode = shortcodes.of_chama(visit.conn, chama)
    held = spendable(visit.conn, mine.book_id, shortcode.number) if shortcode else 0
    if held < (total := cost(cents, visit.bands).total_cents):
        facts = {"chama": printing.chama(mine.name), "held": printing.money(held), "total": printing.money(total)}
        words = "{chama} has KES {held} in M-PESA now. This takes {total} with the fee."
        return Menu(visit.say(words, **facts), shown="back")
    named = {
        "amount": printing.money(cents),
        "name": printing.person(who.name),
        "what": visit.say(payout.PURPOSES[Purpose(what)]),
        "fee": printing.money(cost(cents, visit.bands).charge_cents),
    }
    if tariff := as_of(visit.bands):
        text = visit.say(
            "Ask for KES {amount} to {name}, {what}? M-PESA fee {fee} (as published {tariff}), paid by the group.",
            tariff=tariff,
            **named,
        )
    else:
        text = visit.say("Ask for KES {amount} to {name}, {what}? M-PESA fee {fee}, paid by the group.", **named)
    return Confirm(text, yes=go(send, chama=chama, what=what, number=number, cents=cents), no=go(purpose, chama=chama))


@action
def send(visit: Visit, chama: int, what: str, number: int, cents: int) -> End:
    """Asked; others are told that their voice is needed."""
    who = by_number(visit.conn, chama, number)
    one = asking.ask(
        visit.conn,
        asker_member_id=visit.her.member_of(chama).member_id,
        payee_member_id=who.member_id,
        amount_cents=cents,
        purpose=Purpose(what),
        at=visit.at,
        bands=visit.bands,
    )
    return End(
        visit.say(
            "Asked: KES {amount} to {name}. {needed} others must say yes; they are told by SMS. Number {number}",
            amount=printing.money(cents),
            name=printing.person(who.name),
            needed=one.needed,
            number=one.id,
        )
    )
