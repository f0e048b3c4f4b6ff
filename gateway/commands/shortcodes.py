"""Paybills and tills with credentials of their own: list, add, check, use for a group, reseal under a new key.

Secrets never stand among the arguments, where every user of the machine could read them: `add` reads lines like
`MPESA_PASSKEY=...` from standard input, or asks for them at a terminal.
"""

import argparse
import getpass
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from chamas import directory
from gateway.commands import environment
from gateway.wiring import Wiring
from ledger import open_book
from ledger.nairobi import local
from payments import shortcodes, witnesses
from payments.daraja import certificate
from payments.daraja.outcomes import Rejected
from payments.daraja.token import live_token
from payments.shortcodes import Credentials, NoKeys, Shortcode
from payments.strongbox import Closed
from payments.witnesses import Witness

# What `add` reads, by the names that the settings of the first shortcode have.
NEEDED = ("MPESA_CONSUMER_KEY", "MPESA_CONSUMER_SECRET", "MPESA_PASSKEY")
OPTIONAL = ("MPESA_INITIATOR_NAME", "MPESA_INITIATOR_PASSWORD", "MPESA_SECURITY_CREDENTIAL")
FIELDS = {
    "MPESA_CONSUMER_KEY": "consumer_key",
    "MPESA_CONSUMER_SECRET": "consumer_secret",
    "MPESA_PASSKEY": "passkey",
    "MPESA_INITIATOR_NAME": "initiator",
    "MPESA_INITIATOR_PASSWORD": "password",
    "MPESA_SECURITY_CREDENTIAL": "security_credential",
}


class Unfit(Exception):
    """What was given cannot be used; never repeats a secret."""


def arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    acts.add_parser("list", help="every shortcode: kind, where its credentials lie, how old its password is")
    add = acts.add_parser("add", help="a shortcode with credentials of its own, or new credentials for one")
    add.add_argument("number", help="the paybill, or the number of a till's head office")
    add.add_argument("--till", help="the till that receives the money; without it the shortcode is a paybill")
    add.add_argument("--name", required=True, help="what M-PESA calls it on the prompt")
    add.add_argument("--certificate", type=Path, help="Safaricom's certificate, fetched from the portal (PEM)")
    for name, words in (("check", "asks Safaricom for a token with its credentials"), ("use", "a group is paid there")):
        acts.add_parser(name, help=words).add_argument("number")
    acts.choices["use"].add_argument("chama", help="the number of the group, five digits")
    asks = acts.add_parser("validation", help="refuse payments under accounts that cannot exist, where Safaricom asks")
    asks.add_argument("number")
    asks.add_argument("switch", choices=("on", "off"))
    witness = acts.add_parser("witness", help="who else must confirm a prompt's money before it is credited")
    witness.add_argument("number")
    witness.add_argument("witness", choices=("none", *Witness))
    witness.add_argument("--chama", help="the number of one group that is paid there; without it, all of the shortcode")
    acts.add_parser("reseal", help="closes all credentials with the first of CREDENTIALS_KEYS")


def run(options: argparse.Namespace) -> int:
    wiring = environment.wiring("worker")
    try:
        for line in ACTS[options.act](wiring, options):
            print(line)
    except (Unfit, NoKeys, Closed, certificate.Unusable) as why:
        print(why, file=sys.stderr)
        return 1
    finally:
        wiring.close()
    return 0


def listed(wiring: Wiring, _options: argparse.Namespace) -> Iterator[str]:
    with wiring.transaction() as conn:
        for one in shortcodes.everyone(conn):
            own = shortcodes.credentials_of(conn, one, wiring.strongbox)
            where = "of its own" if own else "of the settings"
            till = f" (till {one.till_number})" if one.till_number else ""
            yield f"{one.number}{till}  {one.kind}  {one.name}  credentials {where}, payers {one.c2b_version}"


def add(wiring: Wiring, options: argparse.Namespace) -> Iterator[str]:
    """Writes row, book and box in one transaction: a shortcode without credentials would be of no use."""
    if not wiring.strongbox.usable:
        raise Unfit("CREDENTIALS_KEYS is empty: set it to 32 random bytes in hexadecimal, the same for web and worker")
    given = credentials(asked() if sys.stdin.isatty() else piped(), options.certificate)
    at = wiring.now()
    with wiring.transaction() as conn:
        there = shortcodes.by_number(conn, options.number)
        book_id = there.book_id if there else open_book(conn, kind="shortcode", name=options.number, at=at)
        kind: shortcodes.Kind = "till" if options.till else "paybill"
        shortcodes.register(
            conn, number=options.number, kind=kind, name=options.name, book_id=book_id, till_number=options.till
        )
        shortcode = known(shortcodes.by_number(conn, options.number), options.number)
        shortcodes.seal(conn, shortcode, given, wiring.strongbox, at=at, chance=wiring.chance)
    yield f"{options.number} is {'changed' if there else 'added'}; try it: pesachama shortcodes check {options.number}"


