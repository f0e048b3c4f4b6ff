"""Chamas and who belongs to which: chamas and chama_members are written here only. People: people.py.

Where a chama and a membership may stand is in states.py. A chama is born with its book, a member
with her account in it: what she holds is a liability of the group towards her.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from chamas.members.people import (
    Person,
    agree,
    contact_phone,
    create_person,
    find_by_phone,
    forget,
    lend,
    operator_id,
    person,
    prefer,
    seat_operator,
)
from chamas.members.states import (
    CHAMA_MOVES,
    MEMBER_MOVES,
    OFFICIALS,
    ChamaKind,
    ChamaStatus,
    JoinMethod,
    MemberStatus,
    PlatformRole,
    Role,
    WhenShort,
)
from chamas.rulebook.calendar import Frequency
from ledger.books import open_account, open_book
from ledger.wires import Chance, Connection

# What others take from here beside the functions below.
__all__ = [
    "CHAMA_MOVES",
    "MEMBER_MOVES",
    "OFFICIALS",
    "ChamaKind",
    "ChamaStatus",
    "Frequency",
    "JoinMethod",
    "MemberStatus",
    "Person",
    "PlatformRole",
    "Role",
    "WhenShort",
    "agree",
    "contact_phone",
    "create_person",
    "find_by_phone",
    "forget",
    "lend",
    "operator_id",
    "person",
    "prefer",
    "seat_operator",
]

# Numbers of chamas have five digits and do not begin with 0, which a phone's menu takes for the way back.
LEAST_NUMBER, NUMBERS = 10_000, 90_000


def create_chama(
    conn: Connection,
    *,
    number: str,
    name: str,
    kind: ChamaKind,
    frequency: Frequency,
    contribution_cents: int,
    member_target: int,
    capacity: int | None = None,
    private: bool = False,
    recruitment_deadline: datetime | None = None,
    deposit_cents: int = 0,
    cycles: int | None = None,
    when_short: WhenShort = "wait",
    at: datetime,
) -> int:
    """A draft with a book of its own; returns its id. `number` is the five digits that people join by.

    `capacity` is how many it takes at most, the target when not said; into a private one people come by invitation.
    After so many `cycles` it has done what it was for; without, it goes on. `when_short`: what happens when the
    deadline passes with fewer people than its target.
    """
    book_id = open_book(conn, kind="chama", name=name, at=at)
    told = [number, name, kind, ChamaStatus.DRAFT, frequency, contribution_cents, member_target, capacity, private]
    told += [deposit_cents, cycles, when_short]
    chama_id: int = conn.execute(
        """
        INSERT INTO chamas (number, name, kind, status, frequency, contribution_cents, member_target, capacity, private,
                            deposit_cents, cycles, when_short, recruitment_deadline, book_id, created_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
        """,
        [*told, recruitment_deadline, book_id, at],
    ).fetchall()[0][0]
    return chama_id


def free_number(conn: Connection, chance: Chance) -> str:
    """Five digits that no chama has yet, drawn by chance."""
    while number_taken(conn, number := str(LEAST_NUMBER + int.from_bytes(chance.token_bytes(8)) % NUMBERS)):
        pass
    return number


def number_taken(conn: Connection, number: str) -> bool:
    return conn.execute("SELECT TRUE FROM chamas WHERE number = %s", [number]).fetchone() is not None


def add_member(
    conn: Connection,
    *,
    chama_id: int,
    user_id: int,
    role: Role,
    status: MemberStatus,
    join_method: JoinMethod,
    position: int | None = None,
    number: int | None = None,
    at: datetime,
) -> int:
    """The next number of the chama, or `number`, goes to this person, with an account for her money; returns her
    member id.

    `status` is where she enters: invited, pending, or confirmed for who was there when the group moved in. `position`
    is her place in the order of payout, counted from 1. One person is in a chama once: else a UniqueViolation.
    """
    book_id = lock_chama(conn, chama_id)
    member_id: int = conn.execute(
        """
        INSERT INTO chama_members (chama_id, user_id, number, role, status, join_method, position, joined_at)
        SELECT %s, %s, coalesce(%s, coalesce(max(number), 0) + 1), %s, %s, %s, %s, %s FROM chama_members
        WHERE chama_id = %s
        RETURNING id
        """,
        [chama_id, user_id, number, role, status, join_method, position, at, chama_id],
    ).fetchall()[0][0]
    open_account(
        conn, book_id=book_id, code=f"member:{member_id}", kind="liability", owner_member_id=member_id, floor_cents=0
    )
    return member_id


def lock_chama(conn: Connection, chama_id: int) -> int:
    """Holds the chama until the transaction ends, so that its members and dues stay as they are; returns its book.

    Who also posts to that book posts first: everybody takes the head of the book before the chama.
    """
    [(book_id,)] = conn.execute("SELECT book_id FROM chamas WHERE id = %s FOR NO KEY UPDATE", [chama_id]).fetchall()
    return int(book_id)


def lock_chamas(conn: Connection, chama_ids: Iterable[int]) -> None:
    """Holds several chamas, in the order of their ids so that two of us never cross."""
    conn.execute("SELECT id FROM chamas WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [sorted(set(chama_ids))])


def move_chama(conn: Connection, chama_id: int, new: ChamaStatus) -> None:
    """One step in the life of a chama. Raises ForbiddenMove."""
    [(old,)] = conn.execute("SELECT status FROM chamas WHERE id = %s FOR NO KEY UPDATE", [chama_id]).fetchall()
    CHAMA_MOVES.require(ChamaStatus(old), new)
    conn.execute("UPDATE chamas SET status = %s WHERE id = %s", [new, chama_id])


def keep_to(conn: Connection, chama_id: int, contribution_cents: int, frequency: Frequency) -> None:
    """What each member of the chama pays, and how often, from now on: as the rules in force have it."""
    conn.execute(
        "UPDATE chamas SET contribution_cents = %s, frequency = %s WHERE id = %s",
        [contribution_cents, frequency, chama_id],
    )


def seat(conn: Connection, member_id: int, *, terms_agreed_at: datetime) -> None:
    """When a member agreed to the terms of her chama."""
    conn.execute("UPDATE chama_members SET terms_agreed_at = %s WHERE id = %s", [terms_agreed_at, member_id])


def change_role(conn: Connection, member_id: int, role: Role, *, at: datetime) -> None:
    """What a member is in her chama from now on; since when is kept, because who is new in office cannot approve."""
    conn.execute(
        "UPDATE chama_members SET role = %s, role_since = %s WHERE id = %s AND role <> %s", [role, at, member_id, role]
    )


def place(conn: Connection, positions: Mapping[int, int | None]) -> None:
    """Where members stand in the order of payout, by member id; two of one chama never stand in one place. None: she
    stands there no more.
    """
    stands = (
        "UPDATE chama_members SET position = n.place FROM unnest(%s::bigint[], %s::int[]) AS n (m, place) WHERE id = m"
    )
    conn.execute(stands, [list(positions), list(positions.values())])


def move_member(conn: Connection, member_id: int, new: MemberStatus) -> None:
    """One step in the life of a membership. Raises ForbiddenMove."""
    [(old,)] = conn.execute("SELECT status FROM chama_members WHERE id = %s FOR NO KEY UPDATE", [member_id]).fetchall()
    MEMBER_MOVES.require(MemberStatus(old), new)
    conn.execute("UPDATE chama_members SET status = %s WHERE id = %s", [new, member_id])


def line_up(conn: Connection, chama_id: int) -> None:
    """Members without a place in the order of payout get one behind the last, by their numbers; who is on her way out
    of the group gets none.
    """
    conn.execute(
        """
        UPDATE chama_members m SET position = n.position FROM (
            SELECT s.id, row_number() OVER (ORDER BY s.number)
                + (SELECT coalesce(max(p.position), 0) FROM chama_members p WHERE p.chama_id = %(chama)s) AS position
            FROM chama_members s WHERE s.chama_id = %(chama)s AND s.status = 'active' AND s.position IS NULL
            AND NOT EXISTS (SELECT FROM motions x WHERE (x.member_id, x.kind, x.state) = (s.id, 'exit', 'going'))) AS n
        WHERE m.id = n.id
        """,
        {"chama": chama_id},
    )
