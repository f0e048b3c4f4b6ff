"""Minutes: every version is sealed, a change is found, and a forgotten name goes out of the text."""

from typing import Any

import pytest
from psycopg import Connection

from chamas.meeting import meetings, minutes
from chamas.meeting.minutes import UnfitMinutes
from chamas.members.refusals import OfficialsOnly
from chamas.verify import verify
from gateway.wiring import Wiring
from ledger import batches, papers
from ledger.refusals import UnknownBook
from ledger.verify_seals import verify_seals
from tests.chamas.conftest import Village
from tests.instruments import START, SeededChance


def wrong(conn: Connection[Any]) -> list[str]:
    with conn.transaction():
        found = (*verify(conn), *papers.verify(conn), *verify_seals(conn))
    return [one.name for one in found if not one.ok]


def test_minutes_are_sealed_with_the_next_batch_and_stay_what_they_are(
    wiring: Wiring, web_wiring: Wiring, conn: Connection[Any], village: Village
) -> None:
    amina, baraka, wanjiku = village.user_ids
    held = meetings.convene(conn, village.chama_id, by_user_id=amina, at=START)
    with web_wiring.acting_as(amina) as acting:
        first = minutes.write(
            acting, held.id, "Wanjiku came late.\r\n", by_user_id=amina, at=START, chance=SeededChance(1)
        )
    second = minutes.write(conn, held.id, "Wanjiku was on time.", by_user_id=amina, at=START, chance=SeededChance(2))
    assert [one.version for one in minutes.versions(conn, held.id)] == [2, 1]
    assert (first.text, first.whole, second.words != first.words) == ("Wanjiku came late.", True, True)
    waiting = papers.proof_of(conn, first.paper_id)
    assert waiting is not None
    assert (waiting.state, waiting.valid) == ("waiting", False)
    assert batches.seal_due(wiring, witness="checkpoint") == 2
    for one in (first, second):
        sealed = papers.proof_of(conn, one.paper_id)
        assert sealed is not None
        assert (sealed.batch, sealed.digest, sealed.valid) == (1, one.digest, True)
        assert minutes.digest_of(one.salt, one.text) == sealed.digest
    assert wrong(conn) == []
    with web_wiring.acting_as(baraka) as acting:
        assert len(minutes.versions(acting, held.id)) == 2
        with pytest.raises(OfficialsOnly):
            minutes.write(acting, held.id, "x", by_user_id=baraka, at=START, chance=SeededChance(3))
    for text in ("", " \r\n ", "x" * 20_001, "\0"):
        with pytest.raises(UnfitMinutes):
            minutes.write(conn, held.id, text, by_user_id=amina, at=START, chance=SeededChance(3))
    assert minutes.blot(conn, wanjiku, ["Wanjiku", "came?"], at=START) == 2
    assert [(one.text, one.whole) for one in minutes.versions(conn, held.id)] == [
        ("[...] was on time.", False),
        ("[...] came late.", False),
    ]
    assert wrong(conn) == []
    conn.execute("UPDATE minutes SET blotted_at = NULL WHERE version = 2")
    assert wrong(conn) == ["minutes are what was sealed"]


def test_a_changed_paper_is_found(wiring: Wiring, web_wiring: Wiring, conn: Connection[Any], village: Village) -> None:
    paper_id = papers.lay(conn, village.book_id, b"d" * 32, at=START)
    with web_wiring.acting_as(0) as acting, pytest.raises(UnknownBook):
        papers.lay(acting, village.book_id, b"e" * 32, at=START)
    batches.seal_due(wiring, witness="checkpoint")
    conn.execute("ALTER TABLE papers DISABLE TRIGGER USER")
    conn.execute("UPDATE papers SET digest = sha256('other') WHERE id = %s", [paper_id])
    assert wrong(conn) == ["papers are what was handed over"]
    conn.execute("UPDATE papers SET hash = sha256('other') WHERE id = %s", [paper_id])
    assert "every leaf is computed again from its entry" in wrong(conn)
    conn.execute("DELETE FROM papers")
    assert "every sealed leaf has its entry" in wrong(conn)
