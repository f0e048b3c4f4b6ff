"""Rule 11: every loop of the worker has a crash drill and a garbage drill."""

import ast
from collections.abc import Mapping
from pathlib import Path

from gateway.jobs import work
from gateway.wiring import Wiring
from tests.drills import test_loops
from tests.house.source import ROOT
from tests.instruments import HandClock, settings_for


def loop_names(folder: Path) -> set[str]:
    """With the chain on and off; building loops talks to nobody."""
    chain_on = {"CHAIN": "on", "CHAIN_RPC_URL": "http://127.0.0.1:1"}
    wirings = [
        Wiring(settings_for("postgresql://nowhere", "redis://nowhere", folder, **changes), "worker", HandClock())
        for changes in ({}, chain_on)
    ]
    return {loop.name for wiring in wirings for loop in work.loops(wiring)}


def is_a_test(node_id: str) -> bool:
    path, _, name = node_id.partition("::")
    tree = ast.parse((ROOT / path).read_text())
    return any(isinstance(node, ast.FunctionDef) and node.name == name for node in tree.body)


def undrilled(names: set[str]) -> list[str]:
    garbage = held(test_loops.GARBAGE_DRILLED_ELSEWHERE) | set(test_loops.GARBAGE_DRILLS)
    crash = held(test_loops.CRASH_DRILLED_ELSEWHERE) | set(test_loops.CRASH_DRILLS)
    return sorted(names - (crash & garbage))


def held(elsewhere: Mapping[str, str]) -> set[str]:
    """Loops whose drill is where it is said to be."""
    return {name for name, test in elsewhere.items() if is_a_test(test)}


def test_rule_11_every_loop_has_its_drills(tmp_path: Path) -> None:
    assert undrilled(loop_names(tmp_path)) == []


def test_a_loop_without_drills_is_seen() -> None:
    assert undrilled({"pushes", "horoscopes"}) == ["horoscopes"]
