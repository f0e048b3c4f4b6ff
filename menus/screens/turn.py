"""The order of payout: who comes when, changing places with somebody, and the ballot."""

from dataclasses import replace
from datetime import datetime

from chamas.cycle import ballots, places, rounds, swaps
from chamas.cycle.rounds import Round
from chamas.dues import owing
from chamas.members import standing
from chamas.members.access import NOT_RUNNING
from chamas.rulebook.rule_sets import RuleSet
from chamas.rulebook.rules import OrderKind
from menus import layout, printing
from menus.dialog import Ask, Confirm, End, Go, List, Menu, Option, Row, action, go, guarded_screen, screen
from menus.screens import pin
from menus.visit import Membership, Visit


@guarded_screen
def menu(visit: Visit, chama: int) -> Menu:
    """Where she stands, and what she can do about it."""
    mine = visit.her.member_of(chama)
    rules = rounds.rules_at(visit.conn, chama, visit.at)
    everybody = places.everybody(visit.conn, chama)
    lined_up, settled = _lined_up(visit, chama, everybody, rules)
    hers = next((number for number, place in enumerate(lined_up, 1) if place.member_id == mine.member_id), None)
    options = [Option("1", visit.say("The whole order"), go(whole, chama=chama))]
    if settled and hers is not None and not lined_up[hers - 1].served:
        options.append(Option("2", visit.say("Swap my turn"), go(swap, chama=chama)))
    number = next((place.number for place in everybody if place.member_id == mine.member_id), 0)
    if ballots.waits_for(visit.conn, mine.member_id, number, chama):
        options.append(Option("3", visit.say("My number for the ballot"), go(ballot, chama=chama)))
    if mine.official and rules is not None and rules.rules.order is OrderKind.BALLOT:
        options.append(Option("4", visit.say("Call the ballot"), go(call, chama=chama)))
    for question in swaps.waiting_for(visit.conn, visit.her.user_id, visit.at)[:1]:
        label = visit.say("{name} asks to swap turns", name=printing.person(question.asker))
        options.append(Option("5", label, go(answer, question=question.id)))
    name = printing.chama(mine.name)
    if hers is None:
        return Menu(visit.say("{chama}: you have no place in the order of payout yet.", chama=name), tuple(options))
    facts = {"chama": name, "number": hers, "all": len(lined_up)}
    if not settled:
        words = "{chama} has not started. So far you are number {number} of {all}."
        return Menu(visit.say(words, **facts), tuple(options))
    text = visit.say("{chama}: you are number {number} of {all}.", **facts)
    menu = Menu(f"{text}{_when(visit, mine, lined_up[hers - 1])}", tuple(options))
    # With every question that can wait for her there is room for the place only: her home screen says the day.
    return menu if layout.fits(menu, visit.say) else replace(menu, text=text)


def _lined_up(
    visit: Visit, chama: int, everybody: list[places.Place], rules: RuleSet | None
) -> tuple[list[places.Place], bool]:
    """Who stands in the order, and whether that is settled. Before the start of a group, and its ballot, its founder
    alone has a place; where all are paid by their numbers theirs can be told all the same.
    """
    placed = [place for place in everybody if place.position is not None]
    begun = visit.her.member_of(chama).contributes or len(placed) == len(everybody) > 1
    if begun or standing.group(visit.conn, chama_id=chama).status not in NOT_RUNNING:
        return placed, True
    by_number = rules is None or rules.rules.order is OrderKind.JOINING
    return everybody if by_number else [], False


def _when(visit: Visit, mine: Membership, place: places.Place) -> str:
    """When she was paid, or her turn comes, where the calendar knows; that it is in the open round, or over."""
    if place.paid_at:
        return f"\n{visit.say('You were paid on {day}.', day=printing.day(visit, place.paid_at))}"
    day = owing.dues(visit.conn, mine.member_id, visit.at).turn_at
    if place.served and day:
        return f"\n{visit.say('Your turn is now: {day}', day=printing.last_day(visit, day))}"
    if place.served:
        return f"\n{visit.say('You had your turn. The next comes when all have had theirs.')}"
    return f"\n{visit.say('Your turn: {day}', day=printing.last_day(visit, day))}" if day else ""


@guarded_screen
def whole(visit: Visit, chama: int, after: int = 0) -> List:
    """Everybody, in the order of payout."""
    visit.her.member_of(chama)
    rules = rounds.rules_at(visit.conn, chama, visit.at)
    lined_up, _ = _lined_up(visit, chama, places.everybody(visit.conn, chama), rules)
    initials = rules is not None and rules.rules.initials
    now_open = rounds.active_round(visit.conn, chama)
    rows = tuple(
        Row(number, _row(visit, number, place, initials, _day(now_open, lined_up, place)))
        for number, place in enumerate(lined_up, 1)
    )
    return List(visit.say("Order"), rows, go(whole, chama=chama), after)


def _day(now_open: Round | None, lined_up: list[places.Place], place: places.Place) -> datetime | None:
    """When the round of this turn closes (UTC), where one is open to count from."""
    if now_open is None or now_open.turn is None or place.position is None:
        return None
    before = [one for one in lined_up if one.position and now_open.turn < one.position <= place.position]
    return rounds.turn_at(now_open, ahead=len(before) if place.position >= now_open.turn else None)


