"""What shops call the columns of their own: every shop has its names for old price, stock or EAN."""

import re
from collections.abc import Iterable
from functools import lru_cache
from operator import itemgetter


class Names(dict[str, int]):
    """What one thing is called: name -> its rank. Two tables are the same only where they are one."""

    __hash__ = object.__hash__  # type: ignore[assignment]


_TABLES: list[Names] = []


def _ranked(*names: str) -> Names:
    _TABLES.append(Names((name, rank) for rank, name in enumerate(names)))
    return _TABLES[-1]


# Keys as `field_key` makes them, the surest first.
SALE_PRICE = _ranked(
    "saleprice", "rawsaleprice", "newprice", "specialprice", "discountprice", "discountedprice"
)
OLD_PRICE = _ranked(
    *("oldprice", "priceold", "fromprice", "pricefrom", "originalprice", "priceoriginal", "regularprice"),
    *("strikeprice", "rawprice", "pricewithoutdiscount", "previousprice", "prevoiusprice", "wasprice"),
    *("listprice", "recommendedprice", "rrp", "msrp", "uvp", "streichpreis", "alterpreis", "normalpreis"),
    *(
        "adviesprijs",
        "vanprijs",
        "oudeprijs",
        "ordinariepris",
        "ordpris",
        "normalpris",
        "forpris",
    ),
    *("prixbarre", "ancienprix", "precioanterior", "prezzopieno", "cenaregularna"),
)
# Of a sale: an interval, or its two ends.
SALE_DATES = _ranked(
    "salepriceeffectivedate", "saleeffectivedate", "salepricedates", "saledates", "saleperiod"
)
SALE_START = _ranked(
    *("salepricestartdate", "salestartdate", "salestart", "salepricestart", "salefrom", "specialfromdate"),
    *(
        "specialpricefromdate",
        "specialpricefrom",
        "dateonsalefrom",
        "salepricedatesfrom",
        "discountstartdate",
    ),
    *("promotionstartdate", "promostart", "aktionvon", "actievan", "offerstartdate"),
)
SALE_END = _ranked(
    *("salepriceenddate", "saleenddate", "saleend", "salepriceend", "saleto", "specialtodate"),
    *("specialpricetodate", "specialpriceto", "dateonsaleto", "salepricedatesto", "discountenddate"),
    *("promotionenddate", "promoend", "aktionbis", "actietot", "offerenddate"),
)
# Prices of something else: the cheapest variant, a kilogram.
OTHER_PRICES = _ranked(
    *(
        "vanafprijs",
        "abpreis",
        "startingprice",
        "prixapartirde",
        "preciodesde",
        "prezzodapartireda",
        "cenaod",
    ),
    *(
        "baseprice",
        "unitprice",
        "grundpreis",
        "basispreis",
        "eenheidsprijs",
        "stukprijs",
        "jmfpris",
        "jamforpris",
    ),
    *("prixunitaire", "preciounidad", "prezzounitario", "cenajednostkowa", "priceperunit", "pricepercount"),
)
CURRENCY = _ranked("currency", "valuta", "currencycode", "devise", "waehrung", "wahrung", "waluta")
GTIN = _ranked(
    "ean",
    "gtin",
    "ean13",
    "gtin13",
    "eancode",
    "gtin14",
    "gtin12",
    "upc",
    "barcode",
    "streepjescode",
    "isbn",
)
BRAND = _ranked(
    *(
        "brand",
        "brandname",
        "merk",
        "marke",
        "marque",
        "marca",
        "marka",
        "varumarke",
        "maerke",
        "merke",
        "merkki",
    ),
    *(
        "znacka",
        "manufacturer",
        "hersteller",
        "fabrikant",
        "fabricant",
        "tillverkare",
        "producent",
        "producer",
    ),
)
STOCK = _ranked(
    *("instock", "stock", "availability", "stockstatus", "voorraad", "voorraadstatus", "beschikbaarheid"),
    *(
        "lager",
        "lagerstatus",
        "lagerbestand",
        "verfuegbarkeit",
        "verfugbarkeit",
        "disponibilite",
        "stocklevel",
    ),
    *("disponibilita", "disponibilidad", "available", "quantity", "stockquantity", "saatavuus", "dostepnosc"),
)
SHIPPING = _ranked(
    *("deliverycosts", "deliverycost", "shippingcost", "shippingcosts", "shipping", "shippingprice"),
    *("verzendkosten", "versandkosten", "frakt", "fraktkostnad", "fragt", "fraisdeport", "porto"),
)
IMAGES = _ranked(
    *(
        "imageurllarge",
        "imagelarge",
        "largeimage",
        "imageurl",
        "image",
        "imagelink",
    ),
    *("additionalimagelink", "additionalimages", "extraimages", "images", "imageurls", "additionalimage"),
    # `imageURL_2`, `extraImage_0` to `_4`: the number is part of the name.
    *(f"{name}{number}" for number in range(13) for name in ("imageurl", "image", "extraimage")),
    "picture",
)
LARGE_IMAGES = _ranked("imageurllarge", "imagelarge", "largeimage", "imageurlzoom", "imageurlbig")
CATEGORY = _ranked(
    "categorypath", "category", "categories", "producttype", "googleproductcategory", "categorie"
)
# What stands below the category: each level in a column of its own.
SUBCATEGORIES = (
    _ranked("subcategories", "subcategory", "subcategorie"),
    _ranked("subsubcategories", "subsubcategory", "subsubcategorie"),
)
DESCRIPTION = _ranked("description", "longdescription", "descriptionlong", "omschrijving", "beschreibung")

