"""Settings: read once from the environment, frozen, every gap reported together by name.

Secrets have no default. `.env.example` is generated from `SETTINGS` by `python -m gateway.settings`.
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from gateway import soundness, sources


@dataclass(frozen=True)
class Setting:
    """One variable: what it is for, its default (None: must be given), and whether it is a secret."""

    name: str
    about: str
    default: str | None = None
    secret: bool = False


SETTINGS = (
    Setting(
        "ENVIRONMENT", "production, or demo: what a demo may do (loopback, simulators) production refuses", "production"
    ),
    Setting("DATABASE_URL", "PostgreSQL 15 or newer"),
    Setting(
        "DIRECT_DATABASE_URL",
        "only where DATABASE_URL leads through a pooler in transaction mode: PostgreSQL without it, for migrations "
        "and the worker's calendar",
        "",
    ),
    Setting("REDIS_URL", "Redis 7 or newer, or Valkey"),
    Setting("SECRET_KEY", "32 random bytes or more: cookies, keyed hashes", secret=True),
    Setting("PIN_PEPPER", "32 random bytes or more, kept outside the database", secret=True),
    Setting(
        "PUBLIC_URL",
        "where Safaricom and Africa's Talking reach this gateway: https in production, without a word that Safaricom "
        "forbids (mpesa, safaricom, query, exec, exe, cmd, sql)",
    ),
    Setting("TRUSTED_PROXIES", "how many proxies of yours stand before us; each adds one X-Forwarded-For address", "0"),
    Setting(
        "SPOOL_DIR", "one folder of web and worker on a disk that lasts: callbacks wait in it while PostgreSQL is away"
    ),
    Setting(
        "FILES_DIR",
        "one folder of web and worker on a disk that lasts: documents, recordings and avatars; empty: a folder in "
        "SPOOL_DIR",
        "",
    ),
    Setting("LOG_LEVEL", "DEBUG, INFO, WARNING or ERROR", "INFO"),
    Setting("USSD_CODE", "the code that members dial", "*384*123#"),
    Setting(
        "USSD_GATEWAY",
        "how the network's gateway tells a turn: africastalking, get (session_id, msisdn, ussd_string, service_code, "
        "network_code in the query) or get-newest (the same, but ussd_string is the newest answer alone)",
        "africastalking",
    ),
    Setting("CALLBACK_SECRET", "the part of the path that only Africa's Talking knows", secret=True),
    Setting(
        "USSD_ADDRESSES",
        "addresses and networks from which the USSD and SMS gateway calls, with commas; empty: whoever knows "
        "CALLBACK_SECRET (ask the provider for its list: its customers share it)",
        "",
    ),
    Setting("HELPLINE", "the number that members are told when something breaks", "0800 000 000"),
    Setting("AT_USERNAME", "Africa's Talking user name"),
    Setting("AT_API_KEY", "Africa's Talking key", secret=True),
    Setting("AT_BASE_URL", "Africa's Talking messaging address", "https://api.africastalking.com/version1"),
    Setting("AT_SENDER_ID", "alphanumeric sender or short code of the SMS; empty for the provider's own", ""),
    Setting(
        "SMTP_URL",
        "mail server for members who want mail, like smtps://user:password@mail.example or smtp://...:587 (STARTTLS); "
        "empty for none",
        "",
        secret=True,
    ),
    Setting("MAIL_FROM", "whom mails come from; empty for no-reply@ the host of PUBLIC_URL", ""),
    Setting(
        "FIREBASE_CONFIG",
        "the service account of Firebase Cloud Messaging as JSON, for members who use an app; empty for none",
        "",
        secret=True,
    ),
    Setting("FCM_BASE_URL", "the push service's address", "https://fcm.googleapis.com"),
    Setting("MPESA_BASE_URL", "Daraja's address", "https://api.safaricom.co.ke"),
    Setting("MPESA_CONSUMER_KEY", "Daraja app key", secret=True),
    Setting("MPESA_CONSUMER_SECRET", "Daraja app secret", secret=True),
    Setting("MPESA_BUSINESS_SHORTCODE", "the first paybill or head office number"),
    Setting("MPESA_PASSKEY", "Lipa na M-PESA passkey", secret=True),
    Setting("MPESA_INITIATOR_NAME", "API initiator, for Transaction Status", ""),
    Setting(
        "MPESA_SECURITY_CREDENTIAL",
        "the initiator's password encrypted with Safaricom's certificate; or leave it empty and give the next two",
        "",
        secret=True,
    ),
    Setting(
        "MPESA_INITIATOR_PASSWORD",
        "the initiator's password: we encrypt it with MPESA_CERTIFICATE_FILE",
        "",
        secret=True,
    ),
    Setting("MPESA_CERTIFICATE_FILE", "path of Safaricom's certificate (PEM) as fetched from the portal", ""),
    Setting(
        "CREDENTIALS_KEYS",
        "32 random bytes in hexadecimal that seal the credentials of further shortcodes at rest; several with commas "
        "between them, the newest first; kept outside the database",
        "",
        secret=True,
    ),
    Setting(
        "MPESA_PAYOUT_CHARGES",
        "what a payout costs, as in your contract: bands of shillings and charge, for example 1500:5,250000:13; empty "
        "for the published tariff",
        "",
    ),
    Setting(
        "MPESA_BANKING_CHARGES",
        "what a transfer to a group's own bank (B2B to a paybill) costs, in the same form, for example 250000:34; "
        "empty: groups cannot bank by M-PESA",
        "",
    ),
    Setting(
        "MPESA_PASSWORD_SINCE",
        "the day (2026-11-20) on which the initiator got its password, which lives for 90 days: the doctor warns",
        "",
    ),
    Setting(
        "SAFARICOM_ADDRESSES",
        "addresses and networks from which Safaricom calls, with commas; as collected from public integrations in "
        "November 2026, no official list has a date",
        ",".join(sources.COLLECTED),
    ),
    Setting(
        "OTHER_ADDRESSES",
        "callbacks from elsewhere: alert (taken, and told by the doctor), or refuse, once the list has proved itself",
        "alert",
    ),
    Setting(
        "EVIDENCE_DAYS",
        "how many days what Safaricom sends is kept as it came; then numbers and names in it become pseudonyms",
        "180",
    ),
    Setting("CHAIN", "on, or off: proofs then stand against a signed checkpoint file", "on"),
    Setting("CHAIN_RPC_URL", "JSON-RPC of the chain that batches are anchored on", ""),
    Setting(
        "CHAIN_OPERATOR_KEY",
        "private key that signs anchoring transactions and checkpoints, 32 bytes hex",
        "",
        secret=True,
    ),
    Setting("CHECKPOINT_FILE", "where signed checkpoints are written while CHAIN is off", ""),
    Setting(
        "SENTRY_DSN",
        "where errors are told to Sentry: their kind and the lines of code, nothing that a person typed or has (needs "
        "the package sentry-sdk); empty for none",
        "",
        secret=True,
    ),
    Setting("CLOCK_URL", "a simulated clock; refused in production", ""),
)


class BadSettings(Exception):
    """Names every setting that is missing or wrong, one line each; never a value of a secret."""


@dataclass(frozen=True)
class Settings:
    """The settings as the code uses them: lower-case names of `SETTINGS`."""

    environment: str
    database_url: str
    direct_database_url: str
    redis_url: str
    secret_key: str
    pin_pepper: str
    public_url: str
    trusted_proxies: str
    spool_dir: str
    files_dir: str
    log_level: str
    ussd_code: str
    ussd_gateway: str
    callback_secret: str
    ussd_addresses: str
    helpline: str
    at_username: str
    at_api_key: str
    at_base_url: str
    at_sender_id: str
    smtp_url: str
    mail_from: str
    firebase_config: str
    fcm_base_url: str
    mpesa_base_url: str
    mpesa_consumer_key: str
    mpesa_consumer_secret: str
    mpesa_business_shortcode: str
    mpesa_passkey: str
    mpesa_initiator_name: str
    mpesa_security_credential: str
    mpesa_initiator_password: str
    mpesa_certificate_file: str
    credentials_keys: str
    mpesa_password_since: str
    safaricom_addresses: str
    other_addresses: str
    mpesa_payout_charges: str
    mpesa_banking_charges: str
    evidence_days: str
    chain: str
    chain_rpc_url: str
    chain_operator_key: str
    checkpoint_file: str
    sentry_dsn: str
    clock_url: str

    @property
    def pooled(self) -> bool:
        """Whether DATABASE_URL leads through a pooler that gives a connection for one transaction only."""
        return self.direct_database_url not in ("", self.database_url)

    @property
    def session_url(self) -> str:
        """A connection of our own to PostgreSQL: for what takes longer than a transaction."""
        return self.direct_database_url or self.database_url

    @property
    def shelf_folder(self) -> str:
        """Where the bytes of files lie."""
        return self.files_dir or f"{self.spool_dir.rstrip('/')}/files"

    @property
    def sealing_keys(self) -> list[str]:
        """The keys of CREDENTIALS_KEYS in hexadecimal, the newest first."""
        return [key.strip() for key in self.credentials_keys.split(",") if key.strip()]

    @property
    def production(self) -> bool:
        return self.environment == "production"

    def __repr__(self) -> str:
        """Without values: settings end up in tracebacks, and half of them are secrets."""
        return f"Settings({self.environment})"


def read(environ: Mapping[str, str]) -> Settings:
    """The settings in `environ`; raises BadSettings with one line per gap."""
    values: dict[str, Any] = {}
    gaps: list[str] = []
    for setting in SETTINGS:
        value = environ.get(setting.name, "").strip() or setting.default
        if value is None:
            gaps.append(f"{setting.name} is missing: {setting.about}")
        values[setting.name.lower()] = value
    if not gaps:
        gaps.extend(soundness.complaints(values))
    if gaps:
        raise BadSettings("\n".join(gaps))
    return Settings(**values)


def example() -> str:
    """The text of `.env.example`: every setting with its purpose, secrets empty; a shell can read it."""
    lines = ["# Written by `make env-example` from gateway/settings.py; a test keeps them equal."]
    for setting in SETTINGS:
        lines += [
            "",
            f"# {setting.about}{' (secret)' if setting.secret else ''}",
            f"{setting.name}={shlex.quote(setting.default) if setting.default else ''}",
        ]
    return "\n".join(lines) + "\n"


# A setting without a field, or a field without a setting, is a mistake of ours that should not wait for a request.
assert {setting.name.lower() for setting in SETTINGS} == {field.name for field in fields(Settings)}  # noqa: S101

if __name__ == "__main__":
    print(example(), end="")  # noqa: T201
