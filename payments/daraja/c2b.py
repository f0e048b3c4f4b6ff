"""Tells Safaricom where a paybill's payments are validated and confirmed."""

from typing import Literal

from payments.daraja.client import Daraja
from payments.daraja.keys import Keys
from payments.daraja.outcomes import Outcome

Version = Literal["v1", "v2"]

PATH = "/mpesa/c2b/{}/registerurl"
# What happens when our answer to a validation stays away: the money comes, and lies in suspense at worst.
WITHOUT_ANSWER = "Completed"


def register(
    daraja: Daraja, keys: Keys, token: str, version: Version, *, validation_url: str, confirmation_url: str
) -> Outcome:
    """Registers both addresses. In production once only: another call is refused until the portal has deleted them.

    Under v1 payers are told by the SHA-256 of their number, which names every member with certainty; v2 masks it.
    """
    body = {
        "ShortCode": keys.shortcode,
        "ResponseType": WITHOUT_ANSWER,
        "ConfirmationURL": confirmation_url,
        "ValidationURL": validation_url,
    }
    return daraja.post(PATH.format(version), token, body)
