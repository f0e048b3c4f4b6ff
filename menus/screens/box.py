"""The cash box: what is in it and in whose hands; an official brings it to M-PESA by a prompt on her own phone."""

from chamas.arriving import banking
from chamas.members import standing
from chamas.members.access import Action
from menus import printing
from menus.dialog import Ask, Confirm, End, Go, Menu, Option, action, go, guarded_screen, screen
from menus.screens import contribute
from menus.visit import Visit
from payments import fees, shortcodes
from payments.refusals import MAXIMUM_CENTS, StillWaiting

# As many names with their parts fit beside the rest.
NAMED = 2


@guarded_screen
def look(visit: Visit, chama: int) -> Ask | Menu:
    """Every member hears it; officials can pay it in."""
    mine = visit.her.member_of(chama)
    box = banking.box(visit.conn, chama)
    facts = {"chama": printing.chama(mine.name), "held": printing.money(box.held_cents)}
    lines = [visit.say("{chama}, cash box: KES {held}", **facts)]
    waiting = box.held_cents - box.free_cents
    if waiting > 0:
        lines.append(visit.say("Not confirmed: {waiting}", waiting=printing.money(waiting)))
    if box.held_cents > 0:
        named = box.hands[: NAMED - 1 if waiting > 0 else NAMED]
        hands = [f"{printing.person(name)} {printing.money(cents)}" for name, cents in named]
        lines += [visit.say("In hand: {hands}", hands=", ".join(hands))] if hands else []
    here = standing.group(visit.conn, chama_id=chama, user_id=visit.her.user_id)
    now = min(box.free_cents // 100 * 100, MAXIMUM_CENTS)
    if now <= 0 or Action.BANK_CASH not in here.access(visit.at).actions:
        return Menu("\n".join(lines))
    if visit.mpesa:
        ask = go(confirm, chama=chama)
    else:
        paybill = shortcodes.of_chama(visit.conn, chama)
        by_hand = {"paybill": paybill.number if paybill else "", "account": box.account}
        ask = go(contribute.elsewhere, by_hand=by_hand)
    pay_all = Option("1", visit.say("Pay {amount} in to M-PESA", amount=printing.money(now)), ask.giving(cents=now))
    hint = visit.say("Or type another amount")
    return Ask("\n".join(lines), (pay_all,), shown="back", to=ask, fill="cents", kind="amount", hint=hint)


@screen
def confirm(visit: Visit, chama: int, cents: int) -> Confirm:
    """The last look."""
    text = visit.say(
        "Pay KES {amount} of the cash of {chama} in to M-PESA from this phone? First put it on your own M-PESA. "
        "Fee: KES {fee}",
        amount=printing.money(cents),
        chama=printing.chama(visit.her.member_of(chama).name),
        fee=printing.money(fees.payer_fee_cents(cents)),
    )
    return Confirm(text, yes=go(pay, chama=chama, cents=cents), no=go(look, chama=chama))


@action
def pay(visit: Visit, chama: int, cents: int) -> End | Go:
    """Wishes for the prompt; the books move when M-PESA has proved it."""
    try:
        attempt = banking.bank(
            visit.conn,
            chama,
            by_user_id=visit.her.user_id,
            phone=visit.phone,
            amount_cents=cents,
            wish_key=visit.key,
            at=visit.at,
            chance=visit.chance,
        )
    except StillWaiting as still:
        return contribute.still_waiting(visit, still.attempt)
    return contribute.prompted(visit, attempt)
