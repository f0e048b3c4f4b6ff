"""Invitations, and the codes that are typed to answer them: invitations and wrong_codes are written here only.

Theory of operation. An official names a phone; its owner becomes an invited member, and an SMS tells her a code.

    open -> accepted, declined or withdrawn; an open one counts for LASTS only, and is over without a move after that

Dialled from the phone that was invited, the chama's number is enough: the phone proves who she is. The code lets her
answer from another phone, and then the officials look at her first. Wrong numbers and codes are counted by the phone
that typed them, before anything is looked up: WRONG_AT_MOST in a row close the door to it for LOCKED_FOR.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from psycopg.rows import class_row

from chamas.members.office import office
from ledger.moves import Moves
from ledger.refusals import Refusal
from ledger.wires import Chance, Connection


class InvitationState(StrEnum):
    """What became of an invitation."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


INVITATION_MOVES: Moves[InvitationState] = Moves(
    "invitations.state",
    {
        InvitationState.OPEN: frozenset(
            {InvitationState.ACCEPTED, InvitationState.DECLINED, InvitationState.WITHDRAWN}
        ),
        InvitationState.ACCEPTED: frozenset(),
        InvitationState.DECLINED: frozenset(),
        InvitationState.WITHDRAWN: frozenset(),
    },
)

# Groups meet weekly: who is invited at one meeting answers before the next.
LASTS = timedelta(days=7)

# Somebody who reads six digits off an SMS mistypes once or twice. A hundred guesses a day find none of 900,000 codes.
WRONG_AT_MOST = 5
LOCKED_FOR = timedelta(hours=1)
# Whoever typed nothing wrong for a day begins anew, and her number is kept no longer.
FORGOTTEN_AFTER = timedelta(days=1)

# Six digits that do not begin with 0: a chama's number has five, so that both are typed at one question.
LEAST_CODE, CODES = 100_000, 900_000


class InvitationExpired(Refusal):
    """It was not answered in time."""

    code = "invitation_expired"
    status = 410
    words = "This invitation is over. Ask the chairperson for a new one."


class InvitationAnswered(Refusal):
    """It was answered, or taken back."""

    code = "invitation_answered"
    status = 409
    words = "This invitation was answered or taken back before."


class WrongCode(Refusal):
    """No chama has this number and no invitation this code; `left` more may be typed."""

    code = "wrong_code"
    status = 404
    words = "No chama has this number or code. Look at your SMS again."


class TooManyWrongCodes(Refusal):
    """Five wrong ones in a row from one phone."""

    code = "too_many_wrong_codes"
    status = 429
    words = "Too many wrong codes. Try again after one hour."


@dataclass(frozen=True)
class Invitation:
    """One invitation; `user_id` is who was invited, `code` what the SMS told her. Instants are UTC."""

    id: int
    chama_id: int
    member_id: int
    user_id: int
    code: str
    state: InvitationState
    created_at: datetime
    expires_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", InvitationState(self.state))

    def demand_open(self, at: datetime) -> None:
        """Raises InvitationAnswered or InvitationExpired when it cannot be answered any more."""
        if self.state is not InvitationState.OPEN:
            raise InvitationAnswered
        if at >= self.expires_at:
            raise InvitationExpired


@dataclass(frozen=True)
class Found:
    """What was typed leads to a chama; through an invitation when it was the code of one."""

    chama_id: int
    invitation_id: int | None


@dataclass(frozen=True)
class Wrong:
    """What was typed leads nowhere; `left` more tries are allowed, and with 0 left the door is closed for an hour."""

    left: int


def write(
    conn: Connection, *, chama_id: int, member_id: int, invited_by: int, at: datetime, chance: Chance
) -> Invitation:
    """A new invitation of this member, who is in state invited; an open one of hers is taken back."""
    conn.execute(
        "UPDATE invitations SET state = %s, answered_at = %s WHERE member_id = %s AND state = ANY(%s)",
        [InvitationState.WITHDRAWN, at, member_id, INVITATION_MOVES.leading_to(InvitationState.WITHDRAWN)],
    )
    [(invitation_id,)] = conn.execute(
        """
        INSERT INTO invitations (chama_id, member_id, invited_by, code, state, created_at, expires_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id
        """,
        [chama_id, member_id, invited_by, _free_code(conn, chance), InvitationState.OPEN, at, at + LASTS],
    ).fetchall()
    return find(conn, invitation_id)


