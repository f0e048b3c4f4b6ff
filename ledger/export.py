"""One book as an archive that an outsider checks with nothing of ours: CSV files, and the program that reads them.

Every file is what PostgreSQL's COPY writes, in an order of its own, so that the same books make the same bytes. The
files of other rooms (receipts) are joined by whoever calls. What is in the archive is what a member may see of her
group: numbers, amounts, times, hashes, and the notes that were not erased; no name and no phone stands in a book.
"""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from psycopg import sql

from ledger import journal, preimage, proofs
from ledger.books import Page
from ledger.wires import Connection
from ledger.words import words

FORMAT = "pesachama-export/1"
VERIFIER = "verify_export.py"

# The first instant that a zip can name: a file's own time would make other bytes of the same books.
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)

# Instants to the microsecond in UTC, whatever the session's settings; hashes and salts in lower-case hex.
_UTC = sql.SQL("""to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS {}""")

# Name of the file, and what it shows of the book {book}.
_TABLES: tuple[tuple[str, sql.SQL], ...] = (
    (
        "entries.csv",
        sql.SQL(
            "SELECT seq, season, version, kind, {occurred_at}, {recorded_at}, about_season, actor_id, reverses_seq, "
            "{expires_at}, resolves_seq, resolution, "
            "encode(commitment, 'hex') AS commitment, encode(prev_hash, 'hex') AS prev_hash, "
            "encode(hash, 'hex') AS hash FROM entries WHERE book_id = {book} ORDER BY season, seq"
        ),
    ),
    (
        "postings.csv",
        sql.SQL(
            "SELECT seq, season, line, account_id, amount_cents, phase, balance_after_cents, "
            "account_version FROM postings WHERE book_id = {book} ORDER BY season, seq, line"
        ),
    ),
    (
        "accounts.csv",
        sql.SQL(
            "SELECT id, code, kind, normal_side, owner_member_id, debits_posted_cents, "
            "credits_posted_cents, debits_pending_cents, credits_pending_cents, balance_cents, "
            "floor_cents, ceiling_cents, version, {closed_at} FROM accounts WHERE book_id = {book} ORDER BY id"
        ),
    ),
    (
        "positions.csv",
        sql.SQL(
            "SELECT account_id, season, debits_cents, credits_cents, postings, first_seq, last_seq "
            "FROM positions WHERE book_id = {book} ORDER BY account_id, season"
        ),
    ),
    (
        "notes.csv",
        sql.SQL("SELECT seq, encode(salt, 'hex') AS salt, note FROM entry_notes WHERE book_id = {book} ORDER BY seq"),
    ),
    (
        "batches.csv",
        sql.SQL(
            "SELECT number, encode(root, 'hex') AS root, encode(previous_root, 'hex') AS previous_root, leaf_count, "
            "{sealed_at}, witness, state, chain_id, contract, encode(tx_hash, 'hex') AS tx_hash, block_number, "
            "encode(block_hash, 'hex') AS block_hash, {completed_at} FROM batches "
            "WHERE number IN (SELECT batch FROM batch_leaves WHERE book_id = {book}) ORDER BY number"
        ),
    ),
)
_INSTANTS = ("occurred_at", "recorded_at", "closed_at", "sealed_at", "completed_at", "paid_at", "expires_at")


def files(conn: Connection, book_id: int, *, with_notes: bool = True) -> dict[str, bytes]:
    """The book's files by name; call it in a transaction that sees one snapshot.

    Raises SeasonArchived when pages of the book are put away: half a book proves nothing.
    """
    told = journal.of_book(conn, book_id).encode()
    tables = {name: copied(conn, query, book_id) for name, query in _TABLES if with_notes or name != "notes.csv"}
    return {
        **tables,
        "codes.csv": _codes(conn, book_id),
        "leaves.csv": _leaves(conn, book_id),
        "books.journal": told,
        "words.txt": Path(__file__).with_name("words.txt").read_bytes(),
        VERIFIER: Path(__file__).with_name(VERIFIER).read_bytes(),
        "README.txt": README.encode(),
    }


