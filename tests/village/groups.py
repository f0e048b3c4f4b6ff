"""The people of the village and their groups, drawn by a seed: who pays when, and by which rules."""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from psycopg import Connection

from chamas.course import lifecycle
from chamas.members import register
from chamas.members.register import ChamaStatus, MemberStatus, Role
from chamas.rulebook import rule_sets
from chamas.rulebook.calendar import Frequency
from chamas.rulebook.rules import Penalty, Rules, ShortPot

LEAST, MOST = 5, 30
OFFICIALS = (Role.CHAIRPERSON, Role.TREASURER, Role.SECRETARY)
# What being late costs.
FINES: tuple[dict[str, Any], ...] = (
    {},
    {"penalty": Penalty.FLAT, "penalty_cents": 50_00, "penalty_cap_cents": 500_00},
    {"penalty": Penalty.PERCENT, "penalty_percent": 10},
)
# Most groups meet weekly; the rest keeps the calendar's other rhythms in the run.
RHYTHMS = (Frequency.WEEKLY, Frequency.WEEKLY, Frequency.FORTNIGHTLY, Frequency.MONTHLY)

# Most groups go on; some are founded for one or two turns of everybody. Two in five meet.
CYCLES = (None, None, None, None, None, 1, 2)
MEETING = 0.4


@dataclass
class Person:
    """A member. Each day on which she owes she pays with chance `pays`, all of it with chance `whole`, in notes with
    chance `cash`; `given` is what she brought so far, `deposited` what she left before it began, in cents.
    """

    member_id: int
    user_id: int
    number: int
    pays: float
    whole: float
    cash: float
    given: int = 0
    deposited: int = 0
    gone: bool = False
    in_default: bool = False


@dataclass
class Group:
    """One chama; `box_cents` lie as notes in its box, `meets_at` is its next meeting. `moved_on` is of one that has
    ended: how many days the worker had been there when it did, or when notes of its box were brought last.
    """

    chama_id: int
    number: str
    rules: Rules
    deposit_cents: int
    meets: bool
    people: list[Person] = field(default_factory=list)
    status: str = "waiting"
    moved_on: int | None = None
    box_cents: int = 0
    meets_at: datetime | None = None

    @property
    def runs(self) -> bool:
        return self.status == "active"

    @property
    def inside(self) -> list[Person]:
        return [one for one in self.people if not one.gone]

    @property
    def officials(self) -> list[Person]:
        """Who may act for the group: not who is in default."""
        return [one for one in self.people[: len(OFFICIALS)] if not (one.gone or one.in_default)]


def found(conn: Connection[Any], draw: Random, place: int, at: datetime) -> Group:
    """A running group in its first round; one that asks for deposits waits for them."""
    cents = draw.choice((200, 500, 1_000, 2_000)) * 100
    rules = Rules(
        contribution_cents=cents,
        frequency=draw.choice(RHYTHMS),
        arrears_first=draw.random() < 0.8,
        grace_hours=draw.choice((0, 24, 48)),
        short_pot=draw.choice((ShortPot.TOP_UP, ShortPot.TOP_UP, ShortPot.WAIT)),
        **draw.choice(FINES),
        fines_first=draw.random() < 0.7,
        default_after=draw.choice((0, 2, 3, 5)),
    )
    size, deposit_cents = draw.randint(LEAST, MOST), draw.choice((0, 0, 0, cents))
    number = f"{20_000 + place}"
    chama_id = register.create_chama(
        conn,
        number=number,
        name=f"Kijiji {place}",
        kind="rosca",
        frequency=rules.frequency,
        contribution_cents=rules.contribution_cents,
        member_target=size,
        deposit_cents=deposit_cents,
        cycles=draw.choice(CYCLES),
        at=at,
    )
    group = Group(chama_id, number, rules, deposit_cents, draw.random() < MEETING)
    for seat in range(1, size + 1):
        group.people.append(_person(conn, draw, group, seat, at))
    for status in (ChamaStatus.RECRUITING, ChamaStatus.WAITING):
        register.move_chama(conn, group.chama_id, status)
    rule_sets.adopt(conn, group.chama_id, rules, in_force_from=at)
    if not deposit_cents:
        with conn.transaction():
            lifecycle.start(conn, group.chama_id, opens_at=at, at=at)
        group.status = "active"
    return group


def _person(conn: Connection[Any], draw: Random, group: Group, number: int, at: datetime) -> Person:
    phone = f"+2547{int(group.number) % 10_000:04}{number:04}"
    user_id = register.create_person(conn, phone=phone, first_name=f"Mtu{number}", language="sw", at=at)
    member_id = register.add_member(
        conn,
        chama_id=group.chama_id,
        user_id=user_id,
        role=OFFICIALS[number - 1] if number <= len(OFFICIALS) else Role.MEMBER,
        status=MemberStatus.CONFIRMED,
        join_method="creator" if number == 1 else "number",
        position=number,
        at=at,
    )
    # One in five is late as a rule, one in twelve hardly ever pays.
    pays = draw.choices((0.7, 0.12, 0.01), weights=(8, 2, 1))[0]
    return Person(member_id, user_id, number, pays, draw.choice((1.0, 0.9, 0.6)), draw.choice((0.0, 0.1, 0.4)))
