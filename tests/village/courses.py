"""How the village's groups begin and end: deposits are paid and it starts; two officials end it, or its cycles do."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg import Connection

from chamas.course import orders
from chamas.course.orders import OrderKind
from gateway.wiring import Wiring
from ledger.refusals import Refusal
from tests.village.groups import Group
from tests.village.money import Paid, Purse

if TYPE_CHECKING:
    from tests.village.days import Life

# Who wants to be in pays her deposit within days, some by halves.
PAYS_DEPOSIT, WHOLE = 0.4, 0.7
# Of a running group, on a day: a group lives some five years.
ENDS = 1 / 2_000


@dataclass
class Courses:
    """One day's."""

    conn: Connection[Any]
    wiring: Wiring
    life: "Life"

    def morning(self) -> None:
        """Which groups run by now, and which have ended."""
        status = dict(self.conn.execute("SELECT id, status FROM chamas").fetchall())
        for group in self.life.groups:
            now = status[group.chama_id]
            if now != group.status:
                self.life.did[f"groups {now}"] += 1
                group.status = now
                group.moved_on = self.life.worked if now in ("completed", "cancelled") else None

    def day(self) -> None:
        deposits = [paid for group in self.life.groups if group.status == "waiting" for paid in self._deposits(group)]
        Purse(self.conn, self.wiring, self.life).book(deposits)
        for group in self.life.groups:
            if group.status == "waiting" and all(one.deposited == group.deposit_cents for one in group.people):
                self._orders(group, OrderKind.START)
            elif group.runs and self.life.draw.random() < ENDS:
                self._orders(group, self.life.draw.choice((OrderKind.COMPLETE, OrderKind.CANCEL)))

    def _deposits(self, group: Group) -> list[Paid]:
        draw, paid = self.life.draw, []
        for one in group.people:
            missing = group.deposit_cents - one.deposited
            if missing and draw.random() < PAYS_DEPOSIT:
                cents = missing if draw.random() < WHOLE else max(100, missing // 200 * 100)
                one.deposited += cents
                paid.append(Paid(group.chama_id, one.member_id, cents, "deposit"))
        return paid

    def _orders(self, group: Group, kind: OrderKind) -> None:
        """An official says so, and where it ends a group another one."""
        at = self.life.clock.now()
        try:
            with self.wiring.transaction() as conn:
                first, *others = group.officials
                order = orders.ask(conn, group.chama_id, kind, by_user_id=first.user_id, at=at)
                if order.needs_second and others:
                    orders.agree(conn, order.id, by_user_id=others[0].user_id, at=at)
            self.life.did[f"ordered: {kind}"] += 1
        except (Refusal, ValueError) as refusal:
            self.life.did[f"not ordered: {kind} ({type(refusal).__name__})"] += 1
