"""Build one `ItemData` from the raw values of any network: clean, cut, and with a word on what is wrong."""

import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar, cast
from urllib.parse import unquote

from catalog.lib.gtin import parse_gtin
from importer.feed_files import BadRow
from importer.feed_files.known_rows import NO_ORIGIN
from importer.networks.columns import SALE_DATES, SALE_END, SALE_START, SUBCATEGORIES, Fields, is_attribute
from importer.networks.contract import FeedData, FeedWatch, ItemData
from importer.normalise import (
    LOST,
    MAX_TITLE,
    UNKNOWN_STYLE,
    PriceStyle,
    ProfileNotes,
    clean_attributes,
    clean_brand,
    clean_category,
    clean_html,
    clean_id,
    clean_images,
    clean_shop_name,
    clean_text,
    clean_url,
    parse_period,
    parse_price,
    parse_shipping,
    parse_stock,
    read_mark,
    without_lost,
)
from importer.normalise.names import is_nothing

Row = TypeVar("Row")
SAMPLE_ROWS = 500  # kept in memory until the first item comes
MOST_REDUCED = 20  # times the price: an old price above it is a mistake, or another unit's
_PATH_MARK = re.compile(r"[>»›|;/]| - ")


def as_dict(value: object) -> Mapping[str, Any]:
    """Return `value` where it is an object, else an empty one: no answer is sure of its shape."""
    return value if type(value) is dict or isinstance(value, Mapping) else {}


def as_dicts(value: object) -> list[Mapping[str, Any]]:
    """Return the objects of a list, also where one object came in place of the list."""
    values = value if isinstance(value, list) else [value]
    # The exact type first: it is nearly always that one, and much quicker to ask.
    return [entry for entry in values if type(entry) is dict or isinstance(entry, Mapping)]


def unquoted(text: str) -> str:
    """Return `text` without its percent signs; quick for addresses that have no others than of `://`."""
    text = text.replace("%3A", ":").replace("%2F", "/")
    return unquote(text) if "%" in text else text


def category_path(category: object, columns: Fields) -> str:
    """Return the first category as a path, from whichever form an answer gives it.

    A text; a list; an object with its path; an object `path => name`. Where it is a single level, the
    columns for the levels below it are added.
    """
    text = _category_text(category)
    if text and _PATH_MARK.search(text):
        return text
    below = (columns.first(level) for level in SUBCATEGORIES)
    levels = [text, *(_category_text(level) for level in below)]
    return " > ".join(filter(None, levels))


def _category_text(value: object) -> str:
    while isinstance(value, list | tuple):
        value = next(filter(None, value), None)
    if not isinstance(value, Mapping):
        return "" if value is None else str(value).strip()
    for name in ("category", "@path", "path", "#text", "name", "tdCategoryName"):
        if (inner := value.get(name)) is not None and (found := _category_text(inner)):
            return found
    if value.keys() & {"id", "ID", "@ID", "category", "@path", "path", "name", "tdCategoryName"}:
        return ""
    # `path => name`. A path of the shop's numbers says nothing to a reader.
    path, name = next(iter(value.items()), ("", ""))
    return str(path).strip() if any(map(str.isalpha, str(path))) else _category_text(name)


def find_sale_dates(columns: Fields) -> Sequence[object]:
    """Return what the columns say of when a sale is on: a period, or its two ends; empty when nothing."""
    if period := columns.first(SALE_DATES):
        return (period,)
    ends = columns.first(SALE_START), columns.first(SALE_END)
    return ends if any(ends) else ()


def first_gtin(*values: object) -> str:
    """Return the first valid GTIN among `values`, else ""."""
    for value in values:
        if gtin := parse_gtin(value):
            return gtin
    return ""


