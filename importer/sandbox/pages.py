"""What stands behind the links: product pages, pictures, logos, and the networks' click servers."""

from __future__ import annotations

import re
import time
from html import escape
from urllib.parse import quote, urlsplit

from importer.sandbox import links
from importer.sandbox.catalogue import pictures
from importer.sandbox.catalogue.item import Item
from importer.sandbox.catalogue.oddities import PLACEHOLDER
from importer.sandbox.catalogue.shops import SHOPS, find_shop
from importer.sandbox.own_shop import PROGRAMS, SHOP
from importer.sandbox.state import State
from importer.sandbox.tradetracker.merchant import CAMPAIGNS
from importer.sandbox.web import Request, Response, redirect, text_response

_CLICKS = {
    "/click": links.read_tradedoubler,
    "/t/t": links.read_adtraction,
    "/tc": links.read_tradetracker,
}
_IMAGE = re.compile(r"/images/(\d+)(?:-([23]))?\.(jpg|png)")
_LOGO = re.compile(r"/logos/([a-z0-9]+)\.png")
_PRODUCT = re.compile(r"/shop/([a-z0-9]+)/(\d+)")
_CACHE = {"Cache-Control": "public, max-age=86400"}


def answer(state: State, request: Request) -> Response:
    path = request.path
    reader = _CLICKS.get(path.rstrip("/")) or (
        links.read_tradetracker if path.startswith("/tracker/") else None
    )
    if reader:
        return _click(state, request, reader(request.query_string))
    if path == PLACEHOLDER:
        return Response(200, pictures.placeholder(), dict(_CACHE), "image/png")
    if found := _IMAGE.fullmatch(path):
        return _image(state, *found.groups())
    if (found := _LOGO.fullmatch(path)) and (shop := find_shop(found[1])):
        return Response(200, pictures.logo(shop.name, shop.colour), dict(_CACHE), "image/png")
    if found := _PRODUCT.fullmatch(path):
        return _product_page(state, *found.groups())
    if path == "/own-shop/":
        return text_response(
            f"<!DOCTYPE html><title>{SHOP}</title><h1>{SHOP}</h1>", 200, "text/html;charset=UTF-8"
        )
    if path == "/":
        return _home(state)
    return text_response("Not found", 404)


def _click(state: State, request: Request, click: dict[str, str]) -> Response:
    state.clicks.append({**click, "at": request.arrived_at})
    options = state.options
    sales = state.sales.click(
        click, share=options.sales_share, delay=options.sales_delay, odd=bool(options.sales_oddities)
    )
    if sales:
        state.keep()
    if click["network"] == "tradedoubler" and click["program"] in map(str, PROGRAMS):
        return redirect("/own-shop/")
    # Only to our own shops, whatever name this host is reached by: the sandbox is no open redirector.
    path = urlsplit(click["url"]).path
    if not _PRODUCT.fullmatch(path):
        return text_response("This link leads nowhere.", 404)
    return redirect(path + _landing(click))


def _landing(click: dict[str, str]) -> str:
    """Return what TradeTracker appends to the page of a merchant who reports from the server."""
    if click["network"] != "tradetracker" or click["program"] not in map(str, CAMPAIGNS):
        return ""
    return f"?ttref={quote('::'.join(['12', click['site'], click['sub_id'], '', str(int(time.time()))]))}"


def _find_item(state: State, number: str) -> Item | None:
    try:
        return state.catalogue.item(int(number[:18]))
    except IndexError:
        return None


def _image(state: State, number: str, view: str | None, extension: str) -> Response:
    item = _find_item(state, number)
    if item is None:
        return text_response("Not found", 404)
    kind = "JPEG" if extension == "jpg" else "PNG"
    picture = pictures.product(
        item.family.slug, item.brand, item.colour, item.article % 6, int(view or 1), kind
    )
    return Response(200, picture, dict(_CACHE), f"image/{kind.lower()}")


def _product_page(state: State, slug: str, number: str) -> Response:
    item = _find_item(state, number)
    if item is None or item.feed.shop.slug != slug:
        return text_response("Not found", 404)
    shop = item.feed.shop
    body = f"""<!DOCTYPE html>
<html lang="{shop.market.language}"><head><meta charset="utf-8">
<title>{escape(item.title or item.sku)} | {escape(shop.name)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{{font:16px/1.5 system-ui,sans-serif;margin:0;color:#222}}
header{{background:{shop.colour};color:#fff;padding:1rem 2rem;

font-weight:700;font-size:1.4rem}}main{{display:flex;flex-wrap:wrap;gap:2rem;padding:2rem;max-width:60rem}}img{{max-width:100%;width:24rem;
border-radius:8px}}section{{flex:1;min-width:16rem}}strong{{font-size:1.6rem}}</style></head>
<body><header>{escape(shop.name)}</header><main><img src="{escape((item.images or [PLACEHOLDER])[0])}" alt="">
<section><h1>{escape((item.title or item.sku)[:200])}</h1><p>{escape(item.category or "")}</p>
<p><strong>{escape(item.price or "")} {item.currency}</strong></p><p>{escape(item.description or "")}</p>
<p>EAN {escape(item.gtin)}</p></section></main></body></html>"""
    return text_response(body, 200, "text/html;charset=UTF-8")


def _home(state: State) -> Response:
    rows = "".join(f"<li>{escape(shop.name)} ({shop.market.code})</li>" for shop in SHOPS)
    return text_response(
        "<!DOCTYPE html><title>Sandbox</title><h1>Sandbox</h1><p>Three affiliate networks, "
        f"{state.catalogue.size} items, "
        f"all made up.</p><ul>{rows}</ul>",
        200,
        "text/html;charset=UTF-8",
    )
