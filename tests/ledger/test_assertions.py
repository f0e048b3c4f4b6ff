"""Balance assertions: what was counted beside what the books held, at the last page and at earlier ones."""

from typing import Any

import pytest
from psycopg import Connection, errors

from gateway import alarms, checks
from gateway.wiring import Wiring
from ledger import assertions, books
from ledger.assertions import Assertion, NothingToCorrect
from ledger.refusals import SeasonArchived, UnknownAccount, UnknownEntry
from tests.instruments import START, SeededChance
from tests.ledger.umoja import Umoja, open_umoja

# In the middle of their postings 61 pages of 8 kB were once read to find one; by the index it takes 14 and stays there.
PAGES = 3_000
MOST_READ = 25


@pytest.fixture
def paid(conn: Connection[Any], umoja: Umoja, chance: SeededChance) -> Umoja:
    """Page 1 brings KES 500, page 2 takes KES 100 out again."""
    for key, cents in (("A", 50_000), ("B", -10_000)):
        books.post(conn, umoja.contribution(key, cents), at=START, chance=chance)
    return umoja


def counted(conn: Connection[Any], umoja: Umoja, cents: int, **changes: Any) -> Assertion:
    asked: dict[str, Any] = {"account": "mpesa:600100", "source": "mpesa_balance", "asserted_by": 7, **changes}
    return assertions.assert_balance(conn, book_id=umoja.book_id, cents=cents, at=START, **asked)


def test_a_count_that_is_what_the_books_hold_holds(conn: Connection[Any], paid: Umoja) -> None:
    made = counted(conn, paid, 40_000)
    assert (made.held, made.as_of_seq, made.found_cents, made.difference_cents) == (True, 2, 40_000, 0)
    assert (made.asserted_by, made.asserted_at, made.source) == (7, START, "mpesa_balance")
    assert all(finding.ok and finding.count == 1 for finding in assertions.verify(conn))


def test_a_liability_is_counted_on_its_own_side(conn: Connection[Any], paid: Umoja) -> None:
    assert counted(conn, paid, 40_000, account="member:5", source="statement").held
    assert counted(conn, paid, 0, account="member:6", source="statement").held


def test_money_that_is_held_is_still_there(conn: Connection[Any], paid: Umoja, chance: SeededChance) -> None:
    hold = paid.contribution("C", -30_000, expires_at=START.replace(year=2027))
    books.post(conn, hold, at=START, chance=chance)
    assert counted(conn, paid, 40_000).held
    assert assertions.open_failures(conn) == []


def test_a_count_at_an_earlier_page_is_compared_with_that_page(conn: Connection[Any], paid: Umoja) -> None:
    assert counted(conn, paid, 50_000, as_of_seq=1).held
    assert counted(conn, paid, 0, as_of_seq=0).held
    assert counted(conn, paid, 40_000, as_of_seq=1).difference_cents == -10_000


def test_a_failed_count_is_kept_and_cried_out(conn: Connection[Any], paid: Umoja, wiring: Wiring) -> None:
    with wiring.transaction() as working:
        made = counted(working, paid, 37_000, source="cash_count")
    assert (made.held, made.difference_cents) == (False, -3_000)
    told = (
        f"count {made.id} (cash_count) of mpesa:600100 in book {paid.book_id} at page 2: "
        "KES 370 were there, the books held KES 400"
    )
    [alarm] = [alarm for alarm in alarms.read(conn, START) if alarm.name == "count_failed"]
    assert alarm.seen == told
    assert alarms.watch(wiring) == ["count_failed"]
    assert conn.execute("SELECT kind, detail FROM incidents").fetchall() == [("count_failed", told)]
    failed = [finding.detail for finding in checks.all_findings(wiring) if not finding.ok]
    assert f"not so for {told}, 1 in all" in failed


def test_a_correction_is_a_new_count_that_names_the_failed_one(conn: Connection[Any], paid: Umoja) -> None:
    first = counted(conn, paid, 37_000)
    second = counted(conn, paid, 39_000, corrects_id=first.id)
    assert [failure.id for failure in assertions.open_failures(conn)] == [second.id]
    third = counted(conn, paid, 40_000, corrects_id=second.id)
    assert third.held and assertions.open_failures(conn) == []
    assert [made for (made,) in conn.execute("SELECT result FROM balance_assertions ORDER BY id")] == [
        "failed",
        "failed",
        "held",
    ]


