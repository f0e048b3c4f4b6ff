"""Balance: her total, the group's, and the check word of the books' last page."""

from chamas.dues import owing, readouts
from ledger import archive, books, passbook
from ledger.passbook import StatementLine
from ledger.refusals import SeasonArchived
from menus import printing
from menus.dialog import Ask, End, Menu, Option, action, go, guarded_screen, screen
from menus.locale import msgids
from menus.visit import Membership, Visit

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
    """What the group holds of her and of everybody."""
    mine = visit.her.member_of(chama)
    dues = owing.dues(visit.conn, mine.member_id, visit.at)
    text = visit.say(
        "You in {chama}: KES {total}\nGroup: KES {group}",
        chama=printing.chama(mine.name),
        total=printing.money(dues.total_cents),
        group=printing.money(dues.group_cents),
    )
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
            Option("3", visit.say("By SMS"), go(statement, chama=chama)),
        ),
        quick="2",
    )


def _newest(visit: Visit, mine: Membership, limit: int) -> list[StatementLine]:
    """Her newest entries that are at hand."""
    account = books.account_id(visit.conn, mine.book_id, f"member:{mine.member_id}")
    return passbook.statement(visit.conn, account, limit=limit) if account else []


@guarded_screen
def last(visit: Visit, chama: int) -> Menu:
    """Her last five entries, each with the total after it."""
    mine = visit.her.member_of(chama)
    lines = _newest(visit, mine, SHOWN)
    # Five are what was asked for; with fewer she would think that there are no others.
    away = len(lines) < SHOWN and archive.before_of_member(visit.conn, mine.member_id) is not None
    if not lines:
        return Menu(visit.say(ALL_AWAY if away else NOTHING, chama=printing.chama(mine.name)))
    rows = [
        f"{printing.date(line.occurred_at)} {printing.money(line.amount_cents)}"
        f" = {printing.money(line.balance_after_cents)}"
        for line in lines
    ]
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
        book_id=mine.book_id,
        at=visit.at,
    )
    if not sent and archive.before_of_member(visit.conn, mine.member_id) and not _newest(visit, mine, 1):
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
