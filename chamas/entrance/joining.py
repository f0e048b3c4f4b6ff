"""How people come into a chama that is there: invited into it, or asking to be let in.

Who is in and what that lets her do is decided by chamas/members/access.py; here it happens, each step with word to whom
it concerns. The chama is held from the first look to the last write, so that of two who want the last place one gets
it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chamas.entrance import invitations, news
from chamas.entrance.invitations import Invitation, InvitationState
from chamas.members import register, standing
from chamas.members.access import Action
from chamas.members.office import office
from chamas.members.refusals import NotNow, demand
from chamas.members.register import JoinMethod, MemberStatus, Role
from chamas.members.standing import Group
from ledger.wires import Chance, Connection

# The words that a person agrees to when she is asked; a new text gets a new version, and everybody is asked again.
CONSENT_VERSION = "2026-11"


@dataclass(frozen=True)
class Seat:
    """A person's place in a chama: her membership, her number inside it, and where she stands."""

    chama_id: int
    member_id: int
    number: int
    status: MemberStatus


def enter(conn: Connection, *, phone: str, first_name: str, language: str, at: datetime) -> int:
    """The person at this phone (E.164); a stranger is written down first. Returns her id."""
    with office(conn):
        known = register.find_by_phone(conn, phone)
        if known is not None:
            return known.id
        return register.create_person(conn, phone=phone, first_name=first_name, language=language, at=at)


def consent(conn: Connection, user_id: int, *, language: str, session_key: bytes, at: datetime) -> None:
    """She agrees to what is kept of her, in the version of the text that is asked today."""
    with office(conn):
        register.agree(conn, user_id, text_version=CONSENT_VERSION, language=language, session_key=session_key, at=at)


def invite(
    conn: Connection,
    chama_id: int,
    *,
    by_user_id: int,
    phone: str,
    first_name: str,
    language: str,
    at: datetime,
    chance: Chance,
) -> Invitation:
    """Invites the owner of a phone by SMS; a new invitation takes the place of one that she has not answered.

    Raises OfficialsOnly, NotRecruiting, RecruitmentOver, ChamaFull, AlreadyJoined, AlreadyAsked.
    """
    with office(conn):
        here = standing.group(conn, chama_id=chama_id, user_id=by_user_id, hold=True)
        demand(here, Action.INVITE, at=at)
        user_id = enter(conn, phone=phone, first_name=first_name, language=language, at=at)
        there = standing.group(conn, chama_id=chama_id, user_id=user_id)
        # To somebody who is invited, a private chama is as open as any other.
        demand(replace(there, member_status=_as_invited(there)), Action.JOIN, at=at)
        member_id = membership(conn, there, MemberStatus.INVITED, "invitation", at=at)
        invitation = invitations.write(
            conn, chama_id=chama_id, member_id=member_id, invited_by=by_user_id, at=at, chance=chance
        )
        inviter = register.person(conn, by_user_id) if here.member_id else None
        news.tell_invited(conn, here, invitation, inviter.first_name if inviter else None, at=at)
        return invitation


def ask(conn: Connection, chama_id: int, *, user_id: int, at: datetime) -> Seat:
    """She asks to be let in; the officials hear of it.

    Raises ChamaFull, AlreadyJoined, AlreadyAsked, NotRecruiting, RecruitmentOver, ByInvitationOnly.
    """
    with office(conn):
        here = standing.group(conn, chama_id=chama_id, user_id=user_id, hold=True)
        demand(here, Action.JOIN, at=at)
        member_id = membership(conn, here, MemberStatus.PENDING, "number", at=at)
        register.seat(conn, member_id, terms_agreed_at=at)
        news.tell_officials(conn, here, member_id, "join_request", at=at)
        return seat_of(conn, member_id)


def accept(conn: Connection, invitation_id: int, *, user_id: int, at: datetime) -> Seat:
    """She says yes to an invitation: from the phone that was invited she is in, from another one the officials look.

    Raises InvitationExpired, InvitationAnswered, ChamaFull, AlreadyJoined, AlreadyAsked, NotRecruiting,
    RecruitmentOver.
    """
    with office(conn):
        invitation, here = _answered(conn, invitation_id, user_id, at=at)
        demand(replace(here, member_status=_as_invited(here)), Action.JOIN, at=at)
        invitations.answer(conn, invitation, InvitationState.ACCEPTED, at=at)
        if invitation.user_id == user_id:
            member_id = invitation.member_id
            register.move_member(conn, member_id, MemberStatus.CONFIRMED)
            news.tell_officials(conn, here, member_id, "joined", at=at)
        else:
            register.move_member(conn, invitation.member_id, MemberStatus.WITHDRAWN)
            member_id = membership(conn, here, MemberStatus.PENDING, "invitation", at=at)
            news.tell_officials(conn, here, member_id, "join_request", at=at)
        register.seat(conn, member_id, terms_agreed_at=at)
        return seat_of(conn, member_id)


