"""Proposing other rules, and answering. rule_proposals is written here only.

chamas/ruling/proposed.py has the row, its states and the theory of it. Nothing of a group changes here: rows are
written, and the worker counts them (adopting.py). The phone, the desk and programs call `propose`, `propose_anew` and
`vote`.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from chamas.approving import approvals
from chamas.approving.approvals import NotAsShown, NotYourVoice, Subject, Vote, Word
from chamas.approving.approvers import TooFewApprovers
from chamas.approving.voices import member_in, voices_in
from chamas.members import standing
from chamas.members.access import Action
from chamas.members.refusals import demand
from chamas.rulebook import rules as ruling
from chamas.rulebook.rule_sets import RuleSet
from chamas.rulebook.rules import Rules, UnfitRules
from chamas.ruling.proposed import PROPOSAL_MOVES, Proposal, ProposalState, asked, by_id, changed, chosen
from ledger.refusals import Refusal
from ledger.wires import Connection

# Rules are talked about at a meeting; a weekly group meets once before this is over.
EXPIRES_AFTER = timedelta(days=8)
# What a group decides for a later day than this it can decide when more is known.
FARTHEST = timedelta(days=366)


_DUE = """
    SELECT id FROM rule_proposals p WHERE (due_at <= %(at)s OR (state = 'pending' AND EXISTS (
        SELECT FROM approvals a WHERE (a.subject, a.subject_id) = ('rules', p.id) AND a.seen_at IS NULL)))
    AND (%(only)s::bigint IS NULL OR id = %(only)s)
    AND NOT EXISTS (SELECT FROM puzzles z WHERE (z.loop, z.row_id) = ('rules', p.id) AND z.until > %(at)s)
    ORDER BY id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
"""


class ProposalOpen(Refusal):
    """One at a time: two that each change something would undo each other."""

    code = "proposal_open"
    status = 409
    words = "Another change of rules waits for answers in this chama."


def propose(
    conn: Connection,
    chama_id: int,
    given: Mapping[str, Any],
    *,
    by_user_id: int,
    at: datetime,
    holds_from: datetime | None = None,
) -> Proposal:
    """An official proposes that what `given` says shall be different; the others are told by the worker.

    Raises OfficialsOnly, NotNow, UnfitRules, ProposalOpen, TooFewApprovers.
    """
    member_id, now, new = _as_official(conn, chama_id, given, by_user_id, at)
    wording = [now.id, Jsonb(ruling.as_json(new)), _day(holds_from, at), now.rules.approvals]
    made = conn.execute(
        """
        INSERT INTO rule_proposals
            (chama_id, proposed_by, rule_set_id, rules, holds_from, needed, state, proposed_at, expires_at, due_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id
        """,
        [chama_id, member_id, *wording, ProposalState.PENDING, at, at + EXPIRES_AFTER, at],
    ).fetchone()
    if made is None:
        raise ProposalOpen
    return by_id(conn, made[0])


def propose_anew(
    conn: Connection,
    proposal_id: int,
    given: Mapping[str, Any],
    *,
    by_user_id: int,
    at: datetime,
    holds_from: datetime | None = None,
) -> Proposal:
    """Whoever proposed says otherwise: nobody has said anything to that yet. `given` is read as at the first time.

    Raises OfficialsOnly, NotNow, UnfitRules, TooFewApprovers, NotAsShown, NotYourVoice for what another has proposed.
    """
    was = by_id(conn, proposal_id)
    member_id, now, new = _as_official(conn, was.chama_id, given, by_user_id, at)
    if member_id != was.proposed_by:
        raise NotYourVoice
    wording = [now.id, Jsonb(ruling.as_json(new)), _day(holds_from, at), now.rules.approvals]
    done = conn.execute(
        "UPDATE rule_proposals SET rule_set_id = %s, rules = %s, holds_from = %s, needed = %s, "
        "revision = revision + 1, proposed_at = %s, expires_at = %s, due_at = %s WHERE id = %s AND state = 'pending'",
        [*wording, at, at + EXPIRES_AFTER, at, proposal_id],
    )
    if not done.rowcount:
        raise NotAsShown
    return by_id(conn, proposal_id)


def _as_official(
    conn: Connection, chama_id: int, given: Mapping[str, Any], user_id: int, at: datetime
) -> tuple[int, RuleSet, Rules]:
    """As which member she proposes; the version that it changes, and the rules as they would be."""
    here = standing.group(conn, chama_id=chama_id, user_id=user_id)
    demand(here, Action.CHANGE_RULES, at=at)
    now, new = changed(conn, chama_id, given)
    assert here.member_id is not None  # noqa: S101
    needed = now.rules.approvals
    if len(chosen(voices_in(conn, chama_id), here.member_id, needed, at)) < needed:
        raise TooFewApprovers
    return here.member_id, now, new


def _day(holds_from: datetime | None, at: datetime) -> datetime | None:
    if holds_from is not None and holds_from > at + FARTHEST:
        raise UnfitRules("holds_from: Within a year.")
    return holds_from


def vote(conn: Connection, proposal_id: int, word: Word) -> Proposal:
    """An answer to what was shown. Raises NotYourVoice, NotAsShown."""
    proposal = by_id(conn, proposal_id)
    counts = word.user_id in asked(conn, proposal)
    waits = proposal.state is ProposalState.PENDING and word.at < proposal.expires_at and word.vote is not Vote.FREEZE
    word.demand_heard(counts=counts, waits=waits, digest=proposal.digest)
    approvals.add(conn, Subject.RULES, proposal.id, word, member_in(conn, proposal.chama_id, word.user_id))
    return proposal


def move(
    conn: Connection,
    proposal: Proposal,
    to: ProposalState,
    *,
    at: datetime,
    reason: str | None = None,
    adopted_as: int | None = None,
    due_at: datetime | None = None,
) -> None:
    """Its end. `due_at` is when the version that it became begins, if that is to come. Raises ForbiddenMove."""
    PROPOSAL_MOVES.require(proposal.state, to)
    conn.execute(
        "UPDATE rule_proposals SET state = %s, reason = %s, adopted_as = %s, closed_at = %s, due_at = %s WHERE id = %s",
        [to, reason, adopted_as, at, due_at, proposal.id],
    )


def look_again(conn: Connection, proposal: Proposal, due_at: datetime | None) -> None:
    """When the worker looks at it next, unless somebody answers before; None for never."""
    conn.execute("UPDATE rule_proposals SET due_at = %s WHERE id = %s", [due_at, proposal.id])


def lock_next(conn: Connection, only: int | None = None, *, at: datetime) -> int | None:
    """The oldest proposal, or `only` this one, that is due or has an answer nobody counted, held; those that others
    hold are left.
    """
    row = conn.execute(_DUE, {"at": at, "only": only}).fetchone()
    return None if row is None else int(row[0])
