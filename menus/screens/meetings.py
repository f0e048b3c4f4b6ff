"""Meetings: when the next one is, coming or apology, how the last one went; officials set, open and cancel them."""

from datetime import datetime

from chamas.meeting import agenda, attendance, meetings, sitting
from chamas.meeting.agenda import Meeting
from chamas.members import standing
from chamas.members.access import Action
from chamas.members.refusals import demand
from chamas.rulebook.calendar import EVERY
from ledger import nairobi
from menus import printing
from menus.dialog import Ask, Confirm, Dialog, End, Go, Menu, Option, action, go, screen
from menus.screens import cash
from menus.screens import sitting as sitting_screens
from menus.visit import Visit

# Nobody meets at night; a slip of the finger is asked for again.
EARLIEST_HOUR, LATEST_HOUR = 6, 21


@screen
def ahead(visit: Visit, chama: int) -> Menu:
    """The next meeting, and her answer with one key."""
    mine = visit.her.member_of(chama)
    name, found = printing.chama(mine.name), agenda.ahead(visit.conn, chama)
    official = (Option("3", visit.say("For officials"), go(duties, chama=chama)),) if mine.official else ()
    past = Option("6", visit.say("Last meeting"), go(last, chama=chama))
    if found is None:
        return Menu(visit.say("{chama}: no meeting is set.", chama=name), (*official, past))
    if found.on:
        return Menu(visit.say("{chama}: the meeting is on.", chama=name), (*official, past))
    count, hers = attendance.replies(visit.conn, found.id, mine.member_id)
    text = visit.say("{chama}: next meeting {when}. Coming: {count}", chama=name, when=when(visit, found), count=count)
    coming = Option("1", visit.say("I come"), go(answer, meeting=found.id, coming=True))
    apology = Option("2", visit.say("Apology"), go(answer, meeting=found.id, coming=False))
    said = {"coming": visit.say("You said that you come."), "apology": visit.say("You sent an apology.")}
    return Menu(f"{text}\n{said[hers]}" if hers else text, (coming, apology, *official, past))


@screen
def duties(visit: Visit, chama: int) -> Menu:
    """What officials do about meetings."""
    mine = visit.her.member_of(chama)
    found = agenda.ahead(visit.conn, chama)
    cash_open = Option("4", visit.say("Cash not confirmed"), go(cash.unconfirmed, chama=chama))
    begins = Option("1", visit.say("Begin a meeting"), go(begin, chama=chama))
    sets = Option("2", visit.say("Set a meeting"), go(day, chama=chama))
    options: tuple[Option, ...] = (begins, sets, cash_open)
    if found is not None:
        cancels = Option("3", visit.say("Cancel it"), go(sure, meeting=found.id))
        go_on = Option("5", visit.say("Go on with it"), go(sitting_screens.walk, meeting=found.id))
        options = (cancels, cash_open, go_on) if found.on else (begins, cancels, cash_open)
    return Menu(visit.say("{chama}, meetings", chama=printing.chama(mine.name)), options)


def when(visit: Visit, meeting: Meeting) -> str:
    """When it is set for."""
    return at(visit, meeting.starts_at)


def at(visit: Visit, instant: datetime) -> str:
    """`Sat 28 Nov 2:00 PM`."""
    weekday = visit.say(printing.DAYS[nairobi.local(instant).weekday()])
    return f"{weekday} {printing.day(visit, instant)} {printing.hour(instant)}"


@action
def answer(visit: Visit, meeting: int, coming: bool) -> End:
    """Her last word holds."""
    found = sitting.answer(
        visit.conn, meeting, user_id=visit.her.user_id, said="coming" if coming else "apology", at=visit.at
    )
    if coming:
        return End(visit.say("Written: you come on {when}.", when=when(visit, found)))
    return End(
        visit.say("Written: you cannot come on {when}. The officials see your apology.", when=when(visit, found))
    )


@screen
def day(visit: Visit, chama: int) -> Ask:
    """On which day? Refused at once where she cannot set one."""
    here = standing.group(visit.conn, chama_id=chama, user_id=visit.her.user_id)
    demand(here, Action.MEET, at=visit.at)
    text = visit.say("On which day does {chama} meet? Type day and month: 0512 is 5 December.",
                     chama=printing.chama(here.name))  # fmt: skip
    return Ask(text, to=go(hour, chama=chama), fill="on", kind="day")


@screen
def hour(visit: Visit, chama: int, on: str, unfit: bool = False) -> Ask:
    """At what hour?"""
    words = "At what hour? Type 6 to 21: 14 is 2 PM."
    text = f"{visit.say('That hour cannot be.')}\n{visit.say(words)}" if unfit else visit.say(words)
    return Ask(text, shown="back", to=go(how_often, chama=chama, on=on), fill="at_hour", kind="number")


@screen
def how_often(visit: Visit, chama: int, on: str, at_hour: int) -> Dialog:
    """Once, or by the group's frequency from then on."""
    if not EARLIEST_HOUR <= at_hour <= LATEST_HOUR:
        return hour(visit, chama, on, unfit=True)
    here = standing.group(visit.conn, chama_id=chama, user_id=visit.her.user_id)
    place = go(set_it, chama=chama, on=on, at_hour=at_hour)
    once = Option("1", visit.say("This time only"), place.giving(repeats=False))
    every = Option("2", visit.say(EVERY[here.frequency]), place.giving(repeats=True))
    return Menu(visit.say("How often?"), (once, every), shown="back")


@action
def set_it(visit: Visit, chama: int, on: str, at_hour: int, repeats: bool) -> End:
    """Everybody hears of it."""
    starts_at = meetings.instant(on, at_hour, visit.at)
    made = meetings.schedule(
        visit.conn, chama, by_user_id=visit.her.user_id, starts_at=starts_at, repeats=repeats, at=visit.at
    )
    return End(visit.say("The meeting is set: {when}. All members get an SMS.", when=when(visit, made)))


@screen
def sure(visit: Visit, meeting: int) -> Confirm:
    """The last look before it is cancelled."""
    found = agenda.find(visit.conn, meeting)
    text = visit.say("Cancel the meeting of {when}? All members get an SMS.", when=when(visit, found))
    return Confirm(text, yes=go(cancel, meeting=meeting), no=go(ahead, chama=found.chama_id))


@action
def cancel(visit: Visit, meeting: int) -> End:
    """It does not take place; one that repeats is set again."""
    following = meetings.cancel(visit.conn, meeting, by_user_id=visit.her.user_id, at=visit.at)
    if following is None:
        return End(visit.say("The meeting is cancelled. All members get an SMS."))
    return End(visit.say("The meeting is cancelled. The next one: {when}.", when=when(visit, following)))


@action
def begin(visit: Visit, chama: int) -> Go:
    """From now on the members are called one by one."""
    return go(
        sitting_screens.walk,
        meeting=meetings.convene(visit.conn, chama, by_user_id=visit.her.user_id, at=visit.at).id,
    )


@screen
def last(visit: Visit, chama: int) -> Menu:
    """How the last one went: for everybody, no amounts."""
    visit.her.member_of(chama)
    found = agenda.last(visit.conn, chama)
    if found is None:
        return Menu(visit.say("This chama has held no meeting yet."))
    here = sum(bool(line.here) for line in attendance.roll(visit.conn, found.id))
    return Menu(visit.say("Last meeting {when}. Came: {count}.", when=at(visit, found.held_at), count=here))
