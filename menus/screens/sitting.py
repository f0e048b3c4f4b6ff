"""A meeting on a feature phone: one key a member, then the count of the cash box."""

from chamas.arriving import cash
from chamas.meeting import agenda, attendance, sitting
from chamas.meeting.attendance import Line
from menus import printing
from menus.dialog import Ask, Dialog, End, Go, Option, action, go, guarded_screen
from menus.visit import Visit


@guarded_screen
def walk(visit: Visit, meeting: int, after: int = 0) -> Dialog:
    """The next member behind the number `after`: what she owes, and the keys for what happens most."""
    found = agenda.find(visit.conn, meeting)
    visit.her.member_of(found.chama_id)
    # Who calls the others is here, and her own cash another official marks.
    lines = [line for line in attendance.roll(visit.conn, meeting) if line.user_id != visit.her.user_id]
    line = next((each for each in lines if each.number > after), None)
    if line is None:
        return count(visit, meeting)
    place = {"place": lines.index(line) + 1, "people": len(lines)}
    here = go(mark, meeting=meeting, number=line.number, here=True)
    due = min(sitting.due_cents(visit.conn, line.member_id, visit.at), cash.MOST_CENTS)
    name = printing.person(line.first_name)
    text = visit.say("Meeting {place} of {people}: {name}, due {due}", name=name, due=printing.money(due), **place)
    if line.fine_cents:
        text += visit.say(" and fine {amount}", amount=printing.money(line.fine_cents))
    pays = (Option("1", visit.say("Cash {amount}", amount=printing.money(due)), here.giving(cents=due)),)
    options = (
        *(pays if due else ()),
        Option("2", visit.say("Not here"), go(mark, meeting=meeting, number=line.number, here=False, cents=0)),
        Option("3", visit.say("Here, no cash"), here.giving(cents=0)),
        Option("4", visit.say("Fine"), go(fined, meeting=meeting, number=line.number)),
        Option("9", visit.say("Finish and count"), go(count, meeting=meeting)),
    )
    hint = visit.say("Or type another cash amount")
    return Ask(text, options, shown="back", to=here, fill="cents", kind="amount", hint=hint)


@action
def mark(visit: Visit, meeting: int, number: int, here: bool, cents: int) -> Go:
    """Written; the next member."""
    sitting.mark(visit.conn, meeting, number, by_user_id=visit.her.user_id, here=here, cash_cents=cents, at=visit.at)
    return go(walk, meeting=meeting, after=number)


@guarded_screen
def fined(visit: Visit, meeting: int, number: int) -> Ask:
    """How much is the fine that she puts on the table?"""
    line = _line(visit, meeting, number)
    text = visit.say(
        "How much fine does {name} pay in cash now? Type the amount.", name=printing.person(line.first_name)
    )
    return Ask(text, shown="back", to=go(fine, meeting=meeting, number=number), fill="cents", kind="amount")


@action
def fine(visit: Visit, meeting: int, number: int, cents: int) -> Go:
    """Written; the same member again, for what she pays beside it."""
    sitting.fine(visit.conn, meeting, number, by_user_id=visit.her.user_id, cents=cents, at=visit.at)
    return go(walk, meeting=meeting, after=number - 1)


@guarded_screen
def count(visit: Visit, meeting: int) -> Ask:
    """How much is in the box? What should be in it is not shown: who counts, counts."""
    lines = attendance.roll(visit.conn, meeting)
    text = visit.say(
        "Here {here}, not here {away}, not asked {unasked}. Count the cash box. How much is in it? Type the amount.",
        here=sum(line.here is True for line in lines),
        away=sum(line.here is False for line in lines),
        unasked=sum(line.here is None for line in lines),
    )
    empty = Option("1", visit.say("It is empty"), go(close, meeting=meeting, cents=0))
    return Ask(text, (empty,), shown="back", to=go(close, meeting=meeting), fill="cents", kind="amount")


@action
def close(visit: Visit, meeting: int, cents: int) -> End:
    """All is booked, and the count held against it."""
    done = sitting.close(
        visit.conn, meeting, by_user_id=visit.her.user_id, counted_cents=cents, at=visit.at, chance=visit.chance
    )
    counted = printing.money(done.counted.asserted_cents)
    if done.counted.held:
        return End(
            visit.say(
                "Meeting closed. The count fits the books: KES {amount}. {given} were given; each sum counts when its "
                "giver confirms it by phone.",
                amount=counted,
                given=printing.money(done.given_cents),
            )
        )
    return End(
        visit.say(
            "THE COUNT DOES NOT FIT. In the box {amount}, in the books {held}. All officials get an SMS now. "
            "Look for the difference before you part.",
            amount=counted,
            held=printing.money(done.counted.found_cents),
        )
    )


def _line(visit: Visit, meeting: int, number: int) -> Line:
    """The member of this number in the roll; raises LookupError when she is not in it any more."""
    found = [line for line in attendance.roll(visit.conn, meeting) if line.number == number]
    if not found:
        raise LookupError("no such member in this meeting")
    return found[0]
