"""Cash that an official says a member gave: cash_claims is written here only.

Theory of operation. It becomes money when the member types, on her own phone and without being shown the figure, what
she gave, and her chama PIN:

    recorded -> confirmed (both said the same: one entry, as for any contribution)
             -> disputed (another amount, or none: nothing is booked and the other officials are told)
             -> withdrawn (the official takes it back)

An official's own cash is recorded by another one. What she has not confirmed after ESCALATES_AFTER the other officials
hear of; it stays as it is, and is shown as unconfirmed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from psycopg.rows import class_row

from chamas import contributions, notices, register, standing
from chamas.access import IN_OFFICE, PLAYING, Action
from chamas.allocation import Arrived
from chamas.notices import Notice
from chamas.office import office
from chamas.refusals import NotNow, OwnCash, UnfitAmount, UnknownMember, demand
from chamas.register import OFFICIALS
from ledger import books
from ledger.books import Draft, Line, Posted
from ledger.moves import Moves
from ledger.wires import Chance, Connection, Wires
from ledger.words import words


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
        CashState.DISPUTED: frozenset(),
        CashState.WITHDRAWN: frozenset(),
    },
)

# A group meets weekly: at the next meeting the others know what was not confirmed at the last.
ESCALATES_AFTER = timedelta(days=7)
# As M-PESA's own limit for one payment: what is more is counted again.
MOST_CENTS = 250_000_00
# One statement of a few milliseconds for the hour's job.
ESCALATED_AT_ONCE = 200


@dataclass(frozen=True)
class Claim:
    """What one official wrote. `said_cents` is what the member typed, None until then. Instants are UTC."""

    id: int
    chama_id: int
    chama: str
    member_id: int
    member: str
    user_id: int
    recorded_by: int
    official: str
    amount_cents: int
    said_cents: int | None
    state: CashState
    recorded_at: datetime
    book_id: int | None
    seq: int | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", CashState(self.state))


def record(conn: Connection, *, by_user_id: int, chama_id: int, number: int, amount_cents: int, at: datetime) -> Claim:
    """An official says that the member of this number gave cash; she is asked by SMS how much.

    Raises OfficialsOnly, NotNow, UnknownMember, OwnCash, UnfitAmount.
    """
    demand(standing.group(conn, chama_id=chama_id, user_id=by_user_id), Action.RECORD_CASH, at=at)
    if not 0 < amount_cents <= MOST_CENTS or amount_cents % 100:
        raise UnfitAmount
    row = conn.execute(
        "SELECT id, user_id FROM chama_members WHERE (chama_id, number) = (%s, %s) AND status = ANY(%s)",
        [chama_id, number, list(PLAYING)],
    ).fetchone()
    if row is None:
        raise UnknownMember
    member_id, user_id = row
    if user_id == by_user_id:
        raise OwnCash
    [(claim_id,)] = conn.execute(
        "INSERT INTO cash_claims (chama_id, member_id, recorded_by, amount_cents, state, recorded_at) "
        "VALUES (%s, %s, %s, %s, %s, %s) RETURNING id",
        [chama_id, member_id, by_user_id, amount_cents, CashState.RECORDED, at],
    ).fetchall()
    claim = find(conn, claim_id)
    _tell(conn, claim, "cash_to_confirm", [user_id], at=at)
    return claim


def find(conn: Connection, claim_id: int) -> Claim:
    """One claim. Raises NotNow when there is none, or it is of a group that she is not in."""
    found = _claims(conn, claim_id=claim_id)
    if not found:
        raise NotNow
    return found[0]


def waiting_for(conn: Connection, user_id: int) -> list[Claim]:
    """What waits for this person's word, oldest first."""
    return _claims(conn, user_id=user_id)


def listed(conn: Connection, chama_id: int, *, before: int | None = None, limit: int = 50) -> list[Claim]:
    """The claims of a group, newest first."""
    return sorted(_claims(conn, chama_id=chama_id, before=before), key=lambda claim: -claim.id)[:limit]


def say(conn: Connection, claim_id: int, *, user_id: int, said_cents: int, at: datetime) -> Claim:
    """She says how much she gave; 0 is none. Another amount than the official's ends it, and the others are told.

    The same amount changes nothing yet: her PIN is asked for, and `confirm` books it. Raises NotNow.
    """
    claim = _hers(conn, claim_id, user_id)
    if said_cents == claim.amount_cents:
        return claim
    _move(conn, claim, CashState.DISPUTED, said_cents=said_cents, at=at)
    _tell(conn, claim, "cash_disputed", _officials(conn, claim), said_cents=said_cents, at=at)
    return find(conn, claim_id)


