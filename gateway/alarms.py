"""What a person must act on, with what to do: for the status page, the doctor, and once a day as an incident."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway import incidents
from gateway.wiring import Wiring
from ledger import assertions
from ledger.money import print_kes
from ledger.nairobi import clock
from ledger.wires import Connection
from payments import balances, evidence, inquiries
from payments import watch as money
from payments.payouts import overview as payouts
from payments.payouts.gates import RESTORED
from payments.reconciliation import days, pull

# A trouble that lasts is noted anew each day: often enough to be found, and no flood.
NOTED_EVERY = timedelta(days=1)


@dataclass(frozen=True)
class Alarm:
    """`name` stays the same while the trouble does; `seen` says what was seen, `fix` what to do. No personal data."""

    name: str
    seen: str
    fix: str


def read(conn: Connection, at: datetime) -> list[Alarm]:
    """Everything that is wrong at this instant; empty when nobody has to act."""
    return [
        alarm
        for look in (
            *(silence, unnoticed, initiator, stopped, flying, unsettled, unclear, unconfirmed),
            *(nobodys, uncounted, unpulled, differing, charged),
        )
        for alarm in look(conn, at)
    ]


def silence(conn: Connection, at: datetime) -> Iterator[Alarm]:
    silent = money.silence(conn, at=at)
    if silent:
        yield Alarm(
            "callbacks_silent",
            f"Safaricom accepted {silent.prompts} prompts since {clock(silent.since)}, and not one callback came",
            "see that PUBLIC_URL leads here from the internet, over https, past the firewall; until a callback comes,"
            " payments are asked about in shorter steps, and Pull every ten minutes",
        )


def unnoticed(conn: Connection, at: datetime) -> Iterator[Alarm]:
    count = money.unnoticed(conn, at=at)
    if count:
        yield Alarm(
            "confirmations_silent",
            f"Pull lists {count} payments of the last three hours, and not one confirmation came",
            "see at the portal, URL Management, that the confirmation URL is ours, then `pesachama register-urls`;"
            " payments are credited from Pull meanwhile",
        )


def initiator(conn: Connection, _at: datetime) -> Iterator[Alarm]:
    """Seen by the answers to our questions only; asking with a wrong password would bring its lock nearer."""
    waiting = sum(inquiries.refused(conn).values()) + len(balances.refused(conn))
    if waiting:
        yield Alarm(
            "initiator_refused",
            f"Safaricom refuses the initiator; {waiting} questions about money wait",
            "at the portal unlock the initiator, give it the Transaction Status role and a fresh password; set"
            " MPESA_SECURITY_CREDENTIAL, restart the worker, then run `pesachama doctor --ask-again`",
        )


def stopped(conn: Connection, _at: datetime) -> Iterator[Alarm]:
    """One more wrong password may lock the initiator, so nothing leaves until a person has looked."""
    closed = payouts.stopped(conn)
    refused = [gate for gate in closed if gate.code != RESTORED]
    if refused:
        yield Alarm(
            "payouts_stopped",
            f"Safaricom refuses the initiator; nothing is paid out of {_gates(refused)}",
            "at the portal unlock the initiator, give it the B2C role and a fresh password; set it, restart the worker,"
            " then run `pesachama payouts resume` (docs/operations/payouts.md)",
        )
    restored = [gate for gate in closed if gate.code == RESTORED]
    if restored:
        yield Alarm(
            "payouts_after_restore",
            f"this database came out of a backup; nothing is paid out of {_gates(restored)}",
            "import M-PESA's statement of the days since the backup and look for payouts that are not here, then run "
            "`pesachama payouts resume` (docs/operations/backup.md)",
        )


def _gates(closed: list[payouts.Stopped]) -> str:
    return ", ".join(f"{gate.shortcode} (code {gate.code}, {gate.waiting} wait)" for gate in closed)


def flying(conn: Connection, at: datetime) -> Iterator[Alarm]:
    """Money in flight for long, money that cannot leave, and money that went otherwise than it was ordered."""
    long = payouts.long_out(conn, at=at)
    if long.count:
        yield Alarm(
            "payouts_unknown",
            f"{long.count} payouts, KES {print_kes(long.cents)} in all, have been out for more than an hour",
            "they are asked about; `pesachama payouts` lists them. Never pay one again by hand before the paybill's"
            " statement shows that it was not paid (docs/operations/payouts.md)",
        )
    kept = payouts.kept_back(conn, at=at)
    if kept:
        why = ", ".join(f"{reason}: {count}" for reason, count in kept.items())
        yield Alarm(
            "payouts_kept_back",
            f"payouts that should have left wait for more than an hour ({why})",
            "put money into the utility account, or repair what the reason names; `pesachama payouts` lists them",
        )
    odd = payouts.otherwise_paid(conn)
    if odd:
        yield Alarm(
            "payouts_otherwise",
            f"{odd} payouts were paid with another amount, or after Safaricom had called them failed",
            "compare them with the paybill's statement and tell the groups; the books hold what Safaricom paid",
        )


def unsettled(conn: Connection, _at: datetime) -> Iterator[Alarm]:
    """What strangers send and nobody can read is no trouble; what we could not bring to an end may be money."""
    count = evidence.unsettled(conn)
    if count:
        yield Alarm(
            "evidence_set_aside",
            f"{count} callbacks could not be settled and were set aside",
            "look for `loop failed` and for dead workers in the log; when it is repaired, run"
            " `pesachama doctor --read-again`",
        )


def unclear(conn: Connection, at: datetime) -> Iterator[Alarm]:
    oldest = money.open_money(conn, at=at)[-1]
    if oldest.count:
        yield Alarm(
            "money_unclear",
            f"{oldest.count} payments, KES {print_kes(oldest.cents)} in all, have been unclear for more than a day",
            "look for them in the statement of the paybill; ask Safaricom's help desk about those it does not name",
        )


def unconfirmed(conn: Connection, _at: datetime) -> Iterator[Alarm]:
    count = money.unconfirmed(conn)
    if count:
        yield Alarm(
            "receipts_unconfirmed",
            f"{count} booked receipts were asked about, and Safaricom did not confirm them within a day",
            "look for them in the statement of the paybill",
        )


def nobodys(conn: Connection, at: datetime) -> Iterator[Alarm]:
    count, cents = money.nobodys(conn, at=at)
    if count:
        yield Alarm(
            "suspense_old",
            f"{count} payments, KES {print_kes(cents)} in all, have been nobody's for more than "
            f"{money.NOBODYS_FOR.days} days",
            "the desk's page of unmatched money shows what was typed and whose it may be: give it to its member, or"
            " send it back",
        )


def uncounted(conn: Connection, _at: datetime) -> Iterator[Alarm]:
    """Counted money that the books do not hold, or books that hold money which nobody can count."""
    failures = assertions.open_failures(conn)
    if failures:
        more = f", and {len(failures) - 1} more counts failed" if len(failures) > 1 else ""
        yield Alarm(
            "count_failed",
            f"{failures[0].told()}{more}",
            "find the difference with two officials, book it with its reason, then count again and name the count that"
            " failed (docs/audit.md)",
        )


def unpulled(conn: Connection, at: datetime) -> Iterator[Alarm]:
    """Safaricom keeps 48 hours for Pull: a day of failures leaves one in which to repair it."""
    for one in pull.standings(conn):
        if one.failures and one.reached_at < at - pull.BEHIND:
            yield Alarm(
                "pull_behind",
                f"Pull of {one.number} has failed {one.failures} times, last: {one.outcome or 'nothing was said'}",
                "see that the app has the Pull API at the portal; what is older than 48 hours is lost to Pull: import"
                " the statement of those days (`pesachama import-statement`)",
            )


def differing(conn: Connection, at: datetime) -> Iterator[Alarm]:
    found = days.differing(conn, since=at)
    if found:
        named = ", ".join(found[:3])
        yield Alarm(
            "days_differ",
            f"{len(found)} days differ from what M-PESA lists: {named}{' and more' if len(found) > 3 else ''}",
            "`pesachama reconcile --day` names every difference; docs/operations/reconciliation.md says what to do with"
            " each",
        )


def charged(conn: Connection, at: datetime) -> Iterator[Alarm]:
    """A tariff that is not ours takes a little of every group with every payout, and nobody sees it in the float."""
    found = days.charging(conn, since=at)
    if found:
        yield Alarm(
            "charges_differ",
            f"on {len(found)} days M-PESA took other charges than the books: {', '.join(found[:3])}"
            f"{' and more' if len(found) > 3 else ''}",
            "`pesachama reconcile --day` names the payouts; put MPESA_PAYOUT_CHARGES right, or ask Safaricom"
            " (docs/operations/reconciliation.md)",
        )


def watch(wiring: Wiring) -> list[str]:
    """Notes what is wrong as incidents, each once a day; returns the names of those that are new."""
    at = wiring.now()
    with wiring.transaction() as conn:
        return [
            alarm.name
            for alarm in read(conn, at)
            if incidents.note(conn, alarm.name, alarm.seen, at=at, unless_since=at - NOTED_EVERY, chance=wiring.chance)
        ]
