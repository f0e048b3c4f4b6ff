"""Letters for what people read out, write down and type: receipt codes, account references, references of incidents."""

from ledger.wires import Chance

# 0 and 1 are left out, and the letters I, L and O that look like them: nobody has to ask which one it is.
READABLE = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def spell(length: int, chance: Chance) -> str:
    """`length` random letters of READABLE, each as likely as any other."""
    # Bytes beyond the last whole multiple would favour the first letters.
    text, whole = "", 256 - 256 % len(READABLE)
    while len(text) < length:
        text += "".join(READABLE[byte % len(READABLE)] for byte in chance.token_bytes(2 * length) if byte < whole)
    return text[:length]
