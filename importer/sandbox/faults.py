"""Turn an honest answer into the one that a fault asks for."""

from __future__ import annotations

from importer.sandbox.state import Fault
from importer.sandbox.web import Response

_BODIES = {
    "json": (b'{"products": [{"name": "half a', "application/json;charset=UTF-8"),
    "xml": (b'<?xml version="1.0"?><result><products><product>', "text/xml;charset=UTF-8"),
    "html": (
        b"<!DOCTYPE html><html><title>Maintenance</title><body><h1>We will be back</h1></body></html>",
        "text/html;charset=UTF-8",
    ),
    "empty": (b"", "text/html"),
}


def strike(fault: Fault | None, response: Response) -> Response:
    """Return `response` as `fault` leaves it. The delay and the cut are the server's to make."""
    if fault is None:
        return response
    body, content_type, headers = response.body, response.content_type, dict(response.headers)
    if fault.body is not None:
        body, content_type = _BODIES.get(fault.body, (fault.body.encode(), "text/plain;charset=UTF-8"))
    elif fault.status is not None and fault.status >= 400:
        body, content_type = f"Error {fault.status}".encode(), "text/plain;charset=UTF-8"
    if body is not response.body:
        headers.pop("Location", None)
    headers.update(fault.headers)
    return Response(fault.status or response.status, body, headers, content_type)
