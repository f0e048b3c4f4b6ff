"""Re-derives books, payments and seals from their rows; one line per invariant, exit status 1 when one fails."""

import argparse
import dataclasses
import json
import os
import sys
from collections.abc import Sequence

from gateway import away, checks
from gateway.commands import environment
from ledger import audit
from ledger.findings import Finding
from ledger.verify import unseen as unseen_pages

# Of the bar on a terminal, in letters.
BAR_WIDTH = 40

NOT_SEEN = (
    "{pages:,} pages that an earlier run found sound were not hashed again: their numbers, links and totals were "
    "looked at; a changed time, kind, line or note of theirs is found by `pesachama verify --all` only, and so is what "
    "was changed within {changes:,} rows of the log of changes"
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON document instead of lines")
    scope = parser.add_mutually_exclusive_group()
    scope.add_argument("--all", action="store_true", help="every page of every book; so it is without a word, too")
    scope.add_argument("--new", action="store_true", help="hash only the pages since the last sound run")


def run(options: argparse.Namespace) -> int:
    wiring = environment.wiring("worker")
    try:
        with wiring.transaction() as conn:
            unseen = {"pages": unseen_pages(conn), "changes": audit.unseen(conn)}
        findings = checks.all_findings(wiring, new_only=options.new, processes=os.cpu_count() or 1, told=bar)
    except away.AWAY as trouble:
        if options.json:  # who reads it reads no standard error
            print(json.dumps({"ok": False, "findings": [], "not_seen": "", "error": away.sentence(trouble)}))
        raise
    finally:
        wiring.close()
    sound = all(finding.ok for finding in findings)
    not_seen = NOT_SEEN.format(**unseen) if options.new else ""
    if options.json:
        said = [dataclasses.asdict(finding) for finding in findings]
        print(json.dumps({"ok": sound, "findings": said, "not_seen": not_seen}))
    else:
        told(findings)
        if not_seen:
            print(f"     {not_seen}.")
    return 0 if sound else 1


def told(findings: Sequence[Finding]) -> int:
    """Prints one line for each finding; returns 1 when one fails."""
    for finding in findings:
        detail = f": {finding.detail}" if finding.detail else ""
        print(f"{'ok  ' if finding.ok else 'FAIL'} {finding.name} ({finding.count:,} looked at){detail}")
    return 0 if all(finding.ok for finding in findings) else 1


def bar(pages: int, of: int) -> None:
    """Draws on a terminal how far the walk over the books is; rubbed out at the end, and never in a file."""
    if sys.stderr.isatty():
        full = BAR_WIDTH * pages // of if of else BAR_WIDTH
        line = f"\r{'#' * full}{'.' * (BAR_WIDTH - full)} {pages:,} of {of:,} pages"
        sys.stderr.write(f"\r{' ' * len(line)}\r" if pages >= of else line)
        sys.stderr.flush()
