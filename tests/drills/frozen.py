"""A way to PostgreSQL on which answers can be lost: as a frozen server, or a network that has swallowed them, would."""

import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Way:
    """Passes everything on, until `lost` is said; what PostgreSQL answers then never arrives."""

    def __init__(self, host: str, port: int) -> None:
        self._there = host, port
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        self.lost = False
        # Lost from the first message on that holds these bytes.
        self.lost_after = b""
        self._carried: list[socket.socket] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                near, _address = self._door.accept()
                self._carried.append(near)
                threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with (
            near,
            socket.create_connection(self._there) as far,
            selectors.DefaultSelector() as ready,
            suppress(OSError),
        ):
            ready.register(near, selectors.EVENT_READ, far)
            ready.register(far, selectors.EVENT_READ, near)
            while True:
                for key, _events in ready.select():
                    taken = key.fileobj.recv(65_536)  # type: ignore[union-attr]
                    if not taken:
                        return
                    asking = key.data is far
                    if asking and self.lost_after and self.lost_after in taken:
                        self.lost = True
                    if asking or not self.lost:
                        key.data.sendall(taken)

    def mend(self) -> None:
        """Answers arrive again, on connections that are made from now on."""
        self.lost, self.lost_after = False, b""
        while self._carried:
            with suppress(OSError):
                self._carried.pop().shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._door.close()


@contextmanager
def way_to(host: str, port: int) -> Iterator[Way]:
    """One way, for the length of a block."""
    way = Way(host, port)
    try:
        yield way
    finally:
        way.close()
