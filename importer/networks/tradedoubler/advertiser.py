"""Tradedoubler's management API for advertisers (docs/desk.md): every call by its path, answers in one shape.

The documents and running clients disagree on shapes, so that all of them are read: a page, an array around a
page, a bare array; and a batch's outcome as `items`, `successItems` with `failItems`, or `successfulItems`
with `failedItems`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.conf import settings

from importer.http.answers import Answer
from importer.http.client import Http
from importer.http.errors import NetworkError
from importer.http.oauth import OAuth, Tokens, TokenStore
from importer.networks.advertiser import Advertiser, LoginData
from importer.networks.items import as_dicts
from importer.normalise import clean_text

NAME = "Tradedoubler"
PAGE_SIZE = 100  # the most that the API gives at once
MOST_PAGES = 200  # of one list; a longer one is asked for in parts
BATCH = 100  # items of one PUT; the documents name no limit
MINUTE = 60.0
MAX_FILE_BYTES = 64 * 1024 * 1024

OWNER, ADMIN, MEMBER, READER = 1, 2, 3, 4
ROLES = {OWNER: "owner", ADMIN: "admin", MEMBER: "member", READER: "read-only"}
NO_LONGER_PENDING = "9996"

# What a publisher's connection to a program may be.
CONNECTIONS = {
    0: "not applied",
    1: "applied",
    2: "on hold, applied",
    3: "accepted",
    4: "ended",
    5: "denied",
    6: "on hold, accepted",
    7: "denied for good",
    8: "written off",
}
# Which of them may follow which: the documents do not say, so that only the plain ones are offered.
TRANSITIONS = {1: (3, 5), 2: (3, 5), 3: (6, 4), 6: (3,)}

DENIALS = {
    6: "The application or credit check was denied",
    7: "Fraud",
    8: "A duplicate, or another source's",
    9: "Not fulfilled yet",
    10: "Returned",
    13: "An invalid lead",
    14: "Cancelled",
    19: "The voucher was misused",
}
# For sales that a publisher claims and nobody tracked.
UNTRACKED_EVENT = "17"
UNTRACKED_DENIALS = {16: "Not enough information", 17: "No such order", 18: "Credited already"}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; `total` is None where the answer does not count."""

    items: list[Mapping[str, Any]]
    total: int | None
    about: Mapping[str, Any]  # what stands beside the items, such as the currency of a report


@dataclass(frozen=True, slots=True)
class File:
    """A file as it came."""

    content: bytes
    content_type: str


class OwnTokens:
    """The tokens of a login that nobody has stored yet: one worker's own."""

    def __init__(self) -> None:
        self.tokens = Tokens()

    def load(self) -> Tokens:
        return self.tokens

    @contextmanager
    def lock(self, seconds: float) -> Iterator[OwnTokens]:
        yield self

    def save(self, tokens: Tokens) -> None:
        self.tokens = tokens


