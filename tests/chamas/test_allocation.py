"""Sharing money over what is owed: for every amount and every debt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chamas.dues.allocation import Owed, Share, allocate, still_owed

DEBTS = st.lists(st.integers(1, 10**9), max_size=12).map(lambda cents: [Owed(n, c) for n, c in enumerate(cents, 1)])


@given(amount=st.integers(0, 10**12), owed=DEBTS)
def test_the_shares_add_up_to_the_amount(amount: int, owed: list[Owed]) -> None:
    assert sum(share.amount_cents for share in allocate(amount, owed)) == amount


@given(amount=st.integers(0, 10**12), owed=DEBTS)
def test_an_older_debt_is_settled_before_a_younger_one_sees_a_cent(amount: int, owed: list[Owed]) -> None:
    got = {share.contribution_id: share.amount_cents for share in allocate(amount, owed)}
    for older, younger in zip([*owed, Owed(0, 0)], owed[1:], strict=False):
        if younger.contribution_id in got:
            assert got[older.contribution_id] == older.missing_cents
    assert all(got.get(debt.contribution_id, 0) <= debt.missing_cents for debt in owed)


@given(amount=st.integers(0, 10**12), owed=DEBTS)
def test_credit_is_only_what_nobody_asked_for(amount: int, owed: list[Owed]) -> None:
    credit = sum(share.amount_cents for share in allocate(amount, owed) if share.contribution_id is None)
    assert credit == max(0, amount - sum(debt.missing_cents for debt in owed))


@given(first=st.integers(0, 10**9), second=st.integers(0, 10**9), owed=DEBTS)
def test_paying_in_two_parts_settles_as_much_as_paying_at_once(first: int, second: int, owed: list[Owed]) -> None:
    def left(after: int, debts: list[Owed]) -> list[Owed]:
        return still_owed(debts, allocate(after, debts))

    assert left(second, left(first, owed)) == left(first + second, owed)


def test_no_share_is_empty() -> None:
    assert allocate(0, [Owed(1, 500)]) == ()
    assert allocate(700, [Owed(1, 500), Owed(2, 0), Owed(3, 500)]) == (Share(1, 500), Share(3, 200))


def test_money_that_arrives_is_not_negative() -> None:
    with pytest.raises(ValueError, match="negative"):
        allocate(-1, [])
