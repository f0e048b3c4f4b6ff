"""Members of the storm on the phone: what they want, and what they press at the screens that they are shown."""

import random
import re
from dataclasses import dataclass

PIN, REDIAL = "73519", "dials again"
OPTION = re.compile(r"^(\d+) ", re.MULTILINE)

# Where a key does something: who only looks goes back.
DOES = ("1 Kiswahili", "CHAMA PIN", "1 Yes", "How much did you give", "1 Let in")


@dataclass(frozen=True)
class Wish:
    """What she wants: `pay` or `decide` against it, confirm `cash`, another `language`, or to `look` around.

    `ahead`: she dials a payment at once while a prompt of hers is out, and asks about that, or for the menu.
    """

    kind: str
    shillings: int = 0
    steps: int = 0
    seed: int = 0

    @classmethod
    def drawn(cls, dice: random.Random) -> "Wish":
        return cls(
            dice.choice(("pay", "pay", "pay", "decide", "cash", "language", "look", "look", "ahead")),
            dice.choice((10, 50, 500, 1_234, 250_000)),
            dice.randint(1, 7),
            dice.getrandbits(32),
        )

    @property
    def dialled(self) -> str:
        """All that she dials at once."""
        return f"1*{self.shillings}" if self.kind == "ahead" else ""


@dataclass
class Member:
    """One person with one wish. `presses` counts her steps while she looks around; `decided`: she has said no."""

    wish: Wish
    presses: int = 0
    decided: bool = False

    def answer(self, screen: str) -> str | None:
        """What she presses; None when she has what she wanted, or gives it up."""
        return self._waits(screen) if self.wish.kind == "ahead" else self._wants(screen)

    def _wants(self, screen: str) -> str | None:
        if "You were cut off" in screen or "lost the place" in screen:
            return REDIAL if screen.startswith("END") else "89"[self.wish.seed % 2]
        if (
            screen.startswith("END")
            or "still waiting for M-PESA" in screen
            or "1 Changa" in screen
            or "No request" in screen
        ):
            return None
        if self.wish.kind == "look":
            return self._look(screen)
        if "CON Pay KES" in screen and self.wish.kind == "decide":
            self.decided = True
            return "2"
        asks_how_much = "type another amount" in screen or "Type an amount" in screen
        if asks_how_much and self.decided:
            return None
        keys = {
            "1 Contribute": {"pay": "1", "decide": "1", "cash": "4", "language": "6"}[self.wish.kind],
            "Cash to confirm": "2",
            "1 Cash of": "1",
            "Type your CHAMA PIN": PIN,
            "How much did you give": str(self.wish.shillings),
            "1 Language": "1",
            "1 Kiswahili": "1",
        }
        if self.wish.kind in ("pay", "decide"):
            keys |= {"CON Pay KES": "1", "mount": str(self.wish.shillings)}
        # Somewhere else: she begins again.
        return next((pressed for sign, pressed in keys.items() if sign in screen), "00")

    def _waits(self, screen: str) -> str | None:
        """She never says yes to another payment: whatever is paid was paid by itself."""
        if "CON Pay KES" in screen:
            return "2"
        if "1 Check now" in screen:
            return "12"[self.wish.seed % 2]
        return REDIAL if "lost the place" in screen else None

    def _look(self, screen: str) -> str | None:
        """Wherever a screen leads that only reads: paying is said no to, and the language stays."""
        if self.presses >= self.wish.steps:
            return None
        self.presses += 1
        if screen.startswith("CON Pay KES"):
            return "2"
        if any(sign in screen for sign in DOES):
            return "0"
        dice = random.Random(f"{self.wish.seed} {self.presses}")
        keys = set(OPTION.findall(screen)) - ({"3"} if "3 By SMS" in screen else set())
        return dice.choice([*sorted(keys), "0", "00", "7", "*", "12", "77"])
