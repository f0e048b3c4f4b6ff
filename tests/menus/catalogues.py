"""`make locale`: every sentence into the catalogue of the file that says it; new ones empty, and none that nobody says.

Whoever adds a sentence runs it, fills in the empty `msgstr`, and is done. What it takes away nobody says any more; what
a branch still has in another file, or in a file for everything, finds its place by it too.
"""

import ast
import json
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from chamas.course import offices
from chamas.persons import identity
from chamas.rulebook import calendar
from chamas.telling import templates
from menus import locale
from payments.daraja import codes, payout_codes

ROOT = Path(__file__).parents[2]
ROOMS = ("menus", "chamas", "payments", "ledger", "gateway")
HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'


class TwoTranslations(ValueError):
    """One sentence stands in two files with different translations: a person has to say which holds."""


@cache
def said() -> dict[str, list[str]]:
    """The sentences of the whole house in the order of their files, and the catalogues of the files that say each."""
    wanted = {text for file, tree in _sources() for text in _said(file, tree)}
    wanted |= {words for template in templates.TEMPLATES.values() for words in (template.words, template.private_words)}
    wanted |= {*calendar.EVERY.values(), *offices.CALLED.values()}
    wanted |= {code.words for code in (*codes.CODES.values(), *payout_codes.PAYOUT_CODES.values()) if code.words}
    wanted |= {codes.NEVER_SENT, codes.EARLIER_CAME}
    wanted |= set(identity.REASONS.values())
    places: dict[str, list[str]] = {}
    for file, tree in _sources():
        texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.value in wanted]
        for node in sorted(texts, key=lambda node: (node.lineno, node.col_offset)):
            if file not in (files := places.setdefault(str(node.value), [])):
                files.append(file)
    return places


@cache
def _sources() -> list[tuple[str, ast.Module]]:
    """Each module of the house with the name of its catalogue, in the order of the rooms."""
    return [
        (".".join(path.relative_to(ROOT).with_suffix(".po").parts), ast.parse(path.read_text(encoding="utf-8")))
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
    ]


def _said(file: str, tree: ast.Module) -> Iterator[str]:
    """The texts handed to `say` and `msgids`, and the words of refusals below the gateway, which the phone says too."""
    for node in ast.walk(tree):
        texts: list[ast.expr] = []
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ("say", "msgids"):
            texts = node.args
        elif (
            isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "words" and not file.startswith("gateway.")
        ):
            texts = [node.value]
        for text in texts:
            yield from _texts_of(text, tree)


def _texts_of(text: ast.expr, tree: ast.Module) -> Iterator[str]:
    """A text, or those of the tables of the file that it is taken from: `ERRANDS[errand]`, `ERRANDS.get(errand)`."""
    if isinstance(text, ast.Constant) and isinstance(text.value, str):
        yield text.value
        return
    used = {name.id for name in ast.walk(text) if isinstance(name, ast.Name) and name.id.isupper()}
    for node in tree.body:
        if isinstance(node, ast.Assign) and used & {ast.unparse(target) for target in node.targets}:
            given = node.value.values if isinstance(node.value, ast.Dict) else [node.value]
            for each in given:
                if isinstance(each, ast.Constant) and isinstance(each.value, str):
                    yield each.value


def tidied(language: str) -> dict[str, str]:
    """Each file of a language as it should stand: its name and its text. Raises TwoTranslations."""
    folder = locale.HERE / language
    known: dict[str, str] = {}
    stands: dict[str, str] = {}
    for path in sorted(folder.rglob("*.po")):
        for msgid, text in locale.read(path).items():
            if text and known.get(msgid, text) != text:
                raise TwoTranslations(f"{language}: {msgid!r} is {known[msgid]!r} and {text!r} ({path.name}): keep one")
            known[msgid] = text or known.get(msgid, "")
            stands.setdefault(msgid, path.name)
    files: dict[str, list[str]] = {}
    for msgid, places in said().items():
        # A sentence that several files say stays where it is.
        file = stands[msgid] if stands.get(msgid) in places else places[0]
        files.setdefault(file, []).append(msgid)
    return {
        file: HEAD + "".join(_message(each, known.get(each, "")) for each in texts) for file, texts in files.items()
    }


def _message(msgid: str, text: str) -> str:
    return f"\nmsgid {_literal(msgid)}\nmsgstr {_literal(text)}\n"


def _literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def tidy(language: str) -> int:
    """Writes the files of a language; returns how many sentences have no translation yet."""
    folder = locale.HERE / language
    files = tidied(language)
    for path in folder.rglob("*.po"):
        if path.parent != folder or path.name not in files:
            path.unlink()
    for file, text in files.items():
        (folder / file).write_text(text, encoding="utf-8")
    return sum(text.count('\nmsgstr ""\n') for text in files.values())


if __name__ == "__main__":
    for language in locale.LANGUAGES:
        try:
            empty = tidy(language) if language != locale.ENGLISH else 0
        except TwoTranslations as two:
            sys.exit(str(two))
        if empty:
            sys.stdout.write(f"{language}: {empty} sentences have no translation yet\n")
