"""Money sent straight to the paybill: what was told of it, the account that was typed, and who paid. Pure.

A payer shows as a SHA-256 (registered under v1), as a mask (v2) or not at all. A mask fits one number in a thousand, so
it never names anybody by itself: it only tells who cannot have been it.
"""

import re
from dataclasses import dataclass, field

from marshmallow import ValidationError

from payments.daraja import schemas
from payments.daraja.parsing import Unparsable, loads
from payments.phones import UnreadablePhone, daraja_hash, normalise, to_daraja
from payments.reading import Money, Unreadable, words_of

HASHED = re.compile(r"[0-9a-fA-F]{64}")
# "2547 ***** 126". With letters it is half a hash, as some tills get it: that hides everybody.
MASKED = re.compile(r"(\d{3,6})[ *]*\*[ *]*(\d{2,4})")
# Chama numbers have five digits; the rest is the member's number in it. 07 is what a form teaches people to write.
ACCOUNT = re.compile(r"([1-9]\d{4})(0?[1-9]|[1-9]\d{1,2})")
LOOKALIKES = str.maketrans("OIL", "011")
# "ACC482137": a word that runs into its number. Look-alikes alone are no word but may be digits.
WORD_BEFORE_DIGITS = re.compile(r"^(?=[A-Z]*[A-HJKMNP-Z])[A-Z]+(?=\d)")


@dataclass(frozen=True)
class Payer:
    """`key` is the SHA-256 of her number's digits, `head` and `tail` those that a mask leaves; all empty: hidden."""

    key: bytes | None = field(default=None, repr=False)
    head: str = ""
    tail: str = ""
    first_name: str = field(default="", repr=False)

    def may_be(self, phone: str) -> bool:
        """Whether this E.164 number may have paid; a hidden payer may be anybody."""
        if self.key is not None:
            return self.key == daraja_hash(phone)
        digits = to_daraja(phone)
        return digits.startswith(self.head) and digits.endswith(self.tail)


@dataclass(frozen=True)
class Account:
    """The number of a chama, and a member's inside it: what people type as 482137, "48213 7" or "acc 48213-7"."""

    chama_number: str
    member_number: int


@dataclass(frozen=True)
class Sent:
    """One payment as it was told: money for `shortcode`, under the account as it was `typed`.

    `balance_cents` is what the utility account held after it, where that was said.
    """

    money: Money
    shortcode: str
    typed: str = field(repr=False)
    payer: Payer
    balance_cents: int | None = None

    @property
    def account(self) -> Account | None:
        return read_account(self.typed)

    @property
    def reference(self) -> str:
        """What an STK push may have sent as its account reference."""
        return re.sub(r"[\s-]", "", self.typed).upper()


def read_confirmation(body: bytes) -> Sent:
    """The notice of a payment to a shortcode. Raises Unreadable; what people typed never makes it unreadable."""
    try:
        said = schemas.PAYBILL_NOTICE.load(loads(body))
    except (Unparsable, ValidationError) as trouble:
        raise Unreadable(words_of(trouble)) from None
    payer, phone = _payer(said["MSISDN"] or "", said["FirstName"] or "")
    money = Money(said["TransID"], said["TransAmount"], said["TransTime"], phone)
    return Sent(money, said["BusinessShortCode"], said["BillRefNumber"] or "", payer, said["OrgAccountBalance"])


def read_pulled(body: bytes) -> Sent:
    """A row of Pull as payments/reconciliation/pull.py keeps it. Raises Unreadable."""
    try:
        said = schemas.KEPT_PULL.load(loads(body))
    except (Unparsable, ValidationError) as trouble:
        raise Unreadable(words_of(trouble)) from None
    row = said["Transaction"]
    payer, phone = _payer(row["msisdn"] or "", "")
    money = Money(row["transactionId"], row["amount"], said["PaidAt"], phone)
    return Sent(money, said["ShortCode"], row["billreference"] or "", payer)


def read_group(typed: str) -> str | None:
    """The number of a chama when that alone was typed, or scanned off the group's QR code."""
    bare = re.sub(r"[\s-]", "", typed)
    return bare if re.fullmatch(r"[1-9]\d{4}", bare) else None


def account_number(chama_number: str, member_number: int) -> str:
    """What a member types at the paybill: digits only, so that any phone can."""
    return f"{chama_number}{member_number}"


def box_account(chama_number: str) -> str:
    """What an official types who brings the cash of her group: no member has the number 0."""
    return f"{chama_number}0"


def read_box(typed: str) -> str | None:
    """The number of a chama when its cash box was typed."""
    found = re.fullmatch(r"([1-9]\d{4})00?", re.sub(r"[\s-]", "", typed))
    return found[1] if found else None


def read_account(typed: str) -> Account | None:
    """Reads what somebody typed, forgiving blanks, dashes, words beside it, O for 0, and I or l for 1.

    None when nothing, or more than one thing, can be meant: look-alikes with nothing of a number before them may be
    a word as well as digits.
    """
    digits = ""
    for part in re.findall(r"[A-Z0-9]+", typed.upper()):
        bare = WORD_BEFORE_DIGITS.sub("", part)
        if not any(letter.isdigit() for letter in bare):
            if bare.strip("OIL"):
                continue
            if not digits:
                return None
        digits += bare.translate(LOOKALIKES)
    found = ACCOUNT.fullmatch(digits)
    return Account(found[1], int(found[2])) if found else None


def _payer(msisdn: str, first_name: str) -> tuple[Payer, str | None]:
    """Who paid, as far as it shows, and her number when it is whole."""
    if HASHED.fullmatch(msisdn):
        return Payer(bytes.fromhex(msisdn), first_name=first_name), None
    masked = MASKED.fullmatch(msisdn)
    if masked:
        return Payer(head=masked[1], tail=masked[2], first_name=first_name), None
    try:
        phone = normalise(msisdn)
    except UnreadablePhone:
        return Payer(first_name=first_name), None
    return Payer(daraja_hash(phone), first_name=first_name), phone
