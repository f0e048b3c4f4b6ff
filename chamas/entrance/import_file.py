"""The file with which a group moves in: its register, what it holds, and its open round, read and looked through. Pure.

A CSV file whose lines say with their first word what they are; `docs/import-sample.csv` is one, and
docs/operations/import.md explains it. Everything that is wrong is told with its line, so that a file is put right in
one go. Nothing may be left over: what members saved is what the group holds, or has paid out.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from itertools import chain

from chamas.members.register import Role
from chamas.rulebook.calendar import Frequency
from ledger.money import parse_shillings, print_kes
from ledger.nairobi import EAT
from ledger.refusals import NotAnAmount
from payments.phones import UnreadablePhone, normalise

# Ten times the largest group with the longest names.
MOST_BYTES = 200_000
# As the CHECK of a group's target has it.
MOST_MEMBERS = 100

GROUP = ("name", "how often", "shillings a round")
ROUND = ("number", "first day", "last day")
MEMBER = (
    "number", "first name", "last name", "phone", "role", "turn", "language", "saved", "received", "paid now", "arrears"
)  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """What is wrong in a line, counted from 1; 0 is the file as a whole. Words hold no name and no phone."""

    line: int
    words: str


@dataclass(frozen=True)
class MovingMember:
    """One member line; money in cents.

    `saved` is all she ever paid in, `received` what she was paid out, `paid_now` the part of `saved` that is for the
    open round, `arrears` what she still owes of rounds before it.
    """

    line: int
    number: int
    first_name: str
    last_name: str | None
    phone: str | None
    role: Role
    turn: int | None
    language: str
    saved_cents: int
    received_cents: int
    paid_now_cents: int
    arrears_cents: int


@dataclass(frozen=True)
class MovingGroup:
    """A whole group, sound: amounts in cents, days of the open round, `last_day` for a calendar without steps."""

    name: str
    frequency: Frequency
    contribution_cents: int
    cash_cents: int
    mpesa_cents: int
    round_number: int
    first_day: date
    last_day: date | None
    members: tuple[MovingMember, ...]

    @property
    def opens_at(self) -> datetime:
        """Midnight in Nairobi before the first day, in UTC."""
        return datetime.combine(self.first_day, time(), EAT).astimezone(UTC)


@dataclass
class _Reader:
    """What was found so far, and what is wrong."""

    problems: list[Problem] = field(default_factory=list)
    group: tuple[str, Frequency, int] | None = None
    sums: dict[str, int] = field(default_factory=dict)
    round: tuple[int, date, date | None] | None = None
    members: list[MovingMember] = field(default_factory=list)

    def wrong(self, line: int, words: str) -> None:
        self.problems.append(Problem(line, words))


def read(body: bytes) -> tuple[MovingGroup | None, list[Problem]]:
    """The group in this file, or everything that is wrong with it, by line."""
    if len(body) > MOST_BYTES:
        return None, [Problem(0, "The file is larger than 200 kB.")]
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None, [Problem(0, "Save the file as CSV in UTF-8.")]
    reader = _Reader()
    for line, cells in _lines(text):
        word, *rest = cells
        read_line = LINES.get(word.lower())
        if read_line is None:
            reader.wrong(line, "A line begins with group, cash, mpesa, round or member.")
        else:
            read_line(reader, line, word.lower(), rest)
    for problem in chain(_missing(reader), _of_members(reader.members), _of_sums(reader)):
        reader.problems.append(problem)
    if reader.problems or reader.group is None or reader.round is None:
        return None, sorted(reader.problems, key=lambda one: one.line)
    members = tuple(sorted(reader.members, key=lambda one: one.number))
    return MovingGroup(*reader.group, reader.sums["cash"], reader.sums["mpesa"], *reader.round, members), []


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Lines that say something, with their numbers; spreadsheets in Kenya write commas or semicolons."""
    delimiter = ";" if text.count(";") > text.count(",") else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in rows:
            cells = [cell.strip() for cell in row]
            if any(cells) and not cells[0].startswith("#"):
                yield rows.line_num, cells
    except csv.Error:
        yield rows.line_num, ["?"]


def _group(reader: _Reader, line: int, _word: str, cells: Sequence[str]) -> None:
    found = _named(reader, line, GROUP, cells)
    if found is None:
        return
    if not 2 <= len(found["name"]) <= 40:
        reader.wrong(line, "The group's name has 2 to 40 letters.")
    try:
        frequency = Frequency(found["how often"].lower())
    except ValueError:
        reader.wrong(line, "How often is weekly, fortnightly, monthly or custom.")
        return
    cents = _amount(reader, line, "shillings a round", found)
    if cents < 10_00:
        reader.wrong(line, "A round is KES 10 or more.")
    if reader.group is not None:
        reader.wrong(line, "There is a line for the group already.")
    reader.group = (found["name"], frequency, cents)


def _sum(reader: _Reader, line: int, word: str, cells: Sequence[str]) -> None:
    if word in reader.sums:
        reader.wrong(line, f"There is a line for {word} already.")
    reader.sums[word] = _amount(reader, line, word, {word: cells[0] if cells else ""})


def _round(reader: _Reader, line: int, _word: str, cells: Sequence[str]) -> None:
    found = _named(reader, line, ROUND, cells)
    if found is None:
        return
    number = int(found["number"]) if re.fullmatch(r"[1-9][0-9]{0,3}", found["number"]) else 0
    if not number:
        reader.wrong(line, "The round's number is 1 or more.")
    try:
        first = date.fromisoformat(found["first day"])
        last = date.fromisoformat(found["last day"]) if found["last day"] else None
    except ValueError:
        reader.wrong(line, "Write days as 2026-11-20.")
        return
    if last is not None and last < first:
        reader.wrong(line, "The round's last day lies before its first.")
    if reader.round is not None:
        reader.wrong(line, "There is a line for the round already.")
    reader.round = (number, first, last)


