"""Brings a backup back into an empty database, then re-derives all that it holds; nothing is paid out until you say."""

import argparse
import sys
import zipfile
from pathlib import Path

import psycopg

from gateway import checks
from gateway.backup import paper, returning
from gateway.commands import environment, verify
from gateway.commands.migrate import bring_up_to_date
from gateway.wiring import Wiring

WHAT_NOW = """\
Nothing is paid out until you have compared: money that left after {made_at} is in M-PESA's statement and not here.
  1. start with an empty Redis and the old SPOOL_DIR, then start web and worker
  2. pesachama reconcile, and pesachama import-statement, for each day since then
  3. pesachama payouts resume
docs/operations/backup.md says what each of them finds, and what nobody can find."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: pesachama restore /backups/pesachama.backup, with DATABASE_URL of an empty database"
    parser.add_argument("file", type=Path, metavar="FILE", help="what `pesachama backup` wrote")
    parser.add_argument("--other-secrets", action="store_true", help="though the secrets of the settings are others")


def run(options: argparse.Namespace) -> int:
    wiring = environment.wiring("worker")
    try:
        with paper.opened(options.file) as (archive, manifest):
            returning.look(wiring.settings, manifest, other_secrets=options.other_secrets)
            returning.bring_back(wiring.settings, archive, manifest, at=wiring.now())
        print(
            f"{sum(manifest.rows.values()):,} rows of {len(manifest.rows)} tables are back, and the last pages of "
            f"{len(manifest.heads)} books are those of the backup, made at {manifest.made_at}"
        )
        for line in bring_up_to_date(wiring):
            print(line)
        print(seals_read_back(wiring))
        findings = checks.all_findings(wiring)
        print(WHAT_NOW.format(made_at=manifest.made_at))
        return verify.told(findings)
    except (paper.Unusable, zipfile.BadZipFile) as trouble:
        print(f"{trouble}. Nothing was restored.", file=sys.stderr)
    except psycopg.errors.InsufficientPrivilege as trouble:
        said = trouble.diag.message_primary
        print(f"{said}: DATABASE_URL must be the owner of the empty database. Nothing was restored.", file=sys.stderr)
    finally:
        wiring.close()
    return 1


def seals_read_back(wiring: Wiring) -> str:
    """Reads what the contract took after the backup; a chain that does not answer is read by the worker."""
    own = wiring.settings
    if own.chain == "off":
        return "The chain is off: what its contract took after the backup is read when it is on again."
    # Only here: without a chain nobody waits for its library.
    from ledger import chain, overview, sync  # noqa: PLC0415

    try:
        sync.read(wiring, chain.connect(own.chain_rpc_url))
    except chain.ChainTrouble as trouble:
        return f"The chain could not be read: {trouble}. Nothing is sealed until the worker has read it."
    with wiring.transaction() as conn:
        return f"The chain was read back: {overview.taken_over(conn)} batches came after the backup and are taken over."
