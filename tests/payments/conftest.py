"""A shortcode, two groups' worth of people, and a book that only records: what a payment needs around it."""

import pytest
from psycopg import Connection

from gateway.wiring import Wiring
from tests.payments.scene import Scene, set_scene


@pytest.fixture
def scene(wiring: Wiring, conn: Connection) -> Scene:
    return set_scene(wiring, conn)
