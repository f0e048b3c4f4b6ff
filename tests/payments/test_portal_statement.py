"""The portal's CSV, as it is exported and as people hand it over."""

from datetime import UTC, datetime, timedelta

import pytest

from payments.reconciliation.portal_statement import NoStatement, read_statement

HEAD = (
    "Receipt No.,Completion Time,Initiation Time,Details,Transaction Status,Paid In,Withdrawn,Balance,Other Party Info"
)
ABOVE = """Organization:,PESACHAMA
Short Code:,600123
Time Period:,From 20-11-2026 00:00:00 To 20-11-2026 23:59:59
"""
ROWS = (
    'TKK1AAAAAA,20-11-2026 14:03:00,20-11-2026 14:03:00,Pay Bill from 2547,Completed,"1,500.00",,"9,000.00",x',
    "TKK2AAAAAA,20-11-2026 13:02:00,20-11-2026 13:02:00,Business Payment to 2547,Completed,,-300.00,7500.00,x",
    "TKK3AAAAAA,20-11-2026 12:02:00,20-11-2026 12:02:00,Pay Bill from 2547,Failed,70.00,,7800.00,x",
)
AT = datetime(2026, 11, 20, 11, 3, tzinfo=UTC)


def file_of(*rows: str, head: str = HEAD, above: str = ABOVE) -> bytes:
    return "\n".join([above + head, *rows]).encode()


def told(body: bytes) -> list[tuple[str, str, int, int | None]]:
    return [(one.receipt, one.direction, one.amount_cents, one.balance_cents) for one in read_statement(body).listed]


EXPECTED = [("TKK2AAAAAA", "out", 30_000, 750_000), ("TKK1AAAAAA", "in", 150_000, 900_000)]


def test_what_came_and_went_is_listed_in_order_with_its_period() -> None:
    found = read_statement(file_of(*ROWS))
    assert told(file_of(*ROWS)) == EXPECTED
    assert found.listed[-1].at == AT
    assert (found.shortcode, found.problems, found.repeated) == ("600123", (), 0)
    assert (found.since, found.until) == (
        AT.replace(hour=21, minute=0, day=19),
        AT.replace(hour=20, minute=59, second=59),
    )


def shuffled(columns: list[int]) -> bytes:
    import csv
    import io

    text = io.StringIO()
    rows = list(csv.reader([HEAD, *ROWS]))
    csv.writer(text, delimiter=";").writerows([[row[at] for at in columns] for row in rows])
    return text.getvalue().encode()


@pytest.mark.parametrize(
    "body",
    [
        file_of(*ROWS).decode().encode("utf-8-sig"),
        file_of(*reversed(ROWS)),
        file_of(*ROWS, *ROWS),
        file_of(*ROWS).replace(b"\n", b"\r\n"),
        file_of(*ROWS, "", ",,,,Total,1500.00,300.00,,"),
        file_of(*ROWS, head=HEAD.upper().replace(".", "").replace(",", " , ")),
        shuffled([8, 7, 6, 5, 4, 3, 2, 1, 0]),
        file_of(*ROWS).replace(b"20-11-2026 ", b"2026-11-20 ").replace(b'"1,500.00"', b"KES 1500"),
        file_of(*ROWS, "TKK2AAAAAA,20-11-2026 13:02:00,,Pay Charge to 2547,Completed,,-22.40,7477.60,x"),
    ],
    ids=["bom", "reversed", "twice", "crlf", "totals", "capitals", "columns", "iso", "charge"],
)
def test_what_people_do_to_a_file_is_forgiven(body: bytes) -> None:
    assert told(body) == EXPECTED
    assert read_statement(body).problems == ()


def test_without_a_period_above_it_names_none() -> None:
    found = read_statement(file_of(*ROWS, above=""))
    assert (found.since, found.until, found.shortcode) == (None, None, None)


def test_charges_are_no_movement_and_stand_beside_their_payouts() -> None:
    charge = "TKK2AAAAAA,20-11-2026 13:02:00,,Pay Charge to 2547,Completed,,-22.40,7477.60,x"
    found = read_statement(file_of(*ROWS, charge, charge))
    assert [(one.receipt, one.charge_cents) for one in found.charges] == [("TKK2AAAAAA", 2_240)]
    assert not found.problems
    twice = read_statement(file_of(*ROWS, charge, charge.replace("22.40", "9.00")))
    assert [one.words for one in twice.problems] == ["TKK2AAAAAA has two charges in the file"]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("TKK9AAAAAA,yesterday,,x,Completed,5.00,,1.00,x", "no time in Completion Time"),
        ("TKK9AAAAAA,20-11-2026 13:02:00,,x,Completed,five,,1.00,x", "no amount in Paid In"),
        ("TKK9AAAAAA,20-11-2026 13:02:00,,x,Completed,5.001,,1.00,x", "no amount in Paid In"),
        ("TKK9AAAAAA,20-11-2026 13:02:00,,x,Completed,NaN,,1.00,x", "no amount in Paid In"),
        ("TKK9AAAAAA,20-11-2026 13:02:00,,x,Completed,,,1.00,x", "one of Paid In and Withdrawn must have an amount"),
        (
            "TKK9AAAAAA,20-11-2026 13:02:00,,x,Completed,5.00,5.00,1,x",
            "one of Paid In and Withdrawn must have an amount",
        ),
        ("MBN0000000,20-11-2026 13:02:00,,x,Completed,5.00,,1.00,x", "no receipt in Receipt No."),
        (
            "TKK1AAAAAA,20-11-2026 14:03:00,,x,Completed,7.00,,1.00,x",
            "TKK1AAAAAA stands in the file twice and says two",
        ),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_holds_nothing_up(row: str, words: str) -> None:
    found = read_statement(file_of(*ROWS, row))
    (problem,) = found.problems
    assert problem.line == 8
    assert problem.words.startswith(words)
    assert len(found.listed) == 2


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"a,b,c\n1,2,3", b"Receipt No.,Paid In\nTKK1AAAAAA,5"])
def test_another_file_is_refused(body: bytes) -> None:
    with pytest.raises(NoStatement):
        read_statement(body)


def test_times_are_nairobis() -> None:
    (first, *_) = read_statement(file_of(ROWS[1])).listed
    assert first.at == AT - timedelta(hours=1, minutes=1)
