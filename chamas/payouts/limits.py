"""What a group has agreed on about money that leaves it: how many say yes, how long it waits, who can stop it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chamas.cycle import rounds
from ledger.wires import Connection


@dataclass(frozen=True)
class Limits:
    """One version of it. `needed` other people say yes; `freezers` members together stop what was agreed on. From
    `sms_from_cents` on every member has an SMS before it leaves; of less she hears on her next dial.

    One official asks and two others agree: three people would have to be in league. The wait is long enough for an SMS
    to be read by those who were not asked. A meeting's decision is acted on within days; a yes of last week was given
    in another situation. One member alone must not be able to hold up everybody's turn; two who doubt are worth a talk.
    """

    needed: int = 2
    wait: timedelta = timedelta(hours=1)
    expires_after: timedelta = timedelta(hours=72)
    freezers: int = 2
    sms_from_cents: int = 0


def in_force(conn: Connection, chama_id: int, at: datetime) -> tuple[int | None, Limits]:
    """The version that holds at `at` and its limits; None for a group without rules, which has the usual ones."""
    version = rounds.rules_at(conn, chama_id, at)
    if version is None:
        return None, Limits()
    agreed = version.rules
    return version.id, Limits(
        needed=agreed.approvals,
        wait=timedelta(minutes=agreed.wait_minutes),
        expires_after=timedelta(hours=agreed.expiry_hours),
        freezers=agreed.freezers,
        sms_from_cents=agreed.sms_from_cents,
    )
