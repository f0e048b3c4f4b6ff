"""People and memberships as the tables keep them."""

from typing import Any

import pytest
from psycopg import Connection, errors

from chamas.members import register, standing
from chamas.members.register import ChamaStatus, MemberStatus
from ledger.moves import ForbiddenMove
from tests.chamas.conftest import Village
from tests.instruments import START


def test_a_person_is_found_by_her_phone(conn: Connection[Any], village: Village) -> None:
    found = register.find_by_phone(conn, "+254700000003")
    assert found == register.person(conn, village.user_ids[2])
    assert found is not None
    assert found.first_name == "Wanjiku"
    assert register.find_by_phone(conn, "+254700000099") is None


def test_a_phone_has_one_owner(conn: Connection[Any], village: Village) -> None:
    with pytest.raises(errors.UniqueViolation):
        register.create_person(conn, phone="+254700000003", first_name="Daudi", language="sw", at=START)


def test_the_running_chama_is_home(conn: Connection[Any], village: Village) -> None:
    second = register.create_chama(
        conn,
        number="51907",
        name="Tumaini",
        kind="rosca",
        frequency=register.Frequency.MONTHLY,
        contribution_cents=100_000,
        member_target=5,
        at=START,
    )
    register.add_member(
        conn,
        chama_id=second,
        user_id=village.user_ids[2],
        role=register.Role.SECRETARY,
        status=MemberStatus.CONFIRMED,
        join_method="number",
        at=START.replace(year=2025),
    )
    homes = standing.memberships(conn, village.user_ids[2])
    assert [home.chama_name for home in homes] == ["Umoja", "Tumaini"]
    assert [home.number for home in homes] == [3, 1]
    assert [home.official for home in homes] == [False, True]


def test_a_withdrawn_member_is_in_the_chama_no_longer(conn: Connection[Any], village: Village) -> None:
    register.move_member(conn, village.member_ids[2], MemberStatus.WITHDRAWN)
    assert standing.memberships(conn, village.user_ids[2]) == []


def test_a_move_that_is_not_in_the_table_is_forbidden(conn: Connection[Any], village: Village) -> None:
    with pytest.raises(ForbiddenMove):
        register.move_chama(conn, village.chama_id, ChamaStatus.RECRUITING)
    with pytest.raises(ForbiddenMove):
        register.move_member(conn, village.member_ids[0], MemberStatus.INVITED)


def test_language_is_kept(conn: Connection[Any], village: Village) -> None:
    register.prefer(conn, village.user_ids[0], language="sw")
    found = register.person(conn, village.user_ids[0])
    assert found is not None
    assert found.language == "sw"
