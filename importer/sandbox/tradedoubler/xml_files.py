"""The Products API's XML forms (docs/networks/tradedoubler.md 2, 7)."""

from __future__ import annotations

from importer.sandbox.markup import attributes, clean, element

_OUTPUT = "urn:com:tradedoubler:pf:model:xml:output"
_COMMON = "urn:com:tradedoubler:pf:model:xml:common"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def errors_xml(code: str, message: str) -> str:
    return (
        f'{_HEAD}<Response xmlns="http://api.tradedoubler.com/1.0/products"><errors><e>'
        f"{element('code', code)}"
        f"{element('message', message)}</e></errors></Response>"
    )


def products_xml(total: int, products: list[dict]) -> str:
    body = "".join(map(product_xml, products))
    return (
        f'{_HEAD}<result version="3.0" xmlns:ns2="{_COMMON}" '
        f'xmlns="{_OUTPUT}"><productHeader><totalHits>{total}'
        f"</totalHits></productHeader><products>{body}</products></result>"
    )


def product_xml(product: dict) -> str:
    parts = [f"<product{attributes(language=product['language'], groupingId=product['groupingId'])}>"]
    for name in ("name", "description", "shortDescription", "brand", "model"):
        if product.get(name):
            parts.append(element(f"ns2:{name}", product[name]))
    if product["productImage"]:
        parts.append(element("ns2:productImage", product["productImage"]["url"]))
    parts.append("<ns2:categories>")
    parts += [f"<ns2:category{attributes(**category)}/>" for category in product["categories"]]
    parts.append("</ns2:categories><ns2:fields>")
    for field in product["fields"]:
        parts.append(
            f"<ns2:field{attributes(name=field['name'])}>{clean(field.get('value', ''))}</ns2:field>"
        )
    parts.append("</ns2:fields>")
    parts += [element(f"ns2:{name}", value) for name, value in product["identifiers"].items()]
    parts.append("<offers>")
    parts += map(_offer_xml, product["offers"])
    parts.append("</offers></product>")
    return "".join(parts)


def _offer_xml(offer: dict) -> str:
    kind = "epoch" if isinstance(offer["modified"], int) else "iso8601"
    head = attributes(
        dateFormat=kind,
        modifiedDate=offer["modified"],
        sourceProductId=offer["sourceProductId"],
        id=offer["id"],
    )
    parts = [f"<offer{head}>"]
    for name in ("feedId", "productUrl", "programName", "programLogo"):
        parts.append(element(f"ns2:{name}", offer[name]))
    parts.append("<priceHistory>")
    for entry in offer["priceHistory"]:
        head = attributes(dateFormat=kind, date=entry["date"], currency=entry["price"]["currency"])
        parts.append(f"<ns2:price{head}>{clean(entry['price']['value'])}</ns2:price>")
    parts.append("</priceHistory>")
    for name in ("inStock", "availability", "deliveryTime", "condition", "shippingCost"):
        if name in offer:
            parts.append(element(f"ns2:{name}", offer[name]))
    parts.append("</offer>")
    return "".join(parts)


def feeds_xml(feeds: list[dict]) -> str:
    parts = [_HEAD, f'<feeds xmlns="{_OUTPUT}">']
    for feed in feeds:
        parts.append("<feed>")
        for name, value in feed.items():
            if name != "programs":
                parts.append(element(name, str(value).lower() if isinstance(value, bool) else value))
        programs = "".join(
            f"<program>{element('programId', program['programId'])}"
            f"{element('name', program['name'])}</program>"
            for program in feed["programs"]
        )
        parts.append(f"<programs>{programs}</programs></feed>")
    parts.append("</feeds>")
    return "".join(parts)


def tree_xml(trees: list[dict]) -> str:
    return f"{_HEAD}<categoryTrees>{''.join(map(_category_xml, trees))}</categoryTrees>"


def _category_xml(category: dict) -> str:
    head = attributes(**{name: value for name, value in category.items() if name != "subCategories"})
    return f"<category{head}>{''.join(map(_category_xml, category['subCategories']))}</category>"