def confirm(
    conn: Connection, claim_id: int, *, user_id: int, said_cents: int, at: datetime, chance: Chance
) -> tuple[Claim, Posted]:
    """Both said the same: it is booked and shared over what she owes. The caller has checked her PIN. Raises NotNow."""
    claim = _hers(conn, claim_id, user_id)
    if said_cents != claim.amount_cents:
        raise NotNow
    [(book_id,)] = conn.execute("SELECT book_id FROM chamas WHERE id = %s", [claim.chama_id]).fetchall()
    box = books.open_account(conn, book_id=book_id, code="cash", kind="asset")
    hers = books.account_id(conn, book_id, f"member:{claim.member_id}")
    if hers is None:
        raise LookupError(f"member {claim.member_id} has no account")
    draft = Draft(
        book_id=book_id,
        kind="contribution",
        occurred_at=claim.recorded_at,
        lines=(Line(box, claim.amount_cents), Line(hers, -claim.amount_cents)),
        scope="cash",
        key=f"claim:{claim.id}",
        note={"cash": claim.id},
    )
    posted = books.post(conn, draft, at=at, chance=chance)
    with office(conn):
        register.lock_chamas(conn, [claim.chama_id])
    contributions.settle(conn, [Arrived(claim.member_id, book_id, posted.seq, claim.amount_cents)])
    _move(conn, claim, CashState.CONFIRMED, said_cents=said_cents, at=at, page=(book_id, posted.seq))
    [total_cents] = books.balances_after(conn, [(posted, hers)])
    page = {"total_cents": total_cents, "page": posted.seq, "words": words(posted.hash), "code": posted.code}
    _tell(conn, claim, "cash_booked", [user_id], at=at, **page)
    return find(conn, claim_id), posted


def withdraw(conn: Connection, claim_id: int, *, by_user_id: int, at: datetime) -> None:
    """The official who wrote it takes it back. Raises NotNow for anybody else, and when she has answered."""
    claim = _held(conn, claim_id)
    if claim.recorded_by != by_user_id or claim.state is not CashState.RECORDED:
        raise NotNow
    _move(conn, claim, CashState.WITHDRAWN, said_cents=None, at=at)


def escalate(wiring: Wires) -> int:
    """Tells the other officials, once, of cash that nobody has confirmed for a week; returns of how much."""
    at = wiring.now()
    with wiring.transaction() as conn:
        rows = conn.execute(
            """
            UPDATE cash_claims SET escalated_at = %s WHERE id IN (
                SELECT id FROM cash_claims WHERE state = 'recorded' AND escalated_at IS NULL AND recorded_at <= %s
                ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED) RETURNING id
            """,
            [at, at - ESCALATES_AFTER, ESCALATED_AT_ONCE],
        ).fetchall()
        for (claim_id,) in sorted(rows):
            claim = find(conn, claim_id)
            _tell(conn, claim, "cash_unconfirmed", _officials(conn, claim), at=at)
    return len(rows)


def _claims(
    conn: Connection,
    *,
    claim_id: int | None = None,
    user_id: int | None = None,
    chama_id: int | None = None,
    before: int | None = None,
) -> list[Claim]:
    found = conn.cursor(row_factory=class_row(Claim))
    found.execute(
        """
        SELECT k.id, k.chama_id, c.name AS chama, k.member_id, u.first_name AS member, m.user_id, k.recorded_by,
               o.first_name AS official, k.amount_cents, k.said_cents, k.state, k.recorded_at, k.book_id, k.seq
        FROM cash_claims k JOIN chamas c ON c.id = k.chama_id JOIN chama_members m ON m.id = k.member_id
        JOIN users u ON u.id = m.user_id JOIN users o ON o.id = k.recorded_by
        WHERE (k.id = %(id)s::bigint OR m.user_id = %(user)s::bigint AND k.state = 'recorded'
               OR k.chama_id = %(chama)s::bigint AND (%(before)s::bigint IS NULL OR k.id < %(before)s::bigint))
        ORDER BY k.id
        """,
        {"id": claim_id, "user": user_id, "chama": chama_id, "before": before},
    )
    return found.fetchall()


def _held(conn: Connection, claim_id: int) -> Claim:
    conn.execute("SELECT id FROM cash_claims WHERE id = %s FOR NO KEY UPDATE", [claim_id])
    return find(conn, claim_id)


def _hers(conn: Connection, claim_id: int, user_id: int) -> Claim:
    claim = _held(conn, claim_id)
    if claim.user_id != user_id or claim.state is not CashState.RECORDED:
        raise NotNow
    return claim


def _move(
    conn: Connection,
    claim: Claim,
    new: CashState,
    *,
    said_cents: int | None,
    at: datetime,
    page: tuple[int | None, int | None] = (None, None),
) -> None:
    CASH_MOVES.require(claim.state, new)
    conn.execute(
        "UPDATE cash_claims SET state = %s, said_cents = %s, answered_at = %s, book_id = %s, seq = %s WHERE id = %s",
        [new, said_cents, at, *page, claim.id],
    )


def _officials(conn: Connection, claim: Claim) -> Sequence[int]:
    """The officials beside the one who wrote it, and beside the member herself."""
    rows = conn.execute(
        "SELECT user_id FROM chama_members WHERE chama_id = %s AND role = ANY(%s) AND status = ANY(%s) "
        "AND user_id <> ALL(%s) ORDER BY id",
        [claim.chama_id, list(OFFICIALS), list(IN_OFFICE), [claim.recorded_by, claim.user_id]],
    ).fetchall()
    return [user_id for (user_id,) in rows]


def _tell(conn: Connection, claim: Claim, template: str, user_ids: Sequence[int], *, at: datetime, **more: Any) -> None:
    facts = {
        "chama": claim.chama,
        "name": claim.member,
        "official": claim.official,
        "amount_cents": claim.amount_cents,
        "paid_at": claim.recorded_at.isoformat(),
        **more,
    }
    if template == "cash_to_confirm":
        # She is not shown the official's figure anywhere before she has said hers.
        del facts["amount_cents"]
    with office(conn):
        notices.queue(
            conn,
            [
                Notice(f"{template}:{claim.id}:{user_id}", template, user_id, claim.chama_id, facts)
                for user_id in user_ids
            ],
            at=at,
        )
