"""Whence money in suspense came, as far as the evidence that proved it says: the account typed, and who paid. Pure."""

from dataclasses import dataclass, field

from payments.paybill import Payer, Sent, read_confirmation, read_pulled
from payments.phones import daraja_hash
from payments.reading import Unreadable, read_status_result


@dataclass(frozen=True)
class Whence:
    """`typed` is what the payer typed as the account, empty when nothing shows."""

    typed: str = field(default="", repr=False)
    payer: Payer = field(default_factory=Payer)


def notice_of(source: str, body: bytes) -> Sent | None:
    """A notice of the paybill, or a row of Pull; None when it has been made to name nobody."""
    try:
        return read_pulled(body) if source == "pull" else read_confirmation(body)
    except Unreadable:
        return None


def whence(source: str, body: bytes, shortcode: str) -> Whence:
    """What a body says of the payer; nothing when it has been made to name nobody, or its source never does."""
    try:
        if source in ("c2b_confirmation", "pull"):
            sent = read_pulled(body) if source == "pull" else read_confirmation(body)
            return Whence(sent.typed, sent.payer)
        if source == "status_result":
            money = read_status_result(body, shortcode).money
            return Whence(payer=Payer(daraja_hash(money.phone) if money and money.phone else None))
    except Unreadable:
        pass
    return Whence()
