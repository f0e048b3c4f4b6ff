"""Rule 8: states are StrEnums with one table of moves, equal to the CHECK in the schema; they change by it only."""

import ast
import importlib
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from psycopg import Connection

from chamas.telling.notice_states import NoticeState
from gateway import lifecycles, printing
from ledger.batches import BatchState
from ledger.moves import Moves
from payments.evidence.store import Verdict
from payments.states import AttemptState
from tests.house.source import PRODUCT, House, functions, nodes, strings

SETS_A_STATE = re.compile(
    r"\bUPDATE\s+([a-z_]+)\b(?:(?!\bWHERE\b|\bFROM\b).)*?\bSET\b(?:(?!\bWHERE\b|\bFROM\b).)*?\b(state|status)\s*=", re.S
)

Checks = Mapping[str, frozenset[str]]


def tables_of_moves(house: House) -> dict[str, Moves[Any]]:
    """Every table of moves that a product module holds, by module and name."""
    found = {}
    for path, tree in house.modules(*PRODUCT):
        for node in tree.body:
            names = [target for target in nodes(node) if isinstance(target, ast.Name)] if is_plain(node) else []
            for name in {name.id for name in names if name.id.endswith("MOVES") and isinstance(name.ctx, ast.Store)}:
                found[f"{path} {name}"] = getattr(importlib.import_module(dotted(path)), name)
    return found


def is_plain(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign | ast.AnnAssign)


def dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def checked_columns(conn: Connection[Any]) -> Checks:
    """What each CHECK on a single column called state, status, verdict or kyc allows."""
    rows = conn.execute(
        "SELECT c.relname || '.' || a.attname, pg_get_constraintdef(k.oid) FROM pg_constraint k "
        "JOIN pg_class c ON c.oid = k.conrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1] "
        "WHERE k.contype = 'c' AND cardinality(k.conkey) = 1 AND a.attname IN ('state', 'status', 'verdict', 'kyc') "
        "AND k.connamespace = 'public'::regnamespace"
    ).fetchall()
    return {column: frozenset(re.findall(r"'([A-Za-z_]+)'", check)) for column, check in rows}


def rule_8_states_equal_the_check(tables: Mapping[str, Moves[Any]], checks: Checks) -> list[str]:
    complaints = []
    for name, moves in tables.items():
        states = type(next(iter(moves.following)))
        if not issubclass(states, StrEnum) or set(moves.following) != set(states):
            complaints.append(f"{name} does not hold every state of one StrEnum")
        if {str(state) for state in moves.following} != checks.get(moves.column):
            complaints.append(f"{name} and the CHECK of {moves.column} differ")
    ordered = [moves.column for moves in tables.values()]
    complaints += [f"{column} has two tables of moves" for column in sorted({*ordered}) if ordered.count(column) > 1]
    return complaints


def rule_8_every_column_of_states_has_its_table(columns: Iterable[str], claimed: Iterable[str]) -> list[str]:
    return [f"{column} has states, and no table of moves" for column in sorted({*columns} - {*claimed})]


def rule_8_states_change_by_the_table(house: House, columns: Iterable[str]) -> list[str]:
    """SQL that sets a state stands in a function that asks the table of moves."""
    complaints = []
    for path, tree in house.modules(*PRODUCT):
        for function in functions(tree):
            asks = any(isinstance(node, ast.Name) and node.id.endswith("_MOVES") for node in nodes(function))
            asks |= any(isinstance(node, ast.Attribute) and node.attr.endswith("_MOVES") for node in nodes(function))
            set_here = {
                f"{table}.{column}" for text in strings(function) for table, column in SETS_A_STATE.findall(text)
            }
            if not asks and set_here & {*columns}:
                complaints.append(f"{path}:{function.lineno} {function.name} sets {', '.join(set_here)} by itself")
    return complaints


def test_rule_8_states_equal_the_check_in_the_schema(house: House, conn: Connection[Any]) -> None:
    tables, checks = tables_of_moves(house), checked_columns(conn)
    assert len(tables) >= 10
    assert rule_8_states_equal_the_check(tables, checks) == []
    claimed = {moves.column for moves in tables.values()} | {"evidence.verdict"}
    assert rule_8_every_column_of_states_has_its_table(checks, claimed) == []
    # What a reader made of a row is judged anew whenever the row is read: an enum, and nothing that it leads to.
    assert checks["evidence.verdict"] == {*Verdict}


def test_rule_8_states_change_by_their_table_of_moves(house: House) -> None:
    columns = {moves.column for moves in tables_of_moves(house).values()}
    assert rule_8_states_change_by_the_table(house, columns) == []


def test_the_page_of_states_is_up_to_date(house: House) -> None:
    assert {id(moves) for _, _, moves in lifecycles.LIFECYCLES} == {id(m) for m in tables_of_moves(house).values()}
    for _, module, moves in lifecycles.LIFECYCLES:
        assert any(name.startswith(module) and known is moves for name, known in tables_of_moves(house).items())
    assert lifecycles.DOCUMENT.read_text() == lifecycles.drawn(), "run `make states`"


def test_every_state_has_words_on_our_pages() -> None:
    assert {*printing.PAYMENT_STATES} == {*AttemptState, "suspense"}
    assert {*printing.VERDICTS} == {*Verdict}
    assert {*printing.BATCH_STATES} == {*BatchState}
    assert {*printing.MESSAGE_STATES} == {*NoticeState}


class Light(StrEnum):
    OFF = "off"
    ON = "on"


def test_breaking_rule_8_is_seen(house: House) -> None:
    whole = Moves("lamps.state", {Light.OFF: frozenset({Light.ON}), Light.ON: frozenset()})
    half = Moves("lamps.state", {Light.OFF: frozenset({Light.ON})})
    check = {"lamps.state": frozenset({"off", "on"})}
    assert rule_8_states_equal_the_check({"a": whole}, check) == []
    assert len(rule_8_states_equal_the_check({"a": half}, check)) == 2
    assert rule_8_states_equal_the_check({"a": whole}, {"lamps.state": frozenset({"off", "on", "broken"})})
    assert rule_8_states_equal_the_check({"a": whole, "b": whole}, check)
    assert rule_8_every_column_of_states_has_its_table(["lamps.state"], ["rounds.state"])
    sets = "def f(conn):\n    conn.execute(\"UPDATE lamps AS l SET due_at = 1, state = 'on' WHERE id = 1\")"
    reads = "def f(conn):\n    conn.execute(\"UPDATE lamps SET due_at = NULL WHERE state = 'on'\")"
    asks = sets + "\n    LAMP_MOVES.require(a, b)"
    assert rule_8_states_change_by_the_table(house.with_files(ledger__a=sets), check)
    assert not rule_8_states_change_by_the_table(house.with_files(ledger__a=reads), check)
    assert not rule_8_states_change_by_the_table(house.with_files(ledger__a=asks), check)
