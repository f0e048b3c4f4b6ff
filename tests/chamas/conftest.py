"""A small running chama: three members, KES 500 a week, and a till for the money that reaches it."""

import io
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import Connection

from chamas.arriving import arrivals
from chamas.arriving.arrivals import Booked
from chamas.cycle import rounds
from chamas.cycle.rounds import Round
from chamas.dues import turnover
from chamas.members import register
from chamas.members.register import ChamaStatus, MemberStatus, Role
from chamas.rulebook.calendar import Frequency
from gateway.wiring import Wiring
from ledger import batches, checkpoints
from ledger.books import account_id, balance, open_book
from payments import shortcodes
from payments.receipts import ProvenReceipt
from tests.chamas.archives import Check, made
from tests.databases import as_owner, lent_database
from tests.instruments import START, HandClock, SeededChance, settings_for

if TYPE_CHECKING:
    from tests.chamas.a_cycle import Cycle

ROUND_CENTS = 50_000


@dataclass(frozen=True)
class Village:
    """The chama's id and book, and its people and members in order of payout."""

    chama_id: int
    book_id: int
    user_ids: tuple[int, ...]
    member_ids: tuple[int, ...]
    open_round: Round

    def holds(self, conn: Connection[Any], member_id: int) -> int:
        """What the books say the group holds of her, in cents."""
        hers = account_id(conn, self.book_id, f"member:{member_id}")
        assert hers is not None
        return balance(conn, hers)


@pytest.fixture
def chance() -> SeededChance:
    return SeededChance()


@pytest.fixture
def village(conn: Connection[Any]) -> Village:
    return founded(conn)


def founded(conn: Connection[Any]) -> Village:
    chama_id = register.create_chama(
        conn,
        number="48213",
        name="Umoja",
        kind="rosca",
        frequency=Frequency.WEEKLY,
        contribution_cents=ROUND_CENTS,
        member_target=3,
        at=START,
    )
    people = [
        register.create_person(conn, phone=f"+25470000000{n}", first_name=name, language="en", at=START)
        for n, name in enumerate(("Amina", "Baraka", "Wanjiku"), start=1)
    ]
    members = [
        register.add_member(
            conn,
            chama_id=chama_id,
            user_id=user_id,
            role=Role.CHAIRPERSON if position == 1 else Role.MEMBER,
            status=MemberStatus.CONFIRMED,
            join_method="creator" if position == 1 else "number",
            position=position,
            at=START,
        )
        for position, user_id in enumerate(people, start=1)
    ]
    for member_id in members:
        register.move_member(conn, member_id, MemberStatus.ACTIVE)
    for status in (ChamaStatus.RECRUITING, ChamaStatus.WAITING, ChamaStatus.ACTIVE):
        register.move_chama(conn, chama_id, status)
    rounds.adopt_rules(
        conn, chama_id=chama_id, contribution_cents=ROUND_CENTS, frequency=Frequency.WEEKLY, in_force_from=START
    )
    with conn.transaction():
        opened = turnover.open_round(conn, chama_id, at=START)
        book_id = register.lock_chama(conn, chama_id)
    return Village(chama_id, book_id, tuple(people), tuple(members), opened)


