"""The map of all screens, read out of their source: which option leads where, without a database and without a phone.

`python -m menus.map` writes docs/menus.md. `check` refuses a screen nobody can reach, an option that leads nowhere, a
key that is used twice or kept for the way back, and arguments that the place does not take.
"""

import ast
import inspect
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from menus import screens
from menus.dialog import AT_HOME, BACK, HOME, ROOMS, Room, name_of

DOCUMENT = Path(__file__).parents[1] / "docs" / "menus.md"

# Where a conversation begins, or is stopped, without an option that leads there.
DOORS = ("home.start", "stranger.welcome", "pending.notice")

HEAD = """# Screens

Written by `make menus` from the code of `menus/screens/`; a test keeps the two equal. `0` goes back and `00` home on
every screen. Option numbers never change their meaning, because people know `*384*123*1*500#` by heart.
"""


class Way(NamedTuple):
    """One way out: the key, what the option says in English, the place it leads to and the arguments it is given there.

    The key is `n` for a numbered list, `typed` for a typed answer, and empty where an action goes on by itself.
    """

    key: str
    label: str
    to: str
    gives: frozenset[str]


def ways(room: Room) -> list[Way]:
    """Every way out of a screen or an action, in the order of its source."""
    world = inspect.unwrap(room.make).__globals__
    calls = [node for node in ast.walk(ast.parse(inspect.getsource(room.make))) if isinstance(node, ast.Call)]
    found: list[Way] = []
    seen: set[int] = set()
    for call in calls:
        made = ast.unparse(call.func)
        if made == "Option":
            key, label, place = call.args
            found.append(Way(_key(key, world), _label(label, world), *_place(place, world, seen)))
        elif made == "Ask":
            named = {word.arg: word.value for word in call.keywords}
            to, gives = _place(named["to"], world, seen)
            found.append(Way("typed", "", to, gives | {ast.literal_eval(named["fill"])}))
    found.extend(Way("", "", *_place(call, world, seen)) for call in calls if _is_go(call) and id(call) not in seen)
    return found


def _is_go(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "go"


def _place(node: ast.AST, world: Mapping[str, Any], seen: set[int]) -> tuple[str, frozenset[str]]:
    """The place that `go(target, name=value)` or AT_HOME stands for."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "speaking":
        node = node.func.value
    seen.add(id(node))
    if not (isinstance(node, ast.Call) and _is_go(node)):
        return AT_HOME.name, frozenset()
    target: Any = world[ast.unparse(node.args[0]).partition(".")[0]]
    if isinstance(node.args[0], ast.Attribute):
        target = getattr(target, node.args[0].attr)
    return name_of(target), frozenset(word.arg for word in node.keywords if word.arg)


def _key(node: ast.AST, world: Mapping[str, Any]) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    return str(world[node.id]) if isinstance(node, ast.Name) else "n"


def _label(node: ast.AST, world: Mapping[str, Any]) -> str:
    """The English words of a label; empty when they are a name out of the data."""
    parts = list(ast.walk(node))
    named = [world.get(part.id) for part in parts if isinstance(part, ast.Name)]
    texts = [*named, *(part.value for part in parts if isinstance(part, ast.Constant))]
    return next((text for text in texts if isinstance(text, str)), "")


def faults() -> list[str]:
    """What is wrong with the menu, one sentence each."""
    wrong: list[str] = []
    reached = set(DOORS)
    for room in ROOMS.values():
        found = ways(room)
        keys = Counter(way.key for way in found if way.key not in ("", "n"))
        wrong += [f"{room.name} uses the key {key} twice" for key, times in keys.items() if times > 1]
        wrong += [f"{room.name} uses the key {key}, which leads back" for key in (BACK, HOME) if key in keys]
        for way in found:
            reached.add(way.to)
            target = ROOMS.get(way.to)
            if way.to != AT_HOME.name and (target is None or not way.gives <= target.takes):
                wrong.append(f"{room.name} leads to {way.to} with {sorted(way.gives)}, which is no such screen")
    return wrong + [f"nothing leads to {name}" for name in ROOMS if name not in reached]


def check() -> None:
    """Raises ValueError with every fault of the menu."""
    if wrong := faults():
        raise ValueError("; ".join(wrong))


def drawn() -> str:
    """The text of docs/menus.md."""
    parts = [HEAD]
    # A reader begins where a member does.
    for errand in sorted(screens.__all__, key=lambda name: (name != "home", name)):
        for room in ROOMS.values():
            if room.name.partition(".")[0] == errand:
                parts.append(_drawn(room))
    return "\n".join(parts)


def _drawn(room: Room) -> str:
    kind = " (writes)" if room.writes else ""
    about = " ".join((inspect.getdoc(room.make) or "").split())
    lines = [f"## {room.name}{kind}", "", about, ""]
    found = ways(room)
    if found:
        lines += ["| key | says | leads to |", "|---|---|---|"]
        lines += [f"| {way.key} | {way.label} | {way.to} |" for way in found]
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    DOCUMENT.write_text(drawn(), encoding="utf-8")
