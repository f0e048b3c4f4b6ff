"""The tree of OpenZeppelin: vectors from their library, and its laws for any leaves."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import merkle

leaves_of_any_kind = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=70)


def leaf(number: int) -> bytes:
    return merkle.entry_leaf(
        book_id=7, season=20262, seq=number, entry_hash=bytes([number]) * 32, salt=bytes([159 + number]) * 16
    )


def siblings(tree: list[bytes], position: int) -> list[bytes]:
    return [tree[index] for index in merkle.path_of((len(tree) + 1) // 2, position)]


def test_keccak_is_ethereums() -> None:
    assert merkle.keccak(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"


# Made with @openzeppelin/merkle-tree 1.0.8, types uint256 uint256 uint256 uint256 bytes32 bytes16.
@pytest.mark.parametrize(
    ("count", "root", "proof"),
    [
        (1, "2b3626e46a6ed6f3613f10000163642e37c7e316237b6e35482ebba5d5f9bf75", []),
        (
            2,
            "451d76ea0a4a88ef42c700b8a40a1ecd03b7a6d47325b310fc577e8ecc4873ac",
            ["84ba2aff3710e9baae2d79bd7c53688078475cf208e9bd117aed1010b2697b2c"],
        ),
        (
            3,
            "37b83082cafb6df60f871d57cdb10271822efab8ad99e42ef795cb1ab921df37",
            [
                "1cb4aa63d60239e965df9342d4912522f7391ba15def647f8c2a9508c62651b8",
                "84ba2aff3710e9baae2d79bd7c53688078475cf208e9bd117aed1010b2697b2c",
            ],
        ),
        (
            7,
            "3afc722c74d36f82441a85df7617b475633e2de862e9471f9017fba643f122cd",
            [
                "2ce1b94c06945a80cf3c8ce992306988d039af9103dc7ee699c3782dd13ebe07",
                "b6d1dadccae55a2ea84227ba5a1fde29b7344ba4716937724559f3861e153562",
                "05a86a16b64abc4020344665d43c6d36ba445ba1332f2f95a0e890bd16385eee",
            ],
        ),
    ],
)
def test_roots_and_proofs_are_those_of_openzeppelins_library(count: int, root: str, proof: list[str]) -> None:
    ordered = sorted(leaf(number + 1) for number in range(count))
    tree = merkle.tree_of(ordered)
    assert tree[0].hex() == root
    assert [sibling.hex() for sibling in siblings(tree, ordered.index(leaf(1)))] == proof


@given(leaves_of_any_kind, st.randoms(use_true_random=False))
def test_every_leaf_leads_to_the_root_whatever_the_order(leaves: list[bytes], shuffle: random.Random) -> None:
    ordered = sorted(leaves)
    tree = merkle.tree_of(ordered)
    for position, one in enumerate(ordered):
        assert merkle.climb(one, siblings(tree, position)) == tree[0]
    shuffle.shuffle(leaves)
    assert merkle.root_of(leaves) == tree[0]


@given(leaves_of_any_kind, st.binary(min_size=32, max_size=32))
def test_a_stranger_leads_elsewhere(leaves: list[bytes], stranger: bytes) -> None:
    ordered = sorted(leaves)
    tree = merkle.tree_of(ordered)
    if stranger not in leaves:
        assert all(merkle.climb(stranger, siblings(tree, position)) != tree[0] for position in range(len(ordered)))


@given(st.integers(0, 2**256 - 1), st.binary(max_size=32))
def test_numbers_stand_right_and_bytes_left_in_their_words(number: int, text: bytes) -> None:
    encoded = merkle.encode(number, text)
    assert len(encoded) == 64
    assert int.from_bytes(encoded[:32], "big") == number
    assert encoded[32:] == text + bytes(32 - len(text))


def test_what_does_not_fit_into_a_word_is_refused() -> None:
    with pytest.raises(OverflowError):
        merkle.encode(-1)
    with pytest.raises(OverflowError):
        merkle.encode(2**256)
    with pytest.raises(ValueError, match="33 bytes"):
        merkle.encode(bytes(33))
    with pytest.raises(ValueError, match="needs a leaf"):
        merkle.tree_of([])
