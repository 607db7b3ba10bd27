"""A mail server of the test's own, and a letter."""

from pathlib import Path

import pytest

from affiliate_site.addresses import parse_email_url
from mail.models import Mail
from mail.outbox import Letter, put
from tests.mail.smtp_server import SmtpServer


@pytest.fixture
def mail_by(settings):
    """Let mail go by an EMAIL_URL."""

    def take(url: str) -> None:
        for name, value in parse_email_url(url, Path("/nowhere")).items():
            setattr(settings, name, value)
        settings.EMAIL_TIMEOUT = 0.5

    return take


@pytest.fixture
def serve(mail_by):
    """Start a mail server, and let mail go by it."""
    servers = []

    def serve(**habits) -> SmtpServer:
        server = SmtpServer(**habits)
        servers.append(server)
        mail_by(f"smtp://127.0.0.1:{server.port}")
        return server

    yield serve
    for server in servers:
        server.close()


@pytest.fixture
def write(db):
    def write(recipient: str = "ada@shop.example", **fields) -> Mail:
        values = {"kind": "digest", "subject": "What is new", "text": "Feed “Shoes” is held."}
        put([Letter(recipient=recipient, **values | fields)])
        return Mail.objects.first()

    return write
