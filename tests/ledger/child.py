"""A model of one book that a child could check: what every request must be told, and what the accounts then say."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ledger import refusals
from ledger.books import Draft, Line

# A page number, or the kind of refusal.
Answer = int | type[refusals.Refusal]

STICKY = (
    refusals.OutOfBounds,
    refusals.AlreadyResolved,
    refusals.AlreadyReversed,
    refusals.HoldExpired,
)


@dataclass
class Leaf:
    """A page: its lines on the debit side, whether they moved money, were held or let go, and whether it has ended."""

    lines: tuple[Line, ...]
    phase: str
    expires_at: datetime | None = None
    ended: bool = False


@dataclass
class Child:
    """Balances and held sums by account, debit positive; `floors` name liabilities that owe nothing less than zero,
    `ceilings` what an asset has at most."""

    floors: frozenset[int]
    ceilings: Mapping[int, int]
    posted: Counter[int] = field(default_factory=Counter)
    held_debits: Counter[int] = field(default_factory=Counter)
    held_credits: Counter[int] = field(default_factory=Counter)
    pages: dict[int, Leaf] = field(default_factory=dict)
    told: dict[str, tuple[bytes, Answer]] = field(default_factory=dict)

    def ask(self, draft: Draft, at: datetime) -> Answer:
        """What a request is told, once and for ever under its key."""
        asked = draft.request_hash()
        if draft.key in self.told:
            before, answer = self.told[draft.key]
            return answer if before == asked else refusals.KeyReused
        answer = self._decide(draft, at)
        if isinstance(answer, int) or answer in STICKY:
            self.told[draft.key] = asked, answer
        return answer

    def _decide(self, draft: Draft, at: datetime) -> Answer:
        target = draft.resolves_seq if draft.resolves_seq is not None else draft.reverses_seq
        leaf = Leaf(draft.lines, "held" if draft.expires_at else "posted", draft.expires_at)
        if target is not None:
            objection = self._objection(target, draft, at)
            if objection:
                return objection
            leaf = self._ending(self.pages[target], draft)
        elif not all(self._bears(line) for line in draft.lines):
            return refusals.OutOfBounds
        if draft.reverses_seq is not None and not all(self._bears(line) for line in leaf.lines):
            return refusals.OutOfBounds
        return self._write(leaf, target, resolves=draft.resolves_seq is not None)

    def _objection(self, target: int, draft: Draft, at: datetime) -> type[refusals.Refusal] | None:
        leaf = self.pages.get(target)
        if leaf is None:
            return refusals.UnknownEntry
        if draft.resolution is None:
            told = {"posted": refusals.AlreadyReversed if leaf.ended else None}
            return told.get(leaf.phase, refusals.NothingPosted)
        if leaf.expires_at is None or leaf.ended:
            return refusals.AlreadyResolved if leaf.expires_at else refusals.NotAHold
        over = at >= leaf.expires_at
        if draft.resolution == "expired":
            return None if over else refusals.HoldAlive
        if draft.resolution == "posted" and over:
            return refusals.HoldExpired
        return None if self._within(draft.lines, leaf) else refusals.MoreThanHeld

    @staticmethod
    def _within(lines: tuple[Line, ...], leaf: Leaf) -> bool:
        held = {line.account_id: line.amount_cents for line in leaf.lines}
        for line in lines:
            most = held.get(line.account_id, 0)
            if not 0 < line.amount_cents * (1 if most > 0 else -1) <= abs(most):
                return False
        return True

    @staticmethod
    def _ending(leaf: Leaf, draft: Draft) -> Leaf:
        if draft.resolution is None:
            return Leaf(tuple(Line(line.account_id, -line.amount_cents) for line in leaf.lines), "posted")
        if draft.resolution == "posted":
            return Leaf(draft.lines or leaf.lines, "posted")
        return Leaf((), "let go")

    def _bears(self, line: Line) -> bool:
        account, cents = line.account_id, line.amount_cents
        after = self.posted[account] + cents
        after += self.held_debits[account] if cents > 0 else -self.held_credits[account]
        if account in self.floors and after > 0:
            return False
        return after <= self.ceilings.get(account, after)

    def _write(self, leaf: Leaf, target: int | None, *, resolves: bool) -> int:
        if target is not None:
            self.pages[target].ended = True
            if resolves:
                self._hold(self.pages[target].lines, -1)
        if leaf.phase == "held":
            self._hold(leaf.lines, 1)
        elif leaf.phase == "posted":
            for line in leaf.lines:
                self.posted[line.account_id] += line.amount_cents
        seq = len(self.pages) + 1
        self.pages[seq] = leaf
        return seq

    def _hold(self, lines: tuple[Line, ...], sign: int) -> None:
        for line in lines:
            side = self.held_debits if line.amount_cents > 0 else self.held_credits
            side[line.account_id] += sign * abs(line.amount_cents)

    def due(self, at: datetime) -> list[int]:
        """The pages of holds whose time is over."""
        return [seq for seq, leaf in self.pages.items() if leaf.expires_at and not leaf.ended and leaf.expires_at <= at]
