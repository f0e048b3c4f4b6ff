"""A group moves in with its register, its money and its open round: all of it, or nothing.

Theory of operation. The table imports is written here only. How its
money and its open round are written down: opening.py.

    handed_over -> moved_in (once: the same file is known by its hash)
                -> refused -> handed_over (again, when what stood in the way is gone)
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from psycopg.rows import class_row

from chamas.cycle import rounds
from chamas.dues import contributions
from chamas.entrance import import_file, opening
from chamas.entrance.import_file import MovingGroup, MovingMember
from chamas.members import people, register
from chamas.members.access import PLAYING
from chamas.members.register import ChamaStatus, MemberStatus
from chamas.telling import notices
from chamas.telling.notices import Notice
from ledger.moves import Moves
from ledger.refusals import Refusal
from ledger.wires import Chance, Connection, Wires


class ImportState(StrEnum):
    """What became of a file."""

    HANDED_OVER = "handed_over"
    MOVED_IN = "moved_in"
    REFUSED = "refused"


IMPORT_MOVES: Moves[ImportState] = Moves(
    "imports.state",
    {
        ImportState.HANDED_OVER: frozenset({ImportState.MOVED_IN, ImportState.REFUSED}),
        ImportState.MOVED_IN: frozenset(),
        ImportState.REFUSED: frozenset({ImportState.HANDED_OVER}),
    },
)


class MovedIn(Refusal):
    """This very file, byte for byte, was handed over before."""

    code = "moved_in"
    status = 409
    words = "The file of this group was handed over before."


class UnfitImport(Refusal):
    """Something is wrong with the file: read it again for what."""

    code = "unfit_import"
    status = 422
    words = "Nothing was imported: something is wrong with this file."


class PhoneNotFree(Refusal):
    """A phone in the file is of somebody who was erased or may not act now."""

    code = "phone_not_free"
    status = 409
    words = "A phone in this file is of somebody who may not act now."


@dataclass(frozen=True)
class Import:
    """A file that was handed over; `problem` says why nothing was imported. Instants are UTC."""

    id: int
    state: ImportState
    tell: bool
    chama_id: int | None
    problem: str | None
    handed_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", ImportState(self.state))


def hand_over(conn: Connection, body: bytes, *, by_user_id: int | None, tell: bool, at: datetime) -> int:
    """A file that was looked through waits to be imported; returns its id. `tell`: each member gets an SMS then.

    Raises UnfitImport, and MovedIn unless it was refused before.
    """
    if import_file.read(body)[0] is None:
        raise UnfitImport
    row = conn.execute(
        """
        INSERT INTO imports AS i (file_sha256, body, state, tell, handed_by, handed_at) VALUES (%s, %s, %s, %s, %s, %s)
        ON CONFLICT (file_sha256) DO UPDATE SET body = excluded.body, state = excluded.state, tell = excluded.tell,
            problem = NULL, ended_at = NULL, handed_by = excluded.handed_by, handed_at = excluded.handed_at
        WHERE i.state = ANY(%s) RETURNING id
        """,
        [hashlib.sha256(body).digest(), body, ImportState.HANDED_OVER, tell, by_user_id, at,
         IMPORT_MOVES.leading_to(ImportState.HANDED_OVER)],
    ).fetchone()  # fmt: skip
    if row is None:
        raise MovedIn
    return int(row[0])


def newest(conn: Connection, *, limit: int = 10) -> list[Import]:
    """The last files, newest first."""
    found = conn.cursor(row_factory=class_row(Import))
    found.execute(
        "SELECT id, state, tell, chama_id, problem, handed_at FROM imports ORDER BY id DESC LIMIT %s", [limit]
    )
    return found.fetchall()


def move_in_due(wiring: Wires) -> int:
    """Imports the oldest file that waits; returns how many were taken up (0 or 1)."""
    refused: Refusal | None = None
    with wiring.transaction() as conn:
        row = conn.execute(
            "SELECT id FROM imports WHERE state = 'handed_over' ORDER BY id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED"
        ).fetchone()
        if row is None:
            return 0
        try:
            with conn.transaction():
                move_in(conn, row[0], at=wiring.now(), chance=wiring.chance)
        except Refusal as why:
            refused = why
        if refused is not None:
            _end(conn, row[0], ImportState.REFUSED, problem=str(refused), chama_id=None, at=wiring.now())
    return 1


def move_in(conn: Connection, import_id: int, *, at: datetime, chance: Chance) -> int:
    """Founds the group as the file has it; returns its id. Raises UnfitImport, PhoneNotFree, and what posting refuses:
    the caller undoes all then."""
    [(body, tell)] = conn.execute("SELECT body, tell FROM imports WHERE id = %s", [import_id]).fetchall()
    group, _problems = import_file.read(bytes(body or b""))
    if group is None:
        raise UnfitImport
    chama_id, book_id = _found(conn, group, at=at, chance=chance)
    members = {one.number: _seat(conn, chama_id, one, at=at) for one in group.members}
    for status in (ChamaStatus.RECRUITING, ChamaStatus.WAITING, ChamaStatus.ACTIVE):
        register.move_chama(conn, chama_id, status)
    saved = opening.open_books(conn, book_id, group, members, at=at, chance=chance)
    opening.open_round(conn, chama_id, group, members)
    contributions.settle(conn, saved)
    _end(conn, import_id, ImportState.MOVED_IN, problem=None, chama_id=chama_id, at=at)
    if tell:
        _tell(conn, chama_id, group, at=at)
    return chama_id


def _end(
    conn: Connection, import_id: int, new: ImportState, *, problem: str | None, chama_id: int | None, at: datetime
) -> None:
    """What became of it; the file itself is gone then."""
    conn.execute(
        "UPDATE imports SET state = %s, body = NULL, problem = %s, chama_id = %s, ended_at = %s "
        "WHERE id = %s AND state = ANY(%s)",
        [new, problem, chama_id, at, import_id, IMPORT_MOVES.leading_to(new)],
    )


def _found(conn: Connection, group: MovingGroup, *, at: datetime, chance: Chance) -> tuple[int, int]:
    chama_id = register.create_chama(
        conn,
        number=register.free_number(conn, chance),
        name=group.name,
        kind="rosca",
        frequency=group.frequency,
        contribution_cents=group.contribution_cents,
        member_target=len(group.members),
        at=at,
    )
    rounds.adopt_rules(
        conn,
        chama_id=chama_id,
        contribution_cents=group.contribution_cents,
        frequency=group.frequency,
        in_force_from=min(at, group.opens_at),
    )
    return chama_id, register.lock_chama(conn, chama_id)


def _seat(conn: Connection, chama_id: int, one: MovingMember, *, at: datetime) -> int:
    """Her membership, active; whoever owns her phone is she."""
    known = people.find_by_phone(conn, one.phone) if one.phone else None
    if known is not None and known.status != people.PersonStatus.ACTIVE:
        raise PhoneNotFree
    user_id = known.id if known else people.create_person(
        conn, phone=one.phone, first_name=one.first_name, last_name=one.last_name, language=one.language, at=at
    )  # fmt: skip
    member_id = register.add_member(
        conn,
        chama_id=chama_id,
        user_id=user_id,
        role=one.role,
        status=MemberStatus.CONFIRMED,
        join_method="import",
        position=one.turn,
        number=one.number,
        at=at,
    )
    register.move_member(conn, member_id, MemberStatus.ACTIVE)
    return member_id


def _tell(conn: Connection, chama_id: int, group: MovingGroup, *, at: datetime) -> None:
    rows = conn.execute(
        "SELECT id, user_id, number FROM chama_members WHERE chama_id = %s AND status = ANY(%s) ORDER BY number",
        [chama_id, list(PLAYING)],
    ).fetchall()
    told = [
        Notice(f"admitted:{member}:import", "admitted", user, chama_id, {"chama": group.name, "number": number})
        for member, user, number in rows
    ]
    notices.queue(conn, told, at=at)
