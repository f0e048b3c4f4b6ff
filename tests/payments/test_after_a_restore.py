"""A database that went back in time: what left the house after the backup is found again, and is not paid twice."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from gateway.backup import paper, returning, taking
from gateway.jobs import tables
from payments import payouts
from payments.payouts import gates
from tests.payments.door import Door
from tests.payments.scene import ATIENO, Scene
from tests.payments.test_payout_outcomes import equals_truth, paid_out, sends
from tests.payments.treasury import Treasury, fund, heard
from tests.simulator.client import Simulator


@pytest.fixture
def treasury(live: Scene, safaricom: Simulator) -> Treasury:
    return fund(live, safaricom)


@pytest.fixture
def backup(treasury: Treasury, tmp_path: Path) -> Path:
    """Taken while one payout is ordered and another is agreed on (`authorised_at`), but not ordered yet."""
    settings, out = treasury.wiring.settings, tmp_path / "one.backup"
    tables.apply(settings.database_url)
    treasury.ordered()
    taking.take(settings, out, at=treasury.wiring.now())
    return out


@pytest.fixture
def restored(treasury: Treasury, door: Door, empty_database_url: str) -> Iterator[Treasury]:
    """The same house on the database that is to be filled."""
    wiring = replace(treasury.wiring, settings=replace(treasury.wiring.settings, database_url=empty_database_url))
    with psycopg.connect(empty_database_url, autocommit=True) as conn:
        yield Treasury(replace(treasury.scene, wiring=wiring, conn=conn))
    wiring.close()


def test_payouts_that_left_after_the_backup_are_asked_about_and_not_paid_again(
    treasury: Treasury, safaricom: Simulator, door: Door, backup: Path, restored: Treasury
) -> None:
    agreed = treasury.wanted("order-2", 700, ATIENO)
    sends(treasury)
    heard(treasury)
    sends(treasury, "order-2", shillings=700, phone=ATIENO, authorised_at=agreed.authorised_at)
    heard(treasury, 2)
    assert [payout["amount_cents"] for payout in paid_out(safaricom)] == [50_000, 70_000]

    with paper.opened(backup) as (archive, manifest):
        returning.bring_back(restored.wiring.settings, archive, manifest, at=restored.wiring.now())
    door.wiring = restored.wiring
    assert restored.payout(1).state == "ordered"
    restored.ordered("order-2", 700, ATIENO, authorised_at=agreed.authorised_at)
    assert payouts.send_due(restored.wiring) == 0, "the gate is closed until an operator has compared"
    with restored.wiring.transaction() as conn:
        assert gates.lift(conn, None, by="operator", at=restored.wiring.now()) == 1

    for told in (1, 2):
        payouts.send_due(restored.wiring)
        assert restored.payout(told).state == "unknown", "its name is taken: it is asked about"
        payouts.ask_due(restored.wiring)
        heard(restored, told)
        assert restored.payout(told).state == "paid"
        restored.wiring.clock.advance(5)  # the second one waited until the first had shown that the initiator is good
    assert len(paid_out(safaricom)) == 2
    equals_truth(restored, safaricom)
