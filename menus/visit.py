"""What a screen may know about the turn it is shown in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from chamas.approving.approvals import Proof, Vote, Word
from chamas.entrance import doorstep
from ledger.wires import Chance, Connection
from menus import locale
from menus.dialog import End, Go
from payments.charges import TARIFF, Bands


class Membership(NamedTuple):
    """One chama of the caller's, as far as screens need it without asking the database again."""

    chama_id: int
    name: str
    member_id: int
    book_id: int
    # whether the chama takes contributions of hers
    contributes: bool
    # chairperson, treasurer or secretary
    official: bool = False


class Caller(NamedTuple):
    """Who holds the phone. A stranger has no `Caller`. The first membership is her home chama.

    `guarded`: names and balances stand behind her PIN, because she wants it so or the number was silent for long.
    """

    user_id: int
    first_name: str
    memberships: tuple[Membership, ...]
    guarded: bool = False
    has_pin: bool = False
    # the phone is somebody else's: everything stands behind her PIN
    shared: bool = False
    # she has typed it in this session
    proved: bool = False

    def member_of(self, chama: int) -> Membership:
        """Her membership; raises LookupError when she has none, for example when she left meanwhile."""
        for membership in self.memberships:
            if membership.chama_id == chama:
                return membership
        raise LookupError("no member of this chama")


class Place(NamedTuple):
    """Numbers of this house that are printed on screens."""

    ussd_code: str
    helpline: str
    paybill: str


Outcome = End | Go


class Deeds(Protocol):
    """The record of actions, keyed by HMAC(session, hop, text): what was done once is told again, never done again."""

    def of(self, user_id: int) -> "Deeds":
        """The record for somebody else who goes on in the same session."""
        ...

    def recorded(self, hop: int, said: str) -> Outcome | None:
        """The outcome of the action that answer number `hop`, the last one of `said`, led to; None without one."""
        ...

    def decline(self, hop: int, said: str, asked: Go) -> None:
        """Answer number `hop` was not acted on: she was asked again, at `asked`, and so is whoever repeats it later."""
        ...

    def once(self, hop: int, said: str, name: str, act: Callable[[bytes], Outcome]) -> Outcome:
        """Does `act(key)` and records its outcome in one transaction, or returns the outcome recorded earlier."""
        ...


@dataclass(frozen=True)
class Visit:
    """One turn: who, in which language, when, and what can be reached. `conn` opens only when a screen asks for it.

    `phone` is E.164 and pays; `mpesa` says whether its network has M-PESA, `prompt_out` that a prompt of hers may be
    out, `news` that something waits to be said to her. `left` is where another session of hers was cut off a moment
    ago, `key` the identity of the action being done.
    `pepper` goes into the hash of a chama PIN; `bands` say what a payout costs, `banking` what bringing money to the
    group's bank does, None where that is not offered. `lent`: members without a phone of their own use this one, which
    has no owner among us.
    """

    caller: Caller | None
    phone: str
    mpesa: bool
    language: str
    at: datetime
    place: Place
    chance: Chance
    pepper: str = field(repr=False)
    reach: Callable[[], Connection]
    deeds: Deeds
    prompt_out: bool = False
    news: bool = False
    left: tuple[Go, ...] = ()
    key: bytes = field(default=b"", repr=False)
    bands: Bands = TARIFF
    banking: Bands | None = None
    lent: bool = False

    @property
    def conn(self) -> Connection:
        """A connection acting as the caller, inside the turn's transaction."""
        return self.reach()

    @property
    def her(self) -> Caller:
        """The caller; raises LookupError for a stranger, who is never led to a member's screen."""
        if self.caller is None:
            raise LookupError("a stranger")
        return self.caller

    def say(self, msgid: str, **facts: Any) -> str:
        """A sentence in the language of this turn."""
        return locale.say(self.language, msgid, **facts)

    def word(self, vote: Vote, seen: str, reason: int | None = None) -> Word:
        """What she says to what her screen showed: `seen` is its digest in hexadecimal. A yes follows her PIN only."""
        proof = Proof.PIN if vote is Vote.APPROVE else Proof.PHONE
        return Word(vote, bytes.fromhex(seen), proof, self.her.user_id, self.at, reason)

    def speaking(self, language: str | None) -> "Visit":
        """The same turn in another language."""
        return self if language in (None, self.language) else replace(self, language=language)

    def becoming(self, caller: Caller) -> "Visit":
        """The same turn for another member whose phone this is too; the transaction acts for her from here on."""
        doorstep.act_for(self.conn, caller.user_id)
        return replace(self, caller=caller, deeds=self.deeds.of(caller.user_id))

    def doing(self, key: bytes) -> "Visit":
        """The same turn for an action, which may hand `key` down as the identity of what it does."""
        return replace(self, key=key)


def outcome_as_json(outcome: Outcome) -> Mapping[str, Any]:
    """For the record: `{"end": text}` or `{"go": [name, arguments, language]}`."""
    if isinstance(outcome, End):
        return {"end": outcome.text}
    return {"go": list(outcome)}


def outcome_from_json(kept: Mapping[str, Any]) -> Outcome:
    """What `outcome_as_json` wrote."""
    return End(kept["end"]) if "end" in kept else Go(*kept["go"])
