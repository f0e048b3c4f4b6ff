"""Approvals: what other people answer to exactly this, one place for all that needs it. approvals is written here only.

Theory of operation
-------------------
Whatever needs other people's yes (a payout, what becomes of unmatched money, money that goes back) is a subject. All
that is approved has a digest, and an answer names the digest of what was on her screen: whoever changes the subject
makes another digest, and nobody has said anything to that yet. The digest is made anew from the rows whenever answers
are counted, so that a row changed behind our back has no yes either.

Answers are rows that are only ever added, once for each person, kind and digest: two at the same instant are two rows,
and whoever counts them does so under the lock of the subject. Whose answer counts, and how many are needed, the subject
knows (chamas/approving/approvers.py has the rule). One no is enough to pause it, however many yes there are.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from psycopg.rows import class_row

from ledger.preimage import Field, hash_fields
from ledger.refusals import Refusal
from ledger.wires import Connection

FORM = b"pesachama-approval/1"


class Subject(StrEnum):
    """What is answered."""

    DISBURSEMENT = "disbursement"
    SETTLEMENT = "settlement"
    TAKE_BACK = "take_back"
    RULES = "rules"
    WAIVER = "waiver"
    MOTION = "motion"


class Vote(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    FREEZE = "freeze"


class Proof(StrEnum):
    """How it was made sure that it is she: her chama PIN, her password once more at the desk; or her phone or a program
    of hers alone, which is enough to stop money and never to let it go.
    """

    PIN = "pin"
    STEP_UP = "step_up"
    PHONE = "phone"
    PROGRAM = "program"


class Verdict(StrEnum):
    """What the answers come to."""

    WAITS = "waits"
    AGREED = "agreed"
    REFUSED = "refused"


# Reasons are numbered: words would have to be translated, and might name somebody.
NOT_AGREED, SOMETHING_ELSE = 3, 4
REASONS = {1: "wrong amount", 2: "wrong person", NOT_AGREED: "not agreed", SOMETHING_ELSE: "something else"}


class NotYourVoice(Refusal):
    """Her yes or no does not count here: she asked, she would receive it, or others are asked."""

    code = "not_your_voice"
    status = 403
    words = "Others must answer this request, not you."


class NotAsShown(Refusal):
    """What she answered is not what is asked, or it is decided already."""

    code = "not_as_shown"
    status = 409
    words = "This request has changed or is decided. Look at it again."


@dataclass(frozen=True)
class Word:
    """What somebody says to what she was shown, by the `digest` of it. `reason` is one of REASONS, for a no; UTC.

    Whoever makes one has made sure that it is she, and `proof` says how.
    """

    vote: Vote
    digest: bytes
    proof: Proof
    user_id: int
    at: datetime
    reason: int | None = None

    @property
    def has_its_reason(self) -> bool:
        """A no has a numbered reason, and nothing else has one."""
        return (self.vote is Vote.REJECT) == (self.reason in REASONS)

    def demand_heard(self, *, counts: bool, waits: bool, digest: bytes) -> None:
        """Whether her answer `counts`, it `waits` for one, and `digest`, of what it is now, is what she was shown.

        Raises NotYourVoice, NotAsShown.
        """
        if not counts:
            raise NotYourVoice
        if not waits or self.digest != digest or not self.has_its_reason:
            raise NotAsShown


@dataclass(frozen=True)
class Answer:
    """What one person said. `member_id` is None for an operator; UTC."""

    user_id: int
    member_id: int | None
    vote: Vote
    proof: Proof
    reason: int | None
    voted_at: datetime
    digest: bytes

    def __post_init__(self) -> None:
        object.__setattr__(self, "vote", Vote(self.vote))
        object.__setattr__(self, "proof", Proof(self.proof))


@dataclass(frozen=True)
class Said:
    """What was said to one digest, by user id; each no with its reason."""

    yes: frozenset[int]
    no: Mapping[int, int | None]
    stop: frozenset[int]

    def verdict(self, asked: Collection[int], needed: int) -> Verdict:
        """What it comes to when these users are asked and so many yes are needed."""
        if self.no.keys() & set(asked):
            return Verdict.REFUSED
        return Verdict.AGREED if len(self.yes & set(asked)) >= needed else Verdict.WAITS

    def why(self, asked: Collection[int]) -> int | None:
        """The reason of the first of them who said no."""
        return next((self.no[one] for one in sorted(self.no.keys() & set(asked))), None)

    def outcome(self, asked: Collection[int], needed: int, *, late: bool) -> tuple[Verdict, str]:
        """The verdict, and why it is refused: for a reason that was given, or because it was `late` for an answer."""
        verdict = self.verdict(asked, needed)
        if verdict is Verdict.REFUSED:
            return verdict, REASONS[self.why(asked) or SOMETHING_ELSE]
        return (Verdict.REFUSED, "nobody answered in time") if verdict is Verdict.WAITS and late else (verdict, "")

    @property
    def nothing(self) -> bool:
        return not (self.yes or self.no or self.stop)


def digest(subject: Subject, *fields: Field) -> bytes:
    """Of exactly what is approved. Nobody's phone or name may be in it: a hash of one is found by trying."""
    return hash_fields((FORM, subject, *fields))


def add(conn: Connection, subject: Subject, subject_id: int, word: Word, member_id: int | None) -> None:
    """Writes what a person said, as this member of the group or as an operator; the same again changes nothing."""
    conn.execute(
        "INSERT INTO approvals (subject, subject_id, user_id, member_id, vote, digest, proof, reason, voted_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        [
            subject, subject_id, word.user_id, member_id, word.vote, word.digest, word.proof, word.reason, word.at,
        ],
    )  # fmt: skip


def answers(conn: Connection, subject: Subject, subject_id: int, digest: bytes | None = None) -> list[Answer]:
    """What was said to exactly this, or to any wording of it, in the order it came, as far as who acts may see it."""
    with conn.cursor(row_factory=class_row(Answer)) as cursor:
        return cursor.execute(
            "SELECT user_id, member_id, vote, proof, reason, voted_at, digest FROM approvals "
            "WHERE (subject, subject_id) = (%s, %s) AND (%s::bytea IS NULL OR digest = %s) ORDER BY voted_at, user_id",
            [subject, subject_id, digest, digest],
        ).fetchall()


def said(conn: Connection, subject: Subject, subject_id: int, digest: bytes) -> Said:
    """The same, for counting."""
    by_vote: dict[Vote, dict[int, int | None]] = {vote: {} for vote in Vote}
    for one in answers(conn, subject, subject_id, digest):
        by_vote[one.vote][one.user_id] = one.reason
    return Said(frozenset(by_vote[Vote.APPROVE]), by_vote[Vote.REJECT], frozenset(by_vote[Vote.FREEZE]))


def seen(conn: Connection, subject: Subject, subject_id: int, *, at: datetime) -> None:
    """Whatever was said to it so far is counted now, void answers included."""
    conn.execute(
        "UPDATE approvals SET seen_at = %s WHERE (subject, subject_id) = (%s, %s) AND seen_at IS NULL",
        [at, subject, subject_id],
    )
