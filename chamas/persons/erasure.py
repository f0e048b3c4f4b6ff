"""Erases a person: every name and number of hers goes, every entry, balance, hash and proof stays.

The rule. Erasing waits while anything about her is under way: a payment that may still become money, money held or in
suspense, a callback nobody has read, a message that has not left. It is refused while a group holds money of hers or
she is in one, because the group must know whose money it has; an operator may say that her money stays under her member
number all the same (`leave_money`): then the group's own paper says whose it was, and she is out of her groups.

What the books keep of her are ids and cents. Notes go with their salts, bodies of callbacks are pseudonymised and keep
their hashes, and the log of changes forgets last, because it has just written down what went.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from psycopg.types.json import Jsonb

from chamas.entrance import invitations
from chamas.meeting import minutes
from chamas.members import pins, presence, register
from chamas.members.people import PersonStatus
from chamas.members.register import MEMBER_MOVES, MemberStatus
from chamas.payouts import disbursements, requested
from chamas.persons import files, vouching
from chamas.telling import couriers, notices, preferences
from ledger import forgetting
from ledger.refusals import Refusal
from ledger.wires import Connection
from payments import forgetting as paying
from payments.payers import Payers

# In a running group the others count on her, and she on them.
OUT_OF_IT = frozenset({MemberStatus.WITHDRAWN, MemberStatus.COMPLETED})


class UnknownPerson(Refusal):
    """Nobody has this id, or she was erased before."""

    code = "unknown_person"
    status = 404
    words = "There is no such person."


class MoneyMoving(Refusal):
    """A payment, held money, suspense or an unread callback of hers."""

    code = "money_moving"
    status = 409
    words = "Money of this person is on its way, held or in suspense: settle it first."


class MessagesWaiting(Refusal):
    """An SMS to her is queued, or nobody knows yet whether it left."""

    code = "messages_waiting"
    status = 409
    words = "A message to this person is on its way: try again in half an hour."


class StillInAGroup(Refusal):
    """A group holds her money, or she is in one."""

    code = "still_in_a_group"
    status = 409
    words = "A group holds money of this person, or she is in one: let her leave first."


@dataclass(frozen=True)
class Erased:
    """Who was erased, and how much went, by kind."""

    user_id: int
    gone: Mapping[str, int]


@dataclass(frozen=True)
class Standing:
    """What is known of her before she is erased; `memberships` by id with their status, `book_ids` of their chamas."""

    phone: str | None
    names: tuple[str, ...]
    memberships: Mapping[int, MemberStatus]
    book_ids: tuple[int, ...]


def erase_person(
    conn: Connection,
    user_id: int,
    *,
    reason: str,
    asked_by: int | None,
    at: datetime,
    payers: Payers,
    leave_money: bool = False,
    doors: Mapping[str, int] = MappingProxyType({}),
) -> Erased:
    """Forgets everything of a person that this room and those below keep. `reason` holds no name; `payers` knows her
    receipts; `doors` is what went from the rooms above, by kind, to be written down with the rest.

    Raises UnknownPerson, MoneyMoving, MessagesWaiting, StillInAGroup.
    """
    her = _standing(conn, user_id)
    _look(conn, user_id, her, at=at, payers=payers, leave_money=leave_money)
    paid = paying.forget(
        conn,
        user_id=user_id,
        phone=her.phone,
        names=her.names,
        at=at,
        payers=payers,
        pages=_pages(conn, list(her.memberships)),
    )
    for member_id, status in her.memberships.items():
        if MemberStatus.WITHDRAWN in MEMBER_MOVES.following[status]:
            register.move_member(conn, member_id, MemberStatus.WITHDRAWN)
    gone = {
        **doors,
        "attempts": paid.attempts,
        "receipts": paid.receipts,
        "payouts": paid.payouts,
        "evidence": paid.evidence,
        "messages": notices.forget_person(conn, user_id, paid.receipt_codes, list(her.memberships)),
        "requests": disbursements.forget(conn, user_id),
        "preferences": preferences.forget(conn, user_id),
        "pins": pins.forget(conn, user_id),
        "files": files.forget(conn, user_id),
        "minutes": minutes.blot(conn, user_id, her.names, at=at),
        "wrong_codes": invitations.forget(conn, phone=her.phone),
        "phones_seen": presence.forget(conn, user_id),
        "pin_resets": vouching.forget(conn, user_id),
        "notes": forgetting.forget_notes(
            conn,
            member_ids=list(her.memberships),
            book_ids=her.book_ids,
            pages=paid.pages,
            texts=[*her.names, *([her.phone.removeprefix("+")] if her.phone else [])],
        ),
    }
    register.forget(conn, user_id)
    gone["changes"] = forgetting.forget_changes(conn, user_id)
    conn.execute(
        "INSERT INTO erasures (user_id, reason, asked_by, erased_at, gone) VALUES (%s, %s, %s, %s, %s)",
        [user_id, reason, asked_by, at, Jsonb(gone)],
    )
    return Erased(user_id, gone)


def _pages(conn: Connection, member_ids: Sequence[int]) -> list[tuple[int, int]]:
    """Where money was shared out to these members, as (book, number)."""
    return conn.execute(
        "SELECT DISTINCT book_id, seq FROM allocations WHERE member_id = ANY(%s) ORDER BY book_id, seq",
        [list(member_ids)],
    ).fetchall()


def _standing(conn: Connection, user_id: int) -> Standing:
    """Holds her row until the transaction ends. Raises UnknownPerson."""
    row = conn.execute(
        # Her contact phone is somebody else's, whose payments stay what they are.
        "SELECT phone, first_name, last_name, email FROM users WHERE id = %s AND status <> %s FOR UPDATE",
        [user_id, PersonStatus.ERASED],
    ).fetchone()
    if row is None:
        raise UnknownPerson
    phone, *names = row
    memberships = conn.execute(
        "SELECT m.id, m.status, c.book_id FROM chama_members m JOIN chamas c ON c.id = m.chama_id WHERE m.user_id = %s",
        [user_id],
    ).fetchall()
    return Standing(
        phone=phone,
        names=tuple(filter(None, names)),
        memberships={member_id: MemberStatus(status) for member_id, status, _ in memberships},
        book_ids=tuple(book_id for _, _, book_id in memberships),
    )


def _look(conn: Connection, user_id: int, her: Standing, *, at: datetime, payers: Payers, leave_money: bool) -> None:
    holds, pending = forgetting.unsettled(conn, list(her.memberships))
    if (
        pending
        or requested.under_way(conn, user_id)
        or paying.unsettled(conn, user_id=user_id, phone=her.phone, at=at, payers=payers)
    ):
        raise MoneyMoving
    if couriers.waiting_for(conn, user_id):
        raise MessagesWaiting
    if not leave_money and (holds or set(her.memberships.values()) - OUT_OF_IT):
        raise StillInAGroup
