"""A new chama PIN for who has lost hers, and the word for a number that was silent: pin_resets, pin_vouches.

Theory of operation. The states are in reset_states.py.

What a PIN chosen so can do differs (pins.decides_from). By the code of an SMS it opens screens, and never decides on
money of others: whoever holds the SIM gets the code. On a shared phone others would: there an official tells her six
digits, face to face, and nothing else opens the way to a PIN. Where people vouched it decides after HOLD, so that the
others, who are all told, can say no in time.

    vouched   two other members; for an official three, one of them an official
    silent    one official, for a number without a PIN that nobody used for long
    told      two officials, for who has no phone of her own (chamas/persons/shared_phones.py): the one who tells her
    the
              digits, and one more who saw or heard her; for an official a member besides
"""

import hmac
from datetime import datetime, timedelta
from typing import Any

from psycopg.rows import class_row

from chamas.members.access import IN_OFFICE, INSIDE
from chamas.members.office import office
from chamas.members.register import OFFICIALS, MemberStatus, Role
from chamas.persons.reset_states import RESET_MOVES, Reset, ResetKind, ResetState
from chamas.telling import notices
from chamas.telling.notices import Notice
from ledger.refusals import Refusal
from ledger.wires import Chance, Connection

# "Did you see or hear her today?": an answer of yesterday says nothing about who holds the phone now.
LASTS = {
    ResetKind.VOUCHED: timedelta(days=1),
    ResetKind.SILENT: timedelta(days=1),
    # As an invitation: she comes to the phone when its owner lends it.
    ResetKind.TOLD: timedelta(days=7),
    ResetKind.CODE: timedelta(minutes=10),
}
# As for an official who has just changed: everybody has been at a meeting or has read an SMS in between.
HOLD = timedelta(hours=72)
# Three guesses hit six digits once in 300,000 times.
CODE_TRIES = 3
# Six digits that do not begin with 0, which a menu takes for the way back.
LEAST_CODE, CODES = 100_000, 900_000


class NotYoursToSay(Refusal):
    """She does not know this person as a member, it is herself, or it is answered already."""

    code = "not_yours_to_say"
    status = 409
    words = "This is answered already, or others must answer it."


def ask(
    conn: Connection, *, user_id: int, chama_id: int, kind: ResetKind, pepper: str, at: datetime, chance: Chance
) -> Reset:
    """She asks; what she has asked already goes on. A code is sent by SMS to her own phone."""
    _let_lapse(conn, user_id, at)
    found = of_person(conn, user_id, kind, at=at)
    if found is not None:
        return found
    code = _six_digits(chance) if kind is ResetKind.CODE else ""
    hashed = _keyed(user_id, code, pepper) if code else None
    [(reset_id,)] = conn.execute(
        "INSERT INTO pin_resets (chama_id, user_id, kind, state, code_hash, asked_at, expires_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id",
        [chama_id, user_id, kind, ResetState.OPEN, hashed, at, at + LASTS[kind]],
    ).fetchall()
    reset = _by_id(conn, reset_id)
    if code:
        _tell(conn, reset, "pin_code", [user_id], at=at, number=code)
    return reset


def tell(
    conn: Connection, *, user_id: int, chama_id: int, by_user_id: int, pepper: str, at: datetime, chance: Chance
) -> str:
    """Six digits that an official tells her face to face; those of before count no more. Who may: the caller's."""
    for earlier in _resets(conn, user_id=user_id):
        if earlier.kind is ResetKind.TOLD:
            _move(conn, earlier, ResetState.LAPSED, at=at)
    digits = _six_digits(chance)
    conn.execute(
        "WITH asked AS (INSERT INTO pin_resets (chama_id, user_id, kind, state, code_hash, asked_at, expires_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id, asked_at) "
        "INSERT INTO pin_vouches (reset_id, user_id, yes, said_at) SELECT id, %s, TRUE, asked_at FROM asked",
        [chama_id, user_id, ResetKind.TOLD, ResetState.OPEN, _keyed(user_id, digits, pepper), at,
         at + LASTS[ResetKind.TOLD], by_user_id],
    )  # fmt: skip
    return digits


def of_person(conn: Connection, user_id: int, kind: ResetKind, *, at: datetime) -> Reset | None:
    """What she has asked for and may still be answered or used."""
    found = _resets(conn, user_id=user_id)
    return next((one for one in found if one.kind is kind and one.expires_at > at), None)


