"""What TradeTracker's operations answer (docs/networks/tradetracker.md 3 to 5)."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta, timezone
from itertools import islice
from typing import Any

from importer.sandbox.catalogue.families import DEPARTMENTS
from importer.sandbox.catalogue.matching import Query, split_words
from importer.sandbox.catalogue.shops import Feed, network_feeds
from importer.sandbox.credentials import (
    DEMO_CREDENTIALS,
    TRADETRACKER_OTHER_SITE_ID,
    TRADETRACKER_PASSPHRASES,
)
from importer.sandbox.state import State
from importer.sandbox.tradetracker import reports
from importer.sandbox.tradetracker.products import feed_product
from importer.sandbox.web import Request

_DEMO = DEMO_CREDENTIALS["tradetracker"]
SITE_ID = int(_DEMO["affiliate_site_id"])
_SITES = {
    SITE_ID: ("Good finds", "https://goodfinds.example"),
    TRADETRACKER_OTHER_SITE_ID: ("Newsletter", ""),
}
_AMSTERDAM = timezone(timedelta(hours=1), "CET")
_FEEDS = network_feeds("tradetracker")
_STATUS = {"connected": "accepted", "pending": "pending", "rejected": "rejected", "open": "notsignedup"}
_CATEGORIES = [
    {"ID": 10 + place, "name": names[2], "categories": []} for place, names in enumerate(DEPARTMENTS.values())
]


class Fault(Exception):
    """A SOAP fault: its text, and whose mistake it was ("Sender" or "Receiver")."""

    def __init__(self, reason: str, code: str = "Receiver") -> None:
        super().__init__(reason)
        self.code = code


class Session:
    """The caller, known by any of the cookies it sends back, until the session lapses."""

    def __init__(self, state: State, request: Request) -> None:
        self.state, self.request = state, request
        self.new_cookie = ""

    def log_in(self, market: str) -> None:
        self.new_cookie = secrets.token_hex(16)
        now, lifetime = time.time(), self.state.options.session_seconds
        with self.state.lock:
            sessions = self.state.sessions
            for cookie in [key for key, (_, since) in sessions.items() if now - since > lifetime]:
                del sessions[cookie]
            sessions[self.new_cookie] = market, now

    @property
    def market(self) -> str:
        """The country of the access key the caller logged in with; raises Fault without a live session."""
        for pair in self.request.headers.get("cookie", "").split(";"):
            market, since = self.state.sessions.get(pair.strip().partition("=")[2], ("", 0.0))
            if market and time.time() - since <= self.state.options.session_seconds:
                return market
        raise Fault("Not authenticated.")

    def check_login(self) -> None:
        """Raise Fault without a live session."""
        _ = self.market

    @property
    def feeds(self) -> list[Feed]:
        return [feed for feed in _FEEDS if feed.shop.market.code == self.market]


def call(session: Session, name: str, parameters: dict[str, Any]) -> Iterable[dict]:
    """Answer one operation with the entries of its list; raises Fault."""
    return _OPERATIONS[name](session, **parameters)


def _authenticate(session: Session, customerID: int, passphrase: str, **_: Any) -> list:  # noqa: N803
    market = next((code for code, key in TRADETRACKER_PASSPHRASES.items() if key == passphrase), "")
    if str(customerID) != _DEMO["customer_id"] or not market:
        raise Fault("Failed to authenticate")
    session.log_in(market)
    return []


def _page(entries: Iterable[Any], options: dict[str, Any]) -> list:
    offset, limit = options.get("offset") or 0, options.get("limit")
    return list(islice(entries, offset, None if limit is None else offset + limit))


def _get_affiliate_sites(session: Session, options: dict | None) -> list[dict]:
    options = options or {}
    session.check_login()
    sites = [
        _site(site_id, name, url)
        for site_id, (name, url) in _SITES.items()
        if options.get("ID") in (None, site_id)
        and (options.get("query") or "").lower() in name.lower()
        and options.get("affiliateSiteStatus") in (None, "accepted")
    ]
    if options.get("excludeInfo"):
        sites = [{**site, "info": None} for site in sites]
    return _page(sites, options)


def _site(site_id: int, name: str, url: str) -> dict:
    info = {
        "type": {"ID": 1, "name": "Website"},
        "category": {"ID": 7, "name": "Shopping"},
        "description": None,
        "creationDate": "2024-02-01",
        "status": "accepted",
    }
    return {"ID": site_id, "name": name, "URL": url or None, "info": info}


def _get_site_types(session: Session) -> list[dict]:
    session.check_login()
    return [{"ID": 1, "name": "Website"}, {"ID": 2, "name": "E-mail"}]


def _get_site_categories(session: Session) -> list[dict]:
    session.check_login()
    return [{"ID": 7, "name": "Shopping"}]


def _check_site(session: Session, site_id: int | None) -> None:
    session.check_login()
    if site_id not in _SITES:
        raise Fault("Affiliate site does not exist or is not yours.")


def _assignment(feed: Feed, site_id: int) -> str:
    return _STATUS[feed.state] if site_id == SITE_ID else "notsignedup"


def _category_id(feed: Feed) -> int:
    return 10 + list(DEPARTMENTS).index(feed.shop.departments[0])


def _get_campaigns(session: Session, affiliateSiteID: int, options: dict | None) -> list[dict]:  # noqa: N803
    options = options or {}
    _check_site(session, affiliateSiteID)
    feeds = [
        feed
        for feed in session.feeds
        if options.get("ID") in (None, feed.program_id)
        and (options.get("query") or "").lower() in feed.shop.name.lower()
        and options.get("campaignCategoryID") in (None, _category_id(feed))
        and options.get("assignmentStatus") in (None, _assignment(feed, affiliateSiteID))
    ]
    if options.get("sort") == "name":
        feeds.sort(key=lambda feed: feed.shop.name)
    if options.get("sortDirection") == "descending":
        feeds.reverse()
    full = not options.get("excludeInfo")
    return [_campaign(session, feed, affiliateSiteID, full) for feed in _page(feeds, options)]


def _campaign(session: Session, feed: Feed, site_id: int, full: bool) -> dict:
    shop, base = feed.shop, session.request.base_url
    campaign: dict[str, Any] = {
        "ID": feed.program_id,
        "name": shop.name,
        "URL": f"{base}/shop/{shop.slug}/",
        "info": None,
    }
    if full:
        policies = ("SearchEngineMarketing", "EmailMarketing", "Cashback", "DiscountCode")
        campaign["info"] = {
            "category": _CATEGORIES[_category_id(feed) - 10],
            "subCategories": [],
            "campaignDescription": f"<p>{shop.name} &amp; friends</p>",
            "shopDescription": f"<p>{shop.name}</p>",
            "imageURL": f"{base}/logos/{shop.slug}.png",
            "trackingURL": f"{base}/tc/?c={feed.program_id}&m=12&a={site_id}&r=&u=",
            "commission": {"saleCommissionVariable": "6.50", "leadCommission": "0.00"},
            "assignmentStatus": _assignment(feed, site_id),
            "startDate": "2023-05-01",
            "timeZone": "Europe/Amsterdam",
            "clickToConversion": "P30D",
            **{f"policy{policy}Status": "limited" for policy in policies},
            "deeplinkingSupported": True,
            "referencesSupported": True,
            "saleMaximumAssessmentInterval": "P60D",
        }
    return campaign


def _get_campaign_categories(session: Session) -> list[dict]:
    session.check_login()
    return _CATEGORIES


def _get_feeds(session: Session, affiliateSiteID: int, options: dict | None) -> list[dict]:  # noqa: N803
    options = options or {}
    _check_site(session, affiliateSiteID)
    return [
        _feed(session, feed, affiliateSiteID)
        for feed in session.feeds
        if options.get("ID") in (None, feed.feed_id)
        and options.get("campaignID") in (None, feed.program_id)
        and options.get("campaignCategoryID") in (None, _category_id(feed))
        and options.get("assignmentStatus") in (None, _assignment(feed, affiliateSiteID))
    ]


def _feed(session: Session, feed: Feed, site_id: int) -> dict:
    base, catalogue = session.request.base_url, session.state.catalogue
    published_at = catalogue.change(feed).published_at.astimezone(_AMSTERDAM)
    return {
        "ID": feed.feed_id,
        "campaign": _campaign(session, feed, site_id, full=False),
        "name": f"{feed.shop.name} {feed.shop.market.code}",
        "URL": f"{base}/tradetracker/pf/?aid={site_id}&encoding=utf-8&type=xml-v2&fid={feed.feed_id}",
        "updateDate": published_at.isoformat(),
        "updateInterval": "P1D",
        "productCount": catalogue.live_count(feed),
        "assignmentStatus": _assignment(feed, site_id),
    }


def _usable_feeds(session: Session, site_id: int, feed_id: int | None) -> tuple[Feed, ...]:
    """Return the feeds whose products the site may see; raise Fault for a feed that is not among them."""
    _check_site(session, site_id)
    accepted = tuple(feed for feed in session.feeds if _assignment(feed, site_id) == "accepted")
    if feed_id is None:
        return accepted
    chosen = tuple(feed for feed in accepted if feed.feed_id == feed_id)
    if not chosen:
        raise Fault("Feed does not exist or is not available for this affiliate site.")
    return chosen


def _get_feed_categories(session: Session, affiliateSiteID: int, feedID: int) -> list[dict]:  # noqa: N803
    feed = _usable_feeds(session, affiliateSiteID, feedID)[0]
    counts = session.state.catalogue.family_counts(feed)
    return [
        {"name": " > ".join(family.category(feed.shop.market.language)), "productCount": count}
        for family, count in zip(feed.shop.families, counts, strict=True)
    ]


def _get_feed_products(session: Session, affiliateSiteID: int, options: dict | None) -> Iterator[dict]:  # noqa: N803
    options = options or {}
    feeds = _usable_feeds(session, affiliateSiteID, options.get("feedID"))
    wanted, category = options.get("campaignID"), options.get("campaignCategoryID")
    feeds = tuple(
        feed for feed in feeds if wanted in (None, feed.program_id) and category in (None, _category_id(feed))
    )
    query = Query(
        feeds=feeds,
        words=split_words(options.get("query") or ""),
        categories=tuple(filter(None, [(options.get("feedCategoryName") or "").lower()])),
        min_cents=_cents(options.get("priceFrom")),
        max_cents=_cents(options.get("priceTo")),
    )
    _, items = session.state.searcher.find(query, options.get("offset") or 0, options.get("limit"))
    base = session.request.base_url
    return (feed_product(base, item, str(affiliateSiteID)) for item in items)


def _cents(price: float | None) -> int | None:
    return None if price is None else round(price * 100)


def _report(name: str) -> Callable[..., Iterable[dict]]:
    """Return the operation that answers with a report of `reports`; sales are all of the first site."""

    def operation(
        session: Session, affiliateSiteID: int | None = None, options: dict | None = None
    ) -> list[dict]:  # noqa: N803
        if affiliateSiteID is not None:
            _check_site(session, affiliateSiteID)
        if affiliateSiteID == TRADETRACKER_OTHER_SITE_ID:
            return []
        try:
            return list(getattr(reports, name)(session.state, session.market, options or {}))
        except reports.BadValue as error:
            raise Fault(str(error), "Sender") from None

    return operation


def _get_commission(session: Session, affiliateSiteID: int, campaignID: int) -> list[dict]:  # noqa: N803
    _check_site(session, affiliateSiteID)
    feed = next((feed for feed in session.feeds if feed.program_id == campaignID), None)
    if feed is None:
        raise Fault("Campaign does not exist.")
    return reports.commission(session.state, feed)


_OPERATIONS: dict[str, Callable[..., Iterable[dict]]] = {
    "authenticate": _authenticate,
    "getAffiliateSites": _get_affiliate_sites,
    "getAffiliateSiteTypes": _get_site_types,
    "getAffiliateSiteCategories": _get_site_categories,
    "getCampaigns": _get_campaigns,
    "getCampaignCategories": _get_campaign_categories,
    "getFeeds": _get_feeds,
    "getFeedProductCategories": _get_feed_categories,
    "getFeedProducts": _get_feed_products,
    "getConversionTransactions": _report("conversions"),
    "getClickTransactions": _report("clicks"),
    "getReportAffiliateSite": _report("report_site"),
    "getReportCampaign": _report("report_campaigns"),
    "getReportReference": _report("report_references"),
    "getPayments": _report("payments"),
    "getCampaignCommissionExtended": _get_commission,
}
