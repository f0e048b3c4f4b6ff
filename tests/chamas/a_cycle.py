"""A running chama of five whose rounds open, close and pay out by the worker's loops; for tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from psycopg import Connection

from chamas import verify as rules_of_chamas
from chamas.approving.approvals import Vote
from chamas.arriving import arrivals
from chamas.course import departing, lifecycle
from chamas.cycle import rounds
from chamas.dues import defaulting, fining
from chamas.lending import watching
from chamas.members import register
from chamas.members.register import MemberStatus, Role
from chamas.payouts import asking, disbursements, disbursing, round_payouts
from chamas.payouts.disbursements import Request
from gateway.wiring import Wiring
from ledger.books import account_id, balance, post
from payments.payouts import PayoutState, money, rows
from payments.payouts.rows import Proven, Step
from tests.chamas.conftest import Till, Village
from tests.instruments import START, HandClock, SeededChance
from tests.words import word


@dataclass
class Within:
    """A worker whose transactions are parts of one that never was."""

    conn: Connection[Any]
    wiring: Wiring

    def __post_init__(self) -> None:
        self.chance, self.payout_bands, self.now = SeededChance(), self.wiring.payout_bands, self.wiring.now

    @contextmanager
    def transaction(self) -> Iterator[Connection[Any]]:
        with self.conn.transaction():
            yield self.conn


@dataclass
class Cycle:
    """Amina (chairperson), Baraka, Wanjiku, Chebet (secretary), Juma (treasurer): KES 500 a week, Amina is paid first.

    Round 1 asks all five.
    """

    conn: Connection[Any]
    wiring: Wiring
    clock: HandClock
    village: Village
    till: Till
    members: dict[str, int]
    receipts: Any

    @property
    def chama_id(self) -> int:
        return self.village.chama_id

    def value(self, query: Any, *given: Any) -> Any:
        row = self.conn.execute(query, given).fetchone()
        return row[0] if row else None

    def rules(self, **changed: Any) -> None:
        """From now on; the open round keeps its own."""
        now = rounds.rules_at(self.conn, self.chama_id, self.wiring.now())
        assert now is not None
        rounds.adopt(self.conn, self.chama_id, replace(now.rules, **changed), in_force_from=self.wiring.now())

    def pays(self, name: str, shillings: int) -> None:
        receipt = f"TKK{next(self.receipts):07}"
        proven = replace(self.till.proven(receipt, shillings, self.members[name]), paid_at=self.wiring.now())
        with self.wiring.transaction() as conn:
            arrivals.book(conn, [proven], at=self.wiring.now(), chance=self.till.chance)

    def runs(self) -> None:
        """Whatever is due now."""
        for _ in range(300):
            if not (
                lifecycle.go_on(self.wiring)
                or fining.go_on(self.wiring)
                or watching.go_on(self.wiring)
                or defaulting.go_on(self.wiring)
                or departing.follow_due(self.wiring)
                or round_payouts.follow_due(self.wiring)
                or disbursing.follow_due(self.wiring)
            ):
                return
        raise AssertionError("never came to rest")

    def waits(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.runs()

    def closes(self) -> None:
        """The open round closes, and nothing else is done yet."""
        self.clock.advance(7 * 86_400.0)
        while lifecycle.go_on(self.wiring):
            pass

    def ask(self, cents: int, payee: str = "Amina", number: int = 1) -> Request:
        """Somebody asks for so much of a round."""
        round_id = self.value("SELECT id FROM rounds WHERE chama_id = %s AND number = %s", self.chama_id, number)
        asked = {"asker_member_id": self.members["Chebet"], "payee_member_id": self.members[payee]}
        with self.conn.transaction():
            return asking.ask(self.conn, amount_cents=cents, at=self.wiring.now(), round_id=round_id, **asked)

    def requests(self) -> list[tuple[int, str, int, str]]:
        """Payouts of rounds as they were asked for: id, payee, cents, state."""
        return self.conn.execute(
            "SELECT d.id, u.first_name, d.amount_cents, d.state FROM disbursement_requests d "
            "JOIN chama_members m ON m.id = d.payee_member_id JOIN users u ON u.id = m.user_id "
            "WHERE d.round_id IS NOT NULL ORDER BY d.id"
        ).fetchall()

    def says(self, name: str, request_id: int, vote: Vote = Vote.APPROVE, **more: Any) -> None:
        said = {"digest": disbursements.by_id(self.conn, request_id).digest, "at": self.wiring.now(), **more}
        with self.wiring.transaction() as conn:
            asking.vote(conn, request_id, word(conn, self.members[name], vote=vote, **said))

    def agrees(self, request_id: int, others: tuple[str, ...] = ("Chebet", "Juma")) -> None:
        for name in others:
            self.says(name, request_id)
        self.runs()

    def arrives(self, request_id: int) -> int:
        """What was agreed on waits, leaves, and M-PESA pays it; returns the cents."""
        self.waits(3_601)
        payout_id = disbursements.by_id(self.conn, request_id).payout_id
        assert payout_id is not None
        cents = self.carries(payout_id)
        assert disbursements.by_id(self.conn, request_id).state == "completed"
        return cents

    def carries(self, payout_id: int) -> int:
        """M-PESA pays what was ordered; returns the cents."""
        at = self.wiring.now()
        with self.wiring.transaction() as conn:
            [payout] = rows.lock(conn, [payout_id])
            sent = post(conn, money.sent(payout, at=at), at=at, chance=self.till.chance)
            rows.move(conn, [Step(payout, PayoutState.SENDING, at, sent_seq=sent.seq, sends=1)])
            [payout] = rows.lock(conn, [payout_id])
            proven = Proven(f"TKP{payout_id:07}", payout.amount_cents, at)
            draft = money.paid(conn, payout, proven, from_flight=True, charge_cents=payout.charge_cents)
            end = post(conn, draft, at=at, chance=self.till.chance)
            rows.move(conn, [Step(payout, PayoutState.PAID, at, end_seq=end.seq, proven=proven)])
        self.runs()
        return payout.amount_cents

    def pays_out(self) -> list[tuple[str, int]]:
        """Everything that waits for a yes has it and arrives: whom, and cents."""
        waiting = [(request_id, payee) for request_id, payee, _, state in self.requests() if state == "pending"]
        done = []
        for request_id, payee in waiting:
            one = disbursements.by_id(self.conn, request_id)
            others = [name for name in ("Amina", "Chebet", "Juma") if name not in (payee, one.asker_name)]
            self.agrees(request_id, tuple(others[:2]))
            done.append((payee, self.arrives(request_id)))
        return done

    def owes(self, name: str) -> int:
        """For rounds that are over or open, in cents."""
        return int(
            self.value(
                "SELECT coalesce(sum(due_cents - paid_cents), 0) FROM contributions k "
                "JOIN rounds r ON r.id = k.round_id WHERE member_id = %s AND r.state <> 'active'",
                self.members[name],
            )
        )

    def held(self, kind: str, name: str) -> int:
        found = account_id(self.conn, self.village.book_id, f"{kind}:{self.members[name]}")
        return 0 if found is None else balance(self.conn, found)

    def told(self, template: str) -> list[str]:
        found = self.conn.execute(
            "SELECT u.first_name FROM notifications n JOIN users u ON u.id = n.user_id WHERE template = %s "
            "ORDER BY u.first_name",
            [template],
        )
        return [row[0] for row in found]

    def due_pots(self) -> list[int]:
        """Rounds, by number, of which something may still be paid."""
        return [
            row[0]
            for row in self.conn.execute("SELECT number FROM rounds WHERE pot_due_at IS NOT NULL ORDER BY number")
        ]

    def sound(self) -> bool:
        return [one for one in rules_of_chamas.verify(self.conn) if not one.ok] == []


def begun(conn: Connection[Any], wiring: Wiring, clock: HandClock, village: Village, till: Till) -> Cycle:
    """Two officials more are in, and owe for round 1 like everybody."""
    members = dict(zip(("Amina", "Baraka", "Wanjiku"), village.member_ids, strict=True))
    for number, (name, role) in enumerate((("Chebet", Role.SECRETARY), ("Juma", Role.TREASURER)), start=4):
        user_id = register.create_person(conn, phone=f"+25470000000{number}", first_name=name, language="en", at=START)
        members[name] = register.add_member(
            conn,
            chama_id=village.chama_id,
            user_id=user_id,
            role=role,
            status=MemberStatus.CONFIRMED,
            join_method="number",
            position=number,
            at=START,
        )
        register.move_member(conn, members[name], MemberStatus.ACTIVE)
    conn.execute(
        "INSERT INTO contributions (round_id, member_id, due_cents, state) "
        "SELECT %s, id, 50000, 'pending' FROM chama_members WHERE id > %s",
        [village.open_round.id, village.member_ids[-1]],
    )
    return Cycle(conn, wiring, clock, village, till, members, count(1))
