"""Fines: what each member owes, what she says against it, and who waives it. Written here only.

Theory of operation. fining.py assesses a fine, once for each late contribution, and cash that she confirms brings the
one that was written beside it in a meeting; money settles it in the order of the rules, and then moves to the group's
own account:

    due -> paid                    money of hers settled it
    due -> disputed -> due         she says that it is wrong, and an official says that it stands
    paid -> due                    the money that had paid it is taken back (taking_back.py)
    due, disputed, paid -> waived  one official asks for it with a numbered reason, another one agrees; or it shows
                                   that she paid in time. What she paid of it is hers again

While a fine is disputed no money settles it. Nobody decides on a fine that she owes, wrote down or asks to waive.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from psycopg import sql
from psycopg.rows import class_row

from chamas.approving import approvals
from chamas.approving.approvals import Subject, Vote, Word
from chamas.approving.approvers import approvers
from chamas.approving.voices import member_beside, voices_in
from chamas.dues.allocation import Share
from chamas.members.office import office
from chamas.members.refusals import FineSettled, NotYourFine
from chamas.members.register import OFFICIALS
from chamas.telling import notices
from chamas.telling.notices import Notice
from ledger.moves import Moves
from ledger.wires import Connection


class PenaltyState(StrEnum):
    DUE = "due"
    DISPUTED = "disputed"
    PAID = "paid"
    WAIVED = "waived"


_P = PenaltyState
PENALTY_MOVES: Moves[PenaltyState] = Moves(
    "penalties.state",
    {
        _P.DUE: frozenset({_P.PAID, _P.DISPUTED, _P.WAIVED}),
        _P.DISPUTED: frozenset({_P.DUE, _P.WAIVED}),
        _P.PAID: frozenset({_P.WAIVED, _P.DUE}),
        _P.WAIVED: frozenset(),
    },
)

# Why a fine is waived: numbered, because words would have to be translated, and might name somebody.
WAIVER_REASONS = {1: "paid in time", 2: "had a good reason", 3: "the group agreed", 4: "something else"}


@dataclass(frozen=True)
class Penalty:
    """One fine in cents, of `number` in her group for the round of this number. `asked_by` is the member who asks to
    waive it for `reason`; UTC. `in_cash`: written by the user `written_by` as part of cash that she gave at a meeting;
    `of_loan`: for a part of her loan.
    """

    id: int
    chama_id: int
    member_id: int
    user_id: int
    number: int
    name: str
    round_number: int
    due_cents: int
    paid_cents: int
    state: PenaltyState
    assessed_at: datetime
    asked_by: int | None
    reason: int | None
    in_cash: bool
    of_loan: bool
    written_by: int | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", PenaltyState(self.state))

    @property
    def missing_cents(self) -> int:
        return self.due_cents - self.paid_cents

    @property
    def digest(self) -> bytes:
        """Of exactly what is waived."""
        return approvals.digest(
            Subject.WAIVER, self.id, self.member_id, self.due_cents, self.paid_cents, self.asked_by, self.reason
        )


_SELECT = sql.SQL(
    "SELECT p.id, p.chama_id, p.member_id, m.user_id, m.number, u.first_name AS name, r.number AS round_number, "
    "p.due_cents, p.paid_cents, p.state, p.assessed_at, p.waive_asked_by AS asked_by, p.waive_reason AS reason, "
    "p.cash_claim_id IS NOT NULL AS in_cash, p.instalment_id IS NOT NULL AS of_loan, w.recorded_by AS written_by "
    "FROM penalties p JOIN rounds r ON r.id = p.round_id JOIN chama_members m ON m.id = p.member_id "
    "JOIN users u ON u.id = m.user_id LEFT JOIN cash_claims w ON w.id = p.cash_claim_id WHERE {}"
)
_OF_MEMBER = _SELECT.format(sql.SQL("p.member_id = %s AND p.due_cents > 0 ORDER BY p.id DESC LIMIT 50"))
_OPEN = _SELECT.format(
    sql.SQL(
        "p.chama_id = %s AND (p.state IN ('due', 'disputed') OR p.waive_asked_by IS NOT NULL) "
        "ORDER BY p.state = 'disputed' DESC, p.id"
    )
)
_BY_ID = _SELECT.format(sql.SQL("p.id = %s"))
_LOCKED = _SELECT.format(sql.SQL("p.id = %s FOR NO KEY UPDATE OF p"))


def _read(conn: Connection, query: sql.Composed, given: Sequence[Any]) -> list[Penalty]:
    with conn.cursor(row_factory=class_row(Penalty)) as cursor:
        return cursor.execute(query, given).fetchall()


def of_member(conn: Connection, member_id: int) -> list[Penalty]:
    """Her fines, newest first."""
    return _read(conn, _OF_MEMBER, [member_id])


def open_in(conn: Connection, chama_id: int) -> list[Penalty]:
    """Fines of a chama that are due, disputed or asked to be waived; disputed ones first."""
    return _read(conn, _OPEN, [chama_id])


def by_id(conn: Connection, penalty_id: int, query: sql.Composed = _BY_ID) -> Penalty:
    """Raises FineSettled for one that there is not, or that she may not see."""
    for found in _read(conn, query, [penalty_id]):
        return found
    raise FineSettled


def lock(conn: Connection, penalty_id: int) -> Penalty:
    """The same, held until the transaction ends."""
    return by_id(conn, penalty_id, _LOCKED)


def add(
    conn: Connection, *, contribution_id: int, due_cents: int, late_at: datetime, at: datetime, look_at: datetime
) -> int | None:
    """A fine for this late contribution, waived when it comes to nothing; None when there is one."""
    row = conn.execute(
        "INSERT INTO penalties (chama_id, member_id, round_id, contribution_id, due_cents, state, late_at, "
        "assessed_at, look_at) SELECT r.chama_id, k.member_id, k.round_id, k.id, %s, %s, %s, %s, %s "
        "FROM contributions k JOIN rounds r ON r.id = k.round_id WHERE k.id = %s ON CONFLICT DO NOTHING RETURNING id",
        [due_cents, _P.DUE if due_cents else _P.WAIVED, late_at, at, look_at, contribution_id],
    ).fetchone()
    return None if row is None else int(row[0])


def add_beside(conn: Connection, *, at: datetime, claim_id: int = 0, instalment_id: int = 0, cents: int = 0) -> int:
    """The fine that is a part of this cash, or of so much for this late part of a loan; due, in the round that is open
    or was last. Returns its id. Raises UniqueViolation for one that there is.
    """
    [(penalty_id,)] = conn.execute(
        "INSERT INTO penalties (chama_id, member_id, round_id, cash_claim_id, instalment_id, due_cents, state, late_at,"
        " assessed_at) SELECT x.chama_id, x.member_id, (SELECT r.id FROM rounds r WHERE r.chama_id = x.chama_id "
        "ORDER BY r.state = 'active' DESC, r.closes_at <= x.late_at DESC, r.number DESC LIMIT 1), "
        "x.claim_id, x.part_id, x.cents, %s, x.late_at, %s FROM (SELECT chama_id, member_id, id AS claim_id, "
        "NULL::bigint AS part_id, fine_cents AS cents, recorded_at AS late_at FROM cash_claims WHERE id = %s UNION ALL "
        "SELECT chama_id, member_id, NULL, id, %s, due_at FROM instalments WHERE id = %s) AS x RETURNING id",
        [_P.DUE, at, claim_id, cents, instalment_id],
    ).fetchall()
    return int(penalty_id)


def pay(conn: Connection, shares: Sequence[Share]) -> None:
    """Money is set aside for fines: adds the shares; what is then paid in full moves on."""
    ids = [share.penalty_id for share in shares]
    conn.execute(
        "UPDATE penalties p SET paid_cents = p.paid_cents + n.cents, "
        "state = CASE WHEN p.paid_cents + n.cents = p.due_cents AND p.state = ANY(%s) THEN %s ELSE p.state END "
        "FROM (SELECT id, sum(cents)::bigint AS cents FROM unnest(%s::bigint[], %s::bigint[]) AS s (id, cents) "
        "GROUP BY id) AS n WHERE p.id = n.id",
        [PENALTY_MOVES.leading_to(_P.PAID), _P.PAID, ids, [share.amount_cents for share in shares]],
    )


def booked(conn: Connection, penalty_id: int, *, cents: int, back: bool = False) -> None:
    """So much of it has moved to the group's own account, or `back` to her."""
    moved = (-cents, -cents) if back else (cents, 0)
    given = "UPDATE penalties SET booked_cents = booked_cents + %s, paid_cents = paid_cents + %s WHERE id = %s"
    conn.execute(given, [*moved, penalty_id])


