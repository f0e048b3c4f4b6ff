"""What SMS say to whoever is invited or let in; with its deposit where the group asks for one before it starts."""

from collections.abc import Mapping

from chamas.telling.notice_states import Kind
from chamas.telling.wording import Template

JOINING_TEMPLATES: Mapping[str, Template] = {
    # `dial` leads a stranger to where she types the code; to a member the same string would mean something else. A code
    # is never dialled ahead: a wrong one is counted, and that is an action.
    "invitation": Template(
        "{name} invites you to {chama}: KES {amount} {every}. To answer dial {dial} and type {code}. It is free. "
        "Give nobody money or any PIN.",
        "{chama} invites you. To answer dial {dial} and type {code}. It is free. Give nobody money or any PIN.",
        Kind.ANSWER,
    ),
    "invitation_deposit": Template(
        "{name} invites you to {chama}: KES {amount} {every}, deposit {missing}. To answer dial {dial}, type "
        "{code}. Give nobody money or any PIN.",
        "{chama} invites you. To answer dial {dial} and type {code}. Give nobody money or any PIN.",
        Kind.ANSWER,
    ),
    "invitation_to_a_member": Template(
        "{name} invites you to {chama}: KES {amount} {every}. To answer dial {ussd}, More, Join a chama, code {code}. "
        "It is free.",
        "{chama} invites you. To answer dial {ussd}, More, Join a chama, code {code}. It is free.",
        Kind.ANSWER,
    ),
    "invitation_to_a_member_deposit": Template(
        "{name} invites you to {chama}: KES {amount} {every}, deposit {missing}. To answer dial {ussd}, More, "
        "Join a chama, code {code}.",
        "{chama} invites you. To answer dial {ussd}, More, Join a chama, code {code}.",
        Kind.ANSWER,
    ),
    # The same from an admin of the house, at the desk or by a program: in nobody's name who has not done it.
    "house_invitation": Template(
        "You are invited to {chama}: KES {amount} {every}. To answer dial {dial} and type {code}. It is free. "
        "Give nobody money or any PIN.",
        "{chama} invites you. To answer dial {dial} and type {code}. It is free. Give nobody money or any PIN.",
        Kind.ANSWER,
    ),
    "house_invitation_deposit": Template(
        "You are invited to {chama}: KES {amount} {every}, deposit {missing}. To answer dial {dial}, type {code}. "
        "Give nobody money or any PIN.",
        "{chama} invites you. To answer dial {dial} and type {code}. Give nobody money or any PIN.",
        Kind.ANSWER,
    ),
    "house_invitation_to_a_member": Template(
        "You are invited to {chama}: KES {amount} {every}. To answer dial {ussd}, More, Join a chama, code {code}. "
        "It is free.",
        "{chama} invites you. To answer dial {ussd}, More, Join a chama, code {code}. It is free.",
        Kind.ANSWER,
    ),
    "house_invitation_to_a_member_deposit": Template(
        "You are invited to {chama}: KES {amount} {every}, deposit {missing}. To answer dial {ussd}, More, "
        "Join a chama, code {code}.",
        "{chama} invites you. To answer dial {ussd}, More, Join a chama, code {code}.",
        Kind.ANSWER,
    ),
    "admitted": Template(
        "{chama}: you are in. Your member number is {number}. Dial {ussd} to contribute and to see your balance.",
        "{chama}: you are in. Details: {ussd}",
        Kind.NEWS,
    ),
    "admitted_deposit": Template(
        "{chama}: you are in, member {number}. The deposit is KES {missing}: to pay it dial {ussd}, "
        "Contribute, Deposit.",
        "{chama}: you are in. Details: {ussd}",
        Kind.NEWS,
    ),
}
