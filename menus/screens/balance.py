"""Balance: what she paid in and received, what the group has, and the check word of the books' last page."""

from chamas.dues import holdings, readouts
from chamas.dues.holdings import Move
from ledger import archive, books
from ledger.refusals import SeasonArchived
from menus import printing
from menus.dialog import Ask, End, Menu, Option, action, go, guarded_screen, screen
from menus.locale import msgids
from menus.visit import Visit

# "Last 5", says the option.
SHOWN = 5

NOTHING, ALL_AWAY, PAGE_AWAY = msgids(
    "{chama}: nothing is booked for you yet.",
    "{chama}: your entries are in a season that is put away. Ask an official to have it brought back.",
    "Page {page} of {chama} is in a season that is put away. "
    "Ask an official to have it brought back, or call {helpline}",
)


@guarded_screen
def total(visit: Visit, chama: int) -> Menu:
    """What she paid in and was paid, and what the group has."""
    mine = visit.her.member_of(chama)
    hers = holdings.of_member(visit.conn, mine.member_id)
    facts = {
        "chama": printing.chama(mine.name),
        "total": printing.money(hers.paid_in_cents),
        "group": printing.money(holdings.of_group(visit.conn, mine.book_id).cents),
    }
    if hers.received_cents:
        received = printing.money(hers.received_cents)
        # No "KES" but where the sum is the group's: with it the words of the page fit no more.
        text = visit.say("You paid {total}, got {received}\n{chama} has KES {group}", received=received, **facts)
    else:
        text = visit.say("You in {chama}: KES {total}\nGroup: KES {group}", **facts)
    try:
        page = books.page(visit.conn, mine.book_id)
        if page is None:
            return Menu(text)
        check = visit.say("Check: page {page} {words}", page=page.seq, words=page.words)
    except SeasonArchived:
        check = visit.say("Check: the last page is put away")
    return Menu(
        f"{text}\n{check}",
        (
            Option("1", visit.say("Last 5"), go(last, chama=chama)),
            Option("2", visit.say("Words of an older page"), go(older, chama=chama)),
            Option("3", visit.say("SMS"), go(statement, chama=chama)),
        ),
        quick="2",
    )


def _line(visit: Visit, move: Move) -> str:
    """One entry: what she paid in with the total of that, or what she was paid."""
    date, total = printing.date(move.occurred_at), printing.money(move.after.paid_in_cents)
    if move.received_cents:
        line = visit.say("{date} you got {amount}", date=date, amount=printing.money(move.received_cents))
        # The total of a first payout is that payout, and five longer lines do not fit.
        first = move.after.received_cents == move.received_cents
        return line if first else f"{line} = {printing.money(move.after.received_cents)}"
    if move.set_off_cents:
        return visit.say("{date} set off {amount}", date=date, amount=printing.money(move.set_off_cents))
    return f"{date} {printing.money(move.paid_in_cents)} = {total}"


@guarded_screen
def last(visit: Visit, chama: int) -> Menu:
    """Her last five entries, each with the total after it: contributions, deposit, and what she was paid."""
    mine = visit.her.member_of(chama)
    lines = holdings.moves(visit.conn, mine.member_id, limit=SHOWN)
    # Five are what was asked for; with fewer she would think that there are no others.
    away = len(lines) < SHOWN and archive.before_of_member(visit.conn, mine.member_id) is not None
    if not lines:
        return Menu(visit.say(ALL_AWAY if away else NOTHING, chama=printing.chama(mine.name)))
    rows = [_line(visit, line) for line in lines]
    rows += [visit.say("Older ones are put away.")] if away else []
    return Menu("\n".join([printing.chama(mine.name), *rows]), quick="2*1")


@action
def statement(visit: Visit, chama: int) -> End:
    """Her entries by SMS, once a day; what goes to a private phone holds no amounts, so nothing is sent there."""
    mine = visit.her.member_of(chama)
    if visit.her.guarded:
        return End(visit.say("This phone is private: no amounts by SMS. They stand in the menu."))
    sent = readouts.statement(
        visit.conn,
        user_id=visit.her.user_id,
        member_id=mine.member_id,
        chama_id=chama,
        chama=mine.name,
        at=visit.at,
    )
    if (
        not sent
        and archive.before_of_member(visit.conn, mine.member_id)
        and not holdings.moves(visit.conn, mine.member_id, limit=1)
    ):
        return End(visit.say(ALL_AWAY, chama=printing.chama(mine.name)))
    if not sent:
        return End(visit.say("Nothing to send: it was sent today, or nothing is booked yet."))
    return End(visit.say("Your statement comes by SMS ({count}).", count=sent))


@screen
def older(visit: Visit, chama: int) -> Ask:
    """Which page? Its number stands in every SMS about money."""
    text = visit.say("Type the page number that an SMS shows.")
    return Ask(text, to=go(word, chama=chama), fill="page", kind="number")


@guarded_screen
def word(visit: Visit, chama: int, page: int) -> Menu:
    """The word of one page, to be held against a friend's SMS: like is compared with like."""
    mine = visit.her.member_of(chama)
    name = printing.chama(mine.name)
    try:
        found = books.page(visit.conn, mine.book_id, page)
    except SeasonArchived:
        return Menu(visit.say(PAGE_AWAY, page=page, chama=name, helpline=visit.place.helpline))
    if found is None:
        return Menu(visit.say("{chama} has no page {page} yet.", chama=name, page=page))
    return Menu(
        visit.say(
            "Page {page} of {chama}: {words}\nIf a friend's SMS says page {page} and other words, tell us: {helpline}",
            page=page,
            chama=name,
            words=found.words,
            helpline=visit.place.helpline,
        )
    )
