"""Keeps a server alive as long as the process that wanted it: `watch.py PARENT LOCK LOG STOP_SIGNAL LAUNCH...`

Theory of operation. A server outlives whoever started it: a postmaster does not even notice the SIGKILL of its parent.
So between the two stands this process, in a session of its own, where Ctrl-C does not reach. It starts the server and
then waits for whichever comes first:

the server ends             it ends with the same exit status
a line on standard input    the parent wants a stop
standard input closes       the parent is gone, in whatever way: the kernel closes the pipe also after a SIGKILL
the parent process ends     seen through a pidfd, as a fork of the parent may still hold the pipe open

On the last three it sends STOP_SIGNAL (the server's word for an orderly stop) and, after STOP_SECONDS, SIGKILL. With
the parent gone it insists after ORPHAN_SECONDS: all that the server might still wait for is ending at the same time.
Should the watch itself be killed, the kernel sends STOP_SIGNAL to the server: `launch.py` asked for it.

A server that was killed leaves children behind, which PostgreSQL's successor must not meet. The kernel hands them to
the watch, which ends, and gives LOCK back, only after the last of them.

LOCK is held all the time, so one data directory never has two servers; a successor waits for the predecessor's end.
Run by path and isolated (`python -I -S`), so that it starts in 20 ms; hence only the standard library.
"""

import contextlib
import ctypes
import fcntl
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

# PostgreSQL writes its last checkpoint while stopping; a demo's worth takes well under a second even on a slow disk.
STOP_SECONDS = 20.0
# Nobody waits for an orderly end any more, and somebody may want the ports; each of our servers bears a SIGKILL.
ORPHAN_SECONDS = 1.5
# As long as a predecessor may take to stop, and a little more.
LOCK_SECONDS = STOP_SECONDS + 2.0
LOCK_TAKEN = 75  # EX_TEMPFAIL
POLL_SECONDS = 0.02
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


class Parent:
    """The process that wants the server, seen from here."""

    def __init__(self, pid: int) -> None:
        """Watches the process with this id and the other end of standard input, which it holds."""
        self.pid = pid
        self.signs = [0]
        if hasattr(os, "pidfd_open") and os.getppid() == pid:
            # A kernel before 5.3 has none; there the pipe has to do.
            with contextlib.suppress(OSError):
                self.signs.append(os.pidfd_open(pid))

    @property
    def gone(self) -> bool:
        """Whether it has ended: the kernel gave this process to somebody else."""
        return os.getppid() != self.pid

    def wants_a_stop(self, seconds: float | None, *others: int) -> bool:
        """Waits for the parent to end or to ask for a stop, for that long, or until one of `others` can be read."""
        readable, _, _ = select.select([*self.signs, *others], [], [], seconds)
        return self.gone or bool(set(readable) & set(self.signs))


def take_lock(lock: IO[str], parent: Parent) -> bool:
    """Waits until no other watch holds the lock; False when that takes too long or the parent no longer wants it."""
    deadline = time.monotonic() + LOCK_SECONDS
    while time.monotonic() < deadline:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if parent.wants_a_stop(POLL_SECONDS):
                return False
        else:
            return True
    return False


def ends_of_children() -> int:
    """A file that can be read once a child has ended, to wait for it and the parent in one call."""
    readable, written = os.pipe()
    os.set_blocking(written, False)
    signal.set_wakeup_fd(written)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return readable


def adopt_orphans() -> None:
    """Has the kernel hand this process what its descendants leave behind, where the kernel can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def outwait_orphans() -> None:
    """Waits until the last descendant has ended, but not for ever."""
    deadline = time.monotonic() + STOP_SECONDS
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < deadline:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(POLL_SECONDS)


def stop(server: subprocess.Popen[bytes], stop_signal: int, parent: Parent) -> None:
    """Asks for an orderly stop and insists after STOP_SECONDS, or ORPHAN_SECONDS when the parent is gone."""
    begun = time.monotonic()
    server.send_signal(stop_signal)
    while server.poll() is None:
        if time.monotonic() > begun + (ORPHAN_SECONDS if parent.gone else STOP_SECONDS):
            server.kill()
            server.wait()
        time.sleep(POLL_SECONDS)


def watch(parent: Parent, log: IO[str], stop_signal: int, command: list[str]) -> int:
    """Runs the server until it ends or the parent wants a stop; gives its exit status."""
    ended = ends_of_children()
    adopt_orphans()
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    sys.stdout.write(f"{server.pid}\n")
    sys.stdout.flush()
    while server.poll() is None:
        if parent.wants_a_stop(None, ended):
            stop(server, stop_signal, parent)
        else:
            os.read(ended, 512)
    outwait_orphans()
    return server.returncode


def main(arguments: list[str]) -> int:
    """Takes the lock, then watches."""
    parent_pid, lock_path, log_path, stop_signal, *command = arguments
    parent = Parent(int(parent_pid))
    with Path(lock_path).open("w") as lock, Path(log_path).open("a") as log:
        if not take_lock(lock, parent):
            return LOCK_TAKEN
        return watch(parent, log, int(stop_signal), command)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
