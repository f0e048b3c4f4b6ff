"""Lengths as a handset counts them: GSM-7 septets, or 16-bit units as soon as one character is outside the table."""

import math

BASIC = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = set("^{}\\[~]|€")


def is_gsm7(text: str) -> bool:
    return all(character in BASIC or character in EXTENDED for character in text)


def units(text: str) -> int:
    """Septets for GSM-7 text, 16-bit units otherwise."""
    if is_gsm7(text):
        return sum(2 if character in EXTENDED else 1 for character in text)
    return len(text.encode("utf-16-be")) // 2


def segments(text: str) -> int:
    """How many SMS the text costs: 160 or 70 in one, 153 or 67 in each of several."""
    single, several = (160, 153) if is_gsm7(text) else (70, 67)
    length = units(text)
    return 1 if length <= single else math.ceil(length / several)
