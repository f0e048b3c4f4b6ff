"""Random requests against a model that a child could check; many hands on one book."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from ledger import books, refusals
from ledger.verify import verify
from tests.instruments import START, SeededChance
from tests.ledger.umoja import Umoja, open_umoja

# Few keys and small amounts: so most requests meet a key that was used, or a member who has no money.
REQUESTS = st.lists(
    st.tuples(
        st.integers(0, 9),
        st.permutations(["mpesa", "wanjiku", "otieno"]),
        st.sampled_from([1, 2, 3, 50_000, 10**15]),
        st.booleans(),
    ),
    max_size=30,
)


@dataclass
class Model:
    """Balances on the debit side, and what each key was told."""

    balances: Counter[str] = field(default_factory=Counter)
    told: dict[int, tuple[object, object]] = field(default_factory=dict)
    entries: int = 0

    def post(self, key: int, moves: dict[str, int]) -> object:
        """A page number, or the refusal."""
        request = tuple(moves.items())
        if key in self.told:
            asked, answer = self.told[key]
            return answer if asked == request else refusals.KeyReused
        after = {name: self.balances[name] + cents for name, cents in moves.items()}
        if any(cents > 0 for name, cents in after.items() if name != "mpesa"):
            self.told[key] = request, refusals.OutOfBounds
            return refusals.OutOfBounds
        self.balances.update(moves)
        self.entries += 1
        self.told[key] = request, self.entries
        return self.entries


def draft(umoja: Umoja, key: int, moves: dict[str, int]) -> books.Draft:
    lines = tuple(books.Line(getattr(umoja, name), cents) for name, cents in moves.items())
    return umoja.contribution(f"{umoja.book_id}-{key}", 0, lines=lines)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(requests=REQUESTS)
def test_the_books_say_what_the_model_says(
    conn: Connection[Any], chance: SeededChance, requests: list[tuple[int, list[str], int, bool]]
) -> None:
    umoja, model = open_umoja(conn), Model()
    for key, (first, second, third), cents, split in requests:
        moves = {first: 2 * cents, second: -cents, third: -cents} if split else {first: cents, second: -cents}
        answer: object
        try:
            answer = books.post(conn, draft(umoja, key, moves), at=START, chance=chance).seq
        except refusals.Refusal as refusal:
            answer = type(refusal)
        assert answer == model.post(key, moves)
    assert books.balance(conn, umoja.mpesa) == model.balances["mpesa"]
    assert books.balance(conn, umoja.wanjiku) == -model.balances["wanjiku"]
    assert books.balance(conn, umoja.otieno) == -model.balances["otieno"]
    newest = books.page(conn, umoja.book_id)
    assert (newest.seq if newest else 0) == model.entries
    with conn.transaction():
        assert [finding for finding in verify(conn) if not finding.ok] == []


def test_eight_hands_on_one_book_leave_no_gap_and_no_double(
    conn: Connection[Any], database_url: str, umoja: Umoja
) -> None:
    """Keys of one's own race for the page; keys that all have, one hand of eight in a rival book, race for the key."""
    rival = open_umoja(conn, "Tumaini")
    ready = threading.Barrier(8)

    def hand(number: int) -> list[tuple[str, int, int]]:
        chance, answers = SeededChance(number), []
        with psycopg.connect(database_url, autocommit=True) as own:
            ready.wait()
            for key in range(40):
                own_entry = books.post(own, umoja.contribution(f"{number}-{key}", 500), at=START, chance=chance)
                answers.append((f"{number}-{key}", umoja.book_id, own_entry.seq))
                book = rival if (number + key) % 8 == 0 else umoja
                try:
                    posted = books.post(own, book.contribution(str(key), 500), at=START, chance=chance)
                except refusals.KeyReused:
                    continue
                answers.append((str(key), posted.book_id, posted.seq))
        return answers

    with ThreadPoolExecutor(8) as hands:
        answers = [answer for told in hands.map(hand, range(8)) for answer in told]

    assert len(set(answers)) == len({key for key, _, _ in answers}) == 9 * 40
    for book in (umoja, rival):
        pages = sorted({seq for _, book_id, seq in answers if book_id == book.book_id})
        assert pages == list(range(1, len(pages) + 1))
        assert books.balance(conn, book.wanjiku) == 500 * len(pages)
    with conn.transaction():
        assert [finding for finding in verify(conn) if not finding.ok] == []