class Till:
    """Brings proven receipts, as payments/ hands them to arrivals, with the rows that lie under them."""

    def __init__(self, conn: Connection[Any], village: Village, chance: SeededChance) -> None:
        self.conn, self.village, self.chance = conn, village, chance
        self.book_id = open_book(conn, kind="shortcode", name="600123", at=START)
        self.shortcode_id = shortcodes.register(
            conn, number="600123", kind="paybill", name="PesaChama", book_id=self.book_id
        )

    def proven(
        self,
        receipt: str,
        shillings: int,
        member_id: int | None,
        *,
        payer_id: int | None = None,
        reason: str | None = None,
    ) -> ProvenReceipt:
        """A receipt that is proved and not booked yet."""
        [(evidence_id,)] = self.conn.execute(
            "INSERT INTO evidence (source, token_hash, body_sha256, body, headers, received_at) "
            "VALUES ('stk_callback', %s, %s, '', '{}', %s) RETURNING id",
            [receipt.encode(), self.chance.token_bytes(32), START],
        ).fetchall()
        self.conn.execute(
            "INSERT INTO receipts (receipt, shortcode_id, kind, amount_cents, paid_at, evidence_id, proved_at) "
            "VALUES (%s, %s, 'stk', %s, %s, %s, %s)",
            [receipt, self.shortcode_id, shillings * 100, START, evidence_id, START],
        )
        return ProvenReceipt(
            receipt=receipt,
            shortcode_id=self.shortcode_id,
            shortcode="600123",
            kind="stk",
            amount_cents=shillings * 100,
            paid_at=START,
            chama_id=self.village.chama_id if member_id else None,
            member_id=member_id,
            payer_id=payer_id,
            purpose="contribution" if member_id else None,
            reason=reason,
        )

    def arrive(self, receipt: str, shillings: int, member_id: int | None, **more: Any) -> Booked:
        """The same, booked in a transaction of its own."""
        proven = self.proven(receipt, shillings, member_id, **more)
        with self.conn.transaction():
            [booked] = arrivals.book(self.conn, [proven], at=START, chance=self.chance)
        return booked


@pytest.fixture
def till(conn: Connection[Any], village: Village, chance: SeededChance) -> Till:
    return Till(conn, village, chance)


@pytest.fixture
def cycle(conn: Connection[Any], wiring: Wiring, clock: HandClock, village: Village, till: Till) -> "Cycle":
    from tests.chamas.a_cycle import begun

    return begun(conn, wiring, clock, village, till)


@pytest.fixture
def packed(conn: Connection[Any], wiring: Wiring, village: Village, till: Till) -> bytes:
    """Umoja's archive: four receipts, the first three sealed and witnessed, the last one waiting."""
    return packed_from(wiring, village, till)


def packed_from(wiring: Wiring, village: Village, till: Till) -> bytes:
    for number, shillings in enumerate((100, 500, 1_300)):
        till.arrive(f"QKA{number:06}X", shillings, village.member_ids[number])
    assert batches.seal_due(wiring, witness="checkpoint") == 3
    own = wiring.settings
    checkpoints.write_due(wiring, path=Path(own.checkpoint_file), operator_key=own.chain_operator_key)
    till.arrive("QKA000003X", 200, village.member_ids[0])
    return made(wiring, village)


@pytest.fixture(scope="session")
def archive(postgres_url: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The same archive packed once, for tests that need none of the rows behind it."""
    with lent_database(postgres_url, template) as name:
        url, folder = as_owner(postgres_url, name), tmp_path_factory.mktemp("archive")
        wiring = Wiring(settings_for(url, "redis://127.0.0.1:1/0", folder), "worker", HandClock(), SeededChance())
        with psycopg.connect(url, autocommit=True) as conn:
            village = founded(conn)
            body = packed_from(wiring, village, Till(conn, village, SeededChance()))
        wiring.close()
        return body


@pytest.fixture
def check(archive: bytes, tmp_path: Path) -> Check:
    """Runs the honest archive's program on one, in Python's isolated mode and outside this checkout."""
    (tmp_path / "verify_export.py").write_bytes(program_in(archive))

    def run(body: bytes, *options: object) -> tuple[int, str]:
        (tmp_path / "group.zip").write_bytes(body)
        command = [sys.executable, "-I", "-S", "verify_export.py", "group.zip", *map(str, options)]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.stderr == "", done.stderr
        return done.returncode, done.stdout

    return run


@pytest.fixture
def read(archive: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Check:
    """The same program in this process, for whoever has it read dozens: a Python that starts takes longer than it."""
    program = ModuleType("verify_export")
    exec(compile(program_in(archive), "verify_export.py", "exec"), program.__dict__)  # noqa: S102 - ours

    def run(body: bytes, *options: object) -> tuple[int, str]:
        (tmp_path / "group.zip").write_bytes(body)
        capsys.readouterr()
        return program.main([str(tmp_path / "group.zip"), *map(str, options)]), capsys.readouterr().out

    return run


def program_in(archive: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        return files.read("verify_export.py")
