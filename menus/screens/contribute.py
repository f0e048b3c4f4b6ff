"""Contribute: how much, for which chama, is it right, and then M-PESA asks on the same phone.

Option 2 of `amount` is kept free for paying for somebody else.
"""

from collections.abc import Mapping

from chamas import owing
from menus import printing
from menus.dialog import LEAST_CENTS, Ask, Confirm, End, Go, Menu, Option, action, go, screen
from menus.locale import msgids
from menus.screens import pending
from menus.visit import Visit
from payments import fees, pushes, shortcodes, unanswered
from payments.refusals import MAXIMUM_CENTS, StillWaiting

TO_PAYBILL, TO_TILL = msgids("paybill {paybill}, account {account}", "till {till}")


@screen
def amount(visit: Visit, chama: int) -> Ask | Menu:
    """What is due, to be paid with one key; any other amount is typed."""
    mine = visit.her.member_of(chama)
    name = printing.chama(mine.name)
    others = (Option("3", visit.say("Another chama"), go(which)),) if len(visit.her.memberships) > 1 else ()
    if not mine.contributes:
        return Menu(visit.say("{chama} takes no contributions now.", chama=name), others, shown="back")
    dues = owing.dues(visit.conn, mine.member_id, visit.at)
    if not visit.mpesa:
        ask = go(elsewhere, by_hand=_by_hand(visit, chama, dues.account))
    elif unanswered.twice(visit.conn, phone=visit.phone, at=visit.at):
        ask = go(confirm, chama=chama, by_hand=_by_hand(visit, chama, dues.account))
    else:
        ask = go(confirm, chama=chama)
    owed = whole_shillings(dues.owed_cents)
    if owed > 0:
        now = min(owed, MAXIMUM_CENTS)
        text = visit.say("{chama}, due {due}", chama=name, due=printing.money(owed))
        pay_due = Option("1", visit.say("Pay {amount}", amount=printing.money(now)), ask.giving(cents=now))
        options, hint = (pay_due, *others), visit.say("Or type another amount")
    else:
        text = visit.say("{chama}: nothing is due. What you pay now is kept for the next round.", chama=name)
        options, hint = others, visit.say("Type an amount, {least} or more", least=printing.money(LEAST_CENTS))
    return Ask(text, options, shown="back", to=ask, fill="cents", kind="amount", hint=hint)


@screen
def which(visit: Visit) -> Menu:
    """Her chamas, when she has several."""
    options = tuple(
        Option(str(number), printing.chama(mine.name), go(amount, chama=mine.chama_id))
        for number, mine in enumerate(visit.her.memberships[:5], 1)
    )
    return Menu(visit.say("Which chama?"), options)


@screen
def confirm(visit: Visit, chama: int, cents: int, by_hand: Mapping[str, str] | None = None) -> Confirm:
    """The last look: amount, chama, whose phone pays, and M-PESA's charge.

    After two prompts that nobody answered she is told how to pay `by_hand`, without one: digits only.
    """
    facts = {"chama": printing.chama(visit.her.member_of(chama).name), "amount": printing.money(cents)}
    if by_hand is None:
        fee = printing.money(fees.payer_fee_cents(cents))
        text = visit.say("Pay KES {amount} to {chama} from this phone?\nM-PESA fee: KES {fee}", fee=fee, **facts)
    else:
        to = visit.say(TO_TILL if "till" in by_hand else TO_PAYBILL, **by_hand)
        words = "M-PESA got no answer here twice. Pay {chama} KES {amount} by {to}. Or shall M-PESA ask again?"
        text = visit.say(words, to=to, **facts)
    return Confirm(text, yes=go(pay, chama=chama, cents=cents), no=go(amount, chama=chama))


@screen
def elsewhere(visit: Visit, cents: int, by_hand: Mapping[str, str]) -> End:
    """On a network without M-PESA: what is typed on another line, or by somebody else."""
    to = visit.say(TO_TILL if "till" in by_hand else TO_PAYBILL, **by_hand)
    words = "This line has no M-PESA. Pay KES {amount} from an M-PESA line: {to}. Our SMS will come. Help: {helpline}"
    return End(visit.say(words, amount=printing.money(cents), to=to, helpline=visit.place.helpline))


@action
def pay(visit: Visit, chama: int, cents: int) -> End | Go:
    """Wishes for the M-PESA prompt; a worker sends it as soon as this screen is gone."""
    mine = visit.her.member_of(chama)
    paybill = shortcodes.of_chama(visit.conn, chama)
    if paybill is None:
        raise LookupError("no paybill is registered")
    wish = pushes.Wish(
        shortcode_id=paybill.id,
        chama_id=chama,
        member_id=mine.member_id,
        payer_id=visit.her.user_id,
        phone=visit.phone,
        amount_cents=cents,
        chama_name=mine.name,
        purpose="contribution",
        wish_key=visit.key,
    )
    try:
        attempt = pushes.wish(visit.conn, wish, at=visit.at, chance=visit.chance)
    except StillWaiting as still:
        return pending.place(visit, still.attempt)
    return End(
        visit.say(
            "Now M-PESA asks: {amount} to {payee}, account {reference}. Enter M-PESA PIN there only. "
            "Paid when our SMS comes. No prompt? Dial again after 2 minutes",
            amount=printing.money(cents),
            payee=printing.payee(paybill.name),
            reference=attempt.account_reference,
        )
    )


def _by_hand(visit: Visit, chama: int, account: str) -> dict[str, str]:
    """Where this chama's money is sent straight to: a paybill with the member's account, or a till."""
    where = shortcodes.of_chama(visit.conn, chama)
    if where is None:
        raise LookupError("no paybill is registered")
    return {"till": where.till_number} if where.till_number else {"paybill": where.number, "account": account}


def whole_shillings(cents: int) -> int:
    """M-PESA moves whole shillings: what is due is rounded up to them."""
    return -(-cents // 100) * 100
