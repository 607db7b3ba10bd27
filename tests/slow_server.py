"""A server that holds up whoever asks it."""

import socket
import threading

from tests.http_server import Server

WAYS = ("never answers", "drips headers", "drips its body")


class SlowServer(Server):
    """Holds up whoever asks, in one of three ways, until it is released."""

    def __init__(self):
        self.way, self.released, self.waiting = WAYS[0], threading.Event(), 0
        super().__init__(self.hold_up)

    def hold_up(self, connection, number):
        self.waiting += 1
        begin, drip = {
            "never answers": (b"", b""),
            "drips headers": (b"HTTP/1.1 200 OK\r\n", b"X-Slow: 1\r\n"),
            "drips its body": (b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n", b"x"),
        }[self.way]
        connection.sendall(begin)
        try:
            while not self.released.wait(0.1) and not has_hung_up(connection):
                connection.sendall(drip[:1])
                drip = drip[1:] + drip[:1]
        finally:
            self.waiting -= 1


def has_hung_up(connection) -> bool:
    """Tell whether the client is gone; the body of its request may come behind the headers."""
    try:
        while connection.recv(65536, socket.MSG_DONTWAIT):
            pass
    except BlockingIOError:
        return False
    return True
