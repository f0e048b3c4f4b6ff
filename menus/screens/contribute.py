"""Contribute: how much, for whom, for which chama, is it right, and then M-PESA asks on the same phone.

Before a chama has started the same errand pays a member's deposit.
"""

from collections.abc import Mapping

from chamas.dues import owing
from chamas.members import deposits, standing
from chamas.members.access import Action
from menus import printing
from menus.dialog import (
    LEAST_CENTS,
    Ask,
    Confirm,
    End,
    Go,
    List,
    Menu,
    Option,
    Row,
    action,
    go,
    guarded_screen,
    screen,
)
from menus.locale import msgids
from menus.screens import pending
from menus.visit import Visit
from payments import fees, pushes, shortcodes, unanswered
from payments.attempts import Attempt
from payments.refusals import MAXIMUM_CENTS, StillWaiting

TO_PAYBILL, TO_TILL = msgids("paybill {paybill}, account {account}", "till {till}")


@screen
def amount(visit: Visit, chama: int) -> Ask | Menu:
    """What is due, to be paid with one key; any other amount is typed."""
    mine = visit.her.member_of(chama)
    name = printing.chama(mine.name)
    others = (Option("3", visit.say("Another chama"), go(which)),) if len(visit.her.memberships) > 1 else ()
    if not mine.contributes:
        hers = deposit_due(visit, chama)
        label = visit.say("Deposit {amount}", amount=printing.money(hers.missing_cents)) if hers else ""
        due = (Option("4", label, go(deposit, chama=chama)),) if hers else ()
        return Menu(visit.say("{chama}: nothing is asked for now.", chama=name), (*due, *others), shown="back")
    dues = owing.dues(visit.conn, mine.member_id, visit.at)
    if not visit.mpesa:
        ask = go(elsewhere, by_hand=_by_hand(visit, chama, dues.account))
    elif unanswered.twice(visit.conn, phone=visit.phone, at=visit.at):
        ask = go(confirm, chama=chama, by_hand=_by_hand(visit, chama, dues.account))
    else:
        ask = go(confirm, chama=chama)
    others = (Option("2", visit.say("Pay for somebody else"), go(whom, chama=chama)), *others)
    owed = whole_shillings(dues.owed_cents)
    if owed > 0:
        now = min(owed, MAXIMUM_CENTS)
        text = visit.say("{chama}, due {due}", chama=name, due=printing.money(owed))
        # What she chose by a key is taught as a code; what she typed is repeated on no screen that Redis keeps.
        known = go(confirm, chama=chama, cents=now, chosen=True) if "by_hand" not in ask.args else ask.giving(cents=now)
        pay_due = Option("1", visit.say("Pay {amount}", amount=printing.money(now)), known)
        options, hint = (pay_due, *others), visit.say("Or type another amount")
    else:
        text = visit.say("{chama}: nothing is due. What you pay now is kept for the next round.", chama=name)
        options, hint = others, visit.say("Type an amount, {least} or more", least=printing.money(LEAST_CENTS))
    return Ask(text, options, shown="back", to=ask, fill="cents", kind="amount", hint=hint)


@screen
def which(visit: Visit, after: int = 0) -> List:
    """Her chamas, when she has several."""
    rows = tuple(
        Row(place, printing.chama(mine.name), go(amount, chama=mine.chama_id))
        for place, mine in enumerate(visit.her.memberships, 1)
    )
    return List(visit.say("My chamas"), rows, go(which), after)


@screen
def deposit(visit: Visit, chama: int) -> Ask | Menu:
    """A chama that has not started takes her deposit, if it asks for one; whatever comes fills that first."""
    mine = visit.her.member_of(chama)
    name = printing.chama(mine.name)
    hers = deposit_due(visit, chama)
    if hers is None:
        return Menu(visit.say("{chama}: nothing is asked for now.", chama=name))
    account = owing.dues(visit.conn, mine.member_id, visit.at).account
    if not visit.mpesa:
        ask = go(elsewhere, by_hand=_by_hand(visit, chama, account))
    elif unanswered.twice(visit.conn, phone=visit.phone, at=visit.at):
        ask = go(confirm, chama=chama, by_hand=_by_hand(visit, chama, account))
    else:
        ask = go(confirm, chama=chama)
    due, paid = printing.money(hers.due_cents), printing.money(hers.paid_cents)
    text = visit.say("{chama}: deposit {due}, paid {paid}", chama=name, due=due, paid=paid)
    now = min(hers.missing_cents, MAXIMUM_CENTS)
    pay_all = Option("1", visit.say("Pay {amount}", amount=printing.money(now)), ask.giving(cents=now))
    hint = visit.say("Or type another amount")
    return Ask(text, (pay_all,), shown="back", to=ask, fill="cents", kind="amount", hint=hint)


