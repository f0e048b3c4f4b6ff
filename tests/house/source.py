"""The house as text: every file that git knows, parsed once, for the tests of the fifteen rules.

Each rule is a function from a `House` to a list of complaints. Its test asserts that the real house has none, and that
a house in which the rule is broken on purpose has one: a rule whose check cannot fail would be worth nothing.
"""

import ast
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]

PRODUCT = ("gateway", "menus", "chamas", "payments", "ledger")
ROOMS = (*PRODUCT, "simulator", "embedded", "migrations", "contracts")


@dataclass(frozen=True)
class House:
    """Files by their path from the root, as text."""

    files: Mapping[str, str]

    def texts(self, *endings: str) -> Iterator[tuple[str, str]]:
        """Path and text of every file with one of these endings."""
        for path, text in self.files.items():
            if path.endswith(endings):
                yield path, text

    def modules(self, *rooms: str) -> Iterator[tuple[str, ast.Module]]:
        """Path and syntax tree of every Python file in these rooms; in all of them when none is named."""
        for path, tree in self.trees.items():
            if not rooms or path.split("/")[0] in rooms:
                yield path, tree

    @cached_property
    def trees(self) -> dict[str, ast.Module]:
        return {path: ast.parse(text) for path, text in self.texts(".py")}

    def with_files(self, **changed: str) -> "House":
        """A house of these files only; `__` in a name stands for `/`, and `.py` is added."""
        return House({name.replace("__", "/") + ".py": text for name, text in changed.items()})


def tracked() -> list[str]:
    """Paths that git tracks, and new ones that it does not ignore."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return sorted(path for path in listed.splitlines() if (ROOT / path).is_file())


@cache
def real_house() -> House:
    """The files of this checkout that are text; read once, and parsed once, by whoever asks."""
    files = {}
    for path in tracked():
        try:
            files[path] = (ROOT / path).read_text()
        except UnicodeDecodeError:
            continue
    return House(files)


def nodes(tree: ast.AST) -> Sequence[ast.AST]:
    """As `ast.walk` has them, without the contexts of names; those of a module are kept, because ten rules ask."""
    kept: list[ast.AST] | None = getattr(tree, "_nodes", None)
    if kept is not None:
        return kept
    found = [tree]
    for node in found:
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                found += [each for each in value if isinstance(each, ast.AST)]
            elif isinstance(value, ast.AST) and name != "ctx":
                found.append(value)
    if isinstance(tree, ast.Module):
        tree._nodes = found  # type: ignore[attr-defined]
    return found


def imported(tree: ast.AST) -> Iterator[str]:
    """Every module named in an import, in full."""
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    arguments = function.args
    return {argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call with the last word of what is called: `conn.execute(...)` gives `execute`."""
    for node in nodes(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node.func.attr, node
            elif isinstance(node.func, ast.Name):
                yield node.func.id, node


def strings(tree: ast.AST) -> Iterator[str]:
    """Every string constant that is not a docstring."""
    prose = set()
    for node in nodes(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                prose.add(first.value)
    for node in nodes(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in prose:
            yield node.value
