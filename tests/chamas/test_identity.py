"""Papers and files: looked at by an admin, closed at rest, seen by whoever may, gone with the person."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from chamas.meeting import meetings
from chamas.members import people, register
from chamas.members.people import KYC_MOVES, KycState
from chamas.members.refusals import NotNow
from chamas.persons import files, identity
from chamas.persons.files import TooManyFiles, UnfitFile, UnknownFile
from chamas.persons.identity import AdminsOnly, IdTaken, NoDocument, Safe, UnfitPapers
from chamas.persons.shelf import NoKey, Shelf
from gateway.wiring import Wiring
from ledger.moves import ForbiddenMove
from payments.strongbox import Closed, Strongbox
from tests.chamas.conftest import Village
from tests.instruments import START, HandClock, SeededChance

JPEG, PNG, MP3 = b"\xff\xd8\xff\xe0 a card", b"\x89PNG\r\n\x1a\n a face", b"ID3 a meeting"
KEY, OTHER_KEY = b"k" * 32, b"o" * 32


@dataclass(frozen=True)
class House:
    """An admin, a safe and a shelf."""

    admin_id: int
    safe: Safe
    shelf: Shelf


@pytest.fixture
def house(conn: Connection[Any], tmp_path: Path) -> House:
    admin_id = register.seat_operator(
        conn, email="admin@house.example", password_hash="-", first_name="Admin", platform_role="admin", at=START
    )
    box = Strongbox([KEY])
    return House(admin_id, Safe(box, b"fingerprints"), Shelf(tmp_path / "shelf", box))


def hands_in(conn: Connection[Any], house: House, user_id: int, number: str = "23 456-789", **other: Any) -> None:
    named = {"first_name": "Wanjiku", "last_name": "Kamau Njeri", "by_user_id": house.admin_id} | other
    identity.hand_in(conn, user_id, national_id=number, safe=house.safe, chance=SeededChance(user_id), **named)


def keeps(
    conn: Connection[Any], house: House, kind: files.Kind, body: bytes, seed: int = 9, **whose: int
) -> files.File:
    return files.keep(
        conn, kind, body, by_user_id=house.admin_id, shelf=house.shelf, at=START, chance=SeededChance(seed), **whose
    )


def test_papers_are_closed_looked_at_and_told(conn: Connection[Any], village: Village, house: House) -> None:
    amina, _baraka, her = village.user_ids
    hands_in(conn, house, her)
    kept = people.papers(conn, her)
    assert kept is not None
    assert (kept.first_name, kept.last_name, kept.kyc) == ("Wanjiku", "Kamau Njeri", KycState.SUBMITTED)
    assert b"23456789" not in bytes(kept.national_id or b"")
    assert house.safe.open(kept) == "23456789"
    with pytest.raises(Closed):
        house.safe.open(replace(kept, user_id=amina))
    log = conn.execute("SELECT before::text || after::text FROM audit_logs WHERE table_name = 'users'").fetchall()
    row = "SELECT encode(national_id, 'hex'), encode(national_id_key, 'hex') FROM users WHERE id = %s"
    [secrets] = conn.execute(row, [her]).fetchall()
    assert not any(secret in str(text) for secret in secrets for (text,) in log)
    with pytest.raises(NoDocument):
        identity.decide(conn, her, reason=None, by_user_id=house.admin_id, at=START)
    assert identity.decide(conn, her, reason=1, by_user_id=house.admin_id, at=START) is KycState.REJECTED
    with pytest.raises(NotNow):
        identity.decide(conn, her, reason=2, by_user_id=house.admin_id, at=START)
    keeps(conn, house, "document", JPEG, user_id=her)
    hands_in(conn, house, her, "23456789", by_user_id=her)
    assert identity.decide(conn, her, reason=None, by_user_id=house.admin_id, at=START) is KycState.VERIFIED
    told = conn.execute(
        "SELECT template, arguments FROM notifications WHERE user_id = %s ORDER BY id", [her]
    ).fetchall()
    assert told == [("kyc_rejected", {"why": "The photo cannot be read."}), ("kyc_verified", {})]


def test_one_id_has_one_person_and_papers_have_a_form(conn: Connection[Any], village: Village, house: House) -> None:
    amina, baraka, her = village.user_ids
    hands_in(conn, house, her)
    with pytest.raises(IdTaken):
        hands_in(conn, house, amina, "2345 6789")
    for number, names in (("12", {}), ("12345678901234", {}), ("A1234567", {"last_name": "R2 D2"})):
        with pytest.raises(UnfitPapers):
            hands_in(conn, house, amina, number, **names)
    with pytest.raises(AdminsOnly):
        hands_in(conn, house, amina, "A1234567", by_user_id=baraka)
    with pytest.raises(AdminsOnly):
        identity.decide(conn, her, reason=1, by_user_id=baraka, at=START)
    # New keys for the box change no fingerprint.
    turned = replace(house, safe=Safe(Strongbox([OTHER_KEY, KEY]), b"fingerprints"))
    with pytest.raises(IdTaken):
        hands_in(conn, turned, amina, "23456789")


def test_without_a_key_nothing_is_written(conn: Connection[Any], village: Village, house: House) -> None:
    bare = replace(house, safe=Safe(Strongbox([]), b"k"), shelf=replace(house.shelf, box=Strongbox([])))
    with pytest.raises(NoKey):
        hands_in(conn, bare, village.user_ids[0])
    with pytest.raises(NoKey):
        keeps(conn, bare, "document", JPEG, user_id=village.user_ids[0])
    assert not bare.shelf.folder.exists()


def test_every_forbidden_move_is_forbidden() -> None:
    for old in KycState:
        for new in KycState:
            if new not in KYC_MOVES.following[old]:
                with pytest.raises(ForbiddenMove):
                    KYC_MOVES.require(old, new)


def test_a_file_is_what_its_bytes_say(conn: Connection[Any], village: Village, house: House) -> None:
    her = village.user_ids[2]
    held = meetings.convene(conn, village.chama_id, by_user_id=house.admin_id, at=START)
    made = {
        "document": keeps(conn, house, "document", JPEG, 1, user_id=her),
        "avatar": keeps(conn, house, "avatar", PNG, 2, user_id=her),
        "recording": keeps(conn, house, "recording", MP3, 3, meeting_id=held.id),
    }
    for kind, body in (("document", JPEG), ("avatar", PNG), ("recording", MP3)):
        file = made[kind]
        assert files.body_of(file, house.shelf) == body
        lies = (house.shelf.folder / file.shelf_name).read_bytes()
        assert (lies == body) == (kind == "avatar")
        assert (house.shelf.folder / file.shelf_name).stat().st_mode & 0o077 == 0
    for body in (b"", b"<svg onload=x>", b"%PDF", MP3, PNG[:4]):
        with pytest.raises(UnfitFile):
            keeps(conn, house, "document", body, 4, user_id=her)
    with pytest.raises(UnfitFile):
        keeps(conn, house, "avatar", PNG + bytes(1_000_000), 5, user_id=her)
    for seed in range(10, 17):
        keeps(conn, house, "document", JPEG, seed, user_id=her)
    with pytest.raises(TooManyFiles):
        keeps(conn, house, "document", JPEG, 17, user_id=her)
    (house.shelf.folder / made["document"].shelf_name).write_bytes(b"spoilt")
    with pytest.raises(Closed):
        files.body_of(made["document"], house.shelf)
    house.shelf.remove([made["recording"].shelf_name])
    with pytest.raises(UnknownFile):
        files.body_of(made["recording"], house.shelf)


def test_who_sees_which_file(
    web_wiring: Wiring, conn: Connection[Any], village: Village, house: House, clock: HandClock
) -> None:
    amina, _baraka, her = village.user_ids
    held = meetings.convene(conn, village.chama_id, by_user_id=amina, at=START)
    document = keeps(conn, house, "document", JPEG, 1, user_id=her)
    avatar = keeps(conn, house, "avatar", PNG, 2, user_id=her)
    recording = keeps(conn, house, "recording", MP3, 3, meeting_id=held.id)
    stranger = register.create_person(conn, phone="+254700000077", first_name="Daudi", language="en", at=START)
    ids = (document.id, avatar.id, recording.id)
    for user_id, seen in ((her, ids), (amina, (recording.id,)), (stranger, ())):
        with web_wiring.acting_as(user_id) as acting:
            assert {row for (row,) in acting.execute("SELECT id FROM files").fetchall()} == {*seen}, user_id
    with web_wiring.overseeing(house.admin_id) as acting:
        assert files.find(acting, document.id) == document
    with web_wiring.at_the_door("avatar", avatar.shelf_name) as acting:
        assert files.avatar(acting, avatar.shelf_name) == avatar
        assert acting.execute("SELECT count(*) FROM files").fetchone() == (1,)
    with web_wiring.at_the_door("avatar", document.shelf_name) as acting, pytest.raises(UnknownFile):
        files.avatar(acting, document.shelf_name)


def test_what_has_no_row_is_swept_after_an_hour(
    wiring: Wiring, clock: HandClock, conn: Connection[Any], village: Village, house: House
) -> None:
    kept = keeps(conn, house, "document", JPEG, user_id=village.user_ids[2])
    house.shelf.put("left-by-a-crash", JPEG, nonce=None)
    for name in (kept.shelf_name, "left-by-a-crash"):
        os.utime(house.shelf.folder / name, (START.timestamp(), START.timestamp()))
    clock.advance(3600)
    assert files.sweep(wiring, house.shelf) == 0
    clock.advance(1)
    assert [files.sweep(wiring, house.shelf), files.sweep(wiring, house.shelf)] == [1, 0]
    assert files.body_of(kept, house.shelf) == JPEG
