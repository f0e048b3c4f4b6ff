"""A ballot is recomputed by a program that imports nothing of ours, and by the words of its specification."""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

from chamas.cycle import drawing

CHECKER = Path(__file__).parents[2] / "docs" / "ballot" / "check_ballot.py"
SEED = bytes(range(32))


def check(published: dict[str, Any], *more: str) -> subprocess.CompletedProcess[str]:
    """The program alone: no site packages, no path of ours, no environment."""
    command = [sys.executable, "-I", "-S", str(CHECKER), "-", *more]
    return subprocess.run(command, input=json.dumps(published), capture_output=True, text=True, env={}, check=False)


def published(typed: dict[int, str], roster: list[int], seed: bytes = SEED) -> dict[str, Any]:
    return {
        "form": drawing.FORM,
        "state": "drawn",
        "seed": seed.hex(),
        "seal": drawing.seal(seed, roster).hex(),
        "roster": [{"number": number, "typed": typed.get(number)} for number in sorted(roster)],
        "order": drawing.draw(seed, roster, typed),
    }


def test_the_example_of_the_specification() -> None:
    # Computed by sha256sum at a shell, as docs/ballot.md shows it.
    assert drawing.draw(SEED, [3, 1, 2], {1: "4821", 3: "77"}) == [3, 2, 1]
    assert drawing.seal(SEED, [3, 1, 2]).hex() == "b2c58a26aecbd8cad8d64cee554b96ad23658388ec37ae62b6259b5755a9e9d9"


def test_a_program_that_imports_nothing_of_ours_comes_to_the_same_order() -> None:
    chance = random.Random(5)
    roster = sorted(chance.sample(range(1, 200), 30))
    whole = published({number: str(chance.randrange(10**9)) for number in roster[:20]}, roster, chance.randbytes(32))
    ran = check(whole, whole["seal"])
    assert (ran.returncode, ran.stderr) == (0, "")
    assert [int(line.split()[2]) for line in ran.stdout.splitlines()[:-1]] == whole["order"]
    first = whole["roster"][0]
    changed: list[tuple[dict[str, Any], str]] = [
        ({"order": whole["order"][::-1]}, "the order is another one"),
        ({"seed": SEED.hex()}, "seed and members are not those that were sealed"),
        ({"roster": whole["roster"][1:]}, "seed and members are not those that were sealed"),
        ({"roster": [{**first, "typed": "1"}, *whole["roster"][1:]]}, "the order is another one"),
        ({"state": "void"}, "nothing is drawn"),
    ]
    for change, complaint in changed:
        ran = check({**whole, **change})
        assert ran.returncode == 1
        assert complaint in ran.stdout
    assert "the seal is not the one of the message" in check(whole, "00" * 32).stdout


def test_every_order_comes_up_about_as_often() -> None:
    counts: dict[tuple[int, ...], int] = {}
    for number in range(6_000):
        drawn = tuple(drawing.draw(number.to_bytes(32, "big"), [1, 2, 3], {2: "7"}))
        counts[drawn] = counts.get(drawn, 0) + 1
    assert len(counts) == 6
    # 1,000 each on the average, with a deviation of 29.
    assert all(850 < count < 1_150 for count in counts.values())
