"""Feed values -> clean values: pure functions, tables and limits. Nothing here raises on odd input.

They run for every item of feeds with millions of rows, so each looks for the plain case first: entities are
decoded only where there is a `&`, the HTML cleaner is called only where there is a `<`.
"""

from catalog.lib.gtin import parse_gtin
from importer.normalise.addresses import MAX_IMAGES, MAX_URL, clean_images, clean_url
from importer.normalise.currencies import clean_currency, read_mark
from importer.normalise.facts import parse_period, parse_stock, parse_time
from importer.normalise.markup import MAX_DESCRIPTION, clean_html
from importer.normalise.money import CENT, MAX_PRICE, UNKNOWN_STYLE, PriceStyle, parse_price, parse_shipping
from importer.normalise.names import (
    MAX_ATTRIBUTES,
    clean_attributes,
    clean_brand,
    clean_category,
    clean_shop_name,
)
from importer.normalise.profiles import READING, FeedProfile, ProfileNotes
from importer.normalise.text import LOST, MAX_ID, MAX_TITLE, clean_id, clean_text, cut, without_lost

__all__ = [
    "CENT",
    "LOST",
    "MAX_ATTRIBUTES",
    "MAX_DESCRIPTION",
    "MAX_ID",
    "MAX_IMAGES",
    "MAX_PRICE",
    "MAX_TITLE",
    "MAX_URL",
    "READING",
    "UNKNOWN_STYLE",
    "FeedProfile",
    "PriceStyle",
    "ProfileNotes",
    "clean_attributes",
    "clean_brand",
    "clean_category",
    "clean_currency",
    "clean_html",
    "clean_id",
    "clean_images",
    "clean_shop_name",
    "clean_text",
    "clean_url",
    "cut",
    "parse_period",
    "parse_gtin",
    "parse_price",
    "parse_shipping",
    "parse_stock",
    "parse_time",
    "read_mark",
    "without_lost",
]
