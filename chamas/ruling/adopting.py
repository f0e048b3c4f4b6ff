"""The worker's part of changing rules: counts what was said, makes the next version of it once, and tells everybody.

One proposal at a time, under its lock and in a transaction of its own, so that two answers at the same instant are
counted one after the other and make one version. Rounds that are open keep the version that they opened with. On the
day on which the version begins the group's own amount and rhythm follow, which invitations and lists tell.
"""

from datetime import datetime
from functools import partial

from chamas import aside
from chamas.approving import approvals
from chamas.approving.approvals import Subject, Verdict
from chamas.approving.voices import voices_in
from chamas.members import register
from chamas.members.states import ChamaStatus
from chamas.rulebook import rule_sets
from chamas.ruling import proposals, proposed
from chamas.ruling.proposed import Proposal, ProposalState
from chamas.telling import notices
from chamas.telling.notices import Notice
from ledger.wires import Connection, Wires

OVER = (ChamaStatus.COMPLETED, ChamaStatus.CANCELLED)


def follow_due(wiring: Wires) -> int:
    """Does what the next proposal needs; returns how many it took (0 or 1)."""
    at = wiring.now()
    return aside.one_at_a_time(wiring, "rules", partial(proposals.lock_next, at=at), partial(_go_on, at=at))


def _go_on(conn: Connection, proposal_id: int, *, at: datetime) -> None:
    proposal = proposed.by_id(conn, proposal_id)
    register.lock_chama(conn, proposal.chama_id)
    if proposal.state is ProposalState.PENDING:
        approvals.seen(conn, Subject.RULES, proposal.id, at=at)
        _count(conn, proposal, at)
    else:
        _follow(conn, proposal, at)


def _count(conn: Connection, proposal: Proposal, at: datetime) -> None:
    said, asked = proposed.said(conn, proposal), proposed.asked(conn, proposal)
    verdict, why = said.outcome(asked, proposal.needed, late=at >= proposal.expires_at)
    if proposal.chama_status in OVER:
        _reject(conn, proposal, "the group has ended", at)
    elif proposed.newest(conn, proposal.chama_id).id != proposal.based_on:
        _reject(conn, proposal, "the rules have changed meanwhile", at)
    elif verdict is Verdict.REFUSED:
        _reject(conn, proposal, why, at)
    elif verdict is Verdict.AGREED:
        _adopt(conn, proposal, at)
    else:
        _tell(conn, proposal, "rules_asked", asked - said.yes, at)
        proposals.look_again(conn, proposal, proposal.expires_at)


def _adopt(conn: Connection, proposal: Proposal, at: datetime) -> None:
    """Never before the version that it changes: that one was agreed on too."""
    before = proposed.newest(conn, proposal.chama_id).in_force_from
    begins = max(at, before, proposal.holds_from or at)
    adopted = rule_sets.adopt(conn, proposal.chama_id, proposal.rules, in_force_from=begins)
    proposals.move(conn, proposal, ProposalState.ADOPTED, at=at, adopted_as=adopted, due_at=begins)
    inside = {voice.user_id for voice in voices_in(conn, proposal.chama_id) if voice.inside}
    _tell(conn, proposal, "rules_changed", inside, at, begins_at=begins.isoformat())


def _follow(conn: Connection, proposal: Proposal, at: datetime) -> None:
    """A version's day has come; of several whose day is over the newest is the group's."""
    now = rule_sets.rules_at(conn, proposal.chama_id, at)
    if now is not None:
        register.keep_to(conn, proposal.chama_id, now.contribution_cents, now.frequency)
    proposals.look_again(conn, proposal, None)


def _reject(conn: Connection, proposal: Proposal, reason: str, at: datetime) -> None:
    proposals.move(conn, proposal, ProposalState.REJECTED, at=at, reason=reason)
    voices = voices_in(conn, proposal.chama_id)
    _tell(conn, proposal, "rules_refused", {one.user_id for one in voices if one.inside and one.official}, at)


def _tell(conn: Connection, proposal: Proposal, template: str, user_ids: set[int], at: datetime, **more: str) -> None:
    facts = {"chama": proposal.chama, "name": proposal.proposer, **more}
    # Who was told of an earlier wording is told of this one too.
    key = f"{template}:{proposal.id}:{proposal.revision}"
    news = [Notice(f"{key}:{user_id}", template, user_id, proposal.chama_id, facts) for user_id in sorted(user_ids)]
    notices.queue(conn, news, at=at)
