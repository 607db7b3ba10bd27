"""Connections of the way out: they lead to public addresses only, and no wait of theirs outlives its clock.

A time-out of a socket is for one wait, so a server that sends a byte a second would hold us for ever. Here
each wait for a name, a connection, a handshake, a header or a piece of a body is cut to what is left of the
time for the whole request.
"""

from __future__ import annotations

import ipaddress
import math
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.connection import allowed_gai_family
from urllib3.util.ssl_ import create_urllib3_context

LOOKUPS = 16  # names that a process looks up at once: a resolver that hangs cannot be interrupted
LOOK_EVERY = 1.0  # seconds, whether somebody wants a wait to end
ADDRESSES = 4  # of a host are tried
UNICAST = ipaddress.ip_network("2000::/3")  # outside of it no IPv6 address is a host of the internet
# Inside, and public by the book, but they carry another address or lead to nobody's server.
NO_HOSTS = [
    ipaddress.ip_network(block)
    for block in (
        *("192.0.0.0/24", "192.88.99.0/24"),  # protocol assignments, 6to4 relays
        *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),  # Teredo and others, examples, 6to4
    )
]


class PrivateAddress(Exception):
    """The host is, or may be, one of our own network."""


def is_public(address: str) -> bool:
    """Tell whether an IP address is that of a host of the internet.

    An IPv6 address that only stands for an IPv4 one (mapped, compatible, translated, 6to4, Teredo) is not:
    who is reachable by IPv4 is named by it.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if ip.version == 6 and (ip.scope_id or ip not in UNICAST):
        return False
    return ip.is_global and not ip.is_multicast and not any(ip in block for block in NO_HOSTS)


class Clock:
    """When the request that is under way must be over, and how fast its answer comes."""

    def __init__(self) -> None:
        self.ends_at = math.inf  # of `time.monotonic`
        self.slow_after, self.slow_rate = math.inf, 0.0
        self.interrupt: Callable[[], None] = lambda: None  # called while we wait; raises to end the wait
        self.begin_body()

    def begin_body(self) -> None:
        self.waited, self.received = 0.0, 0

    def left(self, patience: float | None = None) -> float:
        """Return the seconds that a wait may take; raise TimeoutError when the time is over."""
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("The time for the request is over.")
        return left if patience is None else min(patience, left)

    @property
    def is_slow(self) -> bool:
        """Would the answer never end at this rate? Counts only the time in which we waited for it."""
        return self.waited > self.slow_after and self.received < self.waited * self.slow_rate

    def note(self, count: int, seconds: float) -> None:
        """Count what came in; raise TimeoutError when it comes too slowly."""
        self.received += count
        self.waited += seconds
        if self.is_slow:
            raise TimeoutError("The answer comes too slowly.")


# What the two mixins stand before; they are no classes of their own.
if TYPE_CHECKING:
    from socket import socket as _Opened

    from urllib3.connection import HTTPConnection as _Connected
else:
    _Connected = _Opened = object


class _Clocked(_Opened):
    """What a socket does within the time of its clock; `settimeout` is for each single wait."""

    clock = Clock()  # without end, until the connection sets its own
    patience: float | None = None

    def settimeout(self, value: float | None) -> None:
        self.patience = value
        super().settimeout(value)

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        began = time.monotonic()
        while True:
            self.clock.interrupt()
            left = self.clock.left(self.patience)
            if self.patience is not None:
                left = min(left, began + self.patience - time.monotonic())
            super().settimeout(max(0.001, min(left, LOOK_EVERY)))
            try:
                count = super().recv_into(*args, **kwargs)
                break
            except TimeoutError:
                if left <= LOOK_EVERY:
                    raise
        self.clock.note(count, time.monotonic() - began)
        return count

    def send(self, *args: Any, **kwargs: Any) -> int:
        self._hurry()
        return super().send(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self._hurry()
        super().sendall(*args, **kwargs)

    def _hurry(self) -> None:
        super().settimeout(self.clock.left(self.patience))


class _Socket(_Clocked, socket.socket):
    pass


class _TlsSocket(_Clocked, ssl.SSLSocket):
    pass


class _Guarded(_Connected):
    """Resolve the host once, refuse private addresses, and connect to exactly what was vetted."""

    def __init__(self, clock: Clock, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.clock = clock

    def _new_conn(self) -> socket.socket:
        host = self._dns_host.strip("[]")
        try:
            found = look_up(host, self.port, self.clock.left(self.timeout))
            if host.lower() not in settings.ALLOW_PRIVATE_HOSTS and not all(
                is_public(address[0]) and address[3:] in ((), (0,)) for _, _, _, _, address in found
            ):
                raise PrivateAddress(host)
            return self._connect(found[:ADDRESSES])
        except socket.gaierror as error:
            raise NameResolutionError(host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, f"{host} did not answer in time") from error
        except OSError as error:
            raise NewConnectionError(self, f"{host} cannot be reached") from error

    def _connect(self, found: list[tuple[Any, ...]]) -> socket.socket:
        failure: OSError = ConnectionRefusedError()
        for family, kind, protocol, _, address in found:
            sock = _Socket(family, kind, protocol)
            sock.clock = self.clock
            try:
                for option in self.socket_options or ():
                    sock.setsockopt(*option)
                sock.settimeout(self.clock.left(self.timeout))
                sock.connect(address)
                sock.settimeout(self.clock.left(self.timeout))  # which the handshake inherits
                return sock
            except OSError as error:
                sock.close()
                failure = error
        raise failure

    def connect(self) -> None:
        super().connect()
        cast("_Clocked", self.sock).clock = self.clock  # the handshake made another socket of it


class _Connection(_Guarded, HTTPConnection):
    pass


class _TlsConnection(_Guarded, HTTPSConnection):
    def __init__(self, clock: Clock, **kwargs: Any) -> None:
        context = create_urllib3_context()
        context.sslsocket_class = _TlsSocket
        super().__init__(clock, **{**kwargs, "ssl_context": context})


class GuardedAdapter(HTTPAdapter):
    """Carry a session's requests over connections that are guarded and keep to `clock`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        pools = {"http": (HTTPConnectionPool, _Connection), "https": (HTTPSConnectionPool, _TlsConnection)}
        self.poolmanager.pool_classes_by_scheme = {
            scheme: type(
                f"Guarded{pool.__name__}", (pool,), {"ConnectionCls": partial(connection, self._clock)}
            )
            for scheme, (pool, connection) in pools.items()
        }


_lookups = threading.BoundedSemaphore(LOOKUPS)


def look_up(host: str, port: int, seconds: float) -> list[tuple[Any, ...]]:
    """Return what `socket.getaddrinfo` does, within so many seconds. Raises TimeoutError and its errors."""
    wanted = (host, port, allowed_gai_family(), socket.SOCK_STREAM)
    try:
        return socket.getaddrinfo(*wanted, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        pass  # a name
    if not _lookups.acquire(timeout=seconds):
        raise TimeoutError("Too many names are being looked up.")
    answers: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(*wanted))
        except Exception as error:  # noqa: BLE001 it is raised where it was asked for
            answers.put(error)
        finally:
            _lookups.release()

    threading.Thread(target=ask, name="look up", daemon=True).start()
    try:
        found: list[tuple[Any, ...]] | Exception = answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError("The name was not resolved in time.") from None
    if isinstance(found, Exception):
        raise found
    return found
