"""Lays a dialog out on a phone: what is asked and listed becomes text and numbered lines, the way back always fits.

Nothing is cut in the middle of a list: rows that do not fit stand on the next page, behind `98`.
"""

from collections.abc import Callable
from dataclasses import replace

from menus import gsm
from menus.dialog import BACK, HOME, MORE, Ask, Confirm, Dialog, End, List, Menu, Option, Row

# `CON ` and `END ` count as part of the screen, as nobody says that they do not.
ROOM = gsm.SCREEN_SEPTETS - len("CON ")
# More lines than this are not read on a small phone.
LINES = 5

# A sentence of a visit's language.
Say = Callable[..., str]


def laid_out(dialog: Dialog, say: Say) -> Menu | End:
    """The same as a menu with numbered options."""
    if isinstance(dialog, Confirm):
        answers = (Option("1", say("Yes"), dialog.yes), Option("2", say("No"), dialog.no))
        return Menu(dialog.text, answers, shown="back", quick=dialog.quick)
    if isinstance(dialog, List):
        return _page(dialog, say)
    return dialog


def _page(listed: List, say: Say) -> Menu:
    """As many rows as fit above the way back and on, after the one that was shown last."""
    left = [row for row in listed.rows if row.mark > listed.after]
    if not left:
        return Menu(say("{title}: nobody", title=listed.title))
    first = len(listed.rows) - len(left) + 1
    for count in range(min(LINES, len(left)), 0, -1):
        shown = left[:count]
        head = _head(listed, left, shown, say)
        options = tuple(
            Option(str(number), row.text, row.to) for number, row in enumerate(shown, first) if row.to is not None
        )
        if count < len(left):
            options += (Option(MORE, say("More"), listed.more.giving(after=shown[-1].mark)),)
        page = Menu("\n".join([head, *_unnumbered(shown)]), options, quick="" if listed.after else listed.quick)
        if fits(page, say):
            break
    return page


def _head(listed: List, left: list[Row], shown: list[Row], say: Say) -> str:
    """The title with how far she has come. Where keys stand among the lines, the lines are what is counted."""
    plain = [len(_unnumbered(rows)) for rows in (list(listed.rows), left, shown)]
    every, ahead, here = plain if plain[0] else (len(listed.rows), len(left), len(shown))
    if not here:
        return listed.title
    facts = {"title": listed.title, "first": every - ahead + 1, "last": every - ahead + here, "all": every}
    return say("{title}, {first}-{last} of {all}", **facts)


def _unnumbered(rows: list[Row]) -> list[str]:
    return [row.text for row in rows if row.to is None]


def taught(dialog: Menu | End, say: Say, code: str) -> Menu | End:
    """The same with the keys that lead here, where there is room for them. `code` is the service's, `*384*123#`."""
    if not dialog.quick:
        return dialog
    between = " " if isinstance(dialog, End) else "\n"
    hint = say("Next time: {code}", code=f"{code.removesuffix('#')}*{dialog.quick}#")
    more = replace(dialog, text=f"{dialog.text}{between}{hint}")
    return more if fits(more, say) else dialog


def whole(dialog: Menu | End, say: Say) -> str:
    """The screen as it would be if phones had no end."""
    foot = foot_of(dialog, say)
    return f"{dialog.text}\n{foot}" if foot else dialog.text


def fits(dialog: Menu | End, say: Say) -> bool:
    """Whether nothing of it has to give way."""
    return gsm.septets(gsm.plain(whole(dialog, say))) <= ROOM


def fitted(dialog: Menu | End, say: Say) -> str:
    """The screen in plain letters, never longer than a phone's: the text gives way, never the lines that lead on."""
    return gsm.fit(gsm.plain(dialog.text), gsm.plain(foot_of(dialog, say)), ROOM)


def foot_of(dialog: Menu | End, say: Say) -> str:
    """The lines below the text: options, the hint, and the way back."""
    if isinstance(dialog, End):
        return ""
    lines = [f"{option.key} {option.label}" for option in dialog.options if option.key != MORE]
    if isinstance(dialog, Ask) and dialog.hint:
        lines.append(dialog.hint)
    way = [f"{option.key} {option.label}" for option in dialog.options if option.key == MORE]
    if dialog.shown != "none":
        way.insert(0, f"{BACK} {say('Back')}")
    if dialog.shown == "both":
        way.insert(1, f"{HOME} {say('Home')}")
    if way:
        lines.append(" ".join(way))
    return "\n".join(lines)
