"""Rule 14: every module says what it is for, one with states how it works, and every constant why it has this value."""

import ast
import re

from tests.house.source import ROOMS, House, nodes

THEORY = "Theory of operation"


def rule_14_modules_say_what_they_are_for(house: House) -> list[str]:
    complaints = []
    for path, tree in house.modules():
        about = ast.get_docstring(tree)
        # An empty file only marks a folder of tests.
        if not about and tree.body:
            complaints.append(f"{path}: no docstring")
        if path.split("/")[0] in ROOMS and holds_moves(tree) and THEORY not in (about or ""):
            complaints.append(f"{path}: a table of moves without its theory of operation")
    return complaints


def rule_14_constants_say_why(house: House) -> list[str]:
    """A number or a time span at the top of a module has a comment beside or above it, or is named in the docstring.

    One comment may stand above a run of constants that belong together.
    """
    complaints = []
    for path, tree in house.modules(*ROOMS):
        lines, about = house.files[path].splitlines(), ast.get_docstring(tree) or ""
        for name, line in numbers(tree):
            above = line - 1
            while above and re.match(r"[A-Z][A-Z_0-9]*(?:: [^=]+)? = ", lines[above - 1]):
                above -= 1
            explained = "# " in lines[line - 1] or (above and lines[above - 1].startswith("# ")) or name in about
            if not explained:
                complaints.append(f"{path}:{line} {name}: why this value?")
    return complaints


def holds_moves(tree: ast.Module) -> bool:
    stored = (node.id for node in nodes(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    return any(name.endswith("_MOVES") for name in stored)


def numbers(tree: ast.Module) -> list[tuple[str, int]]:
    """Name and line of every module-level constant that is a number, a sum or product of numbers, or a timedelta."""
    found = []
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and is_number(node.value):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name):
                found.append((target.id, node.lineno))
    return found


def is_number(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float) and not isinstance(node.value, bool)
    if isinstance(node, ast.BinOp):
        return is_number(node.left) and is_number(node.right)
    return isinstance(node, ast.Call) and ast.unparse(node.func).endswith("timedelta")


def test_rule_14_modules_say_what_they_are_for(house: House) -> None:
    assert rule_14_modules_say_what_they_are_for(house) == []


def test_rule_14_constants_say_why(house: House) -> None:
    assert rule_14_constants_say_why(house) == []


def test_breaking_rule_14_is_seen(house: House) -> None:
    assert rule_14_modules_say_what_they_are_for(house.with_files(ledger__a="x = 1"))
    assert rule_14_modules_say_what_they_are_for(
        house.with_files(ledger__a='"""Lamps."""\nLAMP_MOVES = Moves("a.b", {})')
    )
    assert rule_14_constants_say_why(house.with_files(ledger__a='"""Lamps."""\n\nTRIES = 3'))
    assert rule_14_constants_say_why(house.with_files(ledger__a="FAR = timedelta(days=60 * 2)"))
    assert not rule_14_constants_say_why(house.with_files(ledger__a="# Why\nTRIES = 3\nWAIT = 2 * 3"))
    assert not rule_14_constants_say_why(house.with_files(ledger__a='"""TRIES: why."""\n\nTRIES = 3'))
