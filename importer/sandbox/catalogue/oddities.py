"""What shops do to their feeds: two items in 25 are odd, always the same ones, one of them mildly.

After docs/networks/tradedoubler.md 2, docs/networks/adtraction.md 2, docs/networks/tradetracker.md 5 and 7.
"""

from __future__ import annotations

from collections.abc import Callable

from importer.sandbox.catalogue.gtins import check_digit
from importer.sandbox.catalogue.item import Item

BLOCK = 25  # one of so many is odd
PLACEHOLDER = "/images/placeholder.png"
LONG_TITLE_BYTES = 10_240
FILLER_EAN = "8888888888888"


def _no_name(item: Item) -> None:
    item.title = None


def _no_price(item: Item) -> None:
    item.price = None


def _price_with_space_and_comma(item: Item) -> None:
    whole, cents = divmod(item.cents + 100_000, 100)
    item.cents += 100_000
    item.price = f"{whole // 1000} {whole % 1000:03d},{cents:02d}"


def _price_with_comma(item: Item) -> None:
    item.price = f"{item.cents // 100},{item.cents % 100:02d}"


def _price_with_unit(item: Item) -> None:
    item.price = f"{item.price} {item.currency}"


def _price_not_a_number(item: Item) -> None:
    item.price = "NaN"


def _negative_price(item: Item) -> None:
    item.price, item.cents = f"-{item.price}", -item.cents


def _entities(item: Item) -> None:
    item.title = f"{item.title} &amp; Case &#39;Pro&#39;"
    item.category = (item.category or "").replace(" > ", " &gt; ")


def _line_breaks(item: Item) -> None:
    item.description = (item.description or "").replace(". ", ".<br/>").replace(" ", "\n", 1) + "\u00a0"


def _several_images(item: Item) -> None:
    item.images = [f"/images/{item.number}{suffix}.jpg" for suffix in ("", "-2", "-3")]


def _zero_ean(item: Item) -> None:
    item.gtin = "0" * 13


def _upc(item: Item) -> None:
    digits = item.gtin[1:12]
    item.gtin = digits + check_digit(digits)


def _wrong_check_digit(item: Item) -> None:
    item.gtin = item.gtin[:12] + str((int(item.gtin[12]) + 5) % 10)


def _no_ean(item: Item) -> None:
    item.gtin = ""


def _spaced_id(item: Item) -> None:
    item.sku = f"{item.brand.lower()} lab_{item.sku.lower()}"


def _same_id_as_before(item: Item) -> None:
    family_count = len(item.feed.shop.families)
    if item.index >= family_count:
        prefix, digits = item.sku.split("-")
        item.sku = f"{prefix}-{digits[:2]}{int(digits[2:]) - 1:04d}"


def _placeholder_picture(item: Item) -> None:
    item.images = [PLACEHOLDER]


def _no_picture(item: Item) -> None:
    item.images = []


def _emoji(item: Item) -> None:
    item.title = f"🔥 {item.title} 👟✨"


def _long_title(item: Item) -> None:
    item.title = (f"{item.title} " * (LONG_TITLE_BYTES // len(item.title or " ") + 1))[:LONG_TITLE_BYTES]


def _right_to_left(item: Item) -> None:
    item.title = f"{item.brand} حذاء للجري {item.model} נעלי ריצה"


def _script_link(item: Item) -> None:
    item.link = "javascript:alert(document.cookie)"


def _script_in_description(item: Item) -> None:
    item.description = f'{item.description}<script>alert("x")</script><img src=x onerror=alert(1)>'


def _no_link(item: Item) -> None:
    item.link = ""


def _no_category(item: Item) -> None:
    item.category = None


def _nul_byte(item: Item) -> None:
    item.description = f"{item.description}\x00\x0b"


def _filler_ean(item: Item) -> None:
    item.gtin = FILLER_EAN


def _in_store_code(item: Item) -> None:
    digits = f"20{item.number:010}"
    item.gtin = digits + check_digit(digits)


def _counted_stock(item: Item) -> None:
    item.stock_words = f"{item.stock} in stock" if item.stock else "Niet op voorraad (0)"


def _variant(item: Item) -> None:
    item.group_id = f"{item.family.slug}-{item.brand}-{item.model}"


ODDITIES: dict[str, Callable[[Item], None]] = {
    function.__name__[1:]: function
    for function in (
        _no_name,
        _no_price,
        _price_with_space_and_comma,
        _price_with_comma,
        _price_with_unit,
        _price_not_a_number,
        _negative_price,
        _entities,
        _line_breaks,
        _several_images,
        _zero_ean,
        _upc,
        _wrong_check_digit,
        _no_ean,
        _spaced_id,
        _same_id_as_before,
        _placeholder_picture,
        _no_picture,
        _emoji,
        _long_title,
        _right_to_left,
        _script_link,
        _script_in_description,
        _no_link,
        _no_category,
        _nul_byte,
    )
}
# Of these the rest of the row is as good as any: codes that are no article's, and words of the shop's own.
HABITS: dict[str, Callable[[Item], None]] = {
    function.__name__[1:]: function for function in (_filler_ean, _in_store_code, _counted_stock, _variant)
}
_NAMES, _HABIT_NAMES = tuple(ODDITIES), tuple(HABITS)


def sprinkle(item: Item, dice: int) -> None:
    """Make `item` odd when its block's dice point at it; the kinds take turns, and so do the habits."""
    block, place = divmod(item.number, BLOCK)
    odd = dice % BLOCK
    if place == odd:
        item.oddity = _NAMES[block % len(_NAMES)]
        ODDITIES[item.oddity](item)
    elif place == (odd + BLOCK // 2) % BLOCK:
        item.oddity = _HABIT_NAMES[block % len(_HABIT_NAMES)]
        HABITS[item.oddity](item)
