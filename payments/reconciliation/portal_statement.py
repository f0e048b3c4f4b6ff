"""Reads the statement of the utility account that M-PESA's organisation portal exports as CSV. Pure.

Not verified: there is no real sample of this file here. Its columns are those that the portal shows, and the simulator
writes the same. So the reader takes what a person may have done to a file on the way: columns in any order and with
other capitals, a byte order mark, commas, semicolons or tabs between cells, separators of thousands, rows in either
order, lines above the header and below the rows, the same row twice. What it cannot read it names by its line.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from ledger.nairobi import EAT
from payments.charges_told import Told
from payments.daraja.values import is_receipt
from payments.listings import Listed

# By their letters alone: "Receipt No." and "receipt no" are one column.
RECEIPT, COMPLETED, PAID_IN, WITHDRAWN = "receiptno", "completiontime", "paidin", "withdrawn"
NEEDED = (RECEIPT, COMPLETED, PAID_IN, WITHDRAWN)
STATUS, BALANCE, DETAILS = "transactionstatus", "balance", "details"

TIMES = (
    "%d-%m-%Y %H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%d/%m/%Y %H:%M:%S",
    "%d.%m.%Y %H:%M:%S",
    "%d-%m-%Y %H:%M",
    "%Y-%m-%d %H:%M",
)
PERIOD = re.compile(r"from\W*([\d./-]+ [\d:]+)\W*to\W*([\d./-]+ [\d:]+)", re.IGNORECASE)
# Beyond any account of M-PESA's.
DIGITS_AT_MOST = 15
# Enough to see what is wrong with a file; the rest is a number.
PROBLEMS_AT_MOST = 50


class NoStatement(ValueError):
    """The file is no statement; the message says why, in words for whoever chose the file."""


@dataclass(frozen=True)
class Problem:
    """A line that could not be read, by its number in the file, and why; never what stands in it."""

    line: int
    words: str


@dataclass(frozen=True)
class Statement:
    """What a file says. `since` and `until` (UTC) are the period that it names itself, None where it names none.

    `charges` stand on an account of their own and are no movement of this one; each has the receipt of its payout.
    """

    shortcode: str | None
    since: datetime | None
    until: datetime | None
    listed: tuple[Listed, ...]
    problems: tuple[Problem, ...]
    charges: tuple[Told, ...]
    repeated: int


def read_statement(body: bytes) -> Statement:
    """Raises NoStatement for a file without the header of a statement."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("cp1252", "replace")
    rows = list(_rows(text))
    head = next((at for at, (_, cells) in enumerate(rows) if {*map(_letters, cells)} >= {*NEEDED}), None)
    if head is None:
        raise NoStatement("no line of it names the columns Receipt No., Completion Time, Paid In and Withdrawn")
    columns = [_letters(cell) for cell in rows[head][1]]
    since, until = _period(" ".join(cells) for _, cells in rows[:head])
    read = _Reader()
    for line, cells in rows[head + 1 :]:
        read.row(line, dict(zip(columns, cells, strict=False)))
    return Statement(
        _shortcode(cells for _, cells in rows[:head]),
        since,
        until,
        tuple(sorted(read.listed.values(), key=lambda one: (one.at, one.receipt))),
        tuple(read.problems[:PROBLEMS_AT_MOST]),
        tuple(read.charges.values()),
        read.repeated,
    )


class _Reader:
    """Row after row; `listed` by receipt and direction."""

    def __init__(self) -> None:
        self.listed: dict[tuple[str, str], Listed] = {}
        self.problems: list[Problem] = []
        self.charges: dict[str, Told] = {}
        self.repeated = 0

    def row(self, line: int, told: Mapping[str, str]) -> None:
        receipt = told.get(RECEIPT, "").upper()
        if not receipt and not told.get(COMPLETED):
            # A total, an empty line, or what the portal prints below the rows.
            return
        if told.get(STATUS, "Completed").strip().lower() != "completed":
            return
        try:
            one = _listed(receipt, told)
        except ValueError as trouble:
            self.problems.append(Problem(line, str(trouble)))
            return
        if one.direction == "out" and "charge" in told.get(DETAILS, "").lower():
            charge = Told("statement", one.receipt, one.at, charge_cents=one.amount_cents)
            if self.charges.setdefault(one.receipt, charge) != charge:
                self.problems.append(Problem(line, f"{one.receipt} has two charges in the file"))
            return
        before = self.listed.setdefault((one.receipt, one.direction), one)
        if before is not one:
            self.repeated += 1
            if before != one:
                self.problems.append(Problem(line, f"{one.receipt} stands in the file twice and says two things"))


def _listed(receipt: str, told: Mapping[str, str]) -> Listed:
    """Raises ValueError with the column that cannot be read."""
    if not is_receipt(receipt):
        raise ValueError("no receipt in Receipt No.")
    at = _time(told.get(COMPLETED, ""))
    if at is None:
        raise ValueError("no time in Completion Time")
    paid_in, withdrawn = _cents(told.get(PAID_IN, ""), "Paid In"), _cents(told.get(WITHDRAWN, ""), "Withdrawn")
    if (paid_in == 0) == (withdrawn == 0):
        raise ValueError("one of Paid In and Withdrawn must have an amount")
    balance = _cents(told[BALANCE], "Balance") if told.get(BALANCE) else None
    return Listed("statement", receipt, "in" if paid_in else "out", abs(paid_in or withdrawn), at, balance)


def _cents(text: str, column: str) -> int:
    """Shillings with or without separators, a sign and KES before them; nothing and a dash are zero."""
    bare = re.sub(r"(?i)^(?:kes|kshs?)\.?|[,\s]", "", text.strip())
    if bare in ("", "-"):
        return 0
    try:
        exact = Decimal(bare) * 100
    except InvalidOperation:
        raise ValueError(f"no amount in {column}") from None
    if not exact.is_finite() or exact.adjusted() >= DIGITS_AT_MOST or exact != exact.to_integral_value():
        raise ValueError(f"no amount in {column}")
    return int(exact)


def _time(text: str) -> datetime | None:
    """Nairobi's time in one of the usual forms, as UTC."""
    for form in TIMES:
        try:
            return datetime.strptime(text.strip(), form).replace(tzinfo=EAT).astimezone(UTC)
        except ValueError:
            continue
    return None


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Cells without blanks around them, with the number of their line in the file."""
    header = next((line for line in text.splitlines() if _letters(line).find(RECEIPT) >= 0), "")
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise NoStatement(f"line {reader.line_num} is no CSV") from None
        yield reader.line_num, [cell.strip() for cell in cells]


def _letters(cell: str) -> str:
    return re.sub(r"[^a-z]", "", cell.lower())


def _period(lines: Iterator[str]) -> tuple[datetime | None, datetime | None]:
    for line in lines:
        found = PERIOD.search(line)
        if found:
            return _time(found[1]), _time(found[2])
    return None, None


def _shortcode(lines: Iterator[list[str]]) -> str | None:
    """The number in the line `Short Code:,600123`."""
    for cells in lines:
        if cells and _letters(cells[0]) == "shortcode":
            found = re.search(r"\d{5,7}", " ".join(cells))
            return found[0] if found else None
    return None
