"""What is wrong with settings that are all there: forms, contradictions, and what production refuses.

One line for each, beginning with the setting's name; never a value of a secret.
"""

import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib.util import find_spec
from ipaddress import ip_address
from urllib.parse import urlsplit

from gateway import sources
from gateway.push_account import read_account
from gateway.ussd.shapes import SHAPES
from payments.charges import BadTariff, read_bands

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", "0.0.0.0"})  # noqa: S104 - as a place to call it is this machine

USSD_CODE = re.compile(r"\*[0-9]+(?:\*[0-9]+)*#")
THIRTY_TWO_BYTES = re.compile(r"(?:0x)?[0-9a-fA-F]{64}")
# Order of the group of secp256k1 (SEC 2, 2.4.1): a private key is above zero and below it.
CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

# Safaricom refuses callback URLs with these anywhere in them, host name included. Source: Daraja, "Register URL".
FORBIDDEN_WORDS = ("mpesa", "safaricom", "query", "exec", "exe", "cmd", "sql")

# Lists of addresses on which a caller must stand, or is told.
LISTS = ("SAFARICOM_ADDRESSES", "USSD_ADDRESSES")
SECRETS = ("SECRET_KEY", "PIN_PEPPER", "CALLBACK_SECRET")
# As 16 random bytes are in hexadecimal: more than anybody can try.
SECRET_CHARACTERS = 32
# 32 random hexadecimal digits have fewer different ones than this once in ten million times.
DIFFERENT_CHARACTERS = 8
# Of examples and templates that somebody copied. In 32 random letters one comes up once in a hundred million times.
SAMPLE_WORDS = ("change", "default", "example", "secret", "password", "pesachama", "replace", "insecure", "sample")

# Daraja's hosts are api.safaricom.co.ke and sandbox.safaricom.co.ke.
SAFARICOM = "safaricom.co.ke"

# Names that lead to no server of the internet: RFC 6761, RFC 6762 and what ICANN keeps for networks of one's own.
PRIVATE_NAMES = (".localhost", ".local", ".internal")

# Keys that everybody knows: the three accounts of our own development chain (simulator/chain/accounts.py), and the
# first ones of Hardhat and Anvil, and of Ganache. Money for gas is stolen from them at once, and anybody may sign.
KNOWN_KEYS = frozenset(
    {
        "66172aa0be18013c68b15521e673882a1da46e046ce27e12897d25d898462efa",
        "86722ba00186a47afb59a235b81cc33c73b919a239b084d1d7a3a8e3aae33476",
        "2548071306b25dc054b6bf0f32d4ffc047759dce14ae96f962ec604de89b2252",
        "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
        "4f3edf983ac636a65a842ce7c78d9aa706d3b113bce9c46f30d7d21715b23b1d",
    }
)


def complaints(values: Mapping[str, str]) -> list[str]:
    """One line for each thing that is wrong; `values` are all settings by lower-case name."""
    found = [*forms(values), *chain(values)]
    if values["environment"] == "production":
        found += [*unsafe(values), *weak_secrets(values)]
    return found


