"""One simulator process and one recording gateway for the whole folder; each test starts a new run."""

from collections.abc import Iterator

import pytest

from tests.simulator.client import Simulator, Start
from tests.simulator.gateway_double import GatewayDouble


@pytest.fixture(scope="session")
def gateway_server() -> Iterator[GatewayDouble]:
    double = GatewayDouble()
    yield double
    double.close()


@pytest.fixture(scope="package")
def simulator_process(gateway_server: GatewayDouble) -> Iterator[Simulator]:
    started = Simulator(gateway_server.url).start()
    yield started
    started.kill()


@pytest.fixture
def gateway(gateway_server: GatewayDouble) -> GatewayDouble:
    gateway_server.reset()
    return gateway_server


@pytest.fixture
def simulator(simulator_process: Simulator, gateway: GatewayDouble) -> Simulator:
    simulator_process.post("/control/reset", seed=1)
    gateway.reset()
    return simulator_process


@pytest.fixture
def start(gateway: GatewayDouble) -> Iterator[Start]:
    """Processes of a test's own, for runs that end."""
    started: list[Simulator] = []

    def another(*arguments: str) -> Simulator:
        started.append(Simulator(gateway.url, arguments).start())
        return started[-1]

    yield another
    for each in started:
        each.kill()