def _row(visit: Visit, number: int, place: places.Place, initials: bool, day: datetime | None) -> str:
    name = f"{place.number} {place.first_name[:1]}" if initials else printing.person(place.first_name)
    if place.paid_at:
        return visit.say(
            "{number}. {name}, paid {day}", number=number, name=name, day=printing.day(visit, place.paid_at)
        )
    if day:
        return f"{number}. {name}, {printing.last_day(visit, day)}"
    if place.served:
        return visit.say("{number}. {name}, turn has come", number=number, name=name)
    return f"{number}. {name}"


@screen
def swap(visit: Visit, chama: int) -> Ask | Menu:
    """With whom? By member number."""
    visit.her.member_of(chama)
    if not visit.her.has_pin:
        choose = (Option("1", visit.say("CHAMA PIN"), go(pin.choose)),)
        return Menu(visit.say("To swap you need a CHAMA PIN."), choose)
    text = visit.say("With whom do you want to swap your turn? Type the member number.")
    return Ask(text, to=go(swap_pin, chama=chama), fill="number", kind="number")


@guarded_screen
def swap_pin(visit: Visit, chama: int, number: int, wrong: bool = False) -> Ask:
    """Her PIN: what follows is an action. Who cannot be swapped with is refused before it."""
    swaps.both(visit.conn, chama, by_user_id=visit.her.user_id, number=number)
    words = "To ask member {number} to swap turns type your CHAMA PIN (5 digits). Never your M-PESA PIN."
    text = visit.say(words, number=number)
    text = pin.worded(visit, text, wrong)
    return Ask(text, shown="back", to=go(swap_asked, chama=chama, number=number), fill="typed", kind="pin")


@action
def swap_asked(visit: Visit, chama: int, number: int, typed: str) -> Go | End:
    """The other is asked by SMS, and answers on her own phone."""
    if no := pin.objection(visit, typed, again=go(swap_pin, chama=chama, number=number)):
        return no
    asked = swaps.ask(visit.conn, chama, by_user_id=visit.her.user_id, number=number, at=visit.at)
    return End(
        visit.say(
            "{name} is asked to swap turns with you. Both stay until she agrees.", name=printing.person(asked.other)
        )
    )


@screen
def answer(visit: Visit, question: int) -> Menu:
    """Somebody asks her to swap."""
    found = swaps.find(visit.conn, question)
    facts = {"name": printing.person(found.asker), "chama": printing.chama(found.chama)}
    text = visit.say("{name} asks to swap turns with you in {chama}.", **facts)
    return Menu(
        text,
        (
            # Chosen first, it is asked for when she has dialled again.
            Option("1", visit.say("Swap"), go(answer_pin, question=question) if visit.her.has_pin else go(pin.choose)),
            Option("2", visit.say("Do not swap"), go(decline, question=question)),
        ),
    )


@screen
def answer_pin(visit: Visit, question: int, wrong: bool = False) -> Ask:
    """Her PIN: what follows is an action."""
    text = visit.say("To swap turns type your CHAMA PIN (5 digits). Never your M-PESA PIN.")
    text = pin.worded(visit, text, wrong)
    return Ask(text, shown="back", to=go(agree, question=question), fill="typed", kind="pin")


@action
def agree(visit: Visit, question: int, typed: str) -> Go | End:
    """Both stand in the other's place, and everybody is told."""
    if no := pin.objection(visit, typed, again=go(answer_pin, question=question)):
        return no
    swaps.answer(visit.conn, question, user_id=visit.her.user_id, yes=True, at=visit.at)
    return End(visit.say("Swapped: each of you has the other's turn now. Everybody is told."))


@action
def decline(visit: Visit, question: int) -> End:
    """Nothing changes."""
    swaps.answer(visit.conn, question, user_id=visit.her.user_id, yes=False, at=visit.at)
    return End(visit.say("You keep your turn. The other member is told."))


@screen
def ballot(visit: Visit, chama: int) -> Ask:
    """A number of her choice."""
    visit.her.member_of(chama)
    text = visit.say(
        "Ballot: type any number of 1 to 9 digits that nobody can guess. It helps to decide the order of payout."
    )
    return Ask(text, shown="back", to=go(put_in, chama=chama), fill="number", kind="number")


@action
def put_in(visit: Visit, chama: int, number: int) -> End:
    """It stands; nobody sees it before the end."""
    found = ballots.put_in(visit.conn, chama, user_id=visit.her.user_id, typed=str(number), at=visit.at)
    assert found.closes_at is not None  # noqa: S101
    return End(
        visit.say(
            "Your number is in. The order is drawn by {day} and comes by SMS.", day=printing.day(visit, found.closes_at)
        )
    )


@screen
def call(visit: Visit, chama: int) -> Confirm:
    """An official calls it."""
    visit.her.member_of(chama)
    text = visit.say(
        "Call the ballot for the order of payout? Every member gets an SMS and has two days to type a number."
    )
    return Confirm(text, yes=go(called, chama=chama), no=go(menu, chama=chama))


@action
def called(visit: Visit, chama: int) -> End:
    """The worker draws the seed and tells everybody its seal."""
    ballots.call(visit.conn, chama, by_user_id=visit.her.user_id, at=visit.at)
    return End(visit.say("The ballot is called. Every member gets an SMS."))
