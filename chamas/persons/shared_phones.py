"""Members without a phone of their own: several share one, told apart by member number and chama PIN.

Theory of operation. Her row has no `phone`; `contact_phone` is the one that she uses, a relative's or a neighbour's. It
rings for her SMS, which hold no amounts, and shows nothing of hers before she has typed her member number and her PIN
(menus/screens/who.py). Prompts of M-PESA go to it too: whoever knows its M-PESA PIN pays.

Her PIN must not be chosen by whoever holds the phone, nor by one official alone. So an official who stands before her
tells her six digits, which no SMS brings, and a second one says on his own phone that he saw or heard her too
(chamas/persons/vouching.py): with the digits she agrees to what is kept of her, is in, and chooses her PIN. It is the
same when she has forgotten the PIN that she had. Which phone she uses is written once: another one would be where her
money goes, and needs more than one person's word.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chamas.entrance import invitations, joining
from chamas.entrance.invitations import Invitation
from chamas.members import register, standing
from chamas.members.access import INSIDE, Action
from chamas.members.office import office
from chamas.members.refusals import UnknownMember, demand
from chamas.members.register import MemberStatus, Role
from chamas.persons import vouching
from ledger.refusals import Refusal
from ledger.wires import Chance, Connection


class HasHerOwnPhone(Refusal):
    """She dials from a phone of hers, or uses another phone than the one that was typed."""

    code = "has_her_own_phone"
    status = 409
    words = "This member has her own phone, or uses another one already."


@dataclass(frozen=True)
class Told:
    """What an official tells her face to face: her number in the chama, and six digits that no SMS brings."""

    member_id: int
    number: int
    digits: str


def invite(
    conn: Connection,
    chama_id: int,
    *,
    by_user_id: int,
    contact_phone: str,
    first_name: str,
    language: str,
    pepper: str,
    at: datetime,
    chance: Chance,
) -> Told:
    """Invites somebody who has no phone of her own, and can be reached at this one (E.164).

    Raises OfficialsOnly, NotRecruiting, RecruitmentOver, ChamaFull.
    """
    with office(conn):
        here = standing.group(conn, chama_id=chama_id, user_id=by_user_id, hold=True)
        demand(here, Action.INVITE, at=at)
        user_id = register.create_person(conn, phone=None, first_name=first_name, language=language, at=at)
        register.lend(conn, user_id, contact_phone)
        member_id = register.add_member(
            conn,
            chama_id=chama_id,
            user_id=user_id,
            role=Role.MEMBER,
            status=MemberStatus.INVITED,
            join_method="invitation",
            at=at,
        )
        invitations.write(conn, chama_id=chama_id, member_id=member_id, invited_by=by_user_id, at=at, chance=chance)
    return _tell(conn, chama_id, member_id, user_id, by_user_id=by_user_id, pepper=pepper, at=at, chance=chance)


def hand_over(
    conn: Connection,
    chama_id: int,
    *,
    by_user_id: int,
    number: int,
    contact_phone: str,
    pepper: str,
    at: datetime,
    chance: Chance,
) -> Told:
    """Gives a member without a phone of her own the six digits for a PIN on this phone (E.164), the first or a new one;
    asked again, other digits.

    Raises OfficialsOnly, NotNow, UnknownMember, HasHerOwnPhone, NotYoursToSay about oneself.
    """
    with office(conn):
        here = standing.group(conn, chama_id=chama_id, user_id=by_user_id, hold=True)
        demand(here, Action.SHARE_PHONE, at=at)
        row = conn.execute(
            "SELECT m.id, m.user_id, u.phone, u.contact_phone FROM chama_members m JOIN users u ON u.id = m.user_id "
            "WHERE (m.chama_id, m.number) = (%s, %s) AND m.status = ANY(%s)",
            [chama_id, number, [*INSIDE, MemberStatus.INVITED]],
        ).fetchone()
        if row is None:
            raise UnknownMember
        member_id, user_id, own, used = row
        if user_id == by_user_id:
            raise vouching.NotYoursToSay
        if own is not None or used not in (None, contact_phone):
            raise HasHerOwnPhone
        register.lend(conn, user_id, contact_phone)
    return _tell(conn, chama_id, member_id, user_id, by_user_id=by_user_id, pepper=pepper, at=at, chance=chance)


def agree(conn: Connection, user_id: int, *, language: str, session_key: bytes, at: datetime) -> Invitation | None:
    """She agrees to what is kept of her, and answers the invitation that waits for her, should one.

    Raises InvitationExpired, ChamaFull, NotRecruiting, RecruitmentOver.
    """
    joining.consent(conn, user_id, language=language, session_key=session_key, at=at)
    invitation = invitations.of_person(conn, user_id)
    if invitation is not None:
        joining.accept(conn, invitation.id, user_id=user_id, at=at)
    return invitation


def _tell(conn: Connection, chama_id: int, member_id: int, user_id: int, **how: Any) -> Told:
    digits = vouching.tell(conn, user_id=user_id, chama_id=chama_id, **how)
    with office(conn):
        [(number,)] = conn.execute("SELECT number FROM chama_members WHERE id = %s", [member_id]).fetchall()
    return Told(member_id, number, digits)
