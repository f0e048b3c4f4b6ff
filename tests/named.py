"""Lists that name tests: whether each test is there, so that who renames one is led to the list."""

import ast
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent


def missing(named: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Names in the list (`gateway/test_ussd.py::test_this`, `talks/join.en.talk`) that stand in no file of tests."""
    left = []
    for name in {name for names in named.values() for name in names}:
        path, _, test = name.partition("::")
        file = HERE / path
        tree = ast.parse(file.read_text()) if test and file.exists() else None
        found = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)} if tree else set()
        if not file.exists() or (test and test not in found):
            left.append(name)
    return sorted(left)
