"""Leaving the chama: what it means in shillings and turns, asking, taking it back; and the answers of the others."""

from chamas.approving.approvals import NOT_AGREED, Vote
from chamas.course import leaving, motions
from chamas.course.leaving import Terms
from chamas.course.motions import How, MotionKind, MotionState
from menus import printing
from menus.dialog import Ask, End, Go, Menu, Option, action, go, guarded_screen
from menus.motioned import answer_motion
from menus.screens import pin, place
from menus.visit import Visit


@guarded_screen
def menu(visit: Visit, chama: int) -> Menu:
    """What leaving would mean today, or how far it has come."""
    mine = visit.her.member_of(chama)
    asked = motions.open_about(visit.conn, mine.member_id, MotionKind.EXIT)
    if asked is not None and asked.state is MotionState.ASKED:
        yes = motions.agreed(visit.conn, asked)
        text = visit.say("You asked to leave. {yes} of {needed} others have agreed.", yes=yes, needed=asked.needed)
        return Menu(text, (Option("2", visit.say("I stay"), go(stay, motion=asked.id)),))
    means = leaving.terms(visit.conn, mine.member_id)
    if asked is not None:
        text = visit.say("It is agreed that you leave.")
        return Menu(f"{text} {_hers(visit, means, going=asked.how)}")
    ask = go(prove, chama=chama) if visit.her.has_pin else go(pin.choose)
    text = f"{visit.say('If you leave now:')} {_hers(visit, means)}"
    give = Option("3", visit.say("Give my place"), go(place.menu, chama=chama))
    # The longest amounts leave no room for the way home.
    return Menu(text, (Option("1", visit.say("Ask to leave"), ask), give), shown="back")


def _hers(visit: Visit, means: Terms, going: How | None = None) -> str:
    """What it means for her. When it is agreed on, it went by how she stood then."""
    facts = {"now": printing.money(means.now_cents), "later": printing.money(means.later_cents)}
    owed = printing.money(means.owed_cents)
    match going or means.how:
        case How.AT_ONCE:
            text = visit.say("you get back KES {now} less M-PESA's charge.", **facts)
        case How.BEFORE_TURN:
            words = "KES {now} now, KES {later} at your turn, less M-PESA's charge. You pay no more."
            text = visit.say(words, **facts)
        case _:
            words = "rounds to pay: {count}, then KES {later} comes back less M-PESA's charge."
            text = visit.say(words, count=means.rounds_left, **facts)
            if means.deposit_cents and not means.owed_cents:
                text = f"{text} {visit.say('What you do not pay your deposit pays.')}"
    return f"{text} {visit.say('You owe KES {owed}.', owed=owed)}" if means.owed_cents else text


@guarded_screen
def prove(visit: Visit, chama: int, wrong: bool = False) -> Ask:
    """Her PIN: what follows is an action."""
    text = visit.say("To ask to leave the chama type your CHAMA PIN (5 digits). Never your M-PESA PIN.")
    return Ask(pin.worded(visit, text, wrong), shown="back", to=go(ask, chama=chama), fill="typed", kind="pin")


@action
def ask(visit: Visit, chama: int, typed: str) -> Go | End:
    """Others are asked by SMS."""
    if no := pin.objection(visit, typed, again=go(prove, chama=chama)):
        return no
    visit.her.member_of(chama)
    made = leaving.ask(visit.conn, chama, by_user_id=visit.her.user_id, at=visit.at)
    return End(visit.say("Asked. {count} others must agree. Until then you are a member as before.", count=made.needed))


@action
def stay(visit: Visit, motion: int) -> End:
    """She does not want to leave any more."""
    mine = visit.her.member_of(motions.by_id(visit.conn, motion).chama_id)
    motions.take_back(visit.conn, motion, by_member_id=mine.member_id, at=visit.at)
    return End(visit.say("Good: you stay a member."))


@guarded_screen
def decide(visit: Visit, motion: int) -> Menu:
    """Who wants to leave, and what it means for the group."""
    one = motions.by_id(visit.conn, motion)
    visit.her.member_of(one.chama_id)
    means = leaving.terms(visit.conn, one.member_id)
    facts = {"name": printing.person(one.name), "now": printing.money(means.now_cents)}
    match one.how:
        case How.AFTER_TURN:
            words = "{name} wants to leave; that turn has come already. Rounds still to pay: {count}."
            text = visit.say(words, count=means.rounds_left, **facts)
        case How.BEFORE_TURN:
            words = (
                "{name} wants to leave. KES {now} goes back now, KES {later} in the round of that turn, "
                "less M-PESA's charge."
            )
            text = visit.say(words, later=printing.money(means.later_cents), **facts)
        case _:
            text = visit.say("{name} wants to leave. KES {now} goes back less M-PESA's charge.", **facts)
    seen = one.digest.hex()
    yes = go(agree, motion=motion, seen=seen) if visit.her.has_pin else go(pin.choose)
    return Menu(
        text,
        (
            Option("1", visit.say("I agree"), yes),
            Option("2", visit.say("I refuse"), go(refuse, motion=motion, seen=seen)),
        ),
    )


@guarded_screen
def agree(visit: Visit, motion: int, seen: str, wrong: bool = False) -> Ask:
    """Her PIN: what follows is an action, and never taken from a dialled string."""
    text = visit.say("To agree type your CHAMA PIN (5 digits). Never your M-PESA PIN.")
    text = pin.worded(visit, text, wrong)
    return Ask(text, shown="back", to=go(agreed, motion=motion, seen=seen), fill="typed", kind="pin")


@action
def agreed(visit: Visit, motion: int, seen: str, typed: str) -> Go | End:
    """Her yes to what she saw; the worker counts it."""
    if no := pin.objection(visit, typed, again=go(agree, motion=motion, seen=seen), decides=True):
        return no
    one = answer_motion(visit, motion, Vote.APPROVE, seen)
    yes = motions.agreed(visit.conn, one)
    return End(visit.say("You agreed, {yes} of {needed}. Everybody hears by SMS.", yes=yes, needed=one.needed))


@action
def refuse(visit: Visit, motion: int, seen: str) -> End:
    """One no is enough, and needs no PIN: everything stays as it is."""
    answer_motion(visit, motion, Vote.REJECT, seen, NOT_AGREED)
    return End(visit.say("You refused. Everything stays as it is."))
