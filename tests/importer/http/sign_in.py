"""A server that signs in as Tradedoubler's management API does: each refresh token counts once."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs


class SignInServer:
    """`/token` gives tokens, every other address wants one. `grants` are the forms that came, in order.

    `answers`: (status, body) in place of the next answers of `/token`. `delay` is in seconds.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.grants, self.calls, self.answers = [], [], []
        self.access, self.refresh, self.password = "", "refresh-0", "pa55word"
        self.lifetime, self.delay, self.refuses_all = 899, 0.0, False
        self.release = threading.Event()
        handler = type("Handler", (_Handler,), {"site": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.release.set()
        self.server.shutdown()
        self.server.server_close()

    def grant(self, form: dict[str, str]) -> tuple[int, bytes]:
        with self.lock:
            self.grants.append(form)
            number = len(self.grants)
            if self.answers:
                return self.answers.pop(0)
            good = {
                "refresh_token": form.get("refresh_token") == self.refresh,
                "password": form.get("password") == self.password,
            }
            if not good.get(form.get("grant_type", "")):
                said = f"Invalid refresh token {form.get('refresh_token')} of {form.get('password')}"
                return 400, json.dumps({"error": "invalid_grant", "error_description": said}).encode()
            self.access, self.refresh = f"access-{number}", f"refresh-{number}"
            given = {"access_token": self.access, "refresh_token": self.refresh, "token_type": "bearer"}
            return 200, json.dumps({**given, "expires_in": self.lifetime}).encode()


class _Handler(BaseHTTPRequestHandler):
    site: SignInServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self.path != "/token":
            return self.call(body)
        status, answer = self.site.grant({name: values[0] for name, values in parse_qs(body).items()})
        self.site.release.wait(self.site.delay)
        return self.say(status, answer)

    def do_GET(self) -> None:
        self.call("")

    def call(self, body: str) -> None:
        given = self.headers.get("Authorization", "")
        self.site.calls.append((self.command, given.removeprefix("Bearer "), body))
        if self.site.refuses_all or given != f"Bearer {self.site.access}":
            words = {"error": "invalid_token", "error_description": f"expired: {given}"}
            return self.say(401, json.dumps(words).encode())
        return self.say(200, b'{"sales": 3}')

    def say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


def wait_for(condition, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.02)
