"""Re-derives books, payments and seals from their rows; one line per invariant, exit status 1 when one fails."""

import argparse
import dataclasses
import json

from gateway import checks
from gateway.commands import environment


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON document instead of lines")


def run(options: argparse.Namespace) -> int:
    wiring = environment.wiring("worker")
    findings = checks.all_findings(wiring)
    wiring.close()
    sound = all(finding.ok for finding in findings)
    if options.json:
        print(json.dumps({"ok": sound, "findings": [dataclasses.asdict(finding) for finding in findings]}))
    else:
        for finding in findings:
            detail = f": {finding.detail}" if finding.detail else ""
            print(f"{'ok  ' if finding.ok else 'FAIL'} {finding.name} ({finding.count:,} looked at){detail}")
    return 0 if sound else 1
