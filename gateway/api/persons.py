"""What programs may say about people who come into a group, checked before anything is looked up."""

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate

from menus import locale
from payments import phones

# As long as a phone's screen has room for, and the letters that stand in names.
NAME = validate.Regexp(r"[^\W\d_]{2,}(?:['-][^\W\d_]+)*\Z", error="One word of letters.")
LONGEST_NAME = 20


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


class JoinAsked(PersonNamed):
    """The same, with the number of a group or the code of an invitation."""

    typed = fields.String(required=True, validate=validate.Regexp(r"[0-9]{1,9}\Z", error="Digits only."))


class Answer(Schema):
    """A yes or a no."""

    class Meta:
        unknown = RAISE

    yes = fields.Boolean(required=True)
