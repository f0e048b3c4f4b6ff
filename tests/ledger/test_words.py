"""The list of check words, and the words of a hash."""

import re

from ledger.words import LIST, words

# Sounds that are one sound on a bad line, or in the mouth of some speakers.
ALIKE = {"DH": "Z", "TH": "S", "GH": "G", "KH": "K", "NG": "G", "MB": "B", "ND": "D", "NJ": "J", "NZ": "Z"} | {
    "MW": "W",
    "R": "L",
    "SH": "S",
    "CH": "J",
    "V": "F",
}


def heard(word: str) -> str:
    for sound, like in ALIKE.items():
        word = word.replace(sound, like)
    return re.sub(r"(.)\1", r"\1", word)


def test_the_list_holds_2048_words_that_are_heard_apart() -> None:
    assert len(LIST) == len(set(LIST)) == len({heard(word) for word in LIST}) == 2048
    assert all(re.fullmatch("[A-Z]{3,7}", word) for word in LIST)
    assert list(LIST) == sorted(LIST)


def test_the_words_of_a_hash_are_its_first_and_second_eleven_bits() -> None:
    assert words(bytes(32)) == f"{LIST[0]} {LIST[0]}"
    assert words(b"\xff" * 32) == f"{LIST[2047]} {LIST[2047]}"
    assert words(bytes.fromhex("002004") + bytes(29)) == f"{LIST[1]} {LIST[1]}"
    assert words(bytes.fromhex("000003") + b"\xff" * 29) == f"{LIST[0]} {LIST[0]}"
