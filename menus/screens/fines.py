"""Fines: a member hears hers and says that one is wrong; officials waive it, two of them, or say that it stands."""

from chamas.approving.approvals import NOT_AGREED, Vote, Word
from chamas.dues import penalties
from chamas.dues.penalties import Penalty, PenaltyState
from chamas.members.refusals import NotYourFine
from menus import printing
from menus.dialog import Ask, End, Go, List, Menu, Option, Row, action, go, guarded_screen
from menus.locale import msgids
from menus.screens import pin
from menus.visit import Visit

STATES = dict(zip(PenaltyState, msgids("to be paid", "disputed", "paid off", "waived"), strict=True))
# Numbered like WAIVER_REASONS of penalties.py, and never otherwise.
REASONS = msgids("Paid in time", "Had a good reason", "The group agreed", "Something else")


def _line(visit: Visit, one: Penalty) -> str:
    said = {"amount": printing.money(one.due_cents), "round": one.round_number, "state": visit.say(STATES[one.state])}
    return visit.say("KES {amount}, round {round}: {state}", **said)


@guarded_screen
def own(visit: Visit, chama: int, after: int = 0) -> List | Menu:
    """What she can decide on in this chama, then her own fines, newest first."""
    mine = visit.her.member_of(chama)
    found = penalties.of_member(visit.conn, mine.member_id)
    others = len(penalties.to_decide(visit.conn, chama, mine.member_id, at=visit.at))
    if not (found or others):
        return Menu(visit.say("{chama}: you have no fine.", chama=printing.chama(mine.name)))
    rows = tuple(
        Row(place, _line(visit, one), go(hers, chama=chama, fine=one.id)) for place, one in enumerate(found, 2)
    )
    if others:
        rows = (Row(1, visit.say("Fines to decide ({count})", count=others), go(waiting, chama=chama)), *rows)
    return List(visit.say("Fines"), rows, go(own, chama=chama), after)


@guarded_screen
def hers(visit: Visit, chama: int, fine: int) -> Menu:
    """One of them, why she has it, and what she can say."""
    mine = visit.her.member_of(chama)
    one = next((each for each in penalties.of_member(visit.conn, mine.member_id) if each.id == fine), None)
    if one is None:
        raise NotYourFine
    words = "Fine KES {amount}: round {round} was not paid in time. Paid of it: {paid}. It is {state}."
    if one.of_loan:
        words = "Fine KES {amount}: a part of your loan was late. Paid of it: {paid}. It is {state}."
    if one.in_cash:
        words = "Fine KES {amount} in cash at a meeting, round {round}. Paid of it: {paid}. It is {state}."
    text = visit.say(
        words,
        amount=printing.money(one.due_cents),
        round=one.round_number,
        paid=printing.money(one.paid_cents),
        state=visit.say(STATES[one.state]),
    )
    if one.state is not PenaltyState.DUE:
        return Menu(text)
    return Menu(text, (Option("1", visit.say("This is wrong"), go(dispute, chama=chama, fine=fine)),))


@action
def dispute(visit: Visit, chama: int, fine: int) -> End:
    """Until officials have looked no money of hers goes to it."""
    penalties.dispute(visit.conn, fine, member_id=visit.her.member_of(chama).member_id, at=visit.at)
    return End(visit.say("The officials are told. Until they decide you need not pay this fine."))


@guarded_screen
def waiting(visit: Visit, chama: int, after: int = 0) -> List | Menu:
    """What she can decide on, disputed ones first."""
    mine = visit.her.member_of(chama)
    found = penalties.to_decide(visit.conn, chama, mine.member_id, at=visit.at)
    if not found:
        return Menu(visit.say("No request waits for your answer."))
    rows = tuple(
        Row(place, f"{printing.person(one.name)} {_line(visit, one)}", go(decide, fine=one.id))
        for place, one in enumerate(found, 1)
    )
    return List(visit.say("Fines to decide ({count})", count=len(found)), rows, go(waiting, chama=chama), after)


@guarded_screen
def decide(visit: Visit, fine: int) -> Menu:
    """Whose, how much, and what was asked."""
    one = penalties.by_id(visit.conn, fine)
    visit.her.member_of(one.chama_id)
    text = visit.say(
        "Fine KES {amount} of {name}, round {round}: {state}.",
        amount=printing.money(one.due_cents),
        name=printing.person(one.name),
        round=one.round_number,
        state=visit.say(STATES[one.state]),
    )
    stands = Option("2", visit.say("The fine stands"), go(uphold, fine=fine, seen=one.digest.hex()))
    if one.asked_by is None:
        waive = Option("1", visit.say("Ask to waive it"), go(why, fine=fine))
        return Menu(text, (waive, stands) if one.state is PenaltyState.DISPUTED else (waive,))
    asked = visit.say("An official asks to waive it: {reason}.", reason=visit.say(REASONS[(one.reason or 4) - 1]))
    yes = go(prove, fine=fine, seen=one.digest.hex()) if visit.her.has_pin else go(pin.choose)
    return Menu(f"{text} {asked}", (Option("3", visit.say("Waive it"), yes), stands))


@guarded_screen
def why(visit: Visit, fine: int) -> Menu:
    """Reasons are numbered."""
    return Menu(
        visit.say("Why waive it?"),
        tuple(
            Option(str(number), visit.say(reason), go(ask, fine=fine, reason=number))
            for number, reason in enumerate(REASONS, 1)
        ),
    )


@action
def ask(visit: Visit, fine: int, reason: int) -> End:
    """Another one has to agree."""
    one = penalties.by_id(visit.conn, fine)
    hers_in_it = visit.her.member_of(one.chama_id).member_id
    penalties.ask_waiver(visit.conn, fine, by_member_id=hers_in_it, reason=reason, at=visit.at)
    return End(visit.say("Asked. Another official of {chama} has to agree: More, Rules.", chama=_name(visit, one)))


@guarded_screen
def prove(visit: Visit, fine: int, seen: str, wrong: bool = False) -> Ask:
    """Her PIN, never taken from a dialled string: what follows is an action."""
    text = visit.say("To waive the fine type your CHAMA PIN (5 digits). Never your M-PESA PIN.")
    text = pin.worded(visit, text, wrong)
    return Ask(text, shown="back", to=go(agree, fine=fine, seen=seen), fill="typed", kind="pin")


@action
def agree(visit: Visit, fine: int, seen: str, typed: str) -> Go | End:
    """Her yes to what was on her screen."""
    if no := pin.objection(visit, typed, again=go(prove, fine=fine, seen=seen), decides=True):
        return no
    _answer(visit, fine, visit.word(Vote.APPROVE, seen))
    return End(visit.say("Waived. What was paid of it goes back to the member, who is told."))


@action
def uphold(visit: Visit, fine: int, seen: str) -> End:
    """It stands: nothing leaves her account by that, so that her phone is proof enough."""
    _answer(visit, fine, visit.word(Vote.REJECT, seen, NOT_AGREED))
    return End(visit.say("The fine stands. The member is told."))


def _answer(visit: Visit, fine: int, word: Word) -> None:
    visit.her.member_of(penalties.by_id(visit.conn, fine).chama_id)
    penalties.answer(visit.conn, fine, word)


def _name(visit: Visit, one: Penalty) -> str:
    return printing.chama(visit.her.member_of(one.chama_id).name)
