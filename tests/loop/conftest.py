"""The demo for those who meet it in a browser."""

from collections.abc import Iterator

import pytest

from gateway.demo.stack import Stack, a_free_pair
from tests.instruments import BEGINS


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Everything that `make demo` starts, each part a process of its own."""
    stack = Stack(tmp_path_factory.mktemp("demo"), a_free_pair(), begins_at=BEGINS.isoformat())
    try:
        stack.start(lambda part, seconds: None)
        yield stack
    finally:
        stack.stop()
