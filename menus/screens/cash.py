"""Cash: an official writes down what she was given, and the member types what she gave, without being shown it."""

from chamas.arriving import cash, cash_claims
from chamas.arriving.cash_claims import CashState, Claim
from chamas.dues import owing
from chamas.members import standing
from chamas.members.access import Action
from chamas.members.refusals import demand
from ledger.words import words
from menus import printing
from menus.dialog import Ask, Confirm, End, Go, List, Option, Row, action, go, guarded_screen, screen
from menus.screens import pin
from menus.visit import Visit


@screen
def member(visit: Visit, chama: int) -> Ask:
    """From whom? Refused at once where no cash can be recorded."""
    here = standing.group(visit.conn, chama_id=chama, user_id=visit.her.user_id)
    demand(here, Action.RECORD_CASH, at=visit.at)
    text = visit.say("{chama}, cash. Type the number of the member who gave it.", chama=printing.chama(here.name))
    return Ask(text, to=go(amount, chama=chama), fill="number", kind="number")


@guarded_screen
def amount(visit: Visit, chama: int, number: int) -> Ask:
    """How much? Whose number it is, is said before; nobody's is refused where it was typed."""
    visit.her.member_of(chama)
    one = owing.fellow(visit.conn, chama, number)
    words = "How much cash did {name} (number {number}) give? Type the amount."
    text = visit.say(words, name=printing.person(one.first_name), number=number)
    return Ask(text, to=go(record, chama=chama, number=number), fill="cents", kind="amount")


@action
def record(visit: Visit, chama: int, number: int, cents: int) -> End:
    """It counts when she has typed the same."""
    claim = cash.record(
        visit.conn, by_user_id=visit.her.user_id, chama_id=chama, number=number, amount_cents=cents, at=visit.at
    )
    return End(
        visit.say(
            "Written: KES {amount} cash from {name}. It counts when {name} types the same amount on the phone. "
            "An SMS asks for it.",
            amount=printing.money(cents),
            name=printing.person(claim.member),
        )
    )


@screen
def given(visit: Visit, claim: int) -> Ask:
    """How much did she give? The official's figure is not shown."""
    one = cash_claims.find(visit.conn, claim)
    text = visit.say(
        "{official} wrote that you paid {chama} CASH on {date}. How much did you give? Type the amount.",
        official=printing.person(one.official),
        chama=printing.chama(one.chama),
        date=printing.date(one.recorded_at),
    )
    none = Option("1", visit.say("I gave no cash"), go(say, claim=claim, cents=0))
    return Ask(text, (none,), shown="back", to=go(say, claim=claim), fill="cents", kind="amount")


@action
def say(visit: Visit, claim: int, cents: int) -> Go | End:
    """The same: her PIN is asked for. Another: nothing is booked, and the other officials are told."""
    one = cash.say(visit.conn, claim, user_id=visit.her.user_id, said_cents=cents, at=visit.at)
    if one.state is CashState.RECORDED:
        # Chosen first, it is asked for when she has dialled again; what she said is asked again then too.
        return go(proof, claim=claim, cents=cents) if visit.her.has_pin else go(pin.choose)
    return End(
        visit.say(
            "You said {amount}. {official} wrote {written}. Nothing is booked. The other officials have been told. "
            "Keep this number: {number}",
            amount=printing.money(cents),
            official=printing.person(one.official),
            written=printing.money(one.amount_cents),
            number=one.id,
        )
    )


