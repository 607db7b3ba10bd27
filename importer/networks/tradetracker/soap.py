"""Call one of TradeTracker's web services. zeep is loaded with the first call, and its errors are ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from lxml import etree

from importer.http.client import Http
from importer.http.errors import NetworkError
from importer.normalise import clean_text


class Soap:
    """A web service whose description is at the address of a setting; `fault` makes an error of its words.

    `repeats`: what is called may be sent again by itself.
    """

    def __init__(self, setting: str, http: Http, fault: Callable[[str], NetworkError]) -> None:
        self._setting, self._http, self._fault = setting, http, fault
        self._client: Any = None
        self.repeats = True

    def call(self, method: str, *arguments: Any, **named: Any) -> Any:
        """Return what the service answers. Raises NetworkError, never one of zeep's or XML's."""
        # A quarter of a second in each of the site's processes, most of which never ask.
        import zeep.exceptions

        try:
            return getattr(self._service(), method)(*arguments, **named)
        except zeep.exceptions.Fault as error:
            failure = self._fault(clean_text(error.message, 300))
        except (zeep.exceptions.Error, etree.XMLSyntaxError, AttributeError, TypeError, ValueError):
            failure = self._http.unavailable("other_xml")
        raise failure  # outside of `except`: see `http.client`

    def call_list(self, method: str, *arguments: Any, **named: Any) -> list[Any]:
        """Return the objects of a list."""
        from importer.networks.tradetracker.service import rows_of

        return rows_of(self.call(method, *arguments, **named))

    def _service(self) -> Any:
        from importer.networks.tradetracker import service

        if self._client is None:
            self._client = service.make_client(getattr(settings, self._setting), self._http)
        self._client.transport.repeats = self.repeats
        return self._client.service
