"""Looks over the whole menu before anybody dials: at every start of the web process, and in `make check`.

What can be read off the screens and the catalogues is looked at here, in a moment and without a database:

    unreachable screens, options that lead nowhere or bring wrong arguments, keys used twice or kept for the way back
    dead ends, weekly errands of more than five turns, quick codes that lead somewhere else
    sentences without a translation or with other places, characters that no phone shows, and screens that would not
    hold their longest sentence above their options, with the longest names and the largest amounts

How long whole screens get, lists included, is walked in tests/menus/test_walk.py with real data of that kind.
"""

import ast
import inspect
import re
import sys
from collections import Counter, deque
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from menus import gsm, layout, locale
from menus.dialog import ANOTHER, AT_HOME, BACK, HOME, MORE, OF_CHAMA, RESUMED, ROOMS, Room
from menus.map import Way, called, quick_codes, tree_of, ways

# Where a conversation begins, or is stopped, without an option that leads there.
DOORS = (
    *("home.start", "stranger.welcome", "pending.notice", "announced.notice", "messages.waiting", "confirm.ask"),
    *("resume.offer", "who.first", "who.which", "who.nobody"),
)

# What members do every week, from the dial to the screen that answers: more turns than this are not learned by heart.
WEEKLY = ("contribute.pay", "balance.total", "paid.unpaid", "paid.done", "check.payment")
TURNS = 5
# Where the keys that led there are told, so that next time one dial is enough.
TAUGHT = ("contribute.confirm", "balance.total", "balance.last", "paid.unpaid", "paid.done", "check.recent")

# The longest that stands in each place of a sentence; the walk uses the same limits.
LONGEST = {
    **dict.fromkeys(("chama",), "Mwangazabora"),
    **dict.fromkeys(("name", "chair", "official", "asker", "other"), "Wairimukam"),
    **dict.fromkeys(
        (
            "amount",
            "fine",
            "received",
            "total",
            "group",
            "paid",
            "due",
            "waiting",
            "least",
            "most",
            "fee",
            "written",
            "rest",
            "given",
            "held",
            "before",
            "now",
            "later",
            "owed",
            "own",
            "over",
            "interest",
            "part",
        ),
        "999,999",
    ),
    **dict.fromkeys(("count", "days", "all", "first", "last", "number", "people", "taken", "places", "place"), "100"),
    **dict.fromkeys(("here", "away", "unasked"), "100"),
    **dict.fromkeys(("page", "round"), "9999"),
    **{"months": "24", "times": "10", "percent": "15.5"},
    **dict.fromkeys(("words",), "MWALIMU KITABUU"),
    **dict.fromkeys(("until", "day"), "Jumatano"),
    **dict.fromkeys(("time",), "12:59 PM"),
    **dict.fromkeys(("helpline",), "0800 000 000"),
    **dict.fromkeys(("receipt",), "TKK7RT61SV"),
    "reference": "UMOJA4K7Q2M9",
    "left": "5",
    "digits": "123456",
    **dict.fromkeys(("yes", "needed"), "10"),
    "what": "mzunguko",
    "state": "imesamehewa",
    "reason": "Alikuwa na sababu nzuri",
    "told": "W" * 20,
    "tariff": "11/2026",
    # together they are one payment
    "cents": "83,333",
    "parts": "arrears 83,333, this round 83,333, next 83,333",
    "hands": "Christophe 250,000, Christophe 250,000",
    "when": "Jumatano 28 Nov 12:59 PM",
    "date": "31/12",
    "phone": "0712***678",
    "whom": "Wairimukam wa Mwangazabora",
    "payee": "PESACHAMA",
    "paybill": "600123",
    "account": "48213100",
    "till": "5556667",
    "to": "paybill 600123, account 48213100",
    "code": "*384*123#",
    "every": "kila wiki mbili",
    "errand": "Check a payment",
    "role": "mwenyekiti wake",
    "list": "10 11 12 13 14 15 16 17",
    "decides": "Ili kuamua kuhusu pesa, wanachama wawili wakuthibitishe.",
    "rule": "husubiri dakika 10080, 10 wanaweza kuzuia",
    "title": "",
    "why": "Mpokeaji amefikisha kiwango chake cha M-PESA cha leo.",
}

PLACES = re.compile(r"{(\w+)}")


def check() -> None:
    """Raises ValueError with every fault of the menu."""
    if wrong := faults():
        raise ValueError("; ".join(wrong))


def faults() -> list[str]:
    """What is wrong with the menu, one sentence each."""
    return [*_of_the_map(), *_of_the_way(), *_of_the_quick(), *_of_the_words(), *_of_the_sizes()]


def _of_the_map() -> Iterator[str]:
    reached = {*DOORS}
    for room in ROOMS.values():
        found = ways(room)
        keys = Counter(way.key for way in found if way.key not in ("", "n", "typed", MORE))
        # A key may stand on two faces of one screen, but always says the same and leads to the same.
        meanings = {key: {(way.at, way.label, way.to) for way in found if way.key == key} for key in keys}
        for key, means in meanings.items():
            if len({at for at, *_ in means}) > 1 and len({(says, to) for _at, says, to in means}) > 1:
                yield f"{room.name} uses the key {key} twice"
        yield from (f"{room.name} uses the key {key}, which leads back" for key in (BACK, HOME) if key in keys)
        for way in found:
            reached.add(way.to)
            yield from _of_a_way(room, way)
        if not found and not room.writes and 'shown="none"' in inspect.getsource(room.make):
            yield f"{room.name} is a dead end"
    yield from (f"nothing leads to {name}" for name in ROOMS if name not in reached)


