"""Free ports on the loopback address."""

import secrets
import socket

LOOPBACK = "127.0.0.1"

# Below the range from which Linux (32768) and macOS (49152) take the port of an outgoing connection, so that no such
# connection takes the port between our look and the server's bind.
FIRST, COUNT = 20_000, 12_000


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port(in_a_row: int = 1) -> int:
    """A loopback port on which nobody listens now; with `in_a_row` the first of so many neighbours."""
    for _ in range(200):
        port = FIRST + secrets.randbelow(COUNT - in_a_row + 1)
        if all(is_free(port + step) for step in range(in_a_row)):
            return port
    raise OSError("no free loopback port found")


def accepts(port: int) -> bool:
    """Whether somebody listens on this loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0
