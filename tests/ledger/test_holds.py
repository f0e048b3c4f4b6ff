"""Holds, what ends them, and reversals: the effects are asserted in the tables."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from ledger import books, holds, passbook, refusals
from ledger.holds import Request
from ledger.verify import verify
from tests.instruments import START, SeededChance
from tests.ledger.umoja import Umoja, open_umoja

EXPIRY = START + timedelta(minutes=10)
LATER = START + timedelta(minutes=1)


def ask(key: str) -> Request:
    return Request("test", key, START)


def payout(umoja: Umoja, key: str, cents: int, **changes: Any) -> books.Draft:
    """Wanjiku's money on its way out, held until the expiry."""
    return umoja.contribution(key, -cents, **{"kind": "payout", "expires_at": EXPIRY, **changes})


def sides(conn: Connection[Any], account: int) -> tuple[int, ...]:
    """Debits and credits posted, then pending."""
    row = conn.execute(
        "SELECT debits_posted_cents, credits_posted_cents, debits_pending_cents, credits_pending_cents "
        "FROM accounts WHERE id = %s",
        [account],
    ).fetchone()
    assert row is not None
    return tuple(row)


def sound(conn: Connection[Any]) -> bool:
    with conn.transaction():
        return [finding for finding in verify(conn) if not finding.ok] == []


@pytest.fixture
def saved(conn: Connection[Any], umoja: Umoja, chance: SeededChance) -> Umoja:
    """Wanjiku has 500 shillings."""
    books.post(conn, umoja.contribution("in", 50_000), at=START, chance=chance)
    return umoja


def test_what_is_held_stays_in_the_balance_and_cannot_be_taken(
    conn: Connection[Any], saved: Umoja, chance: SeededChance
) -> None:
    held = books.post(conn, payout(saved, "hold", 30_000), at=START, chance=chance)
    assert sides(conn, saved.wanjiku) == (0, 50_000, 30_000, 0)
    assert sides(conn, saved.mpesa) == (50_000, 0, 0, 30_000)
    assert books.balance(conn, saved.wanjiku) == 50_000
    assert holds.available(conn, saved.wanjiku) == 20_000
    for key, draft in (("post", saved.contribution("p", -20_001)), ("hold", payout(saved, "h", 20_001))):
        with pytest.raises(refusals.OutOfBounds):
            books.post(conn, draft, at=LATER, chance=chance)
        assert key
    books.post(conn, saved.contribution("rest", -20_000), at=LATER, chance=chance)
    assert holds.available(conn, saved.wanjiku) == 0
    assert conn.execute("SELECT seq, expires_at FROM open_holds").fetchall() == [(held.seq, EXPIRY)]
    assert conn.execute("SELECT DISTINCT phase FROM postings WHERE seq = %s", [held.seq]).fetchall() == [("pending",)]
    assert [line.seq for line in passbook.statement(conn, saved.wanjiku)] == [3, 1]
    assert sound(conn)


def test_a_hold_begins_before_it_ends_and_is_found_again_after_it(
    conn: Connection[Any], saved: Umoja, chance: SeededChance
) -> None:
    held = books.post(conn, payout(saved, "hold", 30_000), at=START, chance=chance)
    for key, at in (("late", EXPIRY), ("later", EXPIRY + timedelta(days=1))):
        with pytest.raises(ValueError, match="hold must expire after"):
            books.post(conn, payout(saved, key, 100), at=at, chance=chance)
    again = books.post(conn, payout(saved, "hold", 30_000), at=EXPIRY + timedelta(days=1), chance=chance)
    assert (again.seq, again.repeated) == (held.seq, True)
    assert sides(conn, saved.wanjiku) == (0, 50_000, 30_000, 0)
    assert sound(conn)


