"""The rows of cash that an official says a member gave: cash_claims is written here only. What may be done: cash.py.

Theory of operation. It becomes hers when the member types, on her own phone and without being shown the figure, what
she gave, and her chama PIN:

    recorded -> confirmed (both said the same: one entry, as for any contribution)
             -> disputed (another amount, or none: nothing is hers and the other officials are told)
             -> withdrawn (it is taken back)
    disputed -> withdrawn (by another official; what was counted in the box of a meeting leaves it again)

Cash of a meeting is in the group's books from the count of the box on, held as nobody's (`held_seq` is its page).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from psycopg.rows import class_row

from chamas.members.refusals import NotNow
from ledger.moves import Moves
from ledger.wires import Connection


class CashState(StrEnum):
    """What became of it."""

    RECORDED = "recorded"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    WITHDRAWN = "withdrawn"


CASH_MOVES: Moves[CashState] = Moves(
    "cash_claims.state",
    {
        CashState.RECORDED: frozenset({CashState.CONFIRMED, CashState.DISPUTED, CashState.WITHDRAWN}),
        CashState.CONFIRMED: frozenset(),
        CashState.DISPUTED: frozenset({CashState.WITHDRAWN}),
        CashState.WITHDRAWN: frozenset(),
    },
)


@dataclass(frozen=True)
class Claim:
    """What one official wrote, all in cents and UTC. `said_cents` is what the member typed, None until then.

    `fine_cents` of it are a fine, a row of penalties.py once she has confirmed; `held_seq` is the page on which
    it came into the box.
    """

    id: int
    chama_id: int
    chama: str
    chama_book_id: int
    member_id: int
    member: str
    user_id: int
    recorded_by: int
    official: str
    meeting_id: int | None
    amount_cents: int
    fine_cents: int
    said_cents: int | None
    state: CashState
    recorded_at: datetime
    held_seq: int | None
    book_id: int | None
    seq: int | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", CashState(self.state))

    @property
    def in_the_box(self) -> bool:
        """Whether it lies there, counted, and is nobody's yet."""
        return self.held_seq is not None and self.unsettled

    @property
    def unsettled(self) -> bool:
        """Whether somebody has to do something yet: she, or another official where the two say different sums."""
        return self.state in (CashState.RECORDED, CashState.DISPUTED)


def add(
    conn: Connection,
    *,
    chama_id: int,
    member_id: int,
    recorded_by: int,
    amount_cents: int,
    at: datetime,
    fine_cents: int = 0,
    meeting_id: int | None = None,
) -> Claim:
    """A new claim, recorded."""
    [(claim_id,)] = conn.execute(
        "INSERT INTO cash_claims (chama_id, member_id, recorded_by, amount_cents, fine_cents, meeting_id, state, "
        "recorded_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
        [chama_id, member_id, recorded_by, amount_cents, fine_cents, meeting_id, CashState.RECORDED, at],
    ).fetchall()
    return find(conn, claim_id)


def find(conn: Connection, claim_id: int) -> Claim:
    """One claim. Raises NotNow when there is none, or it is of a group that she is not in."""
    found = _claims(conn, ids=[claim_id])
    if not found:
        raise NotNow
    return found[0]


def waiting_for(conn: Connection, user_id: int) -> list[Claim]:
    """What waits for this person's word, oldest first."""
    return _claims(conn, user_id=user_id)


def listed(conn: Connection, chama_id: int, *, before: int | None = None, limit: int = 50) -> list[Claim]:
    """The claims of a group, newest first."""
    return sorted(_claims(conn, chama_id=chama_id, before=before), key=lambda claim: -claim.id)[:limit]


def hold_open(conn: Connection, chama_id: int) -> list[Claim]:
    """The claims of a group that wait for a word and lie in no counted box, locked until the end, oldest first."""
    rows = conn.execute(
        "SELECT id FROM cash_claims WHERE chama_id = %s AND state = 'recorded' AND held_seq IS NULL ORDER BY id "
        "FOR NO KEY UPDATE",
        [chama_id],
    ).fetchall()
    return _claims(conn, ids=[claim_id for (claim_id,) in rows])


def lock(conn: Connection, claim_id: int) -> Claim:
    """The claim, locked until the end. Raises NotNow."""
    conn.execute("SELECT id FROM cash_claims WHERE id = %s FOR NO KEY UPDATE", [claim_id])
    return find(conn, claim_id)


def put_in_box(conn: Connection, pages: Sequence[tuple[int, int]]) -> None:
    """Notes for each claim (id) the page on which it came into the box."""
    conn.execute(
        "UPDATE cash_claims k SET held_seq = n.seq FROM unnest(%s::bigint[], %s::bigint[]) AS n (id, seq) "
        "WHERE k.id = n.id",
        [[claim_id for claim_id, _ in pages], [seq for _, seq in pages]],
    )


def move(
    conn: Connection,
    claim: Claim,
    new: CashState,
    *,
    said_cents: int | None,
    at: datetime,
    page: tuple[int | None, int | None] = (None, None),
) -> None:
    """One step; `page` is where it stands in the books. Raises ForbiddenMove."""
    CASH_MOVES.require(claim.state, new)
    conn.execute(
        "UPDATE cash_claims SET state = %s, said_cents = %s, answered_at = %s, book_id = %s, seq = %s WHERE id = %s",
        [new, said_cents, at, *page, claim.id],
    )


def escalate(conn: Connection, *, recorded_before: datetime, at: datetime, limit: int) -> list[Claim]:
    """Marks, once, what nobody has confirmed since then; returns it, oldest first."""
    rows = conn.execute(
        """
        UPDATE cash_claims SET escalated_at = %s WHERE id IN (
            SELECT id FROM cash_claims WHERE state = 'recorded' AND escalated_at IS NULL AND recorded_at <= %s
            ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED) RETURNING id
        """,
        [at, recorded_before, limit],
    ).fetchall()
    return [find(conn, claim_id) for (claim_id,) in sorted(rows)]


def _claims(
    conn: Connection,
    *,
    ids: Sequence[int] = (),
    user_id: int | None = None,
    chama_id: int | None = None,
    before: int | None = None,
) -> list[Claim]:
    found = conn.cursor(row_factory=class_row(Claim))
    found.execute(
        """
        SELECT k.id, k.chama_id, c.name AS chama, c.book_id AS chama_book_id, k.member_id, u.first_name AS member,
               m.user_id, k.recorded_by, coalesce(o.first_name, 'PesaChama') AS official, k.meeting_id,
               k.amount_cents, k.fine_cents,
               k.said_cents, k.state, k.recorded_at, k.held_seq, k.book_id, k.seq
        FROM cash_claims k JOIN chamas c ON c.id = k.chama_id JOIN chama_members m ON m.id = k.member_id
        JOIN users u ON u.id = m.user_id
        -- an admin who wrote it down for the officials is no fellow of hers, and not seen by her
        LEFT JOIN users o ON o.id = k.recorded_by
        WHERE (k.id = ANY(%(ids)s::bigint[]) OR m.user_id = %(user)s::bigint AND k.state = 'recorded'
               OR k.chama_id = %(chama)s::bigint AND (%(before)s::bigint IS NULL OR k.id < %(before)s::bigint))
        ORDER BY k.id
        """,
        {"ids": list(ids), "user": user_id, "chama": chama_id, "before": before},
    )
    return found.fetchall()