def test_only_a_failed_count_of_the_same_account_is_corrected_and_once(conn: Connection[Any], paid: Umoja) -> None:
    failed, held = counted(conn, paid, 1), counted(conn, paid, 40_000)
    for named, account in ((held.id, "mpesa:600100"), (failed.id, "member:5"), (99, "mpesa:600100")):
        with pytest.raises(NothingToCorrect):
            counted(conn, paid, 40_000, corrects_id=named, account=account)
    counted(conn, paid, 40_000, corrects_id=failed.id)
    with pytest.raises(NothingToCorrect):
        counted(conn, paid, 40_000, corrects_id=failed.id)
    with pytest.raises(errors.UniqueViolation):
        conn.execute(
            "SELECT assert_balance(%s, NULL, 'statement', 1, NULL, %s, %s)", [failed.account_id, START, failed.id]
        )


def test_what_cannot_be_counted_is_refused(conn: Connection[Any], paid: Umoja) -> None:
    with pytest.raises(UnknownAccount):
        counted(conn, paid, 0, account="nothing")
    for page in (-1, 3):
        with pytest.raises(UnknownEntry):
            counted(conn, paid, 0, as_of_seq=page)
    with pytest.raises(errors.CheckViolation):
        conn.execute("SELECT assert_balance(%s, 3, 'statement', 1, NULL, %s, NULL)", [paid.mpesa, START])


def test_what_an_account_held_is_found_though_its_postings_are_put_away(conn: Connection[Any], paid: Umoja) -> None:
    made = counted(conn, paid, 50_000, as_of_seq=1)
    wanted = {seq: conn.execute("SELECT held_at(%s, %s)", [paid.mpesa, seq]).fetchone() for seq in (0, 1, 2)}
    assert wanted == {0: (0,), 1: (50_000,), 2: (40_000,)}
    conn.execute("ALTER TABLE postings DETACH PARTITION postings_20262")
    assert conn.execute("SELECT held_at(%s, 2)", [paid.mpesa]).fetchone() == (40_000,)
    conn.execute("ALTER TABLE entries DETACH PARTITION entries_20262")
    assert made.held and all(finding.ok for finding in assertions.verify(conn))
    with pytest.raises(SeasonArchived):
        counted(conn, paid, 50_000, as_of_seq=1)
    assert counted(conn, paid, 40_000).held


def test_a_count_is_compared_without_reading_the_whole_account(
    conn: Connection[Any], umoja: Umoja, chance: SeededChance
) -> None:
    pages = [umoja.contribution(f"{number}", 100) for number in range(PAGES)]
    books.post_set(conn, pages, at=START, chance=chance)
    conn.execute("VACUUM ANALYZE postings, entry_codes")
    for seq in (1, PAGES // 2, PAGES):
        asked = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT held_at(%s, %s)"
        # The first time, what a connection learns of the tables is counted too.
        *_, plan = [conn.execute(asked, [umoja.mpesa, seq]).fetchall()[0][0][0]["Plan"] for _ in range(2)]
        assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < MOST_READ
        assert conn.execute("SELECT held_at(%s, %s)", [umoja.mpesa, seq]).fetchone() == (seq * 100,)


def test_counts_are_never_changed_and_nobody_says_what_the_books_held(conn: Connection[Any], paid: Umoja) -> None:
    counted(conn, paid, 1)
    for statement in (
        "UPDATE balance_assertions SET asserted_cents = found_cents",
        "DELETE FROM balance_assertions",
        "TRUNCATE balance_assertions CASCADE",
    ):
        with pytest.raises(errors.RestrictViolation):
            conn.execute(statement.encode())
    for role in ("pesachama_web", "pesachama_worker"):
        held = conn.execute("SELECT has_table_privilege(%s, 'balance_assertions', 'INSERT')", [role]).fetchone()
        assert held == (False,)


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE balance_assertions SET found_cents = asserted_cents",
        "UPDATE balance_assertions SET as_of_seq = 1",
        "UPDATE balance_assertions SET book_id = (SELECT max(id) FROM books)",
    ],
)
def test_a_count_that_was_changed_behind_the_guards_is_named(conn: Connection[Any], paid: Umoja, harm: str) -> None:
    open_umoja(conn, "Tumaini")
    made = counted(conn, paid, 37_000)
    conn.execute("ALTER TABLE balance_assertions DISABLE TRIGGER USER")
    conn.execute(harm.encode())
    compared = assertions.verify(conn)[0]
    assert compared.detail == f"not so for count {made.id}, 1 in all"
