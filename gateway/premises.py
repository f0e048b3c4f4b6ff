"""What the doctor sees without asking anybody: the environment, folders that must be writable, keys that look right."""

import shutil
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from gateway.settings import Settings
from gateway.soundness import LOOPBACK

# A callback is a kilobyte or two: room for days of them, and for logs beside them.
ENOUGH_DISK = 2**30
# Africa's Talking's keys are 64 hexadecimal digits, newer ones have "atsk_" and more; half of one was copied badly.
AT_KEY_CHARACTERS = 40
# PostgreSQL's usual limit of 100 connections, less its own three and the worker's twelve, in pools of eight.
MOST_WORKERS = 10


@dataclass(frozen=True)
class Advice:
    """What was looked at, what to do about it (empty: nothing), and what was seen."""

    what: str
    fix: str = ""
    seen: str = ""


def spool(own: Settings) -> Iterator[Advice]:
    yield written("the spool folder can be written", Path(own.spool_dir), "SPOOL_DIR")


def checkpoints(own: Settings) -> Iterator[Advice]:
    """The folder, since the file is replaced as a whole or grows."""
    if own.chain == "off":
        yield Advice("the chain is off: checkpoints are signed into a file", seen=own.checkpoint_file)
        yield written("the checkpoint file can be written", Path(own.checkpoint_file).parent, "CHECKPOINT_FILE")


def written(what: str, folder: Path, name: str) -> Advice:
    """Writes into the folder and takes it away again; says also when the disk is nearly full."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / ".doctor"
        probe.write_text("")
        probe.unlink()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        fix = f"`chown $(whoami) {folder}` as an administrator, or choose another folder for {name}"
        return Advice(what, fix, type(error).__name__)
    return Advice(what, "" if free > ENOUGH_DISK else f"make room on the disk of {folder}", f"{free // 2**30} GiB free")


def texting(own: Settings) -> Iterator[Advice]:
    """Looked at from here only: a call that sends nothing proves little more, and its limits are not documented."""
    sandbox = "sandbox" in (urlsplit(own.at_base_url).hostname or "")
    if (own.at_username == "sandbox") != sandbox:
        address = "https://api.sandbox.africastalking.com/version1"
        fix = f"AT_USERNAME=sandbox goes with AT_BASE_URL={address}, and a name of your own with its default"
        yield Advice("Africa's Talking's user name fits its address", fix, own.at_username)
    else:
        yield Advice("Africa's Talking's user name fits its address", seen=own.at_username)
    whole = len(own.at_api_key) >= AT_KEY_CHARACTERS and own.at_api_key.isascii() and " " not in own.at_api_key
    fix = "" if whole else "copy AT_API_KEY again, from Settings and then API key of the app that AT_USERNAME names"
    yield Advice("Africa's Talking's key is whole", fix, f"{len(own.at_api_key)} characters")


def listening(own: Settings, environ: Mapping[str, str]) -> Iterator[Advice]:
    """HOST, PORT and WEB_CONCURRENCY of `pesachama serve`, which the settings do not know."""
    host, port, workers = environ.get("HOST") or "127.0.0.1", environ.get("PORT") or "8000", processes(environ)
    fix = "" if port.isdecimal() and 1 <= int(port) <= 65_535 else "PORT=8000, or another number up to 65535"
    if not fix and not is_ours(host):
        fix = "HOST=0.0.0.0 behind a router on another machine, HOST=127.0.0.1 behind a proxy on this one"
    usual = "" if environ.get("PORT") else ", the usual one: PORT is not set"
    yield Advice("HOST and PORT fit `pesachama serve`", fix, f"{host}, port {port}{usual}")
    if own.production and host not in LOOPBACK - {"0.0.0.0"} and own.trusted_proxies == "0":  # noqa: S104
        fix = "TRUSTED_PROXIES=1 when a router stands before this gateway"
        yield Advice("callers are told apart", fix, f"HOST={host}, TRUSTED_PROXIES=0")
    fit = 1 <= workers <= MOST_WORKERS
    fix = "" if fit else f"WEB_CONCURRENCY=2, or at most {MOST_WORKERS} with PostgreSQL's usual 100 connections"
    yield Advice("the web processes fit PostgreSQL", fix, f"WEB_CONCURRENCY={environ.get('WEB_CONCURRENCY') or 1}")


def processes(environ: Mapping[str, str]) -> int:
    """How many web processes are wished for; 0 for what is no number."""
    text = environ.get("WEB_CONCURRENCY") or "1"
    return int(text) if text.isdecimal() else 0


def is_ours(host: str) -> bool:
    """Whether this machine can listen on that address; asks for a port of the system's choice."""
    try:
        family = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.bind((host, 0))
    except OSError:
        return False
    return True
