"""Catalogues: English msgids stand in the code, every other language in the `.po` files of a folder of its own.

The language is passed explicitly, for a process speaks to many people. The words of a file stand in the catalogue of
its name, those of `menus/screens/cash.py` in `sw/menus.screens.cash.po`, so that two people who write words seldom
write into one file. Nothing is compiled: all files of a folder are read at the first sentence, in a few milliseconds.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent

ENGLISH = "en"
# Kiswahili is what the register assumes of a new person, and what a screen falls back to.
KISWAHILI = "sw"

# One literal of a `.po` file: in quotes, with the escapes that JSON has too.
LITERAL = r'"(?:[^"\\\n]|\\.)*"'
MESSAGE = re.compile(rf"msgid ((?:{LITERAL}\s*)+)msgstr ((?:{LITERAL}\s*)+)")
COMMENT = re.compile(r"^#.*\n?", re.MULTILINE)


class Unreadable(ValueError):
    """A catalogue with something that is no sentence and its translation; names the file."""


def found_in(folder: Path) -> tuple[str, ...]:
    """English, and the languages with a catalogue there. The first two keep their places, and their keys."""
    others = sorted({path.parent.name for path in folder.glob("*/*.po")})
    return (KISWAHILI, ENGLISH, *(each for each in others if each != KISWAHILI))


LANGUAGES = found_in(HERE)


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """What each English sentence is in this language; English needs none. Raises Unreadable."""
    return {
        msgid: text
        for path in sorted((HERE / language).glob("*.po"))
        for msgid, text in read(path).items()
        if msgid and text
    }


def read(path: Path) -> Mapping[str, str]:
    """The sentences of one file and their translations. Plurals and contexts are nowhere used. Raises Unreadable."""
    found: dict[str, str] = {}
    text = COMMENT.sub("", path.read_text(encoding="utf-8"))
    end = 0
    for message in MESSAGE.finditer(text):
        if text[end : message.start()].strip():
            break
        found[_joined(message[1])], end = _joined(message[2]), message.end()
    if text[end:].strip():
        raise Unreadable(f"{path}: {text[end:].strip()[:60]!r} is no sentence with its translation")
    return found


def _joined(literals: str) -> str:
    return "".join(json.loads(each) for each in re.findall(LITERAL, literals))


def msgids(*texts: str) -> tuple[str, ...]:
    """Marks English texts that are said later, so that the catalogues are checked for them."""
    return texts


def say(language: str, msgid: str, **facts: Any) -> str:
    """A whole sentence in `language`, its `{facts}` filled in."""
    text = catalogue(language).get(msgid, msgid)
    return text.format(**facts) if facts else text
