"""More: what is wanted less often."""

from chamas import register
from menus import printing
from menus.dialog import Menu, Option, go, screen
from menus.screens import language
from menus.visit import Visit


@screen
def menu(visit: Visit) -> Menu:
    """The second page of a member's home."""
    return Menu(
        visit.say("More"),
        (
            Option("1", visit.say("Language"), go(language.choose)),
            Option("2", visit.say("Rules of my chama"), go(rules)),
            Option("3", visit.say("Help"), go(assistance)),
        ),
    )


@screen
def rules(visit: Visit) -> Menu:
    """What her home chama agreed on."""
    mine = next(iter(register.memberships(visit.conn, visit.her.user_id)))
    every = {
        "weekly": visit.say("every week"),
        "fortnightly": visit.say("every two weeks"),
        "monthly": visit.say("every month"),
        "custom": visit.say("every round"),
    }
    text = visit.say(
        "{chama}: KES {amount} {every}. Oldest debts are paid first, the rest is kept for the next round.",
        chama=printing.chama(mine.chama_name),
        amount=printing.money(mine.contribution_cents),
        every=every[mine.frequency],
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
