"""Draws docs/codes.md from the tables of Safaricom's codes: `make codes`."""

from collections.abc import Iterable
from pathlib import Path

from menus import locale
from payments.daraja import codes, errors, payout_codes
from payments.daraja.codes import Code
from payments.daraja.errors import Meaning, Rule
from payments.daraja.payout_codes import PayoutCode
from payments.states import AttemptState

DOCUMENT = Path(__file__).parents[1] / "docs" / "codes.md"

APIS = {
    codes.STK: "A prompt (STK push, its query and its callback)",
    payout_codes.B2C: "A payout (B2C)",
    payout_codes.B2B: "A transfer to a bank's paybill (B2B)",
    codes.REVERSAL: "A reversal",
    codes.STATUS: "A question (Transaction Status, Account Balance)",
    codes.B2B_EXPRESS: "A transfer to another paybill (B2B express)",
    codes.G2: "The core, to any request of an initiator",
}

# What a code proves, in the words of decision 0005.
PROVES = {
    AttemptState.PROVEN: "money moved",
    AttemptState.FAILED_SOFT: "no money yet: a late success is possible",
    AttemptState.FAILED_FINAL: "no money",
    AttemptState.PENDING: "nothing: it is on its way",
    AttemptState.UNCLEAR: "nothing",
}

MEANS = {
    Meaning.TOKEN: ("nothing was executed", "at once, with a new token"),
    Meaning.INVALID: ("nothing was executed", "no"),
    Meaning.CREDENTIALS: ("nothing was executed", "once it is repaired"),
    Meaning.LATER: ("nothing was executed", "later"),
    Meaning.IN_FLIGHT: ("nothing", "it is asked about"),
    Meaning.NO_SUCH_ID: ("nothing", "it is asked about"),
    Meaning.DUPLICATE: ("one with this name was taken before", "it is asked about"),
    Meaning.UNKNOWN: ("nothing", "it is asked about"),
}

HEAD = """# Codes of Safaricom's

Written by `make codes` from the tables in [payments/daraja](../payments/daraja/); a test keeps the two equal. The key
is the API and the code together: 2001 is a member's wrong PIN on a prompt, and our initiator's wrong password anywhere
else. **A code that stands in no table proves nothing**: what it is about stays open, is asked about, and is shown to
people; it is never called failed.

Graded by whoever says so: O Safaricom's own documentation, S seen in the sandbox, C told by others.
"""


def drawn() -> str:
    """The text of docs/codes.md."""
    tables: dict[tuple[str, str], Code | PayoutCode] = {**codes.CODES, **payout_codes.PAYOUT_CODES}
    parts = [HEAD]
    for api, title in APIS.items():
        rows = [(code, row) for (own, code), row in tables.items() if own == api]
        columns = ("code", "means", "it proves", "again", *_languages(rows), "for the operator", "grade")
        parts.append(_table(title, *columns))
        parts += [_line(f"`{code}`", *_row(row), *_words(rows, row), row.repair, row.grade) for code, row in rows]
    columns = ("code", "with the words", "means", "it proves", "again")
    parts.append(_table("An answer with an errorCode (any API)", *columns))
    parts += [_line(f"`{rule.code}`", rule.words, rule.says, *MEANS[rule.meaning]) for rule in _named(errors.RULES)]
    return "".join(parts)


def _row(row: Code | PayoutCode) -> tuple[str, str, str]:
    if isinstance(row, Code):
        return row.meaning, PROVES[row.treat_as], row.retry
    if row.meaning == "success":
        return row.meaning, PROVES[AttemptState.PROVEN], row.retry
    stops = "; nothing more leaves in this initiator's name" if row.stops else ""
    return row.meaning, ("no money" if row.failed else "nothing") + stops, row.retry


def _languages(rows: Iterable[tuple[str, Code | PayoutCode]]) -> list[str]:
    """A column per language where members or officials are told anything."""
    told = any(row.words for _, row in rows)
    return [f"is told ({language})" for language in locale.LANGUAGES] if told else []


def _words(rows: Iterable[tuple[str, Code | PayoutCode]], row: Code | PayoutCode) -> list[str]:
    return [row.words and locale.say(language, row.words) for language in locale.LANGUAGES] if _languages(rows) else []


def _named(rules: Iterable[Rule]) -> list[Rule]:
    """Those of one code; a rule for all that begins alike is no code of Safaricom's."""
    return [rule for rule in rules if not rule.code.endswith(".")]


def _table(title: str, *columns: str) -> str:
    return f"\n## {title}\n\n" + _line(*columns) + "|" + "---|" * len(columns) + "\n"


def _line(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |\n"


if __name__ == "__main__":
    DOCUMENT.write_text(drawn(), encoding="utf-8")
