"""Thirty sessions in trouble end as in peace; `make storm SESSIONS=10000` holds more (tests/storm/sessions.py)."""

from collections.abc import Iterator
from typing import Any

import pytest
from psycopg import Connection

from gateway.wiring import Wiring
from tests.storm.sessions import World, a_world


@pytest.fixture
def world(web_wiring: Wiring, conn: Connection[Any], redis_url: str) -> Iterator[World]:
    with a_world(web_wiring, conn, redis_url) as built:
        yield built


@pytest.mark.parametrize("seeds", [range(12), pytest.param(range(12, 42), marks=pytest.mark.full)], ids=len)
def test_some_sessions_in_trouble_end_as_in_peace(world: World, seeds: range) -> None:
    for seed in seeds:
        world.round(seed)


@pytest.mark.long
def test_a_thousand_sessions_in_trouble_end_as_in_peace(world: World) -> None:
    for seed in range(1_000, 2_000):
        world.round(seed)
