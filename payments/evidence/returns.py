"""Results of reversals in a batch of evidence: read, held against what was asked for, and written to the reversal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from marshmallow import ValidationError, fields

from ledger.wires import Connection
from payments import reversals
from payments.daraja import codes, schemas, values
from payments.daraja.parsing import Unparsable, loads
from payments.evidence.judge import Judgement
from payments.evidence.store import Row, Verdict
from payments.reading import Unreadable, words_of
from payments.reversals import REVERSAL_MOVES, Reversal, ReversalState

SOURCES = ("reversal_result", "reversal_timeout")
# Safaricom's word that this receipt went back before: by an earlier request of ours, or by the portal.
ALREADY = "R000001"


class ReversalResult(schemas.Result):
    """TransactionID is the receipt of the way back on success, and generic or made up on failure."""

    TransactionID = schemas.may(values.identifier)


class ReversalEnvelope(schemas.Tolerant):
    Result = fields.Nested(ReversalResult, required=True)


class ReversalDone(schemas.Tolerant):
    OriginalTransactionID = schemas.may(values.identifier)
    Amount = schemas.may(values.cents)


RESULT, DONE = ReversalEnvelope(), ReversalDone()


@dataclass(frozen=True)
class Said:
    """What a result says: `original` and `amount_cents` only on success, and `back`, the receipt of the way back."""

    code: str
    original: str | None = None
    amount_cents: int | None = None
    back: str | None = None


def read(body: bytes) -> Said:
    """The result of a reversal. Raises Unreadable."""
    try:
        result = RESULT.load(loads(body))["Result"]
        code, parameters = result["ResultCode"], result["ResultParameters"]
        if code != "0" or parameters is None:
            return Said(code)
        found = schemas.chosen(parameters["ResultParameter"], DONE)
    except (Unparsable, ValidationError) as trouble:
        raise Unreadable(words_of(trouble)) from None
    back = result["TransactionID"] or ""
    return Said(code, found["OriginalTransactionID"], found["Amount"], back if values.is_receipt(back) else None)


@dataclass
class Returns:
    """The reversals that rows of a batch speak of, as known after the rows judged so far."""

    asked: dict[bytes, Reversal]
    words: Mapping[int, Said | Unreadable]

    @classmethod
    def opened(cls, conn: Connection, rows: Sequence[Row]) -> "Returns":
        told = [row for row in rows if row.source in SOURCES]
        asked = reversals.by_token_hashes(conn, [row.token_hash for row in told]) if told else {}
        return cls(asked, {row.id: _read(row) for row in told if row.source == "reversal_result"})

    def settled(self, conn: Connection, row: Row, at: datetime) -> Judgement:
        """What to make of a row; moves its reversal."""
        one, said = self.asked.get(row.token_hash), self.words.get(row.id)
        if isinstance(said, Unreadable):
            return Judgement(Verdict.UNREADABLE, str(said)[:200])
        if one is None:
            return Judgement(Verdict.UNMATCHED, "its token is not one of ours")
        if said is None:
            return Judgement(Verdict.APPLIED, "Safaricom gave no answer in time", named=one.receipt)
        judgement, to = judge(one, said)
        if to is not None:
            reversals.move(conn, one.receipt, to, code=said.code, at=at, back=said.back)
            self.asked |= {
                token: replace(other, state=to) for token, other in self.asked.items() if other.receipt == one.receipt
            }
        return judgement


def judge(one: Reversal, said: Said) -> tuple[Judgement, ReversalState | None]:
    """What a result under our token makes of the reversal; None when it stays as it is. Pure."""
    code = codes.look_up(codes.REVERSAL, said.code)
    to = ReversalState.REVERSED if said.code in ("0", ALREADY) else ReversalState.REFUSED
    if said.original not in (None, one.receipt) or said.amount_cents not in (None, one.amount_cents):
        verdict, reason = Verdict.REFUSED, "another payment than the one asked about"
    elif code is codes.UNHEARD_OF:
        verdict, reason = Verdict.APPLIED, f"code {said.code} proves nothing"
    elif one.state is to:
        verdict, reason = Verdict.REPEATED, None
    elif to not in REVERSAL_MOVES.following[one.state]:
        verdict, reason = Verdict.LATE, f"known to be {one.state}"
    else:
        reason = None if said.code == "0" else code.meaning
        return Judgement(Verdict.APPLIED, reason, named=one.receipt), to
    return Judgement(verdict, reason, named=one.receipt), None


def _read(row: Row) -> Said | Unreadable:
    try:
        return read(row.body)
    except Unreadable as trouble:
        return trouble
