"""One login at TradeTracker's affiliate service: its session, calls, and lists page by page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from importer.http.auth import SessionLogin
from importer.http.client import Http
from importer.http.errors import NetworkError
from importer.networks.tradetracker.soap import Soap


class AffiliateService:
    """Calls methods of the service in a session that is opened, and opened again, by itself."""

    def __init__(self, credentials: Mapping[str, str], http: Http) -> None:
        self._credentials, self._http = credentials, http
        self._soap = Soap("TRADETRACKER_WSDL_URL", http, self._fault)
        self._session = SessionLogin(self._log_in)

    def call(self, method: str, *arguments: Any) -> list[Any]:
        """Return the objects of a list."""
        return self._session.ask(lambda: self._soap.call_list(method, *arguments))

    def _log_in(self) -> None:
        """Start a cookie session; it lives in the HTTP client."""
        self._http.session.cookies.clear()
        self._soap.call(
            "authenticate",
            customerID=int(self._credentials["customer_id"]),
            passphrase=self._credentials["passphrase"],
            sandbox=False,
            locale=self._credentials["locale"],
            demo=False,
        )

    def _fault(self, words: str) -> NetworkError:
        code = "passphrase_refused" if "authenticate" in words.lower() else "fault"
        return self._http.refused(code, said=words)
