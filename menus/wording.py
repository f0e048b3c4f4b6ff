"""The words of a notice, as an SMS, a mail, a push message or a screen says them: one sentence, one segment."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from chamas.telling import templates
from menus import gsm, locale, printing

NAMES = {"chama": printing.chama, **dict.fromkeys(("name", "official", "other"), printing.person)}
TRANSLATED = ("why", "every", "role")


class Told(Protocol):
    """What is told, to whom it is told privately or not."""

    @property
    def template(self) -> str: ...
    @property
    def arguments(self) -> Mapping[str, Any]: ...
    @property
    def language(self) -> str: ...
    @property
    def private_phone(self) -> bool: ...


def render(notice: Told, ussd_code: str) -> str:
    """The words of a notice in its language, amounts and dates as M-PESA prints them, names in plain letters.

    Raises KeyError for an unknown template or a missing argument.
    """
    template = templates.TEMPLATES[notice.template]
    language = notice.language if notice.language in locale.LANGUAGES else locale.KISWAHILI
    msgid = template.private_words if notice.private_phone else template.words
    stem = ussd_code.removesuffix("#")
    facts = _facts(notice, language)
    dial = f"{stem}*1#"
    return locale.say(language, msgid, **facts, ussd=ussd_code, check=f"{stem}*5#", dial=dial)


def _facts(notice: Told, language: str) -> dict[str, str]:
    """Arguments as they are printed: `x_cents` as `x`, `x_at` as `x_date` and `x_time`, names clipped."""
    facts = {}
    for name, value in notice.arguments.items():
        if name.endswith("_cents"):
            facts[name.removesuffix("_cents")] = printing.money(value)
        elif name.endswith("_at"):
            stem, then = name.removesuffix("_at"), datetime.fromisoformat(value)
            facts |= {f"{stem}_date": printing.date(then), f"{stem}_time": printing.hour(then)}
        elif name in TRANSLATED:
            facts[name] = locale.say(language, value)
        elif name in NAMES:
            facts[name] = NAMES[name](value)
        else:
            facts[name] = str(value)
    return facts


def addressed(text: str, called: str | None) -> str:
    """The text with the name of whom it is for above it, where others hold the phone and one segment has room."""
    to_her = f"{printing.person(called)}. {text}" if called else text
    return to_her if gsm.septets(gsm.plain(to_her)) <= gsm.SCREEN_SEPTETS else text


# What is left of a screen above two options with the longest labels.
PART_SEPTETS = 125


def parts(text: str) -> list[str]:
    """The same words on as many screens as they need."""
    shown = [""]
    for word in gsm.plain(text).split():
        longer = f"{shown[-1]} {word}".strip()
        if gsm.septets(longer) <= PART_SEPTETS:
            shown[-1] = longer
        else:
            shown.append(word)
    return shown