def copied(conn: Connection, query: sql.SQL, book_id: int) -> bytes:
    """What a query shows as CSV with a header; {book} stands in it for the book, and instants for their form here."""
    instants = {name: _UTC.format(sql.Identifier(name), sql.Identifier(name)) for name in _INSTANTS}
    shown = query.format(book=sql.Literal(book_id), **instants)
    with (
        conn.cursor() as cursor,
        cursor.copy(sql.SQL("COPY ({}) TO STDOUT (FORMAT CSV, HEADER)").format(shown)) as copy,
    ):
        return b"".join(bytes(block) for block in copy)


def archive(name: str, newest: Page | None, book_id: int, files: Mapping[str, bytes]) -> bytes:
    """The files with their manifest as a zip: not compressed, so that no library's taste changes its bytes."""
    manifest = {
        "format": FORMAT,
        "name": name,
        "book": book_id,
        "pages": newest.seq if newest else 0,
        "head": newest.hash.hex() if newest else preimage.GENESIS.hex(),
        "words": newest.words if newest else "",
        "files": {path: hashlib.sha256(body).hexdigest() for path, body in sorted(files.items())},
    }
    sealed = {"manifest.json": json.dumps(manifest, indent=1, ensure_ascii=False).encode() + b"\n", **files}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as zipped:
        for path, body in sorted(sealed.items()):
            zipped.writestr(zipfile.ZipInfo(path, ZIP_EPOCH), body)
    return packed.getvalue()


def witnessed(name: str, shown: bytes) -> bytes:
    """The lines of the checkpoint file for the batches that `shown` (batches.csv) names, below its header.

    With the chain on there may be no such file: its `name` is empty, or it is not there yet.
    """
    numbers = {row["number"] for row in csv.DictReader(io.StringIO(shown.decode()))}
    lines = Path(name).read_text().splitlines(keepends=True) if name and Path(name).exists() else []
    return "".join(line for at, line in enumerate(lines) if not at or line.partition(" ")[0] in numbers).encode()


def _codes(conn: Connection, book_id: int) -> bytes:
    rows = conn.execute(
        "SELECT e.seq, e.hash, c.code FROM entries e "
        "LEFT JOIN entry_codes c ON (c.book_id, c.seq) = (e.book_id, e.seq) "
        "WHERE e.book_id = %s ORDER BY e.season, e.seq",
        [book_id],
    ).fetchall()
    return _csv(("seq", "words", "code"), ((seq, words(entry_hash), code) for seq, entry_hash, code in rows))


def _leaves(conn: Connection, book_id: int) -> bytes:
    rows = conn.execute(
        "SELECT seq, batch, position, salt, leaf FROM batch_leaves WHERE book_id = %s ORDER BY seq", [book_id]
    ).fetchall()
    return _csv(
        ("seq", "batch", "position", "salt", "leaf", "siblings"),
        (
            (seq, batch, at, salt.hex(), leaf.hex(), " ".join(node.hex() for node in proofs.siblings(conn, batch, at)))
            for seq, batch, at, salt, leaf in rows
        ),
    )


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


README = f"""\
The books of one savings group, sealed. To check them you need Python (3.9 or newer) and nothing of ours but one file:

    python3 {VERIFIER} ARCHIVE.zip

A forger could have changed that file, too: better take your own copy, from the project's repository or from an auditor
before you. It computes every hash, sum, balance, check word and Merkle root again and names what does not fit.

What it cannot know you bring yourself:
    --root 0x...          a root that you read on the chain (contract and transaction stand in batches.csv)
    --checkpoints FILE    a copy of the checkpoint file that an official kept
    --statement FILE      M-PESA's own statement of the paybill, as CSV, from the organization portal
    --only                with it: the paybill is this group's alone, so nothing else may have been paid in

entries.csv    the pages of the book: number, kind, instants (UTC), hashes
postings.csv   their lines: cents to the debit (positive) or credit (negative) of an account
accounts.csv   the accounts, with what their postings add up to
positions.csv  what every account did in each season
notes.csv      what was said to an entry; erased notes are missing, their entries still hold
codes.csv      the check words and the receipt code of every page; a code is not sealed
leaves.csv     where every sealed page stands in its batch, and its way up to the root
batches.csv    the batches: root, chain, contract, transaction, block
confirmations.csv  whom we asked on her own phone whether her balance was right at a page, and what she said; who is
               asked has the lowest SHA-256 of seed and member id; a fifth of the members, three at least
receipts.csv   M-PESA's receipts and the entries that they stand in
books.journal  the same as plain text for hledger: `hledger -f books.journal balance`
"""
