"""The API operator in whose name B2C, status, balance, reversal and B2B requests come.

Three wrong passwords in a row lock it, and from then on the right one is refused too, until somebody unlocks it in the
portal. The number three is not verified; that repeated 2001 ends in 8006 is.
"""

from dataclasses import dataclass, replace

from simulator.daraja.credentials import Credentials
from simulator.ground import Ground
from simulator.merchants import Merchant
from simulator.store import Shelf

ALLOWED, WRONG, LOCKED, NO_ROLE = "0", "2001", "8006", "21"
LOCK_AFTER = 3  # not verified, see above
ROLES = ("b2c", "status", "balance", "reversal", "b2b")


@dataclass(frozen=True)
class Operator:
    """`roles` is a space-separated list; `failures` counts since the last success."""

    failures: int = 0
    locked: bool = False
    roles: str = " ".join(ROLES)


class Initiator:
    def __init__(self, ground: Ground, credentials: Credentials) -> None:
        self._shelf = Shelf(ground.store, "initiator", Operator)
        self._name, self._credentials = ground.settings.initiator, credentials

    @property
    def operator(self) -> Operator:
        return self._shelf.get(self._name) or Operator()

    def verdict(self, name: str, credential: str, role: str, *, wrong: bool = False, of: Merchant | None = None) -> str:
        """The result code that this request gets on account of its operator; "0" lets it through.

        `wrong` counts the password as wrong whatever it is. `of` is the merchant who asks, for whose further shortcode
        nobody counts failures.
        """
        if of is not None and of.initiator != self._name:
            fits = name == of.initiator and self._credentials.open(credential, of.password)
            return ALLOWED if fits else WRONG
        operator = self.operator
        if name != self._name:
            return WRONG  # a stranger's failures lock nobody
        if operator.locked:
            return LOCKED
        if wrong or not self._credentials.open(credential):
            self._fail(operator)
            return WRONG
        if operator.failures:
            self._shelf.put(self._name, replace(operator, failures=0))
        return ALLOWED if role in operator.roles.split() else NO_ROLE

    def set(self, *, locked: bool, roles: list[str]) -> Operator:
        """Raises ValueError for a role that there is not. Unlocking forgets the failures."""
        if not set(roles) <= set(ROLES):
            raise ValueError(f"roles are among {', '.join(ROLES)}")
        failures = self.operator.failures if locked else 0
        return self._shelf.put(self._name, Operator(failures, locked, " ".join(roles)))

    def clear(self) -> None:
        self._shelf.clear()

    def _fail(self, operator: Operator) -> None:
        failures = operator.failures + 1
        self._shelf.put(self._name, replace(operator, failures=failures, locked=failures >= LOCK_AFTER))
