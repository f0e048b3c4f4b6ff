"""A group moves in: what is wrong is told by line, what is sound becomes rows and books, once, whole or not at all."""

from typing import Any

import pytest
from psycopg import Connection

from chamas.cycle import rounds
from chamas.dues import owing
from chamas.entrance import import_file, moving_in
from chamas.entrance.moving_in import IMPORT_MOVES, ImportState, MovedIn, PhoneNotFree, UnfitImport
from chamas.members import register
from chamas.members.register import Role
from chamas.verify import verify
from gateway.wiring import Wiring
from ledger import verify as verify_books
from ledger.moves import ForbiddenMove
from tests.house.source import ROOT
from tests.instruments import START, SeededChance

SAMPLE = (ROOT / "docs" / "import-sample.csv").read_bytes()


def changed(old: str, new: str) -> bytes:
    text = SAMPLE.decode()
    assert old in text
    return text.replace(old, new).encode()


def problems(body: bytes) -> list[tuple[int, str]]:
    group, found = import_file.read(body)
    assert (group is None) == bool(found)
    return [(one.line, one.words) for one in found]


def moved(conn: Connection[Any], body: bytes = SAMPLE) -> int:
    with conn.transaction():
        import_id = moving_in.hand_over(conn, body, by_user_id=None, tell=True, at=START)
        return moving_in.move_in(conn, import_id, at=START, chance=SeededChance(3))


def test_the_sample_becomes_a_group_with_its_books(conn: Connection[Any]) -> None:
    chama_id = moved(conn)
    people = conn.execute(
        "SELECT m.number, u.first_name, u.last_name, u.phone, m.role, m.position, m.status, m.join_method, m.id "
        "FROM chama_members m JOIN users u ON u.id = m.user_id WHERE m.chama_id = %s ORDER BY 1",
        [chama_id],
    ).fetchall()
    assert [row[:8] for row in people] == [
        (1, "Zawadi", "Otieno", "+254712000001", Role.CHAIRPERSON, 1, "active", "import"),
        (2, "Juma", "Mwangi", "+254712000002", Role.TREASURER, 2, "active", "import"),
        (3, "Halima", None, "+254712000003", Role.SECRETARY, 3, "active", "import"),
        (4, "Otieno", None, None, Role.MEMBER, 4, "active", "import"),
    ]
    ids = [row[8] for row in people]
    accounts = "SELECT code, balance_cents FROM accounts a JOIN chamas c USING (book_id) WHERE c.id = %s"
    assert dict(conn.execute(accounts, [chama_id]).fetchall()) == {
        **dict(zip((f"member:{one}" for one in ids), (1500_00, 1000_00, 1500_00, 1000_00), strict=True)),
        f"paid_out:{ids[0]}": 2000_00,
        f"paid_out:{ids[1]}": 1500_00,
        "cash": 1000_00,
        "outside_mpesa": 500_00,
        "opening": 0,
    }
    now_open = rounds.active_round(conn, chama_id)
    assert now_open is not None
    assert (now_open.number, f"{now_open.opens_at:%m-%d %H}", f"{now_open.closes_at:%m-%d %H}") == (
        3,
        "11-15 21",
        "11-22 21",
    )
    dues = [owing.dues(conn, one, START) for one in ids]
    assert [(one.paid_cents, one.due_cents, one.arrears_cents, one.credit_cents) for one in dues] == [
        (500_00, 500_00, 0, 0),
        (0, 500_00, 0, 0),
        (500_00, 500_00, 0, 0),
        (0, 500_00, 500_00, 0),
    ]
    with conn.transaction():
        assert [one.name for one in (*verify(conn), *verify_books(conn)) if not one.ok] == []
    assert conn.execute("SELECT state, body, chama_id FROM imports").fetchall() == [("moved_in", None, chama_id)]
    assert conn.execute("SELECT count(*) FROM notifications WHERE template = 'admitted'").fetchone() == (4,)
    with pytest.raises(MovedIn):
        moved(conn)


def test_a_second_group_moves_in_beside_the_first(conn: Connection[Any]) -> None:
    first = moved(conn)
    second = moved(conn, changed("0712000", "0713000"))
    boxes = (
        "SELECT c.id, a.balance_cents FROM accounts a JOIN chamas c USING (book_id) WHERE a.code = 'cash' ORDER BY 1"
    )
    assert conn.execute(boxes).fetchall() == [(first, 1000_00), (second, 1000_00)]
    with pytest.raises(MovedIn), conn.transaction():
        moved(conn)
    assert conn.execute("SELECT count(*) FROM chamas").fetchone() == (2,)


