"""What a phone's screen can hold: counting in GSM-7 septets, and plain letters for whatever else a name contains.

Source: 3GPP TS 23.038, the default alphabet and its extension table. One character outside it drops a screen to 70.
"""

import unicodedata

# Safaricom shows 160 characters; whether `CON ` counts is not documented, so it counts here.
SCREEN_SEPTETS = 160

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Each of these is sent as an escape and one more septet.
EXTENDED = frozenset("\f^{}\\[~]|€")
SHOWN = BASIC | EXTENDED

# What decomposition does not bring back to a plain letter.
LOOKALIKES = str.maketrans(
    {
        "‘": "'",
        "’": "'",
        "ʼ": "'",
        "“": '"',
        "”": '"',
        "–": "-",
        "—": "-",
        "…": "..",
        "\u00a0": " ",
        "\t": " ",
        "`": "'",
    }
)


def septets(text: str) -> int:
    """How much of a screen `text` takes. Raises ValueError when a character has no place in GSM-7."""
    if BASIC.issuperset(text):
        return len(text)
    total = 0
    for character in text:
        if character in BASIC:
            total += 1
        elif character in EXTENDED:
            total += 2
        else:
            raise ValueError(f"U+{ord(character):04X} is not in GSM-7")
    return total


def plain(text: str) -> str:
    """`text` in characters that every phone shows: accents fall off, and what has no letter at all becomes `?`."""
    if SHOWN.issuperset(text):
        return text
    letters = []
    for character in text.translate(LOOKALIKES):
        if character in SHOWN:
            letters.append(character)
            continue
        bare = [part for part in unicodedata.normalize("NFKD", character) if part in BASIC]
        if bare:
            letters.extend(bare)
        elif not unicodedata.combining(character):
            letters.append("?")
    return "".join(letters)


def clip(text: str, length: int) -> str:
    """`text` in at most `length` plain characters, so that the longest name still leaves room for the options."""
    bare = plain(text)
    return bare if len(bare) <= length else bare[:length].rstrip()


def fit(head: str, foot: str, room: int = SCREEN_SEPTETS) -> str:
    """`head` above `foot`; when both do not fit, `head` gives way, never the lines that lead on and back."""
    whole = f"{head}\n{foot}" if foot else head
    if septets(whole) <= room:
        return whole
    left = room - (septets(foot) + 1 if foot else 0) - 2
    while septets(head) > left:
        head = head[:-1]
    return f"{head.rstrip()}..\n{foot}" if foot else f"{head.rstrip()}.."
