"""Serves the chain until killed: `python -m simulator.chain --port N --data-dir DIR`.

It needs no orderly stop: every change is on disk before it is answered.
"""

import argparse
import logging
from pathlib import Path

from simulator.chain import accounts
from simulator.chain.node import Node
from simulator.chain.server import Server
from simulator.chain.storage import Storage


def main() -> None:
    """Reads the arguments and serves."""
    parser = argparse.ArgumentParser(prog="python -m simulator.chain")
    parser.add_argument("--port", type=int, default=8545)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--chain-id", type=int, default=31337)
    parser.add_argument(
        "--heartbeat", type=float, default=2.0, help="seconds between two looks at the pool, 0 for none"
    )
    parser.add_argument("--not-durable", action="store_true", help="a power cut may lose blocks; for tests")
    given = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    given.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    accounts.write(given.data_dir / "accounts.json")
    node = Node(Storage(given.data_dir / "chain.sqlite", durable=not given.not_durable), given.chain_id)
    Server(node, given.port, given.heartbeat).serve_forever()


if __name__ == "__main__":
    main()
