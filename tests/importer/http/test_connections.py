"""What the way out does with servers and resolvers that hold it up, and with addresses of our own network."""

import contextlib
import socket
import ssl
import threading
import time

import pytest

from importer.http import client as http_module
from importer.http import connections
from importer.http.client import Http
from importer.http.connections import is_public
from importer.http.errors import NetworkError, NetworkUnavailable
from tests.http_server import Server, reply

DEADLINE = 1.0
HUNG = 8.0  # seconds: whoever waits for so long waits for the server, not for the deadline


@pytest.fixture
def serve(settings):
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1"]
    with contextlib.ExitStack() as stack:

        def start(handler):
            server = Server(handler)
            stack.callback(server.socket.close)
            return server

        yield start


def drip(data: bytes, before: bytes = b""):
    """Answer with the bytes of `data` one by one, for longer than anybody waits."""

    def answer(connection, number):
        connection.sendall(before)
        ends_at = time.monotonic() + 3 * HUNG
        for byte in data * 10_000:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)
            if time.monotonic() > ends_at:
                return

    return answer


def silence(connection, number):
    connection.settimeout(3 * HUNG)
    while connection.recv(65536):
        pass


SLOW = {
    "never answers": silence,
    "drips its status": drip(b"H"),
    "drips headers": drip(b"X-Slow: 1\r\n", b"HTTP/1.1 200 OK\r\n"),
    "drips continues": drip(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "drips its body": drip(b"x", b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"),
    "drips chunks": drip(b"1\r\nx\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
    "drips the size of a chunk": drip(b"0", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
    # The name of the packed file never ends, so there is nothing to unpack.
    "drips a packed body": drip(
        b"n", b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x08" + b"\0" * 6
    ),
    "stops in its body": lambda connection, number: (
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\nx"),
        silence(connection, number),
    ),
}


def slow(*names):
    return [pytest.param(SLOW[name], id=name) for name in names]


@pytest.mark.parametrize("handler", slow(*SLOW))
def test_the_deadline_holds_for_the_whole_answer(serve, handler):
    server = serve(handler)
    began = time.monotonic()
    with pytest.raises(NetworkUnavailable):
        Http().get_bytes(server.url, deadline=DEADLINE)
    assert DEADLINE * 0.9 < time.monotonic() - began < HUNG


def test_a_redirect_does_not_start_the_deadline_anew(serve):
    def detour(connection, number):
        time.sleep(0.4)
        connection.sendall(reply(302, headers=["Location: /again"]))

    began = time.monotonic()
    with pytest.raises(NetworkUnavailable):
        Http().get_bytes(serve(detour).url, deadline=DEADLINE)
    assert time.monotonic() - began < 1.9  # five redirects take two seconds


def test_the_deadline_holds_for_a_connection_that_was_kept(serve):
    """The socket is that of the first request; the time is that of the second."""

    def answer(connection, number):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        connection.settimeout(3 * HUNG)
        connection.recv(65536)
        drip(b"X-Slow: 1\r\n", b"HTTP/1.1 200 OK\r\n")(connection, number)

    server, http = serve(answer), Http()
    assert http.get_bytes(server.url) == b"ok"
    began = time.monotonic()
    with pytest.raises(NetworkUnavailable):
        http.get_bytes(server.url, deadline=DEADLINE)
    assert time.monotonic() - began < HUNG
    assert len(server.requests) == 1  # the second came over the same connection


@pytest.fixture
def raw_server():
    """Start a server of bytes that sees no HTTP; return its port."""
    with contextlib.ExitStack() as stack:

        def start(handler) -> int:
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

            def serve():
                with contextlib.suppress(OSError):
                    while True:
                        client, _ = listener.accept()
                        threading.Thread(target=answer, args=(client,), daemon=True).start()

            def answer(client):
                with client, contextlib.suppress(OSError):
                    handler(client, 1)

            threading.Thread(target=serve, daemon=True).start()
            return listener.getsockname()[1]

        yield start


@pytest.mark.parametrize(
    "handler",
    [
        pytest.param(silence, id="silent"),
        # A handshake record of 16 kB that arrives byte by byte.
        pytest.param(drip(b"\0", b"\x16\x03\x03\x40\x00"), id="dripping"),
    ],
)
def test_the_deadline_holds_for_a_handshake(raw_server, settings, handler):
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1"]
    began = time.monotonic()
    with pytest.raises(NetworkUnavailable, match="^no_answer_in_time"):
        Http().get_bytes(f"https://127.0.0.1:{raw_server(handler)}/", deadline=DEADLINE)
    assert time.monotonic() - began < HUNG


def test_the_deadline_holds_behind_a_handshake(raw_server, settings, tmp_path, monkeypatch):
    """The real thing, with a certificate that is trusted: headers that drip through TLS."""
    settings.ALLOW_PRIVATE_HOSTS = ["localhost"]
    certificate = make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def answer(client, number):
        with context.wrap_socket(client, server_side=True) as secure:
            secure.recv(65536)
            SLOW["drips headers"](secure, number)

    http = Http()
    http.session.verify = str(certificate)
    began = time.monotonic()
    with pytest.raises(NetworkUnavailable, match="^no_answer_in_time"):
        http.get_bytes(f"https://localhost:{raw_server(answer)}/", deadline=DEADLINE)
    assert DEADLINE * 0.9 < time.monotonic() - began < HUNG


def test_a_certificate_of_nobody_we_trust_is_refused(raw_server, settings, tmp_path):
    settings.ALLOW_PRIVATE_HOSTS = ["localhost"]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(make_certificate(tmp_path))
    port = raw_server(lambda client, number: context.wrap_socket(client, server_side=True))
    with pytest.raises(NetworkUnavailable, match="^bad_certificate"):
        Http().get_bytes(f"https://localhost:{port}/")


def make_certificate(folder):
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    path = folder / "certificate.pem"
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(pem)
    )
    return path


def test_the_deadline_holds_for_a_resolver_that_hangs(monkeypatch):
    release = threading.Event()
    real = socket.getaddrinfo

    def hang(host, *args, **kwargs):
        if host != "slow.example" or kwargs.get("flags"):
            return real(host, *args, **kwargs)
        release.wait(3 * HUNG)
        raise socket.gaierror("gone")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    began = time.monotonic()
    with pytest.raises(NetworkUnavailable, match="^no_answer_in_time"):
        Http().get_bytes("http://slow.example/", deadline=DEADLINE)
    assert time.monotonic() - began < HUNG
    release.set()


def test_the_deadline_holds_for_a_connection_that_is_never_made(settings):
    """A full backlog: the kernel answers nothing any more."""
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1"]
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        began = time.monotonic()
        with pytest.raises(NetworkUnavailable):
            Http().get_bytes(f"http://127.0.0.1:{listener.getsockname()[1]}/", deadline=DEADLINE)
        assert time.monotonic() - began < HUNG


@pytest.mark.parametrize("handler", slow("never answers", "drips headers", "stops in its body"))
def test_a_feed_is_not_waited_for_without_end(serve, monkeypatch, handler):
    """Its deadline is hours; headers and each piece of the body have to come sooner."""
    monkeypatch.setattr(http_module, "STREAM_READ_TIMEOUT", DEADLINE)
    began = time.monotonic()
    with pytest.raises(NetworkUnavailable), Http().stream("GET", serve(handler).url) as stream:
        stream.read(-1)
    assert time.monotonic() - began < HUNG


@pytest.mark.parametrize("handler", slow("drips its body", "drips chunks", "drips a packed body"))
def test_a_feed_that_drips_is_given_up(serve, monkeypatch, handler):
    monkeypatch.setattr(http_module, "SLOW_AFTER", DEADLINE)
    began = time.monotonic()
    with (
        pytest.raises(NetworkUnavailable, match="^sends_too_slowly"),
        Http().stream("GET", serve(handler).url) as stream,
    ):
        stream.read(-1)
    assert time.monotonic() - began < HUNG


# --- Writes ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "answer",
    [reply(503), reply(429), reply(200, b"short", length=99), b""],
    ids=["503", "429", "cut", "nothing"],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_write_arrives_once(serve, method, answer):
    server = serve(lambda connection, number: connection.sendall(answer))
    with contextlib.suppress(NetworkUnavailable):
        Http().request(method, server.url, json={})
    assert len(server.requests) == 1


def test_what_its_caller_calls_idempotent_is_tried_again(serve):
    server = serve(lambda connection, number: connection.sendall(reply(503 if number < 3 else 200)))
    assert Http().request("POST", server.url, idempotent=True).status_code == 200
    assert len(server.requests) == 3
    Http().request("GET", server.url, idempotent=False)
    assert len(server.requests) == 4


# --- Addresses -------------------------------------------------------------------------------------
PRIVATE_4 = """
    0.0.0.0 0.1.2.3 10.1.2.3 100.64.0.1 100.127.255.254 127.0.0.1 127.255.255.254 169.254.169.254
    172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.171 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1
    198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
"""
PRIVATE_6 = """
    :: ::1 ::127.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:0:127.0.0.1 ::ffff:0:8.8.8.8
    64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 100:0:0:1::1 2001::1 2001:0:7f00:1::
    2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1::1 2002:808:808::1 3fff::1 4000::1
    5f00::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%lo fec0::1 ff02::1 ff0e::1 2606:4700::1111%lo
"""


@pytest.mark.parametrize("address", (PRIVATE_4 + PRIVATE_6).split())
def test_what_is_no_host_of_the_internet_is_private(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "8.8.8.8", "93.184.215.14", "172.32.0.1", "192.0.1.1", "100.128.0.1", "223.255.255.254"]
    + ["2606:4700::1111", "2001:4860:4860::8888", "2a00:1450:4001::200e", "2620:fe::fe"],
)
def test_hosts_of_the_internet_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize("text", ["", "localhost", "1.2.3", "::1::", "8.8.8.8 ", "٨.٨.٨.٨"])
def test_what_is_no_address_is_private(text):
    assert not is_public(text)


@pytest.mark.parametrize("address", [address for address in PRIVATE_6.split() if "%" not in address])
def test_no_request_goes_to_a_private_address_in_brackets(settings, address):
    settings.ALLOW_PRIVATE_HOSTS = []
    with pytest.raises(NetworkError, match="^private_address"):
        Http().get_bytes(f"http://[{address}]:9/")


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "LOCALHOST", "localhost.", "127.0.0.1."]
)
def test_other_spellings_of_a_private_address_are_refused(settings, host):
    settings.ALLOW_PRIVATE_HOSTS = []
    with pytest.raises(NetworkError, match="^(private_address|bad_address|unreachable)"):
        Http().get_bytes(f"http://{host}:9/")


