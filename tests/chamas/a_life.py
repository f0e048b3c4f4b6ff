"""A chama from its founding to its end, moved by officials, by money and by the clock; for tests."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from psycopg import Connection

from chamas import verify as rules_of_chamas
from chamas.arriving import arrivals
from chamas.course import lifecycle, orders
from chamas.course.orders import Order, OrderKind
from chamas.entrance import joining
from chamas.members import register
from gateway.wiring import Wiring
from ledger.books import account_id, balance, open_book, post
from payments import shortcodes
from payments.payouts import PayoutState, money, rows
from payments.payouts.rows import Proven, Step
from payments.receipts import ProvenReceipt
from tests.chamas.door import Door, founded
from tests.instruments import HandClock, SeededChance

DAY = 86_400.0


@dataclass
class Life:
    """Its first member, Amina, founded it; whoever comes after her is admitted by her number."""

    conn: Connection[Any]
    wiring: Wiring
    clock: HandClock
    door: Door
    members: list[int]
    users: list[int]
    shortcode_id: int
    chance: SeededChance = field(default_factory=lambda: SeededChance(5))
    receipts: int = 0

    @property
    def chama_id(self) -> int:
        return self.door.chama_id

    @property
    def book_id(self) -> int:
        return int(self.value("SELECT book_id FROM chamas WHERE id = %s", self.chama_id))

    def value(self, query: Any, *given: Any) -> Any:
        row = self.conn.execute(query, given).fetchone()
        return row[0] if row else None

    def status(self) -> str:
        return str(self.value("SELECT status FROM chamas WHERE id = %s", self.chama_id))

    def admit(self, number: int) -> None:
        """Somebody asks and is let in."""
        user_id = self.door.person(f"+2547110000{number:02}", f"Member{number}")
        seat = joining.ask(self.conn, self.chama_id, user_id=user_id, at=self.clock.now())
        joining.admit(self.conn, seat.member_id, by_user_id=self.users[0], yes=True, at=self.clock.now())
        self.members.append(seat.member_id)
        self.users.append(user_id)

    def seat(self, place: int, role: str) -> None:
        """She has been it for long."""
        since = self.clock.now() - timedelta(days=30)
        register.change_role(self.conn, self.members[place], register.Role(role), at=since)

    def pay(self, place: int, shillings: int, *, again: str | None = None) -> str:
        """M-PESA proved that she paid; returns the receipt. `again` is one that has come before."""
        if again is None:
            self.receipts += 1
        receipt = again or f"TKK{self.receipts:07}"
        proven = self._proven(receipt, shillings, self.members[place], new=again is None)
        with self.wiring.transaction() as conn:
            arrivals.book(conn, [proven], at=self.clock.now(), chance=self.chance)
        return receipt

    def _proven(self, receipt: str, shillings: int, member_id: int, *, new: bool) -> ProvenReceipt:
        if new:
            evidence_id = self.value(
                "INSERT INTO evidence (source, token_hash, body_sha256, body, headers, received_at) "
                "VALUES ('stk_callback', %s, %s, '', '{}', %s) RETURNING id",
                receipt.encode(),
                self.chance.token_bytes(32),
                self.clock.now(),
            )
            self.conn.execute(
                "INSERT INTO receipts (receipt, shortcode_id, kind, amount_cents, paid_at, evidence_id, proved_at) "
                "VALUES (%s, %s, 'stk', %s, %s, %s, %s)",
                [receipt, self.shortcode_id, shillings * 100, self.clock.now(), evidence_id, self.clock.now()],
            )
        return ProvenReceipt(
            receipt=receipt,
            shortcode_id=self.shortcode_id,
            shortcode="600123",
            kind="stk",
            amount_cents=shillings * 100,
            paid_at=self.value("SELECT paid_at FROM receipts WHERE receipt = %s", receipt),
            chama_id=self.chama_id,
            member_id=member_id,
            purpose="contribution",
        )

    def order(self, kind: OrderKind, *, by: int = 0, **more: Any) -> Order:
        """An official tells it, and the worker does it."""
        with self.wiring.transaction() as conn:
            said = orders.ask(conn, self.chama_id, kind, by_user_id=self.users[by], at=self.clock.now(), **more)
        self.runs()
        return orders.by_id(self.conn, said.id)

    def agree(self, order: Order, *, by: int) -> Order:
        with self.wiring.transaction() as conn:
            orders.agree(conn, order.id, by_user_id=self.users[by], at=self.clock.now())
        self.runs()
        return orders.by_id(self.conn, order.id)

    def runs(self) -> int:
        steps = 0
        while lifecycle.go_on(self.wiring):
            steps += 1
            assert steps < 200
        return steps

    def waits(self, days: float) -> int:
        self.clock.advance(days * DAY)
        return self.runs()

    def holds(self, place: int, kind: str = "member") -> int:
        """What stands in an account of hers, in cents; 0 without one."""
        found = account_id(self.conn, self.book_id, f"{kind}:{self.members[place]}")
        return 0 if found is None else balance(self.conn, found)

    def leaves(self, payout_id: int, *, paid: bool = True) -> None:
        """The payout was sent, and M-PESA paid it or proved that it did not."""
        at = self.clock.now()
        with self.wiring.transaction() as conn:
            [payout] = rows.lock(conn, [payout_id])
            sent = post(conn, money.sent(payout, at=at), at=at, chance=self.chance)
            rows.move(conn, [Step(payout, PayoutState.SENDING, at, sent_seq=sent.seq, sends=1)])
            [payout] = rows.lock(conn, [payout_id])
            if not paid:
                back = post(conn, money.given_back(payout, at=at), at=at, chance=self.chance)
                rows.move(conn, [Step(payout, PayoutState.FAILED_PROVEN, at, reason="no such", end_seq=back.seq)])
                return
            proven = Proven(f"TKP{payout_id:07}", payout.amount_cents, at)
            draft = money.paid(conn, payout, proven, from_flight=True, charge_cents=payout.charge_cents)
            end = post(conn, draft, at=at, chance=self.chance)
            rows.move(conn, [Step(payout, PayoutState.PAID, at, end_seq=end.seq, proven=proven)])

    def rounds(self) -> list[tuple[int, str]]:
        return self.conn.execute(
            "SELECT number, state FROM rounds WHERE chama_id = %s ORDER BY number", [self.chama_id]
        ).fetchall()

    def told(self, template: str) -> int:
        return int(self.value("SELECT count(*) FROM notifications WHERE template = %s", template))

    def sound(self) -> bool:
        return [one for one in rules_of_chamas.verify(self.conn) if not one.ok] == []


def begin(conn: Connection[Any], wiring: Wiring, clock: HandClock, people: int = 3, **terms: Any) -> Life:
    """Recruiting, with so many people in it who have paid nothing; and a paybill."""
    terms = {"member_target": max(people, 2), "capacity": max(people, 2) + 2, **terms}
    door = founded(conn, **terms)
    book_id = open_book(conn, kind="shortcode", name="600123", at=clock.now())
    shortcode_id = shortcodes.register(conn, number="600123", kind="paybill", name="PesaChama", book_id=book_id)
    life = Life(conn, wiring, clock, door, [door.seat.member_id], [door.founder_id], shortcode_id)
    for number in range(2, people + 1):
        life.admit(number)
    return life
