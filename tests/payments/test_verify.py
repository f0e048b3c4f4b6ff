"""What must hold, broken on purpose: each break is found by its own line."""

from collections.abc import Sequence

import pytest
from psycopg import Connection

from ledger import books, findings
from ledger.books import Draft, Line
from payments import receipts, verify
from payments.receipts import Placed, ProvenReceipt
from tests.payments.scene import RECEIPT, Scene, paid

BOUND = "an entry has the float, the instant and the amount of its receipt"


def broken(scene: Scene) -> list[str]:
    return [finding.name for finding in verify.verify(scene.conn) if not finding.ok]


@pytest.fixture
def booked(scene: Scene) -> Scene:
    """A payment that stands in real books."""
    at = scene.wiring.now()
    book_id = books.open_book(scene.conn, kind="chama", name="Umoja", at=at)
    accounts = [
        books.open_account(scene.conn, book_id=book_id, code=code, kind=kind)
        for code, kind in (("mpesa:600123", "asset"), ("member:1", "liability"))
    ]

    def book(conn: Connection, proven: Sequence[ProvenReceipt], *, at: object, chance: object) -> None:
        [receipt] = proven
        cents = receipt.amount_cents
        lines = (Line(accounts[0], cents), Line(accounts[1], -cents))
        draft = Draft(book_id, "contribution", receipt.paid_at, lines, "receipt", receipt.receipt)
        posted = books.post(conn, draft, at=scene.wiring.now(), chance=scene.wiring.chance)
        receipts.booked(conn, [Placed(receipt.receipt, posted.book_id, posted.seq)])

    scene.book = book  # type: ignore[assignment]
    scene.sent()
    scene.hears(paid())
    scene.reads()
    return scene


def test_all_is_well(booked: Scene) -> None:
    found = verify.verify(booked.conn)
    assert [finding for finding in found if not finding.ok] == []
    assert all(isinstance(finding, findings.Finding) for finding in found)
    assert sum(finding.count for finding in found) >= 5


@pytest.mark.parametrize(
    ("breaks", "line"),
    [
        ("UPDATE receipts SET book_id = NULL, seq = NULL", "every receipt is booked exactly once"),
        ("UPDATE receipts SET seq = 99", "every receipt is booked exactly once"),
        ("UPDATE receipts SET amount_cents = 1", BOUND),
        ("UPDATE receipts SET paid_at = paid_at + interval '1 microsecond'", BOUND),
        ("UPDATE accounts SET code = 'mpesa:600123x' WHERE code = 'mpesa:600123'", BOUND),
        (
            "UPDATE accounts SET debits_posted_cents = debits_posted_cents + 1 WHERE code = 'mpesa:600123'",
            "the floats of a shortcode are what M-PESA moved",
        ),
        ("DELETE FROM receipts", "every entry of a receipt has its receipt"),
        ("UPDATE receipts SET attempt_id = NULL", "a paid attempt has a receipt of its amount, and no other has one"),
        (
            "UPDATE payment_attempts SET state = 'pending'",
            "a paid attempt has a receipt of its amount, and no other has one",
        ),
        ("UPDATE receipts SET attempt_id = NULL", "a receipt of nobody lies in suspense with a reason"),
        ("UPDATE evidence SET verdict = 'late'", "every receipt rests on evidence that names it"),
        ("UPDATE evidence SET body = body || 'x'", "what evidence was kept has its hash"),
        ("UPDATE payment_attempts SET state = 'unclear'", "an unclear payment is asked about or a day old"),
        (
            "UPDATE evidence SET verdict = 'unreadable', reason = 'could not be settled (NoSeason)'",
            "no evidence is stuck on its way into the books",
        ),
    ],
)
def test_each_break_is_found(booked: Scene, breaks: str, line: str) -> None:
    booked.conn.execute(breaks.encode())
    assert line in broken(booked)
    assert RECEIPT not in line
