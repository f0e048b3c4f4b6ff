"""Two readers of evidence whose rows cross two groups' books: none waits for the other, and all is booked once."""

import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from chamas.arriving import arrivals
from gateway.commands.migrate import register_first_shortcode
from gateway.wiring import Wiring
from ledger.wires import Chance, Connection
from payments import attempts, evidence, pushes, tokens
from payments.attempts import Step
from payments.receipts import ProvenReceipt
from payments.states import AttemptState
from tests import district
from tests.loop.test_races import wish_of
from tests.payments.scene import paid


@dataclass
class Crossing:
    """Books row by row only, and lets each reader hold its first book before anybody asks for a second."""

    met: threading.Barrier = field(default_factory=lambda: threading.Barrier(2, timeout=10))
    first: threading.local = field(default_factory=threading.local)

    def __call__(self, conn: Connection, proven: Sequence[ProvenReceipt], *, at: datetime, chance: Chance) -> None:
        if len(proven) > 1:
            raise RuntimeError("not as a batch")
        arrivals.book(conn, proven, at=at, chance=chance)
        if not hasattr(self.first, "booked"):
            self.first.booked = True
            self.met.wait()


def callback_waits(wiring: Wiring, number: int, member: district.Member) -> None:
    """A callback that was stored and not read yet, for a prompt of this member."""
    token, at = f"{number:064x}", wiring.now()
    with wiring.transaction() as conn:
        attempt = pushes.wish(conn, wish_of(member), at=at, chance=wiring.chance)
        step = Step(attempt, AttemptState.UNCLEAR, at, token_hash=tokens.token_hash(token))
        attempts.move(conn, [step])
        body = evidence.receive(
            source="stk_callback",
            token=token,
            body=as_json(paid(receipt=f"NLJ7RT61S{number}", phone=int(member.phone[1:]), checkout=f"ws_CO_{number}")),
            headers={},
            remote_ip=None,
            at=at,
        )
        evidence.store(conn, body)


def as_json(body: object) -> bytes:
    return json.dumps(body).encode()


def test_readers_that_cross_two_books_book_everything_once(wiring: Wiring) -> None:
    with wiring.transaction() as conn:
        register_first_shortcode(conn, wiring)
    members = district.settle(wiring, district.MEMBERS + 2)
    here, there = members[:2], members[-2:]
    # The first reader takes rows 1 and 2, the second 3 and 4: each begins in the book where the other one ends.
    for number, member in enumerate((here[0], there[0], there[1], here[1]), 1):
        callback_waits(wiring, number, member)
    crossing = Crossing()
    with ThreadPoolExecutor(2) as readers:
        taken = list(readers.map(lambda _: evidence.read_due(wiring, crossing, limit=2), range(2)))
    assert taken == [2, 2]
    with wiring.transaction() as conn:
        assert conn.execute("SELECT count(*), count(DISTINCT (book_id, seq)) FROM receipts").fetchall() == [(4, 4)]
