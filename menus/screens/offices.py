"""The officials of a chama: who they are, naming a member for an office, recalling one, and the answers of the others.

An official names, and officials decide; any member asks for a recall, and all members decide (chamas/offices.py). Who
is to take an office accepts it here, on her own phone.
"""

from chamas.approving.approvals import NOT_AGREED, Vote
from chamas.approving.voices import by_number, voices_in
from chamas.course import motions, offices
from chamas.course.motions import Motion, MotionKind
from chamas.members.register import Role
from menus import printing
from menus.dialog import Ask, End, Go, Menu, Option, action, go, guarded_screen
from menus.locale import msgids
from menus.motioned import answer_motion
from menus.screens import pin
from menus.visit import Visit

OFFICES = (Role.CHAIRPERSON, Role.TREASURER, Role.SECRETARY)
HELD = msgids("Chairperson: {name}", "Treasurer: {name}", "Secretary: {name}")
FREE = msgids("Chairperson: nobody", "Treasurer: nobody", "Secretary: nobody")
# What somebody asks about an office, as it stands in a path.
NAME, RECALL, REPLACE = "name", "recall", "replace"
# Where two are the whole group.
ALONE = "alone"
ASKED = {
    ALONE: "Name {name} as {role}? {name} must accept.",
    NAME: "Name {name} as {role}? Others must agree, and {name} must accept.",
    RECALL: "Ask that {name} be {role} no more? All members decide.",
    REPLACE: "Ask that {name} follow {other} as {role}? All members decide.",
}
QUESTIONS = {
    "named": "{official} proposes {name} as {role}.",
    "handed": "{official} proposes {name} as {role} instead of {other}.",
    "recalled": "{official} asks that {other} be {role} no more.",
    "replaced": "{official} asks: {name} as {role} instead of {other}. All members decide.",
}


def _said(visit: Visit, role: Role, name: str | None) -> str:
    place = OFFICES.index(role)
    return visit.say(HELD[place], name=printing.person(name)) if name else visit.say(FREE[place])


def _called(visit: Visit, role: Role | None) -> str:
    return visit.say(offices.CALLED[role]) if role else ""


@guarded_screen
def menu(visit: Visit, chama: int) -> Menu:
    """Who holds which office."""
    mine = visit.her.member_of(chama)
    held = offices.holders(voices_in(visit.conn, chama))
    names = {role: held[role].name if role in held else None for role in OFFICES}
    return Menu(
        visit.say("Officials of {chama}", chama=printing.chama(mine.name)),
        tuple(
            Option(str(key), _said(visit, role, names[role]), go(office, chama=chama, role=str(role)))
            for key, role in enumerate(OFFICES, 1)
        ),
    )


@guarded_screen
def office(visit: Visit, chama: int, role: str) -> Menu:
    """One of them, and what she can ask about it."""
    mine, wanted = visit.her.member_of(chama), Role(role)
    held = offices.holders(voices_in(visit.conn, chama)).get(wanted)
    text = _said(visit, wanted, held.name if held else None)
    options: list[Option] = []
    if mine.official:
        options.append(Option("1", visit.say("Name a member"), go(number, chama=chama, role=role, what=NAME)))
    if held is not None:
        alone = go(prove, chama=chama, role=role, what=RECALL) if visit.her.has_pin else go(pin.choose)
        options.append(Option("2", visit.say("Recall"), alone))
        follow = go(number, chama=chama, role=role, what=REPLACE)
        options.append(Option("3", visit.say("Recall, another follows"), follow))
    asked = offices.open_about(visit.conn, chama, wanted)
    if asked is not None:
        yes = motions.agreed(visit.conn, asked)
        text = f"{text}\n{visit.say('Asked: {yes} of {needed} have agreed.', yes=yes, needed=asked.needed)}"
        if asked.asked_by == mine.member_id:
            options.append(Option("4", visit.say("Take it back"), go(take_back, motion=asked.id)))
    return Menu(text, tuple(options))


@guarded_screen
def number(visit: Visit, chama: int, role: str, what: str) -> Ask | Menu:
    """Which member shall have it?"""
    visit.her.member_of(chama)
    if not visit.her.has_pin:
        return Menu(visit.say("Choose a CHAMA PIN first: More, CHAMA PIN."))
    text = visit.say("Who shall be {role}? Type the member number.", role=_called(visit, Role(role)))
    return Ask(text, to=go(prove, chama=chama, role=role, what=what), fill="member", kind="number")


