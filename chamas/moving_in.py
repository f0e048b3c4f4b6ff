"""A group moves in with its register, its money and its open round: all of it, or nothing.

Theory of operation. The table imports is written here only. The books open with one set of entries over the account
`opening`, which is empty afterwards because nothing is left over in the file: what each member saved is owed to her,
what she was paid out stands on `paid_out`, and what the group holds in cash and elsewhere at M-PESA is its own. What
was due before the open round becomes one round of the past, so that arrears are arrears.

    handed_over -> moved_in (once: the same file is known by its hash)
                -> refused -> handed_over (again, when what stood in the way is gone)
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from psycopg.rows import class_row

from chamas import cash, contributions, import_file, notices, people, register, rounds
from chamas.access import PLAYING
from chamas.allocation import Arrived
from chamas.calendar import Period, boundary
from chamas.import_file import MovingGroup, MovingMember
from chamas.notices import Notice
from chamas.register import ChamaStatus, MemberStatus
from chamas.rounds import RoundState
from chamas.turns import Turn
from ledger import books
from ledger.books import Draft, Line
from ledger.moves import Moves
from ledger.refusals import Refusal
from ledger.wires import Chance, Connection, Wires

# Its old money at M-PESA lies on somebody's phone or another till, not on a shortcode of ours.
OUTSIDE_MPESA, OPENING = "outside_mpesa", "opening"


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
    saved = _open_books(conn, book_id, group, members, at=at, chance=chance)
    _open_round(conn, chama_id, group, members)
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


def _open_books(
    conn: Connection, book_id: int, group: MovingGroup, members: Mapping[int, int], *, at: datetime, chance: Chance
) -> list[Arrived]:
    """Opening balances as one set; what each saved, on the page that says so."""
    opening = books.open_account(conn, book_id=book_id, code=OPENING, kind="equity")
    held = [(cash.BOX, group.cash_cents), (OUTSIDE_MPESA, group.mpesa_cents)]
    held += [(f"paid_out:{members[one.number]}", one.received_cents) for one in group.members]
    saved = [(members[one.number], one.saved_cents) for one in group.members if one.saved_cents]
    drafts = []
    for code, cents in held:
        if cents:
            account = books.open_account(conn, book_id=book_id, code=code, kind="asset")
            drafts.append(_draft(book_id, code, Line(account, cents), Line(opening, -cents), at))
    for member_id, cents in saved:
        hers = books.account_id(conn, book_id, f"member:{member_id}")
        if hers is None:
            raise LookupError(f"member {member_id} has no account")
        drafts.append(_draft(book_id, f"member:{member_id}", Line(opening, cents), Line(hers, -cents), at))
    pages = []
    for answer in books.post_set(conn, drafts, at=at, chance=chance, bonds=[1] * len(drafts)):
        if isinstance(answer, Refusal):
            raise answer
        pages.append(answer.seq)
    own = pages[len(pages) - len(saved) :]
    return [Arrived(member_id, book_id, seq, cents) for (member_id, cents), seq in zip(saved, own, strict=True)]


def _draft(book_id: int, code: str, debit: Line, credit: Line, at: datetime) -> Draft:
    return Draft(
        book_id=book_id,
        kind="opening",
        occurred_at=at,
        lines=(debit, credit),
        scope="opening",
        key=code,
        note={"moved in": code},
    )


def _open_round(conn: Connection, chama_id: int, group: MovingGroup, members: Mapping[int, int]) -> None:
    """The open round, and one of the past with all that was due before it."""
    rules = rounds.rules_at(conn, chama_id, group.opens_at)
    assert rules  # noqa: S101 - adopted a moment ago
    before = {members[one.number]: one.saved_cents - one.paid_now_cents + one.arrears_cents for one in group.members}
    if any(before.values()):  # nobody is paid for it here: its turn is nobody's
        state = RoundState.EXPIRED if any(one.arrears_cents for one in group.members) else RoundState.COMPLETED
        past = Period(group.opens_at - timedelta(days=1), 0, group.opens_at - timedelta(days=1), group.opens_at)
        past_id = rounds.write_down(conn, rules, state, when=past, turn=Turn(1, None, None))
        contributions.charge_each(conn, past_id, {member: cents for member, cents in before.items() if cents})
    if group.last_day is not None:
        closes_at = group.opens_at + timedelta(days=(group.last_day - group.first_day).days + 1)
    else:
        closes_at = boundary(group.opens_at, group.frequency, 1)
    when = Period(group.opens_at, 0, group.opens_at, closes_at)
    turn = _turn(group, members)
    round_id = rounds.write_down(conn, rules, RoundState.ACTIVE, when=when, turn=turn, number=group.round_number)
    now_open = rounds.by_id(conn, round_id)
    contributions.charge(conn, now_open, group.contribution_cents)


def _turn(group: MovingGroup, members: Mapping[int, int]) -> Turn:
    """Whose turn the open round is: one round a place, from the first round on."""
    places = {one.turn: members[one.number] for one in group.members if one.turn}
    if not places:
        return Turn(1, None, None)
    cycle, place = divmod(group.round_number - 1, len(places))
    return Turn(cycle + 1, place + 1, places[place + 1])


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
