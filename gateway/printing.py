"""How instants, money and states are printed on our pages: East Africa Time, M-PESA's clock face, plain words."""

from datetime import UTC, datetime, timedelta

from chamas.payouts.disbursements import DisbursementState
from chamas.telling.notice_states import Channel, NoticeState
from ledger import money, nairobi
from ledger.batches import BatchState
from payments.evidence.store import Verdict
from payments.payouts import PayoutState
from payments.reconciliation.statements import StatementState
from payments.states import AttemptState
from payments.take_backs import TakeBackState

# Each state with the tone that colours it and its words. Money that nobody asked for has no attempt and no state.
PAYMENT_STATES = {
    AttemptState.CREATED: ("waiting", "About to ask"),
    AttemptState.PENDING: ("waiting", "On the phone"),
    AttemptState.UNCLEAR: ("waiting", "Asking Safaricom"),
    AttemptState.PROVEN: ("waiting", "Paid, receipt on its way"),
    AttemptState.PAID_OTHERWISE: ("look", "Another amount came"),
    AttemptState.PAID: ("good", "Paid"),
    AttemptState.FAILED_SOFT: ("quiet", "Not paid"),
    AttemptState.FAILED_FINAL: ("quiet", "Not paid"),
    "suspense": ("look", "In suspense"),
}
PAYOUT_STATES = {
    PayoutState.ORDERED: ("waiting", "Waits to leave"),
    PayoutState.SENDING: ("waiting", "Leaving"),
    PayoutState.ACCEPTED: ("waiting", "With M-PESA"),
    PayoutState.UNKNOWN: ("waiting", "Asking Safaricom"),
    PayoutState.FAILED_PROVEN: ("quiet", "Not paid"),
    PayoutState.PAID: ("good", "Paid"),
}
TAKE_BACK_STATES = {
    TakeBackState.ASKED: ("waiting", "Waits for another's yes"),
    TakeBackState.APPROVED: ("waiting", "Agreed on"),
    TakeBackState.DONE: ("bad", "Taken back"),
    TakeBackState.REFUSED: ("quiet", "Refused"),
    TakeBackState.VOID: ("quiet", "Void"),
}
REQUEST_STATES = {
    DisbursementState.PENDING: ("waiting", "Waits for answers"),
    DisbursementState.APPROVED: ("waiting", "Agreed on, announced"),
    DisbursementState.REJECTED: ("quiet", "Refused or stopped"),
    DisbursementState.SENDING: ("waiting", "Leaving"),
    DisbursementState.COMPLETED: ("good", "Paid"),
    DisbursementState.FAILED: ("bad", "Not paid"),
    DisbursementState.UNCLEAR: ("waiting", "Asking Safaricom"),
}
VERDICTS = {
    Verdict.UNREAD: ("waiting", "Not read yet"),
    Verdict.APPLIED: ("good", "Believed"),
    Verdict.REPEATED: ("quiet", "Said before"),
    Verdict.LATE: ("quiet", "Too late to matter"),
    Verdict.UNMATCHED: ("look", "Fits no payment"),
    Verdict.REFUSED: ("bad", "Refused"),
    Verdict.CONFLICT: ("bad", "Contradicts"),
    Verdict.UNREADABLE: ("bad", "Unreadable"),
}
# What an operator does about a message that was not believed; nothing of it was credited.
TO_DO = {
    Verdict.UNMATCHED: "Look who knows this receipt: the message is not Safaricom's. It is booked once and stays so.",
    Verdict.REFUSED: "Look: the payment must settle without it. A member who says she paid is checked by her receipt.",
    Verdict.CONFLICT: "Look: compare both receipts with the M-PESA statement.",
    Verdict.UNREADABLE: "Look in ten minutes: by then we have asked Safaricom ourselves.",
}
BATCH_STATES = {
    BatchState.PENDING: ("waiting", "Waiting"),
    BatchState.EXECUTING: ("waiting", "On its way"),
    BatchState.COMPLETED: ("good", "Sealed"),
    BatchState.FAILED: ("bad", "Failed"),
}
MESSAGE_STATES = {
    NoticeState.QUEUED: "To be sent",
    NoticeState.SENT: "Sent",
    NoticeState.DELIVERED: "Delivered",
    NoticeState.UNCLEAR: "Unclear",
    NoticeState.FAILED: "Failed",
    NoticeState.DROPPED: "Not needed any more",
}
CHANNELS = {Channel.SMS: "SMS", Channel.EMAIL: "Mail", Channel.PUSH: "Push", Channel.IN_APP: "On the screen"}
DAY_RESULTS = {
    "matched": ("good", "Matched"),
    "differs": ("bad", "Differs"),
    "not_compared": ("quiet", "Not compared"),
}
STATEMENT_STATES = {
    StatementState.UPLOADED: ("waiting", "Waits to be read"),
    StatementState.READ: ("good", "Read"),
    StatementState.REFUSED: ("bad", "Not read"),
}
COMPARED = {
    "pull": "Pull",
    "statement": "The portal's statement",
    "chain": "The chain of balances",
    "balance": "What M-PESA holds",
    "charges": "What M-PESA took for payouts",
}
# What to do about each difference of a day; docs/operations/reconciliation.md says it at length.
DIFFERENCES = {
    "booked_not_listed": "Look for the receipt at the portal. If it is not there, two officials take the entry back.",
    "listed_not_booked": "Nothing yet: it is asked about. Still here tomorrow? Ask with pesachama doctor.",
    "amount_differs": "Compare with the portal; two officials book the difference with its reason.",
    "sources_disagree": "Nothing is missing at M-PESA. Tell Safaricom's help desk that its lists differ.",
    "out_not_booked": "Somebody moved money at the portal: find out who, and book it with its reason.",
    "out_not_listed": "Look for the payment at the portal: M-PESA does not know that it left.",
    "gap_in": "Import the statement of this day: it names the payment.",
    "gap_out": "Import the statement of this day: it names what went out.",
    "charge_differs": "Compare MPESA_PAYOUT_CHARGES with your contract; nothing is booked by itself.",
    "charge_not_booked": "Somebody paid out at the portal, or M-PESA charged for something else: ask Safaricom.",
    "balance_differs": "Import the statement of this day: it names what moved.",
}
# Where our knowledge of a code of Safaricom's comes from.
CODE_GRADES = {"O": "from Safaricom's own page", "C": "told by others", "S": "seen in the sandbox", "-": "not known"}
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
    "c2b_confirmation": "Told as a payment to the paybill",
    "pull": "Listed by Pull",
    "balance_result": "What the paybill holds",
    "balance_timeout": "Balance ran out of time",
    "b2c_result": "Result of a payout",
    "b2c_timeout": "Payout ran out of time",
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


