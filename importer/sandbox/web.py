"""Requests and answers of the sandbox, apart from the sockets they come through."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote

JSON = "application/json;charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `target` is as sent; header names are lower case; `query` keeps first values."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""
    arrived_at: float = field(default_factory=time.time)

    @property
    def path(self) -> str:
        """The path as sent, matrix keys included, still percent-encoded."""
        return self.target.partition("?")[0]

    @property
    def query_string(self) -> str:
        return self.target.partition("?")[2]

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.query_string, True).items()}

    @property
    def base_url(self) -> str:
        """Where the caller reached us, for links in answers."""
        return f"http://{quote(self.headers.get('host', '127.0.0.1'), safe=':[].')}"


@dataclass(slots=True)
class Response:
    """An answer. A `bytes` body goes out with its length, an iterable of bytes in chunks."""

    status: int = 200
    body: bytes | Iterable[bytes] = b""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "text/html;charset=UTF-8"


def json_response(
    value: Any, status: int = 200, headers: dict[str, str] | None = None, pretty: bool = False
) -> Response:
    text = json.dumps(value, ensure_ascii=False, indent=2 if pretty else None)
    return Response(status, text.encode(), dict(headers or {}), JSON)


def text_response(text: str, status: int = 200, content_type: str = "text/plain;charset=UTF-8") -> Response:
    return Response(status, text.encode(), {}, content_type)


def redirect(location: str) -> Response:
    # A CR or LF in a stored link must not become a header of ours.
    return Response(302, b"", {"Location": quote(location, safe="%:/?#[]@!$&'()*+,;=~")})


def read_json(body: bytes) -> dict | None:
    """Return the JSON object in `body`, None when it holds anything else."""
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
