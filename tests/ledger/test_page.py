"""docs/ledger.md is what it shows: its transcripts run with nothing of ours but `ledger/`, in a database of its own."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

import ledger
from ledger.findings import Finding
from migrations import alone, runner
from tests.house.source import ROOT, House, imported, real_house

PAGE = ROOT / "docs" / "ledger.md"
OTHERS = {"gateway", "menus", "chamas", "payments", "migrations", "simulator", "embedded", "tests"}

# They change the books' tables for the sake of other rooms: who may see which rows.
OF_THE_HOUSE = {"0010_rows.sql"}

# Run by a Python that finds `ledger` in the copy and nowhere else; says which other rooms it met in spite of that.
RUN = """
import doctest, pathlib, sys
sys.path.insert(0, sys.argv[1])
import ledger
assert ledger.__file__.startswith(sys.argv[1]), ledger.__file__
page = pathlib.Path(sys.argv[3]).read_text()
test = doctest.DocTestParser().get_doctest(page, {"url": sys.argv[2]}, "docs/ledger.md", sys.argv[3], 0)
flags = doctest.IGNORE_EXCEPTION_DETAIL | doctest.REPORT_NDIFF
failed = doctest.DocTestRunner(optionflags=flags).run(test)
print(failed.attempted, "shown;", "met", sorted({name.split(".")[0] for name in sys.modules} & set(sys.argv[4:])))
sys.exit(1 if failed.failed else 0)
"""


@pytest.fixture
def bare_url(empty_database_url: str) -> str:
    """A database with the tables of the ledger and of nobody else."""
    with psycopg.connect(empty_database_url, autocommit=True) as conn:
        conn.execute(alone.sql().encode())
    return empty_database_url


def test_every_transcript_of_the_page_is_true(bare_url: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "ledger", tmp_path / "ledger", ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-c", RUN, str(tmp_path), bare_url, str(PAGE), *sorted(OTHERS)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr
    shown, _, met = done.stdout.strip().rpartition("\n")[2].partition(" shown; met ")
    assert (int(shown) > 40, met) == (True, "[]")


def test_only_what_speaks_of_other_rooms_is_left_out() -> None:
    left = alone.left_out()
    made = [" ".join(one.split()[1:3]) for one in left if one.startswith("CREATE")]
    assert made == ["VIEW transactions", "TRIGGER audited_states", "TABLE erasures", "TRIGGER unchangeable"]
    rules = [one for one in left if one.startswith("DO $$")]
    assert rules and all("GRANT" in one or "protect_rows" in one for one in rules)
    audited = {one.split("'")[1] for one in left if one.startswith("SELECT audit_")}
    assert audited and audited.isdisjoint({"books", "seasons", "accounts"})
    rest = [one for one in left if not one.startswith(("CREATE", "DO $$", "SELECT audit_", "SELECT protect_rows("))]
    assert [one.split()[:3] for one in rest] == [["ALTER", "TABLE", "evidence"], ["ALTER", "TABLE", "api_tokens"]]


def forgotten() -> set[str]:
    """Migrations outside the bare ledger that change a table or a function which is in it."""
    made = re.compile(r"\bCREATE (?:OR REPLACE )?(TABLE|FUNCTION) (\w+)")
    ours = {found for one in alone.statements() for found in made.findall(one)} - {("FUNCTION", "protect_rows")}
    tables, functions = (
        "|".join(sorted(name for kind, name in ours if kind == wanted)) for wanted in ("TABLE", "FUNCTION")
    )
    changes = re.compile(rf"\bALTER TABLE (?:{tables})\b|\b(?:CREATE OR REPLACE|DROP) FUNCTION (?:{functions})\b")
    return {one.name for one in runner.known() if one.name not in alone.FILES and changes.search(one.sql)}


def test_every_migration_that_changes_the_books_is_in_the_bare_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    assert forgotten() <= OF_THE_HOUSE, "add it to migrations/alone.py, or to OF_THE_HOUSE here"
    for name in ("0013_cheaper_posting.sql", "0014_positions_without_a_key.sql"):
        monkeypatch.setattr(alone, "FILES", tuple(one for one in alone.FILES if one != name))
        assert name in forgotten()


def test_a_bare_ledger_is_sound_and_has_no_table_of_others(bare_url: str) -> None:
    with psycopg.connect(bare_url) as conn:
        tables = {
            name
            for (name,) in conn.execute(
                "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p', 'v')"
                " AND relnamespace = 'public'::regnamespace"
            )
        }
        assert {"books", "accounts", "entries", "postings", "positions", "batches"} <= tables
        assert {"audit_logs", "audit_chain", "balance_assertions"} <= tables
        assert not tables & {"chamas", "users", "receipts", "payment_attempts", "transactions", "erasures"}
        audited = conn.execute(
            "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgname ~ '^audited_' ORDER BY 1"
        ).fetchall()
        assert audited == [("accounts",), ("books",), ("seasons",)]
        findings: list[Finding] = ledger.verify(conn)
        assert all(finding.ok for finding in findings)


def reached_into(house: House) -> dict[str, set[str]]:
    """The modules of ledger/ that other rooms import, each with who does."""
    reached: dict[str, set[str]] = {}
    for path, tree in house.modules("gateway", "menus", "chamas", "payments"):
        deeper = {name for name in imported(tree) if name.startswith("ledger.")}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "ledger":
                deeper |= {f"ledger.{alias.name}" for alias in node.names if alias.name not in ledger.__all__}
        for name in deeper:
            reached.setdefault(".".join(name.split(".")[:2]), set()).add(path)
    return reached


def test_other_rooms_use_the_public_face_or_what_the_page_lists() -> None:
    listed = set(re.findall(r"^\| `(ledger\.\w+)` \|", PAGE.read_text(), re.M))
    reached = reached_into(real_house())
    assert {name: sorted(who) for name, who in reached.items() if name not in listed} == {}
    assert all(
        Path(ROOT, name.replace(".", "/")).is_dir() or Path(ROOT, f"{name.replace('.', '/')}.py").is_file()
        for name in listed
    )
    assert reached_into(House({"chamas/a.py": "from ledger.secrets import x"})) == {"ledger.secrets": {"chamas/a.py"}}


def test_every_account_of_the_demo_stands_in_the_chart(village_url: str) -> None:
    chart = dict(re.findall(r"^\| `([a-z_]+)(?::<\w+>)?` \| [^|]+ \| (\w+) \|", PAGE.read_text(), re.M))
    with psycopg.connect(village_url) as conn:
        seen: list[Any] = conn.execute(
            "SELECT DISTINCT split_part(code, ':', 1), kind, normal_side FROM accounts"
        ).fetchall()
    assert seen
    for code, kind, side in seen:
        assert chart.get(code) == kind, f"{code} is no {kind} in docs/ledger.md"
        assert side == ("debit" if kind in ("asset", "expense") else "credit")
