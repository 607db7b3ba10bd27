"""Block products, shops, brands and words, and take that back. What a block does: `feed_index.blocked`."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from catalog.lib.gtin import explain_refusal, parse_gtin
from catalog.lib.words import fold
from events.kinds import Kind as EventKind
from events.record import record
from importer.feed_index import lexemes_of
from importer.models import Block, FeedItem
from importer.search.joining import group_of
from importer.search.known import own_gtin

Kind = Block.Kind
MAX_NAMES = 1_000  # shops, brands and words, of which every search compares all
MAX_PRODUCTS = 100_000
_PRODUCTS = (Kind.GTIN, Kind.ITEM, Kind.MODEL)
_NOUNS = {Kind.SHOP: "shop", Kind.BRAND: "brand", Kind.WORDS: "words"}


@dataclass(frozen=True, slots=True)
class Choice:
    """What of an item can be blocked: a kind, its key, and what a person reads of it."""

    kind: Kind
    key: str
    label: str


def choices_of(item: FeedItem, *, with_variants: bool = False) -> dict[str, Choice]:
    """Return what of an item, read with its feed, can be blocked: its "product", "shop" and "brand".

    A product is known by its EAN in every shop; without one, or where its feed gives the EAN to unlike
    articles, by its shop's own id. `with_variants`: the whole model, in its shop.
    """
    title = item.title or item.external_id
    if with_variants and (group := group_of(item)):
        product = Choice(Kind.MODEL, group, title)
    elif gtin := own_gtin(item):
        product = Choice(Kind.GTIN, gtin, title)
    else:
        product = Choice(Kind.ITEM, item.source_key, title)
    found = {"product": product}
    if item.shop_name:
        found["shop"] = Choice(Kind.SHOP, item.shop_name, item.shop_name)
    if item.brand:
        found["brand"] = Choice(Kind.BRAND, item.brand, item.brand)
    return found


def add_block(kind: str, key: str, *, label: str = "", reason: str = "", user: Any = None) -> Block:
    """Block something from now on; what is blocked already stays as it is, and is returned.

    Raises ValidationError with a sentence where it means nothing, or would be too much.
    """
    key, lexemes = _read(kind, key)
    with transaction.atomic():
        block, is_new = Block.objects.get_or_create(
            kind=kind,
            key=fold(key) if lexemes else key,
            defaults={
                "label": (label or key)[:300],
                "lexemes": lexemes,
                "reason": reason.strip()[:300],
                "created_by": user,
            },
        )
        if is_new:
            _check_room(block)
            record(EventKind.BLOCK_ADDED, f"block:{block.pk}", after=_values(block))
    return block


def remove_block(block: Block) -> None:
    """Let it come up again from now on."""
    values = _values(block)
    with transaction.atomic():
        count, _ = Block.objects.filter(pk=block.pk).delete()
        if count:
            record(EventKind.BLOCK_REMOVED, f"block:{block.pk}", before=values)


def find_blocks_like(text: str = "", kind: str = "") -> QuerySet[Block]:
    """Return the blocks that say something like the text, of a kind ("product" for all three of products)."""
    blocks = Block.objects.select_related("created_by")
    if kind == "product":
        blocks = blocks.filter(kind__in=_PRODUCTS)
    elif kind:
        blocks = blocks.filter(kind=kind)
    if text:
        blocks = blocks.filter(Q(label__icontains=text) | Q(key__icontains=text) | Q(reason__icontains=text))
    return blocks


def describe(block: Block) -> str:
    """Return what is blocked, by whom, when and why, in sentences."""
    noun = _NOUNS.get(Kind(block.kind), "product")
    by = f" by {block.created_by}" if block.created_by else ""
    on = date_format(timezone.localtime(block.created_at), "j F Y")
    reason = f" {block.reason.rstrip('.')}." if block.reason else ""
    return f"Blocked{by} on {on}: the {noun} “{block.label}”.{reason}"


def _read(kind: str, key: str) -> tuple[str, str]:
    key = " ".join(key.split())
    if kind == Kind.GTIN:
        if not (gtin := parse_gtin(key)):
            raise ValidationError(explain_refusal(key), code="gtin")
        return gtin, ""
    lexemes = lexemes_of(kind, key)
    if not key or (kind in _NOUNS and not lexemes):
        raise ValidationError("Say what is to be blocked.", code="empty")
    if len(key) > (300 if lexemes else 1_000):
        raise ValidationError("This is too long to be blocked.", code="long")
    return key, lexemes


def _check_room(block: Block) -> None:
    if block.lexemes:
        is_full = Block.objects.exclude(lexemes="").count() > MAX_NAMES
    else:
        is_full = block.pk > MAX_PRODUCTS and Block.objects.filter(lexemes="").count() > MAX_PRODUCTS
    if is_full:
        raise ValidationError("So much is blocked that there is no room for more.", code="full")


def _values(block: Block) -> dict[str, str]:
    return {"kind": block.kind, "label": block.label, "reason": block.reason}
