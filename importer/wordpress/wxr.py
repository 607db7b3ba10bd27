"""A WXR export (WordPress, Tools, Export) as a stream: one product at a time is in memory."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from lxml import etree

from importer.wordpress.rows import Written

MAX_PICTURES = 500_000  # addresses of attachments that are kept: about 100 MB
GTIN_KEYS = ("_global_unique_id", "_ean", "_gtin", "_wpm_gtin_code", "hwp_product_gtin", "_alg_ean")
BRANDS = ("product_brand", "pa_brand", "pwb-brand", "pa_marke")


class NotWxr(ValueError):
    """The file is no export of WordPress, or is cut; the message is a sentence."""


def read_wxr(file: BinaryIO) -> Iterator[Written]:
    """Yield the products of an export. Reads the file twice: attachments may come behind what shows them.

    Raises NotWxr.
    """
    pictures: dict[str, str] = {}
    for element in _elements(file, "item"):
        if _text(element, "post_type") == "attachment" and len(pictures) < MAX_PICTURES:
            pictures[_text(element, "post_id")] = _text(element, "attachment_url")
    terms: dict[str, tuple[str, str]] = {}
    for element in _elements(file, "item", "term", "category"):
        name = etree.QName(element).localname
        if name == "term" and _text(element, "term_taxonomy") == "product_cat":
            terms[_text(element, "term_slug")] = (_text(element, "term_name"), _text(element, "term_parent"))
        elif name == "item" and _text(element, "post_type") == "product":
            yield _product(element, pictures, terms)


def _product(item: Any, pictures: dict[str, str], terms: dict[str, tuple[str, str]]) -> Written:
    meta = {
        _text(each, "meta_key"): _text(each, "meta_value")
        for each in item
        if etree.QName(each).localname == "postmeta"
    }
    tags = [
        (each.get("domain", ""), each.get("nicename", ""), each.text or "")
        for each in item
        if each.tag == "category"
    ]
    ids = [meta.get("_thumbnail_id", ""), *meta.get("_product_image_gallery", "").split(",")]
    return Written(
        id=_text(item, "post_id"),
        title=_text(item, "title"),
        text=_text(item, "encoded"),
        link=meta.get("_product_url", ""),
        address=_text(item, "link"),
        price=meta.get("_regular_price") or meta.get("_price", ""),
        sale_price=meta.get("_sale_price", ""),
        gtin=next((meta[key] for key in GTIN_KEYS if meta.get(key)), ""),
        brand=next((name for domain, _, name in tags if domain in BRANDS), ""),
        status=_text(item, "status"),
        kind=next((slug for domain, slug, _ in tags if domain == "product_type"), ""),
        categories=[_path_of(slug, name, terms) for domain, slug, name in tags if domain == "product_cat"],
        images=[pictures[pk] for pk in ids if pk in pictures],
    )


def _path_of(slug: str, name: str, terms: dict[str, tuple[str, str]]) -> list[str]:
    path = [name]
    _, parent = terms.get(slug, ("", ""))
    while parent in terms and len(path) < 20:  # a circle ends there, too
        name, parent = terms[parent]
        path.insert(0, name)
    return path


def _elements(file: BinaryIO, *names: str) -> Iterator[Any]:
    """Yield the elements below the channel of these names; what is behind us is forgotten."""
    file.seek(0)
    wanted = {f"{{*}}{name}" for name in names}
    is_wxr = False
    try:
        context = etree.iterparse(
            file, events=("start", "end"), no_network=True, resolve_entities=False, load_dtd=False
        )
        depth = 0
        for event, element in context:
            if event == "start":
                depth += 1
                if depth == 1:
                    is_wxr = element.tag == "rss" and element.getroottree().docinfo.internalDTD is None
                    if not is_wxr:
                        break
                continue
            depth -= 1
            if depth == 2:
                if f"{{*}}{etree.QName(element).localname}" in wanted:
                    yield element
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise NotWxr(f"The file breaks off, or is no XML (line {error.lineno}).") from None
    if not is_wxr:
        raise NotWxr("This is no export of WordPress.")


def _text(element: Any, name: str) -> str:
    for child in element:
        if isinstance(child.tag, str) and etree.QName(child).localname == name:
            if name == "encoded" and "excerpt" in child.tag:
                continue
            return (child.text or "").strip()
    return ""
