"""How the village pays: by M-PESA, of which Safaricom's proof is at hand, and in notes that an official writes down."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg import Connection

from chamas.arriving import arrivals, cash
from gateway.wiring import Wiring
from payments.receipts import ProvenReceipt
from tests.village.groups import Group, Person

if TYPE_CHECKING:
    from tests.village.days import Life

# As many callbacks as the worker reads at once.
AT_ONCE = 50
PAYBILL = "600123"


@dataclass(frozen=True)
class Paid:
    """Money at M-PESA, in cents: a member's of this group, or an official's for its box (`payer_id`)."""

    chama_id: int
    member_id: int | None
    cents: int
    purpose: str = "contribution"
    payer_id: int | None = None


@dataclass
class Purse:
    """Everybody's money on one day."""

    conn: Connection[Any]
    wiring: Wiring
    life: "Life"

    def day(self) -> None:
        """Who owes pays today, or another day; all proofs of a day come together."""
        owing = dict(
            self.conn.execute(
                "SELECT member_id, sum(cents)::bigint FROM (SELECT k.member_id, k.due_cents - k.paid_cents AS cents "
                "FROM contributions k JOIN rounds r ON r.id = k.round_id AND r.state <> 'pending' "
                "WHERE k.paid_cents < k.due_cents AND k.state <> 'refunded' UNION ALL "
                "SELECT member_id, due_cents - paid_cents FROM penalties WHERE state = 'due') AS owed GROUP BY 1"
            ).fetchall()
        )
        draw, proven = self.life.draw, []
        for group in self.life.groups:
            for one in group.people if group.runs else ():
                if one.gone or draw.random() > one.pays or not (owed := owing.get(one.member_id, 0)):
                    continue
                cents = owed if draw.random() < one.whole else max(100, owed // 300 * 100)
                # Who pays more than she owes has credit.
                cents += 50_00 if draw.random() < 0.05 else 0
                if draw.random() < one.cash:
                    self._cash(group, one, cents)
                else:
                    proven.append(Paid(group.chama_id, one.member_id, cents))
                    one.given += cents
        self.book(proven)

    def book(self, paid: Sequence[Paid]) -> None:
        """What was paid is proved and booked."""
        at, first = self.life.clock.now(), self.life.receipts + 1
        self.life.receipts += len(paid)
        self.life.did["payments"] += len(paid)
        codes = [f"V{number:09}" for number in range(first, first + len(paid))]
        sums = [one.cents for one in paid]
        self.conn.execute(
            """
            WITH told AS (
                INSERT INTO evidence (source, token_hash, body_sha256, body, headers, received_at, verdict, receipt)
                SELECT 'c2b_confirmation', body, sha256(body), body, '{}', %(at)s, 'applied', receipt
                FROM unnest(%(codes)s::text[]) AS receipt CROSS JOIN LATERAL convert_to(receipt, 'UTF8') AS body
                RETURNING id, receipt)
            INSERT INTO receipts (receipt, shortcode_id, kind, amount_cents, paid_at, evidence_id, proved_at)
            SELECT receipt, %(shortcode)s, 'c2b', cents, %(at)s, told.id, %(at)s
            FROM unnest(%(codes)s::text[], %(sums)s::bigint[]) AS paid (receipt, cents) JOIN told USING (receipt)
            """,
            {"at": at, "codes": codes, "sums": sums, "shortcode": self.life.shortcode_id},
        )
        proven = [
            ProvenReceipt(
                receipt=receipt,
                shortcode_id=self.life.shortcode_id,
                shortcode=PAYBILL,
                kind="c2b",
                amount_cents=one.cents,
                paid_at=at,
                chama_id=one.chama_id,
                member_id=one.member_id,
                payer_id=one.payer_id,
                purpose=one.purpose,
            )
            for receipt, one in zip(codes, paid, strict=True)
        ]
        for start in range(0, len(proven), AT_ONCE):
            with self.wiring.transaction() as conn:
                arrivals.book(conn, proven[start : start + AT_ONCE], at=at, chance=self.life.chances[2])

    def _cash(self, group: Group, one: Person, cents: int) -> None:
        """An official writes it down, and what both say alike is hers."""
        by = next((other for other in group.officials if other is not one), None)
        if by is None:
            return
        at = self.life.clock.now()
        with self.wiring.transaction() as conn:
            whose = {"by_user_id": by.user_id, "chama_id": group.chama_id, "number": one.number}
            claim = cash.record(conn, **whose, amount_cents=cents, at=at)
            # One in ten remembers another amount: nothing is booked.
            if self.life.draw.random() < 0.1:
                cash.say(conn, claim.id, user_id=one.user_id, said_cents=cents + 100_00, at=at)
                self.life.did["cash disputed"] += 1
                return
            cash.say(conn, claim.id, user_id=one.user_id, said_cents=cents, at=at)
            cash.confirm(conn, claim.id, user_id=one.user_id, said_cents=cents, at=at, chance=self.life.chances[2])
        one.given += cents
        group.box_cents += cents
        self.life.did["cash"] += 1
