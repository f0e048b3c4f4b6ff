"""A change of a group's rules as a row, its states, what exactly is agreed on, and whose yes counts. Reads only.

Theory of operation. An official proposes a whole set of rules, made of the newest version and what shall be different;
answers to it are approvals, bound to the hash of exactly these rules and the day from which they shall hold. Whoever
proposed may propose otherwise while it waits, which voids every answer. The worker alone counts (adopting.py):

    pending -> adopted    enough other officials said yes: it is the next version
    pending -> rejected   one of them said no, nobody answered in time, or there is a newer version of the rules

Whoever proposed has no voice; where the officials are too few, members with the lowest numbers are asked too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from psycopg import sql
from psycopg.rows import class_row

from chamas.approving import approvals
from chamas.approving.approvals import NotAsShown, Said, Subject
from chamas.approving.approvers import Voice, approvers
from chamas.approving.voices import voices_in
from chamas.cycle import places
from chamas.members.refusals import NotNow
from chamas.members.states import ChamaStatus
from chamas.rulebook import rule_sets
from chamas.rulebook import rules as ruling
from chamas.rulebook.rule_sets import RuleSet
from chamas.rulebook.rules import Rules, UnfitRules
from ledger.moves import Moves
from ledger.wires import Connection


class ProposalState(StrEnum):
    """Where a proposal stands."""

    PENDING = "pending"
    ADOPTED = "adopted"
    REJECTED = "rejected"


PROPOSAL_MOVES: Moves[ProposalState] = Moves(
    "rule_proposals.state",
    {
        ProposalState.PENDING: frozenset({ProposalState.ADOPTED, ProposalState.REJECTED}),
        ProposalState.ADOPTED: frozenset(),
        ProposalState.REJECTED: frozenset(),
    },
)


@dataclass(frozen=True)
class Proposal:
    """One proposed set of rules; `based_on` is the version that it changes. UTC.

    `holds_from` is None for as soon as `needed` others have agreed. `begins` is when the version made of it begins.
    """

    id: int
    chama_id: int
    chama: str
    chama_status: ChamaStatus
    based_on: int
    proposed_by: int
    proposer: str
    rules: Rules
    holds_from: datetime | None
    needed: int
    revision: int
    state: ProposalState
    reason: str | None
    adopted_as: int | None
    begins: datetime | None
    proposed_at: datetime
    expires_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", ProposalState(self.state))
        object.__setattr__(self, "chama_status", ChamaStatus(self.chama_status))
        if not isinstance(self.rules, Rules):
            object.__setattr__(self, "rules", Rules(**self.rules))

    @property
    def digest(self) -> bytes:
        """Of exactly what is proposed, as the row has it now."""
        said = (self.id, self.chama_id, self.based_on, self.proposed_by, ruling.digest(self.rules), self.holds_from)
        return approvals.digest(Subject.RULES, *said, self.needed, self.revision, self.proposed_at, self.expires_at)


_SELECT = sql.SQL(
    """
    SELECT p.id, p.chama_id, c.name AS chama, c.status AS chama_status, p.rule_set_id AS based_on, p.proposed_by,
           u.first_name AS proposer, p.rules, p.holds_from, p.needed, p.revision, p.state, p.reason, p.adopted_as,
           s.in_force_from AS begins, p.proposed_at, p.expires_at
    FROM rule_proposals p JOIN chamas c ON c.id = p.chama_id
    JOIN chama_members m ON m.id = p.proposed_by JOIN users u ON u.id = m.user_id
    LEFT JOIN rule_sets s ON s.id = p.adopted_as WHERE {}
    """
)
_BY_ID = _SELECT.format(sql.SQL("p.id = %s"))
_OF_CHAMA = _SELECT.format(sql.SQL("p.chama_id = %s ORDER BY p.id DESC"))
_PENDING = _SELECT.format(sql.SQL("p.chama_id = %s AND p.state = 'pending'"))


def read(conn: Connection, query: sql.Composed, given: list[Any]) -> list[Proposal]:
    with conn.cursor(row_factory=class_row(Proposal)) as cursor:
        return cursor.execute(query, given).fetchall()


def newest(conn: Connection, chama_id: int) -> RuleSet:
    """The version that was agreed on last, even if its day is still to come. Raises NotNow without any."""
    found = rule_sets.versions(conn, chama_id)
    if not found:
        raise NotNow
    return found[0]


def changed(conn: Connection, chama_id: int, given: Mapping[str, Any]) -> tuple[RuleSet, Rules]:
    """The newest version, and the rules as they would be. Raises UnfitRules, NotNow without any rules."""
    now = newest(conn, chama_id)
    numbers = frozenset(place.number for place in places.everybody(conn, chama_id))
    new = ruling.changed(now.rules, given, numbers=numbers)
    # Of those who are in it neither the asker nor the payee says yes to a payout, nor does the payee stop it.
    inside = sum(voice.decides for voice in voices_in(conn, chama_id))
    for name, most in (("approvals", inside - 2), ("freezers", inside - 1)):
        if name in given and getattr(new, name) > most:
            raise UnfitRules(f"{name}: The group has not so many others.")
    return now, new


def by_id(conn: Connection, proposal_id: int) -> Proposal:
    """Raises NotAsShown for one that there is not, or that who acts may not see."""
    found = read(conn, _BY_ID, [proposal_id])
    if not found:
        raise NotAsShown
    return found[0]


def of_chama(conn: Connection, chama_id: int) -> list[Proposal]:
    """Every proposal of a group, newest first."""
    return read(conn, _OF_CHAMA, [chama_id])


def pending(conn: Connection, chama_id: int) -> Proposal | None:
    """The one that is not decided."""
    return next(iter(read(conn, _PENDING, [chama_id])), None)


def waiting_for(conn: Connection, chama_id: int, user_id: int) -> Proposal | None:
    """The proposal of this group that waits for this person's answer."""
    found = pending(conn, chama_id)
    if found is None or user_id not in asked(conn, found):
        return None
    answered = said(conn, found)
    return None if user_id in answered.yes | answered.no.keys() else found


def asked(conn: Connection, proposal: Proposal) -> set[int]:
    """Whose answer to it counts, by user id."""
    voices = voices_in(conn, proposal.chama_id)
    counts = chosen(voices, proposal.proposed_by, proposal.needed, proposal.proposed_at)
    return {voice.user_id for voice in voices if voice.member_id in counts}


def chosen(voices: list[Voice], proposer: int, needed: int, at: datetime) -> set[int]:
    """The same by member id. Nobody is paid, so that nobody but the proposer is left out."""
    return set(approvers(voices, payee=proposer, asker=proposer, needed=needed, asked_at=at))


def said(conn: Connection, proposal: Proposal) -> Said:
    """What was said to exactly this."""
    return approvals.said(conn, Subject.RULES, proposal.id, proposal.digest)
