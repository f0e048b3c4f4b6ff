"""What runs on the chain: Solidity sources and their committed artifacts, so that running them needs no compiler."""

import json
from pathlib import Path
from typing import Any, cast

ARTIFACTS = Path(__file__).parent / "artifacts"


def artifact(name: str) -> dict[str, Any]:
    """The compiled contract `name`: `abi`, `bytecode`, `deployed_bytecode` (0x hex), `compiler`, `metadata_sha256`."""
    return cast(dict[str, Any], json.loads((ARTIFACTS / f"{name}.json").read_text()))
