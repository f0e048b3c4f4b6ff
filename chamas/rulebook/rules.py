"""What a group can agree on, as data: every rule with its limits, and the hash of a whole set of them. Pure.

A set is only ever replaced by another version, never changed. What is not said has the value that stands here, so that
a version from before a rule was known keeps the meaning that it had when people voted for it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, validate
from marshmallow import fields as kinds

from chamas.rulebook.calendar import Frequency
from ledger.preimage import Field, hash_fields
from ledger.refusals import Refusal

RULES_FORM = b"pesachama-rules/1"


class OrderKind(StrEnum):
    """Who is paid first: by member number, by a list that stands in the rules, or by a ballot."""

    JOINING = "joining"
    FIXED = "fixed"
    BALLOT = "ballot"


class ShortPot(StrEnum):
    """A round closes and money is missing: pay what is in and top up as debts land, or wait until it is whole, or fill
    it from the group's own money (its fines), which debts that land pay back.
    """

    TOP_UP = "top_up"
    WAIT = "wait"
    RESERVE = "reserve"


class Penalty(StrEnum):
    """What being late costs."""

    NONE = "none"
    FLAT = "flat"
    PERCENT = "percent"


@dataclass(frozen=True)
class Rules:
    """One version's rules. Money in cents. `arrears_first`: money settles the oldest round first, else the open one.
    A round of a custom frequency lasts `every_hours`; nobody is late before `grace_hours` after its close.

    `places` are member numbers in the order of payout, for a fixed list. Of a payout: how many `approvals` it needs,
    how long it waits after them, after how long without them it ends, how many members (`freezers`) stop it, and from
    what amount on every member has an SMS. `initials`: lists of who has paid name nobody in full. Being late costs,
    once for each contribution, `penalty_cents` or `penalty_percent` of what was due; nobody owes more in fines at a
    time than `penalty_cap_cents` (0: no cap). `fines_first`: money settles fines before contributions, else after them.
    `default_after`: late with so many rounds she is in default (0: never by the clock). `corroborate`: a prompt's money
    counts when a second proof of it is there (payments/witnesses.py).

    `loans`: members borrow of the group's own money, at most `loan_times` of what each put in, for `loan_months` at
    most, at `loan_tenths` tenths of a percent a month on the amount lent (chamas/dues/schedule.py); a late part of it
    costs `loan_fine_cents`. `loans_first`: money settles what is due of a loan before contributions, else after them.
    """

    contribution_cents: int
    frequency: Frequency
    arrears_first: bool = True
    every_hours: int | None = None
    grace_hours: int = 0
    order: OrderKind = OrderKind.JOINING
    places: tuple[int, ...] = ()
    short_pot: ShortPot = ShortPot.TOP_UP
    approvals: int = 2
    wait_minutes: int = 60
    expiry_hours: int = 72
    freezers: int = 2
    sms_from_cents: int = 0
    initials: bool = False
    penalty: Penalty = Penalty.NONE
    penalty_cents: int = 0
    penalty_percent: int = 0
    penalty_cap_cents: int = 0
    fines_first: bool = True
    default_after: int = 0
    corroborate: bool = False
    loans: bool = False
    loan_tenths: int = 0
    loan_months: int = 3
    loan_times: int = 1
    loan_fine_cents: int = 0
    loans_first: bool = True

    def __post_init__(self) -> None:
        """Columns and JSON arrive as text and lists."""
        for name, kind in (
            ("frequency", Frequency),
            ("order", OrderKind),
            ("short_pot", ShortPot),
            ("penalty", Penalty),
        ):
            object.__setattr__(self, name, kind(getattr(self, name)))
        object.__setattr__(self, "places", tuple(self.places))


# They have columns of their own, which queries read.
IN_COLUMNS = frozenset({"contribution_cents", "frequency", "arrears_first", "every_hours", "grace_hours"})
BY_DEFAULT = {each.name: each.default for each in fields(Rules) if each.name not in ("contribution_cents", "frequency")}

# As M-PESA's own limit for one payment.
MOST_CENTS = 250_000_00
SHILLINGS = "Whole shillings: a multiple of 100 cents."


class UnfitRules(Refusal):
    """A set of rules that nobody could keep; `why` names each rule and what is wrong with it."""

    code = "unfit_rules"
    status = 422
    words = "These rules cannot be used."

    def __init__(self, why: str) -> None:
        super().__init__()
        self.args = (f"{self.words} {why}",)


def _whole_shillings(cents: int) -> None:
    if cents % 100:
        raise ValidationError(SHILLINGS)


def _cents(least: int = 0) -> kinds.Integer:
    return kinds.Integer(strict=True, validate=[validate.Range(least, MOST_CENTS), _whole_shillings])


def _count(least: int, most: int, **more: Any) -> kinds.Integer:
    return kinds.Integer(strict=True, validate=validate.Range(least, most), **more)


class RulesSchema(Schema):
    """A change of rules as people and programs send it: only what shall be different. Unknown names are refused."""

    class Meta:
        unknown = RAISE

    contribution_cents = _cents(least=10_00)
    frequency = kinds.Enum(Frequency, by_value=True)
    arrears_first = kinds.Boolean()
    order = kinds.Enum(OrderKind, by_value=True)
    places = kinds.List(_count(1, 9_999), validate=validate.Length(max=100))
    short_pot = kinds.Enum(ShortPot, by_value=True)
    # One person alone moves nothing; more than five are not reached in three days.
    approvals = _count(1, 5)
    # Long enough to read an SMS; a week is longer than any round should stand open.
    wait_minutes = _count(15, 7 * 24 * 60)
    expiry_hours = _count(1, 14 * 24)
    # One member alone must not be able to hold up everybody's turn.
    freezers = _count(2, 10)
    sms_from_cents = _cents()
    initials = kinds.Boolean()
    every_hours = _count(1, 366 * 24, allow_none=True)
    grace_hours = _count(0, 31 * 24)
    penalty = kinds.Enum(Penalty, by_value=True)
    penalty_cents = _cents()
    penalty_percent = _count(0, 50)
    penalty_cap_cents = _cents()
    fines_first = kinds.Boolean()
    # More than a year of weekly rounds is nobody's patience.
    default_after = _count(0, 52)
    corroborate = kinds.Boolean()
    loans = kinds.Boolean()
    # Twenty percent a month is what lenders take that nobody should need.
    loan_tenths = _count(0, 200)
    loan_months = _count(1, 24)
    # Beyond that the group lends what others saved, to somebody who did not.
    loan_times = _count(1, 10)
    loan_fine_cents = _cents()
    loans_first = kinds.Boolean()


def read(given: Mapping[str, Any]) -> dict[str, Any]:
    """What `given` says about rules, by name. Raises UnfitRules, which names every rule that is wrong."""
    try:
        return dict(RulesSchema().load(given))
    except ValidationError as error:
        raise UnfitRules(in_words(error.messages_dict)) from error


def in_words(messages: Mapping[str, Any]) -> str:
    """What marshmallow complains about, in one line."""
    return " ".join(f"{name}: {_flat(said)}" for name, said in sorted(messages.items()))


def _flat(said: Any) -> str:
    if isinstance(said, Mapping):
        return " ".join(_flat(inner) for _, inner in sorted(said.items()))
    return " ".join(map(str, said)) if isinstance(said, list) else str(said)


def changed(now: Rules, given: Mapping[str, Any], *, numbers: frozenset[int] = frozenset()) -> Rules:
    """The rules as they would be with this change; `numbers` are the member numbers of whoever takes turns.

    Raises UnfitRules; also when nothing would change, or a fixed list does not name everybody once.
    """
    said = read(given)
    if said.get("order", now.order) is not OrderKind.FIXED and "places" not in said:
        said["places"] = ()
    new = Rules(**{**_plain(now), **said})
    if new == now:
        raise UnfitRules("Nothing would change.")
    if new.order is OrderKind.FIXED and (sorted(new.places) != sorted(numbers)):
        raise UnfitRules("places: Name every member once, by number.")
    if new.order is not OrderKind.FIXED and new.places:
        raise UnfitRules("places: Only for a fixed order.")
    return new


def _plain(rules: Rules) -> dict[str, Any]:
    return {each.name: getattr(rules, each.name) for each in fields(rules)}


def as_json(rules: Rules) -> dict[str, Any]:
    """All rules in types that JSON has."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(rules).items()}


def beside_columns(rules: Rules) -> dict[str, Any]:
    """What is kept as JSON: whatever has no column and is not as it would be anyway."""
    return {
        name: value
        for name, value in as_json(rules).items()
        if name not in IN_COLUMNS and getattr(rules, name) != BY_DEFAULT[name]
    }


def digest(rules: Rules) -> bytes:
    """sha256 of exactly these rules, each that is not as it would be anyway by its name: what a yes is bound to."""
    said: list[Field] = [RULES_FORM]
    for name, value in sorted(as_json(rules).items()):
        if name in IN_COLUMNS or getattr(rules, name) != BY_DEFAULT[name]:
            said += [name, ",".join(map(str, value)) if isinstance(value, list) else str(value)]
    return hash_fields(said)


def differences(old: Rules, new: Rules) -> list[tuple[str, Any, Any]]:
    """Each rule that differs: its name, what it was, what it would be; as JSON has it."""
    was, becomes = as_json(old), as_json(new)
    return [(name, was[name], becomes[name]) for name in was if was[name] != becomes[name]]
