"""Somebody whom no chama knows: one bilingual screen, because her language must not be guessed."""

from menus import locale
from menus.dialog import Menu, Option, go, screen
from menus.locale import msgids
from menus.screens import found, join, who
from menus.visit import Visit

WELCOME, JOIN, CREATE = msgids("Welcome.", "Join a chama", "Create a chama")
(MEMBER,) = msgids("I am a member")


@screen
def welcome(visit: Visit, language: str | None = None, lent: bool = False) -> Menu:
    """The first screen, in both languages until one is chosen. On a phone that members share, theirs too."""
    member = (Option("5", both(visit, language, MEMBER, " / "), go(who.number)),) if lent else ()
    return Menu(
        both(visit, language, WELCOME, " "),
        (
            Option("1", both(visit, language, JOIN, " / "), go(join.code, language=language)),
            Option("2", both(visit, language, CREATE, " / "), go(found.called, language=language)),
            Option("3", "Kiswahili", go(welcome, language=locale.KISWAHILI, lent=lent).speaking(locale.KISWAHILI)),
            Option("4", "English", go(welcome, language=locale.ENGLISH, lent=lent).speaking(locale.ENGLISH)),
            *member,
        ),
        shown="none",
    )


def both(visit: Visit, language: str | None, msgid: str, between: str, **facts: str) -> str:
    """The sentence in the language that she chose, or in both."""
    spoken = [language] if language else locale.LANGUAGES
    return between.join(visit.speaking(one).say(msgid, **facts) for one in spoken)
