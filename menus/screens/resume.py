"""A session of hers was cut off a moment ago: go on there, or begin anew."""

from collections.abc import Sequence
from typing import Any

from menus.dialog import AT_HOME, Menu, Option, back_to, screen
from menus.locale import msgids
from menus.visit import Visit

# What an errand is called, as on the home screen.
ERRANDS = {
    "contribute": "Contribute",
    "balance": "Balance",
    "paid": "Who has paid",
    "requests": "Requests",
    "payout": "Requests",
    "stopped": "Requests",
    "renew": "Requests",
    "ask": "Ask for a payout",
    "check": "Check a payment",
    "more": "More",
    "language": "Language",
    "messages": "Messages",
    "cash": "Record cash",
    "confirm": "My balance",
    "officials": "Office",
    "unmatched": "Money without a name",
    "taken_back": "Office",
    "join": "Join a chama",
    "found": "Create a chama",
    "invite": "Invite somebody",
    "rules": "Rules of my chama",
    "turn": "Order of payout",
    "run": "Run the chama",
    "meetings": "Meetings",
    "sitting": "Meetings",
    "fines": "Fines",
    "leave": "Leave the chama",
    "offices": "Officials",
    "place": "Leave the chama",
    "shared": "Shared phone",
    "box": "Cash box",
    "bank": "Bank",
    "mine": "My data",
    "loan": "My loan",
    "share": "Share-out",
}
(SOMEWHERE,) = msgids("the menu")
# None of the menu's keys: when this session is lost too, they must not be taken for a choice there.
ON, MENU = "8", "9"


@screen
def offer(visit: Visit, path: Sequence[Sequence[Any]]) -> Menu:
    """Stands before the menu of an empty dial. It leads to the screen that was left, and answers nothing there."""
    errand = str(path[-1][0]).partition(".")[0]
    return Menu(
        visit.say("You were cut off at: {errand}. Go on there?", errand=visit.say(ERRANDS.get(errand, SOMEWHERE))),
        (Option(ON, visit.say("Go on"), back_to(path)), Option(MENU, visit.say("Menu"), AT_HOME)),
        shown="none",
    )
