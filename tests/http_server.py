"""A server on a socket, which answers as badly as a test wants."""

import socket
import threading


class Server:
    """Answers every connection with what the handler writes; remembers the requests."""

    def __init__(self, handler):
        self.handler, self.requests = handler, []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def answer(self, connection):
        with connection:
            request = b""
            while b"\r\n\r\n" not in request:
                if not (data := connection.recv(65536)):
                    return
                request += data
            self.requests.append(request.decode("latin-1"))
            try:
                self.handler(connection, len(self.requests))
            except OSError:
                return  # the client hung up, as it should


def reply(status=200, body=b"", headers=(), length=None):
    lines = [f"HTTP/1.1 {status} X", "Connection: close", *headers]
    lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
