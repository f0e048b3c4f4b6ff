"""What the rows of a batch of evidence speak of: attempts, questions, receipts, as known after those judged."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from payments import float_checks
from payments.attempts import Attempt
from payments.evidence.judge import Judgement
from payments.evidence.notices import Notices
from payments.evidence.store import Row
from payments.inquiries import Inquiry
from payments.reading import Fact, Unreadable
from payments.witnesses import Wanted, Witness, wanted


@dataclass
class Files:
    """What the rows of a batch speak of, as known after the rows judged so far."""

    facts: dict[int, Fact | Unreadable]
    by_token: dict[bytes, int]
    attempts: dict[int, Attempt]
    inquiries: dict[bytes, Inquiry]
    holders: dict[str, int | None]
    numbers: dict[int, str]
    expecting: dict[int, list[Attempt]]
    notices: Notices
    at: datetime
    witnesses: dict[int, Witness]
    awaited: set[tuple[int, str]]
    balances: dict[int, float_checks.Heard] = field(default_factory=dict)
    moved: dict[int, Judgement] = field(default_factory=dict)

    def of_token(self, token_hash: bytes) -> Attempt | None:
        return self.attempts.get(self.by_token.get(token_hash, 0))

    def by_reference(self) -> dict[str, Attempt]:
        """Attempts by their account reference."""
        return {one.account_reference: one for one in self.attempts.values()}

    def by_request(self) -> dict[str, Attempt]:
        """Attempts by MerchantRequestID."""
        return {one.merchant_request_id: one for one in self.attempts.values() if one.merchant_request_id}

    def second(self, row: Row, attempt: Attempt | None) -> Wanted | None:
        """Who else must say so before the money of this row is the attempt's."""
        return wanted(self.witnesses.get(attempt.id), row.received_at, self.at) if attempt is not None else None

    def expecting_money_of(self, row: Row) -> list[Attempt]:
        """Payments that the money of this row fits, as they are now."""
        return [self.attempts.get(one.id, one) for one in self.expecting.get(row.id, ())]

    def learn(self, judgement: Judgement) -> None:
        """The next row of the batch is judged by what this one changed."""
        if judgement.attempt is not None and judgement.to is not None:
            self.moved[judgement.attempt.id] = judgement
            self.attempts[judgement.attempt.id] = replace(judgement.attempt, state=judgement.to)
        if judgement.money is not None:
            self.holders[judgement.money.receipt] = judgement.owner.id if judgement.owner else None
