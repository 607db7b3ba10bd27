"""A mail server of the test's own, which can be as bad as servers are."""

import socket
import threading
import time
from dataclasses import dataclass, field


@dataclass
class SmtpServer:
    """Speaks SMTP on a port of its own, to any number of connections.

    `messages` are the texts that it took (answered 250 to). `refuses`: recipient -> answer. `dies`: where it
    hangs up: "greeting", "data" (before the text), "text" (in the middle of it), "end" (has all of it, says
    nothing), "quit" (after it took it). `drips`: seconds between two bytes of its greeting. `answers`: of a
    command, instead of 250.
    """

    refuses: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    dies: str = ""
    drips: float = 0
    messages: list[str] = field(default_factory=list)
    got: list[str] = field(default_factory=list)  # every text that came whole, taken or not
    connections: int = 0

    def __post_init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.socket.close()

    def _accept(self) -> None:
        while True:
            try:
                talk, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=(talk,), daemon=True).start()

    def _talk(self, talk: socket.socket) -> None:
        with talk, talk.makefile("rwb", buffering=0) as wire:
            try:
                self._greet(wire)
                for line in wire:
                    if not self._answer(line.decode().rstrip(), wire):
                        return
            except OSError:
                return

    def _greet(self, wire) -> None:
        if self.dies == "greeting":
            raise OSError
        greeting = b"220 mail.example ESMTP, as it has always been\r\n"
        if not self.drips:
            wire.write(greeting)
            return
        for byte in greeting:
            wire.write(bytes([byte]))
            time.sleep(self.drips)

    def _answer(self, line: str, wire) -> bool:
        verb = line.split(" ")[0].upper()
        if verb == "DATA":
            return self._take_text(wire)
        if verb == "RCPT":
            address = line.partition("<")[2].partition(">")[0]
            wire.write(f"{self.refuses.get(address, '250 well')}\r\n".encode())
            return True
        if verb == "QUIT":
            wire.write(b"221 bye\r\n")
            return False
        wire.write(f"{self.answers.get(verb, '250 well')}\r\n".encode())
        return True

    def _take_text(self, wire) -> bool:
        if self.dies == "data":
            return False
        wire.write(b"354 go on\r\n")
        if self.dies == "text":
            wire.read(1)
            return False
        lines = []
        while (line := wire.readline()) not in (b".\r\n", b""):
            lines.append(line.decode())
        if not line:
            return False
        text = "".join(lines)
        self.got.append(text)
        if self.dies == "end":
            return False
        answer = self.answers.get("TEXT", "250 taken")
        if answer.startswith("250"):
            self.messages.append(text)
        wire.write(f"{answer}\r\n".encode())
        return self.dies != "quit"
