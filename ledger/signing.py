"""The operator's key and what it signs; the fees a signed transaction offers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from eth_account import Account

from ledger.submissions import Attempt


@dataclass(frozen=True)
class Fees:
    """In wei per gas: the most that is paid, and the tip within it. No tip on a chain without a base fee."""

    max_wei: int
    tip_wei: int | None

    def over(self, last: Attempt) -> "Fees":
        """These, or an eighth more than the last attempt offered: nodes want a tenth more in both."""
        tip = None if self.tip_wei is None or last.tip_wei is None else max(self.tip_wei, bumped(last.tip_wei))
        return Fees(max(self.max_wei, bumped(last.max_fee_wei)), tip)


def bumped(fee: int) -> int:
    """An eighth more, rounded up."""
    return -(-fee * 9 // 8)


class Wallet:
    """One private key, given in hex; it never leaves this object."""

    def __init__(self, key: str) -> None:
        self._account = Account.from_key(key)
        self.address: str = self._account.address

    def sign(
        self, call: Mapping[str, Any], *, chain_id: int, nonce: int, gas: int, fees: Fees, at: datetime
    ) -> Attempt:
        """`call` holds `data` and, unless it deploys, `to`; `at` is the instant of signing, UTC."""
        price = (
            {"gasPrice": fees.max_wei}
            if fees.tip_wei is None
            else {"maxFeePerGas": fees.max_wei, "maxPriorityFeePerGas": fees.tip_wei}
        )
        signed = self._account.sign_transaction(
            {**call, **price, "chainId": chain_id, "nonce": nonce, "gas": gas, "value": 0}
        )
        return Attempt(bytes(signed.hash), bytes(signed.raw_transaction), gas, fees.max_wei, fees.tip_wei, at, None)