def deposit_due(visit: Visit, chama: int) -> deposits.Deposit | None:
    """Her deposit, when some of it is missing and the chama takes it."""
    hers = deposits.of_member(visit.conn, chama, visit.her.member_of(chama).member_id)
    if hers is None or not hers.missing_cents:
        return None
    here = standing.group(visit.conn, chama_id=chama, user_id=visit.her.user_id)
    return hers if here.access(visit.at).may(Action.PAY_DEPOSIT) else None


@screen
def whom(visit: Visit, chama: int) -> Ask:
    """Whose turn to be paid for: by her number, which stands in every list of members."""
    visit.her.member_of(chama)
    text = visit.say("Pay for whom? Type the member number. It is in the list of who has paid.")
    return Ask(text, shown="back", to=go(other, chama=chama), fill="number", kind="number")


@guarded_screen
def other(visit: Visit, chama: int, number: int) -> Ask:
    """What another member owes, to be paid from this phone."""
    visit.her.member_of(chama)
    one = owing.fellow(visit.conn, chama, number)
    dues = owing.dues(visit.conn, one.member_id, visit.at)
    if not visit.mpesa:
        ask = go(elsewhere, by_hand=_by_hand(visit, chama, dues.account))
    elif unanswered.twice(visit.conn, phone=visit.phone, at=visit.at):
        ask = go(confirm, chama=chama, number=number, by_hand=_by_hand(visit, chama, dues.account))
    else:
        ask = go(confirm, chama=chama, number=number)
    owed = whole_shillings(dues.owed_cents)
    facts = {"name": printing.person(one.first_name), "number": number, "due": printing.money(owed)}
    text = visit.say("{name} (number {number}), due {due}", **facts)
    if not owed:
        hint = visit.say("Type an amount, {least} or more", least=printing.money(LEAST_CENTS))
        return Ask(text, shown="back", to=ask, fill="cents", kind="amount", hint=hint)
    now = min(owed, MAXIMUM_CENTS)
    pay_due = Option("1", visit.say("Pay {amount}", amount=printing.money(now)), ask.giving(cents=now))
    hint = visit.say("Or type another amount")
    return Ask(text, (pay_due,), shown="back", to=ask, fill="cents", kind="amount", hint=hint)


@screen
def confirm(
    visit: Visit,
    chama: int,
    cents: int,
    *,
    number: int = 0,
    chosen: bool = False,
    by_hand: Mapping[str, str] | None = None,
) -> Confirm:
    """The last look: amount, chama, for whom (a member's number, 0 for herself), what it settles, M-PESA's charge.

    What was `chosen` and not typed is taught as a code for the next time.

    After two prompts that nobody answered she is told how to pay `by_hand`, without one: digits only.
    """
    mine = visit.her.member_of(chama)
    facts = {"chama": printing.chama(mine.name), "amount": printing.money(cents)}
    if by_hand is None:
        member_id = mine.member_id
        if number:
            one = owing.fellow(visit.conn, chama, number)
            member_id, facts["name"] = one.member_id, printing.person(one.first_name)
        if not number:
            lines = [visit.say("Pay KES {amount} to {chama} from this phone?", **facts)]
        else:
            lines = [visit.say("Pay KES {amount} to {chama} for {name} from this phone?", **facts)]
        if mine.contributes:
            lines += _split(visit, owing.dues(visit.conn, member_id, visit.at).split(cents))
        lines.append(visit.say("M-PESA fee: KES {fee}", fee=printing.money(fees.payer_fee_cents(cents))))
        text = "\n".join(lines)
    else:
        to = visit.say(TO_TILL if "till" in by_hand else TO_PAYBILL, **by_hand)
        words = "M-PESA got no answer here twice. Pay {chama} KES {amount} by {to}. Or shall M-PESA ask again?"
        text = visit.say(words, to=to, **facts)
    # The code leads to her home chama, and pays for herself.
    hers = chama == visit.her.memberships[0].chama_id and not number and by_hand is None and chosen
    return Confirm(
        text,
        yes=go(pay, chama=chama, cents=cents, number=number),
        no=go(amount, chama=chama),
        quick=f"1*{cents // 100}" if hers and mine.contributes else "",
    )


