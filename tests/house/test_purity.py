"""Rule 6: no clock, chance or environment below the gateway, SQL included. Rule 7: no float touches a `*_cents`."""

import ast
import re

from tests.house.source import House, calls, imported, nodes, strings

BELOW = ("menus", "chamas", "payments", "ledger")

ASKS_THE_WORLD = {
    "time.time", "time.time_ns", "time.monotonic", "time.perf_counter", "datetime.now", "datetime.utcnow",
    "datetime.today", "date.today", "os.getenv", "os.urandom", "uuid.uuid1", "uuid.uuid4",
}  # fmt: skip
WORLDLY_MODULES = {"random", "secrets"}
WORLDLY_SQL = re.compile(
    r"\b(?:now|random|clock_timestamp|statement_timestamp|transaction_timestamp|gen_random_uuid)\s*\(|"
    r"\bCURRENT_(?:TIMESTAMP|DATE|TIME)\b|\bLOCALTIME",
    re.IGNORECASE,
)


def rule_6_no_clock_chance_or_environment(house: House) -> list[str]:
    complaints = []
    for path, tree in house.modules(*BELOW):
        complaints += [f"{path}: imports {name}" for name in imported(tree) if name in WORLDLY_MODULES]
        for node in nodes(tree):
            if isinstance(node, ast.Attribute):
                dotted = ast.unparse(node)
                if any(dotted.endswith(name) for name in ASKS_THE_WORLD) or dotted == "os.environ":
                    complaints.append(f"{path}:{node.lineno}: {dotted}")
        complaints += [
            f"{path}: SQL asks the server: {text[:60]}" for text in strings(tree) if WORLDLY_SQL.search(text)
        ]
    for path, text in house.texts(".sql"):
        without_comments = re.sub(r"--.*", "", text)
        complaints += [f"{path}: {found}" for found in WORLDLY_SQL.findall(without_comments)]
    return complaints


def rule_7_no_float_touches_cents(house: House) -> list[str]:
    complaints = []
    for path, tree in house.modules("gateway", *BELOW):
        for node in nodes(tree):
            if is_assignment(node) and "_cents" in ast.unparse(targets(node)) and makes_a_float(node):
                complaints.append(f"{path}:{node.lineno}: {ast.unparse(node)[:80]}")  # type: ignore[attr-defined]
            if isinstance(node, ast.keyword) and node.arg and node.arg.endswith("_cents") and makes_a_float(node.value):
                complaints.append(f"{path}: {ast.unparse(node)[:80]}")
            divides = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
            if divides and "_cents" in ast.unparse(node):
                complaints.append(f"{path}:{node.lineno}: {ast.unparse(node)[:80]}")  # type: ignore[attr-defined]
    return complaints


def is_assignment(node: ast.AST) -> bool:
    return isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign)


def targets(node: ast.AST) -> ast.AST:
    if isinstance(node, ast.Assign):
        return ast.Tuple(elts=node.targets)
    return node.target  # type: ignore[attr-defined, no-any-return]


def makes_a_float(node: ast.AST) -> bool:
    annotated = isinstance(node, ast.AnnAssign) and "float" in ast.unparse(node.annotation)
    literal = any(isinstance(part, ast.Constant) and isinstance(part.value, float) for part in nodes(node))
    return annotated or literal or any(name == "float" for name, _ in calls(node))


def test_rule_6_no_clock_chance_or_environment_below_the_gateway(house: House) -> None:
    assert rule_6_no_clock_chance_or_environment(house) == []


def test_rule_7_no_float_touches_cents(house: House) -> None:
    assert rule_7_no_float_touches_cents(house) == []


def test_breaking_rules_6_and_7_is_seen(house: House) -> None:
    assert rule_6_no_clock_chance_or_environment(house.with_files(ledger__a="import secrets"))
    assert rule_6_no_clock_chance_or_environment(house.with_files(chamas__a="x = datetime.now(UTC)"))
    assert rule_6_no_clock_chance_or_environment(house.with_files(chamas__a="import os\nx = os.environ['A']"))
    assert rule_6_no_clock_chance_or_environment(house.with_files(ledger__a='x = "SELECT now()"'))
    assert rule_6_no_clock_chance_or_environment(House({"migrations/1.sql": "CREATE TABLE a (at date DEFAULT now())"}))
    assert rule_7_no_float_touches_cents(house.with_files(chamas__a="due_cents = amount_cents * 1.5"))
    assert rule_7_no_float_touches_cents(house.with_files(chamas__a="half = due_cents / 2"))
    assert rule_7_no_float_touches_cents(house.with_files(chamas__a="f(due_cents=float(x))"))
