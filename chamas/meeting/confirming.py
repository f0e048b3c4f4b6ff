"""Whether members say that their balance is right: samples and confirmations are written here only.

Theory of operation. Once a month some members of a running group are drawn by a seed that is kept with the roster of
that day, so that anybody finds the same ones: who ranks lowest by the SHA-256 of seed and member id is asked.
Each is asked on her own phone about her balance as the books stood at one page:

    asked -> right, wrong, silent (she did not answer in time)

A wrong one is told to two officials. Answers and silence stand on the group's certificate, whatever they are.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from psycopg import sql
from psycopg.rows import class_row

from chamas.members import register
from chamas.members.access import IN_OFFICE, PLAYING
from chamas.members.office import office
from chamas.members.refusals import NotNow
from chamas.members.register import OFFICIALS
from chamas.telling import notices
from chamas.telling.notices import Notice
from ledger.moves import Moves
from ledger.wires import Connection, Wires


class ConfirmationState(StrEnum):
    """What she said."""

    ASKED = "asked"
    RIGHT = "right"
    WRONG = "wrong"
    SILENT = "silent"


CONFIRMATION_MOVES: Moves[ConfirmationState] = Moves(
    "confirmations.state",
    {
        ConfirmationState.ASKED: frozenset(
            {ConfirmationState.RIGHT, ConfirmationState.WRONG, ConfirmationState.SILENT}
        ),
        ConfirmationState.RIGHT: frozenset(),
        ConfirmationState.WRONG: frozenset(),
        ConfirmationState.SILENT: frozenset(),
    },
)

# As auditors do it: often enough that a false book is found within a season, seldom enough to be answered.
DRAWN_EVERY = timedelta(days=30)
# Two meetings of a weekly group.
ANSWERED_WITHIN = timedelta(days=14)
# A fifth of the members, and no fewer than three: who keeps false books must expect to meet somebody who is asked.
ONE_IN, LEAST = 5, 3
# Who hears of a balance that is not right: one alone might be the one who made it wrong.
TOLD = 2
SEED_BYTES = 16
# One group after the other, each in a transaction of its own.
GROUPS_AT_ONCE = 200

OF_BOOK = sql.SQL(
    "SELECT s.id AS sample, to_char(s.drawn_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS drawn_at, "
    "encode(s.seed, 'hex') AS seed, array_to_string(s.roster, ' ') AS roster, s.seq AS page, "
    "k.member_id, k.balance_cents, k.state "
    "FROM samples s JOIN chamas c ON c.id = s.chama_id JOIN confirmations k ON k.sample_id = s.id "
    "WHERE c.book_id = {book} ORDER BY s.id, k.member_id"
)


@dataclass(frozen=True)
class Question:
    """What one member is asked: was her balance this at that page? Cents; instants are UTC."""

    sample_id: int
    member_id: int
    user_id: int
    number: int
    chama_id: int
    chama: str
    name: str
    seq: int
    balance_cents: int
    state: ConfirmationState
    drawn_at: datetime
    answered_at: datetime | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", ConfirmationState(self.state))


def drawn(seed: bytes, member_ids: Sequence[int]) -> list[int]:
    """Who is asked out of these members; anybody with the seed finds the same ones."""
    ranked = sorted(member_ids, key=lambda one: hashlib.sha256(seed + str(one).encode()).digest())
    return sorted(ranked[: max(LEAST, -(-len(ranked) // ONE_IN))])


def draw_due(wires: Wires) -> int:
    """Draws the samples that are due, and ends those that nobody answers any more; returns how many were drawn."""
    at = wires.now()
    with wires.transaction() as conn:
        _end(conn, at)
        due = conn.execute(
            "SELECT c.id, c.book_id FROM chamas c WHERE c.status = 'active' AND NOT EXISTS ("
            "SELECT FROM samples s WHERE s.chama_id = c.id AND s.drawn_at > %s) ORDER BY c.id LIMIT %s",
            [at - DRAWN_EVERY, GROUPS_AT_ONCE],
        ).fetchall()
    drawings = 0
    for chama_id, book_id in due:
        with wires.transaction() as conn:
            drawings += _draw(conn, chama_id, book_id, wires.chance.token_bytes(SEED_BYTES), at=at)
    return drawings


def _draw(conn: Connection, chama_id: int, book_id: int, seed: bytes, *, at: datetime) -> int:
    """One sample of a group; 0 when its books have no page yet, or another worker was quicker."""
    register.lock_chama(conn, chama_id)
    newer = conn.execute(
        "SELECT TRUE FROM samples WHERE chama_id = %s AND drawn_at > %s", [chama_id, at - DRAWN_EVERY]
    ).fetchone()
    # One statement, so that balances and page belong together.
    found = conn.execute(
        "SELECT h.next_seq - 1, m.id, a.balance_cents FROM heads h "
        "JOIN accounts a ON a.book_id = h.book_id "
        # Her deposit and what is on its way back to her stand on accounts of their own.
        "JOIN chama_members m ON m.id = a.owner_member_id AND a.code = 'member:' || m.id "
        "WHERE h.book_id = %s AND h.next_seq > 1 AND m.status = ANY(%s) ORDER BY m.id",
        [book_id, list(PLAYING)],
    ).fetchall()
    if newer is not None or not found:
        return 0
    page, balances = found[0][0], {member_id: cents for _, member_id, cents in found}
    [(sample_id,)] = conn.execute(
        "INSERT INTO samples (chama_id, seed, roster, seq, drawn_at, ends_at) VALUES (%s, %s, %s, %s, %s, %s) "
        "RETURNING id",
        [chama_id, seed, list(balances), page, at, at + ANSWERED_WITHIN],
    ).fetchall()
    asked = drawn(seed, list(balances))
    conn.execute(
        "INSERT INTO confirmations (sample_id, member_id, balance_cents, state) "
        "SELECT %s, m.id, m.cents, %s FROM unnest(%s::bigint[], %s::bigint[]) AS m (id, cents)",
        [sample_id, ConfirmationState.ASKED, asked, [balances[one] for one in asked]],
    )
    return 1


def _end(conn: Connection, at: datetime) -> None:
    conn.execute(
        "UPDATE confirmations k SET state = %s FROM samples s "
        "WHERE s.id = k.sample_id AND s.ends_at <= %s AND k.state = 'asked' AND k.state = ANY(%s)",
        [ConfirmationState.SILENT, at, CONFIRMATION_MOVES.leading_to(ConfirmationState.SILENT)],
    )


def waiting_for(conn: Connection, user_id: int) -> Question | None:
    """The oldest question that this person has not answered."""
    found = _questions(conn, user_id=user_id)
    return found[0] if found else None


def listed(conn: Connection, chama_id: int) -> list[Question]:
    """What members of a group were asked and said, newest sample first: its certificate."""
    return sorted(_questions(conn, chama_id=chama_id), key=lambda one: (-one.sample_id, one.number))


def answer(conn: Connection, sample_id: int, *, user_id: int, right: bool, at: datetime) -> Question:
    """She says whether it is right; two officials other than she hear when it is not. Raises NotNow."""
    hers = next((one for one in _questions(conn, user_id=user_id) if one.sample_id == sample_id), None)
    to = ConfirmationState.RIGHT if right else ConfirmationState.WRONG
    if (
        hers is None
        or not conn.execute(
            "UPDATE confirmations SET state = %s, answered_at = %s "
            "WHERE (sample_id, member_id) = (%s, %s) AND state = ANY(%s)",
            [to, at, sample_id, hers.member_id, CONFIRMATION_MOVES.leading_to(to)],
        ).rowcount
    ):
        raise NotNow
    if not right:
        _dispute(conn, hers, at=at)
    return hers


def _dispute(conn: Connection, hers: Question, *, at: datetime) -> None:
    """The chairperson before the others, as they stand in the list of members."""
    with office(conn):
        officials = conn.execute(
            "SELECT user_id FROM chama_members WHERE chama_id = %s AND role = ANY(%s) AND status = ANY(%s) "
            "AND user_id <> %s ORDER BY role <> 'chairperson', number LIMIT %s",
            [hers.chama_id, list(OFFICIALS), list(IN_OFFICE), hers.user_id, TOLD],
        ).fetchall()
        facts = {"chama": hers.chama, "name": hers.name, "total_cents": hers.balance_cents, "page": hers.seq}
        key = f"balance_disputed:{hers.member_id}:{hers.sample_id}"
        told = [Notice(f"{key}:{one}", "balance_disputed", one, hers.chama_id, facts) for (one,) in officials]
        notices.queue(conn, told, at=at)


def _questions(conn: Connection, *, user_id: int | None = None, chama_id: int | None = None) -> list[Question]:
    found = conn.cursor(row_factory=class_row(Question))
    found.execute(
        """
        SELECT k.sample_id, k.member_id, m.user_id, m.number, s.chama_id, c.name AS chama, u.first_name AS name, s.seq,
               k.balance_cents, k.state, s.drawn_at, k.answered_at
        FROM confirmations k JOIN samples s ON s.id = k.sample_id JOIN chamas c ON c.id = s.chama_id
        JOIN chama_members m ON m.id = k.member_id JOIN users u ON u.id = m.user_id
        WHERE (m.user_id = %(user)s::bigint AND k.state = 'asked') OR s.chama_id = %(chama)s::bigint
        ORDER BY k.sample_id, k.member_id
        """,
        {"user": user_id, "chama": chama_id},
    )
    return found.fetchall()
