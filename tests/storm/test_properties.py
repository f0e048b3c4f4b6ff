"""What the properties look with finds what it is there to find."""

from tests.storm.properties import PIECE, perhaps, pieces


def test_a_token_is_found_wherever_it_stands() -> None:
    """As a search for each of them would: at every offset, in the middle of other hexadecimal, and only whole."""
    tokens = [f"{number:064x}".encode() for number in (1, 2, 16**63 + 7)]
    index = pieces(tokens)
    for at in range(2 * PIECE + 1):
        text = b"f" * at + tokens[2] + b"e" * 5
        assert {token for token in perhaps(text, index) if token in text} == {tokens[2]}
        assert not [token for token in perhaps(text[: at + 63], index) if token in text[: at + 63]]
