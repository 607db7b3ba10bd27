"""One login at TradeTracker's affiliate service: its session, calls, and lists page by page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import zeep
import zeep.exceptions
from django.conf import settings
from lxml import etree

from importer.http.auth import SessionLogin
from importer.http.client import Http
from importer.http.errors import NetworkError
from importer.networks.tradetracker.service import (
    GuardedTransport,
    rows_of,
    service_description,
    zeep_settings,
)
from importer.normalise import clean_text


class AffiliateService:
    """Calls methods of the service in a session that is opened, and opened again, by itself."""

    def __init__(self, credentials: Mapping[str, str], http: Http) -> None:
        self._credentials, self._http = credentials, http
        self._client: zeep.Client | None = None
        self._session = SessionLogin(self._log_in)

    def call(self, method: str, *arguments: Any) -> list[Any]:
        """Return the objects of a list."""
        call = lambda: getattr(self._service(), method)(*arguments)  # noqa: E731
        return self._session.ask(lambda: rows_of(self._shielded(call)))

    def _service(self) -> Any:
        if self._client is None:
            description = service_description(settings.TRADETRACKER_WSDL_URL)
            transport = GuardedTransport(self._http)
            client: Any = zeep.Client  # half of zeep has types
            self._client = client(description, transport=transport, settings=zeep_settings())
        return self._client.service

    def _log_in(self) -> None:
        """Start a cookie session; it lives in the HTTP client."""
        self._http.session.cookies.clear()
        self._shielded(
            lambda: self._service().authenticate(
                customerID=int(self._credentials["customer_id"]),
                passphrase=self._credentials["passphrase"],
                sandbox=False,
                locale=self._credentials["locale"],
                demo=False,
            )
        )

    def _shielded(self, call: Callable[[], Any]) -> Any:
        """Call into zeep; turn what it raises into our errors, outside of `except` (see `http.client`)."""
        try:
            return call()
        except zeep.exceptions.Fault as error:
            failure = self._fault(clean_text(error.message, 300))
        except (zeep.exceptions.Error, etree.XMLSyntaxError, AttributeError, TypeError, ValueError):
            failure = self._http.unavailable("other_xml")
        raise failure

    def _fault(self, words: str) -> NetworkError:
        code = "passphrase_refused" if "authenticate" in words.lower() else "fault"
        return self._http.refused(code, said=words)
