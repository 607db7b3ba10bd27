"""The sandbox as one real HTTP server: three affiliate networks, their shops and a control address."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from importer.sandbox import control, pages
from importer.sandbox.adtraction import api as adtraction
from importer.sandbox.faults import strike
from importer.sandbox.state import Options, State
from importer.sandbox.tradedoubler import api as tradedoubler
from importer.sandbox.tradedoubler import connect
from importer.sandbox.tradetracker import api as tradetracker
from importer.sandbox.tradetracker import merchant
from importer.sandbox.web import Request, Response, text_response

MAX_BODY_BYTES = 1 << 20
MAX_POST_BYTES = 128 << 20  # a whole feed of products
ROUTES = (
    ("/tradedoubler/", tradedoubler.answer),
    ("/connect/", connect.answer),
    ("/adtraction/", adtraction.answer),
    (merchant.SERVICE, merchant.answer),
    (merchant.SALE, partial(merchant.conversion, kind="sale")),
    (merchant.LEAD, partial(merchant.conversion, kind="lead")),
    ("/tradetracker/", tradetracker.answer),
    ("/_control", control.answer),
    ("/", pages.answer),
)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    # Headers and body are separate writes: without this each answer waits for the client's delayed ACK.
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        self._handle()

    do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_GET  # noqa: N815

    def _handle(self) -> None:
        body = self._read_body()
        if body is None:
            self._send(text_response("The request body is too long or has no length.", 413), close=True)
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, body)
        state = self.server.state
        is_control = request.path.startswith("/_control")
        fault = None if is_control else state.take_fault(request.path)
        if fault and fault.delay:
            time.sleep(fault.delay)
        response = strike(fault, lambda: route(state, request))
        if not is_control:
            state.remember(request.method, request.target, headers, response.status)
        self._send(response, cut_after=fault.cut_after if fault else None)

    def _read_body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "0")
        most = MAX_POST_BYTES if self.path.startswith("/tradedoubler/1.0/products;") else MAX_BODY_BYTES
        if not length.isdecimal() or int(length) > most or self.headers.get("Transfer-Encoding"):
            return None
        return self.rfile.read(int(length))

    def _send(self, response: Response, cut_after: int | None = None, close: bool = False) -> None:
        whole = isinstance(response.body, bytes)
        close = close or cut_after is not None or response.headers.get("Connection") == "close"
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if whole:
            self.send_header("Content-Length", str(len(response.body)))
        else:
            self.send_header("Transfer-Encoding", "chunked")
        if close:
            self.close_connection = True
            if "Connection" not in response.headers:
                self.send_header("Connection", "close")
        self.end_headers()
        if self.command == "HEAD" or response.status == 304:
            return
        if whole:
            self.wfile.write(response.body if cut_after is None else response.body[:cut_after])
        else:
            self._send_chunks(response.body, cut_after)

    def _send_chunks(self, parts: Iterable[bytes], cut_after: int | None) -> None:
        left = cut_after
        for part in _in_blocks(parts):
            if left is not None:
                part, left = part[:left], left - len(part)
            if part:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            if left is not None and left <= 0:
                return  # no last chunk: the caller sees a broken transfer
        if left is None:
            self.wfile.write(b"0\r\n\r\n")

    def handle(self) -> None:
        try:
            super().handle()
        except (ConnectionError, TimeoutError):
            self.close_connection = True  # the caller hung up: its right, not our error

    def version_string(self) -> str:
        return "sandbox"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Stay quiet: `/_control/requests` shows what was asked."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], state: State) -> None:
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        self.state = state
        super().__init__(address, Handler)

    @property
    def port(self) -> int:
        return self.server_address[1]

    @property
    def url(self) -> str:
        host = self.server_address[0]
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def route(state: State, request: Request) -> Response:
    """Answer one request."""
    for prefix, answer in ROUTES:
        if request.path.startswith(prefix):
            return answer(state, request)
    return text_response("Not found", 404)


def _in_blocks(parts: Iterable[bytes], size: int = 65_536) -> Iterator[bytes]:
    """Join small parts, so that a feed of a million rows is not a million packets."""
    block: list[bytes] = []
    length = 0
    for part in parts:
        block.append(part)
        length += len(part)
        if length >= size:
            yield b"".join(block)
            block, length = [], 0
    if block:
        yield b"".join(block)


def make_server(
    host: str = "127.0.0.1",
    port: int = 0,
    items: int = 3000,
    options: Options | None = None,
    state: Path | None = None,
) -> Server:
    """Return a bound server that is not serving yet; port 0 takes a free one (`server.port` says which).

    What changes in its catalogue is kept in the file `state`, and taken up from there.

    Raises OSError when the port is taken. Call `serve_forever()`, then `shutdown()` from another thread.
    """
    return Server((host, port), State(items, options, state))


@contextmanager
def running_server(
    host: str = "127.0.0.1",
    port: int = 0,
    items: int = 3000,
    options: Options | None = None,
    state: Path | None = None,
) -> Iterator[Server]:
    """Serve in a thread of this process for as long as the block lasts."""
    server = make_server(host, port, items, options, state)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
