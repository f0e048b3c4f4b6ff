"""What tests measure with: a clock that is moved by hand, chance with a seed, settings that point at test servers."""

import itertools
import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.settings import Settings, read

# A Friday, 2:02 PM in Nairobi, in the second half of the year: season 20262.
START = datetime(2026, 11, 20, 11, 2, tzinfo=UTC)

# When a whole house of the tests begins, whenever they run: the morning in Nairobi after START, hours away from any
# midnight. TEST_BEGINS_AT=2026-12-31T23:59:00+03:00 tries another moment.
BEGINS = datetime.fromisoformat(os.environ.get("TEST_BEGINS_AT", "2026-11-21T09:00:00+03:00")).astimezone(UTC)

_names = itertools.count(1)


MEMORY = Path("/dev/shm")  # noqa: S108
# One run's databases at their most, many times over; a container's usual 64 MB are far too little.
ENOUGH_MEMORY = 2 * 2**30


# Reads until whoever holds the other end is gone; the servers, which end then too, may write for a moment yet.
CLEARING = 'cat; for pause in 0 1 2 4 8; do sleep $pause; rm -rf -- "$0"; done'


@contextmanager
def fast_folder() -> Iterator[Path]:
    """A folder in memory where there is enough of it: a thousand copied databases are a lot of disk for nothing."""
    there = MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH_MEMORY else None
    with tempfile.TemporaryDirectory(dir=there, prefix="pesachama-tests-") as folder, cleared_after_us(folder):
        yield Path(folder)


@contextmanager
def cleared_after_us(folder: str) -> Iterator[None]:
    """Has a shell remove the folder when this process is killed before it could: memory is not given back by itself."""
    command = ["/bin/sh", "-c", CLEARING, folder]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as shell:
        try:
            yield
        finally:
            shell.kill()


class HandClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, start: datetime = START) -> None:
        self.at = start

    def now(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> datetime:
        self.at += timedelta(seconds=seconds)
        return self.at


class SeededChance:
    """The same bytes in the same order on every run."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)

    def token_bytes(self, length: int) -> bytes:
        return self._random.randbytes(length)


def a_free_name() -> str:
    """A database name that no other test and no other run uses."""
    return f"test_{os.getpid()}_{next(_names)}"


def settings_for(database_url: str, redis_url: str, folder: Path, **changes: Any) -> Settings:
    """Complete settings; `changes` are given by variable name, for example MPESA_BASE_URL."""
    values = {
        "ENVIRONMENT": "demo",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": "a secret key for tests only, long enough",
        "PIN_PEPPER": "a pepper for tests only, also long enough",
        "PUBLIC_URL": "http://127.0.0.1:8000",
        "SPOOL_DIR": str(folder / "spool"),
        "CALLBACK_SECRET": "c0ffee00c0ffee00c0ffee00c0ffee00",
        "AT_USERNAME": "pesachama",
        "AT_API_KEY": "at-key-for-tests",
        "AT_BASE_URL": "http://127.0.0.1:8001/version1",
        "MPESA_BASE_URL": "http://127.0.0.1:8001",
        "MPESA_CONSUMER_KEY": "consumer-key-for-tests",
        "MPESA_CONSUMER_SECRET": "consumer-secret-for-tests",
        "MPESA_BUSINESS_SHORTCODE": "600123",
        "MPESA_PASSKEY": "passkey-for-tests",
        "MPESA_BANKING_CHARGES": "250000:34",
        "MPESA_INITIATOR_NAME": "testapi",
        "MPESA_SECURITY_CREDENTIAL": "security-credential-for-tests",
        "CHAIN": "off",
        "CHECKPOINT_FILE": str(folder / "checkpoints"),
        "CHAIN_OPERATOR_KEY": "0x" + "11" * 32,
    }
    return read({**values, **changes})
