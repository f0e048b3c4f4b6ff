"""People, chamas and who belongs to which: users, consents, chamas and chama_members are written here only.

    chama       draft -> recruiting <-> waiting -> active -> completed; cancelled from anywhere before completed
    membership  invited -> pending -> confirmed -> active <-> defaulted; out by completed or withdrawn

A chama is born with its book, a member with her account in it: what she holds is a liability of the group towards her.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from psycopg.rows import class_row

from chamas.calendar import Frequency
from chamas.states import Moves
from ledger.wires import Connection


class ChamaStatus(StrEnum):
    """Where a chama stands in its life."""

    DRAFT = "draft"
    RECRUITING = "recruiting"
    WAITING = "waiting"
    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


CHAMA_MOVES: Moves[ChamaStatus] = {
    ChamaStatus.DRAFT: frozenset({ChamaStatus.RECRUITING, ChamaStatus.CANCELLED}),
    ChamaStatus.RECRUITING: frozenset({ChamaStatus.WAITING, ChamaStatus.CANCELLED}),
    ChamaStatus.WAITING: frozenset({ChamaStatus.RECRUITING, ChamaStatus.ACTIVE, ChamaStatus.CANCELLED}),
    ChamaStatus.ACTIVE: frozenset({ChamaStatus.COMPLETED, ChamaStatus.CANCELLED}),
    ChamaStatus.COMPLETED: frozenset(),
    ChamaStatus.CANCELLED: frozenset(),
}


class MemberStatus(StrEnum):
    """Where a person stands in one chama."""

    INVITED = "invited"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    ACTIVE = "active"
    DEFAULTED = "defaulted"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"


MEMBER_MOVES: Moves[MemberStatus] = {
    MemberStatus.INVITED: frozenset({MemberStatus.PENDING, MemberStatus.CONFIRMED, MemberStatus.WITHDRAWN}),
    MemberStatus.PENDING: frozenset({MemberStatus.CONFIRMED, MemberStatus.WITHDRAWN}),
    MemberStatus.CONFIRMED: frozenset({MemberStatus.ACTIVE, MemberStatus.WITHDRAWN}),
    MemberStatus.ACTIVE: frozenset({MemberStatus.DEFAULTED, MemberStatus.COMPLETED, MemberStatus.WITHDRAWN}),
    MemberStatus.DEFAULTED: frozenset({MemberStatus.ACTIVE, MemberStatus.COMPLETED, MemberStatus.WITHDRAWN}),
    MemberStatus.COMPLETED: frozenset(),
    MemberStatus.WITHDRAWN: frozenset(),
}


class Role(StrEnum):
    """What a member is in her chama; all but the last are officials."""

    CHAIRPERSON = "chairperson"
    TREASURER = "treasurer"
    SECRETARY = "secretary"
    MEMBER = "member"


OFFICIALS = frozenset({Role.CHAIRPERSON, Role.TREASURER, Role.SECRETARY})


@dataclass(frozen=True)
class Person:
    """One row of users. `phone` is E.164, None for somebody without a phone of her own; `language` is `en` or `sw`."""

    id: int
    phone: str | None
    first_name: str
    last_name: str | None
    language: str
    private_phone: bool
    status: str


@dataclass(frozen=True)
class Membership:
    """A person in a chama, with what every screen wants to know of that chama. `contribution_cents` is per round."""

    id: int
    user_id: int
    chama_id: int
    chama_number: str
    chama_name: str
    chama_status: ChamaStatus
    book_id: int
    frequency: Frequency
    contribution_cents: int
    number: int
    role: Role
    status: MemberStatus
    position: int | None
    joined_at: datetime

    def __post_init__(self) -> None:
        """Columns arrive as text: the enums refuse what the CHECKs would refuse."""
        for name, kind in (("chama_status", ChamaStatus), ("frequency", Frequency), ("role", Role)):
            object.__setattr__(self, name, kind(getattr(self, name)))
        object.__setattr__(self, "status", MemberStatus(self.status))

    @property
    def official(self) -> bool:
        return self.role in OFFICIALS


def find_by_phone(conn: Connection, phone: str) -> Person | None:
    """The owner of an E.164 number, or None."""
    people = conn.cursor(row_factory=class_row(Person))
    people.execute(
        "SELECT id, phone, first_name, last_name, language, private_phone, status FROM users WHERE phone = %s", [phone]
    )
    return people.fetchone()


def person(conn: Connection, user_id: int) -> Person | None:
    """One person by id, or None."""
    people = conn.cursor(row_factory=class_row(Person))
    people.execute(
        "SELECT id, phone, first_name, last_name, language, private_phone, status FROM users WHERE id = %s", [user_id]
    )
    return people.fetchone()


def memberships(conn: Connection, user_id: int) -> list[Membership]:
    """Where this person belongs, her home chama first: the one that is running, then the one she joined first."""
    found = conn.cursor(row_factory=class_row(Membership))
    found.execute(
        """
        SELECT m.id, m.user_id, c.id AS chama_id, c.number AS chama_number, c.name AS chama_name,
               c.status AS chama_status, c.book_id, c.frequency, c.contribution_cents,
               m.number, m.role, m.status, m.position, m.joined_at
        FROM chama_members m JOIN chamas c ON c.id = m.chama_id
        WHERE m.user_id = %s AND m.status <> 'withdrawn'
        ORDER BY (m.status = 'active' AND c.status = 'active') DESC, m.joined_at, m.id
        """,
        [user_id],
    )
    return found.fetchall()


def create_person(conn: Connection, *, phone: str | None, first_name: str, language: str, at: datetime) -> int:
    """A new person; returns her id. A phone (E.164) has one owner: a second one is a UniqueViolation."""
    user_id: int = conn.execute(
        "INSERT INTO users (phone, first_name, language, created_at) VALUES (%s, %s, %s, %s) RETURNING id",
        [phone, first_name, language, at],
    ).fetchall()[0][0]
    return user_id


def set_language(conn: Connection, user_id: int, language: str) -> None:
    """From now on this person is spoken to in `language` (`en` or `sw`)."""
    conn.execute("UPDATE users SET language = %s WHERE id = %s", [language, user_id])