def pass_on(conn: Connection, leaver: int, newcomer: int) -> None:
    """The fines of a place go with it to the member who takes it over (member ids)."""
    conn.execute("UPDATE penalties SET member_id = %s WHERE member_id = %s", [newcomer, leaver])


def owe_again(conn: Connection, penalty_id: int, cents: int) -> None:
    """Money that was set aside for it is taken back: a fine that was paid is due again."""
    conn.execute(
        "UPDATE penalties SET paid_cents = paid_cents - %s, "
        "state = CASE WHEN state = %s AND state = ANY(%s) THEN %s ELSE state END WHERE id = %s",
        [cents, _P.PAID, PENALTY_MOVES.leading_to(_P.DUE), _P.DUE, penalty_id],
    )


def look_again(conn: Connection, penalty_ids: Sequence[int], when: datetime | None) -> None:
    """When (UTC) it is looked at next whether these were paid in time; None for never."""
    conn.execute("UPDATE penalties SET look_at = %s WHERE id = ANY(%s)", [when, list(penalty_ids)])


def dispute(conn: Connection, penalty_id: int, *, member_id: int, at: datetime) -> Penalty:
    """She says that her fine is wrong; until officials have looked nothing settles it.

    Raises NotYourFine, FineSettled.
    """
    one = lock(conn, penalty_id)
    if one.member_id != member_id:
        raise NotYourFine
    if one.state is not _P.DUE:
        raise FineSettled
    conn.execute("UPDATE penalties SET disputed_at = %s WHERE id = %s", [at, penalty_id])
    _move(conn, one, _P.DISPUTED, at=at)
    asked = deciders(conn, one, at=at)
    voices = voices_in(conn, one.chama_id)
    _tell(conn, "fine_disputed", one, [voice.user_id for voice in voices if voice.member_id in asked], at=at)
    return one


