"""What messages say about a member's place that goes to somebody else; part of templates.py, which has its rules."""

from collections.abc import Mapping

from chamas.telling.notice_states import Kind
from chamas.telling.wording import Template

PLACE_TEMPLATES: Mapping[str, Template] = {
    # As in joining_words.py: a stranger types the code behind `dial`, a member under More.
    "place_offered": Template(
        "{name} offers you a place in {chama}: KES {amount} {every}. To hear more and answer dial {dial} and type "
        "{code}. Give nobody any PIN.",
        "{chama}: a place is offered to you. To answer dial {dial} and type {code}. Give nobody any PIN.",
        Kind.ANSWER,
    ),
    "place_offered_to_a_member": Template(
        "{name} offers you a place in {chama}: KES {amount} {every}. To hear more and answer dial {ussd}, More, "
        "Join a chama, code {code}.",
        "{chama}: a place is offered to you. To answer dial {ussd}, More, Join a chama, code {code}.",
        Kind.ANSWER,
    ),
    "substitution_asked": Template(
        "{chama}: the place of {name} shall go to {other}. To see what it means and to answer dial {ussd}, Requests.",
        "{chama}: something waits for your word. Details: {ussd}, Requests.",
        Kind.ANSWER,
    ),
    "place_proposed": Template(
        "{chama}: {official} proposes that {other} take your place. To say yes or no dial {ussd}, Requests.",
        "{chama}: something waits for your word. Details: {ussd}, Requests.",
        Kind.ANSWER,
    ),
    "place_stays": Template(
        "{chama}: the place of {name} does not go to {other}. Everything stays as it was. Details: {ussd}",
        "{chama}: a question was answered with no. Everything stays as it was. Details: {ussd}",
        Kind.NEWS,
    ),
    "place_taken_over": Template(
        "{chama}: {other} has the place of {name} from now on, with its turn, what it paid in and what it owes. "
        "Nobody else's turn moves.",
        "{chama}: a member's place has gone to somebody else. Nobody else's turn moves. Details: {ussd}",
        Kind.MONEY,
    ),
    "place_given": Template(
        "{chama}: {other} has your place from now on, with all that it paid in and owes (page {page}). You are no "
        "member any more and owe nothing.",
        "{chama}: your question is settled. You owe nothing.",
        Kind.MONEY,
    ),
    "place_taken": Template(
        "{chama}: the place of {name} is yours, member number {number}. It owes KES {owed} (page {page}). "
        "To contribute and to see your turn dial {ussd}",
        "{chama}: you are in. Details: {ussd}",
        Kind.MONEY,
    ),
}
