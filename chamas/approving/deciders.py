"""Who may decide about money that is no member's word alone: an official of the group, or an operator of the desk.

Two of them settle it: one asks, another answers exactly what she was shown, and neither is whose money it is.
"""

from datetime import datetime, timedelta
from typing import Protocol

from chamas.approving import approvals
from chamas.approving.approvals import REASONS, Subject, Verdict, Vote, Word
from chamas.approving.approvers import NEW_FOR
from chamas.members.access import IN_OFFICE
from chamas.members.register import OFFICIALS
from ledger.refusals import Refusal
from ledger.wires import Connection

# Two officials settle it: who asks, and another.
NEEDED = 1
# Both look at the same papers; what is left lying for days is asked anew.
EXPIRES_AFTER = timedelta(hours=72)


class AnotherMustAgree(Refusal):
    """Who asked cannot agree as well, and whose money it is can do neither."""

    code = "another_must_agree"
    status = 409
    words = "Another official must agree to this."


class AlreadyDecided(Refusal):
    """Somebody was quicker: the money is settled, or another wish for it stands."""

    code = "already_decided"
    status = 409
    words = "This money is settled, or waits for a decision."


class Wish(Protocol):
    """What one official asked, as its row has it. `chama_id` and `member_id` are None for no group's money; UTC."""

    @property
    def id(self) -> int: ...
    @property
    def chama_id(self) -> int | None: ...
    @property
    def member_id(self) -> int | None: ...
    @property
    def asked_by(self) -> int: ...
    @property
    def asked_at(self) -> datetime: ...


def hear(
    conn: Connection,
    subject: Subject,
    wish: Wish,
    word: Word,
    *,
    waits: bool,
    digest: bytes,
    stranger: type[Refusal],
) -> bool:
    """Writes what another official, or an operator, says to a wish that `waits` for it; True when it is agreed on.

    `digest` is of the row as it is now. Raises `stranger` for who is neither, AnotherMustAgree, and AlreadyDecided for
    what waits no more, has changed or was asked too long ago.
    """
    member_id = None
    if wish.chama_id is not None:
        member_id = officiates(conn, word.user_id, wish.chama_id, settled_by=wish.asked_at - NEW_FOR)
    if member_id is None and not operates(conn, word.user_id):
        raise stranger
    if word.user_id in (wish.asked_by, _owner(conn, wish)):
        raise AnotherMustAgree
    late = word.at >= wish.asked_at + EXPIRES_AFTER
    if not waits or late or word.digest != digest or word.vote is Vote.FREEZE or word.reason not in (None, *REASONS):
        raise AlreadyDecided
    approvals.add(conn, subject, wish.id, word, member_id)
    return approvals.said(conn, subject, wish.id, digest).verdict({word.user_id}, NEEDED) is Verdict.AGREED


def officiates(conn: Connection, user_id: int, chama_id: int, settled_by: datetime | None = None) -> int | None:
    """As which member she is an official of the group, and was so at `settled_by` (UTC); None when she is none."""
    row = conn.execute(
        "SELECT id FROM chama_members WHERE (user_id, chama_id) = (%s, %s) AND role = ANY(%s) AND status = ANY(%s) "
        "AND (%s::timestamptz IS NULL OR role_since IS NULL OR role_since <= %s)",
        [user_id, chama_id, list(OFFICIALS), list(IN_OFFICE), settled_by, settled_by],
    ).fetchone()
    return row[0] if row else None


def operates(conn: Connection, user_id: int) -> bool:
    """Whether she is an admin of this gateway."""
    row = conn.execute(
        "SELECT TRUE FROM users WHERE id = %s AND status = 'active' AND platform_role = 'admin'", [user_id]
    ).fetchone()
    return row is not None


def _owner(conn: Connection, wish: Wish) -> int | None:
    row = conn.execute("SELECT user_id FROM chama_members WHERE id = %s", [wish.member_id]).fetchone()
    return None if row is None else row[0]
