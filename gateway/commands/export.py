"""Writes a group's books as a sealed archive that an outside auditor checks, or as plain text for hledger."""

import argparse
import hashlib
import sys
from pathlib import Path

from chamas import directory
from chamas.meeting import confirming
from gateway.commands import environment
from gateway.wiring import Wiring
from ledger import books, export, journal
from ledger.refusals import SeasonArchived
from payments import overview


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--chama", type=int, required=True, metavar="ID", help="the group, by its number")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where to; chama-ID.zip or .journal without it")
    parser.add_argument("--format", choices=("archive", "hledger"), default="archive")
    parser.add_argument("--without-notes", action="store_true", help="for readers who are not of the group")


def run(options: argparse.Namespace) -> int:
    wiring = environment.wiring("worker")
    try:
        named = made(wiring, options.chama, plain=options.format == "hledger", with_notes=not options.without_notes)
    except SeasonArchived:
        print("pages of this book are put away: `pesachama seasons attach` brings them back first", file=sys.stderr)
        return 1
    finally:
        wiring.close()
    if named is None:
        print(f"there is no chama {options.chama}", file=sys.stderr)
        return 1
    suffix = "journal" if options.format == "hledger" else "zip"
    out: Path = options.out or Path(f"chama-{options.chama}.{suffix}")
    try:
        out.write_bytes(named)
    except OSError as trouble:
        print(f"{out} cannot be written: {trouble.strerror}", file=sys.stderr)
        return 1
    print(f"{out}: {len(named):,} bytes, sha256 {hashlib.sha256(named).hexdigest()}")
    if suffix == "zip":
        print(f"Check it anywhere: unzip -o {out} {export.VERIFIER}, then python3 {export.VERIFIER} {out}")
    return 0


def made(wiring: Wiring, chama_id: int, *, plain: bool = False, with_notes: bool = True) -> bytes | None:
    """The archive, or the journal when it is to be `plain`; None for a chama that does not exist. One snapshot."""
    with wiring.transaction() as conn:
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        conn.execute("SELECT set_config('statement_timeout', '0', true)")
        chama, book_id = directory.chama(conn, chama_id), directory.book_of(conn, chama_id)
        if chama is None or book_id is None:
            return None
        if plain:
            return journal.of_book(conn, book_id).encode()
        files = export.files(conn, book_id, with_notes=with_notes)
        files["receipts.csv"] = export.copied(conn, overview.RECEIPTS_OF_BOOK, book_id)
        files["confirmations.csv"] = export.copied(conn, confirming.OF_BOOK, book_id)
        files["checkpoints.txt"] = export.witnessed(wiring.settings.checkpoint_file, files["batches.csv"])
        return export.archive(chama.name, books.page(conn, book_id), book_id, files)
