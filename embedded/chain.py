"""The chain of the demo and the tests: `python -m simulator.chain` as a server like the others."""

import json
import sys
import urllib.request
from pathlib import Path

from embedded.ports import LOOPBACK
from embedded.server import Recipe, Server, private_directory

# The number that development chains go by; wallets know it for one without value.
CHAIN_ID = 31337
# Soon enough for a hand that watches a reorganisation, and late enough for a test to look in between.
HEARTBEAT_SECONDS = 2.0


def start(
    data_dir: Path,
    *,
    port: int = 0,
    durable: bool = True,
    chain_id: int = CHAIN_ID,
    heartbeat: float = HEARTBEAT_SECONDS,
) -> Server:
    """Starts the chain with its data in `data_dir`.

    `url` is `http://127.0.0.1:PORT`. `accounts.json` beside the data lists funded accounts: `[{address, private_key}]`.
    Transactions that a reorganisation returned are mined after `heartbeat` seconds, with 0 only by the next move.
    Without `durable` a power cut may lose blocks; a kill never does. Raises `StartError`.
    """
    home = private_directory(data_dir)

    def command(port: int) -> list[str]:
        chosen = {"--port": port, "--data-dir": home, "--chain-id": chain_id, "--heartbeat": heartbeat}
        options = [str(part) for option in chosen.items() for part in option]
        return [sys.executable, "-m", "simulator.chain", *options, *([] if durable else ["--not-durable"])]

    recipe = Recipe(
        name="chain",
        home=home,
        command=command,
        url=lambda port: f"http://{LOOPBACK}:{port}",
        ready=lambda port: is_chain(port, chain_id),
    )
    return Server(recipe, port)


def funded_account(data_dir: Path) -> tuple[str, str]:
    """The address and the private key of the first funded account of a chain that has been started."""
    first = json.loads((data_dir / "accounts.json").read_text())[0]
    return first["address"], first["private_key"]


def is_chain(port: int, chain_id: int) -> bool:
    """Whether the chain answers."""
    question = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}).encode()
    request = urllib.request.Request(f"http://{LOOPBACK}:{port}", question, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            return bool(json.load(answer)["result"] == hex(chain_id))
    except OSError:
        return False