def find(conn: Connection, invitation_id: int) -> Invitation:
    """One invitation, held until the transaction ends. Raises LookupError when there is none of this id."""
    rows = conn.cursor(row_factory=class_row(Invitation))
    rows.execute(
        """
        SELECT i.id, i.chama_id, i.member_id, m.user_id, i.code, i.state, i.created_at, i.expires_at
        FROM invitations i JOIN chama_members m ON m.id = i.member_id WHERE i.id = %s FOR NO KEY UPDATE OF i
        """,
        [invitation_id],
    )
    found = rows.fetchone()
    if found is None:
        raise LookupError(f"no invitation {invitation_id}")
    return found


def demand_open(conn: Connection, invitation_id: int, *, at: datetime) -> None:
    """Looks before anybody agrees to anything. Raises InvitationAnswered, InvitationExpired."""
    with office(conn):
        find(conn, invitation_id).demand_open(at)


def open_for(conn: Connection, *, chama_id: int, user_id: int) -> Invitation | None:
    """The invitation that waits for this person's answer, whether or not its time is over."""
    with office(conn):
        row = conn.execute(
            "SELECT i.id FROM invitations i JOIN chama_members m ON m.id = i.member_id "
            "WHERE m.chama_id = %s AND m.user_id = %s AND i.state = 'open'",
            [chama_id, user_id],
        ).fetchone()
        return find(conn, row[0]) if row else None


def of_person(conn: Connection, user_id: int) -> Invitation | None:
    """The newest invitation that waits for her answer, to whichever chama."""
    with office(conn):
        row = conn.execute(
            "SELECT i.id FROM invitations i JOIN chama_members m ON m.id = i.member_id "
            "WHERE m.user_id = %s AND i.state = 'open' ORDER BY i.id DESC LIMIT 1",
            [user_id],
        ).fetchone()
        return find(conn, row[0]) if row else None


def answer(conn: Connection, invitation: Invitation, new: InvitationState, *, at: datetime) -> None:
    """One step of an invitation that `find` holds. Raises ForbiddenMove."""
    INVITATION_MOVES.require(invitation.state, new)
    conn.execute("UPDATE invitations SET state = %s, answered_at = %s WHERE id = %s", [new, at, invitation.id])


def guess(conn: Connection, *, phone: str, typed: str, at: datetime) -> Found | Wrong:
    """Where a chama's number or a code leads that this phone (E.164) typed. A value, so that the caller commits the
    count of a wrong one. Raises TooManyWrongCodes, which counts nothing.
    """
    with office(conn):
        conn.execute("DELETE FROM wrong_codes WHERE last_at < %s", [at - FORGOTTEN_AFTER])
        # Counted before it is looked up: many guesses that are sent at once wait for one another here.
        counted = conn.execute(
            """
            INSERT INTO wrong_codes AS w (phone, wrong, last_at) VALUES (%(phone)s, 1, %(at)s)
            ON CONFLICT (phone) DO UPDATE
                SET wrong = CASE WHEN w.wrong >= %(most)s THEN 1 ELSE w.wrong + 1 END, last_at = %(at)s
                WHERE w.wrong < %(most)s OR w.last_at <= %(since)s
            RETURNING w.wrong
            """,
            {"phone": phone, "at": at, "most": WRONG_AT_MOST, "since": at - LOCKED_FOR},
        ).fetchone()
        if counted is None:
            raise TooManyWrongCodes
        found = _look_up(conn, typed)
        if found is None:
            return Wrong(left=WRONG_AT_MOST - counted[0])
        conn.execute("DELETE FROM wrong_codes WHERE phone = %s", [phone])
        return found


def forget(conn: Connection, *, phone: str | None) -> int:
    """Takes the count of wrong codes of a phone away; how many there were."""
    return conn.execute("DELETE FROM wrong_codes WHERE phone = %s", [phone]).rowcount


def _look_up(conn: Connection, typed: str) -> Found | None:
    row = conn.execute(
        """
        SELECT chama_id, id FROM invitations WHERE code = %(typed)s AND state = 'open'
        UNION ALL SELECT id, NULL FROM chamas WHERE number = %(typed)s
        """,
        {"typed": typed},
    ).fetchone()
    return Found(*row) if row else None


def _free_code(conn: Connection, chance: Chance) -> str:
    while True:
        code = str(LEAST_CODE + int.from_bytes(chance.token_bytes(8)) % CODES)
        if not conn.execute("SELECT TRUE FROM invitations WHERE code = %s AND state = 'open'", [code]).fetchone():
            return code
