"""The prefix rule: what was typed last, told from the whole text and from no more than a length and a digest."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menus import answers

KEYS = st.text("0123456789*#", min_size=1, max_size=6)


def text_of(said: list[str]) -> str:
    """What Africa's Talking sends after these answers."""
    return "*".join(said)


def since(text: str, before: str) -> str | None:
    """The difference as the gateway takes it: the text before is known by length and digest only."""
    digest = sha256(before.encode()).digest()
    return answers.since(text, len(before), lambda beginning: sha256(beginning.encode()).digest() == digest)


@given(st.lists(KEYS, max_size=8), KEYS)
def test_the_difference_is_what_was_typed_even_a_star(said: list[str], typed: str) -> None:
    assert since(text_of([*said, typed]), text_of(said)) == typed


@given(st.lists(KEYS, min_size=1, max_size=8))
def test_a_repeated_turn_adds_nothing(said: list[str]) -> None:
    assert since(text_of(said), text_of(said)) is None


@given(st.text("0123456789*", max_size=12), st.text("0123456789*", min_size=1, max_size=12))
def test_whatever_continues_a_text_begins_with_it(text: str, before: str) -> None:
    delta = since(text, before)
    assert (delta is not None) == text.startswith(before + "*")
    if delta is not None:
        assert text == f"{before}*{delta}"


@pytest.mark.parametrize(
    ("text", "before", "delta"),
    [("1**", "1", "*"), ("1***5", "1**", "5"), ("1*1", "1", "1"), ("1*1", "1*1", None), ("1", "1*2", None)],
)
def test_seen_on_the_wire(text: str, before: str, delta: str | None) -> None:
    assert since(text, before) == delta


@given(st.lists(st.text("0123456789", min_size=1, max_size=6) | st.just("*"), max_size=8))
def test_a_dialled_text_is_split_and_joined_again(said: list[str]) -> None:
    assert answers.split(text_of(said)) == said
    assert answers.join(answers.split(text_of(said))) == text_of(said)
