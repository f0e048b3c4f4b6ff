"""The map of all screens, read out of their source: which option leads where, without a database and without a phone.

`python -m menus.map` writes docs/menus.md. What may be wrong with the map is asked in menus/validator.py.
"""

import ast
import inspect
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from menus import screens
from menus.dialog import ANOTHER, MORE, OF_CHAMA, RESUMED, ROOMS, Go, Room, name_of

DOCUMENT = Path(__file__).parents[1] / "docs" / "menus.md"

HEAD = """# Screens

Written by `make menus` from the code of `menus/screens/`; a test keeps the two equal. `0` goes back and `00` home on
every screen. Option numbers never change their meaning, because people know `*384*123*1*500#` by heart.
"""

# What an expression that is not understood leads to: the validator complains.
NOWHERE = "?"


class Way(NamedTuple):
    """One way out: the key, what the option says in English, the place it leads to and the arguments it is given there.

    The key is `n` for a numbered list, `typed` for a typed answer, and empty where an action goes on by itself. `at` is
    the place in the source.
    """

    key: str
    label: str
    to: str
    gives: frozenset[str]
    at: tuple[int, int] = (0, 0)


@cache
def ways(room: Room) -> tuple[Way, ...]:
    """Every way out of a screen or an action, in the order of its source; read once, as a start asks for it thrice."""
    return tuple(_source(room).ways())


@cache
def quick_codes(room: Room) -> tuple[tuple[str, ...], ...]:
    """The keys that a screen teaches, each code as its keys; what stands for data in it is `typed`."""
    return tuple(_source(room).quick())


@cache
def tree_of(file: Path) -> ast.Module:
    """A module as Python reads it; parsed once, for a hundred screens."""
    return ast.parse(file.read_text(encoding="utf-8"))


@cache
def _functions(file: Path) -> dict[int, ast.FunctionDef]:
    """By their first line, which is the first decorator's. `inspect` would take a module apart for each of them."""
    found = [node for node in ast.walk(tree_of(file)) if isinstance(node, ast.FunctionDef)]
    return {min([node.lineno, *(over.lineno for over in node.decorator_list)]): node for node in found}


@cache
def _source(room: Room) -> "_Source":
    return _Source(room)


class _Source:
    """The source of one screen: what its names stand for, in the function and around it."""

    def __init__(self, room: Room) -> None:
        make = inspect.unwrap(room.make)
        self.world: Mapping[str, Any] = {**make.__globals__, **inspect.getclosurevars(make).nonlocals}
        self.nodes = list(ast.walk(_functions(Path(make.__code__.co_filename))[make.__code__.co_firstlineno]))
        # A name may be given in several branches.
        self.local: dict[str, list[ast.expr]] = defaultdict(list)
        for node in self.nodes:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self.local[node.targets[0].id].append(node.value)
        self.seen: set[int] = set()

    def ways(self) -> list[Way]:
        calls = [node for node in self.nodes if isinstance(node, ast.Call)]
        found = [way for call in calls for way in self._dialog(call)]
        loose = [call for call in calls if called(call) == "go" and id(call) not in self.seen]
        return found + [Way("", "", *place) for call in loose for place in self._places(call)]

    def quick(self) -> Iterator[tuple[str, ...]]:
        for node in self.nodes:
            if isinstance(node, ast.keyword) and node.arg == "quick":
                branches = (node.value.body, node.value.orelse) if isinstance(node.value, ast.IfExp) else (node.value,)
                for text in branches:
                    if isinstance(text, ast.JoinedStr):
                        parts = [str(part.value) if isinstance(part, ast.Constant) else "typed" for part in text.values]
                        yield tuple("".join(parts).split("*"))
                    elif isinstance(text, ast.Constant) and re.fullmatch(r"[0-9]+(?:\*[0-9]+)*", str(text.value)):
                        yield tuple(str(text.value).split("*"))

    def _dialog(self, call: ast.Call) -> Iterator[Way]:
        named = {word.arg: word.value for word in call.keywords}
        match called(call):
            case "Option":
                key, label, place = call.args
                at = (call.lineno, call.col_offset)
                yield from (Way(self._key(key), self._label(label), *to, at) for to in self._places(place))
            case "Ask":
                fill = frozenset({ast.literal_eval(named["fill"])})
                yield from (Way("typed", "", to, gives | fill) for to, gives in self._places(named["to"]))
            case "Confirm":
                for digit, says, word in (("1", "Yes", "yes"), ("2", "No", "no")):
                    yield from (Way(digit, says, *to) for to in self._places(named[word]))
            case "Row" if len(call.args) > 2:
                yield from (Way("n", "", *to) for to in self._places(call.args[2]))
            case "List":
                yield from (Way(MORE, "More", to, gives | {"after"}) for to, gives in self._places(call.args[2]))

    def _places(self, node: ast.expr) -> Iterator[tuple[str, frozenset[str]]]:
        """The places that `go(target, name=value)`, with more arguments or in another language, or a name leads to."""
        self.seen.add(id(node))
        if isinstance(node, ast.IfExp):
            yield from self._places(node.body)
            yield from self._places(node.orelse)
        elif isinstance(node, ast.Name) and node.id in self.local:
            for value in self.local[node.id]:
                yield from self._places(value)
        elif isinstance(node, ast.Name) and isinstance(self.world.get(node.id), Go):
            yield self.world[node.id].name, frozenset()
        elif isinstance(node, ast.Call) and called(node) == "back_to":
            yield RESUMED, frozenset()
        elif isinstance(node, ast.Call) and called(node) in (ANOTHER, OF_CHAMA):
            yield str(called(node)), _given(node)
        elif isinstance(node, ast.Call) and called(node) == "go":
            yield name_of(self._target(node.args[0])), _given(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and called(node) in MORE_OF_A_PLACE:
            more = _given(node) if called(node) == "giving" else frozenset()
            yield from ((to, gives | more) for to, gives in self._places(node.func.value))
        else:
            yield NOWHERE, frozenset()

    def _target(self, node: ast.expr) -> Any:
        target: Any = self.world[ast.unparse(node).partition(".")[0]]
        return getattr(target, node.attr) if isinstance(node, ast.Attribute) else target

    def _key(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant):
            return str(node.value)
        return str(self.world[node.id]) if isinstance(node, ast.Name) and node.id in self.world else "n"

    def _label(self, node: ast.expr) -> str:
        """The English words of a label; empty when they are a name out of the data."""
        parts = list(ast.walk(node))
        named = [self.world.get(part.id) for part in parts if isinstance(part, ast.Name)]
        texts = [*named, *(part.value for part in parts if isinstance(part, ast.Constant))]
        return next((text for text in texts if isinstance(text, str)), "")


MORE_OF_A_PLACE = ("giving", "speaking")


def called(call: ast.Call) -> str:
    """The last word of what is called: `visit.say(...)` gives `say`; empty when that is no name."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _given(call: ast.Call) -> frozenset[str]:
    return frozenset(word.arg for word in call.keywords if word.arg)


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
