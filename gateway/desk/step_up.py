"""Step-up: somebody who is signed in shows her password once more, right before her word lets money go.

A session that was left open on a computer in an office, or a stolen cookie, is not enough to approve anything. Wrong
tries are counted like those at the door, so that a stolen session is no way to guess the password.
"""

from flask import g, request

from chamas.approvals import Proof
from chamas.deciders import Word
from gateway.desk import sign_in
from gateway.here import caller_key, keyed_hash, wiring
from ledger.refusals import Refusal


class NotYou(Refusal):
    """The password is not hers."""

    code = "not_you"
    status = 403
    words = "That is not your password. Nothing was done."


class TriesUsedUp(Refusal):
    """Too many wrong passwords: this one was not looked at."""

    code = "tries_used_up"
    status = 429
    words = "Too many tries. Wait some minutes, then try again. Nothing was done."


def demand() -> None:
    """Looks at the password in the form. Raises NotYou, TriesUsedUp."""
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


def shown() -> bytes:
    """The digest of what stood on the page that the form came from; empty when it is none."""
    try:
        return bytes.fromhex(request.form.get("seen", ""))
    except ValueError:
        return b""


def word() -> Word:
    """Her yes or no to what the page showed her, with her password once more. Raises NotYou, TriesUsedUp."""
    demand()
    agrees = request.form.get("agrees") == "yes"
    reason = None if agrees else request.form.get("reason", type=int)
    return Word(agrees, shown(), Proof.STEP_UP, g.visitor.user_id, wiring().now(), reason)


def became(said: Word) -> str:
    """What the page says of it."""
    return "Agreed: it is booked within seconds." if said.agrees else "Refused: it stays where it is."