_ACCENTS: dict[int, int | str] = {
    **str.maketrans("äåáàâãöøóòôõüúùéèêíìñç", "aaaaaaoooooouuueeeiinc"),
    **{ord("ß"): "ss", ord("ø"): "o", ord("æ"): "ae"},
}


@lru_cache(maxsize=4096)
def field_key(name: str) -> str:
    """Return a shop's column name in the form of the tables above: `(field)Sale Price` -> `saleprice`."""
    text = name.lower().removeprefix("(field)").removeprefix("extra_")
    return re.sub(r"[^a-z0-9]", "", text.translate(_ACCENTS))


_SAID_ELSEWHERE = (
    *(SALE_PRICE, OLD_PRICE, SALE_DATES, SALE_START, SALE_END, OTHER_PRICES, CURRENCY, GTIN, BRAND, STOCK),
    *(SHIPPING, IMAGES, CATEGORY, *SUBCATEGORIES, DESCRIPTION),
)


@lru_cache(maxsize=8192)
def _places(name: str) -> tuple[tuple[Names, int], ...]:
    """Return the tables that a column's name is in, each with its rank there."""
    key = field_key(name)
    return tuple((names, names[key]) for names in _TABLES if key in names)


@lru_cache(maxsize=8192)
def is_attribute(name: str) -> bool:
    """Is this column a property of the product: no price, stock or picture, no label for machines?"""
    key = field_key(name)
    is_elsewhere = any(key in names for names in _SAID_ELSEWHERE)
    return not (is_elsewhere or key.startswith("customlabel") or key.endswith(("url", "link")))


class Fields:
    """The columns of one product by what they are called; of a name that comes twice, all values are kept."""

    def __init__(self, pairs: Iterable[tuple[object, object]]) -> None:
        self._found: dict[Names, list[tuple[int, object]]] = {}  # rank and value
        for name, value in pairs:
            if value is not None and value != "":
                for names, rank in _places(name if type(name) is str else str(name or "")):
                    self._found.setdefault(names, []).append((rank, value))

    def all(self, names: Names) -> list[object]:
        """Return the values under any of `names`, in the order of the names."""
        found = self._found.get(names)
        return [value for _, value in sorted(found, key=_rank)] if found else []

    def first(self, names: Names) -> object:
        """Return the first of `all`, None when there is none."""
        found = self._found.get(names)
        return min(found, key=_rank)[1] if found else None


_rank = itemgetter(0)
