"""More: what is wanted less often."""

from chamas import standing
from chamas.templates import EVERY
from menus import printing
from menus.dialog import Menu, Option, go, screen
from menus.screens import cash, invite, join, language, messages, pin
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
            Option("2", visit.say("Rules of my chama"), go(rules)),
            Option("3", visit.say("Help"), go(assistance)),
            Option("4", visit.say("CHAMA PIN"), go(pin.menu) if visit.her.has_pin else go(pin.choose)),
            Option("5", visit.say("Messages"), go(messages.wishes)),
            Option("7", visit.say("Join a chama"), go(join.code, language=visit.language)),
            *(official if home.official else ()),
        ),
    )


@screen
def rules(visit: Visit) -> Menu:
    """What her home chama agreed on."""
    mine = next(iter(standing.memberships(visit.conn, visit.her.user_id)))
    text = visit.say(
        "{chama}: KES {amount} {every}. Oldest debts are paid first, the rest is kept for the next round.",
        chama=printing.chama(mine.chama_name),
        amount=printing.money(mine.contribution_cents),
        every=visit.say(EVERY[mine.frequency]),
    )
    return Menu(text)


@screen
def assistance(visit: Visit) -> Menu:
    """Whom to call, and what nobody may ask for."""
    return Menu(
        visit.say(
            "Help: call {helpline}. We never ask for any PIN, or for money to be sent to a person.",
            helpline=visit.place.helpline,
        )
    )
