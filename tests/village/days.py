"""The village's days: people pay, swap, stop and leave, the worker works or is away, M-PESA pays what is sent.

Payments begin where Safaricom's proof is at hand, and payouts end where M-PESA says that it paid: the road to and from
Safaricom, with everything that goes wrong on it, is the storm's (docs/storm.md).
"""

from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

from psycopg import Connection

from chamas import (
    adopting,
    arrivals,
    asking,
    cash,
    contributions,
    disbursements,
    disbursing,
    lifecycle,
    register,
    requested,
    round_payouts,
    swaps,
)
from chamas.approvals import Proof, Vote
from chamas.register import MemberStatus
from gateway.wiring import Wiring
from ledger import batches, open_ahead
from ledger.books import post
from ledger.refusals import Refusal
from payments.payouts import PayoutState, money, rows
from payments.payouts.rows import Proven, Step
from payments.receipts import ProvenReceipt
from tests.drills.fuse import Death, MortalWiring
from tests.instruments import HandClock, SeededChance
from tests.village.groups import Group, Person

HOUR = 3_600.0
# The worker looks four times a day; what waits an hour is let go at the next look.
LOOKS = 4
# One day in forty the worker is away, once in twenty it dies at some statement; both are made up for.
AWAY, DIES = 1 / 40, 1 / 20
LONGEST_FUSE = 400
# What happens to a group on a day, beside money.
SWAPS, DEFAULTS, EXITS = 1 / 25, 1 / 400, 1 / 500
AT_REST = 20_000


