"""Adtraction API v3 (docs/networks/adtraction.md): programs and whole feeds; no search of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from babel.numbers import get_territory_currencies
from django import forms
from django.conf import settings

from catalog.lib.addresses import host_of
from importer.feed_files import NoFeed, Row
from importer.feed_files.rows import other_count
from importer.http.answers import Answer, Stream
from importer.http.auth import HeaderToken
from importer.http.budget import Budget
from importer.http.client import DEADLINE, RETRY_STATUSES
from importer.http.leases import Lease, connection
from importer.networks.adtraction.advertiser import AdtractionChannels
from importer.networks.adtraction.answers import message_of, reset_seconds
from importer.networks.adtraction.products import parse_file_row, parse_row, with_epi
from importer.networks.adtraction.reports import AdtractionReports
from importer.networks.contract import (
    Capability,
    FeedData,
    FeedUnchanged,
    FeedWatch,
    ItemData,
    Network,
    NetworkError,
    NetworkUnavailable,
    ProgramData,
    version_at,
)
from importer.networks.credentials import number_field, token_field
from importer.networks.downloads import download_rows, read_rows
from importer.networks.items import as_dicts, read_items
from importer.normalise import clean_currency, clean_text, clean_url, parse_time

APPROVED = 1


class Adtraction(Network):
    """Adtraction, with the account's API token, one market and one channel."""

    slug = "adtraction"
    label = "Adtraction"
    # Programs are spread over numbered hosts: go.adt231.com, on.adt246.net.
    click_domains = ("adtraction.com", "adtraction.net", "adt###.com", "adt###.net")
    click_form = re.compile(r"[?&]a=\d+&as=\d+(?:&|$)")
    has_search = False
    credential_fields: ClassVar = {
        Capability.SEARCH: {
            "token": token_field("API token", help_text="In Adtraction: Account > Settings, under API."),
            "market": forms.RegexField(
                r"^[A-Za-z]{2}$",
                label="Market",
                help_text="The country of the programs in two letters, such as SE or DE.",
                error_messages={"invalid": "Write the country in two letters, such as SE."},
            ),
            "channel_id": number_field(
                "Channel ID",
                "A channel ID",
                help_text="In Adtraction: Account > Channels, the number beside your site.",
                digits=19,
            ),
        },
    }
    search_filters = frozenset()
    sorts = ()
    advertiser: ClassVar = {"channels": AdtractionChannels}
    reports = AdtractionReports

    def check(self) -> None:
        self._programs()

    def fetch_programs(self) -> Iterator[ProgramData]:
        for program in self._programs():
            yield ProgramData(
                external_id=str(program["programId"]),
                name=clean_text(program.get("programName"), 200) or str(program["programId"]),
                url=clean_url(program.get("programURL")),
                logo_url=clean_url(program.get("logoURL")),
                currency=clean_currency(program.get("currency")),
                market=clean_text(program.get("market"), 10),
                link_domains=tuple(filter(None, [host_of(clean_url(program.get("trackingURL")))])),
            )

    def fetch_feeds(self) -> Iterator[FeedData]:
        """Yield the feeds of approved programs; a program that lists none is asked for separately."""
        for program in self._programs():
            program_id = str(program["programId"])
            feeds = program.get("feeds")
            if not isinstance(feeds, list):
                feeds = self._list("feedinfo", "GET", f"products/feedinfo/{program_id}/{self._channel}/")
            for feed in as_dicts(feeds):
                count = feed.get("numberOfProducts")
                yield FeedData(
                    # A program's only feed may have no number; then the program's stands for it.
                    external_id=str(feed.get("feedId") or f"p{program_id}"),
                    name=clean_text(feed.get("name"), 200) or clean_text(program.get("programName"), 200),
                    program_id=program_id,
                    program_name=clean_text(program.get("programName"), 200),
                    currency=clean_currency(program.get("currency")),
                    item_count=count if isinstance(count, int) else None,
                    network_updated_at=parse_time(feed.get("lastUpdated")),
                    url=clean_url(feed.get("feedUrl")),
                )

    def fetch_items(self, feed: FeedData, watch: FeedWatch | None = None) -> Iterator[ItemData | int]:
        """Yield the feed from the API, or from its file where the API refuses and there is one."""
        watch = watch or FeedWatch()
        version = self._version(feed, watch)
        if version and watch.state.get("version") == version:
            raise FeedUnchanged
        try:
            yield from self._stream_items(feed, watch)
        except _Refused as error:
            failure = error.failure
        else:
            watch.new_state["version"] = version
            return
        if not feed.url or isinstance(failure, NetworkUnavailable):
            raise failure
        try:
            rows = download_rows(self.http, feed.url, watch)
            yield from read_items(rows, lambda row, feed: (parse_file_row(row, feed),), feed, watch, "file")
        except NoFeed:
            pass
        else:
            watch.new_state["version"] = version
            return
        raise failure

    def tracking_url(self, url: str, sub_id: str) -> str:
        return with_epi(url, sub_id)

    def market_currency(self) -> str:
        market = self.credentials["market"].strip().upper()
        # Unicode knows Great Britain by its ISO code alone.
        return next(iter(get_territory_currencies("GB" if market == "UK" else market)), "")

    # --- Requests ---------------------------------------------------------------------------------
    @property
    def _channel(self) -> str:
        return self.credentials["channel_id"]

    @property
    def _asking(self) -> dict[str, Any]:
        """What every request has."""
        token = HeaderToken("X-Token", self.credentials["token"])
        return {"auth": token, "headers": {"Accept": "application/json"}}

    def _url(self, path: str) -> str:
        return f"{settings.ADTRACTION_API_URL.rstrip('/')}/v3/partner/{path}"

    def _budget(self, endpoint: str) -> Budget:
        return Budget(self.http, self.slug, self.credentials["token"], endpoint)

    def _programs(self) -> list[Mapping[str, Any]]:
        body = {
            "market": self.credentials["market"].upper(),
            "channelId": int(self._channel),
            "approvalStatus": APPROVED,
        }
        programs = self._list("programs", "POST", "programs/", json=body)
        # The filter is not always obeyed (docs/networks/adtraction.md 2).
        return [one for one in programs if one.get("programId") and one.get("approvalStatus") == APPROVED]

    def _list(self, endpoint: str, method: str, path: str, **kwargs: Any) -> list[Mapping[str, Any]]:
        """Return the objects of a list; wait once for the next minute when the rate limit is met shortly."""
        budget = self._budget(endpoint)
        request = {**self._asking, "idempotent": True, "retry_on": RETRY_STATUSES - {429}, **kwargs}
        for last in (False, True):
            budget.spend()
            with connection(self.http, self._url(path), FeedWatch(patience=DEADLINE)):
                answer = self.http.request(method, self._url(path), **request)
            budget.learn(answer.headers)
            if answer.status_code != 429 or last:
                break
            budget.exhaust(reset_seconds(answer))
        if answer.status_code != 200:
            raise self._failure(answer)
        data = self.http.json(answer)
        if isinstance(data, list):
            return as_dicts(data)
        if isinstance(data, dict) and str(data.get("message", "")).lower().startswith("no "):
            return []
        raise self.http.unavailable("unknown_form")

    # --- Answers ----------------------------------------------------------------------------------
    def _version(self, feed: FeedData, watch: FeedWatch) -> str:
        """Return when the feed was last changed; asked for only where that may spare the download."""
        if "version" not in watch.state:
            return version_at(feed.network_updated_at)
        for info in self._list("feedinfo", "GET", f"products/feedinfo/{feed.program_id}/{self._channel}/"):
            if str(info.get("feedId") or f"p{feed.program_id}") == feed.external_id:
                return version_at(parse_time(info.get("lastUpdated")))
        return ""

    def _stream_items(self, feed: FeedData, watch: FeedWatch) -> Iterator[ItemData | int]:
        """Yield the feed from the API; raise `_Refused` where no feed came."""
        body = {"programId": int(feed.program_id), "channelId": int(self._channel)}
        if feed.external_id.isdecimal():
            body["feedId"] = int(feed.external_id)
        budget, url = self._budget("feed"), self._url("products/feed/")
        for last in (False, True):
            budget.spend()
            with (
                connection(self.http, url, watch) as place,
                self.http.stream("POST", url, json=body, **self._asking) as stream,
            ):
                budget.learn(stream.headers)
                if stream.status_code == 200:
                    yield from self._read(stream, feed, watch, place)
                    return
                answer = stream.finish()
            if answer.status_code != 429 or last:
                raise _Refused(self._failure(answer))
            budget.exhaust(reset_seconds(answer))

    def _read(
        self, stream: Stream, feed: FeedData, watch: FeedWatch, place: Lease
    ) -> Iterator[ItemData | int]:
        count, promised = 0, stream.headers.get("count", "")

        def rows() -> Iterator[Row | int]:
            nonlocal count
            for row in read_rows(stream, self.http, watch, place):
                count += 1
                yield row

        try:
            yield from read_items(rows(), lambda row, feed: (parse_row(row, feed),), feed, watch)
        except NoFeed as error:
            failure = _Refused(self._no_feed(error))
        else:
            total, came = int(promised) if promised.isdecimal() else 0, count + watch.bad_count
            if came < total:
                watch.doubt = other_count(total, came)
            return
        raise failure

    def _no_feed(self, error: NoFeed) -> NetworkError:
        if error.message:
            return self.http.refused("no_feed", said=error.message)
        return self.http.unavailable(error.code, **error.params)

    def _failure(self, answer: Answer) -> NetworkError:
        if answer.status_code == 429:
            return self.http.unavailable("rate_limited", reset_seconds(answer), who=self.label, said="")
        return self.http.failure(answer.status_code, answer.headers, message_of(answer.text))


class _Refused(Exception):
    """The API gave no feed; nothing was yielded."""

    def __init__(self, failure: NetworkError) -> None:
        self.failure = failure
