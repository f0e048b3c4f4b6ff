"""What programs may send with a question, checked before anything is looked up."""

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate, validates_schema

from payments import phones
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

    cursor = fields.Integer(
        validate=validate.Range(1, BIGGEST_ID), metadata={"description": "What `next` said in the answer before"}
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
