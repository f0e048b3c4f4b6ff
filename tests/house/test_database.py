"""Rule 3: one writer per table. Rule 4: SQL has its place, no f-string in it. Rule 5: conn joins, wiring begins."""

import ast
import re
from collections import defaultdict

from tests.house.source import PRODUCT, House, calls, functions, imported, parameters, strings

WRITES = re.compile(r"\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?)\s+([a-z_]+)\b")
SPEAKS_SQL = re.compile(r"\b(?:SELECT|INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+\S+")

RUNS_SQL = ("execute", "executemany", "copy", "stream")


def rule_3_one_writer_per_table(house: House) -> list[str]:
    writers: dict[str, set[str]] = defaultdict(set)
    for path, tree in house.modules(*PRODUCT):
        for text in strings(tree):
            for table in WRITES.findall(text):
                if table not in ("set", "of", "skip"):  # ON CONFLICT DO UPDATE SET, FOR UPDATE OF, FOR UPDATE SKIP
                    writers[table].add(path)
    return [f"{table} is written by {sorted(paths)}" for table, paths in sorted(writers.items()) if len(paths) > 1]


def rule_4_sql_has_its_place(house: House) -> list[str]:
    complaints = []
    for path, tree in house.modules(*PRODUCT):
        sql_is_out_of_place = path.startswith("menus/") or "flask" in imported(tree)
        if sql_is_out_of_place and any(SPEAKS_SQL.search(text) for text in strings(tree)):
            complaints.append(f"{path}: SQL in menus or beside Flask")
        for name, call in calls(tree):
            if name in RUNS_SQL and call.args and built_from_text(call.args[0]):
                complaints.append(f"{path}:{call.lineno}: a string built at run time reaches {name}")
    return complaints


def built_from_text(node: ast.expr) -> bool:
    """An f-string, a sum or product of strings, or a `.format(...)` of a plain string."""
    if isinstance(node, ast.JoinedStr):
        return True
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Mod | ast.Add)
    formats = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"
    return formats and isinstance(node.func.value, ast.Constant)  # type: ignore[attr-defined]


def rule_5_conn_joins_wiring_begins(house: House) -> list[str]:
    """Only the ledger's, payments' and chamas' functions: the gateway's views own their transactions."""
    complaints = []
    for path, tree in house.modules("menus", "chamas", "payments", "ledger"):
        for function in functions(tree):
            ends = {name for name, _ in calls(function)} & {"commit", "rollback"}
            begins = [call for name, call in calls(function) if name == "transaction"]
            if "conn" in parameters(function) and ends:
                complaints.append(f"{path}:{function.lineno} {function.name} takes conn and ends a transaction")
            for call in begins:
                on = call.func.value if isinstance(call.func, ast.Attribute) else None
                on_conn = isinstance(on, ast.Name) and on.id == "conn"
                if "conn" in parameters(function) and on_conn and "savepoint" not in function.name:
                    complaints.append(f"{path}:{function.lineno} {function.name} takes conn and begins a transaction")
    return complaints


def test_rule_3_one_writer_per_table(house: House) -> None:
    assert rule_3_one_writer_per_table(house) == []


def test_rule_4_sql_has_its_place(house: House) -> None:
    assert rule_4_sql_has_its_place(house) == []


def test_rule_5_conn_joins_wiring_begins(house: House) -> None:
    assert rule_5_conn_joins_wiring_begins(house) == []


def test_breaking_rules_3_to_5_is_seen(house: House) -> None:
    insert = 'X = "INSERT INTO receipts (receipt) VALUES (%s)"'
    assert rule_3_one_writer_per_table(house.with_files(payments__a=insert, chamas__b=insert))
    assert rule_4_sql_has_its_place(house.with_files(menus__a='X = "SELECT id FROM users"'))
    assert rule_4_sql_has_its_place(house.with_files(gateway__a='import flask\nX = "SELECT id FROM users"'))
    assert rule_4_sql_has_its_place(house.with_files(ledger__a='def f(conn, x):\n    conn.execute(f"SELECT {x}")'))
    begins = "def f(conn):\n    with conn.transaction():\n        pass"
    assert rule_5_conn_joins_wiring_begins(house.with_files(ledger__a=begins))
    assert rule_5_conn_joins_wiring_begins(house.with_files(chamas__a="def f(conn):\n    conn.commit()"))
