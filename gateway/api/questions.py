"""What programs may send with a question, checked before anything is looked up."""

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, post_load, validate, validates_schema

from chamas.payouts.disbursements import DisbursementState
from payments import phones
from payments.payouts import PayoutState
from payments.states import AttemptState

# A page of 200 payments is 60 kB and some milliseconds; more would make others wait.
MOST = 200
# What fits a table on a screen.
USUAL = 50
# The end of a bigint: anything above names nothing, and PostgreSQL would refuse to compare it.
BIGGEST_ID = 2**63 - 1


class Walk(Schema):
    """How far to read in a list."""

    class Meta:
        unknown = EXCLUDE

    cursor = fields.String(
        validate=validate.Length(1, 100),
        metadata={"description": "What `next` said in the answer before; the rest of the question stays as it was"},
    )
    limit = fields.Integer(
        load_default=USUAL, validate=validate.Range(1, MOST), metadata={"description": f"Rows, at most {MOST}"}
    )


class PaymentFilter(Schema):
    """Which payments to list."""

    class Meta:
        unknown = EXCLUDE

    member = fields.Integer(validate=validate.Range(1, BIGGEST_ID), metadata={"description": "Paid for this member"})
    state = fields.String(
        validate=validate.OneOf([str(state) for state in AttemptState]),
        metadata={"description": "In this state"},
    )


class PayoutFilter(Schema):
    """Which payouts to list."""

    class Meta:
        unknown = EXCLUDE

    chama = fields.Integer(
        validate=validate.Range(1, BIGGEST_ID), metadata={"description": "Out of this group's money"}
    )
    member = fields.Integer(validate=validate.Range(1, BIGGEST_ID), metadata={"description": "To this member"})
    state = fields.String(
        validate=validate.OneOf([str(state) for state in PayoutState]), metadata={"description": "In this state"}
    )


class DisbursementFilter(Schema):
    """Which requests to pay out to list."""

    class Meta:
        unknown = EXCLUDE

    chama = fields.Integer(validate=validate.Range(1, BIGGEST_ID), metadata={"description": "Of this group"})
    state = fields.String(
        validate=validate.OneOf([str(state) for state in DisbursementState]), metadata={"description": "In this state"}
    )


# Of entries, in the books of groups and paybills. Those of books that came from elsewhere keep their old names.
KINDS = (
    *("contribution", "deposit", "opening", "fine", "set_off", "cash_held", "cash_banked"),
    *("payout_hold", "payout", "settlement", "void", "expiry", "reversal", "refund", "charge", "suspense"),
    *("substitution",),
    *("disbursement", "fee", "penalty"),
)


def half_year(season: int) -> None:
    if season % 10 not in (1, 2):
        raise ValidationError("Not a season: write the year and its half, for example 20262.")


class MovementFilter(Schema):
    """Which of the rows, and in which order."""

    class Meta:
        unknown = RAISE

    kind = fields.String(
        validate=validate.OneOf(KINDS, error="Not a kind of entry. There are: {choices}."),
        metadata={"description": "Entries of this kind"},
    )
    season = fields.Integer(
        validate=[validate.Range(20001, 29992), half_year],
        metadata={"description": "Recorded in this season, e.g. 20262"},
    )
    since = fields.AwareDateTime(format="iso", metadata={"description": "From this instant on"})
    until = fields.AwareDateTime(format="iso", metadata={"description": "Before this instant"})
    time = fields.String(
        validate=validate.OneOf(["recorded", "occurred"]),
        metadata={"description": "Which instant `since` and `until` look at; recorded when not said"},
    )
    order = fields.String(
        validate=validate.OneOf(["newest", "oldest"]),
        metadata={"description": "Which comes first, in the order of the books; newest when not said"},
    )

    @validates_schema
    def some_time(self, data: Mapping[str, Any], **_: Any) -> None:
        if "since" in data and "until" in data and data["since"] >= data["until"]:
            raise ValidationError("Must be later than since.", "until")


class StatementFilter(MovementFilter):
    """Which pages of a book."""

    account = fields.String(
        validate=validate.Length(1, 60), metadata={"description": "What moved on the account of this code"}
    )
    member = fields.Integer(
        validate=validate.Range(1, BIGGEST_ID), metadata={"description": "What moved on the accounts of this member"}
    )


class PastQuestion(Schema):
    """As of when: one of the three, or none for now."""

    class Meta:
        unknown = RAISE

    entry = fields.Integer(validate=validate.Range(1, BIGGEST_ID), metadata={"description": "After this page"})
    recorded = fields.AwareDateTime(
        format="iso", metadata={"description": "After the page that was recorded last by this instant"}
    )
    occurred = fields.AwareDateTime(
        format="iso", metadata={"description": "Of all that happened by this instant, however late it was recorded"}
    )

    @validates_schema
    def one_of_three(self, data: Mapping[str, Any], **_: Any) -> None:
        if len(data) > 1:
            raise ValidationError("Give one of entry, recorded and occurred.")


class PaymentSearch(Schema):
    """A phone in any usual spelling, or an M-PESA receipt: one of the two."""

    phone = fields.String(validate=validate.Length(max=20))
    receipt = fields.String(validate=validate.Regexp(r"\s*[A-Za-z0-9]{8,12}\s*\Z", error="Not an M-PESA receipt."))

    @validates_schema
    def one_of_two(self, data: Mapping[str, Any], **_: Any) -> None:
        if ("phone" in data) == ("receipt" in data):
            raise ValidationError("Give phone or receipt, one of the two.")

    @post_load
    def plain(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        if "receipt" in data:
            return {"receipt": data["receipt"].strip().upper()}
        try:
            return {"phone": phones.normalise(data["phone"])}
        except phones.UnreadablePhone as error:
            raise ValidationError("Not a phone number.", "phone") from error
