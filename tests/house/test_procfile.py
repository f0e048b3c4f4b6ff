"""Rule 12: every Procfile line has a drill that starts it on its own."""

from tests.drills import test_procfile
from tests.house.source import ROOT


def lines_without_a_drill(procfile: str) -> list[str]:
    names = [line.partition(":")[0] for line in procfile.splitlines() if line.strip()]
    return [name for name in names if not callable(getattr(test_procfile, test_procfile.DRILLS.get(name, ""), None))]


def test_every_procfile_line_has_a_drill() -> None:
    assert lines_without_a_drill((ROOT / "Procfile").read_text()) == []


def test_a_line_without_a_drill_is_seen() -> None:
    assert lines_without_a_drill("web: pesachama serve\nclock: pesachama clock\n") == ["clock"]
