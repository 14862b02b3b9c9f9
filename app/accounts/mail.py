"""Sending mail: by SMTP from a thread of its own, or, where no server is named, into the log for an operator to read.

A request puts its mail in the outbox after its transaction and answers at once, so its time says nothing about whether
there was anything to send.
"""

from __future__ import annotations

import queue
import smtplib
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Protocol
from urllib.parse import unquote, urlsplit

import structlog
from prometheus_client import Counter
from sqlalchemy.exc import SQLAlchemyError

from app.config import Settings

TIMEOUT = 15.0
TRIES = 3
PAUSE = 5.0
"""Seconds between tries, twice as long after the second."""
MOST_WAITING = 10_000
MAILS = Counter("fanarchive_mails_total", "Mails by what became of them; a failed one is tried again.", ["outcome"])
log = structlog.get_logger("fanarchive.mail")


@dataclass(frozen=True, slots=True)
class Mail:
    """A plain text to an address."""

    to: str
    subject: str
    text: str


Letter = Mail | Callable[[], Mail | None]
"""A mail, or what finds out off the request whether there is one to send."""


class Carrier(Protocol):
    """Takes a mail to its address; raises ``OSError`` (``smtplib``'s are) where it cannot."""

    def carry(self, mail: Mail) -> None:
        """Send one mail."""


class LogCarrier:
    """Writes mails to the log: for trying things out."""

    def carry(self, mail: Mail) -> None:
        """Write one mail."""
        log.info("mail.not_sent", reason="FANARCHIVE_MAIL_URL is empty", subject=mail.subject, text=mail.text)


class SmtpCarrier:
    """Speaks SMTP with the server of a URL: ``smtp`` with STARTTLS where it is offered, ``smtps`` with TLS at once."""

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError("FANARCHIVE_MAIL_URL has to be smtp://… or smtps://…")
        self._tls = parts.scheme == "smtps"
        self._host = parts.hostname
        self._port = parts.port or (465 if self._tls else 25)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._sender = sender

    def carry(self, mail: Mail) -> None:
        """Send one mail. A password is never sent in the clear."""
        context = ssl.create_default_context()
        opened = (
            smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT, context=context)
            if self._tls
            else smtplib.SMTP(self._host, self._port, timeout=TIMEOUT)
        )
        with opened as server:
            server.ehlo()
            if not self._tls and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
            elif not self._tls and self._user:
                raise smtplib.SMTPNotSupportedError("the server offers no STARTTLS: the password is not sent")
            if self._user:
                server.login(self._user, self._password)
            server.send_message(self._message(mail))

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, mail.to, mail.subject
        message["Date"], message["Message-ID"] = formatdate(localtime=False), make_msgid(domain="fanarchive.invalid")
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        return message


def carrier_of(settings: Settings) -> Carrier:
    """The carrier that the settings name."""
    url = settings.mail_url.get_secret_value()
    return SmtpCarrier(url, settings.mail_from) if url else LogCarrier()


class Outbox:
    """Mails that wait for their carrier; one that cannot be sent after three tries is told to the log and dropped."""

    def __init__(self, carrier: Carrier, pause: float = PAUSE) -> None:
        self._carrier = carrier
        self._pause = pause
        self._waiting: queue.Queue[Letter | None] = queue.Queue(MOST_WAITING)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self) -> None:
        """Send what waits, without trying again, and end."""
        self._stopping.set()
        self._waiting.put(None)
        self._thread.join(2 * TIMEOUT)

    def put(self, letter: Letter) -> None:
        """Send a mail soon."""
        try:
            self._waiting.put_nowait(letter)
        except queue.Full:
            MAILS.labels("dropped").inc()
            log.warning("mail.dropped", reason="too many wait")

    def _run(self) -> None:
        while (letter := self._waiting.get()) is not None:
            mail = letter if isinstance(letter, Mail) else self._write(letter)
            if mail is not None:
                self._try(mail)

    @staticmethod
    def _write(letter: Callable[[], Mail | None]) -> Mail | None:
        try:
            return letter()
        except SQLAlchemyError as error:
            MAILS.labels("dropped").inc()
            log.warning("mail.dropped", reason=type(error).__name__)
            return None

    def _try(self, mail: Mail) -> None:
        for number in range(1, TRIES + 1):
            try:
                self._carrier.carry(mail)
            except (OSError, ValueError) as error:
                # The address is nobody else's business: it is not logged.
                MAILS.labels("failed").inc()
                log.warning("mail.failed", attempt=number, error=type(error).__name__, subject=mail.subject)
                if number == TRIES or self._stopping.wait(self._pause * number):
                    MAILS.labels("dropped").inc()
                    log.warning("mail.dropped", reason="not sent", subject=mail.subject)
                    return
            else:
                MAILS.labels("sent").inc()
                return
