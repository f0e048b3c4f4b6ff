"""The village's days: people pay and see to their group, the worker works or is away, M-PESA pays what is sent.

Payments begin where Safaricom's proof is at hand (tests/village/money.py), and payouts end where M-PESA says that it
paid: the road to and from Safaricom, with everything that goes wrong on it, is the storm's (docs/storm.md).
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from psycopg import Connection

from chamas.approving.approvals import NOT_AGREED, Vote
from chamas.approving.voices import voices_in
from chamas.course import departing, lifecycle
from chamas.dues import contributions, defaulting, fining
from chamas.meeting import meetings
from chamas.payouts import asking, disbursements, disbursing, requested, round_payouts
from chamas.ruling import adopting
from gateway.wiring import Wiring
from ledger import batches, checkpoints, open_ahead
from ledger.books import post
from ledger.refusals import Refusal
from payments.payouts import PayoutState, money, rows
from payments.payouts.rows import Proven, Step
from tests.drills.fuse import Death, MortalWiring
from tests.instruments import HandClock, SeededChance
from tests.village.affairs import Affairs
from tests.village.books import Kept
from tests.village.courses import Courses
from tests.village.groups import Group
from tests.village.money import Purse
from tests.village.table import OnTheTable, Table
from tests.words import word

HOUR = 3_600.0
# The worker looks at noon and at midnight; what waits an hour is let go at the next look.
LOOKS = 2
# One day in forty the worker is away, once in twenty it dies at some statement; both are made up for.
AWAY, DIES = 1 / 40, 1 / 20
LONGEST_FUSE = 400
AT_REST = 20_000


@dataclass
class Life:
    """All of a district that is not in its database: what a run needs to go on tomorrow. The worker was there on
    `worked` of the `days`. `arrived` counts how often each payout was paid by M-PESA, `explained` holds what each
    member's dues were when they were last reckoned anew, `brought` and `deposited` what the books have of each, `kept`
    how they stood yesterday; `table` what lies in boxes and is nobody's yet; `checkpoints` is the file of signed roots.
    """

    clock: HandClock
    draw: Random
    shortcode_id: int
    groups: list[Group]
    chances: tuple[SeededChance, SeededChance, SeededChance]
    days: int = 0
    worked: int = 0
    receipts: int = 0
    arrived: Counter[int] = field(default_factory=Counter)
    did: Counter[str] = field(default_factory=Counter)
    explained: dict[int, tuple[int, ...]] = field(default_factory=dict)
    brought: dict[int, int] = field(default_factory=dict)
    deposited: dict[int, int] = field(default_factory=dict)
    table: list[OnTheTable] = field(default_factory=list)
    kept: Kept = field(default_factory=Kept)
    checkpoints: bytes = b""


@dataclass
class Village:
    """One district's life, and the connections through which it is lived."""

    conn: Connection[Any]
    wiring: Wiring
    mortal: MortalWiring
    life: Life

    def day(self) -> None:
        """From one noon to the next."""
        life = self.life
        away = life.draw.random() < AWAY
        life.did["days away"] += away
        life.worked += not away
        with self.wiring.transaction() as conn:
            open_ahead(conn, life.clock.now())
        for look in range(LOOKS):
            if look == 0:
                self.people()
            if not away:
                self.works()
            life.clock.advance(24 / LOOKS * HOUR)
        life.days += 1

    def people(self) -> None:
        """All that the village's people do on a day."""
        us = (self.conn, self.wiring, self.life)
        affairs, courses = Affairs(*us), Courses(*us)
        courses.morning()
        affairs.morning()
        Purse(*us).day()
        Table(*us).day()
        affairs.day()
        courses.day()

    def works(self) -> None:
        """Every loop that moves a group, until nothing is due; now and then the process dies on the way."""
        if self.life.draw.random() < DIES / LOOKS:
            self.mortal.fuse.light(self.life.draw.randint(1, LONGEST_FUSE))
            try:
                self._loops(self.mortal)
                self._seals(self.mortal)
            except Death:
                self.life.did["deaths"] += 1
            finally:
                self.mortal.fuse.light(None)
        self._loops(self.wiring)
        if self._votes():
            self._loops(self.wiring)
        if self._mpesa():
            self._loops(self.wiring)
        self._seals(self.wiring)

    def _loops(self, wiring: Wiring) -> None:
        loops: tuple[Callable[[Wiring], int], ...] = (
            *(lifecycle.go_on, fining.go_on, defaulting.go_on, round_payouts.follow_due),
            *(disbursing.follow_due, adopting.follow_due, departing.follow_due, meetings.remind_due),
        )
        while any([_worked_off(loop, wiring) for loop in loops]):
            pass

    def _seals(self, wiring: Wiring) -> None:
        if batches.seal_due(wiring, witness="checkpoint"):
            own = wiring.settings
            checkpoints.write_due(wiring, path=Path(own.checkpoint_file), operator_key=own.chain_operator_key)
            _worked_off(contributions.confirm_sealed, wiring)

    def _votes(self) -> bool:
        """Whoever is asked answers; one in fifty says no, and an official asks anew. Whether anybody did."""
        waiting = self.conn.execute(
            "SELECT id FROM disbursement_requests WHERE state = 'pending' ORDER BY id"
        ).fetchall()
        for (request_id,) in waiting:
            with self.wiring.transaction() as conn:
                one = disbursements.by_id(conn, request_id)
                for member_id in requested.whose_yes(voices_in(conn, one.chama_id), one):
                    no = self.life.draw.random() < 0.02
                    vote, reason = (Vote.REJECT, NOT_AGREED) if no else (Vote.APPROVE, None)
                    at = self.life.clock.now()
                    asking.vote(conn, request_id, word(conn, member_id, one.digest, vote, at=at, reason=reason))
        answered = Affairs(self.conn, self.wiring, self.life).answers()
        return self._asked_anew() or answered or bool(waiting)

    def _asked_anew(self) -> bool:
        asked = False
        stopped = self.conn.execute(
            "SELECT DISTINCT r.chama_id FROM rounds r JOIN disbursement_requests d ON d.round_id = r.id "
            "AND d.state IN ('rejected', 'failed') WHERE r.pot_due_at IS NOT NULL"
        ).fetchall()
        for group in self.life.groups:
            if (group.chama_id,) not in stopped or not group.officials:
                continue
            for round_id, _number, _name in round_payouts.stopped(self.conn, group.chama_id):
                try:
                    with self.wiring.transaction() as conn:
                        by, bands = group.officials[0].member_id, self.wiring.payout_bands
                        at = self.life.clock.now()
                        round_payouts.ask_anew(conn, round_id, by_member_id=by, at=at, bands=bands)
                    self.life.did["asked anew"] += 1
                    asked = True
                except Refusal:
                    self.life.did["asked anew in vain"] += 1
        return asked

    def _mpesa(self) -> bool:
        """What was let go leaves, and M-PESA pays it. Whether anything did."""
        sending = self.conn.execute(
            "SELECT p.id, 'payouts' FROM disbursement_requests d JOIN payouts p ON p.id = d.payout_id "
            "WHERE d.state = 'sending' AND p.state NOT IN ('paid', 'failed_proven') UNION SELECT p.id, 'refunds' "
            "FROM refunds f JOIN payouts p ON p.id = f.payout_id WHERE f.state = 'ordered' AND p.state = 'ordered' "
            "ORDER BY 1"
        ).fetchall()
        at, chance = self.life.clock.now(), self.life.chances[2]
        for payout_id, kind in sending:
            with self.wiring.transaction() as conn:
                [payout] = rows.lock(conn, [payout_id])
                sent = post(conn, money.sent(payout, at=at), at=at, chance=chance)
                rows.move(conn, [Step(payout, PayoutState.SENDING, at, sent_seq=sent.seq, sends=1)])
                [payout] = rows.lock(conn, [payout_id])
                proven = Proven(f"P{payout_id:09}", payout.amount_cents, at)
                draft = money.paid(conn, payout, proven, from_flight=True, charge_cents=payout.charge_cents)
                end = post(conn, draft, at=at, chance=chance)
                rows.move(conn, [Step(payout, PayoutState.PAID, at, end_seq=end.seq, proven=proven)])
            self.life.arrived[payout_id] += 1
            self.life.did[kind] += 1
        return bool(sending)


def _worked_off(loop: Callable[[Wiring], int], wiring: Wiring) -> bool:
    """Whether there was anything to do."""
    for turn in range(AT_REST):
        if not loop(wiring):
            return turn > 0
    raise AssertionError("the worker never came to rest")
