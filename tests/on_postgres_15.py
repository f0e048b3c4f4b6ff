"""`python -m tests.on_postgres_15 FOLDER...`: these tests against Debian's PostgreSQL 15, the oldest that we promise.

Needs the package `postgresql-15`; fails without it. Works as root too, since the server leaves root by itself.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg

from embedded.ports import LOOPBACK
from embedded.server import Recipe, Server, private_directory
from tests.instruments import fast_folder

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
# Nothing that these tests write has to survive a power cut.
QUICK = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=200")


def answers(port: int) -> bool:
    try:
        psycopg.connect(f"postgresql://postgres@{LOOPBACK}:{port}/postgres", connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def started(folder: Path) -> Server:
    """A server on the loopback address, open to everybody on this machine as its superuser `postgres`."""
    home = private_directory(folder)
    cluster = private_directory(home / "cluster")
    recipe = Recipe(
        name="postgres15",
        home=home,
        command=lambda port: [
            *(str(PROGRAMS / "postgres"), "-D", str(cluster), "-p", str(port), "-h", LOOPBACK, "-k", ""),
            *QUICK,
        ],
        url=lambda port: f"postgresql://postgres@{LOOPBACK}:{port}/postgres",
        ready=answers,
        stop_signal=signal.SIGINT,
        unprivileged=cluster,
    )
    initdb = [str(PROGRAMS / "initdb"), "-D", str(cluster), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"]
    subprocess.run(recipe.launch(*initdb, "--no-sync"), check=True, stdout=subprocess.DEVNULL)
    return Server(recipe)


def main(folders: list[str]) -> int:
    if not (PROGRAMS / "postgres").exists():
        sys.exit(f"PostgreSQL 15 is not in {PROGRAMS}: install the package postgresql-15")
    with fast_folder() as folder, started(folder) as server:
        environ = os.environ | {"TEST_POSTGRES_URL": server.url}
        return subprocess.run([sys.executable, "-m", "pytest", *folders], env=environ, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
