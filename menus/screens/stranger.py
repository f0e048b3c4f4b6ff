"""Somebody whom no chama knows: one bilingual screen, because her language must not be guessed.

Founding by phone is not offered yet; the screen says what to do instead and promises nothing.
"""

from menus import locale
from menus.dialog import Menu, Option, go, screen
from menus.locale import msgids
from menus.screens import join, who
from menus.visit import Visit

WELCOME, JOIN, CREATE = msgids("Welcome.", "Join a chama", "Create a chama")
(MEMBER,) = msgids("I am a member")
(TO_CREATE,) = msgids("To start a chama, call us: {helpline}")


@screen
def welcome(visit: Visit, language: str | None = None, lent: bool = False) -> Menu:
    """The first screen, in both languages until one is chosen. On a phone that members share, theirs too."""
    member = (Option("5", both(visit, language, MEMBER, " / "), go(who.number)),) if lent else ()
    return Menu(
        both(visit, language, WELCOME, " "),
        (
            Option("1", both(visit, language, JOIN, " / "), go(join.code, language=language)),
            Option("2", both(visit, language, CREATE, " / "), go(create, language=language)),
            Option("3", "Kiswahili", go(welcome, language=locale.KISWAHILI, lent=lent).speaking(locale.KISWAHILI)),
            Option("4", "English", go(welcome, language=locale.ENGLISH, lent=lent).speaking(locale.ENGLISH)),
            *member,
        ),
        shown="none",
    )


@screen
def create(visit: Visit, language: str | None = None) -> Menu:
    """How to begin: by way of the helpline."""
    return Menu(both(visit, language, TO_CREATE, "\n", helpline=visit.place.helpline), shown="back")


def both(visit: Visit, language: str | None, msgid: str, between: str, **facts: str) -> str:
    """The sentence in the language that she chose, or in both."""
    spoken = [language] if language else locale.LANGUAGES
    return between.join(visit.speaking(one).say(msgid, **facts) for one in spoken)
