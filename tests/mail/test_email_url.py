"""EMAIL_URL, and what becomes of a message: a file that is ours alone, or a talk with a real SMTP server."""

import base64
import smtplib
import socket
import stat
import threading
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import send_mail

from affiliate_site.addresses import parse_email_url

PASSWORD = "pa55/#?@"
SMTP = "mail.smtp.Backend"


class MailServer:
    """Speaks as much SMTP as one message needs, and remembers the lines it heard."""

    def __init__(self, *, accepts: bool = True) -> None:
        self.lines, self.accepts = [], accepts
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self) -> None:
        connection, _ = self.socket.accept()
        with connection, connection.makefile("rwb", buffering=0) as wire:
            wire.write(b"220 mail.example\r\n")
            for line in wire:
                self.lines.append(line.decode().rstrip())
                verb = self.lines[-1].split(" ")[0].upper()
                if verb == "DATA":
                    wire.write(b"354 go on\r\n")
                    while (line := wire.readline()) not in (b".\r\n", b""):
                        self.lines.append(line.decode().rstrip())
                known = {"EHLO": b"250-mail.example\r\n250 AUTH PLAIN\r\n", "QUIT": b"221 bye\r\n"}
                refused = verb == "AUTH" and not self.accepts
                known["AUTH"] = b"535 no\r\n" if refused else b"235 welcome\r\n"
                wire.write(known.get(verb, b"250 well\r\n"))
                if verb == "QUIT":
                    return


def take(settings, url: str, folder: Path = Path("var/mail")) -> None:
    for name, value in parse_email_url(url, folder).items():
        setattr(settings, name, value)


@pytest.mark.parametrize(
    ("url", "port", "starts_tls", "is_tls"),
    [
        ("smtp://mail.example", 25, False, False),
        ("smtp://mail.example:2525/?tls=0", 2525, False, False),
        ("smtp://mail.example?tls=1", 587, True, False),
        ("smtps://mail.example", 465, False, True),
    ],
)
def test_an_address_of_a_server_says_how_it_is_spoken_to(url, port, starts_tls, is_tls):
    found = parse_email_url(url, Path("mail"))
    assert (found["EMAIL_BACKEND"], found["EMAIL_HOST"], found["EMAIL_PORT"]) == (SMTP, "mail.example", port)
    assert (found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (starts_tls, is_tls)
    assert found["EMAIL_TIMEOUT"] > 0


@pytest.mark.parametrize(
    ("url", "path"), [("", "mail"), ("file:", "mail"), ("file:/a%20b/c", "/a b/c"), ("file:///a/c", "/a/c")]
)
def test_without_a_server_messages_are_files(url, path):
    assert parse_email_url(url, Path("mail"))["EMAIL_FILE_PATH"] == path


@pytest.mark.parametrize(
    "url",
    [
        *("smtp://", "smtp:mail.example", "mail.example:25", "http://ada:pa55@mail.example", "console://x"),
        *("smtp://ada:pa55@mail.example:port", "smtp://ada:pa55@mail.example/pa55", "file://host/mail"),
        *(
            "smtp://ada:12#pa55@mail.example",
            "smtp://ada:12?pa55@mail.example",
            "smtp://ada:12/pa55@mail.example",
        ),
        *(
            "smtps://ada:pa55@mail.example?tls=1",
            "smtp://ada:pa55@mail.example?tls=yes",
            "smtp://[ada:pa55@x",
        ),
        *("smtp://ada:pa55@mail.example?timeout=pa55", "smtp://ada:pa55@mail.example:99999", "console:x"),
    ],
)
def test_a_wrong_address_is_one_sentence_without_the_password(url):
    with pytest.raises(ImproperlyConfigured, match=r"^EMAIL_URL cannot be read\. Write ") as caught:
        parse_email_url(url, Path("mail"))
    assert "pa55" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_message_is_a_file_that_is_ours_alone(settings, tmp_path):
    take(settings, "", tmp_path / "mail")
    send_mail("Forgotten?", "https://shop.example/reset/abc", None, ["ada@shop.example"])

    (path,) = (tmp_path / "mail").iterdir()
    assert "https://shop.example/reset/abc" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_message_reaches_a_server_with_the_password_as_it_was_meant(settings):
    server = MailServer()
    take(settings, f"smtp://ada:pa55%2F%23%3F%40@127.0.0.1:{server.port}")
    send_mail("Hello", "Well met.", "site@shop.example", ["ada@shop.example"])
    server.thread.join(5)

    said = next(line for line in server.lines if line.startswith("AUTH PLAIN "))
    assert base64.b64decode(said.split(" ")[2]).decode() == f"\0ada\0{PASSWORD}"
    assert {"rcpt TO:<ada@shop.example>", "Subject: Hello", "Well met."} <= set(server.lines)


def test_a_server_that_refuses_the_password_is_not_told_on(settings):
    server = MailServer(accepts=False)
    take(settings, f"smtp://ada:pa55@127.0.0.1:{server.port}")
    with pytest.raises(smtplib.SMTPAuthenticationError) as caught:
        send_mail("Hello", "Well met.", "site@shop.example", ["ada@shop.example"])
    assert "pa55" not in repr(caught.value)


def test_a_deaf_server_is_given_up(settings):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        take(settings, f"smtp://127.0.0.1:{deaf.getsockname()[1]}")
        settings.EMAIL_TIMEOUT = 0.3
        with pytest.raises(OSError, match="timed out"):
            send_mail("Hello", "Well met.", "site@shop.example", ["ada@shop.example"])
