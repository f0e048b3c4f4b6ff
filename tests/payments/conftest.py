"""A shortcode, a group with two members, and a book that only records; and for the whole way, the real simulator."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from psycopg import Connection

from gateway.settings import Settings
from gateway.wiring import Wiring
from tests.instruments import BEGINS, HandClock, SeededChance
from tests.payments.door import Door
from tests.payments.scene import Scene, set_scene
from tests.simulator.client import Simulator


@pytest.fixture
def scene(wiring: Wiring, conn: Connection[Any]) -> Scene:
    return set_scene(wiring, conn)


@pytest.fixture(scope="session")
def door() -> Iterator[Door]:
    opened = Door()
    yield opened
    opened.close()


@pytest.fixture(scope="package")
def safaricom_process(door: Door) -> Iterator[Simulator]:
    started = Simulator(door.url, ("--begins-at", BEGINS.isoformat())).start()
    yield started
    started.kill()


@pytest.fixture
def safaricom(safaricom_process: Simulator) -> Simulator:
    """The simulator at the start of a run."""
    safaricom_process.post("/control/reset", seed=1)
    return safaricom_process


@pytest.fixture
def live(
    safaricom: Simulator, door: Door, settings: Settings, conn: Connection[Any], clock: HandClock
) -> Iterator[Scene]:
    """The scene, wired to the simulator; its callbacks come through the door."""
    told = replace(
        settings,
        mpesa_base_url=safaricom.url,
        public_url=door.url,
        mpesa_consumer_key="simulated-key",
        mpesa_consumer_secret="simulated-secret",
        mpesa_passkey="simulated-passkey",
    )
    wiring = Wiring(told, "worker", clock, SeededChance())
    door.wiring = wiring
    yield set_scene(wiring, conn)
    door.wiring = None
    wiring.close()
