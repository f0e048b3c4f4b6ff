"""People, whatever groups they are in: users and consents are written here only.

Theory of operation. An erased person keeps her rows, and nothing in them says who she was:

    active <-> suspended; erased from either, and never back

Who she is, by her papers (identity.py), is looked at by an admin:

    none -> submitted -> verified
                      -> rejected -> submitted         verified -> submitted (she hands in other papers)
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from psycopg.rows import class_row

from chamas.members.states import PlatformRole
from ledger.moves import Moves
from ledger.wires import Connection


class PersonStatus(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ERASED = "erased"


PERSON_MOVES: Moves[PersonStatus] = Moves(
    "users.status",
    {
        PersonStatus.ACTIVE: frozenset({PersonStatus.SUSPENDED, PersonStatus.ERASED}),
        PersonStatus.SUSPENDED: frozenset({PersonStatus.ACTIVE, PersonStatus.ERASED}),
        PersonStatus.ERASED: frozenset(),
    },
)


class KycState(StrEnum):
    """How far it is known who she is."""

    NONE = "none"
    SUBMITTED = "submitted"
    VERIFIED = "verified"
    REJECTED = "rejected"


KYC_MOVES: Moves[KycState] = Moves(
    "users.kyc",
    {
        KycState.NONE: frozenset({KycState.SUBMITTED}),
        KycState.SUBMITTED: frozenset({KycState.VERIFIED, KycState.REJECTED}),
        KycState.VERIFIED: frozenset({KycState.SUBMITTED}),
        KycState.REJECTED: frozenset({KycState.SUBMITTED}),
    },
)

# What lists show where her name stood; any language reads it.
ERASED_NAME = "---"


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
    people = conn.cursor(row_factory=class_row(Person))
    people.execute(
        "SELECT id, phone, first_name, last_name, language, private_phone, status FROM users WHERE phone = %s", [phone]
    )
    return people.fetchone()


def person(conn: Connection, user_id: int) -> Person | None:
    """One person by id, or None."""
    people = conn.cursor(row_factory=class_row(Person))
    asked = "SELECT id, phone, first_name, last_name, language, private_phone, status FROM users WHERE id = %s"
    return people.execute(asked, [user_id]).fetchone()


def create_person(
    conn: Connection, *, phone: str | None, first_name: str, language: str, last_name: str | None = None, at: datetime
) -> int:
    """A new person; returns her id. A phone (E.164) has one owner: a second one is a UniqueViolation."""
    user_id: int = conn.execute(
        "INSERT INTO users (phone, first_name, last_name, language, created_at) VALUES (%s, %s, %s, %s, %s) "
        "RETURNING id",
        [phone, first_name, last_name, language, at],
    ).fetchall()[0][0]
    return user_id


def lend(conn: Connection, user_id: int, contact_phone: str) -> None:
    """Somebody without a phone of her own is reached at this one (E.164), and keeps what she has from its holder."""
    conn.execute(
        "UPDATE users SET contact_phone = %s, private_phone = TRUE WHERE id = %s AND phone IS NULL",
        [contact_phone, user_id],
    )


def contact_phone(conn: Connection, user_id: int) -> str | None:
    """The phone of somebody else that she uses (E.164), when she has none of her own."""
    row = conn.execute("SELECT contact_phone FROM users WHERE id = %s AND phone IS NULL", [user_id]).fetchone()
    return row[0] if row else None


def prefer(conn: Connection, user_id: int, *, language: str | None = None, private: bool | None = None) -> None:
    """What is given holds from now on: the language (`en` or `sw`), and whether names and amounts need her PIN."""
    conn.execute(
        "UPDATE users SET language = coalesce(%s, language), private_phone = coalesce(%s, private_phone) WHERE id = %s",
        [language, private, user_id],
    )


def agree(
    conn: Connection, user_id: int, *, text_version: str, language: str, session_key: bytes, at: datetime
) -> None:
    """She agrees that her data are kept, to this version of the text; once is enough. `session_key` is a keyed hash."""
    conn.execute(
        "INSERT INTO consents (user_id, text_version, language, session_key, given_at) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT DO NOTHING",
        [user_id, text_version, language, session_key, at],
    )


@dataclass(frozen=True)
class Papers:
    """What is kept of a person's identity. `national_id` lies in a box; `kyc_reason` is the number of a rejection."""

    user_id: int
    first_name: str
    last_name: str | None
    national_id: bytes | None
    kyc: KycState
    kyc_reason: int | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "kyc", KycState(self.kyc))


def papers(conn: Connection, user_id: int, *, hold: bool = False) -> Papers | None:
    """Hers, or None without such a person; `hold` locks them until the end."""
    found = conn.cursor(row_factory=class_row(Papers))
    if hold:
        conn.execute("SELECT id FROM users WHERE id = %s FOR NO KEY UPDATE", [user_id])
    found.execute(
        "SELECT id AS user_id, first_name, last_name, national_id, kyc, kyc_reason FROM users "
        "WHERE id = %s AND status <> %s",
        [user_id, PersonStatus.ERASED],
    )
    return found.fetchone()


def submit_papers(
    conn: Connection, hers: Papers, *, first_name: str, last_name: str, national_id: bytes, national_id_key: bytes
) -> None:
    """Her names and her national id, in a box, with the keyed fingerprint that one person has. Raises ForbiddenMove."""
    if hers.kyc is not KycState.SUBMITTED:
        KYC_MOVES.require(hers.kyc, KycState.SUBMITTED)
    conn.execute(
        "UPDATE users SET first_name = %s, last_name = %s, national_id = %s, national_id_key = %s, kyc = %s, "
        "kyc_reason = NULL WHERE id = %s",
        [first_name, last_name, national_id, national_id_key, KycState.SUBMITTED, hers.user_id],
    )


def decide_papers(conn: Connection, hers: Papers, new: KycState, *, reason: int | None) -> None:
    """An admin has looked at them. Raises ForbiddenMove."""
    KYC_MOVES.require(hers.kyc, new)
    conn.execute("UPDATE users SET kyc = %s, kyc_reason = %s WHERE id = %s", [new, reason, hers.user_id])


def holder_of_id(conn: Connection, national_id_key: bytes) -> int | None:
    """Whose fingerprint of a national id this is."""
    row = conn.execute("SELECT id FROM users WHERE national_id_key = %s", [national_id_key]).fetchone()
    return int(row[0]) if row else None


def forget(conn: Connection, user_id: int) -> None:
    """Nothing in her rows says any more who she was; that she agreed, to which text and when, stays."""
    [(old,)] = conn.execute("SELECT status FROM users WHERE id = %s FOR UPDATE", [user_id]).fetchall()
    PERSON_MOVES.require(PersonStatus(old), PersonStatus.ERASED)
    conn.execute(
        "UPDATE users SET phone = NULL, contact_phone = NULL, email = NULL, first_name = %s, last_name = NULL, "
        "national_id = NULL, national_id_key = NULL, kyc = %s, kyc_reason = NULL, password_hash = NULL, "
        "platform_role = NULL, status = %s WHERE id = %s",
        [ERASED_NAME, KycState.NONE, PersonStatus.ERASED, user_id],
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