def decline(conn: Connection, invitation_id: int, *, user_id: int, at: datetime) -> None:
    """She says no. Raises InvitationExpired, InvitationAnswered, NotNow for somebody who was not invited."""
    with office(conn):
        invitation, _ = _answered(conn, invitation_id, user_id, at=at)
        if invitation.user_id != user_id:
            raise NotNow
        invitations.answer(conn, invitation, InvitationState.DECLINED, at=at)
        register.move_member(conn, invitation.member_id, MemberStatus.WITHDRAWN)


def admit(conn: Connection, member_id: int, *, by_user_id: int, yes: bool, at: datetime) -> Seat:
    """An official lets somebody in who asked, or does not; she is told by SMS.

    Raises OfficialsOnly, ChamaFull, NotRecruiting, RecruitmentOver, and NotNow when nobody asks any more.
    """
    with office(conn):
        seat = seat_of(conn, member_id)
        here = standing.group(conn, chama_id=seat.chama_id, user_id=by_user_id, hold=True)
        demand(here, Action.ADMIT, at=at)
        if seat_of(conn, member_id).status is not MemberStatus.PENDING:
            raise NotNow
        register.move_member(conn, member_id, MemberStatus.CONFIRMED if yes else MemberStatus.WITHDRAWN)
        news.tell_admitted(conn, here, member_id, yes=yes, at=at)
        return seat_of(conn, member_id)


def requests(conn: Connection, chama_id: int) -> Sequence[tuple[int, int, str]]:
    """Who asks to be let in, oldest first: member id, number, first name."""
    with office(conn):
        return conn.execute(
            "SELECT m.id, m.number, u.first_name FROM chama_members m JOIN users u ON u.id = m.user_id "
            "WHERE m.chama_id = %s AND m.status = 'pending' ORDER BY m.id",
            [chama_id],
        ).fetchall()


def _answered(conn: Connection, invitation_id: int, user_id: int, *, at: datetime) -> tuple[Invitation, Group]:
    """The invitation, which can be answered, and its chama, held, as the person who answers sees it."""
    row = conn.execute("SELECT chama_id FROM invitations WHERE id = %s", [invitation_id]).fetchone()
    if row is None:
        raise NotNow
    # The chama before the invitation, as everybody takes them.
    here = standing.group(conn, chama_id=row[0], user_id=user_id, hold=True)
    invitation = invitations.find(conn, invitation_id)
    invitation.demand_open(at)
    return invitation, here


def _as_invited(here: Group) -> MemberStatus:
    """Her status with an invitation in her hand, when she is not in or asking already."""
    outside = here.member_status in (None, MemberStatus.WITHDRAWN, MemberStatus.INVITED)
    return MemberStatus.INVITED if outside or here.member_status is None else here.member_status


def membership(conn: Connection, here: Group, status: MemberStatus, join_method: JoinMethod, *, at: datetime) -> int:
    """The membership of the person who looks, in this status: a new one, or the one that she had; its id."""
    if here.user_id is None:
        raise LookupError("a stranger has no seat")
    if here.member_id is None:
        return register.add_member(
            conn,
            chama_id=here.chama_id,
            user_id=here.user_id,
            role=Role.MEMBER,
            status=status,
            join_method=join_method,
            at=at,
        )
    if here.member_status is not status:
        register.move_member(conn, here.member_id, status)
    register.change_role(conn, here.member_id, Role.MEMBER, at=at)
    return here.member_id


def seat_of(conn: Connection, member_id: int) -> Seat:
    """Where this member stands. Raises NotNow for none."""
    row = conn.execute("SELECT chama_id, id, number, status FROM chama_members WHERE id = %s", [member_id]).fetchone()
    if row is None:
        raise NotNow
    return Seat(row[0], row[1], row[2], MemberStatus(row[3]))