def forms(values: Mapping[str, str]) -> Iterator[str]:
    if values["environment"] not in ("production", "demo"):
        yield "ENVIRONMENT must be production or demo"
    if not values["trusted_proxies"].isdecimal():
        yield "TRUSTED_PROXIES must be a number"
    if not values["evidence_days"].isdecimal() or not 30 <= int(values["evidence_days"]) <= 3_650:
        yield "EVIDENCE_DAYS must be a number of days, from 30 to 3650"
    if values["log_level"] not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        yield "LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR"
    if not USSD_CODE.fullmatch(values["ussd_code"]):
        yield "USSD_CODE must be written as it is dialled, like *384*123#"
    if values["ussd_gateway"] not in SHAPES:
        yield f"USSD_GATEWAY must be one of {', '.join(SHAPES)}"
    if not re.fullmatch(r"[0-9]{5,7}", values["mpesa_business_shortcode"]):
        yield "MPESA_BUSINESS_SHORTCODE must be the five to seven digits of a paybill or till"
    yield from charges(values)
    yield from initiator(values)
    yield from public_url(values["public_url"])
    yield from messengers(values)
    if values["mpesa_password_since"] and not re.fullmatch(r"20\d\d-[01]\d-[0-3]\d", values["mpesa_password_since"]):
        yield "MPESA_PASSWORD_SINCE must be a day like 2026-11-20"
    if values["other_addresses"] not in ("alert", "refuse"):
        yield "OTHER_ADDRESSES must be alert or refuse"
    yield from addresses(values)
    sealing = [key.strip() for key in values["credentials_keys"].split(",") if key.strip()]
    if not all(re.fullmatch(r"[0-9a-fA-F]{64}", key) for key in sealing):
        yield "CREDENTIALS_KEYS must be keys of 32 bytes in hexadecimal, 64 digits each, with commas between them"
    secret = values["callback_secret"]
    if not re.fullmatch(r"[0-9A-Za-z_-]+", secret) or forbidden_words(secret):
        yield "CALLBACK_SECRET must be hexadecimal: it stands in addresses that we give to others"


def addresses(values: Mapping[str, str]) -> Iterator[str]:
    for name in LISTS:
        try:
            sources.read(values[name.lower()])
        except ValueError:
            yield f"{name} must be addresses or networks like 196.201.214.0/24, with commas between them"


def initiator(values: Mapping[str, str]) -> Iterator[str]:
    password, paper = values["mpesa_initiator_password"], values["mpesa_certificate_file"]
    if bool(password) != bool(paper):
        yield "MPESA_INITIATOR_PASSWORD and MPESA_CERTIFICATE_FILE must be given together"
    if password and values["mpesa_security_credential"]:
        yield "MPESA_SECURITY_CREDENTIAL and MPESA_INITIATOR_PASSWORD say the same: give one of the two"


def charges(values: Mapping[str, str]) -> Iterator[str]:
    for name in ("MPESA_PAYOUT_CHARGES", "MPESA_BANKING_CHARGES"):
        try:
            read_bands(values[name.lower()])
        except BadTariff as trouble:
            yield f"{name}: {trouble}"


def messengers(values: Mapping[str, str]) -> Iterator[str]:
    """Mail, push and Sentry, where there are any."""
    mail = urlsplit(values["smtp_url"])
    if values["smtp_url"] and (mail.scheme not in ("smtp", "smtps") or not mail.hostname):
        yield "SMTP_URL must be an address like smtps://user:password@mail.example"
    if "\n" in values["mail_from"] or (values["mail_from"] and "@" not in values["mail_from"]):
        yield "MAIL_FROM must be an e-mail address"
    teller = urlsplit(values["sentry_dsn"])
    if values["sentry_dsn"] and not (teller.scheme in ("http", "https") and teller.username and teller.path.strip("/")):
        yield "SENTRY_DSN must be an address like https://key@sentry.example/1"
    if values["sentry_dsn"] and find_spec("sentry_sdk") is None:
        yield "SENTRY_DSN needs the package sentry-sdk: `pip install 'sentry-sdk>=2.75,<3'`"
    try:
        if values["firebase_config"]:
            read_account(values["firebase_config"])
    except ValueError:
        yield "FIREBASE_CONFIG must be a service account in JSON, with its private key"


def public_url(url: str) -> Iterator[str]:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        yield "PUBLIC_URL must be an address like https://chama.example"
    if words := forbidden_words(url):
        yield f"PUBLIC_URL contains {', '.join(words)}: Safaricom refuses callbacks to such an address"


def forbidden_words(url: str) -> list[str]:
    return [word for word in FORBIDDEN_WORDS if word in url.lower()]


