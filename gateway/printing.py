"""How instants, money and states are printed on our pages: East Africa Time, M-Pesa's clock face, plain words."""

from datetime import UTC, datetime

from ledger import money, nairobi

PAYMENT_STATES = {
    "created": ("waiting", "About to ask"),
    "pending": ("waiting", "On the phone"),
    "unclear": ("waiting", "Asking Safaricom"),
    "proven": ("waiting", "Paid, receipt on its way"),
    "paid": ("good", "Paid"),
    "failed_soft": ("quiet", "Not paid"),
    "failed_final": ("quiet", "Not paid"),
    "suspense": ("look", "In suspense"),
}
VERDICTS = {
    "unread": ("waiting", "Not read yet"),
    "applied": ("good", "Believed"),
    "repeated": ("quiet", "Said before"),
    "late": ("quiet", "Too late to matter"),
    "unmatched": ("look", "Fits no payment"),
    "refused": ("bad", "Refused"),
    "conflict": ("bad", "Contradicts"),
    "unreadable": ("bad", "Unreadable"),
}
BATCH_STATES = {
    "pending": ("waiting", "Waiting"),
    "executing": ("waiting", "On its way"),
    "completed": ("good", "Sealed"),
    "failed": ("bad", "Failed"),
    "cancelled": ("quiet", "Cancelled"),
}
MESSAGE_STATES = {
    "queued": "To be sent",
    "sent": "Sent",
    "delivered": "Delivered",
    "unclear": "Unclear",
    "failed": "Failed",
}
PART_STATES = {
    "up": ("good", "Up"),
    "late": ("waiting", "Late"),
    "down": ("bad", "Down"),
    "unknown": ("quiet", "Not known"),
}
SOURCES = {
    "stk_callback": "Answer to a prompt",
    "stk_query": "Answer to our question",
    "status_result": "Status of a receipt",
    "status_timeout": "Status ran out of time",
}


def clock_time(at: datetime) -> str:
    """`2:02:07 PM` in Nairobi."""
    return nairobi.clock(at, seconds=True)


def day_and_time(at: datetime, seconds: bool = False) -> str:
    """`20 Nov 2026, 2:02 PM` in Nairobi, with `seconds` as `2:02:07 PM`."""
    local = nairobi.local(at)
    return f"{local.day} {local:%b %Y}, {nairobi.clock(at, seconds=seconds)}"


def machine_time(at: datetime) -> str:
    """For `<time datetime>` and JSON: `2026-11-20T11:02:07.000Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def source(name: str) -> str:
    """Where a message came from, in words."""
    return SOURCES.get(name, name.replace("_", " ").capitalize())


FILTERS = {
    "kes": money.print_kes,
    "clock_time": clock_time,
    "day_and_time": day_and_time,
    "machine_time": machine_time,
    "source": source,
}
WORDS = {
    "payment_states": PAYMENT_STATES,
    "verdicts": VERDICTS,
    "batch_states": BATCH_STATES,
    "message_states": MESSAGE_STATES,
    "part_states": PART_STATES,
}
