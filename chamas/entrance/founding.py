"""A chama begins: founded by one member, in draft, then open for others until its doors close.

Who may open and close the doors is decided by chamas/members/access.py.
"""

from datetime import datetime

from chamas.cycle import rounds
from chamas.entrance.joining import Seat, seat_of
from chamas.members import register, standing
from chamas.members.access import NOT_RUNNING, Action
from chamas.members.office import office
from chamas.members.refusals import UnfitAmount, demand
from chamas.members.register import ChamaKind, ChamaStatus, MemberStatus, Role, WhenShort
from chamas.rulebook.calendar import Frequency
from ledger.refusals import Refusal
from ledger.wires import Chance, Connection
from payments.refusals import MAXIMUM_CENTS

# What a round costs at least, because M-PESA's prompt takes no less that makes sense; and what a name may be.
LEAST_CENTS = 10_00
NAME_LETTERS = 40
MOST_MEMBERS = 100
# More than anybody brings together at one time: each takes one of 90,000 numbers, whoever dials.
MOST_NOT_BEGUN = 3


class UnfitChama(Refusal):
    """A name, an amount or a number of people that no chama can have."""

    code = "unfit_chama"
    status = 422
    words = "A chama has a name of 2 to 40 letters, 2 to 100 people, and rounds of KES 10 or more."


class TooManyFounded(Refusal):
    """So many chamas of hers have not begun."""

    code = "too_many_founded"
    status = 409
    words = "You have three chamas that have not started. Start one, or call it off, before you found another."


class NumberTaken(Refusal):
    """Another chama has it."""

    code = "number_taken"
    status = 409
    words = "Another chama has this number."


def found(
    conn: Connection,
    *,
    founder_id: int,
    name: str,
    contribution_cents: int,
    frequency: Frequency,
    member_target: int,
    number: str | None = None,
    kind: ChamaKind = "rosca",
    capacity: int | None = None,
    private: bool = False,
    recruitment_deadline: datetime | None = None,
    deposit_cents: int = 0,
    cycles: int | None = None,
    when_short: WhenShort = "wait",
    at: datetime,
    chance: Chance,
) -> Seat:
    """A new chama, in draft, whose first member and chairperson is its founder, under the rules that she names.

    Raises UnfitChama, NumberTaken, UnfitAmount.
    """
    look_at(name, contribution_cents, member_target, capacity)
    if deposit_cents % 100 or not 0 <= deposit_cents <= MAXIMUM_CENTS:
        raise UnfitAmount
    with office(conn):
        if number and register.number_taken(conn, number):
            raise NumberTaken
        chama_id = register.create_chama(
            conn,
            number=number or register.free_number(conn, chance),
            name=name,
            kind=kind,
            frequency=frequency,
            contribution_cents=contribution_cents,
            member_target=member_target,
            capacity=capacity,
            private=private,
            recruitment_deadline=recruitment_deadline,
            deposit_cents=deposit_cents,
            cycles=cycles,
            when_short=when_short,
            at=at,
        )
        rounds.adopt_rules(
            conn, chama_id=chama_id, contribution_cents=contribution_cents, frequency=frequency, in_force_from=at
        )
        member_id = register.add_member(
            conn,
            chama_id=chama_id,
            user_id=founder_id,
            role=Role.CHAIRPERSON,
            status=MemberStatus.CONFIRMED,
            join_method="creator",
            position=1,
            at=at,
        )
        register.seat(conn, member_id, terms_agreed_at=at)
        return seat_of(conn, member_id)


def found_by_phone(
    conn: Connection,
    *,
    founder_id: int,
    name: str,
    contribution_cents: int,
    frequency: Frequency,
    member_target: int,
    recruits: bool = True,
    at: datetime,
    chance: Chance,
) -> Seat:
    """A chama that somebody founds by herself, on the phone or at the desk; `recruits`: it takes people at once, and
    else when she says so. Raises UnfitChama, TooManyFounded.
    """
    with office(conn):
        # Held, so that two phones of hers found one after the other.
        conn.execute("SELECT id FROM users WHERE id = %s FOR NO KEY UPDATE", [founder_id])
        [(unbegun,)] = conn.execute(
            "SELECT count(*) FROM chama_members m JOIN chamas c ON c.id = m.chama_id "
            "WHERE m.user_id = %s AND m.join_method = 'creator' AND c.status = ANY(%s)",
            [founder_id, list(NOT_RUNNING)],
        ).fetchall()
    if unbegun >= MOST_NOT_BEGUN:
        raise TooManyFounded
    seat = found(
        conn,
        founder_id=founder_id,
        name=name,
        contribution_cents=contribution_cents,
        frequency=frequency,
        member_target=member_target,
        at=at,
        chance=chance,
    )
    if recruits:
        recruit(conn, seat.chama_id, by_user_id=founder_id, at=at)
    return seat


def recruit(conn: Connection, chama_id: int, *, by_user_id: int, at: datetime) -> None:
    """A draft begins to take people, or one that waits takes more. Raises OfficialsOnly, NotNow."""
    with office(conn):
        demand(standing.group(conn, chama_id=chama_id, user_id=by_user_id, hold=True), Action.RECRUIT, at=at)
        register.move_chama(conn, chama_id, ChamaStatus.RECRUITING)


def close(conn: Connection, chama_id: int, *, by_user_id: int, at: datetime) -> None:
    """A recruiting chama takes nobody any more: it waits for its deposits. Raises OfficialsOnly, NotNow."""
    with office(conn):
        demand(standing.group(conn, chama_id=chama_id, user_id=by_user_id, hold=True), Action.CLOSE_RECRUITING, at=at)
        register.move_chama(conn, chama_id, ChamaStatus.WAITING)


def look_at(name: str, contribution_cents: int, member_target: int, capacity: int | None = None) -> None:
    """Raises UnfitChama for what no chama can have."""
    people = 2 <= member_target <= (capacity or member_target) <= MOST_MEMBERS
    if not (2 <= len(name.strip()) <= NAME_LETTERS and people and contribution_cents >= LEAST_CENTS):
        raise UnfitChama
