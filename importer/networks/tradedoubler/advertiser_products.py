"""Tradedoubler Products API for advertisers: own feeds, products and categories (tradedoubler.md 12)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings

from importer.http.answers import Answer
from importer.http.auth import QueryToken
from importer.http.errors import NetworkError
from importer.networks.advertiser import Advertiser, LoginData
from importer.networks.credentials import token_field
from importer.networks.items import as_dicts
from importer.networks.tradedoubler.answers import error_of
from importer.normalise import clean_currency, clean_text, parse_time


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFeedData:
    """A feed of ours as Tradedoubler keeps it. `programs`: id -> name."""

    external_id: str
    name: str
    currency: str = ""  # ISO 4217
    language: str = ""  # ISO 639-1, lower case
    is_active: bool = True
    product_count: int | None = None
    unmapped_count: int | None = None  # of its categories
    changed_at: datetime | None = None
    programs: Mapping[str, str]


class TradedoublerProducts(Advertiser):
    """A token of type ADVERTISER for the system PRODUCTS."""

    label = "Products"
    use = "Push products and map categories."
    credential_fields: ClassVar = {
        "token": token_field(
            "Token",
            help_text="In Tradedoubler: Settings > Management > Manage tokens, that of system PRODUCTS.",
        ),
    }

    def check(self) -> LoginData:
        """Return the programs of the feeds: the Products API tells no more of a token."""
        programs: dict[str, str] = {}
        for feed in self.fetch_feeds():
            programs |= feed.programs
        return LoginData(programs=programs)

    def fetch_feeds(self) -> Iterator[OwnFeedData]:
        """Yield the feeds of the token's programs."""
        data = self._get("productFeeds")
        if not isinstance(data.get("feeds"), list):
            raise self.http.unavailable("no_list", name="feeds")
        for feed in as_dicts(data["feeds"]):
            if feed.get("feedId"):
                yield _feed(feed)

    # --- Requests ---------------------------------------------------------------------------------
    def _get(self, path: str, matrix: str = "") -> dict[str, Any]:
        url = f"{settings.TRADEDOUBLER_API_URL.rstrip('/')}/{path}.json{matrix}"
        answer = self.http.request("GET", url, auth=QueryToken("token", self.credentials["token"]))
        if failure := self._failure(answer):
            raise failure
        data = self.http.json(answer)
        if not isinstance(data, dict):
            raise self.http.unavailable("unknown_form")
        return data

    def _failure(self, answer: Answer) -> NetworkError | None:
        """Return the error that a whole request ended in; None where it did not."""
        code, said = error_of(answer.text)
        if answer.status_code < 400 and not code:
            return None
        if len(code) == 1 and answer.status_code < 429:
            return self.http.refused("token_refused", said=said)
        if code == "PF_392":
            return self.http.refused("feed_of_another", said=said)
        if code == "PF_250":
            return self.http.unavailable(
                "server_problem", who=self.http.name, status=answer.status_code, said=said
            )
        return self.http.failure(max(answer.status_code, 400), answer.headers, said)


def _feed(feed: Mapping[str, Any]) -> OwnFeedData:
    def count(name: str) -> int | None:
        return feed[name] if isinstance(feed.get(name), int) else None

    return OwnFeedData(
        external_id=str(feed["feedId"]),
        name=clean_text(feed.get("name"), 200) or str(feed["feedId"]),
        currency=clean_currency(feed.get("currencyISOCode")),
        language=clean_text(feed.get("languageISOCode"), 5).lower(),
        is_active=feed.get("active") is not False,
        product_count=count("numberOfProducts"),
        unmapped_count=count("numberOfUnmappedCategories"),
        changed_at=parse_time(feed.get("lastModifiedTime")),
        programs={
            str(program["programId"]): clean_text(program.get("name"), 200) or str(program["programId"])
            for program in as_dicts(feed.get("programs"))
            if program.get("programId")
        },
    )