def check(wiring: Wiring, options: argparse.Namespace) -> Iterator[str]:
    """Asks for a token, which moves nothing. That passkey and initiator are right shows with the first request."""
    with wiring.transaction() as conn:
        shortcode = known(shortcodes.by_number(conn, options.number), options.number)
        own = shortcodes.credentials_of(conn, shortcode, wiring.strongbox)
    keys = shortcodes.unlock(wiring, shortcode.id).keys
    token = live_token(wiring, shortcode.id, keys)
    if isinstance(token, Rejected):
        raise Unfit(f"Safaricom gives no token: {token.code} {token.message}. Compare consumer key and secret")
    yield f"OK  Daraja gives {shortcode.number} a token"
    if not keys.may_ask_status:
        yield f"FIX {shortcode.number} has no initiator: `pesachama shortcodes add` it with one, to ask and to pay out"
    elif own and own.certificate:
        yield told(certificate.read(own.certificate), wiring.now())


def told(seen: certificate.Certificate, at: datetime) -> str:
    good = seen.begins_at <= at < seen.ends_at
    day = f"{local(seen.ends_at):%d/%m/%Y}"
    fix = "" if good else ": fetch today's from the portal; a wrong one locks the initiator"
    return f"{'OK ' if good else 'FIX'} the certificate is good until {day}{fix}"


def use(wiring: Wiring, options: argparse.Namespace) -> Iterator[str]:
    with wiring.transaction() as conn:
        shortcode = known(shortcodes.by_number(conn, options.number), options.number)
        chama_id = directory.id_by_number(conn, options.chama)
        if chama_id is None:
            raise Unfit(f"no group has the number {options.chama}")
        shortcodes.use(conn, shortcode, chama_id, at=wiring.now())
    yield f"group {options.chama} is paid at {options.number}"


def validation(wiring: Wiring, options: argparse.Namespace) -> Iterator[str]:
    with wiring.transaction() as conn:
        shortcode = known(shortcodes.by_number(conn, options.number), options.number)
        shortcodes.refuse_unknown_accounts(conn, shortcode, options.switch == "on")
    if options.switch == "off":
        yield f"{options.number} takes every payment; what fits nobody waits in suspense"
    else:
        yield f"{options.number} refuses accounts of no member, once Safaricom has external validation on for it"


def witness(wiring: Wiring, options: argparse.Namespace) -> Iterator[str]:
    asked = None if options.witness == "none" else Witness(options.witness)
    with wiring.transaction() as conn:
        shortcode = known(shortcodes.by_number(conn, options.number), options.number)
        chama_id = directory.id_by_number(conn, options.chama) if options.chama else None
        if options.chama and chama_id is None:
            raise Unfit(f"no group has the number {options.chama}")
        whose = {"chama_id": chama_id} if chama_id else {"shortcode_id": shortcode.id}
        witnesses.ask_for(conn, asked, **whose, at=wiring.now())
    what = f"group {options.chama}" if options.chama else f"{options.number}"
    yield f"{what} asks for {'no second witness' if asked is None else f'a second witness: {asked}'}"


def reseal(wiring: Wiring, _options: argparse.Namespace) -> Iterator[str]:
    with wiring.transaction() as conn:
        yield f"closed {shortcodes.seal_anew(conn, wiring.strongbox, chance=wiring.chance)} boxes anew"


ACTS: Mapping[str, Callable[[Wiring, argparse.Namespace], Iterator[str]]] = {
    "list": listed,
    "add": add,
    "check": check,
    "use": use,
    "validation": validation,
    "witness": witness,
    "reseal": reseal,
}


def known(found: Shortcode | None, number: str) -> Shortcode:
    if found is None:
        raise Unfit(f"no shortcode {number}: pesachama shortcodes list")
    return found


def credentials(said: Mapping[str, str], file: Path | None) -> Credentials:
    """The credentials out of `NAME=value` pairs and a certificate's file. Raises Unfit."""
    missing = [name for name in NEEDED if not said.get(name)]
    if missing:
        raise Unfit(f"{', '.join(missing)} must be given on standard input, one NAME=value a line")
    try:
        pem = file.read_text() if file else ""
    except (OSError, UnicodeDecodeError) as trouble:
        raise Unfit(f"{file} cannot be read ({type(trouble).__name__})") from None
    if pem:
        certificate.read(pem)
    if said.get("MPESA_INITIATOR_PASSWORD") and not pem:
        raise Unfit("a password needs --certificate, or give MPESA_SECURITY_CREDENTIAL as the portal makes it")
    return Credentials(**{field: said.get(name, "") for name, field in FIELDS.items()}, certificate=pem)


def piped() -> dict[str, str]:
    """`NAME=value` lines; others are passed over, so that a whole file of settings may be given."""
    pairs = (line.partition("=") for line in sys.stdin.read().splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip() in FIELDS}


def asked() -> dict[str, str]:
    return {name: getpass.getpass(f"{name}: ").strip() for name in (*NEEDED, *OPTIONAL)}
