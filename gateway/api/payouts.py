"""What programs ask and say about money that leaves groups. A reader returns None when there is no such thing.

A program speaks for the person whose token it holds, and for nobody else: it asks and answers as the member that she
is, by the rules of the phone. To approve, it hands on her chama PIN.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chamas.approving.approvals import NotYourVoice, Vote, Word
from chamas.approving.voices import member_beside, voices_in
from chamas.members import pins
from chamas.members.pins import PinCheck
from chamas.payouts import asking, disbursements, requested
from chamas.payouts.asking import MayNotAsk
from chamas.payouts.disbursements import Purpose, Request
from gateway.api import stories
from gateway.api.entry import Act
from ledger import overview
from ledger.refusals import Refusal
from ledger.wires import Connection
from payments import phones
from payments.payouts import listing
from payments.payouts.listing import Listed


class WrongPin(Refusal):
    """Not her chama PIN, or she has none."""

    code = "wrong_pin"
    status = 403
    words = "That is not your chama PIN. Nothing was done."


class PinLocked(Refusal):
    """Too many wrong ones: this one was not looked at."""

    code = "pin_locked"
    status = 429
    words = "Your chama PIN is locked for a while. Nothing was done."


@dataclass(frozen=True)
class Payout(Listed):
    """A payout with its story."""

    timeline: tuple[stories.Event, ...] = ()


@dataclass(frozen=True)
class Disbursement:
    """A request to pay out. Cents, UTC; `phone` is masked. `yes` are those who agreed so far, of `needed`; `stops`
    those who want to stop it, of `freezers`. `digest` (hexadecimal) is of exactly what is asked: an answer names it.
    `failure` is why the worker cannot go on with it. Of a loan `loan_months` says for how long, and `interest_cents`
    what it costs her.
    """

    id: int
    chama_id: int
    chama: str
    payee_member_id: int
    payee: str
    phone: str
    asked_by: int
    purpose: str
    amount_cents: int
    charge_cents: int
    state: str
    reason: str | None
    digest: str
    yes: int
    needed: int
    stops: int
    freezers: int
    payout_id: int | None
    asked_at: datetime
    expires_at: datetime
    not_before: datetime | None
    name_differs: bool
    failure: str | None
    loan_months: int | None
    interest_cents: int


@dataclass(frozen=True)
class DisbursementWithStory(Disbursement):
    """The same with all that happened to it."""

    timeline: tuple[stories.Event, ...] = ()


def payouts(
    conn: Connection, chama: int | None = None, member: int | None = None, state: str | None = None, **page: Any
) -> list[Listed]:
    return listing.listed(conn, chama_id=chama, member_id=member, state=state, **page)


def payout(conn: Connection, payout_id: int) -> Payout | None:
    found = listing.one(conn, payout_id)
    if found is None:
        return None
    seal = None if found.entry is None else overview.seal(conn, found.book_id, found.entry)
    timeline = stories.of_payout(conn, found, requested.of_payout(conn, payout_id), seal)
    return Payout(**vars(found), timeline=timeline)


def disbursements_of(
    conn: Connection, chama: int | None = None, state: str | None = None, **page: Any
) -> list[Disbursement]:
    return [Disbursement(**_told(conn, one)) for one in requested.listed(conn, chama_id=chama, state=state, **page)]


def disbursement(conn: Connection, request_id: int) -> DisbursementWithStory | None:
    try:
        return _with_story(conn, disbursements.by_id(conn, request_id))
    except LookupError:
        return None


def ask(conn: Connection, *, act: Act, payee_member_id: int, amount_cents: int, purpose: str) -> DisbursementWithStory:
    """Asks as the member of that group that the holder of the token is."""
    hers = member_beside(conn, payee_member_id, act.user_id)
    if hers is None:
        raise MayNotAsk
    asked = asking.ask(
        conn,
        asker_member_id=hers,
        payee_member_id=payee_member_id,
        amount_cents=amount_cents,
        purpose=Purpose(purpose),
        at=act.at,
        bands=act.bands,
    )
    return _with_story(conn, asked)


def ask_anew(conn: Connection, request_id: int, *, act: Act, amount_cents: int) -> DisbursementWithStory | None:
    """Another amount, or the same once more after a no: every answer so far is void."""
    hers = _member(conn, request_id, act)
    if hers is None:
        return None
    asked = asking.ask_anew(
        conn, request_id, asker_member_id=hers, amount_cents=amount_cents, at=act.at, bands=act.bands
    )
    return _with_story(conn, asked)


def approve(
    conn: Connection, request_id: int, *, act: Act, digest: bytes, pin: str
) -> DisbursementWithStory | Refusal | None:
    """Her yes."""
    wrong = wrong_pin(conn, pin, act=act)
    return wrong or _answer(conn, request_id, act.word(Vote.APPROVE, digest))


def wrong_pin(conn: Connection, pin: str, *, act: Act) -> Refusal | None:
    """None for her chama PIN. What is wrong is returned and not raised: that it was tried is to be kept."""
    check = pins.check_pin(conn, act.user_id, pin, pepper=act.pepper, at=act.at)
    if check is PinCheck.LOCKED:
        return PinLocked()
    return None if check is PinCheck.RIGHT else WrongPin()


def reject(conn: Connection, request_id: int, *, act: Act, digest: bytes, reason: int) -> DisbursementWithStory | None:
    return _answer(conn, request_id, act.word(Vote.REJECT, digest, reason))


def freeze(conn: Connection, request_id: int, *, act: Act, digest: bytes) -> DisbursementWithStory | None:
    return _answer(conn, request_id, act.word(Vote.FREEZE, digest))


def _answer(conn: Connection, request_id: int, word: Word) -> DisbursementWithStory | None:
    try:
        return _with_story(conn, asking.vote(conn, request_id, word))
    except LookupError:
        return None


def _member(conn: Connection, request_id: int, act: Act) -> int | None:
    """As which member she speaks; None when there is no such request. Raises NotYourVoice."""
    try:
        one = disbursements.by_id(conn, request_id)
    except LookupError:
        return None
    hers = member_beside(conn, one.payee_member_id, act.user_id)
    if hers is None:
        raise NotYourVoice
    return hers


def _with_story(conn: Connection, one: Request) -> DisbursementWithStory:
    return DisbursementWithStory(**_told(conn, one), timeline=stories.of_request(conn, one))


def _told(conn: Connection, one: Request) -> dict[str, Any]:
    said = requested.said(conn, one)
    asked = requested.users_asked(voices_in(conn, one.chama_id), one)
    same = ("id", "chama_id", "payee_member_id", "asked_by", "amount_cents", "charge_cents", "reason", "needed")
    more = ("freezers", "payout_id", "asked_at", "expires_at", "not_before", "name_differs", "failure", "loan_months")
    return {
        **{name: getattr(one, name) for name in (*same, *more)},
        "chama": one.chama_name,
        "payee": one.payee_name,
        "phone": phones.mask(one.phone),
        "purpose": str(one.purpose),
        "state": str(one.state),
        "digest": one.digest.hex(),
        "yes": len(said.yes & asked),
        "stops": len(said.stop - {one.payee_user_id}),
        "interest_cents": asking.interest_of(conn, one),
    }