@screen
def proof(visit: Visit, claim: int, cents: int, wrong: bool = False, disputed: bool = False) -> Ask:
    """Her PIN, never taken from a dialled string: what follows is an action. What of it is a fine is said before, and
    she can agree to the cash without it."""
    one = cash_claims.find(visit.conn, claim)
    said = {"amount": printing.money(cents), "fine": printing.money(one.fine_cents)}
    if disputed:
        words = "KES {amount} cash; the fine of {fine} is wrong. CHAMA PIN (5 digits) to confirm. Never M-PESA PIN."
    elif one.fine_cents:
        words = "KES {amount} cash, of it a FINE of {fine}. CHAMA PIN (5 digits) to confirm. Never M-PESA PIN."
    else:
        said["official"] = printing.person(one.official)
        words = (
            "KES {amount} cash, same as {official} wrote.\nType your CHAMA PIN (5 digits) to confirm. "
            "Never your M-PESA PIN."
        )
    text = pin.worded(visit, visit.say(words, **said), wrong)
    asks = one.fine_cents and not disputed
    against = Option("1", visit.say("The fine is wrong"), go(proof, claim=claim, cents=cents, disputed=True))
    proven = go(confirm, claim=claim, cents=cents, disputed=disputed)
    return Ask(text, (against,) if asks else (), shown="back", to=proven, fill="typed", kind="pin")


@action
def confirm(visit: Visit, claim: int, cents: int, typed: str, disputed: bool = False) -> Go | End:
    """Booked, with its page and words."""
    if no := pin.objection(visit, typed, again=go(proof, claim=claim, cents=cents, disputed=disputed)):
        return no
    one, posted = cash.confirm(
        visit.conn,
        claim,
        user_id=visit.her.user_id,
        said_cents=cents,
        at=visit.at,
        chance=visit.chance,
        but_not_the_fine=disputed,
    )
    fine = printing.money(one.fine_cents)
    if disputed:
        of_it = "\n" + visit.say("The fine of {fine} is disputed: officials decide.", fine=fine)
    else:
        of_it = "\n" + visit.say("Of it a fine of {fine}.", fine=fine) if one.fine_cents else ""
    return End(
        visit.say(
            "Confirmed: KES {amount} cash to {chama}. Page {page} {words}. Tell nobody your CHAMA PIN.",
            amount=printing.money(cents),
            chama=printing.chama(one.chama),
            page=posted.seq,
            words=words(posted.hash),
        )
        + of_it
    )


@guarded_screen
def unconfirmed(visit: Visit, chama: int, after: int = 0) -> List:
    """For officials: cash that waits for a word or is disputed; never her own, which she must name."""
    visit.her.member_of(chama)
    open_ones = [
        one
        for one in reversed(cash_claims.listed(visit.conn, chama))
        if one.unsettled and one.user_id != visit.her.user_id
    ]
    rows = tuple(Row(one.id, _unconfirmed(visit, one), go(look, claim=one.id)) for one in open_ones)
    return List(visit.say("Cash not confirmed"), rows, go(unconfirmed, chama=chama), after)


def _unconfirmed(visit: Visit, one: Claim) -> str:
    facts = {"name": printing.person(one.member), "amount": printing.money(one.amount_cents)}
    if one.state is CashState.DISPUTED:
        return visit.say("{name}: {amount}, disputed", **facts)
    return visit.say("{name}: {amount}, {date}", date=printing.date(one.recorded_at), **facts)


@guarded_screen
def look(visit: Visit, claim: int) -> Confirm:
    """The last look before it is taken back."""
    one = cash_claims.find(visit.conn, claim)
    visit.her.member_of(one.chama_id)
    text = visit.say(
        "KES {amount} cash of {name}, written by {official} on {date}. "
        "Take it back, and give it back if it is in the box?",
        amount=printing.money(one.amount_cents),
        name=printing.person(one.member),
        official=printing.person(one.official),
        date=printing.date(one.recorded_at),
    )
    return Confirm(text, yes=go(take_back, claim=claim), no=go(unconfirmed, chama=one.chama_id))


@action
def take_back(visit: Visit, claim: int) -> End:
    """Nothing stands of it in the box or in her name."""
    cash.withdraw(visit.conn, claim, by_user_id=visit.her.user_id, at=visit.at, chance=visit.chance)
    return End(visit.say("Taken back. It counts for nobody, and the books hold it in the box no more."))
