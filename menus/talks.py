"""Talks: conversations in plain text that are specification, test and demonstration at once.

    # What this talk shows, in as many lines as it takes.
    phone: +254700000004
    network: 63903

    > *384*123#
    CON Umoja: paid 0 of 500, by Fri
    1 Contribute

    > 1
    ...

The line with the network is left out for the sandbox's. `> ` is what the member does: a code to dial, or keys. The
lines below are the whole screen that must come. `...` inside a line stands for what differs from run to run, such as an
account reference. Two stage directions have no screen of their own: `! repeat`, the network delivers the last turn
again and the same screen must come, and `! forget`, every session is lost. A third hands over to somebody else:
`! phone +254700000005`, whose sessions are her own.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from menus.phone import SANDBOX_NETWORK, Phone

ANYTHING = "..."
REPEAT, FORGET = "! repeat", "! forget"
OTHER = re.compile(r"! phone (\+[0-9]+)")


class BadTalk(ValueError):
    """A file that is no talk; names the line."""


@dataclass(frozen=True)
class Step:
    """One thing that is done, as written, and the screen that must come."""

    does: str
    screen: str = ""


@dataclass(frozen=True)
class Talk:
    """A talk as it stands in a file: the lines above the first step, the phone and its network, the steps."""

    head: str
    phone: str
    network: str
    steps: tuple[Step, ...]


def parse(text: str) -> Talk:
    """Reads a talk. Raises BadTalk."""
    head, *blocks = re.split(r"^(?=[>!] )", text, flags=re.MULTILINE)
    named = re.search(r"^phone: (\+[0-9]+)$", head, flags=re.MULTILINE)
    if named is None:
        raise BadTalk("no line `phone: +254...` above the first step")
    steps = []
    for block in blocks:
        does, _, screen = block.partition("\n")
        steps.append(Step(does.rstrip(), screen.strip("\n")))
        known = does.rstrip() in (REPEAT, FORGET) or OTHER.fullmatch(does.rstrip())
        if does.startswith("!") and (not known or screen.strip()):
            raise BadTalk(f"{does!r} is no stage direction without a screen")
    network = re.search(r"^network: ([0-9]+)$", head, flags=re.MULTILINE)
    return Talk(head.rstrip("\n"), named[1], network[1] if network else SANDBOX_NETWORK, tuple(steps))


def written(talk: Talk) -> str:
    """The talk as text: what `parse` reads."""
    blocks = [talk.head, *(f"{step.does}\n{step.screen}".rstrip("\n") for step in talk.steps)]
    return "\n\n".join(blocks) + "\n"


def replay(talk: Talk, phone: Phone, forget: Callable[[], None]) -> Talk:
    """Holds the talk on this phone, and on others like it that it names; returns it as it went.

    What the file allows to differ stays as the file has it.
    """
    went = []
    # The talk may be held on another number than the file's.
    phones = {talk.phone: phone}
    for step in talk.steps:
        if other := OTHER.fullmatch(step.does):
            blank = replace(phone, number=other[1], session="", text="", screen="", turns=0)
            phone = phones.setdefault(other[1], blank)
            went.append(step)
        elif step.does == FORGET:
            forget()
            went.append(step)
        elif step.does == REPEAT:
            before = phone.screen
            # Another screen than before is shown as if it had been asked for, so that nobody overlooks it.
            went.append(step if phone.repeat() == before else replace(step, screen=phone.screen))
        else:
            shown = _do(phone, step.does.removeprefix("> "))
            went.append(step if fits(step.screen, shown) else replace(step, screen=shown))
    return replace(talk, steps=tuple(went))


def _do(phone: Phone, doing: str) -> str:
    if doing.endswith("#"):
        return phone.dial(doing)
    return phone.press(doing) if phone.open else "(the session had ended)"


def fits(expected: str, shown: str) -> bool:
    """Whether this is the screen; `...` inside a line is whatever stands there."""
    pattern = r"[^\n]*".join(re.escape(part) for part in expected.split(ANYTHING))
    return re.fullmatch(pattern, shown) is not None