def _split(visit: Visit, split: owing.Split) -> list[str]:
    """What the money settles, when it is more than the open round."""
    if split.plain:
        return []
    parts = (
        (split.fines_cents, visit.say("fine {cents}", cents=printing.money(split.fines_cents))),
        (split.loans_cents, visit.say("loan {cents}", cents=printing.money(split.loans_cents))),
        (split.arrears_cents, visit.say("arrears {cents}", cents=printing.money(split.arrears_cents))),
        (split.this_round_cents, visit.say("this round {cents}", cents=printing.money(split.this_round_cents))),
        (split.credit_cents, visit.say("next {cents}", cents=printing.money(split.credit_cents))),
    )
    return [visit.say("For {parts}", parts=", ".join(text for cents, text in parts if cents))]


@screen
def elsewhere(visit: Visit, cents: int, by_hand: Mapping[str, str]) -> End:
    """On a network without M-PESA: what is typed on another line, or by somebody else."""
    to = visit.say(TO_TILL if "till" in by_hand else TO_PAYBILL, **by_hand)
    words = "This line has no M-PESA. Pay KES {amount} from an M-PESA line: {to}. Our SMS will come. Help: {helpline}"
    return End(visit.say(words, amount=printing.money(cents), to=to, helpline=visit.place.helpline))


@action
def pay(visit: Visit, chama: int, cents: int, number: int = 0) -> End | Go:
    """Wishes for the M-PESA prompt; a worker sends it as soon as this screen is gone. Whoever it is paid for, it is the
    phone that dialled which is asked.
    """
    mine = visit.her.member_of(chama)
    member_id = owing.fellow(visit.conn, chama, number).member_id if number else mine.member_id
    return ask_mpesa(visit, chama, member_id, cents, purpose="contribution" if mine.contributes else "deposit")


def ask_mpesa(visit: Visit, chama: int, member_id: int, cents: int, *, purpose: str) -> End | Go:
    """The prompt for so much, once per turn; only for an action."""
    mine = visit.her.member_of(chama)
    paybill = shortcodes.of_chama(visit.conn, chama)
    if paybill is None:
        raise LookupError("no paybill is registered")
    wish = pushes.Wish(
        shortcode_id=paybill.id,
        chama_id=chama,
        member_id=member_id,
        payer_id=visit.her.user_id,
        phone=visit.phone,
        amount_cents=cents,
        chama_name=mine.name,
        purpose=purpose,
        wish_key=visit.key,
    )
    try:
        attempt = pushes.wish(visit.conn, wish, at=visit.at, chance=visit.chance)
    except StillWaiting as still:
        return still_waiting(visit, still.attempt)
    return prompted(visit, attempt)


def still_waiting(visit: Visit, attempt: Attempt) -> End | Go:
    """Another prompt is on this phone already."""
    if attempt.payer_id != visit.her.user_id:
        # What others pay from a shared phone is theirs to see.
        return End(visit.say("M-PESA still asks for another payment on this phone. Try again after 2 minutes."))
    return pending.place(visit, attempt)


def prompted(visit: Visit, attempt: Attempt) -> End:
    """What will show on this phone in a moment, to be compared with what does."""
    paybill = shortcodes.of_chama(visit.conn, attempt.chama_id)
    if paybill is None:
        raise LookupError("no paybill is registered")
    return End(
        visit.say(
            "Now M-PESA asks: {amount} to {payee}, account {reference}. Enter M-PESA PIN there only. "
            "Paid when our SMS comes. No prompt? Dial again after 2 minutes",
            amount=printing.money(attempt.amount_cents),
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
