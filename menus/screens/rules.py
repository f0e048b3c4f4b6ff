"""The rules of a chama, heard line by line."""

from chamas import rounds
from menus import printing, ruling
from menus.dialog import List, Menu, Row, go, screen
from menus.visit import Visit


@screen
def heard(visit: Visit, chama: int, after: int = 0) -> List | Menu:
    """Every rule that holds today, a line each."""
    name = printing.chama(visit.her.member_of(chama).name)
    found = rounds.rules_at(visit.conn, chama, visit.at)
    if found is None:
        return Menu(visit.say("{chama} has no rules yet.", chama=name))
    rows = tuple(Row(number, line) for number, line in enumerate(ruling.lines(visit, found.rules), 1))
    return List(visit.say("Rules"), rows, go(heard, chama=chama), after)
