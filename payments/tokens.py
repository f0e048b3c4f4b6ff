"""Tokens in the callback URLs: made here, known to Safaricom in full and to the database as a hash only."""

import hashlib

from ledger.wires import Chance

# 256 bits: it is all that tells Safaricom's callback from a stranger's.
TOKEN_BYTES = 32


def new_token(chance: Chance) -> str:
    """64 lower-case hex digits: no letter sequence that Safaricom forbids in a URL can occur."""
    return chance.token_bytes(TOKEN_BYTES).hex()


def token_hash(token: str | None) -> bytes:
    """What is stored of a token; nothing for a call without one."""
    return b"" if token is None else hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
