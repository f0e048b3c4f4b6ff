"""What the village's groups do beside paying: they swap turns, change rules, dispute fines; people stop and leave."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from psycopg import Connection

from chamas.approving.approvals import NOT_AGREED, Proof, Vote, Word
from chamas.course import leaving, motions, substitution
from chamas.cycle import swaps
from chamas.dues import penalties
from chamas.dues.penalties import PenaltyState
from chamas.ruling import proposals, proposed
from gateway.wiring import Wiring
from ledger.refusals import Refusal
from tests.village.groups import Group, Person
from tests.words import word

if TYPE_CHECKING:
    from tests.village.days import Life

# What happens to a group on a day.
SWAPS, STOPS, EXITS, PROPOSALS, PLACES = 1 / 25, 1 / 400, 1 / 500, 1 / 90, 1 / 300
# Of the fines of a day; of what is disputed, officials waive half.
DISPUTES = 1 / 6
DAY = timedelta(days=1)


@dataclass
class Affairs:
    """One day's."""

    conn: Connection[Any]
    wiring: Wiring
    life: "Life"

    def morning(self) -> None:
        """Who has left, or is in default by now."""
        status = dict(self.conn.execute("SELECT id, status FROM chama_members").fetchall())
        for one in (one for group in self.life.groups for one in group.people):
            gone, in_default = status[one.member_id] == "withdrawn", status[one.member_id] == "defaulted"
            self.life.did["exits"] += gone and not one.gone
            self.life.did["defaults"] += in_default and not one.in_default
            one.gone, one.in_default = gone, in_default
        self._takers()

    def _takers(self) -> None:
        """Who has taken over a place pays for it from now on, like anybody."""
        draw, groups = self.life.draw, {group.chama_id: group for group in self.life.groups}
        for chama_id, *who in self.conn.execute(
            "SELECT x.chama_id, m.id, m.user_id, m.number FROM motions x JOIN chama_members m ON m.id = x.other_id "
            "WHERE (x.kind, x.state) = ('substitution', 'done') ORDER BY x.id"
        ).fetchall():
            people = groups[chama_id].people
            if who[0] not in {one.member_id for one in people}:
                people.append(Person(*who, pays=draw.choice((0.7, 0.12)), whole=0.9, cash=0.1))
                self.life.did["places taken over"] += 1

    def day(self) -> None:
        for group in self.life.groups:
            if group.runs:
                self._in(group)
        self._fines()

    def _in(self, group: Group) -> None:
        """Now and then two swap turns, one stops paying, one leaves, or the rules shall change; officials stay."""
        draw = self.life.draw
        others = [one for one in group.people[3:] if not one.gone]
        if len(others) >= 2 and draw.random() < SWAPS:
            self._swap(group, *draw.sample(others, 2))
        if others and draw.random() < STOPS:
            draw.choice(others).pays = 0.0
            self.life.did["stopped paying"] += 1
        if len(others) > 2 and draw.random() < EXITS:
            self._leave(group, draw.choice(others))
        if len(others) > 2 and draw.random() < PLACES:
            self._give_place(group, draw.choice(others))
        if draw.random() < PROPOSALS and group.officials:
            self._propose(group)

    def _swap(self, group: Group, first: Person, second: Person) -> None:
        at = self.life.clock.now()
        try:
            with self.wiring.transaction() as conn:
                asked = swaps.ask(conn, group.chama_id, by_user_id=first.user_id, number=second.number, at=at)
                swaps.answer(conn, asked.id, user_id=second.user_id, yes=self.life.draw.random() < 0.8, at=at)
            self.life.did["swaps"] += 1
        except Refusal:
            self.life.did["swaps refused"] += 1

    def _leave(self, group: Group, one: Person) -> None:
        """She asks to; until nothing is owed on either side she is in."""
        try:
            with self.wiring.transaction() as conn:
                leaving.ask(conn, group.chama_id, by_user_id=one.user_id, at=self.life.clock.now())
            self.life.did["exits asked"] += 1
        except Refusal:
            self.life.did["exits refused"] += 1

    def _give_place(self, group: Group, one: Person) -> None:
        """She offers it to somebody whom nobody knows, who mostly takes it."""
        at, draw = self.life.clock.now(), self.life.draw
        phone = f"+2541{int(group.number) % 10_000:04}{self.life.did['places offered']:05}"
        try:
            with self.wiring.transaction() as conn:
                said = {"first_name": f"Mgeni{one.number}", "language": "sw", "at": at, "chance": self.life.chances[2]}
                made = substitution.offer(conn, group.chama_id, by_user_id=one.user_id, phone=phone, **said)
                assert made.invitation_id is not None
                [(user_id,)] = conn.execute("SELECT id FROM users WHERE phone = %s", [phone]).fetchall()
                answer = substitution.accept if draw.random() < 0.9 else substitution.decline
                answer(conn, made.invitation_id, user_id=user_id, at=at)
            self.life.did["places offered"] += 1
        except Refusal as why:
            self.life.did[f"places not offered ({type(why).__name__})"] += 1

    def _propose(self, group: Group) -> None:
        draw = self.life.draw
        given = draw.choice(
            (
                {"contribution_cents": draw.choice((200, 500, 1_000, 2_000)) * 100},
                {"grace_hours": draw.choice((0, 24, 48))},
                {"penalty": "flat", "penalty_cents": 50_00, "penalty_cap_cents": draw.choice((0, 500_00))},
                {"fines_first": draw.random() < 0.5},
                {"default_after": draw.choice((0, 2, 4))},
                {"arrears_first": draw.random() < 0.5},
            )
        )
        try:
            with self.wiring.transaction() as conn:
                by, at = group.officials[0].user_id, self.life.clock.now()
                proposals.propose(conn, group.chama_id, given, by_user_id=by, at=at)
            self.life.did["rules proposed"] += 1
        except Refusal:
            self.life.did["rules not proposed"] += 1

    def answers(self) -> bool:
        """Whoever is asked about rules answers, one in ten with a no. Whether anybody did."""
        waiting = self.conn.execute("SELECT id FROM rule_proposals WHERE state = 'pending' ORDER BY id").fetchall()
        for (proposal_id,) in waiting:
            with self.wiring.transaction() as conn:
                one = proposed.by_id(conn, proposal_id)
                for said in self._words(proposed.asked(conn, one), one.digest):
                    proposals.vote(conn, one.id, said)
        leaving_now = self.conn.execute("SELECT id FROM motions WHERE state = 'asked' ORDER BY id").fetchall()
        for (motion_id,) in leaving_now:
            with self.wiring.transaction() as conn:
                motion = motions.by_id(conn, motion_id)
                for said in self._words(motions.asked(conn, motion), motion.digest):
                    motions.vote(conn, motion_id, said)
        return bool(waiting or leaving_now)

    def _words(self, asked: set[int], digest: bytes) -> Iterator[Word]:
        """What each of these users says to what she was shown."""
        for user_id in sorted(asked):
            no = self.life.draw.random() < 0.1
            vote, reason = (Vote.REJECT, NOT_AGREED) if no else (Vote.APPROVE, None)
            yield Word(vote, digest, Proof.PIN, user_id, self.life.clock.now(), reason)

    def _fines(self) -> None:
        """Some of yesterday's fines are disputed; what was disputed before, officials waive, or say that it stands."""
        draw, at = self.life.draw, self.life.clock.now()
        disputed = self.conn.execute("SELECT id FROM penalties WHERE state = 'disputed' ORDER BY id").fetchall()
        for penalty_id, member_id in self.conn.execute(
            "SELECT id, member_id FROM penalties WHERE state = 'due' AND assessed_at > %s ORDER BY id", [at - DAY]
        ).fetchall():
            if draw.random() < DISPUTES:
                with self.wiring.transaction() as conn:
                    penalties.dispute(conn, penalty_id, member_id=member_id, at=at)
                self.life.did["fines disputed"] += 1
        for (penalty_id,) in disputed:
            with self.wiring.transaction() as conn:
                self._decide(conn, penalty_id, waived=draw.random() < 0.5)

    def _decide(self, conn: Connection[Any], penalty_id: int, *, waived: bool) -> None:
        at, one = self.life.clock.now(), penalties.by_id(conn, penalty_id)
        if waived:
            officials = next(group.officials for group in self.life.groups if group.chama_id == one.chama_id)
            asker = next((other.member_id for other in officials if other.member_id != one.member_id), None)
            if asker is None:
                return
            one = penalties.ask_waiver(conn, penalty_id, by_member_id=asker, reason=2, at=at)
        by = next(iter(penalties.deciders(conn, one, at=at)), None)
        if by is None:
            return
        vote, reason = (Vote.APPROVE, None) if waived else (Vote.REJECT, NOT_AGREED)
        assert one.state is PenaltyState.DISPUTED
        penalties.answer(conn, penalty_id, word(conn, by, one.digest, vote, at=at, reason=reason))
        self.life.did["fines waived" if waived else "fines that stand"] += 1
