"""TradeTracker's affiliate web service, literal binding, under `/tradetracker/` (tradetracker.md 1 to 5)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree

from importer.sandbox.markup import clean
from importer.sandbox.state import State
from importer.sandbox.tradetracker import files as tradetracker_files
from importer.sandbox.tradetracker import service as tradetracker_service
from importer.sandbox.tradetracker.service import Fault, Session
from importer.sandbox.tradetracker.wsdl import (
    FIELDS,
    NAMESPACE,
    OPERATIONS,
    item_name,
    read_fields,
    write_wsdl,
)
from importer.sandbox.web import Request, Response, text_response

SERVICE = "/tradetracker/soap-literal-wsi/affiliate"
FILES = "/tradetracker/pf/"
_SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_CONTENT_TYPE = "application/soap+xml; charset=utf-8"


def answer(state: State, request: Request) -> Response:
    if request.path == FILES:
        return tradetracker_files.feed_file(state, request)
    if request.path != SERVICE:
        return text_response("Not found", 404)
    if request.method == "GET":
        if "wsdl" not in {name.lower() for name in request.query}:
            return text_response("Bad Request", 400)
        return text_response(write_wsdl(request.base_url + SERVICE), 200, "text/xml; charset=utf-8")
    if request.method != "POST":
        return text_response("Method Not Allowed", 405)
    try:
        name, parameters = read_call(request.body)
        session = Session(state, request)
        result = tradetracker_service.call(session, name, parameters)
        response = Response(200, _envelope(_response(name, result)), {}, _CONTENT_TYPE)
        if session.new_cookie:
            response.headers["Set-Cookie"] = f"PHPSESSID={session.new_cookie}; path=/; HttpOnly"
    except Fault as fault:
        response = Response(500, b"".join(_envelope(_fault(str(fault), fault.code))), {}, _CONTENT_TYPE)
    return response


# --- reading -----------------------------------------------------------------------------------


def read_call(body: bytes) -> tuple[str, dict[str, Any]]:
    """Return the operation and its parameters; nil and missing ones are None. Raises Fault on bad XML."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    try:
        envelope = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        raise Fault("Bad Request", "Sender") from None
    content = envelope.find(f"{{{_SOAP12}}}Body")
    if content is None or not len(content):
        raise Fault("Bad Request", "Sender")
    operation = etree.QName(content[0])
    if operation.namespace != NAMESPACE or operation.localname not in OPERATIONS:
        raise Fault(f"Procedure '{operation.localname}' not present", "Sender")
    parameters = read_fields(OPERATIONS[operation.localname][0])
    return operation.localname, {name: _read(content[0], name, kind) for name, kind in parameters}


def _read(parent: etree._Element, name: str, kind: str) -> Any:
    # Qualified as the schema says: an unqualified child is not seen, as with the real binding.
    element = parent.find(f"{{{NAMESPACE}}}{name}")
    if element is None or element.get(f"{{{_XSI}}}nil") in ("true", "1"):
        return None
    if kind in FIELDS:
        return {field: _read(element, field, inner) for field, inner in FIELDS[kind]}
    text = (element.text or "").strip()
    try:
        return _READERS.get(kind, str)(text) if text else None
    except ValueError:
        raise Fault("SOAP-ERROR: Encoding: Violation of encoding rules", "Sender") from None


def _read_int(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise ValueError(text)
    return int(text)


def _read_float(text: str) -> float:
    if not math.isfinite(value := float(text)):
        raise ValueError(text)
    return value


_READERS = {"int": _read_int, "float": _read_float, "bool": lambda text: text in ("true", "1")}


# --- writing -----------------------------------------------------------------------------------


def _envelope(parts: Iterable[str]) -> Iterator[bytes]:
    yield (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<env:Envelope xmlns:env="{_SOAP12}" xmlns:xsi="{_XSI}" '
        f'xmlns:ns1="{NAMESPACE}"><env:Body>'
    ).encode()
    for part in parts:
        yield part.encode()
    yield b"</env:Body></env:Envelope>\n"


def _fault(reason: str, code: str) -> Iterator[str]:
    yield (
        f"<env:Fault><env:Code><env:Value>env:{code}</env:Value></env:Code><env:Reason>"
        f'<env:Text xml:lang="en">{clean(reason)}</env:Text></env:Reason></env:Fault>'
    )


def _response(name: str, result: Iterable[dict]) -> Iterator[str]:
    """Yield the answer element; its list is written one entry after the other, however long it is."""
    fields = read_fields(OPERATIONS[name][1])
    if not fields:
        yield f"<ns1:{name}Response/>"
        return
    container, kind = fields[0]
    yield f"<ns1:{name}Response><ns1:{container}>"
    for entry in result:
        yield write_element(item_name(kind[:-2]), kind[:-2], entry)
    yield f"</ns1:{container}></ns1:{name}Response>"


def write_element(name: str, kind: str, value: Any) -> str:
    """Write one element by the type's table: nil for None, in the table's order."""
    if value is None:
        return f'<ns1:{name} xsi:nil="true"/>'
    if kind.endswith("[]"):
        inner = "".join(write_element(item_name(kind[:-2]), kind[:-2], entry) for entry in value)
    elif kind in FIELDS:
        inner = "".join(write_element(field, sub, value.get(field)) for field, sub in FIELDS[kind])
    elif isinstance(value, bool):
        inner = str(value).lower()
    else:
        inner = clean(value)
    return f"<ns1:{name}>{inner}</ns1:{name}>"
