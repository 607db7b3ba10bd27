"""Talk to a mail server: every wait has an end, and it is known how far a mail got.

Django's backend, with a connection that says before the text of a mail leaves (`before_text`) and knows when
all of it has left (`is_out`). From then on, until the server answers, nobody but the server can tell whether
it has the mail.
"""

import smtplib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.core.mail.backends import smtp

# The server may read a mail through before it says that it has it; giving up early leaves us in doubt.
PATIENCE_AT_THE_END = 4  # times EMAIL_TIMEOUT
MARGIN = 0.1  # seconds: of a server that is silent, the socket says so


class _Connection(smtplib.SMTP):
    before_text: Callable[[], None] | None = None
    is_out = False
    _is_in_data = False

    def getreply(self) -> tuple[int, bytes]:
        """Wait for an answer, in all for the connection's timeout: smtplib waits so long for each byte."""
        seconds = self.timeout * PATIENCE_AT_THE_END if self.is_out else self.timeout
        with self._ends_within(seconds):
            return super().getreply()

    def data(self, msg: Any) -> tuple[int, bytes]:
        self.is_out, self._is_in_data = False, True
        try:
            return super().data(msg)
        finally:
            self._is_in_data = False

    def send(self, s: Any) -> None:
        is_text = self._is_in_data and isinstance(s, bytes)  # commands are str
        if is_text and self.before_text:
            self.before_text()
        super().send(s)
        if is_text:
            self.is_out = True  # with its last line: until here it cannot have arrived

    @contextmanager
    def _ends_within(self, seconds: float) -> Iterator[None]:
        talk = self.sock
        if talk is None:
            yield
            return
        talk.settimeout(seconds)
        timer = threading.Timer(seconds + MARGIN, _shut, [talk])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            with suppress(OSError):
                talk.settimeout(self.timeout)


class _PlainConnection(_Connection):
    pass


class _TlsConnection(_Connection, smtplib.SMTP_SSL):
    pass


def _shut(talk: socket.socket) -> None:
    with suppress(OSError):
        socket.socket.shutdown(talk, socket.SHUT_RDWR)


class Backend(smtp.EmailBackend):
    """Django's own, on a connection as above."""

    @property
    def connection_class(self) -> type[_Connection]:
        return _TlsConnection if self.use_ssl else _PlainConnection
