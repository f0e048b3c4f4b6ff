"""Every reader of the books over ten years of ten groups: none reads a table whole or opens seasons needlessly.

The same questions are put to a thousand groups by `make bench ROWS=history`; the figures stand in docs/performance.md.
"""

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from bench import decade, readers
from bench.readers import Explaining, Reading
from ledger import positions, seasons, statements
from ledger.statements import Wanted
from tests.conftest import a_database, as_owner
from tests.house.source import PRODUCT, real_house, strings
from tests.instruments import START

# What reads all there is, because that is its task, and what posting asks of entries it is about to end.
WALKS = re.compile(r"ledger/(verify\w*|assertions|batches|holds|journal|export\w*)\.py|(chamas|payments)/verify\.py")
# Two seasons for a page that begins at the end of one, and of each the entries and the postings.
PAGE_OPENS = 6
# The accounts of a book for each row of a page, and what a filter that no index knows (a month) has to look through; a
# book has three times as many entries.
MOST_SIFTED = 3_000


@pytest.fixture(scope="module")
def old(postgres_url: str, template: str) -> Iterator[psycopg.Connection[Any]]:
    """The owner's connection to a hundredth of the benchmark's books."""
    with (
        a_database(postgres_url, template) as name,
        psycopg.connect(as_owner(postgres_url, name), autocommit=True) as conn,
    ):
        decade.write(conn, decade.Size(chamas=10), START)
        yield conn


@pytest.fixture(scope="module")
def read(old: psycopg.Connection[Any]) -> dict[str, Reading]:
    Explaining.texts.clear()
    return explained_for_herself(old)


def explained_for_herself(
    old: psycopg.Connection[Any], names: Iterable[str] = tuple(readers.READERS)
) -> dict[str, Reading]:
    """As the web process asks for a member: with row policies some comparisons cannot reach an index."""
    her = readers.subject(old, START, 3)
    with old.transaction(force_rollback=True):
        [(user_id,)] = old.execute("SELECT user_id FROM chama_members WHERE id = %s", [her.member_id]).fetchall()
        old.execute("SET LOCAL ROLE pesachama_web")
        old.execute(
            "SELECT set_config('app.acting', 'member', true), set_config('app.user_id', %s, true)", [str(user_id)]
        )
        return {one.name: one for one in readers.explained(old, her, names)}


def test_the_decade_is_what_it_says(old: psycopg.Connection[Any]) -> None:
    size = decade.Size(chamas=10)
    assert old.execute("SELECT count(*), count(DISTINCT season) FROM entries").fetchone() == (100_000, decade.SEASONS)
    assert size.entries == 100_000
    assert positions.differences(old) == []
    wrong = old.execute(
        "SELECT count(*) FROM accounts a JOIN (SELECT account_id, sum(debits_cents) AS d, sum(credits_cents) AS c"
        " FROM positions GROUP BY account_id) p ON p.account_id = a.id"
        " WHERE (a.debits_posted_cents, a.credits_posted_cents) <> (p.d, p.c)"
    ).fetchone()
    assert wrong == (0,)
    her = readers.subject(old, START, 3)
    seen = statements.of_member(old, her.member_id, Wanted(oldest_first=True, limit=1_000))
    assert len(seen) == decade.PER_SEASON * decade.SEASONS
    balance = 0
    for row in seen:
        balance += row.amount_cents
        assert row.balance_after_cents == balance


def test_no_reader_reads_a_table_whole(read: dict[str, Reading]) -> None:
    assert {name: one.read_whole for name, one in read.items() if one.read_whole} == {}