def test_a_hold_is_posted_in_full(conn: Connection[Any], saved: Umoja, chance: SeededChance) -> None:
    held = books.post(conn, payout(saved, "hold", 30_000), at=START, chance=chance)
    posted = holds.settle(conn, saved.book_id, held.seq, ask("yes"), at=LATER, chance=chance)
    assert sides(conn, saved.wanjiku) == (30_000, 50_000, 0, 0)
    assert books.balance(conn, saved.mpesa) == books.balance(conn, saved.wanjiku) == 20_000
    assert conn.execute(
        "SELECT line, account_id, amount_cents, phase, balance_after_cents FROM postings WHERE seq = 3 ORDER BY line"
    ).fetchall() == [
        (1, saved.mpesa, -30_000, "released", 50_000),
        (2, saved.wanjiku, 30_000, "released", -50_000),
        (3, saved.mpesa, -30_000, "posted", 20_000),
        (4, saved.wanjiku, 30_000, "posted", -20_000),
    ]
    assert conn.execute("SELECT seq, how, by_seq FROM endings").fetchall() == [(2, "posted", posted.seq)]
    assert conn.execute("SELECT count(*) FROM open_holds").fetchone() == (0,)
    assert sound(conn)


def test_a_hold_is_posted_for_less_and_the_rest_is_free(
    conn: Connection[Any], saved: Umoja, chance: SeededChance
) -> None:
    held = books.post(conn, payout(saved, "hold", 30_000), at=START, chance=chance)
    too_much = (
        (books.Line(saved.mpesa, -30_001), books.Line(saved.wanjiku, 30_001)),
        (books.Line(saved.mpesa, 10), books.Line(saved.wanjiku, -10)),
        (books.Line(saved.otieno, -10), books.Line(saved.wanjiku, 10)),
    )
    for lines in too_much:
        with pytest.raises(refusals.MoreThanHeld):
            holds.settle(conn, saved.book_id, held.seq, ask("part"), lines=lines, at=LATER, chance=chance)
    lines = (books.Line(saved.mpesa, -10_000), books.Line(saved.wanjiku, 10_000))
    holds.settle(conn, saved.book_id, held.seq, ask("part"), lines=lines, at=LATER, chance=chance)
    assert books.balance(conn, saved.wanjiku) == holds.available(conn, saved.wanjiku) == 40_000
    assert sound(conn)


def test_a_hold_ends_once(conn: Connection[Any], saved: Umoja, chance: SeededChance) -> None:
    held = books.post(conn, payout(saved, "hold", 30_000), at=START, chance=chance)
    first = holds.void(conn, saved.book_id, held.seq, ask("no"), at=LATER, chance=chance)
    assert holds.void(conn, saved.book_id, held.seq, ask("no"), at=LATER, chance=chance).repeated
    for _ in range(2):
        with pytest.raises(refusals.AlreadyResolved):
            holds.settle(conn, saved.book_id, held.seq, ask("yes"), at=LATER, chance=chance)
    assert holds.expire(conn, at=EXPIRY, chance=chance) == 0
    assert sides(conn, saved.wanjiku) == (0, 50_000, 0, 0)
    assert conn.execute("SELECT how, by_seq FROM endings").fetchall() == [("voided", first.seq)]
    assert conn.execute("SELECT refusal FROM idempotency_keys WHERE key = 'yes'").fetchone() == ("already_resolved",)
    for seq in (first.seq, 1):
        with pytest.raises(refusals.NotAHold):
            holds.void(conn, saved.book_id, seq, ask("other"), at=LATER, chance=chance)
    with pytest.raises(refusals.UnknownEntry):
        holds.void(conn, saved.book_id, 99, ask("other"), at=LATER, chance=chance)
    assert sound(conn)


def test_a_set_ends_a_hold_once(conn: Connection[Any], saved: Umoja, chance: SeededChance) -> None:
    held = books.post(conn, payout(saved, "hold", 30_000), at=START, chance=chance)
    drafts = [ask(key).draft(saved.book_id, "void", resolves_seq=held.seq, resolution="voided") for key in "abc"]
    answers = books.post_set(conn, drafts, at=LATER, chance=chance)
    assert [type(answer) for answer in answers] == [books.Posted, *[refusals.AlreadyResolved] * 2]
    assert sound(conn)


