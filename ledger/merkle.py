"""One root over many leaves, in the format of OpenZeppelin's standard tree: other people's tools can check ours.

A leaf is keccak256(keccak256(abi.encode(fields))): hashed twice, so that no inner node can be passed off as a leaf.
Leaves are sorted, the tree is a complete binary one in an array of 2n-1 nodes with its root first, and a pair is sorted
before it is hashed: a proof is a bare list of siblings, without sides.

The fields of our leaf, all of static types, are

    uint256 version (1), uint256 book, uint256 season, uint256 seq, bytes32 entry hash, bytes16 salt

The entry hash covers the whole history of its book up to that page. Book 0 is the log of changes (ledger/audit.py): its
pages are the places of its chain, in season 0. The last number of all, 2^63 - 1, is the book of papers
(ledger/papers.py), in season 0 too. Nothing in a leaf is personal, and the salt keeps
anybody from guessing his way from public facts to a leaf. The chain's id is left out: the same leaf stands against any
chain or checkpoint file, and a batch can be sealed while no chain answers.
"""

from collections.abc import Sequence

from Crypto.Hash import keccak as _keccak

# Raised when the fields of a leaf change, so that an old proof is never read in a new way.
LEAF_VERSION = 1
WORD = 32  # the ABI knows one width


def keccak(data: bytes) -> bytes:
    """Keccak-256 as Ethereum uses it, which is not the SHA3-256 of hashlib."""
    return _keccak.new(digest_bits=256, data=data).digest()


def encode(*values: int | bytes) -> bytes:
    """ABI encoding of static values: a uint256 for an int, a bytes1 to bytes32 for bytes of that length.

    Raises OverflowError for an int that is negative or needs more than 256 bits, ValueError for more than 32 bytes.
    """
    words = []
    for value in values:
        if isinstance(value, int):
            words.append(value.to_bytes(WORD, "big"))
        elif len(value) <= WORD:
            words.append(value.ljust(WORD, b"\0"))
        else:
            raise ValueError(f"{len(value)} bytes do not fit into a word")
    return b"".join(words)


def entry_leaf(*, book_id: int, season: int, seq: int, entry_hash: bytes, salt: bytes) -> bytes:
    """The leaf of one entry; the module's docstring gives its fields."""
    return keccak(keccak(encode(LEAF_VERSION, book_id, season, seq, entry_hash, salt)))


def tree_of(leaves: Sequence[bytes]) -> list[bytes]:
    """All 2n-1 nodes, the root first, over leaves given in ascending order; raises ValueError when there are none."""
    count = len(leaves)
    if not count:
        raise ValueError("a tree needs a leaf")
    nodes = [b""] * (count - 1) + list(reversed(leaves))
    for index in range(count - 2, -1, -1):
        nodes[index] = _parent(nodes[2 * index + 1], nodes[2 * index + 2])
    return nodes


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaves in any order."""
    return tree_of(sorted(leaves))[0]


def path_of(count: int, position: int) -> list[int]:
    """Where in the tree over `count` leaves the proof of the leaf at `position` (from 0, ascending order) stands: the
    index of its sibling on every level, lowest first. From index count - 1 on nodes are leaves, the last one first.
    """
    index = 2 * count - 2 - position
    path = []
    while index > 0:
        path.append(index + 1 if index % 2 else index - 1)
        index = (index - 1) // 2
    return path


def climb(leaf: bytes, siblings: Sequence[bytes]) -> bytes:
    """The root that `leaf` leads to over `siblings`; the proof holds when it is the published one."""
    node = leaf
    for sibling in siblings:
        node = _parent(node, sibling)
    return node


def _parent(one: bytes, other: bytes) -> bytes:
    return keccak(one + other if one < other else other + one)
