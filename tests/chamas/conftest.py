"""A small running chama: three members, KES 500 a week."""

from dataclasses import dataclass
from typing import Any

import pytest
from psycopg import Connection

from chamas import register, rounds, turnover
from chamas.calendar import Frequency
from chamas.register import ChamaStatus, MemberStatus, Role
from chamas.rounds import Round
from ledger.books import account_id, balance
from tests.instruments import START, SeededChance

ROUND_CENTS = 50_000


@dataclass(frozen=True)
class Village:
    """The chama's id and book, and its people and members in order of payout."""

    chama_id: int
    book_id: int
    user_ids: tuple[int, ...]
    member_ids: tuple[int, ...]
    open_round: Round

    def holds(self, conn: Connection[Any], member_id: int) -> int:
        """What the books say the group holds of her, in cents."""
        hers = account_id(conn, self.book_id, f"member:{member_id}")
        assert hers is not None
        return balance(conn, hers)


@pytest.fixture
def chance() -> SeededChance:
    return SeededChance()


@pytest.fixture
def village(conn: Connection[Any]) -> Village:
    chama_id = register.create_chama(
        conn,
        number="48213",
        name="Umoja",
        kind="rosca",
        frequency=Frequency.WEEKLY,
        contribution_cents=ROUND_CENTS,
        member_target=3,
        at=START,
    )
    people = [
        register.create_person(conn, phone=f"+25470000000{n}", first_name=name, language="en", at=START)
        for n, name in enumerate(("Amina", "Baraka", "Wanjiku"), start=1)
    ]
    members = [
        register.add_member(
            conn,
            chama_id=chama_id,
            user_id=user_id,
            role=Role.CHAIRPERSON if position == 1 else Role.MEMBER,
            status=MemberStatus.CONFIRMED,
            join_method="creator" if position == 1 else "number",
            position=position,
            at=START,
        )
        for position, user_id in enumerate(people, start=1)
    ]
    for member_id in members:
        register.move_member(conn, member_id, MemberStatus.ACTIVE)
    for status in (ChamaStatus.RECRUITING, ChamaStatus.WAITING, ChamaStatus.ACTIVE):
        register.move_chama(conn, chama_id, status)
    rounds.adopt_rules(
        conn, chama_id=chama_id, contribution_cents=ROUND_CENTS, frequency=Frequency.WEEKLY, in_force_from=START
    )
    with conn.transaction():
        opened = turnover.open_round(conn, chama_id, at=START)
        book_id = register.lock_chama(conn, chama_id)
    return Village(chama_id, book_id, tuple(people), tuple(members), opened)