def test_a_hold_expires_at_its_instant_and_is_never_posted_after(
    conn: Connection[Any], saved: Umoja, chance: SeededChance
) -> None:
    held = books.post(conn, payout(saved, "hold", 30_000), at=START, chance=chance)
    early = EXPIRY - timedelta(microseconds=1)
    assert holds.expire(conn, at=early, chance=chance) == 0
    at_once = ask("x").draft(saved.book_id, "expiry", resolves_seq=held.seq, resolution="expired")
    with pytest.raises(refusals.HoldAlive):
        books.post(conn, at_once, at=early, chance=chance)
    for _ in range(2):
        with pytest.raises(refusals.HoldExpired):
            holds.settle(conn, saved.book_id, held.seq, ask("late"), at=EXPIRY, chance=chance)
    assert holds.expire(conn, at=EXPIRY, chance=chance) == 1
    assert holds.expire(conn, at=EXPIRY, chance=chance) == 0
    assert holds.available(conn, saved.wanjiku) == 50_000
    assert conn.execute("SELECT how FROM endings").fetchall() == [("expired",)]
    assert sound(conn)


def test_a_hold_past_its_expiry_can_still_be_voided(conn: Connection[Any], saved: Umoja, chance: SeededChance) -> None:
    held = books.post(conn, payout(saved, "hold", 30_000), at=START, chance=chance)
    holds.void(conn, saved.book_id, held.seq, ask("no"), at=EXPIRY, chance=chance)
    assert holds.expire(conn, at=EXPIRY, chance=chance) == 0
    assert sound(conn)


def test_a_reversal_is_the_mirror_and_stands_once(conn: Connection[Any], saved: Umoja, chance: SeededChance) -> None:
    mirror = holds.reverse(conn, saved.book_id, 1, ask("sorry"), at=LATER, chance=chance)
    assert books.balance(conn, saved.mpesa) == books.balance(conn, saved.wanjiku) == 0
    assert conn.execute("SELECT kind, reverses_seq FROM entries WHERE seq = %s", [mirror.seq]).fetchone() == (
        "reversal",
        1,
    )
    assert holds.reverse(conn, saved.book_id, 1, ask("sorry"), at=LATER, chance=chance).repeated
    for _ in range(2):
        with pytest.raises(refusals.AlreadyReversed):
            holds.reverse(conn, saved.book_id, 1, ask("again"), at=LATER, chance=chance)
    back = holds.reverse(conn, saved.book_id, mirror.seq, ask("so it was"), at=LATER, chance=chance)
    assert (back.seq, books.balance(conn, saved.wanjiku)) == (3, 50_000)
    assert sound(conn)


def test_only_what_was_posted_is_reversed_and_only_while_it_is_there(
    conn: Connection[Any], saved: Umoja, chance: SeededChance
) -> None:
    held = books.post(conn, payout(saved, "hold", 30_000), at=START, chance=chance)
    with pytest.raises(refusals.NothingPosted):
        holds.reverse(conn, saved.book_id, held.seq, ask("hold"), at=LATER, chance=chance)
    for _ in range(2):
        with pytest.raises(refusals.OutOfBounds):
            holds.reverse(conn, saved.book_id, 1, ask("spent"), at=LATER, chance=chance)
    settled = holds.settle(conn, saved.book_id, held.seq, ask("yes"), at=LATER, chance=chance)
    holds.reverse(conn, saved.book_id, settled.seq, ask("came back"), at=LATER, chance=chance)
    assert books.balance(conn, saved.wanjiku) == 50_000
    voided = books.post(conn, payout(saved, "hold 2", 30_000), at=START, chance=chance)
    void = holds.void(conn, saved.book_id, voided.seq, ask("no"), at=LATER, chance=chance)
    with pytest.raises(refusals.NothingPosted):
        holds.reverse(conn, saved.book_id, void.seq, ask("void"), at=LATER, chance=chance)
    with pytest.raises(refusals.UnknownEntry):
        holds.reverse(conn, open_umoja(conn, "Tumaini").book_id, 1, ask("other book"), at=LATER, chance=chance)
    assert sound(conn)


