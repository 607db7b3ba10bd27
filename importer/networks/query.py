"""What a person looks for, in one form for every search: a network's own, the mirror, runs and addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from catalog.lib.gtin import parse_gtin

VERSION = 1  # of the JSON form
SORTS = ("relevance", "price", "-price", "discount", "newest")
MAX_TEXT = 500  # characters of one value
MAX_VALUES = 10_000  # of one field
MAX_PRICE = 10**12  # what a column of prices holds
CENT = Decimal("0.01")
_CURRENCY = re.compile("[A-Z]{3}")

# What a field is called in an address, where a value stands for itself or is one of several.
IN_ADDRESS = {
    "account_id": "account",
    "networks": "network",
    "programs": "program",
    "feed_ids": "feed",
    "shops": "shop",
    "brands": "brand",
    "categories": "category",
    "ids": "id",
    "variants_of": "variants",
}
# What a search must hold at least one of; the rest only narrows it down.
STARTING = frozenset(
    {"keywords", "programs", "feed_ids", "shops", "brands", "categories", "gtin", "ids", "variants_of"}
)


class QueryError(ValueError):
    """What was given is no query; the message is a sentence that says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemQuery:
    """What to find among items. Empty fields do not filter; values of one field are alternatives.

    `account_id`: search that account, at its network where not all of it is mirrored; without one, all that
    is mirrored. `keywords`: every word, the last may be a beginning, "a phrase", -excluded. `programs`: the
    networks' own ids, `feed_ids` primary keys. A category finds what is below it, too. Prices are compared
    within `currency`. `ids`: EANs or the networks' own ids.
    `blocked`: what is blocked and nothing else, which no search shows otherwise. `new_since`: what appeared
    here after that. `variants_of`: the item of that primary key
    and the other variants of its model, and nothing else.

    Equal queries have equal JSON: texts are stripped, values sorted, prices written the shortest way. Raises
    QueryError on what no query can hold.
    """

    keywords: str = ""
    account_id: int | None = None
    networks: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    feed_ids: tuple[int, ...] = ()
    shops: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    min_price: Decimal | None = None
    max_price: Decimal | None = None
    currency: str = ""  # ISO 4217
    on_sale: bool = False
    in_stock: bool = False
    has_picture: bool = False
    has_gtin: bool = False
    not_imported: bool = False
    blocked: bool = False
    new_since: datetime | None = None
    gtin: str = ""
    ids: tuple[str, ...] = ()
    variants_of: int | None = None
    sort: str = "relevance"

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value != field.default:
                object.__setattr__(self, field.name, _READERS[field.type](field.name, value))
        if self.currency and not _CURRENCY.fullmatch(self.currency):
            raise QueryError("A currency is named by three capital letters.")
        if self.sort not in SORTS:
            raise QueryError(f"A search cannot be sorted by “{self.sort[:50]}”.")
        if self.gtin:
            if not (code := parse_gtin(self.gtin)):
                raise QueryError(f"“{self.gtin[:50]}” is no EAN.")
            object.__setattr__(self, "gtin", code)

    @property
    def asked(self) -> frozenset[str]:
        """The names of the fields that filter or sort."""
        names = {field.name for field in fields(self) if getattr(self, field.name) != field.default}
        return frozenset(names - {"account_id"})

    @property
    def comparable(self) -> ItemQuery:
        """The query as searches obey it: prices are compared in `currency`, which hides nothing else."""
        has_range = self.min_price is not None or self.max_price is not None
        return self if has_range or not self.currency else replace(self, currency="")

    def without(self, names: Iterable[str]) -> ItemQuery:
        """Return the query with these fields empty."""
        empty: dict[str, Any] = {field.name: field.default for field in fields(self)}
        return replace(self, **{name: empty[name] for name in names})

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` reads: the version, and the fields that are not empty, in their order."""
        asked = ((field.name, getattr(self, field.name), field.default) for field in fields(self))
        return {"version": VERSION} | {
            name: _as_json(value) for name, value, empty in asked if value != empty
        }

    @classmethod
    def from_json(cls, stored: object) -> ItemQuery:
        """Return the query that `to_json` wrote; raises QueryError on anything else."""
        if not isinstance(stored, Mapping):
            raise QueryError("A search is a JSON object.")
        version = stored.get("version")
        if type(version) is not int or version != VERSION:
            raise QueryError(f"This search has the version {str(version)[:20]}; known is {VERSION}.")
        known = {field.name for field in fields(cls)}
        values = {name: value for name, value in stored.items() if name != "version"}
        if unknown := sorted(str(name)[:50] for name in values.keys() - known):
            raise QueryError(f"A search has no field {', '.join(unknown)}.")
        return cls(**values)

    def to_params(self) -> list[tuple[str, str]]:
        """Return the names and values of an address that means this query; the search forms read it."""
        params = []
        for field in fields(self):
            if (value := getattr(self, field.name)) == field.default:
                continue
            name = IN_ADDRESS.get(field.name, field.name)
            values = value if isinstance(value, tuple) else (value,)
            params += [(name, "on" if one is True else str(_as_json(one))) for one in values]
        return params


# --- Values ------------------------------------------------------------------------------------
def _as_json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise QueryError(f"{name} is a text.")
    text = value.strip()
    if len(text) > MAX_TEXT:
        raise QueryError(f"{name} is longer than {MAX_TEXT} characters.")
    if "\0" in text or not _is_unicode(text):
        raise QueryError(f"{name} holds what is no character.")
    return text


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _texts(name: str, value: object) -> tuple[str, ...]:
    return tuple(sorted({text for one in _several(name, value) if (text := _text(name, one))}))


def _key(name: str, value: object) -> int:
    if type(value) is not int or not 0 < value < 2**63:
        raise QueryError(f"{name} is the number of a row.")
    return value


def _keys(name: str, value: object) -> tuple[int, ...]:
    return tuple(sorted({_key(name, one) for one in _several(name, value)}))


def _several(name: str, value: object) -> Iterable[object]:
    if not isinstance(value, list | tuple):
        raise QueryError(f"{name} is a list.")
    if len(value) > MAX_VALUES:
        raise QueryError(f"{name} has more than {MAX_VALUES:,} values.")
    return value


def _price(name: str, value: object) -> Decimal:
    try:
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise TypeError
        price = Decimal(value)
        if 0 <= price < MAX_PRICE and price == (exact := price.quantize(CENT)):
            return exact
    except (ArithmeticError, TypeError, ValueError):
        pass
    raise QueryError(f"{name} is an amount with no more than two decimals, as a text.")


def _time(name: str, value: object) -> datetime:
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        read = None
    if not isinstance(read, datetime) or read.tzinfo is None:
        raise QueryError(f"{name} is a time with its zone, as a text.")
    return read.astimezone(UTC)


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise QueryError(f"{name} is true or false.")
    return value


# By what the dataclass says of the field.
_READERS: dict[Any, Any] = {
    "str": _text,
    "int | None": _key,
    "tuple[str, ...]": _texts,
    "tuple[int, ...]": _keys,
    "Decimal | None": _price,
    "datetime | None": _time,
    "bool": _flag,
}

FIELDS = tuple(field.name for field in fields(ItemQuery))
