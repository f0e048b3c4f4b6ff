"""One demo for all drills: a start takes seconds, and a house that has been through one drill must bear the next.

It ends with the last drill: resident loops that look four times a second would cost the rest of the run more than a
start does.
"""

from collections.abc import Iterator

import pytest

from gateway.demo.stack import Stack, a_free_pair
from tests.drills.demo import Demo
from tests.instruments import BEGINS


@pytest.fixture(scope="package")
def running_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Everything that `make demo` starts, in a folder of its own."""
    stack = Stack(tmp_path_factory.mktemp("demo"), a_free_pair(), begins_at=BEGINS.isoformat())
    try:
        stack.start(lambda _part, _seconds: None)
        demo = Demo(stack)
        yield demo
        demo.close()
        # A drill has put another in the place of the first: left running it took a fifth of a core from all that came.
        stack = demo.stack
    finally:
        stack.stop()


@pytest.fixture
def demo(running_demo: Demo) -> Demo:
    """The demo, whole and at rest, whatever the drill before has left."""
    for name, server in running_demo.stack.servers.items():
        if not server.alive:
            running_demo.restart(name)
    running_demo.drain()
    return running_demo
