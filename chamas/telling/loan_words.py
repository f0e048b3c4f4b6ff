"""What messages say about loans out of a group's money; part of templates.py, which has the rules of it."""

from collections.abc import Mapping

from chamas.telling.notice_states import Kind
from chamas.telling.wording import Template

LOAN_TEMPLATES: Mapping[str, Template] = {
    "loan_begun": Template(
        "{chama}: your loan of KES {amount}: pay back {total} in {count} parts, the first of {part} by {due_date}. "
        "Details: {ussd}, More",
        "{chama}: your loan is sent. Details: {ussd}, More",
        Kind.MONEY,
    ),
    "loan_due": Template(
        "{chama}: KES {amount} of your loan is due by {due_date}. To pay dial {ussd}, More, My loan.",
        "{chama}: something is due by {due_date}. Details: {ussd}, More",
        Kind.REMINDER,
    ),
    "loan_late": Template(
        "{chama}: KES {amount} of your loan was due by {due_date} and is late. Fine {fine}. To pay dial {ussd}, More, "
        "My loan.",
        "{chama}: something of yours is late. Details: {ussd}, More",
        Kind.MONEY,
    ),
    "loan_not_paid": Template(
        "{chama}: {name} has not paid KES {amount} of her loan, due by {due_date}. Fine {fine}. Details: {ussd}",
        "{chama}: a part of a loan is late. Details: {ussd}",
        Kind.MONEY,
    ),
    "loan_repaid": Template(
        "{chama}: your loan of KES {amount} is repaid. Thank you. Nothing of it is owed any more.",
        "{chama}: what you owed is repaid. Thank you.",
        Kind.MONEY,
    ),
    "loan_set_off": Template(
        "{chama}: KES {amount} of your deposit and savings paid your loan, which is due at once. Details: {ussd}",
        "{chama}: what you owed was paid out of your money. Details: {ussd}",
        Kind.MONEY,
    ),
}