def chain(values: Mapping[str, str]) -> Iterator[str]:
    if values["chain"] not in ("on", "off"):
        yield "CHAIN must be on or off"
    if values["chain"] == "on" and not (values["chain_rpc_url"] and values["chain_operator_key"]):
        yield "CHAIN is on, so CHAIN_RPC_URL and CHAIN_OPERATOR_KEY must be given (or CHAIN=off)"
    if values["chain"] == "off" and not (values["checkpoint_file"] and values["chain_operator_key"]):
        yield "CHAIN is off, so CHECKPOINT_FILE and CHAIN_OPERATOR_KEY (it signs the checkpoints) must be given"
    key = values["chain_operator_key"]
    if key and not (THIRTY_TWO_BYTES.fullmatch(key) and 0 < int(key, 16) < CURVE_ORDER):
        yield "CHAIN_OPERATOR_KEY must be 32 bytes in hexadecimal, 64 digits"


def unsafe(values: Mapping[str, str]) -> Iterator[str]:
    """What a demo may do and production may not."""
    if urlsplit(values["chain_rpc_url"]).hostname in LOOPBACK:  # a node in a network of one's own is a good one
        yield "CHAIN_RPC_URL is on this machine: production refuses simulators"
    for name in ("MPESA_BASE_URL", "AT_BASE_URL", "FCM_BASE_URL"):
        parts = urlsplit(values[name.lower()])
        if is_private(parts.hostname or ""):
            yield f"{name} is on this machine or in a network of its own: production refuses simulators"
        if parts.scheme != "https":
            yield f"{name} must begin with https://"
    if not is_safaricom(urlsplit(values["mpesa_base_url"]).hostname or ""):
        yield f"MPESA_BASE_URL is not Safaricom's: production calls a host of {SAFARICOM} only"
    if urlsplit(values["sentry_dsn"]).scheme == "http":
        yield "SENTRY_DSN must begin with https://"
    for name in LISTS:
        with suppress(ValueError):  # another form is told already
            if sources.is_open(sources.read(values[name.lower()])):
                yield f"{name} lets in about everybody: all of it together may be a /8 (IPv6: a /16) at most"
    if values["clock_url"]:
        yield "CLOCK_URL is set: production refuses a simulated clock"
    if not values["public_url"].startswith("https://"):
        yield "PUBLIC_URL must begin with https://"
    if values["chain_operator_key"].lower().removeprefix("0x") in KNOWN_KEYS:
        yield "CHAIN_OPERATOR_KEY is the key of a development chain, which everybody knows"


def is_safaricom(host: str) -> bool:
    """Daraja's production and sandbox; whoever else answers there would see the initiator's credentials."""
    return f".{host.lower()}".endswith(f".{SAFARICOM}")


def is_private(host: str) -> bool:
    """Whether a URL's host is no server of the internet, as far as its spelling says; 127.1 is an address too."""
    host = host.removesuffix(".").split("%")[0]
    try:
        address = ip_address(host)
    except ValueError:
        try:
            address = ip_address(socket.inet_aton(host))
        except OSError:
            return "." not in host or host.endswith(PRIVATE_NAMES)
    return not (getattr(address, "ipv4_mapped", None) or address).is_global


def is_copied(secret: str) -> bool:
    """Whether a secret looks like one out of an example: a word of those, or the same piece again and again."""
    again = any(secret[period:] == secret[:-period] for period in range(1, len(secret) // 2 + 1))
    return again or any(word in secret.lower() for word in SAMPLE_WORDS)


def weak_secrets(values: Mapping[str, str]) -> Iterator[str]:
    for name in SECRETS:
        secret = values[name.lower()]
        if len(secret) < SECRET_CHARACTERS:
            yield f"{name} is shorter than {SECRET_CHARACTERS} characters"
        elif len(set(secret)) < DIFFERENT_CHARACTERS:
            yield f"{name} is not random: it has only {len(set(secret))} different characters"
        elif is_copied(secret):
            yield f"{name} looks like an example's: make one with `openssl rand -hex 32`"
    for key in filter(None, values["credentials_keys"].split(",")):
        if len(set(key.strip())) < DIFFERENT_CHARACTERS or is_copied(key.strip()):
            yield "CREDENTIALS_KEYS has a key that is not random"
    if len({values[name.lower()] for name in SECRETS}) < len(SECRETS):
        yield f"{', '.join(SECRETS)} must differ from one another"
