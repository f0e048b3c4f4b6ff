"""What messages say that somebody asked for: her statement, who has not paid, a new chama PIN.

Like those of templates.py, English msgids: for everybody, and for a member who keeps amounts and names out of her SMS.
"""

from collections.abc import Mapping

# No names and no amounts in them: the same for every phone.
PIN_CODE = "{number} is your code for a new CHAMA PIN. Dial {ussd}, More, CHAMA PIN within 10 minutes. Tell nobody."
PIN_READY = "{chama}: you can choose a new CHAMA PIN now: {ussd}, More, CHAMA PIN. It decides on money after 3 days."

DESK_CODE = "{number} is your code for the web desk of your chama. It holds for 10 minutes. Give it to nobody."

ANSWERS: Mapping[str, tuple[str, str]] = {
    # What she asked to be sent: digits and names, packed by chamas/dues/readouts.py.
    "statement": (
        "{chama}, your statement {number}/{all} (> paid to you): {lines}",
        "{chama}: your statement is in the menu: {ussd}",
    ),
    "who_owes": (
        "{chama}, not yet paid {number}/{all}: {lines}",
        "{chama}: who has paid is in the menu: {ussd}",
    ),
    "pin_code": (PIN_CODE, PIN_CODE),
    "desk_code": (DESK_CODE, DESK_CODE),
    "pin_ready": (PIN_READY, PIN_READY),
    "pin_vouched": (
        "{chama}: members who saw or heard {name} today said yes to a new CHAMA PIN. Not so? Tell your officials.",
        "{chama}: a member gets a new CHAMA PIN. Details: {ussd}",
    ),
    "pin_stopped": (
        "{chama}: a new CHAMA PIN for {name} was asked for and stopped. If you did not ask, tell your officials.",
        "{chama}: a new CHAMA PIN was asked for and stopped. Details: {ussd}",
    ),
}