def make_item(
    *,
    feed_id: object,
    external_id: object,
    title: object,
    price: object,
    link: object,
    currency: object = "",
    feed: FeedData | None = None,
    default_currency: str = "",
    program_id: object = "",
    shop_name: object = "",
    description: object = "",
    brand: object = "",
    category: object = "",
    sale_price: object = None,
    sale_dates: Sequence[object] = (),
    old_prices: Iterable[object] = (),
    shipping: object = None,
    gtins: Iterable[object] = (),
    stock: object = None,
    product_url: object = "",
    images: Iterable[object] = (),
    attributes: Iterable[tuple[object, object]] = (),
    changes_at: datetime | None = None,
) -> ItemData:
    """Return the item; what makes it unfit to import stands in its `problem`, the first such thing.

    `currency` is what the row says of it, in a column of its own; `default_currency`, else the one of `feed`,
    is meant where neither that nor the price says one. A readable `sale_price` below `price` becomes the
    price, and `price` the old one, unless the sale is over or yet to come: `sale_dates` is a period, or its
    two ends. The greatest of `old_prices` counts, if it is above the price. `changes_at`: when the row says
    something else, as far as that is known beforehand.
    """
    style = feed.style if feed else UNKNOWN_STYLE
    default = default_currency or (feed.currency if feed else "")
    column = _column_currency(currency, default) if currency else ""
    light = column or default
    amount, named = parse_price(price, light, style)
    problem = _price_problem(price, amount, named, currency, column, style)
    said = named or light
    amount = None if problem else amount
    claims = [_amount(value, said, style) for value in old_prices if value]
    sale = _amount(sale_price, said, style) if sale_price else None
    if amount and sale and sale < amount:
        is_on, sale_changes_at = _is_on(sale_dates) if sale_dates else (True, None)
        changes_at = min(filter(None, (changes_at, sale_changes_at)), default=None)
        if is_on:
            claims.append(amount)
            amount = sale
    able = [claim for claim in claims if claim and amount and amount < claim <= MOST_REDUCED * amount]
    old = max(able) if able else None
    identity, name, url = clean_id(external_id), clean_text(title, MAX_TITLE), clean_url(link)
    if LOST in name:
        name = without_lost(name) or name
    maker = clean_brand(brand)
    if (
        maker
        and name[: len(maker) + 1] == f"{maker} "
        and name[len(maker) + 1 :].casefold().startswith(f"{maker.casefold()} ")
    ):
        name = name[len(maker) + 1 :]  # `Azuri AZURI case`: the shop put it there, and the network again
    return ItemData(
        feed_id=clean_id(feed_id)[:100],
        external_id=identity,
        title=name,
        tracking_url=url,
        program_id=clean_id(program_id)[:100],
        shop_name=clean_shop_name(shop_name),
        description=clean_html(description),
        brand=maker,
        category=clean_category(category),
        price=amount,
        old_price=old,
        shipping=parse_shipping(shipping, said, feed.market if feed else "", style),
        currency=said,
        gtin=first_gtin(*gtins),
        in_stock=parse_stock(stock),
        product_url=clean_url(product_url),
        image_urls=clean_images(*images),
        attributes=clean_attributes([pair for pair in attributes if is_attribute(str(pair[0] or ""))]),
        problem=_problem(identity, name, problem, said, url),
        price_text=price if isinstance(price, str) else "",
        currency_from="price" if named else "column" if column else "feed" if said else "",
        changes_at=changes_at,
    )


def _column_currency(value: object, default: str) -> str | None:
    """Return the currency that a column says; None where it says one that is not known."""
    text = clean_text(value)
    return "" if not text or is_nothing(text) else read_mark(text, default)


def _amount(value: object, currency: str, style: PriceStyle) -> Decimal | None:
    """Return the amount unless it is in another currency."""
    amount, named = parse_price(value, currency, style)
    return amount if named in ("", currency) else None


def _is_on(dates: Sequence[object]) -> tuple[bool, datetime | None]:
    """Tell whether a sale is on now, and when that changes; one of dates that cannot be read is not."""
    period = parse_period(*dates)
    if period is None:
        return False, None
    start, end = period
    now = datetime.now(UTC)
    changes_at = next((time for time in period if time and time > now), None)
    return (start is None or start <= now) and (end is None or now < end), changes_at