@guarded_screen
def prove(visit: Visit, chama: int, role: str, *, what: str, member: int = 0, wrong: bool = False) -> Ask:
    """The whole of it in a sentence, and her PIN: what follows is an action."""
    visit.her.member_of(chama)
    wanted, voices = Role(role), voices_in(visit.conn, chama)
    held = offices.holders(voices).get(wanted)
    holder = held.name if held else ""
    # She who asks and whom she names.
    question = ALONE if what == NAME and sum(one.decides for one in voices) <= 2 else what
    name = by_number(visit.conn, chama, member).name if member else holder
    text = visit.say(
        ASKED[question],
        name=printing.person(name),
        other=printing.person(holder),
        role=_called(visit, wanted),
    )
    text = pin.worded(visit, f"{text}\n{visit.say('Type your CHAMA PIN (5 digits).')}", wrong)
    to = go(ask, chama=chama, role=role, what=what, member=member)
    return Ask(text, shown="back", to=to, fill="typed", kind="pin")


@action
def ask(visit: Visit, chama: int, role: str, *, what: str, member: int, typed: str) -> Go | End:
    """The others are asked by SMS."""
    again = go(prove, chama=chama, role=role, what=what, member=member)
    if no := pin.objection(visit, typed, again=again, decides=True):
        return no
    by, wanted = visit.her.user_id, Role(role)
    visit.her.member_of(chama)
    if what == NAME:
        made = offices.name(visit.conn, chama, by_user_id=by, number=member, role=wanted, at=visit.at)
        if not made.needed:
            return End(visit.say("Asked. Nobody else has to agree: the member must accept."))
        return End(visit.say("Asked. {count} others decide, and the member must accept.", count=made.needed))
    follows = member if what == REPLACE else None
    made = offices.recall(visit.conn, chama, by_user_id=by, role=wanted, successor=follows, at=visit.at)
    return End(visit.say("Asked. {count} more members must agree within 14 days.", count=made.needed))


@action
def take_back(visit: Visit, motion: int) -> End:
    """She does not ask it any more."""
    mine = visit.her.member_of(motions.by_id(visit.conn, motion).chama_id)
    motions.take_back(visit.conn, motion, by_member_id=mine.member_id, at=visit.at)
    return End(visit.say("Taken back. The officials stay as they are."))


@guarded_screen
def decide(visit: Visit, motion: int) -> Menu:
    """What is asked about an office; whoever is to take it accepts, or not."""
    one = motions.by_id(visit.conn, motion)
    mine = visit.her.member_of(one.chama_id)
    seen = one.digest.hex()
    yes = go(agree, motion=motion, seen=seen) if visit.her.has_pin else go(pin.choose)
    no = go(refuse, motion=motion, seen=seen)
    if offices.sides(one)[0] == mine.member_id:
        words = "You are proposed as {role} of {chama}. It takes the others' yes and yours."
        text = visit.say(words, role=_called(visit, one.role), chama=printing.chama(one.chama))
    else:
        text = _question(visit, one)
    return Menu(text, (Option("1", visit.say("I agree"), yes), Option("2", visit.say("I refuse"), no)))


def _question(visit: Visit, one: Motion) -> str:
    named = one.kind is MotionKind.NAMING
    key = ("handed" if one.other else "named") if named else ("replaced" if one.other else "recalled")
    new, old = (one.name, one.other) if named else (one.other, one.name)
    return visit.say(
        QUESTIONS[key],
        official=printing.person(one.asker),
        name=printing.person(new or ""),
        other=printing.person(old or ""),
        role=_called(visit, one.role),
    )


@guarded_screen
def agree(visit: Visit, motion: int, seen: str, wrong: bool = False) -> Ask:
    """Her PIN: what follows is an action, and never taken from a dialled string."""
    text = visit.say("To say yes type your CHAMA PIN (5 digits). Never your M-PESA PIN.")
    text = pin.worded(visit, text, wrong)
    return Ask(text, shown="back", to=go(agreed, motion=motion, seen=seen), fill="typed", kind="pin")


@action
def agreed(visit: Visit, motion: int, seen: str, typed: str) -> Go | End:
    """Her yes to what she saw; the worker counts it."""
    if no := pin.objection(visit, typed, again=go(agree, motion=motion, seen=seen), decides=True):
        return no
    one = answer_motion(visit, motion, Vote.APPROVE, seen)
    yes = motions.agreed(visit.conn, one)
    return End(visit.say("Your yes is noted: {yes} of {needed}. Everybody hears by SMS.", yes=yes, needed=one.needed))


@action
def refuse(visit: Visit, motion: int, seen: str) -> End:
    """A no needs no PIN: by it nothing changes."""
    answer_motion(visit, motion, Vote.REJECT, seen, NOT_AGREED)
    return End(visit.say("Your no is noted."))
