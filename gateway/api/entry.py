"""What an admin does for people who come into a group, at the desk or by a program, by the rules of the phone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from chamas.approving.approvals import Proof, Vote, Word
from chamas.entrance import founding, invitations, joining
from chamas.entrance.invitations import Invitation, TooManyWrongCodes, Wrong, WrongCode
from chamas.entrance.joining import Seat
from chamas.members import standing
from chamas.members.access import Level
from chamas.members.refusals import OfficialsOnly
from chamas.rulebook.calendar import Frequency
from chamas.telling import preferences
from ledger.refusals import Refusal
from ledger.wires import Chance, Connection
from payments.charges import TARIFF, Bands


@dataclass(frozen=True)
class Act:
    """Who acts, when (UTC), and by what chance. `pepper` goes into the hash of a PIN, `bands` say what payouts cost."""

    user_id: int
    at: datetime
    chance: Chance
    pepper: str = field(default="", repr=False)
    bands: Bands = TARIFF

    def word(self, vote: Vote, digest: bytes, reason: int | None = None) -> Word:
        """What she says to what a program showed her. A yes comes after her PIN only."""
        proof = Proof.PIN if vote is Vote.APPROVE else Proof.PROGRAM
        return Word(vote, digest, proof, self.user_id, self.at, reason)


@dataclass(frozen=True)
class Invited:
    """An invitation, without its code: that is for the phone which was invited."""

    id: int
    chama_id: int
    member_id: int
    expires_at: datetime


@dataclass(frozen=True)
class Reach:
    """How close a member stands to her group, and what she may do there today."""

    member_id: int
    level: Level
    actions: tuple[str, ...]


@dataclass(frozen=True)
class Devices:
    """On how many devices a member is told by push."""

    member_id: int
    devices: int


def reach(conn: Connection, member_id: int, *, act: Act) -> Reach | None:
    """What a member may do, from the one place that decides; None when there is no such member."""
    row = conn.execute("SELECT chama_id, user_id FROM chama_members WHERE id = %s", [member_id]).fetchone()
    if row is None:
        return None
    found = standing.group(conn, chama_id=row[0], user_id=row[1]).access(act.at)
    return Reach(member_id, found.level, tuple(sorted(found.actions)))


def add_device(conn: Connection, member_id: int, *, act: Act, token: str) -> Devices | None:
    """From now on an app of hers is told by push; None when there is no such member."""
    row = conn.execute("SELECT user_id FROM chama_members WHERE id = %s", [member_id]).fetchone()
    if row is None:
        return None
    preferences.register_device(conn, row[0], token, at=act.at)
    return Devices(member_id, len(preferences.devices(conn, row[0])))


def invite(conn: Connection, chama_id: int, *, act: Act, phone: str, first_name: str, language: str) -> Invited:
    made: Invitation = joining.invite(
        conn,
        chama_id,
        by_user_id=act.user_id,
        phone=phone,
        first_name=first_name,
        language=language,
        at=act.at,
        chance=act.chance,
    )
    return Invited(made.id, made.chama_id, made.member_id, made.expires_at)


def found(
    conn: Connection,
    *,
    act: Act,
    name: str,
    shillings: int,
    frequency: Frequency,
    people: int,
    founder: Mapping[str, str] | None = None,
) -> Seat:
    """A new group, in draft. `founder` (phone in E.164, first name, language) is who calls an admin; without, she who
    acts founds it for herself. Raises UnfitChama, TooManyFounded, OfficialsOnly.
    """
    founder_id = act.user_id
    if founder is not None:
        if not standing.is_admin(conn, act.user_id):
            raise OfficialsOnly
        founder_id = joining.enter(conn, at=act.at, **founder)
    return founding.found_by_phone(
        conn,
        founder_id=founder_id,
        name=name,
        contribution_cents=shillings * 100,
        frequency=frequency,
        member_target=people,
        recruits=False,
        at=act.at,
        chance=act.chance,
    )


def join(conn: Connection, *, act: Act, phone: str, typed: str, first_name: str, language: str) -> Seat | Refusal:
    """For somebody who says a chama's number or the code of her invitation.

    A wrong one is returned and not raised: that it was typed is to be kept.
    """
    found = invitations.guess(conn, phone=phone, typed=typed, at=act.at)
    if isinstance(found, Wrong):
        return WrongCode() if found.left else TooManyWrongCodes()
    if not standing.group(conn, chama_id=found.chama_id, user_id=act.user_id).admin:
        raise OfficialsOnly
    user_id = joining.enter(conn, phone=phone, first_name=first_name, language=language, at=act.at)
    own = invitations.open_for(conn, chama_id=found.chama_id, user_id=user_id)
    chosen = own.id if own else found.invitation_id
    if chosen is None:
        return joining.ask(conn, found.chama_id, user_id=user_id, at=act.at)
    return joining.accept(conn, chosen, user_id=user_id, at=act.at)


def admit(conn: Connection, member_id: int, *, act: Act, yes: bool) -> Seat:
    return joining.admit(conn, member_id, by_user_id=act.user_id, yes=yes, at=act.at)