def age(under: timedelta | None) -> str:
    """How long ago: less than a span, or more than the last of them, a day."""
    if under is None:
        return "more than a day ago"
    minutes = round(under.total_seconds() / 60)
    spans = {1440: "the last day", 60: "the last hour"}
    return f"in {spans.get(minutes, f'the last {minutes} minutes')}"


def source(name: str) -> str:
    """Where a message came from, in words."""
    return SOURCES.get(name, name.replace("_", " ").capitalize())


FILTERS = {
    "kes": money.print_kes,
    "clock_time": clock_time,
    "day_and_time": day_and_time,
    "machine_time": machine_time,
    "source": source,
    "age": age,
}
WORDS = {
    "payment_states": PAYMENT_STATES,
    "payout_states": PAYOUT_STATES,
    "request_states": REQUEST_STATES,
    "take_back_states": TAKE_BACK_STATES,
    "day_results": DAY_RESULTS,
    "statement_states": STATEMENT_STATES,
    "compared_names": COMPARED,
    "difference_to_do": DIFFERENCES,
    "to_do": TO_DO,
    "verdicts": VERDICTS,
    "batch_states": BATCH_STATES,
    "message_states": MESSAGE_STATES,
    "channel_names": CHANNELS,
    "part_states": PART_STATES,
    "code_grades": CODE_GRADES,
}
