"""The committed artifact is what the committed source compiles to."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from contracts import ARTIFACTS, artifact

CONTRACTS = ARTIFACTS.parent
SOURCES = ("BatchAnchor.sol", "compile.mjs", "package.json", "package-lock.json", ".npmrc")


@pytest.mark.full
def test_the_source_compiles_to_the_artifact(tmp_path: Path) -> None:
    for name in SOURCES:
        shutil.copy(CONTRACTS / name, tmp_path)
    subprocess.run(["npm", "ci", "--silent"], cwd=tmp_path, check=True, timeout=300)  # noqa: S607
    compiled = subprocess.run(
        ["npm", "run", "--silent", "compile"],  # noqa: S607
        cwd=tmp_path,
        check=True,
        timeout=120,
        capture_output=True,
    )
    assert json.loads(compiled.stdout) == artifact("BatchAnchor")


def test_the_lock_names_no_host() -> None:
    packages = json.loads((CONTRACTS / "package-lock.json").read_text())["packages"]
    assert all("resolved" not in package for package in packages.values())
    assert all("integrity" in package for path, package in packages.items() if path)
