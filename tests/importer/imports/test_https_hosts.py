"""Does a host answer by https? Asked of real servers."""

import ssl
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from importer.http.client import Http
from importer.imports.https_hosts import check_https, find_https
from tests.http_server import Server, reply

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return str(path)


@pytest.fixture
def secure_host(certificate):
    """Return a host that answers by https, with status 404."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_error(404)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_host_with_a_good_certificate_has_https_whatever_it_answers(secure_host, certificate):
    http = Http()
    http.session.verify = certificate
    check_https([secure_host], http)
    assert find_https([secure_host, "other.example"]) == {secure_host: True}


def test_a_certificate_that_browsers_refuse_is_no_https(secure_host):
    check_https([secure_host])
    assert find_https([secure_host]) == {secure_host: False}


def test_a_host_that_speaks_http_alone_has_no_https():
    server = Server(lambda connection, _: connection.sendall(reply()))
    host = server.url.removeprefix("http://")
    check_https([host])
    assert find_https([host]) == {host: False}


@pytest.mark.parametrize("host", ["nobody.invalid", "10.1.2.3", "127.0.0.1:1", "a b", ""])
def test_a_host_that_cannot_be_reached_has_no_https(host):
    check_https([host])
    assert find_https([host]) == {host: False}


def test_what_is_known_is_renewed(secure_host, certificate):
    check_https([secure_host])
    http = Http()
    http.session.verify = certificate
    check_https([secure_host], http)
    assert find_https([secure_host]) == {secure_host: True}
