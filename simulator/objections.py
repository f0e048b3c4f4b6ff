"""What the control doors refuse, besides the ValueError of a body that cannot be read."""


class NotNow(Exception):
    """The wish is fine, the moment is not: nothing shows on the phone, too little money. Answered with 409."""
