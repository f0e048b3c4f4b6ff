"""One file per errand. Importing the package registers every screen."""

from menus.screens import (
    balance,
    cash,
    check,
    contribute,
    home,
    invite,
    join,
    language,
    messages,
    more,
    paid,
    pending,
    pin,
    requests,
    resume,
    stranger,
)

__all__ = [
    "balance",
    "cash",
    "check",
    "contribute",
    "home",
    "invite",
    "join",
    "language",
    "messages",
    "more",
    "paid",
    "pending",
    "pin",
    "requests",
    "resume",
    "stranger",
]
