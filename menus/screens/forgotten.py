"""A forgotten chama PIN: others vouch for her, or a code comes by SMS; and an official's word for a silent number.

What the PIN that is chosen then may do: chamas/persons/vouching.py.
"""

from chamas.persons import vouching
from chamas.persons.reset_states import Reset, ResetKind, ResetState
from menus.dialog import Ask, Dialog, End, Go, Menu, Option, action, go, screen
from menus.visit import Visit


@screen
def start(visit: Visit) -> Dialog:
    """What has been asked for goes on; otherwise the two ways."""
    hers, at = visit.her.user_id, visit.at
    if visit.her.shared:
        return told(visit)
    if granted := vouching.granted(visit.conn, hers, at=at):
        return allowed(visit, granted)
    asked = vouching.of_person(visit.conn, hers, ResetKind.VOUCHED, at=at)
    sent = vouching.of_person(visit.conn, hers, ResetKind.CODE, at=at)
    people = Option("1", visit.say("Two people who know me vouch"), go(ask))
    if sent is not None:
        text = visit.say("Type the 6 digits of our SMS. Tries left: {left}", left=vouching.CODE_TRIES - sent.tries)
        return Ask(text, (people,), to=go(code), fill="typed", kind="number")
    text = visit.say("Forgot your CHAMA PIN? You can contribute without it.")
    if asked is not None:
        text = visit.say("{count} of {all} have said yes to your new CHAMA PIN.", count=asked.yes, all=asked.needed)
    return Menu(text, (people, Option("2", visit.say("CHAMA PIN by SMS (to look and pay)"), go(send))))


@screen
def told(visit: Visit, left: int | None = None) -> Ask:
    """On a phone that is not hers: whoever holds it reads its SMS, and would choose the PIN that others vouched for."""
    if left is None:
        words = "An official tells you 6 digits, face to face. Another official says yes in Requests. Type the digits."
        text = visit.say(words)
    else:
        text = visit.say("These digits are wrong. Tries left: {left}", left=left)
    return Ask(text, shown="back", to=go(digits), fill="typed", kind="number")


@action
def digits(visit: Visit, typed: int) -> Go | End:
    """She has agreed long ago to what is kept of her, and chooses her PIN at once."""
    found = compared(visit, typed)
    if isinstance(found, Reset):
        return chooses(found)
    return found if isinstance(found, End) else go(told, left=found)


def compared(visit: Visit, typed: int) -> Reset | End | int:
    """Digits that an official told her: what they open, the end, or how many tries are left."""
    hers, kind = visit.her.user_id, ResetKind.TOLD
    tried = vouching.try_code(visit.conn, user_id=hers, typed=str(typed), pepper=visit.pepper, at=visit.at, kind=kind)
    if tried is not None and tried.state is ResetState.GRANTED:
        return tried
    if tried is not None:
        words = "The digits are right. Now another official must say in {code}, Requests, that it is you. Then return."
        return End(visit.say(words, code=visit.place.ussd_code))
    asked = vouching.of_person(visit.conn, hers, kind, at=visit.at)
    if asked is None:
        return End(visit.say("These digits are not valid any more. Ask an official for new ones, face to face."))
    return vouching.CODE_TRIES - asked.tries


@screen
def word(visit: Visit) -> Menu:
    """A number that was silent, without a PIN: an official who saw or heard her says that it is she."""
    if granted := vouching.granted(visit.conn, visit.her.user_id, at=visit.at):
        return allowed(visit, granted)
    text = visit.say("Did an official of your chama see or hear you today? Let one of them say that it is you.")
    return Menu(text, (Option("1", visit.say("Ask the officials"), go(ask, silent=True)),))


def allowed(visit: Visit, granted: Reset) -> Menu:
    """The way to the new PIN."""
    text = visit.say("You can choose a new CHAMA PIN now.")
    return Menu(text, (Option("1", visit.say("Choose a CHAMA PIN"), chooses(granted)),))


def chooses(granted: Reset) -> Go:
    """Where she types it."""
    # Imported late: the PIN's screens lead here, and this leads back to them.
    from menus.screens import pin  # noqa: PLC0415

    return go(pin.choose, reset=granted.id)


@action
def ask(visit: Visit, silent: bool = False) -> End:
    """Asks for people's word; asked twice it is asked once."""
    kind = ResetKind.SILENT if silent else ResetKind.VOUCHED
    asked = _ask(visit, kind)
    facts = {"count": asked.needed, "code": visit.place.ussd_code}
    if silent:
        words = "Ask an official to dial {code}, Requests, today. They must see or hear you. Give nobody any PIN."
    else:
        words = "Ask {count} members to dial {code}, Requests, today. They must see or hear you. Give nobody any PIN."
    return End(visit.say(words, **facts))


@action
def send(visit: Visit) -> End:
    """The SMS cannot be read while this screen is open."""
    _ask(visit, ResetKind.CODE)
    words = "An SMS brings 6 digits. Then dial {code}, More, CHAMA PIN, Forgotten, and type them within 10 minutes."
    return End(visit.say(words, code=visit.place.ussd_code))


@action
def code(visit: Visit, typed: int) -> Go | End:
    """Three tries."""
    tried = vouching.try_code(visit.conn, user_id=visit.her.user_id, typed=str(typed), pepper=visit.pepper, at=visit.at)
    if tried is None or tried.state is ResetState.STOPPED:
        return End(visit.say("These digits are not valid any more. Help: {helpline}", helpline=visit.place.helpline))
    return go(start)


def _ask(visit: Visit, kind: ResetKind) -> Reset:
    home = visit.her.memberships[0]
    return vouching.ask(
        visit.conn,
        user_id=visit.her.user_id,
        chama_id=home.chama_id,
        kind=kind,
        pepper=visit.pepper,
        at=visit.at,
        chance=visit.chance,
    )
