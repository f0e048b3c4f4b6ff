"""The development accounts that the genesis block funds. Their keys are known to everybody: no real value, ever."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from eth_keys import keys
from eth_utils import keccak

# The operator, the guardian, and one to play with.
COUNT = 3
BALANCE_WEI = 1_000_000 * 10**18  # never runs out


@dataclass(frozen=True)
class Account:
    """A funded account: its address in checksum form and its private key, both in hexadecimal."""

    address: str
    private_key: str


def accounts() -> list[Account]:
    """The accounts, the same on every machine, so that every chain has the same genesis block."""
    secrets = [keys.PrivateKey(keccak(f"pesachama development account {number}".encode())) for number in range(COUNT)]
    return [Account(secret.public_key.to_checksum_address(), secret.to_hex()) for secret in secrets]


def write(path: Path) -> None:
    """Writes them where only the owner may read."""
    text = json.dumps([vars(account) for account in accounts()], indent=2) + "\n"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
