"""Mail to members who want it, through any SMTP server (RFC 5321).

What an answer proves: a refused address will never do; a refused sender, a wrong password and a server that says later
(4yz) took nothing; a connection that broke after the mail was handed over leaves it unclear. A mail that is handed over
once more keeps its Message-ID, by which a mail box knows it again.
"""

import smtplib
import ssl
from email.message import EmailMessage
from functools import partial
from urllib.parse import SplitResult, unquote, urlsplit

from chamas.telling.notice_states import Channel
from chamas.telling.notices import Claimed
from gateway import delivery
from gateway.delivery import Fate, Outcome
from gateway.settings import Settings
from gateway.soundness import LOOPBACK
from gateway.wiring import Wiring

# Each step of the conversation; the worker has other mails to send.
TIMEOUT_SECONDS = 10.0
# RFC 6409 and RFC 8314.
SUBMISSION_PORT, TLS_PORT = 587, 465
# From here on an answer says that it will never do (RFC 5321, 4.2.1).
PERMANENT = 500


class NoTls(Exception):
    """A server elsewhere that would take mail and password in the open."""


def send_due(wiring: Wiring) -> int:
    """Sends the mails that are due; returns how many were taken up."""
    return delivery.send_due(wiring, Channel.EMAIL, partial(deliver, wiring.settings))


def deliver(settings: Settings, notice: Claimed, text: str) -> Outcome:
    """Hands one mail to the server."""
    if notice.email is None or not settings.smtp_url:
        return Outcome(Fate.FAILED, "no address" if settings.smtp_url else "no mail server")
    try:
        server = _connect(urlsplit(settings.smtp_url))
    except (OSError, smtplib.SMTPException, NoTls) as error:
        return Outcome(Fate.NOT_SENT, type(error).__name__)
    try:
        server.send_message(_letter(settings, notice, notice.email, text))
    except (OSError, smtplib.SMTPException) as error:
        return _trouble(error)
    finally:
        server.close()
    return Outcome(Fate.SENT)


def _trouble(error: Exception) -> Outcome:
    """What an error after the greeting proves."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            [code] = [code for code, _ in error.recipients.values()]
            return Outcome(Fate.FAILED if code >= PERMANENT else Fate.NOT_SENT, f"address refused {code}")
        case smtplib.SMTPDataError():
            fate = Fate.FAILED if error.smtp_code >= PERMANENT else Fate.NOT_SENT
            return Outcome(fate, f"refused {error.smtp_code}")
        case smtplib.SMTPSenderRefused():
            return Outcome(Fate.NOT_SENT, f"sender refused {error.smtp_code}")
        case _:
            return Outcome(Fate.UNCLEAR, type(error).__name__)


def sender(settings: Settings) -> str:
    """Who mails come from."""
    return settings.mail_from or f"no-reply@{urlsplit(settings.public_url).hostname}"


def _letter(settings: Settings, notice: Claimed, address: str, text: str) -> EmailMessage:
    own = sender(settings)
    letter = EmailMessage()
    letter["From"] = own
    letter["To"] = address
    # Of the group and of nothing else: subjects are shown on locked screens.
    letter["Subject"] = " ".join(str(notice.arguments.get("chama", "PesaChama")).split())[:60]
    letter["Message-ID"] = f"<notice-{notice.id}@{own.rpartition('@')[2].rstrip('>')}>"
    letter.set_content(text + "\n")
    return letter


def _connect(url: SplitResult) -> smtplib.SMTP:
    host = url.hostname or ""
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, url.port or TLS_PORT, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(host, url.port or SUBMISSION_PORT, timeout=TIMEOUT_SECONDS)
    try:
        server.ehlo()
        if url.scheme == "smtp" and host not in LOOPBACK:
            if not server.has_extn("starttls"):
                raise NoTls
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
    except BaseException:
        server.close()
        raise
    return server
