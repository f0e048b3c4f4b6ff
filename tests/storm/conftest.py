"""The stage of a wave, on the servers of the test run."""

from pathlib import Path

import pytest

from tests.storm.people import Stage


@pytest.fixture
def stage(postgres_url: str, template: str, redis_server: str, tmp_path: Path) -> Stage:
    return Stage(postgres_url, template, redis_server, tmp_path)
