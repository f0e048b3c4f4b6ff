"""The demo's folder: one demo at a time lives in it, and only who holds it may empty it.

Theory of operation. The holder has an flock on the folder itself, which the kernel gives back however the holder ends,
and which survives that everything inside is deleted. A holder that was killed leaves servers that are still stopping;
each of them holds `<part>/lock` until its end (`embedded.watch`), so a new holder waits for those before it looks
whether ports are free and before it deletes anything.
"""

import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Longer than `embedded.watch` lets a server live that has lost its parent.
LEFTOVER_SECONDS = 10.0
POLL_SECONDS = 0.02
# What other programs read of a demo that is up, and take its being there for its being up.
NOTES = ("demo.json", "environment")
# Reads until whoever holds the other end is gone, in whatever way.
WITHDRAWING = 'cat; rm -f -- "$@"'


class FolderTaken(Exception):
    """Somebody else's demo lives in the folder, or the folder is not ours to use; says what to do."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Holds the folder, made when missing, while the block runs. Raises FolderTaken."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as trouble:
        raise FolderTaken(f"{folder} cannot be used ({trouble.strerror}): give it to this user, or move it") from None
    try:
        try:
            fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderTaken(
                "a demo is running here already: its addresses are in .demo/demo.json; stop it with Ctrl-C first, "
                "or start another from another folder with another PORT="
            ) from None
        outwait_leftovers(folder)
        yield
    finally:
        os.close(directory)


def outwait_leftovers(folder: Path) -> None:
    """Waits until the servers of a demo that was killed have ended, but not for ever."""
    deadline = time.monotonic() + LEFTOVER_SECONDS
    for note in folder.glob("*/lock"):
        while is_locked(note):
            if time.monotonic() > deadline:
                raise FolderTaken(f"{note.parent.name} of an earlier demo still runs here: try again in a moment")
            time.sleep(POLL_SECONDS)


def is_locked(note: Path) -> bool:
    """Whether a server's watch holds this file."""
    try:
        with note.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def withdraw(folder: Path) -> None:
    """Takes away what says where a demo can be reached, before one starts: all may have been killed at once."""
    for name in NOTES:
        (folder / name).unlink(missing_ok=True)


@contextmanager
def withdrawn_after_us(folder: Path) -> Iterator[None]:
    """Has a shell take the same away at the end of the block, also when this process is killed inside it."""
    command = ["/bin/sh", "-c", WITHDRAWING, "sh", *(str(folder.absolute() / name) for name in NOTES)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True):
        yield


def empty(folder: Path) -> None:
    """Deletes what is in the folder and leaves the folder itself, on which its holder's lock lies."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
