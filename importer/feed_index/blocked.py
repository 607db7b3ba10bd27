"""What is blocked, as SQL: the one rule for searches, imports and rows.

Shops, brands and words are lexemes of the index, joined into one tsquery; products are looked up by their
keys. A kind of which nothing is blocked costs nothing.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection

from catalog.lib.named_sql import read_statements
from catalog.lib.words import words_of
from importer.feed_index import lexemes as words
from importer.models import Block

MIN_BEGINNING = 3  # letters of a word with an asterisk
MAX_WORDS = 20
_CHUNK = re.compile(r'"([^"]*)"?|(\S+)')
_SQL = read_statements(__file__)
# `group_of` (importer.search.joining) says the same in Python.
_GROUP = "left(item.source_key, length(item.source_key) - length(item.external_id)) || item.variant_key"
_IS_ROW = {
    Block.Kind.GTIN.value: (
        "item.gtin <> '' AND EXISTS (SELECT FROM importer_block AS block"
        " WHERE block.kind = 'gtin' AND block.key = item.gtin)"
    ),
    Block.Kind.ITEM.value: (
        "EXISTS (SELECT FROM importer_block AS block"
        " WHERE block.kind = 'item' AND block.key = item.source_key)"
    ),
    Block.Kind.MODEL.value: (
        "item.variant_key <> '' AND EXISTS (SELECT FROM importer_block AS block"
        f" WHERE block.kind = 'model' AND block.key = {_GROUP})"
    ),
}


@dataclass(frozen=True, slots=True)
class Blocked:
    """All that is blocked now: a tsquery of lexemes ("" for none), and the kinds that are looked up."""

    lexemes: str
    kinds: Collection[str]

    def __bool__(self) -> bool:
        return bool(self.lexemes or self.kinds)

    def condition(self) -> tuple[str, list[str]]:
        """Return SQL that is true of what is blocked among items, or samples, named `item`; parameters."""
        parts = [f"({_IS_ROW[kind]})" for kind in self.kinds]
        if self.lexemes:
            parts.insert(0, "item.search @@ %s::tsquery")
        return f"({' OR '.join(parts) or 'FALSE'})", [self.lexemes] if self.lexemes else []

    def exceptions(self) -> list[str]:
        """Return SQL for each kind that is looked up, true of what is not blocked. The lexemes are apart."""
        return [f"NOT ({_IS_ROW[kind]})" for kind in self.kinds]


NOTHING = Blocked("", ())


def read_blocked() -> Blocked:
    """Return what is blocked now. One small query."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL["read"].format(kinds=", ".join(f"'{kind}'" for kind in _IS_ROW)))
        return Blocked(*cursor.fetchone())


def find_blocks(item_ids: Collection[int]) -> dict[int, Block]:
    """Return the first block of each stored item that is blocked, read with who made it.

    One small query where nothing is blocked, two where none of these items is.
    """
    if not item_ids or not (blocked := read_blocked()):
        return {}
    condition, params = blocked.condition()
    with connection.cursor() as cursor:
        cursor.execute(_SQL["find"].format(group=_GROUP, blocked=condition), [[*item_ids], *params])
        found = dict(cursor.fetchall())
    blocks = Block.objects.select_related("created_by").in_bulk(set(found.values())) if found else {}
    return {item_id: blocks[block_id] for item_id, block_id in found.items() if block_id in blocks}


def lexemes_of(kind: str, value: str) -> str:
    """Return what the items of a shop, of a brand or with some words have in the index; "" for other kinds.

    Of words all must occur in title, brand and category, as they are written or in a form of them:
    `gebraucht*` is a beginning, `"second hand"` a phrase.
    """
    if kind == Block.Kind.SHOP:
        return f"'{words.shop_token(value)}'"
    if kind == Block.Kind.BRAND:
        return f"'{words.brand_token(value)}'"
    if kind != Block.Kind.WORDS:
        return ""
    parts = [part for phrase, chunk in _CHUNK.findall(value) if (part := _part(phrase or chunk, bool(chunk)))]
    return f"({' & '.join(dict.fromkeys(parts[:MAX_WORDS]))})" if parts else ""


def _part(text: str, may_begin: bool) -> str:
    """Return a word, or several side by side, as a tsquery."""
    found = words_of(text)
    if not found:
        return ""
    quoted = [f"'{word}'" for word in found]
    if may_begin and text.endswith("*") and len(found[-1]) >= MIN_BEGINNING:
        quoted[-1] += ":*"
    return " <-> ".join(quoted)
