"""The check word of a page: two everyday Kiswahili words that stand for 22 bits of the entry's hash.

Equal pages with equal words mean equal books. Words, not digits: digits look like a one-time code, and a word is heard
right over a bad line. It catches mistakes and fakes made by hand; the proof is the anchored root.
"""

from pathlib import Path

WORD_BITS = 11  # the list has 2,048 words

LIST = tuple(Path(__file__).with_name("words.txt").read_text("ascii").split())


def words(entry_hash: bytes) -> str:
    """The two words of a hash, for example "TEMBO SITA": its first and its second 11 bits."""
    bits = int.from_bytes(entry_hash[:3], "big") >> (24 - 2 * WORD_BITS)
    first, second = divmod(bits, 1 << WORD_BITS)
    return f"{LIST[first]} {LIST[second]}"