def granted(conn: Connection, user_id: int, *, at: datetime) -> Reset | None:
    """What allows her to choose a PIN now; what others vouched for comes before a code.

    On a phone that is not hers only what begins with digits does: whoever holds it would choose it in her place.
    """
    order = list(ResetKind)
    found = [
        one
        for one in _resets(conn, user_id=user_id)
        if one.state is ResetState.GRANTED and one.expires_at > at and (one.owned or one.kind is ResetKind.TOLD)
    ]
    return min(found, key=lambda one: order.index(one.kind), default=None)


def waiting_for(conn: Connection, chama_id: int, user_id: int, *, at: datetime) -> list[Reset]:
    """Askings of this group to which this member can say yes or no, oldest first."""
    role = _role(conn, chama_id, user_id)
    if role is None:
        return []
    said = {
        reset_id
        for (reset_id,) in conn.execute("SELECT reset_id FROM pin_vouches WHERE user_id = %s", [user_id]).fetchall()
    }
    return [
        one
        for one in _resets(conn, chama_id=chama_id)
        if one.state is ResetState.OPEN
        and one.kind is not ResetKind.CODE
        and one.expires_at > at
        and one.user_id != user_id
        and one.id not in said
        and (
            role in OFFICIALS
            or one.kind is ResetKind.VOUCHED
            or (one.kind is ResetKind.TOLD and one.officials >= one.officials_needed)
        )
    ]


def answer(conn: Connection, reset_id: int, *, by_user_id: int, yes: bool, at: datetime) -> Reset:
    """What one member says: yes, she saw or heard her today; no, stop it. The caller has checked who speaks.

    The last yes that is needed tells everybody in the group. Raises NotYoursToSay.
    """
    conn.execute("SELECT id FROM pin_resets WHERE id = %s FOR NO KEY UPDATE", [reset_id])
    reset = _by_id(conn, reset_id)
    if reset_id not in [one.id for one in waiting_for(conn, reset.chama_id, by_user_id, at=at)]:
        raise NotYoursToSay
    conn.execute(
        "INSERT INTO pin_vouches (reset_id, user_id, yes, said_at) VALUES (%s, %s, %s, %s)",
        [reset_id, by_user_id, yes, at],
    )
    reset = _by_id(conn, reset_id)
    if not yes:
        _move(conn, reset, ResetState.STOPPED, at=at)
        _tell(conn, reset, "pin_stopped", [reset.user_id, *_others(conn, reset, officials=True)], at=at)
    elif reset.enough:
        _move(conn, reset, ResetState.GRANTED, at=at)
        if reset.kind is not ResetKind.TOLD:
            _tell(conn, reset, "pin_ready", [reset.user_id], at=at)
        # Whoever is new takes nobody's place.
        _tell(conn, reset, "pin_vouched", _others(conn, reset, officials=reset.status is MemberStatus.INVITED), at=at)
    return _by_id(conn, reset_id)


def try_code(
    conn: Connection, *, user_id: int, typed: str, pepper: str, at: datetime, kind: ResetKind = ResetKind.CODE
) -> Reset | None:
    """Compares and counts; None when no code of hers waits any more. Granted when it was right.

    Digits that an official told are asked for again until her PIN is chosen: wrong ones are None, too, and right ones
    leave it open until the second official has said yes.
    """
    conn.execute("SELECT id FROM pin_resets WHERE (user_id, kind) = (%s, %s) FOR NO KEY UPDATE", [user_id, kind])
    reset, told = of_person(conn, user_id, kind, at=at), kind is ResetKind.TOLD
    if reset is None or (reset.state is not ResetState.OPEN and not told):
        return reset
    [(hashed,)] = conn.execute("SELECT code_hash FROM pin_resets WHERE id = %s", [reset.id]).fetchall()
    right = hmac.compare_digest(bytes(hashed), _keyed(user_id, typed, pepper))
    if not right:
        conn.execute("UPDATE pin_resets SET tries = tries + 1 WHERE id = %s", [reset.id])
        if reset.tries + 1 >= CODE_TRIES:
            _move(conn, reset, ResetState.STOPPED, at=at)
    elif reset.state is ResetState.OPEN and not told:
        _move(conn, reset, ResetState.GRANTED, at=at)
    return _by_id(conn, reset.id) if right or not told else None


def use(conn: Connection, reset_id: int, *, user_id: int, at: datetime) -> datetime | None:
    """She has chosen her PIN by it; from when on it decides about money, None for never. Raises NotYoursToSay."""
    reset = granted(conn, user_id, at=at)
    if reset is None or reset.id != reset_id:
        raise NotYoursToSay
    _move(conn, reset, ResetState.USED, at=at)
    return None if reset.kind is ResetKind.CODE else at + HOLD


