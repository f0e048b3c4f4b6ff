"""Every row of the benchmarks runs, checks its answers and reports two numbers; how large they are is not tested."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import report
from bench.__main__ import measured
from bench.load import Void
from bench.pairs import Effort, Result
from bench.rows import BESIDE_PEERS, INSIDE, ON_REQUEST, OVER_HTTP, history, turns
from bench.stage import Stage

TINY = Effort(seconds=1, pairs=1, rows=20, leaves=50, pages=60, chamas=2)

# The others start processes or a chain of their own, which takes seconds on two cores.
QUICK = ("drain", "seal", "verify", "verify-links")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Stage(tmp_path_factory.mktemp("bench"), durable=False) as running:
        yield running


def assert_both_numbers(results: list[Result]) -> None:
    assert [result.void for result in results if result.void] == []
    assert [result.title for result in results if result.ours <= 0 or result.other <= 0] == []


def test_rows_inside(stage: Stage) -> None:
    assert_both_numbers(measured(stage, TINY, {name: INSIDE[name] for name in QUICK}))


@pytest.mark.full
def test_rows_of_the_decade_and_their_table(stage: Stage) -> None:
    assert_both_numbers(measured(stage, TINY, ON_REQUEST))
    assert "| positions over all seasons | 1 | 1 | 0 |" in history.explained(stage, TINY)


@pytest.mark.long
def test_rows_inside_with_clients_of_their_own(stage: Stage) -> None:
    assert_both_numbers(measured(stage, TINY, {name: row for name, row in INSIDE.items() if name not in QUICK}))


@pytest.mark.full
def test_rows_over_http(stage: Stage) -> None:
    assert_both_numbers(measured(stage, TINY, OVER_HTTP))


@pytest.mark.full
def test_the_peer(stage: Stage) -> None:
    assert_both_numbers(measured(stage, TINY, BESIDE_PEERS))


@pytest.mark.full
def test_a_wrong_answer_makes_a_row_void(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "screens", lambda *_: {"CON another screen"})
    with pytest.raises(Void, match="wrong answers"):
        turns.stepping(stage, TINY)


def test_the_page_keeps_what_people_wrote(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    rows = [Result("a row", "turns/s", "a floor", 700.0, 1_000.0, 0.8), Result("another", "", "", void="no answer")]
    report.write(rows, "- a machine", page)
    text = page.read_text()
    assert text.startswith("before\n") and text.endswith("\nafter\n") and "old" not in text
    assert "| a row | 700 turns/s | 1,000 turns/s<br>a floor | 0.70 | at least 0.8 | **missed** |" in text
    assert "**void**: no answer" in text


def test_targets() -> None:
    assert Result("", "", "", 70, 100, 0.7).verdict == "met"
    assert Result("", "", "", 69, 100, 0.7).verdict == "missed"
    assert Result("", "", "", 50, 50, 1.0, fewer_is_better=True).verdict == "met"
    assert Result("", "", "", 51, 50, 1.0, fewer_is_better=True).verdict == "missed"
    assert Result("", "", "", 50, 50, 1.0, fewer_is_better=True, fell_short=True).verdict == "missed"
    assert Result("", "", "", 51, 50).verdict == "-"
