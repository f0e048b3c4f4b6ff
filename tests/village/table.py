"""The village's notes: put on the table in meetings, counted, called right or wrong later, and brought to M-PESA."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from psycopg import Connection

from chamas.arriving import cash
from chamas.meeting import meetings, sitting
from gateway.wiring import Wiring
from ledger.refusals import Refusal
from tests.village.groups import Group, Person
from tests.village.money import Paid, Purse

if TYPE_CHECKING:
    from tests.village.days import Life

# Who meets meets so often; the notes of a box are brought to an agent within a week, as a rule.
MEETS_EVERY = timedelta(days=28)
BROUGHT = 1 / 6
# Who was asked what she gave answers within some days, and one in ten remembers another amount.
ANSWERS, ANOTHER_AMOUNT, TAKEN_BACK = 0.5, 0.1, 0.3
# In a meeting more people have notes than elsewhere; some are fined there.
BRINGS, FINED, FINE_CENTS = 0.2, 0.1, 20_00


@dataclass
class OnTheTable:
    """A sum that lies in the counted box and that its giver has not called hers, or has called wrong."""

    claim_id: int
    group: Group
    giver: Person
    cents: int
    wrong: bool = False


@dataclass
class Table:
    """Everybody's notes on one day."""

    conn: Connection[Any]
    wiring: Wiring
    life: "Life"

    def day(self) -> None:
        self._answers()
        brought = []
        for group in self.life.groups:
            if group.meets and group.runs:
                self._meets(group)
            if group.box_cents and self.life.draw.random() < BROUGHT:
                brought += self._brought(group)
        Purse(self.conn, self.wiring, self.life).book(brought)

    def _brought(self, group: Group) -> list[Paid]:
        """An official pays what may leave the box, or half of it, to the paybill; of an ended group, too.

        What lay on the table stays in the box until she who gave it calls it hers, or has it back.
        """
        by = next(iter(group.officials), None)
        waiting_cents = sum(one.cents for one in self.life.table if one.group is group)
        cents = (group.box_cents - waiting_cents) // (100 if self.life.draw.random() < 0.8 else 200) * 100
        if by is None or cents <= 0:
            return []
        group.box_cents -= cents
        group.moved_on = self.life.worked if group.moved_on is not None else None
        self.life.did["cash banked"] += 1
        return [Paid(group.chama_id, None, cents, "banking", by.user_id)]

    def _meets(self, group: Group) -> None:
        """It meets when its day has come, and its next day is set; without officials nobody calls it."""
        at, by = self.life.clock.now(), next(iter(group.officials), None)
        if by is None:
            return
        try:
            if group.meets_at is None:
                self._calls(group, by, at + timedelta(days=self.life.draw.randint(2, 9)))
            elif group.meets_at <= at:
                self._sits(group, by, at)
                self._calls(group, by, at + MEETS_EVERY)
        except Refusal as refusal:
            self.life.did[f"meetings: {refusal.code}"] += 1

    def _calls(self, group: Group, by: Person, starts_at: datetime) -> None:
        at = self.life.clock.now()
        with self.wiring.transaction() as conn:
            meeting = meetings.schedule(conn, group.chama_id, by_user_id=by.user_id, starts_at=starts_at, at=at)
            for one in self.life.draw.sample(group.inside, 2):
                sitting.answer(conn, meeting.id, user_id=one.user_id, said="coming", at=at)
        group.meets_at = starts_at

    def _sits(self, group: Group, by: Person, at: datetime) -> None:
        """Who has notes for what she owes puts them on the table, some a fine; the box is counted."""
        draw, given = self.life.draw, {}
        with self.wiring.transaction() as conn:
            meeting = meetings.convene(conn, group.chama_id, by_user_id=by.user_id, at=at)
            for one in group.inside:
                if one is by or draw.random() > max(one.cash, BRINGS):
                    continue
                # Who owes nothing today brings the next round's.
                owed = sitting.due_cents(conn, one.member_id, at) or group.rules.contribution_cents
                sitting.mark(conn, meeting.id, one.number, by_user_id=by.user_id, here=True, cash_cents=owed, at=at)
                fine = FINE_CENTS if draw.random() < FINED else 0
                if fine:
                    sitting.fine(conn, meeting.id, one.number, by_user_id=by.user_id, cents=fine, at=at)
                given[one.member_id] = (one, owed + fine)
            counted = group.box_cents + sum(cents for _, cents in given.values())
            chance = self.life.chances[2]
            sitting.close(conn, meeting.id, by_user_id=by.user_id, counted_cents=counted, at=at, chance=chance)
            for claim_id, member_id in conn.execute(
                "SELECT id, member_id FROM cash_claims WHERE meeting_id = %s ORDER BY id", [meeting.id]
            ).fetchall():
                giver, cents = given.pop(member_id)
                self.life.table.append(OnTheTable(claim_id, group, giver, cents))
        group.box_cents, group.meets_at = counted, None
        self.life.did["meetings"] += 1

    def _answers(self) -> None:
        left = []
        for one in self.life.table:
            if not (self._withdrawn(one) if one.wrong else self._answered(one)):
                left.append(one)
        self.life.table[:] = left

    def _answered(self, one: OnTheTable) -> bool:
        """Whether she called it hers; who remembers another amount says so."""
        draw, at = self.life.draw, self.life.clock.now()
        if draw.random() > ANSWERS:
            return False
        one.wrong = draw.random() < ANOTHER_AMOUNT
        said = one.cents + (100_00 if one.wrong else 0)
        with self.wiring.transaction() as conn:
            cash.say(conn, one.claim_id, user_id=one.giver.user_id, said_cents=said, at=at)
            if not one.wrong:
                chance = self.life.chances[2]
                cash.confirm(conn, one.claim_id, user_id=one.giver.user_id, said_cents=said, at=at, chance=chance)
                one.giver.given += one.cents
        self.life.did["cash disputed" if one.wrong else "cash of meetings"] += 1
        return not one.wrong

    def _withdrawn(self, one: OnTheTable) -> bool:
        """Whether another official gave her the notes back that she calls wrong: they leave the box."""
        if self.life.draw.random() > TAKEN_BACK or one.group.box_cents < one.cents:
            return False
        for by in one.group.officials:
            try:
                with self.wiring.transaction() as conn:
                    at, chance = self.life.clock.now(), self.life.chances[2]
                    cash.withdraw(conn, one.claim_id, by_user_id=by.user_id, at=at, chance=chance)
            except Refusal:
                continue
            one.group.box_cents -= one.cents
            self.life.did["cash taken back"] += 1
            return True
        return False
