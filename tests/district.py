"""Many groups at once, for tests that need more members than the demo's cast has."""

from dataclasses import dataclass
from datetime import datetime

from chamas.cycle import rounds
from chamas.dues import turnover
from chamas.members import register
from chamas.members.register import ChamaStatus, MemberStatus, Role
from chamas.rulebook.calendar import Frequency
from gateway.wiring import Wiring
from ledger.wires import Connection
from payments import shortcodes

MEMBERS = 50
SHILLINGS = 500


@dataclass(frozen=True)
class Member:
    """One person in one group."""

    user_id: int
    member_id: int
    chama_id: int
    shortcode_id: int
    chama_name: str
    phone: str


def settle(wiring: Wiring, people: int) -> list[Member]:
    """Founds as many active groups as `people` need, each with an open round; phones are +25471NNNNNNN."""
    at = wiring.now()
    members: list[Member] = []
    with wiring.transaction() as conn:
        shortcode_id = shortcodes.first_id(conn)
        assert shortcode_id is not None
        for group in range(0, people, MEMBERS):
            name = f"Kijiji {group // MEMBERS}"
            chama_id = register.create_chama(
                conn,
                number=str(60_000 + group),
                name=name,
                kind="rosca",
                frequency=Frequency.WEEKLY,
                contribution_cents=SHILLINGS * 100,
                member_target=MEMBERS,
                at=at,
            )
            for number in range(group, min(group + MEMBERS, people)):
                phone = f"+25471{number:07}"
                user_id = register.create_person(
                    conn, phone=phone, first_name=f"Mtu{number}", language=("sw", "en")[number % 2], at=at
                )
                member_id = register.add_member(
                    conn,
                    chama_id=chama_id,
                    user_id=user_id,
                    role=Role.CHAIRPERSON if number == group else Role.MEMBER,
                    status=MemberStatus.CONFIRMED,
                    join_method="import",
                    position=number - group + 1,
                    at=at,
                )
                members.append(Member(user_id, member_id, chama_id, shortcode_id, name, phone))
            _start(conn, chama_id, members[group:], at)
    return members


def _start(conn: Connection, chama_id: int, members: list[Member], at: datetime) -> None:
    for status in (ChamaStatus.RECRUITING, ChamaStatus.WAITING, ChamaStatus.ACTIVE):
        register.move_chama(conn, chama_id, status)
    for member in members:
        register.move_member(conn, member.member_id, MemberStatus.ACTIVE)
    rounds.adopt_rules(
        conn, chama_id=chama_id, contribution_cents=SHILLINGS * 100, frequency=Frequency.WEEKLY, in_force_from=at
    )
    turnover.open_round(conn, chama_id, at=at)
