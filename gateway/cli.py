"""`pesachama`: one file per command in `gateway/commands/`, each with `arguments(parser)` and `run(options)`."""

import argparse
import importlib
import sys
from collections.abc import Sequence

# The order is the order of the help page; the words are each command's first docstring line.
COMMANDS = (
    *("demo", "migrate", "serve", "worker", "verify", "export", "doctor", "seasons", "positions", "chain"),
    *(
        "reconcile",
        "import-statement",
        "assert-balance",
        "dial",
        "talk",
        "shortcodes",
        "payouts",
        "take-back",
        "register-urls",
        "register-pull",
        "admin",
    ),
    *("backup", "restore", "token", "found-group", "import", "erase", "incident"),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status; 2 for what was typed wrong. Without a command it helps."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(prog="pesachama", description="The USSD and M-PESA gateway of savings groups.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMANDS:
        # Only the command that runs is imported with all it needs: `dial` must not wait for a chain library.
        chosen = bool(arguments) and arguments[0] == name
        module = importlib.import_module(f"gateway.commands.{name.replace('-', '_')}") if chosen else None
        about = module.__doc__ if module else None
        sub = commands.add_parser(name, help=SUMMARIES[name], description=about)
        if module:
            module.arguments(sub)
            sub.set_defaults(run=module.run)
    if not arguments:
        parser.print_help()
        return 2
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except Exception as trouble:
        from gateway import away  # noqa: PLC0415 - not for a page of help

        if (sentence := away.sentence(trouble)) is None:
            raise
        sys.stderr.write(f"{sentence}\n")
        return 1


SUMMARIES = {
    "demo": "everything embedded, with a phone in the browser",
    "migrate": "bring the database up to this version",
    "serve": "the web process",
    "worker": "the process that sends, reads, books, seals and tells",
    "verify": "re-derive the books, one line per invariant",
    "export": "a group's books as an archive that outsiders check",
    "doctor": "look at settings and surroundings: OK or FIX",
    "seasons": "the seasons of the books: list, archive, attach",
    "positions": "what accounts did in each season, beside their postings; --rebuild",
    "assert-balance": "keep a count beside what the books hold; 1 when it fails",
    "chain": "the seal on the chain: status, commit, sync",
    "reconcile": "hold a day against M-PESA's own lists",
    "import-statement": "read a statement of M-PESA's portal",
    "dial": "a phone in this terminal",
    "talk": "replay a written conversation",
    "shortcodes": "paybills and tills: list, add, check, use, reseal",
    "payouts": "what goes out: what is stopped or has not ended; pays out again once it is put right",
    "take-back": "money that M-PESA does not know: list, ask that it be taken back",
    "register-urls": "tell Safaricom where paybill payments are confirmed",
    "register-pull": "have Safaricom list what was paid, each hour",
    "admin": "seat an admin of the desk, or give one a new password",
    "backup": "a copy of the whole database in one file",
    "restore": "bring a backup back into an empty database",
    "token": "issue a bearer token for the API",
    "found-group": "found a group with its chairperson",
    "import": "move a group in from a CSV file: register, money, open round",
    "erase": "forget a person; books and proofs stay",
    "incident": "what lies behind a reference that a member reads out",
}


if __name__ == "__main__":
    sys.exit(main())
