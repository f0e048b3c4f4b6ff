"""Who has an app and a shortcode at this Safaricom: the one of the settings, and those that `/control/merchants` adds.

Several shortcodes may share an app: then they share its one live token. `/control/merchants` gives a further shortcode
OAuth, STK push, query, C2B, Pull, Transaction Status, Account Balance and a statement; money goes out of the first one
alone.
"""

from dataclasses import dataclass, field

from simulator.ground import Ground
from simulator.store import Shelf


@dataclass(frozen=True)
class Merchant:
    """`till` receives what a push to a till asks for, `password` is the initiator's; empty takes any."""

    shortcode: str
    name: str
    consumer_key: str
    consumer_secret: str = field(repr=False)
    passkey: str = field(repr=False)
    initiator: str = ""
    password: str = field(default="", repr=False)
    till: str = ""


class Merchants:
    """The first one is that of the settings."""

    def __init__(self, ground: Ground) -> None:
        own = ground.settings
        self.first = Merchant(
            shortcode=own.shortcode,
            name=own.business_name,
            consumer_key=own.consumer_key,
            consumer_secret=own.consumer_secret,
            passkey=own.passkey,
            initiator=own.initiator,
            password=own.initiator_password,
        )
        self._shelf = Shelf(ground.store, "merchants", Merchant)

    def all(self) -> list[Merchant]:
        return [self.first, *self._shelf]

    def add(self, merchant: Merchant) -> Merchant:
        """Raises ValueError for the number of the first one."""
        if merchant.shortcode == self.first.shortcode:
            raise ValueError("this is the shortcode of the settings")
        return self._shelf.put(merchant.shortcode, merchant)

    def named(self, shortcode: str) -> Merchant:
        """By its number; the first one for an empty or unknown one."""
        return self._shelf.get(shortcode) or self.first

    def addressed(self, number: str) -> Merchant | None:
        """Whose shortcode or till it is."""
        return next((each for each in self.all() if number in (each.shortcode, each.till) and number), None)

    def of_app(self, consumer_key: str, shortcode: str) -> Merchant | None:
        """The merchant with this shortcode, if this app speaks for it."""
        fits = (each for each in self.all() if (each.consumer_key, each.shortcode) == (consumer_key, shortcode))
        return next(fits, None)
