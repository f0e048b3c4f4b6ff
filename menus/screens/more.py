"""More: what is wanted less often."""

from chamas import standing
from chamas.access import Action
from chamas.templates import EVERY
from menus import printing
from menus.dialog import Menu, Option, go, screen
from menus.screens import invite, join, language
from menus.visit import Visit


@screen
def menu(visit: Visit) -> Menu:
    """The second page of a member's home."""
    chama = visit.her.memberships[0].chama_id
    here = standing.group(visit.conn, chama_id=chama, user_id=visit.her.user_id)
    official = (Option("8", visit.say("Invite somebody"), go(invite.phone, chama=chama)),)
    return Menu(
        visit.say("More"),
        (
            Option("1", visit.say("Language"), go(language.choose)),
            Option("2", visit.say("Rules of my chama"), go(rules)),
            Option("3", visit.say("Help"), go(assistance)),
            Option("7", visit.say("Join a chama"), go(join.code, language=visit.language)),
            *(official if here.access(visit.at).may(Action.INVITE) else ()),
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
