"""Writes a copy of the whole database into one file, while everybody goes on working."""

import argparse
import sys
from pathlib import Path

import psycopg

from gateway.backup import paper, taking
from gateway.commands import environment
from migrations import runner

NOT_IN_IT = """\
It holds names, phone numbers and what M-PESA sent: encrypt it before it leaves this machine.
Not in it, keep them beside it: SECRET_KEY, PIN_PEPPER, CREDENTIALS_KEYS, CHAIN_OPERATOR_KEY (nobody's PIN fits without
the pepper); the files of FILES_DIR and CHECKPOINT_FILE. Callbacks in SPOOL_DIR and sessions in Redis are not in it, and
need not be. What it means to go back to it: docs/operations/backup.md."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: pesachama backup --out /backups/pesachama.backup"
    parser.add_argument("--out", type=Path, metavar="FILE", help="where to; pesachama-DATE-TIME.backup without it")


def run(options: argparse.Namespace) -> int:
    wiring = environment.wiring("worker")
    try:
        at = wiring.now()
        out: Path = options.out or Path(f"pesachama-{at:%Y%m%dT%H%M%SZ}.backup")
        manifest = taking.take(wiring.settings, out, at=at)
    except psycopg.errors.InsufficientPrivilege as trouble:
        told = trouble.diag.message_primary
        print(f"{told}: DATABASE_URL must be the user who ran `pesachama migrate`", file=sys.stderr)
        return 1
    except (runner.ChangedMigration, runner.NewerDatabase) as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except OSError as trouble:
        print(f"{options.out or 'the backup'} cannot be written: {trouble.strerror}", file=sys.stderr)
        return 1
    finally:
        wiring.close()
    print(
        f"{out}: {out.stat().st_size:,} bytes, {len(manifest.rows)} tables, {sum(manifest.rows.values()):,} rows, "
        f"{len(manifest.heads)} books as of {manifest.made_at}, sha256 {paper.digest_of(out)}"
    )
    print(NOT_IN_IT)
    return 0
