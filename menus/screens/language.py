"""The language in which a member is spoken to, on the phone and by SMS."""

from chamas.members import register
from menus import locale
from menus.dialog import AT_HOME, Go, Menu, Option, action, go, screen
from menus.locale import msgids
from menus.visit import Visit

(ENGLISH,) = msgids("English")


@screen
def choose(visit: Visit) -> Menu:
    """Each language in its own words."""
    # A catalogue translates the word for English into its own name.
    options = tuple(
        Option(str(number), locale.say(each, ENGLISH), go(change, language=each))
        for number, each in enumerate(locale.LANGUAGES, 1)
    )
    return Menu(visit.say("In which language shall we speak to you?"), options)


@action
def change(visit: Visit, language: str) -> Go:
    """From now on; the next screen speaks it already."""
    register.prefer(visit.conn, visit.her.user_id, language=language)
    return AT_HOME.speaking(language)
