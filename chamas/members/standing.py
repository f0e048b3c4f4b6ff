"""Where a person stands: the chamas that she is in, and any chama as it is seen from its door. Reads only."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from chamas.members import register
from chamas.members.access import INSIDE, Access, Standing, access
from chamas.members.deposits import WHOLE
from chamas.members.office import office
from chamas.members.register import OFFICIALS, ChamaStatus, MemberStatus, Role
from chamas.rulebook.calendar import Frequency
from ledger.refusals import Refusal
from ledger.wires import Connection

# Alone nobody saves together.
LEAST_MEMBERS = 2


class UnknownChama(Refusal):
    """No chama has this number."""

    code = "unknown_chama"
    status = 404
    words = "No chama has this number. Look at it again, or ask the chairperson."


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


@dataclass(frozen=True)
class Group:
    """A chama as whoever stands at its door sees it: no names but its chairperson's, no money but what a round costs.

    `taken` counts the seats of those who are in. `member_id`, `role` and `member_status` are those of the person who
    looks, None when she has never been in it; `admin` says that she looks after the house. `deposit_due`: hers is not
    paid; `deposits_paid`: everybody's is.
    """

    chama_id: int
    number: str
    name: str
    kind: str
    status: ChamaStatus
    private: bool
    frequency: Frequency
    contribution_cents: int
    member_target: int
    capacity: int
    taken: int
    recruitment_deadline: datetime | None
    deposit_cents: int
    deposit_due: bool
    deposits_paid: bool
    anchored: bool
    chair: str | None
    user_id: int | None
    admin: bool
    member_id: int | None
    role: Role | None
    member_status: MemberStatus | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "status", ChamaStatus(self.status))
        object.__setattr__(self, "frequency", Frequency(self.frequency))
        object.__setattr__(self, "role", Role(self.role) if self.role else None)
        object.__setattr__(self, "member_status", MemberStatus(self.member_status) if self.member_status else None)

    @property
    def full(self) -> bool:
        return self.taken >= self.capacity

    def closed(self, at: datetime) -> bool:
        """Whether it takes nobody any more because its deadline is over."""
        return self.recruitment_deadline is not None and at >= self.recruitment_deadline

    def standing(self, at: datetime) -> Standing:
        """What decides about the person who looks."""
        return Standing(
            chama=self.status,
            signed_in=self.user_id is not None,
            full=self.full,
            closed=self.closed(at),
            private=self.private,
            role=self.role,
            status=self.member_status,
            deposit_due=self.deposit_due,
            deposits_paid=self.deposits_paid,
            enough=self.taken >= LEAST_MEMBERS,
            anchored=self.anchored,
            admin=self.admin,
        )

    def access(self, at: datetime) -> Access:
        """What the person who looks may do."""
        return access(self.standing(at))


def is_admin(conn: Connection, user_id: int) -> bool:
    """Whether this person looks after the house."""
    with office(conn):
        row = conn.execute(
            "SELECT FROM users WHERE id = %s AND platform_role = 'admin' AND status = 'active'", [user_id]
        ).fetchone()
    return row is not None


def group(
    conn: Connection,
    *,
    number: str | None = None,
    chama_id: int | None = None,
    user_id: int | None = None,
    hold: bool = False,
) -> Group:
    """A chama by its number or its id, as this person sees it. `hold`: its members stay as they are until the end.

    Raises UnknownChama.
    """
    with office(conn):
        if hold and chama_id is not None:
            register.lock_chamas(conn, [chama_id])
        found = conn.cursor(row_factory=class_row(Group))
        # The parameters' types are said, because NULL has none.
        found.execute(
            """
            SELECT c.id AS chama_id, c.number, c.name, c.kind, c.status, c.private, c.frequency, c.contribution_cents,
                   c.member_target, coalesce(c.capacity, c.member_target) AS capacity,
                   (SELECT count(*) FROM chama_members s
                    WHERE s.chama_id = c.id AND s.status = ANY(%(inside)s)) AS taken,
                   c.recruitment_deadline, c.deposit_cents, c.chain_address IS NOT NULL AS anchored,
                   c.deposit_cents > 0 AND m.id IS NOT NULL AND NOT EXISTS (SELECT FROM deposits d
                       WHERE d.member_id = m.id AND d.state = ANY(%(whole)s)) AS deposit_due,
                   c.deposit_cents = 0 OR NOT EXISTS (SELECT FROM chama_members s
                       WHERE s.chama_id = c.id AND s.status = ANY(%(inside)s) AND NOT EXISTS (SELECT FROM deposits d
                           WHERE d.member_id = s.id AND d.state = ANY(%(whole)s))) AS deposits_paid,
                   (SELECT u.first_name FROM chama_members s JOIN users u ON u.id = s.user_id
                    WHERE s.chama_id = c.id AND s.role = 'chairperson' AND s.status = ANY(%(inside)s)
                    ORDER BY s.number LIMIT 1) AS chair,
                   %(user)s::bigint AS user_id,
                   EXISTS (SELECT FROM users u WHERE u.id = %(user)s::bigint AND u.platform_role = 'admin'
                       AND u.status = 'active') AS admin,
                   m.id AS member_id, m.role, m.status AS member_status
            FROM chamas c LEFT JOIN chama_members m ON m.chama_id = c.id AND m.user_id = %(user)s::bigint
            WHERE c.number = %(number)s::text OR c.id = %(chama)s::bigint
            """,
            {"inside": list(INSIDE), "whole": list(WHOLE), "user": user_id, "number": number, "chama": chama_id},
        )
        seen = found.fetchone()
    if seen is None:
        raise UnknownChama
    return seen
