"""What money that moved sets off besides the STK callback: the payer's M-PESA SMS and the C2B confirmation."""

from simulator.clock import sms_moment
from simulator.daraja.callbacks import shillings
from simulator.daraja.confirmations import Paybill
from simulator.inbox import MPESA, Inbox
from simulator.merchants import Merchants
from simulator.phones import Phones
from simulator.truth import Receipt, Spent


class Notices:
    def __init__(self, inbox: Inbox, phones: Phones, paybill: Paybill, merchants: Merchants) -> None:
        self._inbox, self._phones = inbox, phones
        self._paybill, self._merchants = paybill, merchants

    def paid(self, receipt: Receipt) -> None:
        """M-PESA's own SMS to the payer."""
        amount, left = shillings(receipt.amount_cents), shillings(self._phones.of(receipt.phone).balance_cents)
        name = self._merchants.named(receipt.shortcode).name
        text = (
            f"{receipt.receipt} Confirmed. Ksh{amount} sent to {name} for account {receipt.reference} "
            f"on {sms_moment(receipt.at)}. New M-PESA balance is Ksh{left}."
        )
        self._inbox.receive("MPESA_" + receipt.receipt, MPESA, receipt.phone, text, receipt.at)

    def reversed(self, spent: Spent) -> None:
        """M-PESA's own SMS to the payer who gets her money back."""
        amount, left = shillings(spent.amount_cents), shillings(self._phones.of(spent.to).balance_cents)
        text = (
            f"{spent.receipt} confirmed. Reversal of transaction {spent.reference} has been successfully reversed on "
            f"{sms_moment(spent.at)} and Ksh{amount} is credited to your account. New M-PESA balance is Ksh{left}."
        )
        self._inbox.receive("MPESA_" + spent.receipt, MPESA, spent.to, text, spent.at)

    def confirm(self, receipt: Receipt, version: str = "", *, twice: bool = False, late: bool = False) -> bool:
        """A C2B confirmation follows every payment to a shortcode with registered URLs, STK ones included."""
        name = self._phones.of(receipt.phone).name
        return self._paybill.confirm(receipt, name, version, twice=twice, late=late)