def _member(reader: _Reader, line: int, _word: str, cells: Sequence[str]) -> None:
    found = _named(reader, line, MEMBER, cells)
    if found is None:
        return
    number, turn = (_small(reader, line, name, found) for name in ("number", "turn"))
    if number is None:
        reader.wrong(line, "A member has a number from 1 to 100.")
    if not re.fullmatch(r"[^\W\d_]{2,}(?:['-][^\W\d_]+)*", found["first name"]) or len(found["first name"]) > 20:
        reader.wrong(line, "The first name is one word of letters.")
    if len(found["last name"]) > 40:
        reader.wrong(line, "The last name is longer than 40 letters.")
    try:
        phone = normalise(found["phone"]) if found["phone"] else None
    except UnreadablePhone:
        reader.wrong(line, "The phone is no phone number: write it like 0712345678.")
        phone = None
    role = found["role"].lower() or Role.MEMBER
    if role not in list(Role):
        reader.wrong(line, "The role is chairperson, treasurer, secretary or member.")
        role = Role.MEMBER
    language = found["language"].lower() or "sw"
    if language not in ("sw", "en"):
        reader.wrong(line, "The language is sw or en.")
    saved, received, paid_now, arrears = (_amount(reader, line, name, found) for name in MEMBER[-4:])
    if paid_now > saved:
        reader.wrong(line, "What she paid for the open round is part of what she saved, and cannot be more.")
    reader.members.append(
        MovingMember(line, number or 0, found["first name"], found["last name"] or None, phone, Role(role), turn,
                     language, saved, received, paid_now, arrears)
    )  # fmt: skip


Read = Callable[[_Reader, int, str, Sequence[str]], None]
LINES: Mapping[str, Read] = {"group": _group, "cash": _sum, "mpesa": _sum, "round": _round, "member": _member}


def _named(reader: _Reader, line: int, names: Sequence[str], cells: Sequence[str]) -> dict[str, str] | None:
    """The cells by name; what is left out at the end is empty. None, and a problem, when there are too many."""
    if [cell for cell in cells[len(names) :] if cell]:
        reader.wrong(line, f"There is more than: {', '.join(names)}.")
        return None
    return dict(zip(names, [*cells, *[""] * len(names)], strict=False))


def _small(reader: _Reader, line: int, name: str, found: Mapping[str, str]) -> int | None:
    if not found[name]:
        return None
    number = int(found[name]) if re.fullmatch(r"[1-9][0-9]{0,2}", found[name]) else 0
    if not 1 <= number <= MOST_MEMBERS:
        reader.wrong(line, f"The {name} is a number from 1 to 100.")
        return None
    return number


def _amount(reader: _Reader, line: int, name: str, found: Mapping[str, str]) -> int:
    """Cents; nothing is 0."""
    text = found[name].removeprefix("KES").strip()
    if not text.strip("0.,"):
        return 0
    try:
        return parse_shillings(text)
    except NotAnAmount:
        reader.wrong(line, f"Write {name} in shillings, for example 1500.")
        return 0


def _missing(reader: _Reader) -> Iterator[Problem]:
    for word, found in (("group", reader.group), ("round", reader.round), ("member", reader.members)):
        if not found:
            yield Problem(0, f"There is no sound line that begins with {word}.")
    for word in ("cash", "mpesa"):
        if word not in reader.sums:
            yield Problem(0, f"There is no line that begins with {word}: write 0 where there is none.")
    if reader.group and reader.round and (reader.group[1] is Frequency.CUSTOM) != (reader.round[2] is not None):
        yield Problem(0, "The round's last day is for a custom calendar, and there it must be said.")


def _of_members(members: Sequence[MovingMember]) -> Iterator[Problem]:
    """What must not stand twice, and what must stand once."""
    if not 2 <= len(members) <= MOST_MEMBERS:
        yield Problem(0, "A group has 2 to 100 members.")
    for name, values in (
        ("number", [(one.line, one.number) for one in members if one.number]),
        ("phone", [(one.line, one.phone) for one in members if one.phone]),
        ("turn", [(one.line, one.turn) for one in members if one.turn]),
    ):
        seen: dict[object, int] = {}
        for line, value in values:
            if value in seen:
                yield Problem(line, f"This {name} stands in line {seen[value]} too.")
            seen.setdefault(value, line)
    turns = sorted(one.turn for one in members if one.turn)
    if turns and turns != list(range(1, len(turns) + 1)):
        yield Problem(0, "Turns are 1, 2, 3 and so on, without a gap.")
    if sum(one.role is Role.CHAIRPERSON for one in members) != 1:
        yield Problem(0, "One member is chairperson.")


def _of_sums(reader: _Reader) -> Iterator[Problem]:
    """Nothing is left over, and a first round has nothing before it."""
    saved = sum(one.saved_cents for one in reader.members)
    received = sum(one.received_cents for one in reader.members)
    held = sum(reader.sums.values())
    if saved != held + received:
        yield Problem(
            0,
            f"Members saved KES {print_kes(saved)} and received KES {print_kes(received)}, so the group holds KES "
            f"{print_kes(saved - received)}; cash and mpesa are KES {print_kes(held)} together.",
        )
    if reader.round and reader.round[0] == 1:
        for one in reader.members:
            if one.saved_cents != one.paid_now_cents or one.arrears_cents:
                yield Problem(one.line, "In a first round all that she saved is paid now, and there are no arrears.")
