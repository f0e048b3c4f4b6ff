"""People, chamas and who belongs to which: users, consents, chamas and chama_members are written here only.

A person is one phone; where a chama and a membership may stand is in states.py. A chama is born with its book, a member
with her account in it: what she holds is a liability of the group towards her.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from chamas.calendar import Frequency
from chamas.people import ERASED_NAME, PERSON_MOVES, PersonStatus
from chamas.states import (
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
    "PlatformRole",
    "Role",
    "WhenShort",
]

# Numbers of chamas have five digits and do not begin with 0, which a phone's menu takes for the way back.
LEAST_NUMBER, NUMBERS = 10_000, 90_000


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


def find_by_phone(conn: Connection, phone: str) -> Person | None:
    """The owner of an E.164 number, or None."""
    asked = "SELECT id, phone, first_name, last_name, language, private_phone, status FROM users WHERE phone = %s"
    return conn.cursor(row_factory=class_row(Person)).execute(asked, [phone]).fetchone()


def person(conn: Connection, user_id: int) -> Person | None:
    """One person by id, or None."""
    asked = "SELECT id, phone, first_name, last_name, language, private_phone, status FROM users WHERE id = %s"
    return conn.cursor(row_factory=class_row(Person)).execute(asked, [user_id]).fetchone()


def create_person(conn: Connection, *, phone: str | None, first_name: str, language: str, at: datetime) -> int:
    """A new person; returns her id. A phone (E.164) has one owner: a second one is a UniqueViolation."""
    user_id: int = conn.execute(
        "INSERT INTO users (phone, first_name, language, created_at) VALUES (%s, %s, %s, %s) RETURNING id",
        [phone, first_name, language, at],
    ).fetchall()[0][0]
    return user_id


def prefer(conn: Connection, user_id: int, *, language: str | None = None, private: bool | None = None) -> None:
    """What is given holds from now on: the language (`en` or `sw`), and whether names and amounts need her PIN."""
    conn.execute(
        "UPDATE users SET language = coalesce(%s, language), private_phone = coalesce(%s, private_phone) WHERE id = %s",
        [language, private, user_id],
    )


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
    at: datetime,
) -> int:
    """The next number of the chama goes to this person, with an account for her money; returns the member's id.

    `status` is where she enters: invited, pending, or confirmed for who was there when the group moved in. `position`
    is her place in the order of payout, counted from 1. One person is in a chama once: else a UniqueViolation.
    """
    book_id = lock_chama(conn, chama_id)
    member_id: int = conn.execute(
        """
        INSERT INTO chama_members (chama_id, user_id, number, role, status, join_method, position, joined_at)
        SELECT %s, %s, coalesce(max(number), 0) + 1, %s, %s, %s, %s, %s FROM chama_members WHERE chama_id = %s
        RETURNING id
        """,
        [chama_id, user_id, role, status, join_method, position, at, chama_id],
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


def seat(conn: Connection, member_id: int, *, terms_agreed_at: datetime) -> None:
    """When a member agreed to the terms of her chama."""
    conn.execute("UPDATE chama_members SET terms_agreed_at = %s WHERE id = %s", [terms_agreed_at, member_id])


def change_role(conn: Connection, member_id: int, role: Role, *, at: datetime) -> None:
    """What a member is in her chama from now on; since when is kept, because who is new in office cannot approve."""
    conn.execute(
        "UPDATE chama_members SET role = %s, role_since = %s WHERE id = %s AND role <> %s", [role, at, member_id, role]
    )


def place(conn: Connection, positions: Mapping[int, int]) -> None:
    """Where members stand in the order of payout, by member id; two of one chama never stand in one place."""
    stands = (
        "UPDATE chama_members SET position = n.place FROM unnest(%s::bigint[], %s::int[]) AS n (m, place) WHERE id = m"
    )
    conn.execute(stands, [list(positions), list(positions.values())])


def agree(
    conn: Connection, user_id: int, *, text_version: str, language: str, session_key: bytes, at: datetime
) -> None:
    """She agrees that her data are kept, to this version of the text; once is enough. `session_key` is a keyed hash."""
    conn.execute(
        "INSERT INTO consents (user_id, text_version, language, session_key, given_at) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT DO NOTHING",
        [user_id, text_version, language, session_key, at],
    )


def move_member(conn: Connection, member_id: int, new: MemberStatus) -> None:
    """One step in the life of a membership. Raises ForbiddenMove."""
    [(old,)] = conn.execute("SELECT status FROM chama_members WHERE id = %s FOR NO KEY UPDATE", [member_id]).fetchall()
    MEMBER_MOVES.require(MemberStatus(old), new)
    conn.execute("UPDATE chama_members SET status = %s WHERE id = %s", [new, member_id])


def line_up(conn: Connection, chama_id: int) -> None:
    """Members without a place in the order of payout get one behind the last, by their numbers."""
    conn.execute(
        """
        UPDATE chama_members m SET position = n.position FROM (
            SELECT s.id, row_number() OVER (ORDER BY s.number)
                + (SELECT coalesce(max(p.position), 0) FROM chama_members p WHERE p.chama_id = %(chama)s) AS position
            FROM chama_members s WHERE s.chama_id = %(chama)s AND s.status = 'active' AND s.position IS NULL) AS n
        WHERE m.id = n.id
        """,
        {"chama": chama_id},
    )


def forget(conn: Connection, user_id: int) -> None:
    """Nothing in her rows says any more who she was; that she agreed, to which text and when, stays."""
    [(old,)] = conn.execute("SELECT status FROM users WHERE id = %s FOR UPDATE", [user_id]).fetchall()
    PERSON_MOVES.require(PersonStatus(old), PersonStatus.ERASED)
    conn.execute(
        "UPDATE users SET phone = NULL, contact_phone = NULL, email = NULL, first_name = %s, last_name = NULL, "
        "national_id = NULL, kyc = 'none', password_hash = NULL, platform_role = NULL, status = %s WHERE id = %s",
        [ERASED_NAME, PersonStatus.ERASED, user_id],
    )
    conn.execute("UPDATE consents SET session_key = '' WHERE user_id = %s", [user_id])


def operator_id(conn: Connection, email: str) -> int | None:
    """Who signs in with this address; None when nobody does."""
    row = conn.execute("SELECT id FROM users WHERE email = %s AND platform_role IS NOT NULL", [email]).fetchone()
    return int(row[0]) if row else None


def seat_operator(
    conn: Connection, *, email: str, password_hash: str, first_name: str, platform_role: PlatformRole, at: datetime
) -> int:
    """Somebody who signs in with a password; who is there already gets this password and role. Returns the id."""
    user_id: int = conn.execute(
        """
        INSERT INTO users (email, first_name, language, platform_role, password_hash, created_at)
        VALUES (%s, %s, 'en', %s, %s, %s)
        ON CONFLICT (email) DO UPDATE
            SET password_hash = excluded.password_hash, platform_role = excluded.platform_role
        RETURNING id
        """,
        [email, first_name, platform_role, password_hash, at],
    ).fetchall()[0][0]
    return user_id
