"""Who is there when a wave begins: the paybill, and a running group of three for every round.

They are the same in all waves of a run, so that they are founded once, and each wave copies the database they stand in.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from chamas.cycle import rounds
from chamas.dues import turnover
from chamas.members import register
from chamas.members.register import ChamaStatus, MemberStatus, Role
from chamas.rulebook.calendar import Frequency
from gateway.wiring import Wiring
from ledger.books import open_book
from ledger.wires import Connection
from payments import shortcodes
from payments.paybill import account_number
from tests.conftest import a_database, as_owner
from tests.instruments import HandClock, settings_for

SHORTCODE = "600123"
MEMBERS = 3


@dataclass(frozen=True)
class Member:
    """One person in a group. `account` is what she types at the paybill."""

    user_id: int
    member_id: int
    phone: str
    account: str


@dataclass(frozen=True)
class Group:
    """A group as it stands before anything happens."""

    chama_id: int
    name: str
    book_id: int
    members: tuple[Member, ...]


@dataclass(frozen=True)
class People:
    """Everybody who stands in one database."""

    shortcode_id: int
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Stage:
    """The servers on which waves are played; `template` is a migrated database, without rows or with these `people`."""

    postgres_url: str
    template: str
    redis_url: str
    folder: Path
    people: People | None = None


@contextmanager
def peopled(stage: Stage, count: int) -> Iterator[Stage]:
    """The stage with so many groups on it, for the length of a block."""
    with TemporaryDirectory(dir=stage.folder) as folder, a_database(stage.postgres_url, stage.template) as name:
        settings = settings_for(as_owner(stage.postgres_url, name), stage.redis_url, Path(folder))
        wiring = Wiring(settings, "worker", HandClock())
        try:
            people = found(wiring, count)
        finally:
            wiring.close()
        yield replace(stage, template=name, people=people)


def found(wiring: Wiring, count: int) -> People:
    """The paybill and so many groups, with members whom nobody else knows; each in a transaction of its own."""
    with wiring.transaction() as conn:
        book_id = open_book(conn, kind="shortcode", name="paybill", at=wiring.now())
        shortcode_id = shortcodes.register(conn, number=SHORTCODE, kind="paybill", name="PesaChama", book_id=book_id)
    groups = []
    for number in range(count):
        with wiring.transaction() as conn:
            groups.append(a_group(conn, number, wiring.now()))
    return People(shortcode_id, tuple(groups))


def a_group(conn: Connection, number: int, at: datetime) -> Group:
    name = f"Storm {number}"
    chama_id = register.create_chama(
        conn,
        number=str(20_000 + number),
        name=name,
        kind="rosca",
        frequency=Frequency.WEEKLY,
        contribution_cents=50_000,
        member_target=MEMBERS,
        at=at,
    )
    members = tuple(a_member(conn, chama_id, number, place, at) for place in range(MEMBERS))
    for status in (ChamaStatus.RECRUITING, ChamaStatus.WAITING, ChamaStatus.ACTIVE):
        register.move_chama(conn, chama_id, status)
    for member in members:
        register.move_member(conn, member.member_id, MemberStatus.ACTIVE)
    rounds.adopt_rules(conn, chama_id=chama_id, contribution_cents=50_000, frequency=Frequency.WEEKLY, in_force_from=at)
    turnover.open_round(conn, chama_id, at=at)
    [(book_id,)] = conn.execute("SELECT book_id FROM chamas WHERE id = %s", [chama_id]).fetchall()
    return Group(chama_id, name, book_id, members)


def a_member(conn: Connection, chama_id: int, number: int, place: int, at: datetime) -> Member:
    phone = f"+25471{number:05}{place:02}"
    user_id = register.create_person(conn, phone=phone, first_name=f"Mtu{number}x{place}", language="en", at=at)
    member_id = register.add_member(
        conn,
        chama_id=chama_id,
        user_id=user_id,
        role=Role.MEMBER if place else Role.CHAIRPERSON,
        status=MemberStatus.CONFIRMED,
        join_method="import",
        position=place + 1,
        at=at,
    )
    own = conn.execute("SELECT number FROM chama_members WHERE id = %s", [member_id]).fetchone() or [0]
    return Member(user_id, member_id, phone, account_number(str(20_000 + number), own[0]))
