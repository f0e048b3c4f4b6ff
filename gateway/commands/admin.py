"""Seats an admin of the desk, or gives one a new password. Generates the password and shows it once, unless told it.

The password never stands among the arguments, where every user of the machine could read it.
"""

import argparse
import getpass
import re
import sys

from chamas.members import register
from gateway.commands import environment
from gateway.desk import passwords, sessions
from gateway.desk.sign_in import plain_address
from gateway.wiring import Wiring
from ledger.wires import Connection

# NIST SP 800-63B asks for 8 with a second factor and 15 without; there is no second factor yet, but slow hashing and
# waits after the third wrong try.
SHORTEST = 12
# Out of them come twenty characters, which a person can still copy from a screen; the rest of the division is nothing.
GENERATED_BYTES = 24
LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that is taken for another


class Unfit(Exception):
    """A password that cannot be used; says why and never repeats it."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: pesachama admin asha@chama.example --name Asha"
    parser.add_argument("email", type=address, help="what the admin signs in with")
    parser.add_argument("--name", default="Admin", help="the first name that the desk shows")
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--ask", action="store_true", help="ask for the password at this terminal, twice")
    chosen.add_argument("--stdin", action="store_true", help="read the password from the first line of standard input")


def run(options: argparse.Namespace) -> int:
    wiring = environment.wiring("worker")
    try:
        told = options.ask or options.stdin
        password = (asked() if options.ask else piped()) if told else generated(wiring)
        seat(wiring, options.email, options.name, password)
    except Unfit as why:
        print(why, file=sys.stderr)
        return 2
    finally:
        wiring.close()
    print(f"{options.email} signs in at {wiring.public_url}/desk/status")
    if not told:
        print(f"with this password, shown only now:\n{password}")
    return 0


def named(conn: Connection, address: str | None) -> int | None:
    """The id of the admin whom --by names, None without it. Raises LookupError with what to tell."""
    found = register.operator_id(conn, plain_address(address)) if address else None
    if address and found is None:
        raise LookupError("nobody signs in with the address of --by")
    return found


def seat(wiring: Wiring, email: str, name: str, password: str) -> None:
    """Writes the admin, and signs out whoever came in with an earlier password."""
    password_hash = passwords.hash_password(password)
    with wiring.transaction() as conn:
        user_id = register.seat_operator(
            conn, email=email, password_hash=password_hash, first_name=name, platform_role="admin", at=wiring.now()
        )
        sessions.end_all(conn, user_id)


def generated(wiring: Wiring) -> str:
    """Twenty letters and digits out of chance, about 115 bits."""
    drawn = int.from_bytes(wiring.chance.token_bytes(GENERATED_BYTES))
    letters = []
    for _ in range(20):
        drawn, place = divmod(drawn, len(LETTERS))
        letters.append(LETTERS[place])
    return "".join(letters)


def asked() -> str:
    """The password as typed twice, unseen."""
    password = getpass.getpass("New password: ")
    if getpass.getpass("Once more: ") != password:
        raise Unfit("These were two different passwords: nothing was changed.")
    return fit(password)


def piped() -> str:
    return fit(sys.stdin.readline().rstrip("\r\n"))


def fit(password: str) -> str:
    """The password, when it can be used; raises Unfit."""
    if not SHORTEST <= len(password) <= passwords.LONGEST:
        raise Unfit(f"A password has {SHORTEST} to {passwords.LONGEST} characters: nothing was changed.")
    return password


def address(text: str) -> str:
    """An e-mail address as it is kept; raises ArgumentTypeError for what is none."""
    plain = plain_address(text)
    if len(plain) > 320 or not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", plain):
        raise argparse.ArgumentTypeError(f"{text!r} is no e-mail address")
    return plain