def ask_waiver(conn: Connection, penalty_id: int, *, by_member_id: int, reason: int, at: datetime) -> Penalty:
    """An official asks to waive a fine, for one of WAIVER_REASONS. Raises NotYourFine, FineSettled."""
    one = lock(conn, penalty_id)
    voices = voices_in(conn, one.chama_id)
    her = next((voice for voice in voices if voice.member_id == by_member_id), None)
    if her is None or her.role not in OFFICIALS or not her.inside or by_member_id == one.member_id:
        raise NotYourFine
    if one.asked_by is not None or one.state is _P.WAIVED or reason not in WAIVER_REASONS:
        raise FineSettled
    wished = "UPDATE penalties SET waive_asked_by = %s, waive_reason = %s WHERE id = %s"
    conn.execute(wished, [by_member_id, reason, penalty_id])
    one = lock(conn, penalty_id)
    asked = deciders(conn, one, at=at)
    _tell(conn, "waiver_asked", one, [voice.user_id for voice in voices if voice.member_id in asked], at=at)
    return one


def to_decide(conn: Connection, chama_id: int, member_id: int, *, at: datetime) -> list[Penalty]:
    """Fines of others that this member can decide on: an official on all, whoever fills a gap on what is asked."""
    return [one for one in open_in(conn, chama_id) if member_id in deciders(conn, one, at=at)]


def deciders(conn: Connection, one: Penalty, *, at: datetime) -> list[int]:
    """Members, by id, of whom one decides: officials who neither owe it nor ask nor wrote it down; else a member."""
    voices = [voice for voice in voices_in(conn, one.chama_id) if voice.user_id != one.written_by]
    return approvers(voices, payee=one.member_id, asker=one.asked_by or 0, needed=1, asked_at=at)


def answer(conn: Connection, penalty_id: int, word: Word) -> Penalty:
    """Another one agrees to the waiver that she was shown, or says that the fine stands, asked or not. A yes goes with
    her PIN. Raises NotYourFine, FineSettled.
    """
    one, yes = lock(conn, penalty_id), word.vote is Vote.APPROVE
    if one.digest != word.digest or (one.asked_by is None and (yes or one.state is not _P.DISPUTED)):
        raise FineSettled
    hers = member_beside(conn, one.member_id, word.user_id)
    if hers not in deciders(conn, one, at=word.at) or word.vote is Vote.FREEZE:
        raise NotYourFine
    approvals.add(conn, Subject.WAIVER, one.id, word, hers)
    conn.execute("UPDATE penalties SET waive_asked_by = NULL, waive_reason = NULL WHERE id = %s", [penalty_id])
    if yes:
        waive(conn, one, at=word.at)
        return one
    if one.state is _P.DISPUTED:
        _move(conn, one, _P.DUE, at=word.at)
    _tell(conn, "fine_stands", one, [one.user_id], at=word.at)
    return one


def waive(conn: Connection, one: Penalty, *, at: datetime) -> None:
    """It is no fine any more, and she is told; the worker gives back what she paid of it. Raises ForbiddenMove."""
    _move(conn, one, _P.WAIVED, at=at)
    _tell(conn, "fine_waived", one, [one.user_id], at=at)


def _tell(conn: Connection, template: str, one: Penalty, user_ids: Sequence[int], *, at: datetime) -> None:
    [(chama,)] = conn.execute("SELECT name FROM chamas WHERE id = %s", [one.chama_id]).fetchall()
    facts = {"chama": chama, "name": one.name, "amount_cents": one.due_cents, "round": one.round_number}
    key = f"{template}:{one.id}:{at.isoformat()}"
    told = [Notice(f"{key}:{user_id}", template, user_id, one.chama_id, facts) for user_id in user_ids]
    with office(conn):
        notices.queue(conn, told, at=at)


def _move(conn: Connection, one: Penalty, new: PenaltyState, *, at: datetime) -> None:
    PENALTY_MOVES.require(one.state, new)
    conn.execute(
        "UPDATE penalties SET state = %s, ended_at = CASE WHEN %s = 'waived' THEN %s::timestamptz END WHERE id = %s",
        [new, new, at, one.id],
    )
