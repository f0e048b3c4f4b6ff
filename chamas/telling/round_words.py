"""What messages say about the money of rounds, fines and default; part of templates.py, which has the rules of it."""

from collections.abc import Mapping

from chamas.telling.notice_states import Kind
from chamas.telling.wording import Template

ROUND_TEMPLATES: Mapping[str, Template] = {
    "closed_early": Template(
        "{chama}: officials closed round {round} early. What you have not paid of it is due {closes_date}, as before. "
        "Details: {ussd}",
        "{chama}: officials closed a round early. Details: {ussd}",
        Kind.NEWS,
    ),
    "pot_stuck": Template(
        "{chama}: KES {amount} of the round of {name} cannot be asked for. {why}",
        "{chama}: the payout of a round cannot be asked for. Details: {ussd}",
        Kind.MONEY,
    ),
    "pot_waits": Template(
        "{chama}: the round money of {name} waits: KES {amount} unpaid comes first. It is asked for once that is paid. "
        "Details: {ussd}",
        "{chama}: the payout of a round waits for money that is owed. Details: {ussd}",
        Kind.MONEY,
    ),
    "set_off_from_pot": Template(
        "{chama}: KES {amount} of your round's money paid what you owed (page {page}). The rest is asked for. "
        "Details: {ussd}",
        "{chama}: what you owed was paid out of your round's money. Details: {ussd}",
        Kind.MONEY,
    ),
    "fined": Template(
        "{chama}: fine KES {amount}: round {round} was not paid in time. If this is wrong dial {ussd}, More, Rules.",
        "{chama}: you have a fine. Details: {ussd}",
        Kind.MONEY,
    ),
    "fine_disputed": Template(
        "{chama}: {name} says that her fine of KES {amount} is wrong. To decide dial {ussd}, More, Rules.",
        "{chama}: a fine is disputed. To decide dial {ussd}, More, Rules.",
        Kind.ANSWER,
    ),
    "fine_back": Template(
        "{chama}: your fine is waived and KES {amount} are yours again (page {page}). Details: {ussd}",
        "{chama}: a fine of yours is waived. Details: {ussd}",
        Kind.MONEY,
    ),
    "fine_waived": Template(
        "{chama}: your fine of KES {amount} for round {round} is waived. Details: {ussd}",
        "{chama}: your fine was decided on. Details: {ussd}",
        Kind.MONEY,
    ),
    "fine_stands": Template(
        "{chama}: your fine of KES {amount} for round {round} stands. Details: {ussd}",
        "{chama}: your fine was decided on. Details: {ussd}",
        Kind.MONEY,
    ),
    "waiver_asked": Template(
        "{chama}: an official asks to waive the fine of {name}, KES {amount}. To answer: {ussd}, More, Rules.",
        "{chama}: something waits for your word. Details: {ussd}",
        Kind.ANSWER,
    ),
    "set_off_from_deposit": Template(
        "{chama}: KES {amount} of your deposit paid what you owed (page {page}). Details: {ussd}",
        "{chama}: what you owed was paid out of your deposit. Details: {ussd}",
        Kind.MONEY,
    ),
    "defaulted": Template(
        "{chama}: {name} is in default: {count} rounds are not paid. What she left and her turn pay them first. "
        "Details: {ussd}",
        "{chama}: a member is in default. Details: {ussd}",
        Kind.MONEY,
    ),
    "default_over": Template(
        "{chama}: {name} has settled everything and is no longer in default. Details: {ussd}",
        "{chama}: a member is no longer in default. Details: {ussd}",
        Kind.MONEY,
    ),
    "exit_asked": Template(
        "{chama}: {name} asks to leave the chama. To see what it means and to answer dial {ussd}, Requests.",
        "{chama}: something waits for your word. Details: {ussd}, Requests.",
        Kind.ANSWER,
    ),
    "exit_agreed": Template(
        "{chama}: it is agreed that {name} leaves. Nobody's turn moves. The order: {ussd}, More.",
        "{chama}: it is agreed that a member leaves. Nobody's turn moves. Details: {ussd}",
        Kind.MONEY,
    ),
    "exit_refused": Template(
        "{chama}: it was not agreed that you leave. You are a member as before. Ask the officials why.",
        "{chama}: your question was answered with no. Details: {ussd}",
        Kind.NEWS,
    ),
    "exit_done": Template(
        "{chama}: you have left. You owe nothing. What was still yours is sent to your M-PESA.",
        "{chama}: your question is settled. You owe nothing.",
        Kind.MONEY,
    ),
}
