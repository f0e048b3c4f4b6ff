"""What is asked to be done with unmatched money, as a row, its states and what exactly is agreed on. Reads only.

Theory of operation.

    asked -> approved -> done      booked: the page in suspense is taken back, and her book has an entry
    asked -> refused               another may ask again
    asked, approved -> void        it was settled otherwise meanwhile, she takes no money any more, or nobody answered
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from psycopg.rows import class_row

from chamas.approving import approvals
from chamas.approving.approvals import Subject
from ledger.moves import Moves
from ledger.wires import Connection


class SettlementState(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    DONE = "done"
    REFUSED = "refused"
    VOID = "void"


SETTLEMENT_MOVES: Moves[SettlementState] = Moves(
    "settlements.state",
    {
        SettlementState.ASKED: frozenset({SettlementState.APPROVED, SettlementState.REFUSED, SettlementState.VOID}),
        SettlementState.APPROVED: frozenset({SettlementState.DONE, SettlementState.VOID}),
        SettlementState.DONE: frozenset(),
        SettlementState.REFUSED: frozenset(),
        SettlementState.VOID: frozenset(),
    },
)


@dataclass(frozen=True)
class Settlement:
    """What is asked to be done with money in suspense. Cents; UTC. `member_id`, and with it her first name `member` and
    her `number` in the group, is None for what goes back.

    `failure` is why it could not be booked yet.
    """

    id: int
    receipt: str
    amount_cents: int
    paid_at: datetime
    kind: str
    chama_id: int | None
    member_id: int | None
    state: SettlementState
    asked_by: int
    asked_at: datetime
    decided_by: int | None
    decided_at: datetime | None
    failure: str | None = None
    member: str | None = None
    number: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", SettlementState(self.state))

    @property
    def digest(self) -> bytes:
        """Of exactly what is agreed on."""
        return approvals.digest(
            Subject.SETTLEMENT,
            self.id,
            self.receipt,
            self.amount_cents,
            self.kind,
            self.chama_id,
            self.member_id,
            self.asked_by,
            self.asked_at,
        )


def read(conn: Connection, ids: Sequence[int], *, lock: bool = False) -> list[Settlement]:
    """These, by id; `lock` holds them until the transaction ends."""
    if lock:
        conn.execute("SELECT id FROM settlements WHERE id = ANY(%s) FOR UPDATE", [list(ids)])
    with conn.cursor(row_factory=class_row(Settlement)) as cursor:
        return cursor.execute(
            "SELECT s.id, s.receipt, s.amount_cents, s.paid_at, s.kind, s.chama_id, s.member_id, s.state, s.asked_by, "
            "s.asked_at, s.decided_by, s.decided_at, s.failure, u.first_name AS member, m.number FROM settlements s "
            "LEFT JOIN chama_members m ON m.id = s.member_id LEFT JOIN users u ON u.id = m.user_id "
            "WHERE s.id = ANY(%s) ORDER BY s.id",
            [list(ids)],
        ).fetchall()
