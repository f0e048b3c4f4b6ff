"""A member's phone, for tests, talks and the terminal. It counts every screen it is shown, without being asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from menus import gsm

# Posts one turn's fields and returns the body that came back.
Post = Callable[[Mapping[str, str]], str]

SANDBOX_NETWORK = "99999"


class BadScreen(AssertionError):
    """What no phone could show: not CON or END, longer than a screen, or a character outside GSM-7."""


@dataclass
class Phone:
    """One phone on one network. `ids` makes session ids; `code` is the service code without what is dialled ahead."""

    number: str
    post: Post
    ids: Callable[[], str]
    code: str = "*384*123#"
    network: str = SANDBOX_NETWORK
    session: str = ""
    text: str = ""
    screen: str = ""
    turns: int = field(default=0)

    def dial(self, dialled: str) -> str:
        """Opens a new session; whatever stands between the code and the last # is dialled ahead."""
        stem = self.code.removesuffix("#")
        if not dialled.startswith(stem) or not dialled.endswith("#"):
            raise ValueError(f"{dialled} does not begin with {stem}")
        self.session, self.turns = self.ids(), 0
        return self._turn(dialled[len(stem) : -1].removeprefix("*"))

    def press(self, keys: str) -> str:
        """Answers the screen."""
        if not self.open:
            raise ValueError("the session has ended: dial again")
        return self._turn(f"{self.text}*{keys}" if self.text or self.turns > 1 else keys)

    def repeat(self) -> str:
        """The network delivers the last turn once more."""
        self.turns -= 1
        return self._turn(self.text)

    @property
    def open(self) -> bool:
        """Whether an answer is expected."""
        return self.screen.startswith("CON ")

    def _turn(self, text: str) -> str:
        self.text = text
        self.turns += 1
        self.screen = self.post(
            {
                "sessionId": self.session,
                "serviceCode": self.code,
                "phoneNumber": self.number,
                "networkCode": self.network,
                "text": text,
            }
        )
        look_at(self.screen)
        return self.screen


def look_at(screen: str) -> None:
    """Raises BadScreen for a screen that a phone in Kenya would not show whole."""
    if not screen.startswith(("CON ", "END ")):
        raise BadScreen(f"neither CON nor END: {screen[:20]!r}")
    try:
        length = gsm.septets(screen)
    except ValueError as error:
        raise BadScreen(f"{error}: {screen!r}") from None
    if length > gsm.SCREEN_SEPTETS:
        raise BadScreen(f"{length} characters: {screen!r}")
