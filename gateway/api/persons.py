"""What programs may say about people who come into a group, checked before anything is looked up."""

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate

from chamas.entrance.founding import MOST_MEMBERS, NAME_LETTERS
from chamas.members.register import OFFICIALS
from chamas.rulebook.calendar import Frequency
from chamas.rulebook.rules import RulesSchema
from chamas.telling.preferences import LONGEST_TOKEN
from menus import locale
from payments import phones
from payments.refusals import MAXIMUM_CENTS

# As long as a phone's screen has room for, and the letters that stand in names.
NAME = validate.Regexp(r"[^\W\d_]{2,}(?:['-][^\W\d_]+)*\Z", error="One word of letters.")
LONGEST_NAME = 20
RECEIPT = validate.Regexp(r"[A-Z0-9]{8,12}\Z", error="Not an M-PESA receipt.")


class PersonNamed(Schema):
    """A phone in any usual spelling, with whose it is."""

    class Meta:
        unknown = RAISE

    phone = fields.String(required=True, validate=validate.Length(max=20))
    first_name = fields.String(required=True, validate=[validate.Length(max=LONGEST_NAME), NAME])
    language = fields.String(load_default=locale.KISWAHILI, validate=validate.OneOf(locale.LANGUAGES))

    @post_load
    def plain(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        try:
            return data | {"phone": phones.normalise(data["phone"])}
        except phones.UnreadablePhone as error:
            raise ValidationError("Not a phone number.", "phone") from error


class GroupFounded(Schema):
    """What a new group is called, what a round costs in whole shillings, how often, and how many people at most."""

    class Meta:
        unknown = RAISE

    name = fields.String(required=True, validate=validate.Length(max=NAME_LETTERS))
    shillings = fields.Integer(required=True, validate=validate.Range(1, MAXIMUM_CENTS // 100))
    frequency = fields.Enum(Frequency, by_value=True, required=True)
    people = fields.Integer(required=True, validate=validate.Range(1, MOST_MEMBERS))


class JoinAsked(PersonNamed):
    """The same, with the number of a group or the code of an invitation."""

    typed = fields.String(required=True, validate=validate.Regexp(r"[0-9]{1,9}\Z", error="Digits only."))


class PayoutAsked(Schema):
    """Who shall get how much of her group's money, and what for."""

    class Meta:
        unknown = RAISE

    payee_member_id = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**63 - 1))
    amount_cents = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**63 - 1))
    purpose = fields.String(load_default="welfare", validate=validate.OneOf(["welfare", "expense"]))


class AskedAnew(Schema):
    """The amount that is asked for from now on."""

    class Meta:
        unknown = RAISE

    amount_cents = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**63 - 1))


class Seen(Schema):
    """The digest of exactly what is answered."""

    class Meta:
        unknown = RAISE

    digest = fields.String(required=True, validate=validate.Regexp(r"[0-9a-f]{64}\Z", error="64 hexadecimal digits."))

    @post_load
    def as_bytes(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return data | {"digest": bytes.fromhex(data["digest"])}


class Approval(Seen):
    """The same with her chama PIN, which is never kept."""

    pin = fields.String(required=True, validate=validate.Regexp(r"[0-9]{5}\Z", error="Five digits."))


class Leaving(Schema):
    """The chama PIN of her who wants to leave, which is never kept."""

    class Meta:
        unknown = RAISE

    pin = fields.String(required=True, validate=validate.Regexp(r"[0-9]{5}\Z", error="Five digits."))


class OfficialNamed(Leaving):
    """The office, the number of the member who shall have it, and the chama PIN of whoever proposes her."""

    role = fields.String(required=True, validate=validate.OneOf(sorted(OFFICIALS)))
    number = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**31 - 1))


class RecallAsked(Leaving):
    """The office, the number of who shall follow in it, if anybody, and the chama PIN of whoever asks."""

    role = fields.String(required=True, validate=validate.OneOf(sorted(OFFICIALS)))
    successor = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(1, 2**31 - 1))


class WaiverAsked(Schema):
    """The number of the reason for which a fine shall be waived."""

    class Meta:
        unknown = RAISE

    reason = fields.Integer(required=True, strict=True, validate=validate.Range(1, 4))


class Rejection(Seen):
    """The same with the number of a reason."""

    reason = fields.Integer(required=True, strict=True, validate=validate.Range(1, 4))


class TakeBackAsked(Schema):
    """Which money in the books is none, and why; the receipt of the way back where M-PESA's statement has one."""

    class Meta:
        unknown = RAISE

    receipt = fields.String(required=True, validate=RECEIPT)
    why = fields.String(required=True, validate=validate.OneOf(["unknown", "returned"]))
    return_receipt = fields.String(validate=RECEIPT)


class RulesProposed(RulesSchema):
    """What shall be different in a group's rules, and from when on; without it, as soon as it is agreed on."""

    holds_from = fields.AwareDateTime(format="iso", load_default=None)


class DeviceNamed(Schema):
    """The token under which the push service knows an app of hers."""

    class Meta:
        unknown = RAISE

    token = fields.String(required=True, validate=validate.Length(1, LONGEST_TOKEN))


class Answer(Schema):
    """A yes or a no."""

    class Meta:
        unknown = RAISE

    yes = fields.Boolean(required=True)
