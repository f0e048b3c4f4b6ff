"""Papers: what lies outside the books and is sealed with them, such as the minutes of a meeting.

The books keep 32 bytes of a paper: a digest that whoever hands it over has salted, so that the paper itself can be
forgotten while its seal stays. It goes into the next batch as a leaf like every page, as page `id` of the book of
papers; its proof is the proof of a page.
"""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from ledger import merkle, preimage
from ledger.findings import Finding, Tally
from ledger.proofs import siblings
from ledger.refusals import UnknownBook
from ledger.wires import Connection

# The last number that a book could have, and none will: books are numbered from 1, and 0 is the log of changes.
PAPERS_BOOK = 2**63 - 1
FORM = b"pesachama-paper/1"


@dataclass(frozen=True)
class Paper:
    """A paper and the batch that it is in, None while it waits; hashes are 32 bytes, `salt` 16; `recorded_at` is UTC.

    `valid`: its leaf leads to the sealed root by `siblings`.
    """

    id: int
    book_id: int
    digest: bytes
    recorded_at: datetime
    batch: int | None
    state: str
    salt: bytes | None
    leaf: bytes | None
    position: int | None
    root: bytes | None
    siblings: tuple[bytes, ...] = ()
    valid: bool = False


def paper_hash(book_id: int, digest: bytes, recorded_at: datetime) -> bytes:
    """What the leaf of a paper is about."""
    return preimage.hash_fields((FORM, book_id, digest, recorded_at))


def lay(conn: Connection, book_id: int, digest: bytes, *, at: datetime) -> int:
    """Has the digest (32 bytes) sealed with the next batch; returns the paper's id. Raises UnknownBook."""
    [(paper_id,)] = conn.execute(
        "SELECT lay_paper(%s, %s, %s, %s)", [book_id, digest, at, paper_hash(book_id, digest, at)]
    ).fetchall()
    if paper_id is None:
        raise UnknownBook
    return int(paper_id)


def proof_of(conn: Connection, paper_id: int) -> Paper | None:
    """The paper with its way up to the root of its batch; None when there is no such paper."""
    found = conn.cursor(row_factory=class_row(Paper))
    found.execute(
        "SELECT p.id, p.book_id, p.digest, p.recorded_at, b.number AS batch, coalesce(b.state, 'waiting') AS state, "
        "l.salt, l.leaf, l.position, b.root FROM papers p "
        "LEFT JOIN batch_leaves l ON (l.book_id, l.seq) = (%s, p.id) LEFT JOIN batches b ON b.number = l.batch "
        "WHERE p.id = %s",
        [PAPERS_BOOK, paper_id],
    )
    paper = found.fetchone()
    if paper is None or paper.batch is None or paper.position is None or paper.salt is None:
        return paper
    way_up = siblings(conn, paper.batch, paper.position)
    leaf = merkle.entry_leaf(
        book_id=PAPERS_BOOK,
        season=0,
        seq=paper.id,
        entry_hash=paper_hash(paper.book_id, paper.digest, paper.recorded_at),
        salt=paper.salt,
    )
    valid = leaf == paper.leaf and merkle.climb(leaf, way_up) == paper.root
    return Paper(**{**vars(paper), "siblings": way_up, "valid": valid})


def verify(conn: Connection) -> list[Finding]:
    """Every paper is what was handed over, and is sealed or waits to be."""
    changed, lost = Tally(), Tally()
    rows = conn.execute(
        "SELECT p.id, p.book_id, p.digest, p.recorded_at, p.hash, "
        "EXISTS (SELECT FROM batch_leaves l WHERE (l.book_id, l.seq) = (%(papers)s, p.id)) OR "
        "EXISTS (SELECT FROM sealing_queue q WHERE (q.book_id, q.seq) = (%(papers)s, p.id)) "
        "FROM papers p ORDER BY p.id",
        {"papers": PAPERS_BOOK},
    ).fetchall()
    for paper_id, book_id, digest, recorded_at, found, there in rows:
        if paper_hash(book_id, digest, recorded_at) != found:
            changed.add(f"paper {paper_id}")
        if not there:
            lost.add(f"paper {paper_id}")
    return [
        changed.finding("papers are what was handed over", len(rows)),
        lost.finding("every paper is sealed or waits to be", len(rows)),
    ]
