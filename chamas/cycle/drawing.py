"""The arithmetic of a ballot, as docs/ballot.md specifies it to the byte. Pure.

docs/ballot/check_ballot.py does the same a second time, and shares no line with this on purpose.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256

FORM = "pesachama-ballot/1"
# Nobody finds it by trying.
SEED_BYTES = 32
# What stands for a member who typed nothing.
NOTHING = "-"


def seal(seed: bytes, roster: Sequence[int]) -> bytes:
    """What is published before anybody types: it binds the seed, and who takes part by member number."""
    lines = [f"{FORM} seal", seed.hex(), " ".join(map(str, sorted(roster)))]
    return sha256(_text(lines)).digest()


def draw(seed: bytes, roster: Sequence[int], typed: Mapping[int, str]) -> list[int]:
    """The member numbers in the order of payout; `typed` is what each typed, digits only."""
    numbers = sorted(roster)
    key = sha256(_text([f"{FORM} draw", seed.hex(), *(f"{number} {typed.get(number, NOTHING)}" for number in numbers)]))
    return sorted(numbers, key=lambda number: sha256(f"{key.hexdigest()} {number}".encode()).digest())


def _text(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("ascii")