class TradedoublerManagement(Advertiser):
    """The management API with one advertiser's login, signed in for itself unless told where."""

    label = "Program"
    use = "Run a program: publishers, commissions, sales to validate, ads, invoices and reports."
    credential_fields: ClassVar = {
        "client_id": forms.CharField(
            label="Client ID",
            max_length=200,
            help_text="Of a client that you make at solutions.tradedoubler.com/tools/api-client.",
        ),
        "client_secret": forms.CharField(
            label="Client secret",
            max_length=200,
            widget=forms.PasswordInput,
            help_text="Tradedoubler shows it once, when the client is made.",
        ),
        "username": forms.CharField(
            label="User name", max_length=200, help_text="Of your login at Tradedoubler, as an advertiser."
        ),
        "password": forms.CharField(
            label="Password",
            max_length=200,
            widget=forms.PasswordInput,
            help_text="Of that login. It is used when a stored sign-in does not count any more.",
        ),
    }

    def __init__(self, credentials: Mapping[str, str], http: Http) -> None:
        super().__init__(credentials, http)
        self._base = settings.TRADEDOUBLER_CONNECT_URL.rstrip("/")
        self.use_tokens(OwnTokens())

    def use_tokens(self, store: TokenStore) -> None:
        """Keep the sign-in there from now on, where other workers find it."""
        self._auth = OAuth(
            self.http,
            f"{self._base}/uaa/oauth/token",
            store,
            client_id=self.credentials.get("client_id", ""),
            client_secret=self.credentials.get("client_secret", ""),
            username=self.credentials.get("username", ""),
            password=self.credentials.get("password", ""),
        )

    def check(self) -> LoginData:
        """Return the programs and the role: "owner", "admin", "member" or "read-only"."""
        me = self.fetch_me()
        name = clean_text(f"{me.get('firstName', '')} {me.get('lastName', '')}", 100)
        programs = {
            str(one["id"]): clean_text(one.get("name"), 200) for one in self.fetch_programs() if one.get("id")
        }
        return LoginData(name=name, programs=programs, role=ROLES.get(me["roleId"], str(me["roleId"])))

    # --- Any call -----------------------------------------------------------------------------------
    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        """Return the parsed answer to a GET."""
        return self._read(self._request("GET", path, query))

    def get_page(self, path: str, query: Mapping[str, Any] | None = None) -> Page:
        """Return one page of a list, whatever shape it comes in."""
        return page_of(self.get(path, query), self.http)

    def get_all(self, path: str, query: Mapping[str, Any] | None = None) -> Iterator[Mapping[str, Any]]:
        """Yield a whole list, page after page. A list that gives out no whole is an error, not its part."""
        offset = 0
        for _ in range(MOST_PAGES):
            page = self.get_page(path, {**(query or {}), "offset": offset, "limit": PAGE_SIZE})
            yield from page.items
            offset += len(page.items)
            if len(page.items) < PAGE_SIZE or (page.total is not None and offset >= page.total):
                return
        raise self.http.refused("list_too_long", count=offset)

    def send(self, method: str, path: str, body: Any = None, query: Mapping[str, Any] | None = None) -> Any:
        """Send a write, once; None for an answer without a body. Nothing is tried again by itself."""
        answer = self._request(method, path, query, **({} if body is None else {"json": _plain(body)}))
        return self._read(answer) if answer.content.strip() else None

    def download(self, path: str, query: Mapping[str, Any] | None = None) -> File:
        """Return a file: an invoice, an export."""
        answer = self._request("GET", path, query, max_bytes=MAX_FILE_BYTES)
        if answer.status_code != 200:
            raise self._failure(answer)
        return File(answer.content, answer.headers.get("Content-Type", "").partition(";")[0])

    def _request(self, method: str, path: str, query: Mapping[str, Any] | None, **kwargs: Any) -> Answer:
        given = {name: _text(value) for name, value in (query or {}).items() if value not in (None, "", [])}
        return self.http.request(
            method,
            f"{self._base}/{path.lstrip('/')}",
            params=given,
            auth=self._auth,
            headers={"Accept": "application/json", "Content-Type": "application/json"},
            retry_on=frozenset({500, 502, 503, 504}),
            **kwargs,
        )

    def _read(self, answer: Answer) -> Any:
        if answer.status_code not in (200, 201, 202, 204):
            raise self._failure(answer)
        return self.http.json(answer)

    def _failure(self, answer: Answer) -> NetworkError:
        if answer.status_code == 429:
            return self.http.unavailable("rate_limited", MINUTE, who=NAME, said="")
        said = words_of(answer.text)
        if answer.status_code in (401, 403) and "expired" not in said:
            # A good token got us here: it is the role that does not reach.
            return self.http.refused("role_too_low", said=said)
        return self.http.failure(answer.status_code, answer.headers, said)

    # --- The calls that the desk works with -----------------------------------------------------------
    def fetch_me(self) -> dict[str, Any]:
        """Return whose login it is: `roleId`, `organizationId`, `reportCurrencyCode` and so on."""
        me = self.get("usermanagement/users/me")
        if not isinstance(me, dict) or "roleId" not in me:
            raise self.http.unavailable("unknown_form")
        if me.get("typeId") not in (None, 2, "2"):
            raise self.http.refused("not_an_advertiser")
        return me

    def fetch_programs(self) -> Iterator[Mapping[str, Any]]:
        """Yield the advertiser's own programs."""
        return self.get_all("advertiser/programs", {"sortBy": "id", "sortOrder": "asc"})

    def fetch_sources(
        self, program_id: str, statuses: Collection[int] = (), source_id: str = ""
    ) -> Iterator[Mapping[str, Any]]:
        """Yield the publishers' sites of a program."""
        query = {"statusId": sorted(statuses), "sourceId": source_id, "sortBy": "created", "sortOrder": "asc"}
        return self.get_all(f"advertiser/programs/{program_id}/sources", query)

    def update_sources(self, program_id: str, items: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        """Change sites in one call. Return what was refused: source id -> the network's words."""
        answer = self.send("PUT", f"advertiser/programs/{program_id}/sources", {"items": list(items)})
        return refusals_of(answer, "sourceId", [str(item["sourceId"]) for item in items])

    def fetch_pending(self, first: str = "", last: str = "") -> Iterator[Mapping[str, Any]]:
        """Yield what waits for a yes or no, the most urgent first. Days as `YYYYMMDD`."""
        query = {"startDate": first, "endDate": last, "sortBy": "pendingTime", "sortOrder": "asc"}
        return self.get_all("advertiser/pendingSales", query)

    def validate(self, items: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        """Decide on sales in one call. Return what was refused: transaction id -> the network's words."""
        answer = self.send("PUT", "advertiser/pendingSales", {"items": list(items)})
        return refusals_of(answer, "transactionId", [str(item["transactionId"]) for item in items])


# --- Shapes ---------------------------------------------------------------------------------------


def page_of(data: Any, http: Http) -> Page:
    """Return a page of any of the documented shapes. Raises `NetworkUnavailable` for another."""
    if isinstance(data, list) and len(data) == 1 and isinstance(data[0], dict) and "items" in data[0]:
        data = data[0]  # an array around a page
    if isinstance(data, list):
        return Page(as_dicts(data), len(data), {})
    if isinstance(data, dict) and isinstance(data.get("items"), list):
        total = data.get("total")
        about = {name: value for name, value in data.items() if name != "items"}
        return Page(as_dicts(data["items"]), total if isinstance(total, int) else None, about)
    raise http.unavailable("unknown_form")


_GOOD = ("successItems", "successfulItems")
_BAD = ("failItems", "failedItems")


def refusals_of(answer: Any, key: str, sent: Iterable[str]) -> dict[str, str]:
    """Return what was refused of a batch: id -> words. What an answer does not name was not confirmed."""
    if isinstance(answer, list) and len(answer) == 1 and isinstance(answer[0], dict):
        answer = answer[0]
    data = answer if isinstance(answer, dict) else {}
    refused: dict[str, str] = {}
    good: set[str] = set()
    for name in _BAD:
        refused |= {str(item.get(key)): _why(item) for item in as_dicts(data.get(name) or [])}
    for name in _GOOD:
        good |= {str(item.get(key)) for item in as_dicts(data.get(name) or [])}
    for item in as_dicts(data.get("items") or []):
        if item.get("error") or item.get("reason") or item.get("status") in (-1, "-1"):
            refused[str(item.get(key))] = _why(item)
        else:
            good.add(str(item.get(key)))
    names = list(sent)
    if not good and not refused and data.get("fail") in (0, None) and data.get("success") == len(names):
        return {}
    return {name: refused.get(name, "no word about it") for name in names if name not in good - set(refused)}


def _why(item: Mapping[str, Any]) -> str:
    error = item.get("error")
    if isinstance(error, list):
        error = error[0] if error else None
    if isinstance(error, dict):
        code, words = clean_text(error.get("code"), 20), clean_text(error.get("message"), 300)
        return f"{code}: {words}".strip(": ")
    return clean_text(error or item.get("reason") or item.get("message"), 300) or "no reason given"


def words_of(text: str) -> str:
    """Return the network's own words of an error: an array, an object, an OAuth error or plain text."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return "" if text.lstrip().startswith("<") else clean_text(text, 300)
    if isinstance(data, list) and data:
        data = data[0]
    if not isinstance(data, dict):
        return ""
    words = data.get("message") or data.get("error_description") or data.get("error")
    code = clean_text(data.get("code"), 20)
    return f"{code}: {clean_text(words, 300)}".strip(": ")


def at_epoch_ms(value: Any) -> datetime | None:
    """Return the time of a `timestamp` in milliseconds; None where it is none."""
    try:
        return datetime.fromtimestamp(int(value) / 1000, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple | set | frozenset):
        return ",".join(map(str, value))
    return str(value)


def _plain(body: Any) -> Any:
    """Return the body with numbers that JSON knows: an amount keeps the digits that it has."""
    if isinstance(body, Mapping):
        return {name: _plain(value) for name, value in body.items()}
    if isinstance(body, list | tuple):
        return [_plain(value) for value in body]
    if isinstance(body, Decimal):
        return int(body) if body == body.to_integral_value() else float(body)
    return body