@pytest.mark.parametrize(
    ("old", "new", "line", "word"),
    [
        ("cash,1000", "cash,900", 0, "cash and mpesa are KES 1,400"),
        ("0712000002", "0712000001", 11, "This phone stands in line 10"),
        ("0712000002", "07120", 11, "no phone number"),
        ("treasurer", "boss", 11, "The role is"),
        ("member,2", "member,1", 11, "This number stands"),
        ("member,2", "member,0", 11, "from 1 to 100"),
        ("secretary,3", "secretary,5", 0, "Turns are"),
        ("chairperson", "member", 0, "One member is chairperson"),
        ("weekly", "sometimes", 3, "How often"),
        ("weekly", "custom", 0, "last day"),
        ("2026-11-16", "16/11/2026", 8, "2026-11-20"),
        ("round,3", "round,1", 10, "In a first round"),
        ("round,3", "round,0", 8, "number is 1"),
        ("1500,2000,500", "1500,2000,1600", 10, "part of what she saved"),
        ("1500,2000,500", "1500,2000,x", 10, "Write paid now"),
        ("mpesa,500", "", 0, "begins with mpesa"),
        ("mpesa,500", "bank,500", 6, "A line begins with"),
        ("Juma", "Ju2ma", 11, "one word"),
        ("member,4,Otieno,,,member,4,sw,1000,,,500", "member,4,Otieno,,,member,4,sw,1000,,,500,7", 13, "more than"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(old: str, new: str, line: int, word: str) -> None:
    assert [one for one in problems(changed(old, new)) if one[0] == line and word in one[1]]


def test_what_is_no_file_of_a_group(conn: Connection[Any]) -> None:
    for body in (b"", b"\xff\xfe\0", b"x" * 200_001, b'member,"'):
        assert problems(body)
    assert import_file.read(SAMPLE.replace(b",", b";"))[0] == import_file.read(SAMPLE)[0]
    assert import_file.read(b"\xef\xbb\xbf" + SAMPLE.replace(b"\n", b"\r\n"))[0] == import_file.read(SAMPLE)[0]
    with pytest.raises(UnfitImport):
        moving_in.hand_over(conn, b"", by_user_id=None, tell=False, at=START)


def test_all_or_nothing_and_again_when_what_stood_in_the_way_is_gone(wiring: Wiring, conn: Connection[Any]) -> None:
    her = register.create_person(conn, phone="+254712000003", first_name="Halima", language="en", at=START)
    conn.execute("UPDATE users SET status = 'suspended' WHERE id = %s", [her])
    counted = "SELECT (SELECT count(*) FROM chamas), (SELECT count(*) FROM users), (SELECT count(*) FROM entries)"
    before = conn.execute(counted).fetchone()
    with pytest.raises(PhoneNotFree):
        moved(conn)
    moving_in.hand_over(conn, SAMPLE, by_user_id=None, tell=False, at=START)
    assert [moving_in.move_in_due(wiring), moving_in.move_in_due(wiring)] == [1, 0]
    assert conn.execute(counted).fetchone() == before
    [refused] = moving_in.newest(conn)
    assert (refused.state, refused.chama_id) == (ImportState.REFUSED, None)
    assert refused.problem == PhoneNotFree.words
    conn.execute("UPDATE users SET status = 'active' WHERE id = %s", [her])
    moving_in.hand_over(conn, SAMPLE, by_user_id=None, tell=False, at=START)
    assert moving_in.move_in_due(wiring) == 1
    [done] = moving_in.newest(conn)
    assert done.state is ImportState.MOVED_IN
    # She stays who she was.
    members = "SELECT count(*) FROM chama_members WHERE user_id = %s AND chama_id = %s"
    assert conn.execute(members, [her, done.chama_id]).fetchone() == (1,)


def test_every_forbidden_move_is_forbidden() -> None:
    for old in ImportState:
        for new in ImportState:
            if new not in IMPORT_MOVES.following[old]:
                with pytest.raises(ForbiddenMove):
                    IMPORT_MOVES.require(old, new)
