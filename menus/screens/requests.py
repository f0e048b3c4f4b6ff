"""Requests: what waits for this member's yes or no."""

from menus.dialog import Menu, screen
from menus.visit import Visit


@screen
def waiting(visit: Visit) -> Menu:
    """Payouts to approve and cash to confirm will stand here; today a group has neither, and it says so."""
    return Menu(visit.say("No request waits for your answer."))