@dataclass
class Village:
    """All that lives in one run. `arrived` counts how often each payout was paid by M-PESA."""

    conn: Connection[Any]
    wiring: Wiring
    mortal: MortalWiring
    clock: HandClock
    draw: Random
    shortcode_id: int
    groups: list[Group]
    chance: SeededChance = field(default_factory=lambda: SeededChance(5))
    receipts: int = 0
    arrived: Counter[int] = field(default_factory=Counter)
    did: Counter[str] = field(default_factory=Counter)

    def day(self) -> None:
        """From one noon to the next."""
        away = self.draw.random() < AWAY
        self.did["days away"] += away
        with self.wiring.transaction() as conn:
            open_ahead(conn, self.clock.now())
        for look in range(LOOKS):
            if look == 0:
                self._money()
                for group in self.groups:
                    self._affairs(group)
            if not away:
                self.works()
            self.clock.advance(24 / LOOKS * HOUR)

    def works(self) -> None:
        """Every loop that moves a group, until nothing is due; now and then the process dies on the way."""
        if self.draw.random() < DIES / LOOKS:
            self.mortal.fuse.light(self.draw.randint(1, LONGEST_FUSE))
            try:
                self._loops(self.mortal)
            except Death:
                self.did["deaths"] += 1
            finally:
                self.mortal.fuse.light(None)
        self._loops(self.wiring)
        self._votes()
        self._loops(self.wiring)
        self._mpesa()
        self._loops(self.wiring)

    def _loops(self, wiring: Wiring) -> None:
        loops = (lifecycle.go_on, round_payouts.follow_due, disbursing.follow_due, adopting.follow_due)
        for _ in range(AT_REST):
            if not any(loop(wiring) for loop in loops):
                break
        else:
            raise AssertionError("the worker never came to rest")
        while batches.seal_due(wiring, witness="checkpoint"):
            pass
        contributions.confirm_sealed(wiring)

    def _money(self) -> None:
        """Who owes pays today, or another day; all proofs of a day come together."""
        owing = dict(
            self.conn.execute(
                "SELECT k.member_id, sum(k.due_cents - k.paid_cents)::bigint FROM contributions k "
                "JOIN rounds r ON r.id = k.round_id AND r.state <> 'pending' WHERE k.paid_cents < k.due_cents "
                "AND k.state <> 'refunded' GROUP BY 1"
            ).fetchall()
        )
        proven = []
        for group in self.groups:
            for one in group.people:
                if one.gone or self.draw.random() > one.pays or not (owed := owing.get(one.member_id, 0)):
                    continue
                cents = owed if self.draw.random() < one.whole else max(100, owed // 300 * 100)
                # Who pays more than she owes has credit.
                cents += 50_00 if self.draw.random() < 0.05 else 0
                if self.draw.random() < one.cash:
                    self._cash(group, one, cents)
                else:
                    proven.append(self._proof(group, one, cents))
        for first in range(0, len(proven), 50):
            with self.wiring.transaction() as conn:
                arrivals.book(conn, proven[first : first + 50], at=self.clock.now(), chance=self.chance)

    def _proof(self, group: Group, one: Person, cents: int) -> ProvenReceipt:
        self.receipts += 1
        receipt, at = f"V{self.receipts:09}", self.clock.now()
        body = f"{receipt} {cents}".encode()
        [(evidence_id,)] = self.conn.execute(
            "INSERT INTO evidence (source, token_hash, body_sha256, body, headers, received_at, verdict, receipt) "
            "VALUES ('c2b_confirmation', %s, sha256(%s), %s, '{}', %s, 'applied', %s) RETURNING id",
            [receipt.encode(), body, body, at, receipt],
        ).fetchall()
        self.conn.execute(
            "INSERT INTO receipts (receipt, shortcode_id, kind, amount_cents, paid_at, evidence_id, proved_at) "
            "VALUES (%s, %s, 'c2b', %s, %s, %s, %s)",
            [receipt, self.shortcode_id, cents, at, evidence_id, at],
        )
        one.given += cents
        self.did["payments"] += 1
        return ProvenReceipt(
            receipt=receipt,
            shortcode_id=self.shortcode_id,
            shortcode="600123",
            kind="c2b",
            amount_cents=cents,
            paid_at=at,
            chama_id=group.chama_id,
            member_id=one.member_id,
            purpose="contribution",
        )

    def _cash(self, group: Group, one: Person, cents: int) -> None:
        """An official writes it down, and what both say alike is hers."""
        by = next((other for other in group.officials if other is not one), None)
        if by is None:
            return
        at = self.clock.now()
        with self.wiring.transaction() as conn:
            whose = {"by_user_id": by.user_id, "chama_id": group.chama_id, "number": one.number}
            claim = cash.record(conn, **whose, amount_cents=cents, at=at)
            # One in ten remembers another amount: nothing is booked.
            if self.draw.random() < 0.1:
                cash.say(conn, claim.id, user_id=one.user_id, said_cents=cents + 100_00, at=at)
                self.did["cash disputed"] += 1
                return
            cash.say(conn, claim.id, user_id=one.user_id, said_cents=cents, at=at)
            cash.confirm(conn, claim.id, user_id=one.user_id, said_cents=cents, at=at, chance=self.chance)
        one.given += cents
        self.did["cash"] += 1

    def _affairs(self, group: Group) -> None:
        """Now and then two swap turns, one stops paying, or one leaves; officials stay."""
        others = [one for one in group.people[3:] if not one.gone]
        if len(others) >= 2 and self.draw.random() < SWAPS:
            self._swap(group, *self.draw.sample(others, 2))
        for chance, new, name in (
            (DEFAULTS, MemberStatus.DEFAULTED, "defaults"),
            (EXITS, MemberStatus.WITHDRAWN, "exits"),
        ):
            if len(others) > 2 and self.draw.random() < chance:
                one = others.pop(self.draw.randrange(len(others)))
                with self.wiring.transaction() as conn:
                    register.move_member(conn, one.member_id, new)
                one.gone = True
                self.did[name] += 1

    def _swap(self, group: Group, first: Person, second: Person) -> None:
        at = self.clock.now()
        try:
            with self.wiring.transaction() as conn:
                asked = swaps.ask(conn, group.chama_id, by_user_id=first.user_id, number=second.number, at=at)
                swaps.answer(conn, asked.id, user_id=second.user_id, yes=self.draw.random() < 0.8, at=at)
            self.did["swaps"] += 1
        except Refusal:
            self.did["swaps refused"] += 1

    def _votes(self) -> None:
        """Whoever is asked answers; one in fifty says no, and the payee asks anew."""
        waiting = self.conn.execute(
            "SELECT id FROM disbursement_requests WHERE state = 'pending' ORDER BY id"
        ).fetchall()
        for (request_id,) in waiting:
            one = disbursements.by_id(self.conn, request_id)
            for member_id in requested.whose_yes(requested.members(self.conn, one.chama_id), one):
                no = self.draw.random() < 0.02
                said: dict[str, Any] = {
                    "vote": Vote.REJECT if no else Vote.APPROVE,
                    "reason": 3 if no else None,
                    "proof": Proof.PIN,
                }
                with self.wiring.transaction() as conn:
                    asking.vote(conn, request_id, member_id=member_id, digest=one.digest, at=self.clock.now(), **said)
        self._ask_anew()

    def _ask_anew(self) -> None:
        for group in self.groups:
            for round_id, _number, _name in round_payouts.stopped(self.conn, group.chama_id):
                try:
                    with self.wiring.transaction() as conn:
                        by, bands = group.officials[0].member_id, self.wiring.payout_bands
                        round_payouts.ask_anew(conn, round_id, by_member_id=by, at=self.clock.now(), bands=bands)
                    self.did["asked anew"] += 1
                except Refusal:
                    self.did["asked anew in vain"] += 1

    def _mpesa(self) -> None:
        """What was let go leaves, and M-PESA pays it."""
        sending = self.conn.execute(
            "SELECT p.id FROM disbursement_requests d JOIN payouts p ON p.id = d.payout_id "
            "WHERE d.state = 'sending' AND p.state NOT IN ('paid', 'failed_proven') ORDER BY p.id"
        ).fetchall()
        at = self.clock.now()
        for (payout_id,) in sending:
            with self.wiring.transaction() as conn:
                [payout] = rows.lock(conn, [payout_id])
                sent = post(conn, money.sent(payout, at=at), at=at, chance=self.chance)
                rows.move(conn, [Step(payout, PayoutState.SENDING, at, sent_seq=sent.seq, sends=1)])
                [payout] = rows.lock(conn, [payout_id])
                proven = Proven(f"P{payout_id:09}", payout.amount_cents, at)
                draft = money.paid(conn, payout, proven, from_flight=True, charge_cents=payout.charge_cents)
                end = post(conn, draft, at=at, chance=self.chance)
                rows.move(conn, [Step(payout, PayoutState.PAID, at, end_seq=end.seq, proven=proven)])
            self.arrived[payout_id] += 1
            self.did["payouts"] += 1
