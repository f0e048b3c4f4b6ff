"""What the doctor sees of each shortcode's credentials: age, certificate, roles, and the registered addresses."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from gateway import sources
from gateway.premises import Advice
from gateway.wiring import Wiring
from ledger import nairobi
from ledger.wires import Connection
from payments import roles, shortcodes, watch
from payments.daraja import certificate
from payments.shortcodes import Credentials, NoKeys, Shortcode

# Safaricom lets an initiator's password live for 90 days; whoever waits for the last one asks with a dead one.
PASSWORD_LIVES = timedelta(days=90)
WARNED_BEFORE = timedelta(days=10)
CERTIFICATE_WARNED_BEFORE = timedelta(days=30)
# Those that come with public libraries ended in 2016 to 2019; their names stand here so that the reason can be said.
BUNDLED = ("apigee.apicaller",)


def look(wiring: Wiring, conn: Connection) -> Iterator[Advice]:
    """Every shortcode's papers, and what Safaricom said of our roles."""
    for shortcode in shortcodes.everyone(conn):
        try:
            own = shortcodes.credentials_of(conn, shortcode, wiring.strongbox)
        except NoKeys:
            fix = (
                "put the key that sealed them behind the others in CREDENTIALS_KEYS, then `pesachama shortcodes reseal`"
            )
            yield Advice(f"the credentials of {shortcode.number} open", fix)
            continue
        yield from password(wiring, shortcode, own)
        if own and own.certificate:
            yield paper(shortcode, certificate.read(own.certificate), wiring.now())
        elif own is None and shortcode.number == wiring.settings.mpesa_business_shortcode:
            yield from first_credential(wiring, shortcode)
        yield from address(wiring, shortcode)
    yield callers(wiring, conn)
    lacking = roles.missing(conn)
    if lacking:
        fix = f"at the portal give the initiator: {', '.join(lacking)}; then `pesachama doctor --ask-again`"
        yield Advice("the initiator has its roles", fix, "result 21")


def callers(wiring: Wiring, conn: Connection) -> Advice:
    """Callbacks that were believed, from addresses that nobody has listed: a drifted list, or a leaked token."""
    own = wiring.settings
    networks = sources.read(own.safaricom_addresses)
    others = {
        address: count
        for address, count in watch.callers(conn, at=wiring.now()).items()
        if not sources.is_listed(address, networks, at_home=not own.production)
    }
    what = "believed callbacks come from Safaricom's addresses"
    if not others:
        return Advice(what, seen=f"{len(networks)} listed, others: {own.other_addresses}")
    seen = ", ".join(f"{count} from {address}" for address, count in sorted(others.items())[:5])
    fix = (
        "ask Safaricom whether these are theirs, and add them to SAFARICOM_ADDRESSES; TRUSTED_PROXIES must be the "
        "number of your own proxies, or all seem to come from one"
    )
    return Advice(what, fix, seen)


def password(wiring: Wiring, shortcode: Shortcode, own: Credentials | None) -> Iterator[Advice]:
    settings = wiring.settings
    has_one = (
        own.initiator
        if own
        else shortcode.number == settings.mpesa_business_shortcode
        and (settings.mpesa_security_credential or settings.mpesa_initiator_password)
    )
    if not has_one:
        return
    what = f"the initiator's password of {shortcode.number} is young enough"
    since = shortcode.password_since if own else _day(settings.mpesa_password_since)
    if since is None:
        unknown = f"the age of the initiator's password of {shortcode.number} is not known"
        yield Advice(unknown, seen="MPESA_PASSWORD_SINCE says since when it is; 90 days after that it is refused")
        return
    left = since + PASSWORD_LIVES - wiring.now()
    days = f"{max(left.days, 0)} of 90 days left"
    again = (
        f"`pesachama shortcodes add {shortcode.number}` with it"
        if own
        else "set MPESA_SECURITY_CREDENTIAL or MPESA_INITIATOR_PASSWORD, MPESA_PASSWORD_SINCE, and restart the worker"
    )
    fix = "" if left > WARNED_BEFORE else f"set a new password at the portal, then {again}"
    yield Advice(what, fix, days)


def first_credential(wiring: Wiring, shortcode: Shortcode) -> Iterator[Advice]:
    """Of what the first shortcode's credential is made; into a finished one nobody can look."""
    settings = wiring.settings
    what = f"the initiator's credential of {shortcode.number} can be used"
    if settings.mpesa_security_credential:
        yield Advice(what, seen="ready-made: MPESA_SECURITY_CREDENTIAL")
    if not settings.mpesa_initiator_password:
        return
    try:
        pem = Path(settings.mpesa_certificate_file).read_text(encoding="ascii")
        certificate.credential(settings.mpesa_initiator_password, pem)
        yield Advice(what, seen="made here of MPESA_INITIATOR_PASSWORD and MPESA_CERTIFICATE_FILE")
        yield paper(shortcode, certificate.read(pem), wiring.now(), "put it where MPESA_CERTIFICATE_FILE points to")
    except (OSError, UnicodeError):
        yield Advice(what, "put Safaricom's certificate (PEM) where MPESA_CERTIFICATE_FILE points to", "no such file")
    except certificate.Unusable as trouble:
        yield Advice(what, "repair MPESA_INITIATOR_PASSWORD or MPESA_CERTIFICATE_FILE", str(trouble))


def paper(shortcode: Shortcode, seen: certificate.Certificate, at: datetime, then: str = "") -> Advice:
    """`then` is what is done with a new one; without it the shortcode gets it by its command."""
    what = f"the certificate of {shortcode.number} is today's"
    until = f"{nairobi.local(seen.ends_at):%d/%m/%Y}"
    then = then or f"`pesachama shortcodes add {shortcode.number} --certificate FILE`"
    fetch = f"fetch today's from the portal, then {then}"
    if seen.begins_at <= at < seen.ends_at - CERTIFICATE_WARNED_BEFORE:
        return Advice(what, seen=f"until {until}")
    old = "one of those that come with libraries, " if any(name in seen.subject for name in BUNDLED) else ""
    return Advice(what, fetch, f"{old}good from {nairobi.local(seen.begins_at):%d/%m/%Y} until {until}")


def address(wiring: Wiring, shortcode: Shortcode) -> Iterator[Advice]:
    """Safaricom goes on telling payments where it was told to, whatever our settings say today."""
    if shortcode.registered_url_sha256 is None or shortcode.registered_at is None:
        return
    same = hashlib.sha256(wiring.confirmation_url.encode()).digest() == bytes(shortcode.registered_url_sha256)
    fix = (
        "PUBLIC_URL or CALLBACK_SECRET has changed since: set it back, or delete the addresses under Self Service, URL "
        f"Management on the portal, then `pesachama register-urls --shortcode {shortcode.number}`"
    )
    day = f"registered {nairobi.local(shortcode.registered_at):%d/%m/%Y}"
    yield Advice(f"payments to {shortcode.number} are told where we listen", "" if same else fix, day)


def _day(text: str) -> datetime | None:
    return datetime.combine(date.fromisoformat(text), time(), UTC) if text else None
