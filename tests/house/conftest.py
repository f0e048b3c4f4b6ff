"""The house as text, read once for all rules."""

import pytest

from tests.house.source import House, real_house


@pytest.fixture(scope="session")
def house() -> House:
    return real_house()
