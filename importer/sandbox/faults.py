"""Turn an honest answer into the one that a fault asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

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


def strike(fault: Fault | None, answer: Callable[[], Response]) -> Response:
    """Return the answer as `fault` leaves it. The delay and the cut are the server's to make.

    What has a body of its own, or is an error, comes from what stands in front of the network, which never
    hears of the request: it counts nothing.
    """
    if fault is None:
        return answer()
    if fault.body is not None:
        body, content_type = _BODIES.get(fault.body, (fault.body.encode(), "text/plain;charset=UTF-8"))
        return Response(fault.status or 200, body, dict(fault.headers), content_type)
    if fault.status is not None and fault.status >= 400:
        return Response(
            fault.status, f"Error {fault.status}".encode(), dict(fault.headers), "text/plain;charset=UTF-8"
        )
    response = answer()
    return replace(
        response, status=fault.status or response.status, headers={**response.headers, **fault.headers}
    )
