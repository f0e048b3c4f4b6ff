"""One turn of a conversation: `hear(session, answer, visit) -> (session, reply)`, data in and data out.

Theory of operation. A session is the place where the member stands (`path`, the last one is on her screen) and the
places behind what the screen showed (`choices`, `typed`). An answer picks one of them; the screen there is made by
calling its function; what it returns is shown and becomes the next session. Nothing is kept here between turns: the
gateway stores sessions, and one that is lost is found again by walking through the text of all answers (`begin`),
which is also how a dialled-ahead string gets where it leads. A walk reads; it never acts. It stops before an action
that is not on record, on the screen that asks for it, or at an answer that leads nowhere, and says so; the answers
that are left over are not used.

A session that was cut off is offered again at the next empty dial (`left_at`): the place, never an answer to it. Where
something was done there is nothing to go back to.

The same text may be heard twice otherwise: first answer by answer, or from an offer that is lost by now, and then in a
walk that stops where it does not know its way. A network that delivers old turns once more would then answer a question
with what was said to another one. So a walk that leaves answers behind, and an answer to an offer that is not there,
are kept on record as well: whatever is asked for later in such a session is not done, and she is told to dial again.
What was dialled ahead of a prompt that was still out is on record too, and is walked through by no later turn.

An action runs through `visit.deeds.once`, which does it at most once per (session, answer number, text) however often
the network repeats the turn. A screen never writes. What a rule says no to is undone and said above the same screen.
"""

from dataclasses import replace
from typing import Literal

from ledger.refusals import Refusal
from menus import answers as answering
from menus import steps
from menus.dialog import ROOMS, End, Go, Menu, go, name_of
from menus.screens import announced, confirm, home, messages, pending, resume
from menus.steps import Reply, Session
from menus.visit import Outcome, Visit

Left = tuple[Go, ...] | Literal["as before"] | None

# Beside the answers of a session, which are numbered from 1: that it has lost its way.
ASTRAY = (0, "")
# The same, that it was dialled ahead of a prompt that was still out.
AHEAD = (0, "ahead")


# Who has read what she asked for hangs up: that is no drop, her next dial wants the menu. A PIN is never gone back to.
NOTHING_BEGUN = frozenset(
    {
        "home",
        "pending",
        "announced",
        "pin",
        "forgotten",
        "vouch",
        "balance",
        "paid",
        "more",
        "language",
        "messages",
        "mine",
        "confirm",
        "who",
    }
)

# The same of single screens, where other screens of the errand ask for something.
READ = frozenset(
    {
        "check.recent",
        "check.payment",
        "check.on_page",
        "check.under_code",
        "check.unmatched",
        "turn.menu",
        "turn.whole",
        "rules.heard",
        "requests.waiting",
        "stopped.listed",
        "stopped.why",
        "payout.coming",
        "meetings.ahead",
        "meetings.last",
        "box.look",
    }
)


def begin(visit: Visit, text: str = "") -> tuple[Session, Reply]:
    """The first turn of a session, or one whose session is lost: `text` holds all answers so far."""
    said = answering.split(text)
    start = home.door(visit)
    empty = Session(visit.caller, visit.language, (start,), {}, None, 0)
    if said and (outcome := visit.deeds.recorded(len(said), text)):
        return steps.shown(*steps.follow(replace(empty, hop=len(said), done=True), outcome, visit))
    if stopped := _stopped(empty, visit, said):
        return stopped
    # Money that is about to leave before anything else: what is said next time may be said too late.
    if not said and (news := announced.notice_for(visit) or messages.notice_for(visit) or confirm.notice_for(visit)):
        return steps.shown(*steps.enter(empty, news, visit))
    if visit.left and not said:
        return steps.shown(*steps.enter(empty, go(resume.offer, path=visit.left), visit))
    session, dialog, here = steps.enter(empty, start, visit)
    return _walk(session, dialog, here, said, "")


def _stopped(empty: Session, visit: Visit, said: list[str]) -> tuple[Session, Reply] | None:
    """Where a prompt of hers stops her, or did when the string was dialled; None for who has none out.

    With the prompt ended and the session lost, the digits that were not used would lead to a question about money, and
    what she says to the notice, which the phone still shows, would answer it.
    """
    ahead = visit.deeds.recorded(*AHEAD) if said else None
    if isinstance(ahead, Go):
        args = dict(ahead.args)
        before = said[: args.pop("unused")]
        here = steps.enter(replace(empty, hop=len(before)), ahead._replace(args=args), visit)
        if len(said) == len(before):
            return steps.shown(*here, unused=len(said))
        return _walk(*here, said[len(before) :], f"{answering.join(before)}*")
    notice = pending.notice_for(visit)
    if notice is None:
        return None
    if said:
        visit.deeds.decline(*AHEAD, notice._replace(args={**notice.args, "unused": len(said)}))
    return steps.shown(*steps.enter(replace(empty, hop=len(said)), notice, visit), unused=len(said))


def left_at(session: Session, reply: Reply) -> Left:
    """Where she may go on after a drop: a path, None for nowhere, and "as before" while she is asked about it."""
    here = session.path[-1].name
    if here == name_of(resume.offer):
        return "as before"
    if (
        not reply.more
        or session.done
        or session.proved
        or len(session.path) < 2
        or here.partition(".")[0] in NOTHING_BEGUN
        or here in READ
    ):
        return None
    return session.path


