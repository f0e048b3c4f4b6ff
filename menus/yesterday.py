"""Yesterday's payments of a group in one sentence, ready for a screen or an SMS."""

from ledger.money import print_kes
from menus.locale import say
from payments.reconciliation.day_heard import Heard


def sentence(language: str, heard: Heard) -> str:
    """`Yesterday 42 payments, KES 21,300, all matched with M-PESA.` Leaves room for options on a screen."""
    facts = {"count": heard.count, "amount": print_kes(heard.cents)}
    if not heard.count:
        return say(language, "Yesterday no payment came.")
    if heard.state == "differs":
        return say(
            language, "Yesterday {count} paid, KES {amount}. M-PESA's list differs: we are looking into it.", **facts
        )
    if heard.state == "not_compared":
        return say(language, "Yesterday {count} paid, KES {amount}, not yet compared with M-PESA's list.", **facts)
    if heard.count == 1:
        return say(language, "Yesterday 1 payment, KES {amount}, matched with M-PESA.", amount=facts["amount"])
    return say(language, "Yesterday {count} payments, KES {amount}, all matched with M-PESA.", **facts)
