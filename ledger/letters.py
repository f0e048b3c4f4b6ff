"""Letters for what people read out, write down and type: receipt codes, account references, references of incidents."""

from ledger.wires import Chance

# 0 and 1 are left out, and the letters I, L and O that look like them: nobody has to ask which one it is.
READABLE = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


# Bytes from the last whole multiple on would favour the first letters: they are thrown away.
_WHOLE = 256 - 256 % len(READABLE)
_LETTERS = bytes(ord(READABLE[byte % len(READABLE)]) for byte in range(256))
_THROWN_AWAY = bytes(range(_WHOLE, 256))


def spell(length: int, chance: Chance) -> str:
    """`length` random letters of READABLE, each as likely as any other."""
    text = b""
    while len(text) < length:
        text += chance.token_bytes(2 * length).translate(_LETTERS, _THROWN_AWAY)
    return text[:length].decode()