def hear(session: Session, answer: str, visit: Visit, text: str) -> tuple[Session, Reply]:
    """The member answered the screen she saw. `text` is the whole text of the turn, which ends in `answer`."""
    visit = visit.speaking(session.language)
    place = steps.chosen(session, answer, visit)
    if place is None and len(said := answering.split(answer)) > 1:
        # Turns that we never saw lie between: their answers are walked through like dialled ones.
        here = steps.enter(session, session.path[-1], visit)
        return _walk(*here, said, text[: -len(answer)])
    if place is None:
        if _to_an_offer(session) and answer == resume.ON:
            return _lost(session, visit)
        return again(replace(session, hop=session.hop + 1), visit, steps.wrong(session.typed, visit))
    return _go(replace(session, hop=session.hop + 1), place, answer, visit, text)


def _go(session: Session, place: Go, answer: str, visit: Visit, text: str) -> tuple[Session, Reply]:
    """Where the answer leads: a screen is shown, an action is done once, and a rule may say no to either."""
    done = False
    try:
        if not steps.acts(place):
            return steps.shown(*steps.follow(steps.moved(session, answer), place, visit))
        if visit.deeds.recorded(*ASTRAY):
            return _lost(session, visit)
        outcome = visit.deeds.once(
            session.hop, text, place.name, lambda key: ROOMS[place.name].make(visit.doing(key), **place.args)
        )
        done = True
        session, reply = steps.shown(*steps.follow(replace(session, done=True), outcome, visit))
        # What an action ends with is its own screen, and nobody's place to go on from.
        return session, reply if reply.more else reply._replace(screen=place.name)
    except Refusal as refusal:
        return _refused(replace(session, done=session.done or done), visit, refusal)


def _to_an_offer(session: Session) -> bool:
    """Whether the answer is a session's first: an offer that nobody knows any more may have asked for it."""
    return session.hop == 0 and len(session.path) == 1


def _lost(session: Session, visit: Visit) -> tuple[Session, Reply]:
    """What she answers is not what we would take it for: she begins again, and nothing is done in this session."""
    visit.deeds.decline(*ASTRAY, session.path[0])
    words = "We have lost the place where you were. Nothing was done. Dial {code} again."
    return steps.shown(*steps.follow(session, End(visit.say(words, code=visit.place.ussd_code)), visit))


def _refused(session: Session, visit: Visit, refusal: Refusal) -> tuple[Session, Reply]:
    """What a rule says no to, above the screen on which it was asked for; alone, should that be refused by now too."""
    reason = visit.say(refusal.words, **refusal.named)
    try:
        session, reply = again(session, visit, reason, must=True)
    except Refusal:
        session, reply = steps.shown(*steps.follow(session, End(reason), visit))
    return session, reply._replace(refused=refusal.code)


def again(session: Session, visit: Visit, notice: str, *, must: bool = False) -> tuple[Session, Reply]:
    """The same screen with a sentence above it; one that `must` be read stands alone when both do not fit."""
    session, dialog, visit = steps.enter(session, session.path[-1], visit.speaking(session.language))
    return steps.shown(session, steps.with_notice(dialog, visit, notice, must=must), visit)


def _new_pin(session: Session) -> bool:
    """Whether a PIN is being chosen, which nobody does without seeing the screen."""
    return session.typed is not None and session.typed.kind == "new_pin"


def _walk(session: Session, dialog: Menu | End, visit: Visit, said: list[str], before: str) -> tuple[Session, Reply]:
    """Goes through answers that were given without seeing the screens; stops before an action, its digits unused."""
    unused, left_behind = 0, False
    notice = ""
    for number, answer in enumerate(said, 1):
        if isinstance(dialog, End):
            break
        place = None if _new_pin(session) else steps.chosen(session, answer, visit)
        hop = session.hop + 1
        outcome: Outcome | None = place
        if place is not None and steps.acts(place):
            so_far = before + answering.join(said[:number])
            outcome = visit.deeds.recorded(hop, so_far)
            session = replace(session, done=session.done or outcome is not None)
            if outcome is None:
                # The same turn, delivered once more to a session that was not lost, would act for her.
                visit.deeds.decline(hop, so_far, session.path[-1])
                if session.typed and session.typed.kind == "code":
                    # What was dialled is not used, and keys that she presses next would be taken for codes.
                    notice = steps.wrong(session.typed, visit)
        if place is None and _to_an_offer(session) and answer == resume.MENU:
            session = replace(session, hop=hop)
            continue
        if place is None and _to_an_offer(session) and answer == resume.ON:
            return _lost(replace(session, hop=len(said)), visit)
        if outcome is None:
            if place is None and (session.typed or session.choices) and not _new_pin(session):
                notice = steps.wrong(session.typed, visit)
            unused = len(said) - number + 1
            session = replace(session, hop=session.hop + unused)
            left_behind = unused > 1 and not _new_pin(session)
            break
        try:
            session, dialog, visit = steps.follow(steps.moved(replace(session, hop=hop), answer), outcome, visit)
        except Refusal as refusal:
            notice = visit.say(refusal.words, **refusal.named)
            unused = len(said) - number
            session = replace(session, hop=hop + unused)
            left_behind = unused > 0
            break
    if left_behind:
        visit.deeds.decline(*ASTRAY, session.path[0])
    if notice:
        dialog = steps.with_notice(dialog, visit, notice)
    return steps.shown(session, dialog, visit, unused=unused)
