"""What the house keeps of one person, as she is told it at any door. Reads only; erasing: erasure.py."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from chamas.members.people import KycState
from chamas.members.states import MemberStatus
from ledger.wires import Connection


@dataclass(frozen=True)
class Kept:
    """`name` whole, `phone` E.164 (her own, or the one that she uses), `language` `en` or `sw`, `papers` how far it is
    known who she is, and when she agreed (UTC) to what is kept, None for whom officials wrote down.
    """

    name: str
    phone: str | None
    language: str
    papers: KycState
    agreed_at: datetime | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "papers", KycState(self.papers))


@dataclass(frozen=True)
class Place:
    """One group that knows her: by which number, and as what."""

    member_id: int
    chama: str
    number: int
    status: MemberStatus

    def __post_init__(self) -> None:
        object.__setattr__(self, "status", MemberStatus(self.status))


def kept(conn: Connection, user_id: int) -> Kept:
    """Of one person whom there is."""
    found = conn.cursor(row_factory=class_row(Kept)).execute(
        """
        SELECT concat_ws(' ', u.first_name, u.last_name) AS name, coalesce(u.phone, u.contact_phone) AS phone,
               u.language, u.kyc AS papers,
               (SELECT max(c.given_at) FROM consents c WHERE c.user_id = u.id) AS agreed_at
        FROM users u WHERE u.id = %s
        """,
        [user_id],
    )
    return found.fetchall()[0]


def places(conn: Connection, user_id: int) -> list[Place]:
    """Her groups in the order in which she came."""
    found = conn.cursor(row_factory=class_row(Place))
    return found.execute(
        "SELECT m.id AS member_id, c.name AS chama, m.number, m.status FROM chama_members m "
        "JOIN chamas c ON c.id = m.chama_id WHERE m.user_id = %s ORDER BY m.id",
        [user_id],
    ).fetchall()
