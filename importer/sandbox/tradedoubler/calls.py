"""One call of the management host, and how it is refused."""

from __future__ import annotations

from dataclasses import dataclass

from importer.sandbox.credentials import ConnectLogin
from importer.sandbox.state import State
from importer.sandbox.web import Request


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks for what; `parts` is what the path's placeholders held."""

    state: State
    request: Request
    login: ConnectLogin
    parts: tuple[str, ...]


class CallRefused(Exception):
    """An error as `[{"code", "message"}]`."""

    def __init__(self, status: int, words: str, code: int | str = "") -> None:
        super().__init__(words)
        self.status, self.words, self.code = status, words, code or status