def answers_of(monkeypatch, *answers):
    """Let the name `rebinding.example` have these addresses, a list for each look; return who is tried."""
    real, looks, connected = socket.getaddrinfo, iter(answers), []

    def look(host, port, *args, **kwargs):
        if host != "rebinding.example" or kwargs.get("flags"):
            return real(host, port, *args, **kwargs)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in next(looks)]

    def connect(self, address):
        connected.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", look)
    monkeypatch.setattr(connections._Socket, "connect", connect)
    return connected


def test_the_address_that_was_checked_is_the_one_that_is_connected(settings, monkeypatch):
    """A name that is public when looked at and private a moment later gets no second look."""
    settings.ALLOW_PRIVATE_HOSTS = []
    connected = answers_of(monkeypatch, ["93.184.215.14"], ["127.0.0.1"])
    with (
        pytest.raises(NetworkUnavailable, match="^unreachable .*rebinding.example"),
        Http().stream("GET", "http://rebinding.example:9/"),
    ):
        pass
    assert connected == ["93.184.215.14"]


def test_a_name_with_one_private_address_is_private(settings, monkeypatch):
    settings.ALLOW_PRIVATE_HOSTS = []
    connected = answers_of(monkeypatch, ["93.184.215.14", "127.0.0.1"])
    with pytest.raises(NetworkError, match="^private_address"):
        Http().get_bytes("http://rebinding.example:9/")
    assert connected == []


def test_the_next_address_of_a_host_is_tried(settings, monkeypatch):
    connected = answers_of(monkeypatch, ["93.184.215.14", "93.184.215.15"])
    with pytest.raises(NetworkUnavailable), Http().stream("GET", "http://rebinding.example:9/"):
        pass
    assert connected == ["93.184.215.14", "93.184.215.15"]
