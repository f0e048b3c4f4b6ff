"""What messages say. Templates are English msgids, translated by whoever renders them when a message is sent."""

from collections.abc import Mapping

from chamas.telling.asked_for import ANSWERS
from chamas.telling.joining_words import JOINING_TEMPLATES
from chamas.telling.loan_words import LOAN_TEMPLATES
from chamas.telling.notice_states import Kind
from chamas.telling.office_words import OFFICE_TEMPLATES
from chamas.telling.place_words import PLACE_TEMPLATES
from chamas.telling.received_words import RECEIVED_TEMPLATES
from chamas.telling.round_words import ROUND_TEMPLATES
from chamas.telling.wording import Template

# Each fits one segment of 160 GSM-7 characters with the longest values in both languages; a test counts them.
TEMPLATES: Mapping[str, Template] = {
    **ROUND_TEMPLATES,
    **LOAN_TEMPLATES,
    **RECEIVED_TEMPLATES,
    **OFFICE_TEMPLATES,
    **JOINING_TEMPLATES,
    **PLACE_TEMPLATES,
    "take_back_asked": Template(
        "{chama}: M-PESA does not know KES {amount} ({receipt}), or gave it back. To agree that it counts no more: "
        "{ussd}, Office, To agree on.",
        "{chama}: something waits for your word. Details: {ussd}",
        Kind.ANSWER,
    ),
    # Both had read that it is booked soon.
    "settlement_void": Template(
        "{chama}: KES {amount} of {paid_date} was not given to {name}: it was settled another way, or {name} takes no "
        "money now. Your request is void.",
        "{chama}: a request about money came to nothing. Details: {ussd}",
        Kind.NEWS,
    ),
    "contribution_taken_back": Template(
        "{chama}: M-PESA does not know KES {amount} ({receipt}). Officials took it back: it counts no more. "
        "Page {page} {words}. Ask them.",
        "{chama}: a payment was taken back. Page {page} {words}. Ask an official.",
        Kind.MONEY,
    ),
    "contribution_returned": Template(
        "{chama}: M-PESA gave KES {amount} ({receipt}) back to who paid. It counts no more. Page {page} {words}. "
        "Ask an official.",
        "{chama}: a payment went back to who paid. Page {page} {words}. Ask an official.",
        Kind.MONEY,
    ),
    # "Has not come", and not "failed": a prompt that nobody answered may still be paid late.
    "contribution_not_paid": Template(
        "{chama}: your KES {amount} has not come. {why} To try again: {ussd}",
        "{chama}: your payment has not come. To try again: {ussd}",
        Kind.MONEY,
    ),
    "join_request": Template(
        "{chama}: {name} asks to join (number {number}). To answer dial {ussd}, Requests.",
        "{chama}: somebody asks to join. To answer dial {ussd}, Requests.",
        Kind.ANSWER,
    ),
    "joined": Template(
        "{chama}: {name} accepted the invitation and is member {number}.",
        "{chama}: an invitation was accepted. Details: {ussd}",
        Kind.NEWS,
    ),
    "not_admitted": Template(
        "{chama}: your request to join was not accepted. Ask the chairperson why. You owe nothing.",
        "{chama}: your request was answered. Details: ask the chairperson.",
        Kind.NEWS,
    ),
    "chama_started": Template(
        "{chama} has started: KES {amount} {every}. Your turn is number {number}. To contribute dial {ussd}",
        "{chama} has started. Details: {ussd}",
        Kind.NEWS,
    ),
    "chama_completed": Template(
        "{chama} is complete. What M-PESA still holds of you comes back to your phone, less its charge. "
        "Details: {ussd}",
        "{chama} is complete. Details: {ussd}",
        Kind.MONEY,
    ),
    "chama_cancelled": Template(
        "{chama} is cancelled. What M-PESA holds of you comes back to your phone, less its charge. Details: {ussd}",
        "{chama} is cancelled. Details: {ussd}",
        Kind.MONEY,
    ),
    "recruitment_over": Template(
        "{chama}: the time to join is over, {number} people are in. Start it, take more people, or call it off.",
        "{chama}: the time to join is over. Details: {ussd}",
        Kind.ANSWER,
    ),
    "order_refused": Template(
        "{chama}: what you asked for was not done. {why}",
        "{chama}: what you asked for was not done. Details: {ussd}",
        Kind.NEWS,
    ),
    "refund_paid": Template(
        "{chama}: KES {amount} of yours sent back to you {paid_date}. M-PESA {receipt}. Page {page} {words}. "
        "Details: {ussd}",
        "{chama}: your money was sent back. Page {page} {words}. Details: {ussd}",
        Kind.MONEY,
    ),
    "refund_failed": Template(
        "{chama}: KES {amount} of yours could not be sent back yet. {why} It stays yours. Ask an official.",
        "{chama}: your money could not be sent back yet. It stays yours. Ask an official.",
        Kind.MONEY,
    ),
    # Without the official's figure: she says hers first.
    "cash_to_confirm": Template(
        "{chama}: {official} wrote that you paid CASH on {paid_date}. To say how much you gave: {ussd}, Requests. "
        "Until then it does not count.",
        "{chama}: something waits for your word. Details: {ussd}",
        Kind.ANSWER,
    ),
    "cash_booked": Template(
        "{chama}: KES {amount} cash of {paid_date} is booked. Your total {total}. Page {page} {words}. Code {code}. "
        "Check: {check}",
        "{chama}: booked, thank you. Page {page} {words}. Details: {ussd}",
        Kind.MONEY,
    ),
    "cash_booked_fined": Template(
        "{chama}: KES {amount} cash is booked, of it a fine of {fine}. Your total {total}. Page {page} {words}. "
        "Check: {check}",
        "{chama}: booked, thank you. Page {page} {words}. Details: {ussd}",
        Kind.MONEY,
    ),
    "cash_booked_disputed": Template(
        "{chama}: KES {amount} cash is booked. Your fine of {fine} is disputed. Your total {total}. "
        "Page {page} {words}. Check: {check}",
        "{chama}: booked, thank you. Page {page} {words}. Details: {ussd}",
        Kind.MONEY,
    ),
    "cash_disputed": Template(
        "{chama}: {name} says KES {said} cash was given, {official} wrote {amount} ({paid_date}). Nothing is booked. "
        "Ask them both.",
        "{chama}: a member and an official disagree about cash. Details: {ussd}",
        Kind.MONEY,
    ),
    "cash_denied": Template(
        "{chama}: {name} says KES {said} cash was given, you wrote {amount} ({paid_date}). Nothing is booked. "
        "Talk to each other.",
        "{chama}: a member says otherwise about cash that you wrote. Details: {ussd}",
        Kind.MONEY,
    ),
    "cash_unconfirmed": Template(
        "{chama}: KES {amount} cash of {name}, written by {official} on {paid_date}, is not confirmed for 7 days. "
        "It does not count.",
        "{chama}: cash is not confirmed for 7 days. Details: {ussd}",
        Kind.MONEY,
    ),
    "cash_banked": Template(
        "{chama}: KES {amount} out of the cash box was paid in to M-PESA. M-PESA {receipt}. In the box now: {held}. "
        "Page {page} {words}.",
        "{chama}: cash was paid in to M-PESA. Page {page} {words}. Details: {ussd}",
        Kind.MONEY,
    ),
    "kyc_verified": Template(
        "PesaChama: your papers are checked, thank you. Nobody may ask you for any PIN.",
        "PesaChama: your papers are checked, thank you. Nobody may ask you for any PIN.",
        Kind.NEWS,
    ),
    "kyc_rejected": Template(
        "PesaChama: your papers were not accepted. {why} Ask an official of your chama for help.",
        "PesaChama: your papers were not accepted. {why} Ask an official of your chama for help.",
        Kind.NEWS,
    ),
    "meeting_set": Template(
        "{chama}: meeting on {starts_date}, {starts_time}. To say whether you come: {ussd}, More, Meetings.",
        "{chama}: meeting on {starts_date}, {starts_time}. To say whether you come: {ussd}, More, Meetings.",
        Kind.NEWS,
    ),
    "meeting_tomorrow": Template(
        "{chama}: remember the meeting on {starts_date}, {starts_time}. To send an apology: {ussd}, More, Meetings.",
        "{chama}: remember the meeting on {starts_date}, {starts_time}. To send an apology: {ussd}, More, Meetings.",
        Kind.NEWS,
    ),
    "meeting_cancelled": Template(
        "{chama}: there is no meeting on {starts_date}, {starts_time}. It was cancelled.",
        "{chama}: there is no meeting on {starts_date}, {starts_time}. It was cancelled.",
        Kind.NEWS,
    ),
    # To all officials at once, with the three figures: each can count for herself.
    "box_short": Template(
        "{chama}: KES {amount} are MISSING in the cash box. Counted {counted}, the books hold {held}. "
        "Look for it together.",
        "{chama}: the cash box and the books differ. Details: {ussd}",
        Kind.MONEY,
    ),
    "box_over": Template(
        "{chama}: KES {amount} TOO MUCH in the cash box. Counted {counted}, the books hold {held}. Whose is it?",
        "{chama}: the cash box and the books differ. Details: {ussd}",
        Kind.MONEY,
    ),
    **{name: Template(words, private, Kind.ANSWER) for name, (words, private) in ANSWERS.items()},
    # Group money never leaves in silence: who must answer, then everybody, then everybody again.
    "payout_asked": Template(
        "{chama}: KES {amount} to {name} is asked for, and M-PESA takes {charge}. It needs your yes or no. "
        "Dial {ussd}, Requests.",
        "{chama}: a payout needs your yes or no. Dial {ussd}, Requests.",
        Kind.ANSWER,
    ),
    "payout_coming": Template(
        "{chama}: KES {amount} to {name} was approved and will be sent soon. To stop it dial {ussd}, Requests.",
        "{chama}: a payout was approved. To stop it dial {ussd}, Requests.",
        Kind.MONEY,
    ),
    "payout_rejected": Template(
        "{chama}: KES {amount} to {name} will not be sent. Why: {ussd}, Requests.",
        "{chama}: a payout will not be sent. Why: {ussd}, Requests.",
        Kind.MONEY,
    ),
    "payout_refused": Template(
        "{chama}: KES {amount} to {name} will not be sent: an official said no. Why: {ussd}, Requests.",
        "{chama}: a payout was refused. Why: {ussd}, Requests.",
        Kind.MONEY,
    ),
    "payout_stopped": Template(
        "{chama}: KES {amount} to {name} will not be sent: members stopped it. Details: {ussd}, Requests.",
        "{chama}: members stopped a payout. Details: {ussd}, Requests.",
        Kind.MONEY,
    ),
    "payout_paid": Template(
        "{chama}: KES {amount} sent to {name} {paid_date}. M-PESA {receipt}. Page {page} {words}. {ussd}, Requests.",
        "{chama}: a payout was sent. Page {page} {words}. Details: {ussd}, Requests.",
        Kind.MONEY,
    ),
    "payout_failed": Template(
        "{chama}: KES {amount} to {name} was not sent. {why} To ask again: {ussd}, Requests.",
        "{chama}: a payout was not sent. To ask again: {ussd}, Requests.",
        Kind.MONEY,
    ),
    "reminder": Template(
        "{chama}: KES {missing} for round {round} is due {closes_date}. To pay dial {ussd}. "
        "Reply STOP to end reminders.",
        "{chama}: a payment is due {closes_date}. Details: {ussd}. Reply STOP to end reminders.",
        Kind.REMINDER,
    ),
    "balance_disputed": Template(
        "{chama}: {name} says that her balance on page {page}, KES {total}, is not right. Talk to her, look at the "
        "pages together. Help: {ussd}",
        "{chama}: a member says that her balance is not right. Help: {ussd}",
        Kind.ANSWER,
    ),
    "cap_reached": Template(
        "{chama}: SMS of this month cost KES {spent}, the limit is {cap}. Reminders and news now wait for the next "
        "dial. Money is still told by SMS.",
        "{chama}: the SMS limit of this month is reached. Details: {ussd}",
        Kind.ANSWER,
    ),
    # The whole seal: whoever wants to check the ballot needs every letter of it.
    "ballot_called": Template(
        "{chama}: ballot for payout order. Seal {seal} Your number by {until_date}: {ussd} More, Order",
        "{chama}: ballot for payout order. Seal {seal} Your number by {until_date}: {ussd} More, Order",
        Kind.ANSWER,
    ),
    "ballot_drawn": Template(
        "{chama}: the ballot is drawn. You are number {number} of {count} whose turn is to come. "
        "The order: {ussd}, More.",
        "{chama}: the ballot is drawn. The order: {ussd}, More.",
        Kind.MONEY,
    ),
    "ballot_void": Template(
        "{chama}: the ballot is void: nothing was drawn and the order stays. An official can call a new one.",
        "{chama}: the ballot is void and the order stays.",
        Kind.MONEY,
    ),
    "rules_asked": Template(
        "{chama}: {name} asks for other rules. To hear them and answer dial {ussd}, More, Rules.",
        "{chama}: new rules need your answer. Dial {ussd}, More, Rules.",
        Kind.ANSWER,
    ),
    "rules_changed": Template(
        "{chama}: new rules hold for rounds that open from {begins_date} on. To hear them: {ussd}, More, Rules.",
        "{chama}: new rules hold for rounds that open from {begins_date} on. To hear them: {ussd}, More, Rules.",
        Kind.MONEY,
    ),
    "rules_refused": Template(
        "{chama}: the new rules that {name} asked for are not agreed on. The rules stay as they are.",
        "{chama}: new rules were not agreed on. The rules stay.",
        Kind.NEWS,
    ),
    "swap_asked": Template(
        "{chama}: {name} asks to swap turns of payout with you. To answer dial {ussd}, More, Order.",
        "{chama}: something waits for your word. Details: {ussd}",
        Kind.ANSWER,
    ),
    "swap_done": Template(
        "{chama}: {name} and {other} have swapped their turns of payout. The order: {ussd}, More.",
        "{chama}: two members have swapped their turns of payout. The order: {ussd}, More.",
        Kind.MONEY,
    ),
    "swap_declined": Template(
        "{chama}: {other} does not want to swap turns. You keep yours.",
        "{chama}: your question was answered with no. Details: {ussd}",
        Kind.NEWS,
    ),
}


def kind_of(template: str) -> Kind:
    """What messages of this name are about. Raises KeyError."""
    return TEMPLATES[template].kind
