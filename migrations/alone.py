"""The schema of `ledger/` by itself, for those who take that room alone: `python -m migrations.alone > ledger.sql`.

The same files that make the whole, without the statements that speak of other rooms: a view for older tools that shows
members, the audit of other rooms' tables, the list of persons who were forgotten, and what the roles of our processes
may do. No roles are made and no row policies: those are the house's own, and whoever takes the books has a house of his
own. The log of changes is there with the books' own tables in it; `audit_all` and `audit_columns` put others under it.
"""

import re
from collections.abc import Iterator

from migrations import runner

FILES = (
    "0001_books.sql",
    "0002_chain.sql",
    "0009_holds.sql",
    "0011_reading_the_books.sql",
    "0012_verified_pages.sql",
    "0013_cheaper_posting.sql",
    "0014_positions_without_a_key.sql",
    "0015_audit.sql",
    "0017_counts_by_season.sql",
    "0027_verified_changes.sql",
    "0028_lighter_posting.sql",
    "0031_entries_without_lines.sql",
    "0044_papers.sql",
    "0050_sums_beyond_bounds.sql",
    "0055_sets_at_one_pace.sql",
    "0067_read_back.sql",
    "0070_numbers_in_the_log.sql",
)
# Tables of other rooms, and what is said about our processes: a statement with one of these is left out.
ELSEWHERE = re.compile(
    r"\b(?:users|pins|consents|api_tokens|chama_members|chamas|rule_sets|rounds|contributions|erasures|"
    r"shortcodes|evidence|receipts|suspense|payment_attempts|payment_intents|"
    r"protect_rows|pesachama_web|pesachama_worker)\b"
)

_QUOTED = re.compile(r"(\$\$.*?\$\$|'(?:[^']|'')*'|--[^\n]*)", re.DOTALL)


def statements() -> Iterator[str]:
    """Every statement of the ledger's own files, in their order."""
    files = {migration.name: migration.sql for migration in runner.known()}
    for name in FILES:
        yield from _split(files[name])


def sql() -> str:
    """What makes an empty database ready for `ledger/`."""
    return "".join(f"{one};\n\n" for one in statements() if not ELSEWHERE.search(one))


def left_out() -> list[str]:
    """The statements that are not the ledger's, for the test that looks which they are."""
    return [one for one in statements() if ELSEWHERE.search(one)]


def _split(text: str) -> Iterator[str]:
    """Statements end with a semicolon that stands in no string, no function body and no comment."""
    so_far = ""
    for part in _QUOTED.split(text):
        if part.startswith(("$$", "'")):
            so_far += part
        elif not part.startswith("--"):
            first, *others = part.split(";")
            so_far += first
            for other in others:
                yield so_far.strip()
                so_far = other
    if so_far.strip():
        raise ValueError("a migration does not end its last statement")


if __name__ == "__main__":
    print(sql(), end="")  # noqa: T201 - it is what was asked for