@pytest.mark.parametrize(
    "name",
    [
        "member, newest page",
        "member, a page in the middle",
        "member, oldest first",
        "member, one season",
        "member, a month",
        "account, a page in the middle",
        "book, newest page",
        "book, a page in the middle",
        "book, oldest first",
        "book, a month",
        "balance at a page",
        "balance recorded by an instant",
        "trial balance at a page",
        "trial balance recorded by an instant",
        "positions over all seasons",
        "phone: last five",
        "phone: newest page and its words",
        "phone: words of an older page",
        "message: total after an entry",
        "receipt page",
    ],
)
def test_a_page_opens_its_own_seasons_only(read: dict[str, Reading], name: str) -> None:
    assert read[name].rows > 0
    assert read[name].partitions <= PAGE_OPENS
    assert read[name].sifted <= MOST_SIFTED


@pytest.mark.parametrize("name", ["account, a page in the middle", "book, a page in the middle", "balance at a page"])
def test_a_page_is_read_from_where_it_begins(old: psycopg.Connection[Any], name: str) -> None:
    """In its own season by season and page together: not from the end of the season on."""
    her = readers.subject(old, START, 3)
    old.cursor_factory = Explaining
    Explaining.plans.clear()
    readers.READERS[name](old, her)
    old.cursor_factory = psycopg.Cursor
    begins = re.compile(rf"\(season = (\w+\.season|'?{her.season}'?).*\(seq <=? ")
    own = [
        node["Index Cond"]
        for node in readers.worked()
        if re.match(rf"(postings|entries)_{her.season}_", node.get("Index Name", ""))
    ]
    assert any(map(begins.search, own))
    assert not any("ROW(season" in condition for condition in own)


@pytest.mark.parametrize("oldest_first", [True, False])
def test_pages_put_together_are_the_whole(old: psycopg.Connection[Any], oldest_first: bool) -> None:
    """Over all seasons, whether a page ends inside a season or with it."""
    her = readers.subject(old, START, 3)
    every, fees = Wanted(oldest_first=oldest_first), Wanted(oldest_first=oldest_first, kind="fee")
    for ask, of, wanted, size in (
        (statements.of_account, her.float_id, every, 500),
        (statements.of_account, her.float_id, fees, 37),
        (statements.of_book, her.book_id, fees, 37),
    ):
        whole = ask(old, of, replace(wanted, limit=20_000))
        pages: list[Any] = []
        while page := ask(old, of, replace(wanted, limit=size, after=pages[-1].key if pages else None)):
            pages += page
        assert len({row.season for row in whole}) == decade.SEASONS
        assert pages == whole


def test_a_reader_without_an_index_is_seen(old: psycopg.Connection[Any]) -> None:
    with old.transaction(force_rollback=True):
        old.execute("DROP INDEX postings_by_account")
        found = explained_for_herself(old, ["phone: last five"])["phone: last five"].read_whole
    assert any(table.startswith("postings_") for table in found)


def test_every_question_in_the_product_is_among_them(read: dict[str, Reading]) -> None:
    house = real_house()
    asked = [plain(text) for text in Explaining.texts]
    names = re.compile(r"\b(?:FROM|JOIN)\s+(?:entries|postings)\b")
    forgotten = [
        f"{path}: {plain(text)[:60]}"
        for path, tree in house.modules(*PRODUCT)
        if not WALKS.match(path)
        for text in strings(tree)
        if names.search(text) and not any(all(part in one for part in parts_of(text)) for one in asked)
    ]
    assert forgotten == []
    unasked = "SELECT seq FROM postings WHERE amount_cents = {cents}"
    assert not any(all(part in one for part in parts_of(unasked)) for one in asked)


def parts_of(text: str) -> list[str]:
    """What stays of a query whose places in braces are filled in later."""
    return [plain(part) for part in re.split(r"\{\w+\}", text) if plain(part)]


def plain(text: str) -> str:
    return " ".join(text.split())


def test_seasons_before_run_back(old: psycopg.Connection[Any]) -> None:
    numbers = decade.last_seasons(START)
    assert (numbers[0], numbers[-1], len(numbers)) == (20162, 20261, decade.SEASONS)
    assert all(seasons.season_after(one) == other for one, other in itertools.pairwise(numbers))
