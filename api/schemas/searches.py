"""Saved searches, blocks, undos, events, site settings."""

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema

from api.schemas.common import In


class SavedOut(Schema):
    id: int
    name: str
    query: dict[str, Any]
    options: dict[str, Any]
    schedule: str
    keep_adding: bool
    may_add: bool = Field(description="It adds by itself: a person saw the trial of just this search.")
    daily_limit: int
    new_count: int
    waiting_count: int
    counted_at: datetime | None
    next_run_at: datetime | None
    ran_at: datetime | None
    outcome: str
    created_at: datetime


class SavedPatch(In):
    name: str | None = Field(None, max_length=120)
    query: dict[str, Any] | None = None
    schedule: str | None = None
    keep_adding: bool | None = None
    daily_limit: int | None = None
    status: Literal["", "draft", "published"] | None = None
    categories: list[int] | None = None
    uses_map: bool | None = None


class SavedIn(SavedPatch):
    name: str = Field(max_length=120)
    query: dict[str, Any] = Field(examples=[{"version": 1, "keywords": "bosch", "in_stock": True}])


class TrialRow(Schema):
    item_id: int
    title: str
    verdict: str


class TrialOut(Schema):
    fingerprint: str = Field(description="Send it to `approve`.")
    waiting: int
    items: list[TrialRow]


class Fingerprint(In):
    fingerprint: str = Field(max_length=64)


class Until(In):
    until: datetime


class BlockOut(Schema):
    id: int
    kind: str
    key: str
    label: str
    reason: str
    created_by: int | None
    created_at: datetime


class BlockIn(In):
    kind: Literal["gtin", "item", "model", "shop", "brand", "words"]
    key: str = Field(max_length=1000)
    reason: str = Field("", max_length=300)


class BlockFilter(Schema):
    q: str = Field("", max_length=200)
    kind: Literal["", "product", "shop", "brand", "words"] = ""


class UndoIn(In):
    cause: str = Field(max_length=80, examples=["run:12"])


class UndoOut(Schema):
    """Planned first; `carry-out` does it. `counts` by verdict: what becomes, or became, of the products."""

    id: int
    cause: str
    state: str
    message: str
    total_count: int
    planned_count: int
    done_count: int
    counts: dict[str, int]
    created_at: datetime
    finished_at: datetime | None


class EventOut(Schema):
    id: int
    kind: str
    subjects: list[str]
    before: Any
    after: Any
    actor: str
    run: int | None
    sources: list[str]
    at: datetime


class SiteOut(Schema):
    name: str
    tagline: str
    language: str
    currency: str
    accent: str
    disclosure: str
    footer: str
    fresh_for_hours: int
    prices_shown_hours: int
    hide_thin_pages: bool
    offers_alerts: bool
    alert_days: int
    digest_at: str
    late_percent: int
    version: str


class SitePatch(In):
    name: str | None = None
    tagline: str | None = None
    language: str | None = None
    currency: str | None = None
    accent: str | None = None
    disclosure: str | None = None
    footer: str | None = None
    fresh_for_hours: int | None = None
    prices_shown_hours: int | None = None
    hide_thin_pages: bool | None = None
    offers_alerts: bool | None = None
    alert_days: int | None = None
    digest_at: str | None = None
    late_percent: int | None = None
