"""Step-up: somebody who is signed in shows her password once more, right before her word lets money go.

A session that was left open on a computer in an office, or a stolen cookie, is not enough to approve anything. Wrong
tries are counted like those at the door, so that a stolen session is no way to guess the password.
"""

from flask import g, request

from chamas.approving.approvals import Proof, Vote, Word
from chamas.members import pins
from chamas.members.pins import PinCheck
from gateway.desk import sign_in
from gateway.desk.guard import is_official
from gateway.here import caller_key, keyed_hash, wiring
from ledger.refusals import Refusal


class NotYou(Refusal):
    """The password is not hers."""

    code = "not_you"
    status = 403
    words = "That is not your password, or your CHAMA PIN. Nothing was done."


class TriesUsedUp(Refusal):
    """Too many wrong passwords: this one was not looked at."""

    code = "tries_used_up"
    status = 429
    words = "Too many tries. Wait some minutes, then try again. Nothing was done."


def demand() -> None:
    """Looks at the password in the form, of an official at her CHAMA PIN. Raises NotYou, TriesUsedUp, PinTooNew."""
    if is_official():
        _demand_pin(g.visitor.user_id, request.form.get("password", ""))
        return
    outcome = sign_in.prove(
        wiring(),
        g.visitor.user_id,
        request.form.get("password", ""),
        person_key=keyed_hash("step-up person", str(g.visitor.user_id)),
        caller_key=caller_key("step-up caller"),
    )
    if isinstance(outcome, sign_in.Wait):
        raise TriesUsedUp
    if isinstance(outcome, sign_in.Wrong):
        raise NotYou


def _demand_pin(user_id: int, typed: str) -> None:
    """Counted like a PIN that is typed on her phone; what decides about money there does here."""
    at = wiring().now()
    with wiring().acting_as(user_id) as conn:
        check = pins.check_pin(conn, user_id, typed, pepper=wiring().settings.pin_pepper, at=at)
    if check is PinCheck.LOCKED:
        raise TriesUsedUp
    if check is not PinCheck.RIGHT:
        raise NotYou
    with wiring().acting_as(user_id) as conn:
        pins.demand_decides(conn, user_id, at=at)


def shown() -> bytes:
    """The digest of what stood on the page that the form came from; empty when it is none."""
    try:
        return bytes.fromhex(request.form.get("seen", ""))
    except ValueError:
        return b""


def word(vote: Vote) -> Word:
    """What she says to what the page showed her, with her password once more. Raises NotYou, TriesUsedUp, PinTooNew."""
    demand()
    reason = request.form.get("reason", type=int) if vote is Vote.REJECT else None
    return Word(vote, shown(), Proof.STEP_UP, g.visitor.user_id, wiring().now(), reason)


def yes_or_no() -> Vote:
    """Which of two buttons was pressed."""
    return Vote.APPROVE if request.form.get("agrees") == "yes" else Vote.REJECT


def became(said: Word) -> str:
    """What the page says of it."""
    agreed = said.vote is Vote.APPROVE
    return "Agreed: it is booked within seconds." if agreed else "Refused: it stays where it is."
