"""What programs ask about the rules of a group and its ballot."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chamas import directory
from chamas.cycle import ballots, drawing
from chamas.cycle.ballots import BallotState
from chamas.rulebook import rule_sets
from chamas.rulebook.rules import Rules
from chamas.ruling import preview, proposed
from chamas.ruling.preview import Preview
from ledger.wires import Connection


@dataclass(frozen=True)
class Version:
    """One version of a group's rules, and from when rounds open under it."""

    id: int
    version: int
    in_force_from: datetime
    rules: Rules


@dataclass(frozen=True)
class Ticket:
    """One member of a ballot by her number, and what she typed: shown when it is over."""

    number: int
    typed: str | None


@dataclass(frozen=True)
class Published:
    """All that anybody needs to recompute a ballot: docs/ballot.md. Hashes and the seed in hexadecimal digits."""

    id: int
    form: str
    state: BallotState
    reason: str | None
    seal: str | None
    seed: str | None
    roster: tuple[Ticket, ...]
    order: tuple[int, ...]
    called_at: datetime
    closes_at: datetime | None
    reveal_by: datetime | None


def versions(conn: Connection, chama_id: int, *, before: int | None, limit: int) -> list[Version] | None:
    if directory.chama(conn, chama_id) is None:
        return None
    found = [one for one in rule_sets.versions(conn, chama_id) if before is None or one.id < before]
    return [Version(one.id, one.version, one.in_force_from, one.rules) for one in found[:limit]]


def previewed(conn: Connection, chama_id: int, **changes: Any) -> Preview | None:
    """Had the rules with these changes held in the group's last cycle. Raises UnfitRules, NotNow without any rules."""
    if directory.chama(conn, chama_id) is None:
        return None
    _now, new = proposed.changed(conn, chama_id, changes)
    return preview.preview(conn, chama_id, new)


def ballot(conn: Connection, chama_id: int) -> Published | None:
    """The newest ballot of a group."""
    found = ballots.latest(conn, chama_id)
    if found is None:
        return None
    typed = ballots.numbers(conn, found.id) if found.state is BallotState.DRAWN else {}
    return Published(
        found.id,
        drawing.FORM,
        found.state,
        found.reason,
        found.seal.hex() if found.seal else None,
        found.seed.hex() if found.seed else None,
        tuple(Ticket(number, typed.get(number)) for number in found.roster),
        tuple(found.result or ()),
        found.called_at,
        found.closes_at,
        found.reveal_by,
    )
