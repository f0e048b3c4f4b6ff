"""Money out (B2C): ordered by whoever may (`order`), sent (`send_due`), asked about (`ask_due`), proved by evidence."""

from payments.charges import TARIFF, Bands, Cost, cost, read_bands
from payments.payouts.asking import ask_due
from payments.payouts.money import NotEnoughMoney, spendable
from payments.payouts.orders import Order, PayoutOutOfRange, TooLate, order, release, withdraw
from payments.payouts.persons import End, end_of
from payments.payouts.rows import Payout, by_ids, by_key
from payments.payouts.sending import send_due
from payments.payouts.states import PayoutState

__all__ = [
    "TARIFF",
    "Bands",
    "Cost",
    "End",
    "NotEnoughMoney",
    "Order",
    "Payout",
    "PayoutOutOfRange",
    "PayoutState",
    "TooLate",
    "ask_due",
    "by_ids",
    "by_key",
    "cost",
    "end_of",
    "order",
    "read_bands",
    "release",
    "send_due",
    "spendable",
    "withdraw",
]
