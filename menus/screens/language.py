"""The language in which a member is spoken to, on the phone and by SMS."""

from chamas import register
from menus import locale
from menus.dialog import AT_HOME, Go, Menu, Option, action, go, screen
from menus.visit import Visit


@screen
def choose(visit: Visit) -> Menu:
    """Each language in its own words."""
    return Menu(
        visit.say("In which language shall we speak to you?"),
        (
            Option("1", "Kiswahili", go(change, language=locale.KISWAHILI)),
            Option("2", "English", go(change, language=locale.ENGLISH)),
        ),
    )


@action
def change(visit: Visit, language: str) -> Go:
    """From now on; the next screen speaks it already."""
    register.prefer(visit.conn, visit.her.user_id, language=language)
    return AT_HOME.speaking(language)
