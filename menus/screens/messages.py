"""Messages: what no SMS brought her is said before the menu of an empty dial; and how she wants to be told."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace

from chamas.telling import inbox, notices, preferences
from chamas.telling.inbox import Message
from chamas.telling.preferences import Preferences
from menus import wording
from menus.dialog import AT_HOME, Go, Menu, Option, action, go, screen
from menus.screens import language
from menus.visit import Visit

# The one logger of the house; how a line is written is the gateway's.
LOG = logging.getLogger("pesachama")


@screen
def waiting(visit: Visit, message: int, part: int = 0) -> Menu:
    """One message, in as many screens as it takes. Its keys are none of the menu's, as those of an offer to go on."""
    told = [words for one, words in readable(visit) if one.id == message]
    parts = wording.parts(told[0]) if told else [visit.say("You have read this message.")]
    last = part >= len(parts) - 1
    rest = () if last else (Option("8", visit.say("Go on"), go(waiting, message=message, part=part + 1)),)
    done = (Option("9", visit.say("OK"), go(read, message=message)),) if last else ()
    return Menu(parts[min(part, len(parts) - 1)], (*rest, *done), shown="none")


@action
def read(visit: Visit, message: int) -> Go:
    """She has read it; the next one follows."""
    notices.seen(visit.conn, message, visit.her.user_id, at=visit.at)
    return place_of_first(visit) or AT_HOME


def notice_for(visit: Visit) -> Go | None:
    """Where an empty dial of a member with unread messages is stopped; None for everybody else."""
    if visit.caller is None or not visit.caller.memberships or not visit.news:
        return None
    return place_of_first(visit)


def place_of_first(visit: Visit) -> Go | None:
    return next((go(waiting, message=one.id) for one, _words in readable(visit)), None)


def readable(visit: Visit) -> list[tuple[Message, str]]:
    """What she has not read, with its words; without one whose words cannot be made, which people find in the log."""
    found = []
    for one in inbox.unseen(visit.conn, visit.her.user_id):
        shown = replace(one, language=visit.language, private_phone=visit.her.guarded)
        try:
            found.append((one, wording.render(shown, visit.place.ussd_code)))
        except Exception:
            # Whatever the row holds, it must not stand between her and the menu; the log never shows what it says.
            LOG.warning("message left out", exc_info=True, extra={"fields": {"notice": one.id}})
    return found


@screen
def wishes(visit: Visit) -> Menu:
    """How she wants to be told; what moves her money is told in any case."""
    hers = preferences.of(visit.conn, visit.her.user_id)
    say = visit.say
    reminders = say("Send me reminders") if not hers.reminders else say("Send me no reminders")
    nights = say("Do not remind me at night") if hers.at_night else say("Remind me at night too")
    news = say("News only when I dial") if hers.sms else say("News by SMS")
    return Menu(
        say("Messages. Money is always told."),
        (
            Option("1", reminders, go(change, what="reminders", on=not hers.reminders)),
            Option("2", nights, go(change, what="at_night", on=not hers.at_night)),
            Option("3", news, go(change, what="sms", on=not hers.sms)),
            Option("4", say("Language"), go(language.choose)),
        ),
    )


CHANGES: Mapping[str, Callable[[Preferences, bool], Preferences]] = {
    "reminders": lambda hers, on: replace(hers, reminders=on),
    "at_night": lambda hers, on: replace(hers, at_night=on),
    "sms": lambda hers, on: replace(hers, sms=on),
}


@action
def change(visit: Visit, what: str, on: bool) -> Go:
    """From now on."""
    hers = preferences.of(visit.conn, visit.her.user_id)
    preferences.choose(visit.conn, visit.her.user_id, CHANGES[what](hers, on), at=visit.at)
    return go(wishes)