def forget(conn: Connection, user_id: int) -> int:
    """Takes away what she asked, and what she said of others; returns how many rows."""
    said = conn.execute(
        "DELETE FROM pin_vouches v USING pin_resets r WHERE r.id = v.reset_id AND %s IN (v.user_id, r.user_id)",
        [user_id],
    ).rowcount
    return said + conn.execute("DELETE FROM pin_resets WHERE user_id = %s", [user_id]).rowcount


def _resets(
    conn: Connection, *, reset_id: int | None = None, user_id: int | None = None, chama_id: int | None = None
) -> list[Reset]:
    """Those that are open or granted, or the one of this id whatever became of it."""
    found = conn.cursor(row_factory=class_row(Reset))
    return found.execute(
        """
        SELECT r.id, r.chama_id, c.name AS chama, r.user_id, u.first_name AS name, coalesce(u.phone, u.contact_phone)
               AS phone, u.phone IS NOT NULL AS owned, m.role, m.status, r.kind, r.state, r.tries, r.expires_at,
               (SELECT count(*) FROM pin_vouches v WHERE v.reset_id = r.id AND v.yes) AS yes,
               (SELECT count(*) FROM pin_vouches v
                JOIN chama_members o ON (o.chama_id, o.user_id) = (r.chama_id, v.user_id)
                WHERE v.reset_id = r.id AND v.yes AND o.role <> 'member') AS officials,
               (SELECT count(*) FROM chama_members o WHERE o.chama_id = r.chama_id AND o.user_id <> r.user_id
                AND o.role <> 'member' AND o.status = ANY(%(office)s)) AS in_office
        FROM pin_resets r JOIN chamas c ON c.id = r.chama_id JOIN users u ON u.id = r.user_id
        JOIN chama_members m ON (m.chama_id, m.user_id) = (r.chama_id, r.user_id)
        WHERE r.id = %(id)s::bigint
           OR r.state IN ('open', 'granted') AND (r.user_id = %(user)s::bigint OR r.chama_id = %(chama)s::bigint)
        ORDER BY r.id
        """,
        {"id": reset_id, "user": user_id, "chama": chama_id, "office": list(IN_OFFICE)},
    ).fetchall()


def _by_id(conn: Connection, reset_id: int) -> Reset:
    found = _resets(conn, reset_id=reset_id)
    if not found:
        raise NotYoursToSay
    return found[0]


def _move(conn: Connection, reset: Reset, new: ResetState, *, at: datetime) -> None:
    RESET_MOVES.require(reset.state, new)
    conn.execute("UPDATE pin_resets SET state = %s, closed_at = %s WHERE id = %s", [new, at, reset.id])


def _let_lapse(conn: Connection, user_id: int, at: datetime) -> None:
    for reset in _resets(conn, user_id=user_id):
        if reset.expires_at <= at:
            _move(conn, reset, ResetState.LAPSED, at=at)


def _role(conn: Connection, chama_id: int, user_id: int) -> Role | None:
    row = conn.execute(
        "SELECT role FROM chama_members WHERE (chama_id, user_id) = (%s, %s) AND status = ANY(%s)",
        [chama_id, user_id, list(IN_OFFICE)],
    ).fetchone()
    return Role(row[0]) if row else None


def _others(conn: Connection, reset: Reset, *, officials: bool = False) -> list[int]:
    rows = conn.execute(
        "SELECT user_id, role FROM chama_members WHERE chama_id = %s AND status = ANY(%s) AND user_id <> %s "
        "ORDER BY id",
        [reset.chama_id, list(INSIDE), reset.user_id],
    ).fetchall()
    return [user_id for user_id, role in rows if not officials or Role(role) in OFFICIALS]


def _tell(conn: Connection, reset: Reset, template: str, user_ids: list[int], *, at: datetime, **more: Any) -> None:
    facts = {"chama": reset.chama, "name": reset.name, **more}
    told = [Notice(f"{template}:{reset.id}:{each}", template, each, reset.chama_id, facts) for each in user_ids]
    with office(conn):
        notices.queue(conn, told, at=at)


def _six_digits(chance: Chance) -> str:
    return str(LEAST_CODE + int.from_bytes(chance.token_bytes(8)) % CODES)


def _keyed(user_id: int, code: str, pepper: str) -> bytes:
    return hmac.digest(pepper.encode(), f"code:{user_id}:{code}".encode(), "sha256")
