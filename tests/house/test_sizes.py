"""Rule 13: files of at most 300 lines, functions of at most 60, and no module that is a drawer for everything."""

from tests.house.source import House, functions

FILE_LINES = 300
FUNCTION_LINES = 60
DRAWERS = {"utils", "util", "helpers", "helper", "common", "core", "manager", "managers", "service", "services", "misc"}

# What an auditor carries away must be one file that she can read through: decision 0013 says why it is longer.
ONE_FILE = {"ledger/verify_export.py": 550}

# Compiled or written by a program, and never edited by hand.
GENERATED = ("contracts/artifacts/", "migrations/schema.sql")


def rule_13_small_files_small_functions(house: House) -> list[str]:
    complaints = []
    for path, text in house.texts(".py", ".js", ".css", ".html"):
        if path.startswith(GENERATED):
            continue
        lines = text.count("\n")
        if lines > ONE_FILE.get(path, FILE_LINES):
            complaints.append(f"{path}: {lines} lines")
        drawers = DRAWERS & set(path.rsplit(".", 1)[0].split("/"))
        complaints += [f"{path}: a drawer called {name}" for name in sorted(drawers)]
    for path, tree in house.modules():
        for function in functions(tree):
            lines = (function.end_lineno or function.lineno) - function.lineno + 1
            if lines > FUNCTION_LINES:
                complaints.append(f"{path}:{function.lineno} {function.name}: {lines} lines")
    return complaints


def test_rule_13_small_files_small_functions(house: House) -> None:
    assert rule_13_small_files_small_functions(house) == []


def test_breaking_rule_13_is_seen(house: House) -> None:
    assert rule_13_small_files_small_functions(house.with_files(ledger__a="x = 1\n" * 301))
    assert rule_13_small_files_small_functions(house.with_files(ledger__a="def f():\n" + "    x = 1\n" * 60))
    assert rule_13_small_files_small_functions(house.with_files(ledger__utils="x = 1"))