def _of_a_way(room: Room, way: Way) -> Iterator[str]:
    if way.to in (AT_HOME.name, RESUMED, ANOTHER, OF_CHAMA):
        return
    target = ROOMS.get(way.to)
    if target is None or not way.gives <= target.takes:
        yield f"{room.name} leads to {way.to} with {sorted(way.gives)}, which is no such screen"
        return
    _visit, *needs = inspect.signature(target.make).parameters.values()
    lacks = {need.name for need in needs if need.default is need.empty} - way.gives
    if lacks:
        yield f"{room.name} leads to {way.to} without {sorted(lacks)}"


def _of_the_way() -> Iterator[str]:
    turns = turns_to()
    for errand in WEEKLY:
        if turns.get(errand, TURNS + 1) > TURNS:
            yield f"{errand} takes more than {TURNS} turns"


def _of_the_quick() -> Iterator[str]:
    """Whoever dials what a screen teaches stands on that screen; each weekly errand teaches its own."""
    for room in ROOMS.values():
        for keys in quick_codes(room):
            here = {"home.start"}
            for key in keys:
                here = {way.to for name in here if name in ROOMS for way in ways(ROOMS[name]) if way.key == key}
            if room.name not in here:
                yield f"{room.name} teaches {'*'.join(keys)}, which leads to {sorted(here)}"
    taught = {room.name for room in ROOMS.values() if quick_codes(room)}
    yield from (f"{name} teaches no quick code" for name in TAUGHT if name not in taught)


def turns_to() -> dict[str, int]:
    """How many turns lead from a dial to each place, the dial being the first."""
    turns = {"home.start": 1}
    waiting = deque(turns)
    while waiting:
        here = waiting.popleft()
        for way in ways(ROOMS[here]):
            if way.to in ROOMS and way.to not in turns:
                turns[way.to] = turns[here] + 1
                waiting.append(way.to)
    return turns


def _of_the_words() -> Iterator[str]:
    for language in locale.LANGUAGES:
        for msgid in sorted({msgid for texts in sentences().values() for msgid in texts}):
            text = _translated(language, msgid)
            if not text:
                yield f"{language} has no words for {msgid!r}"
            elif set(PLACES.findall(text)) != set(PLACES.findall(msgid)):
                yield f"{language} has other places than {msgid!r}"
            elif unknown := set(PLACES.findall(msgid)) - LONGEST.keys():
                yield f"nobody says how long {sorted(unknown)} may be in {msgid!r}"
            elif not gsm.SHOWN.issuperset(text):
                yield f"{language} has letters that no phone shows in {msgid!r}"
            elif gsm.septets(_at_its_longest(text)) > layout.ROOM:
                yield f"{language} is too long for a screen: {msgid!r}"


def _of_the_sizes() -> Iterator[str]:
    """Every screen holds the longest of its sentences above its options, the way on and the way back."""
    texts = sentences()
    for room in ROOMS.values():
        found = ways(room)
        labels = {way.label for way in found}
        bodies = [text for text in texts.get(room.name, ()) if text not in labels]
        for language in locale.LANGUAGES:
            options = {way.key: way for way in found if way.label and way.key not in ("n", MORE)}
            lines = [f"{key} {_translated(language, way.label)}" for key, way in options.items()]
            longest = max((_at_its_longest(_translated(language, text)) for text in bodies), key=len, default="")
            back = f"{BACK} {_translated(language, 'Back')}" if found else ""
            whole = _at_its_longest("\n".join([longest, *lines, back]))
            if gsm.septets(gsm.plain(whole)) > layout.ROOM:
                yield f"{room.name} does not fit a screen in {language}"


def _at_its_longest(text: str) -> str:
    return PLACES.sub(lambda place: LONGEST.get(place[1], ""), text)


@cache
def sentences() -> dict[str, tuple[str, ...]]:
    """The English texts that are said, by screen; those said elsewhere in this room under the name of their file."""
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        for node in tree_of(path).body:
            name = f"{path.stem}.{node.name}" if isinstance(node, ast.FunctionDef) else path.stem
            found[name] = (*found.get(name, ()), *_said(node))
    return found


def _said(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) in ("say", "msgids"):
            yield from (
                part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)
            )
        # A sentence that is longer than a line of source has a line of its own.
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "words":
            yield ast.literal_eval(node.value)


def _translated(language: str, msgid: str) -> str:
    """Empty when the catalogue has no words for it."""
    return msgid if language == locale.ENGLISH else locale.catalogue(language).get(msgid, "")


if __name__ == "__main__":
    wrong = faults()
    sys.stdout.write("".join(f"{fault}\n" for fault in wrong))
    sys.exit(1 if wrong else 0)
