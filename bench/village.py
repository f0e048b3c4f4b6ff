"""Groups for the rows in which money is booked: several running chamas, so that no single book is all there is."""

from dataclasses import dataclass
from datetime import timedelta

from bench.stage import Stage
from chamas.cycle import rounds
from chamas.dues import turnover
from chamas.members import register
from chamas.members.register import ChamaStatus, MemberStatus, Role
from chamas.rulebook.calendar import Frequency
from ledger.wires import Connection

CHAMAS, MEMBERS = 20, 10
CONTRIBUTION_CENTS = 50_000


@dataclass(frozen=True)
class Payer:
    """One member with a phone (E.164)."""

    member_id: int
    user_id: int
    chama_id: int
    phone: str


def settle(stage: Stage) -> list[Payer]:
    """The members of CHAMAS running groups, by turns of one from each group; once per stage."""
    with stage.worker.transaction() as conn:
        groups = [_found(stage, conn, number) for number in range(CHAMAS)]
    return [payer for turn in zip(*groups, strict=True) for payer in turn]


def _found(stage: Stage, conn: Connection, number: int) -> list[Payer]:
    at = stage.worker.now() - timedelta(days=1)
    chama_id = register.create_chama(
        conn,
        number=f"{20_000 + number}",
        name=f"Group {number}",
        kind="rosca",
        frequency=Frequency.WEEKLY,
        contribution_cents=CONTRIBUTION_CENTS,
        member_target=MEMBERS,
        at=at,
    )
    payers = [_enter(stage, conn, chama_id, number, position) for position in range(1, MEMBERS + 1)]
    for status in (ChamaStatus.RECRUITING, ChamaStatus.WAITING, ChamaStatus.ACTIVE):
        register.move_chama(conn, chama_id, status)
    for payer in payers:
        register.move_member(conn, payer.member_id, MemberStatus.ACTIVE)
    rounds.adopt_rules(
        conn,
        chama_id=chama_id,
        contribution_cents=CONTRIBUTION_CENTS,
        frequency=Frequency.WEEKLY,
        in_force_from=at,
    )
    turnover.open_round(conn, chama_id, at=at)
    return payers


def _enter(stage: Stage, conn: Connection, chama_id: int, number: int, position: int) -> Payer:
    phone = f"+25472{number * MEMBERS + position:07d}"
    at = stage.worker.now() - timedelta(days=1)
    user_id = register.create_person(conn, phone=phone, first_name="Wanjiru", language="sw", at=at)
    member_id = register.add_member(
        conn,
        chama_id=chama_id,
        user_id=user_id,
        role=Role.MEMBER,
        status=MemberStatus.CONFIRMED,
        join_method="number",
        position=position,
        at=at,
    )
    return Payer(member_id, user_id, chama_id, phone)
