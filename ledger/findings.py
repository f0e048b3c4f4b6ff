"""One line of `pesachama verify`: an invariant that was derived again, and whether it holds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """`count` is how many things were looked at; `detail` says what is wrong and is empty when all is well."""

    name: str
    ok: bool
    detail: str
    count: int


@dataclass
class Tally:
    """The exceptions to one invariant: the first by name, all by number."""

    first: str = ""
    wrong: int = 0

    def add(self, culprit: str) -> None:
        self.first = self.first or culprit
        self.wrong += 1

    def take(self, other: "Tally") -> None:
        """Adds what was found further on."""
        self.first = self.first or other.first
        self.wrong += other.wrong

    def finding(self, name: str, looked_at: int) -> Finding:
        detail = f"not so for {self.first}, {self.wrong} in all" if self.wrong else ""
        return Finding(name, not self.wrong, detail, looked_at)
