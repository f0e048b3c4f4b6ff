"""Random steps against the books and against a child's model of them: postings, holds and their ends, reversals,
duplicates, expiries, and writers at the same time."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from psycopg import Connection

from ledger import books, holds, refusals
from ledger.books import Draft, Line
from ledger.holds import Request
from tests.instruments import START, SeededChance
from tests.ledger.child import Answer, Child
from tests.ledger.umoja import open_umoja

# Few keys, small amounts, few pages: so most requests meet a key that was used, money that is not there, or an end.
KEYS = st.integers(0, 60)
CENTS = st.sampled_from([1, 2, 3, 500, 900, 10**15])
PLACES = st.permutations(["mpesa", "wanjiku", "otieno", "capped"])
PAGES = st.integers(0, 12)
WRITERS = 3


class Machine(RuleBasedStateMachine):
    """One book and its model. `hands` are connections of writers who come at the same time; none, no such steps."""

    steps = 0

    def __init__(self, conn: Connection[Any], hands: list[Connection[Any]]) -> None:
        super().__init__()
        self.conn, self.hands, self.at = conn, hands, START
        self.chances = [SeededChance(int(START.timestamp()) + Machine.steps * 7 + hand) for hand in range(WRITERS + 1)]
        umoja = open_umoja(conn)
        capped = books.open_account(conn, book_id=umoja.book_id, code="capped", kind="asset", ceiling_cents=1_000)
        self.book_id = umoja.book_id
        self.places = {
            "mpesa": umoja.mpesa,
            "wanjiku": umoja.wanjiku,
            "otieno": umoja.otieno,
            "capped": capped,
        }
        self.child = Child(frozenset({umoja.wanjiku, umoja.otieno}), {capped: 1_000})

    def lines(self, places: list[str], cents: int, *, split: bool) -> tuple[Line, ...]:
        first, second, third, _ = (self.places[place] for place in places)
        if split:
            return Line(first, 2 * cents), Line(second, -cents), Line(third, -cents)
        return Line(first, cents), Line(second, -cents)

    def draft(self, key: int | str, lines: tuple[Line, ...], **changes: Any) -> Draft:
        name = key if isinstance(key, str) else f"{self.book_id}-{key}"
        return Draft(self.book_id, "step", START, lines, "machine", name, {"step": key}, **changes)

    def end(self, key: int, **how: Any) -> Draft:
        return Request("machine", f"{self.book_id}-{key}", START).draft(self.book_id, "end", **how)

    def target(self, page: int) -> int:
        """Page 0 is one that does not exist; the others are the newest."""
        newest = len(self.child.pages)
        return max(1, newest + 1 - page) if page else newest + 1

    def of_a_hold(self, page: int) -> int:
        """Three times of four a page that is held, if there is one."""
        held = [seq for seq, leaf in self.child.pages.items() if leaf.expires_at and not leaf.ended]
        return held[page % len(held)] if held and page % 4 else self.target(page)

    def told(self, conn: Connection[Any], draft: Draft, hand: int = WRITERS) -> Answer:
        try:
            return books.post(conn, draft, at=self.at, chance=self.chances[hand]).seq
        except refusals.Refusal as refusal:
            return type(refusal)

    def step(self, draft: Draft) -> None:
        Machine.steps += 1
        assert self.told(self.conn, draft) == self.child.ask(draft, self.at)

    @rule(key=KEYS, places=PLACES, cents=CENTS, split=st.booleans())
    def post(self, key: int, places: list[str], cents: int, split: bool) -> None:
        self.step(self.draft(key, self.lines(places, cents, split=split)))

    @rule(key=KEYS, places=PLACES, cents=CENTS, split=st.booleans(), minutes=st.integers(1, 5))
    def hold(self, key: int, places: list[str], cents: int, split: bool, minutes: int) -> None:
        expires_at = self.at + timedelta(minutes=minutes)
        self.step(self.draft(key, self.lines(places, cents, split=split), expires_at=expires_at))

    @rule(key=KEYS, page=PAGES, part=st.sampled_from([None, 1, 3]))
    def settle(self, key: int, page: int, part: int | None) -> None:
        """In full, or by half or half as much again, where the amounts are even."""
        seq = self.of_a_hold(page)
        leaf = self.child.pages.get(seq)
        lines: tuple[Line, ...] = ()
        if part and leaf and leaf.lines:
            lines = tuple(Line(line.account_id, line.amount_cents * part // 2) for line in leaf.lines)
            if sum(line.amount_cents for line in lines) or not all(line.amount_cents for line in lines):
                lines = ()
        self.step(self.end(key, lines=lines, resolves_seq=seq, resolution="posted"))

    @rule(key=KEYS, page=PAGES, resolution=st.sampled_from(["voided", "voided", "expired"]))
    def let_go(self, key: int, page: int, resolution: Any) -> None:
        self.step(self.end(key, resolves_seq=self.of_a_hold(page), resolution=resolution))

    @rule(key=KEYS, page=PAGES)
    def reverse(self, key: int, page: int) -> None:
        """Once of four times a page that was reversed before, if there is one."""
        again = [seq for seq, leaf in self.child.pages.items() if leaf.phase == "posted" and leaf.ended]
        self.step(self.end(key, reverses_seq=self.target(page) if page % 4 or not again else again[-1]))

    @rule(kind=PAGES, places=PLACES, cents=CENTS)
    def something_else(self, kind: int, places: list[str], cents: int) -> None:
        """Another request under a key that was refused for good: of each kind of refusal the last key."""
        refused = {told: key for key, (_asked, told) in self.child.told.items() if not isinstance(told, int)}
        if refused:
            kinds = sorted(refused, key=lambda told: told.__name__)
            self.step(self.draft(refused[kinds[kind % len(kinds)]], self.lines(places, cents, split=False)))

    @rule(minutes=st.integers(1, 3))
    def wait(self, minutes: int) -> None:
        """Time passes; what is over by now waits for the loop."""
        self.at += timedelta(minutes=minutes)

    @rule()
    def expire(self) -> None:
        """The loop comes by."""
        Machine.steps += 1
        due = self.child.due(self.at)
        assert holds.expire(self.conn, at=self.at, chance=self.chances[WRITERS]) == len(due)
        order = self.conn.execute(
            "SELECT by_seq, seq FROM endings WHERE book_id = %s AND seq = ANY(%s) ORDER BY by_seq", [self.book_id, due]
        ).fetchall()
        assert len(order) == len(due)
        for by_seq, seq in order:
            ending = Request("expiry", f"expired {seq}", START)
            draft = ending.draft(self.book_id, "expiry", resolves_seq=seq, resolution="expired")
            assert self.child.ask(draft, self.at) == by_seq

    @rule(key=KEYS, places=PLACES, cents=CENTS, page=PAGES)
    def at_once(self, key: int, places: list[str], cents: int, page: int) -> None:
        """Three writers at the same time: one key, three keys, or the end of one page. They go in some order, which
        the page numbers tell, and each is told what the child would tell it then."""
        if not self.hands:
            return
        Machine.steps += 1
        lines, seq = self.lines(places, cents, split=False), self.target(page)
        kinds: tuple[Callable[[int], Draft], ...] = (
            lambda _hand: self.draft(key, lines),
            lambda hand: self.draft(100 * (key + 1) + hand, lines),
            lambda hand: self.end(100 * (key + 1) + hand, resolves_seq=seq, resolution="voided"),
            lambda hand: self.end(100 * (key + 1) + hand, reverses_seq=seq),
        )
        drafts = [kinds[(key + page) % len(kinds)](hand) for hand in range(WRITERS)]
        ready = threading.Barrier(WRITERS)

        def write(hand: int) -> Answer:
            ready.wait()
            return self.told(self.hands[hand], drafts[hand], hand)

        with ThreadPoolExecutor(WRITERS) as pool:
            answers = list(pool.map(write, range(WRITERS)))
        # Who was refused saw at least what the last one left; among equals the order says nothing.
        pairs = sorted(zip(answers, drafts, strict=True), key=lambda one: one[0] if isinstance(one[0], int) else 10**9)
        for answer, draft in pairs:
            assert answer == self.child.ask(draft, self.at)

    @invariant()
    def accounts_are_the_childs(self) -> None:
        rows = self.conn.execute(
            "SELECT id, debits_posted_cents - credits_posted_cents, debits_pending_cents, credits_pending_cents "
            "FROM accounts WHERE book_id = %s",
            [self.book_id],
        ).fetchall()
        child = self.child
        for account, posted, debits, credits in rows:
            expected = (child.posted[account], child.held_debits[account], child.held_credits[account])
            assert (posted, debits, credits) == expected

    def teardown(self) -> None:
        """The chain has every page once."""
        pages = self.conn.execute("SELECT seq FROM entries WHERE book_id = %s ORDER BY seq", [self.book_id]).fetchall()
        assert [seq for (seq,) in pages] == sorted(self.child.pages)
        # What nobody ended must not become due in the middle of another book's steps.
        held = [seq for seq, leaf in self.child.pages.items() if leaf.expires_at and not leaf.ended]
        for seq in held:
            draft = Request("machine", f"{self.book_id} swept {seq}", START).draft(
                self.book_id, "sweep", resolves_seq=seq, resolution="voided"
            )
            books.post(self.conn, draft, at=self.at, chance=self.chances[WRITERS])


@contextmanager
def writers(url: str) -> Iterator[list[Connection[Any]]]:
    """Connections of those who come at the same time."""
    hands = [psycopg.connect(url, autocommit=True) for _ in range(WRITERS)]
    try:
        yield hands
    finally:
        for hand in hands:
            hand.close()
