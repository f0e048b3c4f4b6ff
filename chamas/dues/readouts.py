"""What a member asks to have sent to her: her statement, and who still owes. Several SMS where one does not hold it.

A line is digits, names and signs that are the same in every language; once a day is enough, and more costs the group.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from chamas.dues import holdings, owing
from chamas.dues.holdings import Move
from chamas.telling import notices
from chamas.telling.notices import Notice
from ledger.money import print_kes
from ledger.nairobi import local
from ledger.wires import Connection

# What one SMS holds beside the words around it, in any language (tests/gateway/test_texts_words.py counts them).
LINE_CHARACTERS = 106
# A year of weekly payments would be nine messages; who wants more asks for the whole book.
ENTRIES = 26
# With a hundred members nobody reads on.
DEBTORS = 40


def statement(conn: Connection, *, user_id: int, member_id: int, chama_id: int, chama: str, at: datetime) -> int:
    """Her last entries, newest first, each with the total after it; how many SMS leave, 0 when today's have left.

    What was set off moved neither total, and was told when it was: it is left out.
    """
    lines = [_line(move) for move in holdings.moves(conn, member_id, limit=ENTRIES) if not move.set_off_cents]
    return _queue(
        conn, "statement", f"{member_id}:{_date(at)}", lines, user_id=user_id, chama_id=chama_id, chama=chama, at=at
    )


def debtors(conn: Connection, *, user_id: int, chama_id: int, chama: str, at: datetime) -> int:
    """Who has not paid this round, by number, and what is missing; how many SMS leave, 0 when nobody owes or today's
    have left.
    """
    owing_now = owing.who_has_paid(conn, chama_id, at).unpaid[:DEBTORS]
    lines = [
        f"{line.number} {line.first_name[:10]} {print_kes(line.due_cents - line.paid_cents)}" for line in owing_now
    ]
    key = f"{chama_id}:{user_id}:{_date(at)}"
    return _queue(conn, "who_owes", key, lines, user_id=user_id, chama_id=chama_id, chama=chama, at=at)


def _queue(
    conn: Connection,
    template: str,
    key: str,
    lines: Sequence[str],
    *,
    user_id: int,
    chama_id: int,
    chama: str,
    at: datetime,
) -> int:
    messages = list(_packed(lines))
    told = [
        Notice(
            f"{template}:{key}:{number}",
            template,
            user_id,
            chama_id,
            {"chama": chama, "lines": text, "number": number, "all": len(messages)},
        )
        for number, text in enumerate(messages, 1)
    ]
    return notices.queue(conn, told, at=at) if told else 0


def _packed(lines: Sequence[str]) -> Iterator[str]:
    """Whole lines, as many as a message holds."""
    held = ""
    for line in lines:
        if held and len(held) + len(line) + 2 > LINE_CHARACTERS:
            yield held
            held = ""
        held = f"{held}, {line}" if held else line
    if held:
        yield held


def _line(move: Move) -> str:
    """What she paid in and the total of that; behind the sign that the message explains, what was paid to her."""
    if move.received_cents:
        return f"{_day(move.occurred_at)} >{print_kes(move.received_cents)}={print_kes(move.after.received_cents)}"
    return f"{_day(move.occurred_at)} {print_kes(move.paid_in_cents)}={print_kes(move.after.paid_in_cents)}"


def _day(at: datetime) -> str:
    then = local(at)
    return f"{then.day}/{then.month}/{then.year % 100}"


def _date(at: datetime) -> str:
    return f"{local(at):%Y%m%d}"