def _price_problem(
    price: object, amount: Decimal | None, named: str, currency: object, column: str | None, style: PriceStyle
) -> str:
    """Return why the price cannot be used, "" where it can. The rules that were met are plain first."""
    if amount and column is not None and (not named or not column or named == column):
        return ""
    said = clean_text(price, 40)
    if column is None:
        return f"the currency “{clean_text(currency, 20)}” is not known"
    if amount:
        return f"the price “{said}” is in {named}, its currency is said to be {column}"
    if amount is not None or not said:
        return "has no price"  # feeds write 0 where they have none
    if style != UNKNOWN_STYLE and parse_price(price, column)[0]:
        return f"the price “{said}” could be meant in two ways: the feed's others are written otherwise"
    numbers = re.findall(r"\d[\d.,' ]*", said)
    if len(numbers) == 1 and "-" not in said and parse_price(numbers[0])[0]:
        return f"the price “{said}” has a mark or a word that is not known"
    return f"the price “{said}” cannot be read"


def _problem(external_id: str, title: str, price_problem: str, currency: str, link: str) -> str:
    if not title:
        return "has no name"
    if LOST in title:
        return f"the letters of its name cannot be read for sure: “{title}”"
    if price_problem:
        return price_problem
    if not currency:
        return "has no currency"
    if not link:
        return "has no link that can be used"
    return "" if external_id else "has no id"


def read_items(
    rows: Iterable[Row | int],
    parse: Callable[[Row, FeedData], Iterable[ItemData]],
    feed: FeedData,
    watch: FeedWatch,
    salt: str = "",
) -> Iterator[ItemData | int]:
    """Yield the items of all rows, each read in the light of the others; of a known row its place.

    How the feed writes prices is known from its last whole pass (`watch.profile`) and from its first
    `SAMPLE_ROWS` rows, which are looked at before the first item comes. After the last item, `watch.profile`
    is what this pass taught. `salt` is what `parse` depends on besides the row and the feed.
    """
    rows, known = iter(rows), watch.known
    known.distrust()
    # Nothing is trusted yet, so none of them is known.
    head = [(cast("Row", row), known.digest) for row in itertools.islice(rows, SAMPLE_ROWS)]
    feed = replace(feed, style=watch.profile.style)
    first = [tuple(parse(row, feed)) for row, _ in head]
    style = _style_of(first, feed.style)
    if style != feed.style:
        feed = replace(feed, style=style)
        first = [tuple(parse(row, feed)) for row, _ in head]
    # What is said of the feed elsewhere does not change how its rows are read.
    same = replace(feed, item_count=None, network_updated_at=None, url="")
    known.trust(f"{salt} {watch.encoding} {same!r}")
    notes = ProfileNotes(known.kinds)

    def note(row: Row, items: Sequence[ItemData], digest: int) -> Iterator[ItemData]:
        if not items:
            text = json.dumps(row, ensure_ascii=False, default=str)
            watch.note_bad(BadRow.of("has no offer, as every product has", text))
        for item in items:
            kind = notes.note(item.price_text, item.currency_from, item.currency, item.changes_at)
            is_plain = len(items) == 1 and not item.problem and item.changes_at is None
            known.origin = (digest, kind) if is_plain else NO_ORIGIN
            yield item

    for items, (row, digest) in zip(first, head, strict=True):
        yield from note(row, items, digest)
    first, head = [], []
    for entry in rows:
        if isinstance(entry, int):
            notes.note_again(known.row_kinds[entry])
            yield entry
        else:
            yield from note(entry, tuple(parse(entry, feed)), known.digest)
    watch.profile, known.kinds = notes.profile(feed.style), notes.known_kinds


def _style_of(rows: Iterable[Iterable[ItemData]], known: PriceStyle) -> PriceStyle:
    notes = ProfileNotes()
    for items in rows:
        for item in items:
            notes.note(item.price_text)
    return notes.style(known)
