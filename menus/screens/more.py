"""More: what is wanted less often."""

from menus.dialog import MORE, Menu, Option, go, screen
from menus.screens import (
    bank,
    box,
    cash,
    found,
    invite,
    join,
    language,
    loan,
    meetings,
    messages,
    mine,
    pin,
    rules,
    share,
    turn,
    who,
)
from menus.visit import Visit


@screen
def menu(visit: Visit) -> Menu:
    """The second page of a member's home."""
    home = visit.her.memberships[0]
    # Whether anybody can be invited now is asked on the next screen: this one needs no database.
    official = (
        Option("8", visit.say("Invite somebody"), go(invite.phone, chama=home.chama_id)),
        Option("9", visit.say("Record cash"), go(cash.member, chama=home.chama_id)),
    )
    return Menu(
        visit.say("More"),
        (
            Option("1", visit.say("Language"), go(language.choose)),
            Option("2", visit.say("Rules"), go(rules.heard, chama=home.chama_id)),
            Option("3", visit.say("Help"), go(assistance)),
            Option("4", visit.say("CHAMA PIN"), go(pin.menu) if visit.her.has_pin else go(pin.choose)),
            Option("5", visit.say("Messages"), go(messages.wishes)),
            Option("6", visit.say("Order of payout"), go(turn.menu, chama=home.chama_id)),
            Option("7", visit.say("Join a chama"), go(join.code, language=visit.language)),
            *(official if home.official else ()),
            Option("10", visit.say("Meetings"), go(meetings.ahead, chama=home.chama_id)),
            Option(MORE, visit.say("More"), go(rest)),
        ),
        shown="back",
    )


@screen
def rest(visit: Visit) -> Menu:
    """What is wanted least often."""
    home = visit.her.memberships[0]
    return Menu(
        visit.say("More"),
        (
            Option("11", visit.say("Cash box"), go(box.look, chama=home.chama_id)),
            Option("12", visit.say("Another member"), go(who.number)),
            Option("13", visit.say("My data"), go(mine.held)),
            Option("14", visit.say("Create a chama"), go(found.called, language=visit.language)),
            Option("15", visit.say("My loan"), go(loan.mine, chama=home.chama_id)),
            Option("16", visit.say("Share-out"), go(share.today, chama=home.chama_id)),
            *((Option("17", visit.say("Bank"), go(bank.look, chama=home.chama_id)),) if visit.banking else ()),
        ),
    )


@screen
def assistance(visit: Visit) -> Menu:
    """Whom to call, and what nobody may ask for."""
    return Menu(
        visit.say(
            "Help: call {helpline}. We never ask for any PIN, or for money to be sent to a person.",
            helpline=visit.place.helpline,
        )
    )
