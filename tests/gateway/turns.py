"""A well-formed turn as Africa's Talking posts it, and how a test posts any other."""

from flask import Flask

from menus.phone import look_at
from tests.menus import village

NJERI = village.phone_of(4)
GOOD = {
    "sessionId": "ATUid_1c1e09269ff2b366033529d495e083e5",
    "serviceCode": "*384*123#",
    "phoneNumber": NJERI,
    "networkCode": "63902",
    "text": "",
}
FORM = "application/x-www-form-urlencoded"


def post(app: Flask, body: bytes | str, content_type: str = FORM, path: str = "/ussd") -> str:
    """One request; always HTTP 200, and always a screen that a phone can show."""
    answer = app.test_client().post(path, data=body, content_type=content_type)
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    screen = answer.get_data(as_text=True)
    look_at(screen)
    return screen
