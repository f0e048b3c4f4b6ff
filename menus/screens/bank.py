"""The group's bank: which account it is, naming another one, and asking that money be brought there.

Two officials name the account under their PINs (run.py has the second one), and everybody is told. Money goes there as
any payout does: others agree, everybody is told, it waits, and members can stop it.
"""

from chamas.course import orders
from chamas.course.orders import OrderKind
from chamas.members import standing
from chamas.members.access import Action
from chamas.payouts import asking, banks
from chamas.payouts.asking import NoBank
from menus import printing
from menus.dialog import Ask, Confirm, End, Go, Menu, Option, action, go, guarded_screen, screen
from menus.screens import pin
from menus.visit import Visit
from payments.charges import cost


@guarded_screen
def look(visit: Visit, chama: int) -> Menu:
    """Every member hears it; officials change it, and ask that money be brought there."""
    mine = visit.her.member_of(chama)
    bank = banks.of_chama(visit.conn, chama)
    facts = {"chama": printing.chama(mine.name)}
    text = visit.say("{chama} has named no bank account.", **facts)
    if bank is not None:
        text = visit.say(
            "Bank of {chama}: paybill {paybill}, account {account}, since {day}",
            **facts,
            paybill=bank.paybill,
            account=bank.account,
            day=printing.date(bank.since),
        )
    here = standing.group(visit.conn, chama_id=chama, user_id=visit.her.user_id)
    may = here.access(visit.at).actions
    options: list[Option] = []
    if bank is not None and Action.APPROVE in may:
        options.append(Option("1", visit.say("Bring money there"), go(amount, chama=chama)))
    if Action.NAME_OFFICIALS in may:
        options.append(Option("2", visit.say("Name another account"), go(paybill, chama=chama)))
    return Menu(text, tuple(options))


@screen
def paybill(visit: Visit, chama: int) -> Ask:
    """The bank's number at M-PESA."""
    text = visit.say("Type the paybill of the bank, 5 to 7 digits.")
    return Ask(text, to=go(account, chama=chama), fill="paybill", kind="paybill")


@screen
def account(visit: Visit, chama: int, paybill: str) -> Ask:
    """The group's own number there."""
    named = _named(visit, chama, paybill)
    text = visit.say("Paybill {paybill}: type the account number of {chama} at that bank.", **named)
    return Ask(text, to=go(proof, chama=chama, paybill=paybill), fill="account", kind="account")


@screen
def proof(visit: Visit, chama: int, paybill: str, account: str, wrong: bool = False) -> Ask | Menu:
    """Her PIN: money of the group may go there."""
    if not visit.her.has_pin:
        return Menu(visit.say("Choose a CHAMA PIN first: More, CHAMA PIN."))
    asked = visit.say(
        "Bank of {chama}: paybill {paybill}, account {account}? Another official must agree.",
        **_named(visit, chama, paybill),
        account=account,
    )
    text = pin.worded(visit, f"{asked}\n{visit.say('Type your CHAMA PIN (5 digits).')}", wrong)
    to = go(name, chama=chama, paybill=paybill, account=account)
    return Ask(text, shown="back", to=to, fill="typed", kind="pin")


@action
def name(visit: Visit, chama: int, paybill: str, account: str, typed: str) -> Go | End:
    """Asked; it counts when another official agrees."""
    again = go(proof, chama=chama, paybill=paybill, account=account)
    if no := pin.objection(visit, typed, again=again, decides=True):
        return no
    told = orders.ask(
        visit.conn,
        chama,
        OrderKind.BANK,
        by_user_id=visit.her.user_id,
        at=visit.at,
        bank=(paybill, account),
    )
    if (told.paybill, told.account) != (paybill, account):
        return End(
            visit.say(
                "Another account waits already: paybill {paybill}, account {account}. Agree to it, or wait 7 days.",
                paybill=told.paybill,
                account=told.account,
            )
        )
    return End(
        visit.say("Another official must agree within 7 days: Office, Run the chama. Then all members are told.")
    )


@screen
def amount(visit: Visit, chama: int) -> Ask:
    """How much; its charge comes on top."""
    text = visit.say("How much of {chama} to the bank? Type the amount.", chama=_chama(visit, chama))
    return Ask(text, to=go(confirm, chama=chama), fill="cents", kind="amount")


@screen
def confirm(visit: Visit, chama: int, cents: int) -> Confirm:
    """The last look, with where it goes and what it costs."""
    bank = banks.of_chama(visit.conn, chama)
    if bank is None or visit.banking is None:
        raise NoBank
    text = visit.say(
        "Ask for KES {amount} to paybill {paybill}, account {account}? M-PESA fee {fee}, paid by the group.",
        amount=printing.money(cents),
        paybill=bank.paybill,
        account=bank.account,
        fee=printing.money(cost(cents, visit.banking).charge_cents),
    )
    return Confirm(text, yes=go(send, chama=chama, cents=cents, bank=bank.id), no=go(look, chama=chama))


@action
def send(visit: Visit, chama: int, cents: int, bank: int) -> End:
    """Asked, for exactly the account that she saw; others are told that their voice is needed."""
    now = banks.of_chama(visit.conn, chama)
    if now is None or now.id != bank:
        raise NoBank
    one = asking.ask_to_bank(
        visit.conn,
        asker_member_id=visit.her.member_of(chama).member_id,
        amount_cents=cents,
        at=visit.at,
        bands=visit.banking,
    )
    return End(
        visit.say(
            "Asked: KES {amount} to the bank. {needed} others must say yes; they are told by SMS. Number {number}",
            amount=printing.money(cents),
            needed=one.needed,
            number=one.id,
        )
    )


def _named(visit: Visit, chama: int, paybill: str) -> dict[str, object]:
    return {"chama": _chama(visit, chama), "paybill": paybill}


def _chama(visit: Visit, chama: int) -> str:
    return printing.chama(visit.her.member_of(chama).name)
