"""Receipts that are booked together come to what they come to one by one."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import Connection

from chamas.arriving import arrivals
from chamas.members import register
from chamas.members.register import MemberStatus
from chamas.verify import verify as verify_dues
from ledger.verify import verify as verify_books
from tests.chamas.conftest import Till, Village
from tests.instruments import START

# Member 2 has left; who is None is nobody. Little, exactly a round, and more than a round.
MONEY = st.lists(
    st.tuples(st.sampled_from([1, 90, 250, 500, 1_200]), st.sampled_from([0, 1, 2, None])), min_size=1, max_size=12
)

TRACES = (
    "SELECT code, balance_cents, version FROM accounts ORDER BY book_id, code",
    "SELECT p.book_id, seq, line, code, amount_cents, balance_after_cents, account_version FROM postings p "
    "JOIN accounts a ON a.id = account_id ORDER BY 1, 2, 3",
    "SELECT book_id, seq, line, member_id, contribution_id, amount_cents FROM allocations ORDER BY 1, 2, 3",
    "SELECT id, paid_cents, state FROM contributions ORDER BY id",
    "SELECT receipt, book_id, seq FROM receipts ORDER BY receipt",
    "SELECT receipt, reason, state FROM suspense ORDER BY receipt",
    # Words and code come from the hash and from chance, which nobody draws in the same order.
    "SELECT dedupe_key, user_id, chama_id, arguments - 'words' - 'code', due_at FROM notifications ORDER BY 1",
)


@pytest.mark.parametrize("examples", [12, pytest.param(40, marks=pytest.mark.full)])
def test_receipts_booked_together_are_booked_as_one_by_one(
    conn: Connection[Any], village: Village, till: Till, examples: int
) -> None:
    @settings(deadline=None, max_examples=examples)
    @given(money=MONEY, size=st.integers(2, 12))
    def together_as_one_by_one(money: list[tuple[int, int | None]], size: int) -> None:
        assert left_behind(conn, village, till, money, size) == left_behind(conn, village, till, money, 1)

    together_as_one_by_one()


def left_behind(
    conn: Connection[Any], village: Village, till: Till, money: list[tuple[int, int | None]], size: int
) -> list[Any]:
    """The traces of money that arrives in batches of `size`, and its shares; then everything is undone."""
    with conn.transaction(force_rollback=True):
        register.move_member(conn, village.member_ids[2], MemberStatus.WITHDRAWN)
        proven = [
            till.proven(f"TOGETHER{number:02}", shillings, None if who is None else village.member_ids[who])
            for number, (shillings, who) in enumerate(money)
        ]
        shares = []
        for first in range(0, len(proven), size):
            booked = arrivals.book(conn, proven[first : first + size], at=START, chance=till.chance)
            shares += [(one.posted.book_id, one.posted.seq, one.member_id, one.shares) for one in booked]
        findings = verify_books(conn) + verify_dues(conn)
        assert [finding for finding in findings if not finding.ok] == []
        return [shares, *(conn.execute(trace).fetchall() for trace in TRACES)]