def test_an_account_with_held_money_is_not_closed(conn: Connection[Any], saved: Umoja, chance: SeededChance) -> None:
    books.post(conn, payout(saved, "hold", 30_000), at=START, chance=chance)
    with pytest.raises(Exception, match="accounts_check"):
        conn.execute("UPDATE accounts SET closed_at = %s WHERE id = %s", [START, saved.wanjiku])


def test_a_bond_stands_or_falls_as_one(conn: Connection[Any], saved: Umoja, chance: SeededChance) -> None:
    drafts = [saved.contribution(key, cents) for key, cents in (("a", 500), ("b", 1), ("c", -99_999), ("d", 7))]
    for again in (False, True):
        answers = books.post_set(conn, drafts, at=LATER, chance=chance, bonds=[None, 1, 1, None])
        assert [type(answer) for answer in answers] == [
            books.Posted,
            refusals.OutOfBounds,
            refusals.OutOfBounds,
            books.Posted,
        ]
        assert [one.repeated for one in answers if isinstance(one, books.Posted)] == [again, again]
    assert books.balance(conn, saved.wanjiku) == 50_507
    refused = conn.execute("SELECT key FROM idempotency_keys WHERE refusal = 'out_of_bounds' ORDER BY 1").fetchall()
    assert refused == [("b",), ("c",)]
    assert sound(conn)


def test_a_draft_that_contradicts_itself_is_not_made(umoja: Umoja) -> None:
    with pytest.raises(ValueError, match="names its hold"):
        umoja.contribution("A", 5, resolves_seq=1)
    with pytest.raises(ValueError, match="demands"):
        umoja.contribution("A", 5, reverses_seq=1)


def test_holds_that_puzzle_do_not_hold_up_the_others_however_many_they_are(
    conn: Connection[Any], umoja: Umoja, chance: SeededChance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that no page stands for, due before everything else."""
    monkeypatch.setattr(holds, "EXPIRE_AT_ONCE", 2)
    books.post(conn, umoja.contribution("in", 50_000), at=START, chance=chance)
    books.post(conn, umoja.contribution("held", -1_000, expires_at=START + timedelta(hours=1)), at=START, chance=chance)
    posted = [books.post(conn, umoja.contribution(f"in {n}", 5), at=START, chance=chance).seq for n in range(5)]
    for seq in posted:
        conn.execute("INSERT INTO open_holds VALUES (%s, 20262, %s, %s)", [umoja.book_id, seq, START])
    at = START + timedelta(hours=2)
    assert holds.expire(conn, at=at, chance=chance) == 1
    assert holds.available(conn, umoja.wanjiku) == 50_025
    assert holds.expire(conn, at=at, chance=chance) == 0
    assert conn.execute("SELECT count(*) FROM open_holds").fetchone() == (5,)
    with conn.transaction():
        found = {finding.name: finding.detail for finding in verify(conn) if not finding.ok}
    assert found == {
        "I15 holds and reversals end once, by the entry that says so": f"not so for entry {posted[0]} of book "
        f"{umoja.book_id}, 5 in all"
    }


def test_in_a_set_who_would_end_what_holds_nothing_is_refused_alone(
    conn: Connection[Any], saved: Umoja, chance: SeededChance
) -> None:
    held = books.post(conn, payout(saved, "hold", 30_000), at=START, chance=chance)
    drafts = [
        ask("on nothing").draft(held.book_id, "void", resolves_seq=1, resolution="voided"),
        saved.contribution("beside", 100),
        ask("on a hold").draft(held.book_id, "void", resolves_seq=held.seq, resolution="voided"),
        ask("on no page").draft(held.book_id, "settlement", resolves_seq=99, resolution="posted"),
    ]
    nothing, beside, freed, no_page = books.post_set(conn, drafts, at=LATER, chance=chance)
    assert isinstance(nothing, refusals.NotAHold)
    assert isinstance(no_page, refusals.UnknownEntry)
    assert isinstance(beside, books.Posted)
    assert isinstance(freed, books.Posted)
    assert sides(conn, saved.wanjiku) == (0, 50_100, 0, 0)
    assert sound(conn)
