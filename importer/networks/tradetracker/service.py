"""TradeTracker's web services through zeep: guarded, descriptions loaded once, lists unwrapped."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import zeep
from zeep.transports import Transport
from zeep.wsdl import Document
from zeep.xsd.valueobjects import CompoundValue

from importer.http.answers import Answer, looks_like_html
from importer.http.client import RETRY_STATUSES, Http

NAME = "TradeTracker"


class GuardedTransport(Transport):
    """Send zeep's requests through `Http`, and load nothing but http addresses."""

    def __init__(self, http: Http) -> None:
        self._http = http  # deliberately no super().__init__: it opens file:// addresses and logs passphrases
        self._close_session = False
        self.repeats = True  # what reads may be sent again; who writes says that it does

    def load(self, url: str) -> bytes:
        if not (url or "").startswith(("http://", "https://")):
            raise self._http.refused("local_file")
        content = self._http.get_bytes(url)
        if looks_like_html(content):
            raise self._http.web_page(content, "web_page_for_description")
        return content

    def post(self, address: str, message: bytes, headers: dict[str, str]) -> Answer:
        # A fault comes with status 500: only what stands in front of the service is worth another try.
        answer = self._http.request(
            "POST",
            address,
            data=message,
            headers=headers,
            idempotent=self.repeats,
            retry_on=RETRY_STATUSES - {500},
        )
        if looks_like_html(answer.content) and answer.status_code < 400:
            raise self._http.web_page(answer.content)
        if b"Envelope" not in answer.content[:2000]:
            if answer.status_code == 200 and not answer.content.strip():
                raise self._http.unavailable("empty_answer")
            if answer.status_code == 200:
                raise self._http.unavailable("not_xml")
            raise self._http.failure(answer.status_code, answer.headers)
        return answer


@lru_cache(maxsize=4)
def service_description(url: str) -> Document:
    """Load the WSDL once per process; a failure is not kept."""
    transport: Any = GuardedTransport(Http(name=NAME))  # zeep hints at the class
    return Document(url, transport, settings=zeep_settings())


def make_client(url: str, http: Http) -> Any:
    """Return a client of the service that is described at `url`."""
    client: Any = zeep.Client  # half of zeep has types
    return client(service_description(url), transport=GuardedTransport(http), settings=zeep_settings())


def zeep_settings() -> zeep.Settings:
    return zeep.Settings(strict=True, forbid_dtd=True, forbid_entities=True, xml_huge_tree=False)


def rows_of(answer: Any) -> list[Any]:
    """Return the objects of an answer, however deep the binding wraps them (`feeds/feed`); none for nil."""
    while answer is not None and not isinstance(answer, list):
        names = list(answer) if isinstance(answer, CompoundValue) else []
        if len(names) != 1:
            return [answer]
        answer = answer[names[0]]
    return [row for row in answer or () if row is not None]
