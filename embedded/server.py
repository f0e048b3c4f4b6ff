"""One running server, and how it is started, stopped, killed and started again."""

import importlib.util
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from embedded import launch, watch
from embedded.ports import free_port, is_free

# Far more than any of them needs; a slow machine under load took 4 s for PostgreSQL's first start.
START_SECONDS = 60.0
POLL_SECONDS = 0.01


class StartError(RuntimeError):
    """A server did not come up; the message ends with the last lines of its log."""


@dataclass(frozen=True)
class Recipe:
    """What differs from one kind of server to the next.

    `command(port)` is the program with its arguments, `url(port)` where clients find it, `ready(port)` whether it
    answers now, `before()` runs before each start, `stop_signal` asks for an orderly stop, `unprivileged` names the
    data that must belong to somebody else than root because the program refuses to be root. `environment` is what the
    server finds in its environment beside what we have in ours.
    """

    name: str
    home: Path
    command: Callable[[int], list[str]]
    url: Callable[[int], str]
    ready: Callable[[int], bool]
    before: Callable[[int], None] = lambda _port: None
    stop_signal: signal.Signals = signal.SIGTERM
    unprivileged: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    def launch(self, *program: str) -> list[str]:
        """This program behind `launch.py`: without root where the recipe says so, and never outliving its starter."""
        leave = ["--unprivileged", str(self.unprivileged)] if self.unprivileged else []
        return [sys.executable, "-I", "-S", launch.__file__, *leave, str(int(self.stop_signal)), *program]

    @property
    def log(self) -> Path:
        """The server's own log, appended to from start to start."""
        return self.home / f"{self.name}.log"


class Server:
    """A running server; a context manager that stops it.

    `url` for clients, `port`, `pid` of the real server process, `started_in` seconds from wish to first answer.
    When the process that made this object ends, in whatever way, the server stops by itself.
    """

    def __init__(self, recipe: Recipe, port: int = 0) -> None:
        """Starts it and waits until it answers. With port 0 the last port is taken again while it is free."""
        self.recipe = recipe
        self.port = port or remembered_port(recipe.home)
        self._start()

    @property
    def url(self) -> str:
        """Where clients find it, password included."""
        return self.recipe.url(self.port)

    @property
    def pid(self) -> int:
        """The process id of the server itself, not of its watch."""
        return self._pid

    @property
    def alive(self) -> bool:
        """Whether it is still running."""
        return self._watch.poll() is None

    def stop(self) -> None:
        """Stops it in order and waits for its end; nothing happens when it has ended already."""
        try:
            if self.alive and self._watch.stdin:
                self._watch.stdin.write(b"stop\n")
                self._watch.stdin.flush()
        except BrokenPipeError:
            pass  # it ended by itself just now
        self._watch.communicate(timeout=watch.STOP_SECONDS + 5)

    def kill(self) -> None:
        """Kills the server as a crash would, with SIGKILL, and waits until it and all its children are gone."""
        if self.alive:
            os.kill(self.pid, signal.SIGKILL)
        self._watch.communicate(timeout=watch.STOP_SECONDS + 5)

    def restart(self) -> None:
        """Starts it again on the same port with the same data, after an orderly stop when it was still running."""
        self.stop()
        self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start(self) -> None:
        begun = time.monotonic()
        recipe = self.recipe
        recipe.before(self.port)
        self._watch = subprocess.Popen(
            [
                *(sys.executable, "-I", "-S", watch.__file__, str(os.getpid())),
                *(str(recipe.home / "lock"), str(recipe.log), str(int(recipe.stop_signal))),
                *recipe.launch(*recipe.command(self.port)),
            ],
            env=os.environ | recipe.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C on the terminal is the parent's to interpret
        )
        try:
            self._wait_until_ready(begun + START_SECONDS)
        except BaseException:
            self.stop()
            raise
        (recipe.home / "port").write_text(f"{self.port}\n")
        self.started_in = time.monotonic() - begun

    def _wait_until_ready(self, deadline: float) -> None:
        if self._watch.stdout is None:
            raise StartError("the watch has no standard output")
        word = self._watch.stdout.readline()
        self._pid = int(word or 0)
        while not self.recipe.ready(self.port):
            if self._watch.poll() == watch.LOCK_TAKEN:
                raise StartError(f"another {self.recipe.name} uses {self.recipe.home}")
            if not self.alive or time.monotonic() > deadline:
                raise StartError(f"{self.recipe.name} did not start:\n{self._last_words()}")
            time.sleep(POLL_SECONDS)

    def _last_words(self) -> str:
        return "\n".join(self.recipe.log.read_text(errors="replace").splitlines()[-12:])


def remembered_port(home: Path) -> int:
    """The port of the last start when it is free, else another free one."""
    note = home / "port"
    if note.exists():
        port = int(note.read_text())
        if is_free(port):
            return port
    return free_port()


def wheel_directory(package: str) -> Path:
    """Where a wheel's files lie, without running the package, which would bring a supervisor of its own."""
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise StartError(f"the package {package} is not installed: install the extra `embedded`")
    return Path(found.origin).parent


def private_directory(path: Path) -> Path:
    """The directory as an absolute path, made when missing, closed to everybody else."""
    path = path.resolve()
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)
    return path


def kept_password(home: Path) -> str:
    """The server's random password, made at the first start and kept in a file that only the owner may read."""
    note = home / "password"
    if not note.exists():
        write_private(note, secrets.token_hex(24))
    return note.read_text()


def write_private(path: Path, text: str) -> None:
    """Writes a file that nobody but its owner may read at any moment; whole or not at all."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)
