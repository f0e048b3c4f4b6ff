"""What an auditor brought herself, held against a group's archive: roots, checkpoints, M-PESA's own statement."""

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.wiring import Wiring
from tests.chamas.archives import Check, resealed, rows_of
from tests.instruments import START


def test_a_root_and_checkpoints_from_elsewhere_are_compared(
    packed: bytes, wiring: Wiring, check: Check, tmp_path: Path
) -> None:
    [batch] = rows_of(packed, "batches.csv")
    assert check(packed, "--root", f"0x{batch['root']}")[0] == 0
    status, told = check(packed, "--root", "0x" + "12" * 32)
    assert (status, "no batch has the root 0x1212" in told) == (1, True)
    copy = Path(wiring.settings.checkpoint_file)
    status, told = check(packed, "--checkpoints", copy)
    assert (status, f"signed with {copy.read_text().split()[1]}" in told) == (0, True)
    other = tmp_path / "other-checkpoints"
    other.write_text(copy.read_text().replace(batch["root"], "34" * 32))
    status, told = check(packed, "--checkpoints", other)
    assert (status, "batch 1 has another root than its checkpoint" in told) == (1, True)
    assert "the checkpoint of batch 1 is not signed with the key of its file" in told
    other.write_text("torn")
    assert check(packed, "--checkpoints", other)[0] == 1


STATEMENT = """\
Organization:,PESACHAMA
Short Code:,600123
Receipt No.,Completion Time,Initiation Time,Details,Transaction Status,Paid In,Withdrawn,Balance,Other Party Info
{rows}"""


def line(receipt: str, shillings: str, seconds: int = 0, status: str = "Completed") -> str:
    at = f"{START + timedelta(hours=3, seconds=seconds):%d-%m-%Y %H:%M:%S}"
    return f'{receipt},{at},{at},Pay Bill from 2547******11,{status},"{shillings}",,"9,999.00",x\n'


def test_a_root_proves_the_pages_that_lead_to_it_and_none_without_them(archive: bytes, check: Check) -> None:
    """Who rewrites the book cannot leave the leaves out and keep the roots of the book as it was."""
    [batch] = rows_of(archive, "batches.csv")
    status, told = check(archive, "--root", batch["root"])
    assert (status, "it proves pages 1 to 3, and none of 4 to 4" in told) == (0, True)
    bare = resealed(archive, "leaves.csv", list.clear)
    status, told = check(bare)
    assert (status, "no page of the archive leads to the root of batch 1" in told) == (1, True)
    status, told = check(bare, "--root", batch["root"])
    assert (status, "no page of the archive is proved by what you brought" in told) == (1, True)
    status, told = check(resealed(archive, "leaves.csv", lambda rows: rows[:1] + rows[2:]))
    assert (status, "entry 2 of book 1 is in no batch, but entry 3 of book 1 is" in told) == (1, True)


def test_money_in_by_mpesa_has_a_receipt(archive: bytes, check: Check) -> None:
    status, told = check(resealed(archive, "receipts.csv", lambda rows: rows[:-1]))
    assert (status, "entry 4 of book 1 takes money in by M-PESA, but has no receipt" in told) == (1, True)


def test_mpesas_own_statement_is_compared_by_receipt_amount_and_time(
    archive: bytes, check: Check, tmp_path: Path
) -> None:
    portal = tmp_path / "portal.csv"
    right = [line("QKA000000X", "100.00"), line("QKA000001X", "500.00", 3), line("QKA000002X", "1,300.00")]
    right += [line("QKA000003X", "200.00"), line("QZZ000009X", "9.00", 60, "Failed")]

    def told(*rows: str, only: bool = False) -> tuple[int, str]:
        portal.write_text(STATEMENT.format(rows="".join(rows)), encoding="utf-8-sig")
        return check(archive, "--statement", portal, *(["--only"] if only else []))

    assert told(*right, only=True)[0] == 0
    status, text = told(*right[1:])
    assert (status, "receipt QKA000000X (entry 1 of book 1) is not in M-PESA's statement" in text) == (1, True)
    status, text = told(line("QKA000000X", "1,000.00"), *right[1:])
    assert (status, "QKA000000X (entry 1 of book 1): M-PESA's statement has another amount" in text) == (1, True)
    status, text = told(line("QKA000000X", "100.00", 3_600), *right[1:])
    assert (status, "QKA000000X (entry 1 of book 1): M-PESA's statement has another time" in text) == (1, True)
    stranger = line("QQQ000001X", "70.00")
    status, text = told(*right, stranger)
    assert (status, "1 payments (7000 cents) are not in this book" in text) == (0, True)
    status, text = told(*right, stranger, only=True)
    assert (status, "not in the book, but on the statement: QQQ000001X" in text) == (1, True)
    # A statement of other days says nothing about these receipts.
    status, text = told(line("QQQ000001X", "70.00", 86_400))
    assert (status, "4 receipts of other times are not compared" in text) == (0, True)
    # Where it says of which time it is, that counts: not when the last payment of others came.
    day = f"{START + timedelta(hours=3):%d-%m-%Y}"
    whole_day = f"Time Period:,From {day} 00:00:00 To {day} 23:59:59,,,,,,,\n"
    portal.write_text(whole_day + STATEMENT.format(rows=""), encoding="utf-8-sig")
    status, text = check(archive, "--statement", portal)
    assert (status, text.count("is not in M-PESA's statement")) == (1, 4)


@pytest.mark.parametrize(
    "statement",
    [b"", b"\xff\xfe", b"a,b\n1,2\n", STATEMENT.format(rows="QKA,noon,,,Completed,5OO.00,,,\n").encode(), None],
)
def test_a_statement_that_cannot_be_read_is_wrong_in_a_sentence(
    archive: bytes, check: Check, tmp_path: Path, statement: bytes | None
) -> None:
    portal = tmp_path / "portal.csv"
    if statement is not None:
        portal.write_bytes(statement)
    status, told = check(archive, "--statement", portal)
    assert (status, "portal.csv cannot be read" in told) == (1, True)
