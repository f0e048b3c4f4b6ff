"""Money that M-PESA denies, or gave back: an operator asks that it be taken back, an official of the group answers."""

from chamas.approving.approvals import Vote
from chamas.approving.deciders import AlreadyDecided
from chamas.approving.voices import voices_in
from chamas.arriving import taking_back
from menus import printing
from menus.dialog import Ask, End, Go, Menu, Option, action, go, guarded_screen, screen
from menus.locale import msgids
from menus.screens import pin
from menus.visit import Visit
from payments import take_backs
from payments.take_backs import TakeBack

UNKNOWN, RETURNED = msgids(
    "M-PESA does not know {receipt}: KES {amount} of {name}, member {number}. Take back? What it paid is owed again.",
    "M-PESA gave {receipt} back: KES {amount} of {name}, member {number}. Take back? What it paid is owed again.",
)


@guarded_screen
def asked(visit: Visit, wish: int) -> Menu:
    """What an operator asks; M-PESA's own list has said so too."""
    one = _found(visit, wish)
    voices = voices_in(visit.conn, one.chama_id or 0)
    whose = next((voice for voice in voices if voice.member_id == one.member_id), None)
    if whose is None:
        raise AlreadyDecided
    text = visit.say(
        UNKNOWN if one.why == "unknown" else RETURNED,
        receipt=one.receipt,
        amount=printing.money(one.amount_cents),
        name=printing.person(whose.name),
        number=whose.number,
    )
    seen = taking_back.digest_of(one).hex()
    yes = go(proof, wish=wish, seen=seen) if visit.her.has_pin else go(pin.choose)
    return Menu(
        text,
        (
            Option("1", visit.say("Agree"), yes),
            Option("2", visit.say("Refuse"), go(refuse, wish=wish, seen=seen)),
        ),
        shown="back",
    )


@screen
def proof(visit: Visit, wish: int, seen: str, wrong: bool = False) -> Ask:
    """Her PIN, never taken from a dialled string."""
    text = pin.worded(visit, visit.say("Type your CHAMA PIN (5 digits). Never your M-PESA PIN."), wrong)
    return Ask(text, shown="back", to=go(agree, wish=wish, seen=seen), fill="typed", kind="pin")


@action
def agree(visit: Visit, wish: int, seen: str, typed: str) -> Go | End:
    """The second person's yes to what she saw: the worker books it."""
    if no := pin.objection(visit, typed, again=go(proof, wish=wish, seen=seen), decides=True):
        return no
    _decide(visit, wish, Vote.APPROVE, seen)
    return End(visit.say("Agreed. It is taken back within a minute, and she gets an SMS."))


@action
def refuse(visit: Visit, wish: int, seen: str) -> End:
    """It stays where it is."""
    _decide(visit, wish, Vote.REJECT, seen)
    return End(visit.say("Refused. It stays in the books."))


def waiting(visit: Visit) -> list[TakeBack]:
    """What waits for her word in her home chama, if it is not her own money."""
    home = visit.her.memberships[0]
    found = take_backs.waiting(visit.conn, home.chama_id)
    return [one for one in found if visit.her.user_id != one.asked_by and one.member_id != home.member_id]


def _found(visit: Visit, wish: int) -> TakeBack:
    one = next((each for each in waiting(visit) if each.id == wish), None)
    if one is None:
        raise AlreadyDecided
    return one


def _decide(visit: Visit, wish: int, vote: Vote, seen: str) -> None:
    taking_back.decide(visit.conn, _found(visit, wish).id, visit.word(vote, seen))
