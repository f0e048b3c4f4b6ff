"""The last step before a server's own program: `launch.py [--unprivileged HOME] DEATH_SIGNAL PROGRAM ARG...`

Theory of operation. PostgreSQL refuses to run as root, while `make demo` must work for root too, also in a checkout
below /root, where no other user may look. So root leaves root here, in the first way that works on this machine:

nobody      becomes the user `nobody`, keeping one capability across exec as an ambient one: to read and search
            everywhere, or, where that is not granted (a plain container), to override file permissions. PostgreSQL
            asks access(2) for its own programs, which knows no capability of a plain user unless one more bit is set.
namespace   enters a user namespace in which root's own number is shown as nobody's: the files stay root's, and no
            capability is needed. For places that know no ambient capabilities or have no second user number.

Each way is tried in a forked child first, as it cannot be taken back. Then HOME (the data) is given to the way's user.
Then this process dies with its parent (the watch), and exec keeps the process id: launch becomes the server.

Run by path and isolated (`python -I -S`), so that it starts in 20 ms; hence only the standard library.
"""

import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

# linux/prctl.h, linux/securebits.h, linux/capability.h, linux/sched.h
PR_SET_PDEATHSIG, PR_SET_SECUREBITS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 28, 47, 2
SECBIT_NO_SETUID_FIXUP = 1 << 2  # a change of user leaves capabilities alone, and access(2) honours them
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2
CAPABILITY_VERSION_3 = 0x20080522  # _LINUX_CAPABILITY_VERSION_3: sets of 64 bits
CLONE_NEWUSER = 0x10000000  # linux/sched.h

libc = ctypes.CDLL(None, use_errno=True)


class Way(NamedTuple):
    """How root is left: `owner` is whose the data must be, as a number outside; `leave` does it or raises OSError."""

    owner: tuple[int, int]
    leave: Callable[[], None]


def system_call(name: str, *arguments: object) -> None:
    """Calls libc and raises OSError when it refuses."""
    if getattr(libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def become(uid: int, gid: int, capability: int) -> None:
    """Becomes this user for good and keeps one capability, also across exec."""
    system_call("prctl", PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0)
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    mask = 1 << capability
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    effective_permitted_inheritable = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
    system_call("capset", header, effective_permitted_inheritable)
    system_call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0)


def enter_namespace(uid: int, gid: int) -> None:
    """Stays who it is for every file, and reads itself as this user: a user namespace with one mapped number."""
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    system_call("unshare", CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {outer_uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {outer_gid} 1")


def ways() -> list[Way]:
    """The ways to leave root, the least powerful first."""
    nobody = pwd.getpwnam("nobody")
    uid, gid = nobody.pw_uid, nobody.pw_gid
    return [
        Way((uid, gid), lambda: become(uid, gid, CAP_DAC_READ_SEARCH)),
        Way((uid, gid), lambda: become(uid, gid, CAP_DAC_OVERRIDE)),
        Way((os.geteuid(), os.getegid()), lambda: enter_namespace(uid, gid)),
    ]


def give(home: Path, owner: tuple[int, int]) -> None:
    """Gives the data to this user, unless they have it already."""
    found = home.stat()
    if (found.st_uid, found.st_gid) == owner:
        return
    for path in [*home.rglob("*"), home]:
        os.chown(path, *owner, follow_symlinks=False)


def works(way: Way, home: Path, program: str) -> bool:
    """Tries the way in a forked child: can it reach the data and the program afterwards, in the eyes of access(2)?"""
    child = os.fork()
    if child == 0:
        try:
            way.leave()
            usable = os.access(home, os.F_OK) and os.access(program, os.R_OK | os.X_OK)
        except OSError:
            usable = False
        os._exit(0 if usable else 1)
    return os.waitpid(child, 0)[1] == 0


def leave_root(home: Path, program: str) -> None:
    """Leaves root in the first way that works here; ends the process with an explanation when none does."""
    for way in ways():
        if works(way, home, program):
            give(home, way.owner)
            way.leave()
            return
    sys.exit(
        f"PostgreSQL does not run as root, and this machine lets root become nobody else who may read {program}. "
        "Start as a plain user, or give a server of your own in DATABASE_URL."
    )


def main(arguments: list[str]) -> None:
    """Leaves root when asked and needed, ties itself to its parent, becomes the program."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a stop that comes early ends it without a word
    parent = os.getppid()
    home = None
    if arguments[0] == "--unprivileged":
        home, arguments = Path(arguments[1]), arguments[2:]
    death_signal, *command = arguments
    if home is not None and os.geteuid() == 0:
        leave_root(home, command[0])
    if sys.platform == "linux":
        # Only now: a change of user clears it. It is meant for the watch's own sudden death; the watch's main thread
        # is its only one, so "the thread that forked has ended" means the same as "the watch has ended".
        system_call("prctl", PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:
            sys.exit("the watch has ended")
    os.execv(command[0], command)  # noqa: S606 - the watch hands over a list that this project wrote


if __name__ == "__main__":
    main(sys.argv[1:])
