"""What SMS say of a member's money that has arrived: to her, and to whoever paid for her."""

from collections.abc import Mapping

from chamas.telling.notice_states import Kind
from chamas.telling.wording import Template

PRIVATE = "{chama}: received, thank you. Page {page} {words}. Details: {ussd}"
KEPT_PRIVATELY = "{chama}: a payment is kept and does not count. More: {check}"

RECEIVED_TEMPLATES: Mapping[str, Template] = {
    "contribution_received": Template(
        "{chama}: KES {amount} received from {name} {paid_date}. M-PESA {receipt}. Your total {total}. "
        "Page {page} {words}. Code {code}. Check: {check}",
        PRIVATE,
        Kind.MONEY,
    ),
    # What went to her fine is none of her total: without a word of it she misses that money.
    "contribution_received_fined": Template(
        "{chama}: KES {amount} received, {fine} for your fine ({left} left). {receipt}. "
        "Your total {total}. Page {page} {words}. Check: {check}",
        PRIVATE,
        Kind.MONEY,
    ),
    "contribution_received_lent": Template(
        "{chama}: KES {amount} received, {loan} for your loan ({left} left), {fine} for fines. {receipt}. "
        "Page {page} {words}. Check: {check}",
        PRIVATE,
        Kind.MONEY,
    ),
    "deposit_received": Template(
        "{chama}: KES {amount} received from {name} {paid_date}. M-PESA {receipt}. Your deposit {total}. "
        "Page {page} {words}. Code {code}. Check: {check}",
        PRIVATE,
        Kind.MONEY,
    ),
    # She paid, M-PESA says so, and her group's page does not: without a word she believes that somebody took it.
    "kept_after_the_end": Template(
        "{chama} has ended: KES {amount} of {paid_date} ({receipt}) came after that. It is kept, not lost, and can go "
        "back to who paid. More: {check}",
        KEPT_PRIVATELY,
        Kind.MONEY,
    ),
    "kept_without_a_place": Template(
        "{chama}: KES {amount} of {paid_date} ({receipt}) came, but {name} does not pay there now. It is kept and can "
        "go back to who paid. More: {check}",
        KEPT_PRIVATELY,
        Kind.MONEY,
    ),
    # Whoever pays for another reads that it is paid when our SMS comes: without one she pays twice.
    "paid_for_another": Template(
        "{chama}: the KES {amount} that you paid for {other} {paid_date} is in. M-PESA {receipt}. "
        "Page {page} {words}. Code {code}. Check: {check}",
        PRIVATE,
        Kind.MONEY,
    ),
}
