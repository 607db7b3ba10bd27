"""A text as visitors read it: clean HTML, its blocks filled."""

from dataclasses import dataclass, field

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from catalog.models import SiteSettings
from catalog.public.category_tree import CategoryTree
from catalog.site.buttons import Buttons
from catalog.templatetags.public import safe_html
from pages.lib.blocks import INLINE, Block, split_text
from pages.public.shelf import Shelf


@dataclass(slots=True)
class Rendered:
    """A text that is ready. `has_offers`: some of it leads to shops, which must be said above it.

    `problems` are sentences about blocks that show nothing, for those who edit.
    """

    html: SafeString
    has_offers: bool = False
    problems: list[str] = field(default_factory=list)


def render_text(
    text: str, site: SiteSettings, tree: CategoryTree, buttons: Buttons, *, for_editors: bool = False
) -> Rendered:
    """Return a text with its blocks filled, in the active language.

    What is written between blocks is cleaned once more: this is the last door. A block that shows nothing
    disappears; `for_editors` a line stands in its place that says why.
    """
    pieces = list(split_text(safe_html(text)))
    blocks = [piece for piece in pieces if isinstance(piece, Block)]
    shelf = Shelf(blocks, site, tree, buttons)
    rendered = Rendered(SafeString(""))
    html: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            html.append(piece)
            continue
        filled, has_offers = _fill(piece, shelf, site)
        problem = shelf.lookup.problem_of(piece)
        if not filled and not problem:
            problem = f"{piece.source}: nothing that visitors see fits at the moment."
        rendered.has_offers = rendered.has_offers or has_offers
        if problem:
            rendered.problems.append(problem)
            if for_editors:
                html.append(format_html('<span class="block-note">{}</span>', problem))
        html.append(filled)
    rendered.html = mark_safe("".join(html))  # noqa: S308 (cleaned above; blocks escape what they show)
    return rendered


def _fill(block: Block, shelf: Shelf, site: SiteSettings) -> tuple[str, bool]:
    """Return a block as HTML, "" where it shows nothing; and whether it leads to a shop."""
    if block.fault or not (boxes := shelf.boxes(block)):
        return "", False
    if block.kind == "compare" and len(boxes) < 2:
        return "", False
    if block.kind == "button" and boxes[0].offer is None:
        return "", False
    context = {
        "block": block,
        "boxes": boxes,
        "box": boxes[0],
        "details": shelf.details(block, boxes) if block.kind == "compare" else [],
        "site": site,
    }
    html: str = render_to_string(f"public/guides/_{block.kind}.html", context)
    if block.kind in INLINE and block.is_own:
        html = f"<p>{html}</p>"
    return html, block.kind != "price" and any(box.offer for box in boxes)
