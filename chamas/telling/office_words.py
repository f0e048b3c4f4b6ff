"""What messages say about the offices of a group and its end; part of templates.py, which has the rules of it."""

from collections.abc import Mapping

from chamas.telling.notice_states import Kind
from chamas.telling.wording import Template

OFFICE_TEMPLATES: Mapping[str, Template] = {
    "naming_asked": Template(
        "{chama}: {official} proposes {name} as {role}. To say yes or no dial {ussd}, Requests.",
        "{chama}: something waits for your word. Details: {ussd}, Requests.",
        Kind.ANSWER,
    ),
    "handing_asked": Template(
        "{chama}: {official} proposes {name} as {role} instead of {other}. To say yes or no dial {ussd}, Requests.",
        "{chama}: something waits for your word. Details: {ussd}, Requests.",
        Kind.ANSWER,
    ),
    "office_offered": Template(
        "{chama}: you are proposed as {role}. To accept it or not dial {ussd}, Requests.",
        "{chama}: something waits for your word. Details: {ussd}, Requests.",
        Kind.ANSWER,
    ),
    "naming_refused": Template(
        "{chama}: {name} is not {role} now: it was not agreed on, or not accepted. Details: {ussd}",
        "{chama}: your question was answered with no. Details: {ussd}",
        Kind.NEWS,
    ),
    "office_given": Template(
        "{chama}: {name} is {role} from now on. The officials: {ussd}, More, Rules.",
        "{chama}: an office has a new holder. The officials: {ussd}, More, Rules.",
        Kind.MONEY,
    ),
    "office_handed": Template(
        "{chama}: {name} is {role} from now on, {other} is it no more. The officials: {ussd}, More, Rules.",
        "{chama}: an office has a new holder. The officials: {ussd}, More, Rules.",
        Kind.MONEY,
    ),
    "office_left": Template(
        "{chama}: {name} is {role} no more, as the members agreed. The officials: {ussd}, More, Rules.",
        "{chama}: an office is free. The officials: {ussd}, More, Rules.",
        Kind.MONEY,
    ),
    "recall_asked": Template(
        "{chama}: {official} asks that {name} be {role} no more. All members decide. To answer dial {ussd}, Requests.",
        "{chama}: a vote of all members waits for your word. Dial {ussd}, Requests.",
        Kind.ANSWER,
    ),
    "replacing_asked": Template(
        "{chama}: {official} asks that {name} be {role} instead of {other}. All members decide: {ussd}, Requests.",
        "{chama}: a vote of all members waits for your word. Dial {ussd}, Requests.",
        Kind.ANSWER,
    ),
    "recall_refused": Template(
        "{chama}: {role} stays the same: the members did not agree, or it was not accepted. Details: {ussd}",
        "{chama}: your question was answered with no. Details: {ussd}",
        Kind.NEWS,
    ),
    # Money of the group may go there: whoever does not know the account must hear of it before any does.
    "bank_asked": Template(
        "{chama}: {official} asks for another bank account of the group. To look and agree: {ussd}, Office, Run the "
        "chama.",
        "{chama}: something waits for your word. Details: {ussd}, Office.",
        Kind.ANSWER,
    ),
    "bank_changed": Template(
        "{chama}: two officials named the group's bank: paybill {bank}. Not yours? Ask them now; stop payouts: {ussd}, "
        "Requests.",
        "{chama}: the group has another bank account. Details: {ussd}, More.",
        Kind.MONEY,
    ),
    # What ends a group that is running waits for a second official, and nobody dials by chance within a week.
    "end_asked": Template(
        "{chama}: {official} asks that the chama end; all get back what M-PESA holds of them. To agree within 7 days: "
        "{ussd}, Office.",
        "{chama}: something waits for your word. Details: {ussd}, Office.",
        Kind.ANSWER,
    ),
    "cancel_asked": Template(
        "{chama}: {official} asks to call the chama off; all get back what M-PESA holds of them. To agree within 7 "
        "days: {ussd}, Office.",
        "{chama}: something waits for your word. Details: {ussd}, Office.",
        Kind.ANSWER,
    ),
    "close_asked": Template(
        "{chama}: {official} asks to close the round before its end. To agree, or to let it be: {ussd}, Office.",
        "{chama}: something waits for your word. Details: {ussd}, Office.",
        Kind.ANSWER,
    ),
}
