"""Groups, members, rounds and dues as officials and programs list them. Reads only; phones come out masked."""

from dataclasses import dataclass
from datetime import datetime

from chamas.telling.templates import TEMPLATES
from ledger.wires import Connection
from payments import phones


@dataclass(frozen=True)
class Chama:
    """A group; `contribution_cents` is what each member pays a round."""

    id: int
    number: str
    name: str
    kind: str
    status: str
    frequency: str
    contribution_cents: int
    members: int
    member_target: int
    created_at: datetime


@dataclass(frozen=True)
class Member:
    """A member of one group; `number` is hers inside the group, `phone` is given whole and kept masked."""

    id: int
    chama_id: int
    number: int
    name: str
    phone: str | None
    role: str
    status: str
    position: int | None
    joined_at: datetime
    user_id: int

    def __post_init__(self) -> None:
        """No whole number leaves this file."""
        object.__setattr__(self, "phone", self.phone and phones.mask(self.phone))


@dataclass(frozen=True)
class Round:
    """One round: what is due of all its members together, and how much of that is paid. `turn` is the position in the
    order of payout that it pays, in its `cycle`.
    """

    id: int
    number: int
    state: str
    opens_at: datetime
    closes_at: datetime
    cycle: int
    turn: int | None
    payee_member_id: int | None
    due_cents: int
    paid_cents: int


@dataclass(frozen=True)
class Contribution:
    """What one member owes for one round, and how far it is paid."""

    id: int
    round: int
    member_id: int
    due_cents: int
    paid_cents: int
    state: str


def id_by_number(conn: Connection, number: str) -> int | None:
    """The group with these five digits; None without one."""
    row = conn.execute("SELECT id FROM chamas WHERE number = %s", [number]).fetchone()
    return int(row[0]) if row else None


def chamas(conn: Connection, *, after: int | None = None, limit: int = 50) -> list[Chama]:
    """Groups with an id above `after`, by id."""
    rows = conn.execute(
        "SELECT c.id, c.number, c.name, c.kind, c.status, c.frequency, c.contribution_cents,"
        " (SELECT count(*) FROM chama_members m WHERE m.chama_id = c.id AND m.status <> 'withdrawn'),"
        " c.member_target, c.created_at"
        " FROM chamas c WHERE c.id > %s ORDER BY c.id LIMIT %s",
        [after or 0, limit],
    ).fetchall()
    return [Chama(*row) for row in rows]


def chama(conn: Connection, chama_id: int) -> Chama | None:
    """One group by its id."""
    found = chamas(conn, after=chama_id - 1, limit=1)
    return found[0] if found and found[0].id == chama_id else None


def book_of(conn: Connection, chama_id: int) -> int | None:
    """The book of a group; None when there is no such group."""
    row = conn.execute("SELECT book_id FROM chamas WHERE id = %s", [chama_id]).fetchone()
    return int(row[0]) if row else None


def members(conn: Connection, chama_id: int, *, after: int | None = None, limit: int = 50) -> list[Member]:
    """The members of a group with an id above `after`, by id."""
    rows = conn.execute(
        "SELECT m.id, m.chama_id, m.number, concat_ws(' ', u.first_name, u.last_name),"
        " coalesce(u.phone, u.contact_phone), m.role, m.status, m.position, m.joined_at, m.user_id"
        " FROM chama_members m JOIN users u ON u.id = m.user_id"
        " WHERE m.chama_id = %s AND m.id > %s ORDER BY m.id LIMIT %s",
        [chama_id, after or 0, limit],
    ).fetchall()
    return [Member(*row) for row in rows]


def member_exists(conn: Connection, member_id: int) -> bool:
    """Whether anybody has this member id in any group."""
    return conn.execute("SELECT TRUE FROM chama_members WHERE id = %s", [member_id]).fetchone() is not None


def user_of(conn: Connection, member_id: int) -> int | None:
    """Whose membership this is."""
    row = conn.execute("SELECT user_id FROM chama_members WHERE id = %s", [member_id]).fetchone()
    return int(row[0]) if row else None


def rounds(conn: Connection, chama_id: int, *, before: int | None = None, limit: int = 50) -> list[Round]:
    """The rounds of a group with an id below `before`, newest first."""
    rows = conn.execute(
        "SELECT r.id, r.number, r.state, r.opens_at, r.closes_at, r.cycle, r.turn, r.payee_member_id,"
        " coalesce(sum(d.due_cents), 0)::bigint, coalesce(sum(d.paid_cents), 0)::bigint"
        " FROM rounds r LEFT JOIN contributions d ON d.round_id = r.id"
        " WHERE r.chama_id = %(chama)s AND (%(before)s::bigint IS NULL OR r.id < %(before)s)"
        " GROUP BY r.id ORDER BY r.id DESC LIMIT %(limit)s",
        {"chama": chama_id, "before": before, "limit": limit},
    ).fetchall()
    return [Round(*row) for row in rows]


def contributions(conn: Connection, chama_id: int, *, before: int | None = None, limit: int = 50) -> list[Contribution]:
    """What the members of a group owe and paid, with an id below `before`, newest first."""
    rows = conn.execute(
        "SELECT d.id, r.number, d.member_id, d.due_cents, d.paid_cents, d.state"
        " FROM contributions d JOIN rounds r ON r.id = d.round_id"
        " WHERE r.chama_id = %(chama)s AND (%(before)s::bigint IS NULL OR d.id < %(before)s)"
        " ORDER BY d.id DESC LIMIT %(limit)s",
        {"chama": chama_id, "before": before, "limit": limit},
    ).fetchall()
    return [Contribution(*row) for row in rows]


@dataclass(frozen=True)
class Message:
    """One SMS of ours; `failure` says why it did not arrive. Instants are UTC, None until it got so far."""

    template: str
    state: str
    failure: str | None
    queued_at: datetime
    sent_at: datetime | None
    reported_at: datetime | None


def messages_about(conn: Connection, *, payment_id: int, receipt: str | None) -> list[Message]:
    """What a payer was told about one payment, oldest first."""
    rows = conn.execute(
        "SELECT template, state, failure, queued_at, sent_at, reported_at FROM notifications "
        "WHERE dedupe_key = ANY(%s) ORDER BY id",
        [[f"unpaid:{payment_id}", *([f"receipt:{receipt}", f"paid_for:{receipt}"] if receipt else [])]],
    ).fetchall()
    return [Message(*row) for row in rows]


def messages_of_request(conn: Connection, request_id: int) -> list[Message]:
    """What people were told about a request to pay out, oldest first."""
    rows = conn.execute(
        "SELECT template, state, failure, queued_at, sent_at, reported_at FROM notifications "
        "WHERE dedupe_key IN (SELECT t || ':' || r.id || ':' || m.id || CASE w WHEN 0 THEN '' ELSE ':' || w END "
        "FROM disbursement_requests r JOIN chama_members m ON m.chama_id = r.chama_id, unnest(%s::text[]) t, "
        "generate_series(0, r.revision) w WHERE r.id = %s) ORDER BY id",
        [[name for name in TEMPLATES if name.startswith("payout_")], request_id],
    ).fetchall()
    return [Message(*row) for row in rows]


def messages_since(conn: Connection, since: datetime) -> dict[str, int]:
    """How many messages queued at or after `since` are in which state."""
    rows = conn.execute(
        "SELECT state, count(*) FROM notifications WHERE channel = 'sms' AND queued_at >= %s GROUP BY state", [since]
    ).fetchall()
    return dict(rows)
