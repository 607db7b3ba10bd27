"""Accounts, feeds and their syncs."""

from datetime import datetime
from typing import Any

from ninja import Field, Schema

from api.schemas.common import In


class AccountOut(Schema):
    """A network account; its credentials are in no answer."""

    id: int
    network: str
    label: str
    currency: str
    product_status: str
    checked_at: datetime | None


class FeedOut(Schema):
    id: int
    account_id: int
    network: str
    external_id: str
    name: str
    program: str
    is_mirrored: bool
    is_current: bool = Field(description="As new as its schedule promises.")
    schedule: str
    item_count: int | None
    synced_at: datetime | None
    next_sync_at: datetime | None
    max_shrink_percent: int
    max_bad_percent: int
    max_price_factor: Any
    gone_after_syncs: int
    version: str = ""


class FeedFilter(Schema):
    network: str = Field("", max_length=30)
    state: str = Field("", max_length=20, description="As in the dashboard; empty: all.")
    text: str = Field("", max_length=100)


class FeedPatch(In):
    is_mirrored: bool | None = None
    schedule: str | None = None
    max_shrink_percent: int | None = None
    max_bad_percent: int | None = None
    max_price_factor: float | None = None
    gone_after_syncs: int | None = None


class ItemsIn(In):
    items: list[int] | None = Field(None, max_length=1000, description="null: all of them.")


class SyncOut(Schema):
    id: int
    feed_id: int
    state: str
    is_active: bool
    message: str
    byte_count: int
    item_count: int
    new_count: int
    changed_count: int
    unchanged_count: int
    gone_count: int
    bad_count: int
    bad_samples: list[Any]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
