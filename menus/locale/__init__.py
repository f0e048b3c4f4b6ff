"""Catalogues: English msgids stand in the code, every other language in `<language>/LC_MESSAGES/screens.po`.

The language is passed explicitly, for a process speaks to many people. The compiled `.mo` is committed beside its
`.po`, so that nothing has to be compiled on a fresh machine; a test proves that the two agree.
"""

import gettext
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DOMAIN = "screens"

ENGLISH = "en"
# Kiswahili is what the register assumes of a new person, and what a screen falls back to.
KISWAHILI = "sw"


def found_in(folder: Path) -> tuple[str, ...]:
    """English, and the languages with a compiled catalogue there. The first two keep their places, and their keys."""
    others = sorted(path.parts[-3] for path in folder.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))
    return (KISWAHILI, ENGLISH, *(each for each in others if each != KISWAHILI))


LANGUAGES = found_in(HERE)


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The catalogue of one language; English needs none."""
    if language == ENGLISH:
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, HERE, [language])


def msgids(*texts: str) -> tuple[str, ...]:
    """Marks English texts that are said later, so that the catalogues are checked for them."""
    return texts


def say(language: str, msgid: str, **facts: Any) -> str:
    """A whole sentence in `language`, its `{facts}` filled in."""
    text = catalogue(language).gettext(msgid)
    return text.format(**facts) if facts else text
