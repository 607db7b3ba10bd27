"""JSON by orjson: quick, exact amounts as texts, and nothing that is no JSON."""

from typing import Any

import orjson
from django.http import HttpRequest
from ninja.parser import Parser
from ninja.renderers import BaseRenderer


class OrjsonRenderer(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data, default=str)


class OrjsonParser(Parser):
    def parse_body(self, request: HttpRequest) -> Any:
        """Return the body; "not_json" on what is none (ninja makes that of a ValueError)."""
        return orjson.loads(request.body)
